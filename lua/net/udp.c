/* net.udpsocket: a UDP socket of the core. The forms of older firmware, connect(port, host) and
 * send(data), need a peer, which the core's sockets do not have: it is kept here. Data that is sent
 * before the name of the peer is resolved waits in a user value. */
#include "net/net.h"

typedef struct net_udp {
  net_object object;
  netmcu_lookup *search; /* for the name given to connect(); counted in object.lookups. Or NULL */
  netmcu_address peer;   /* of the older forms; its port is 0 if there is no peer */
} net_udp;

static net_udp *udp_of(net_object *object)
{
  return (net_udp *)object;
}

typedef struct datagram {
  net_udp *udp;
  const char *data;
  size_t size;
  const netmcu_address *from;
} datagram;

static int call_receive(lua_State *L)
{
  const datagram *d = lua_touserdata(L, 1);

  d->udp->peer = *d->from;
  if (!net_push_handler(L, &d->udp->object, ON_RECEIVE))
    return 0;
  lua_pushlstring(L, d->data, d->size);
  lua_pushinteger(L, d->from->port);
  net_push_ip(L, d->from);
  lua_call(L, 4, 0);
  return 0;
}

static void on_receive(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  datagram d = {netmcu_udp_get_data(u), data, size, from};

  net_enter(&d.udp->object, call_receive, &d, "'receive'");
}

static void on_sent(netmcu_udp *u)
{
  const net_udp *udp = netmcu_udp_get_data(u);

  net_notify(&udp->object, ON_SENT, "'sent'");
}

static const netmcu_udp_events events = {.receive = on_receive, .sent = on_sent};
static const netmcu_udp_events chip_events = {.receive = on_receive}; /* "sent" comes inside send() */

int net_create_udp(lua_State *L)
{
  netmcu_host *host = netmcu_host_of(L);
  net_object *object = net_push_new(L, host, NET_UDP, sizeof(net_udp));

  object->core.udp = netmcu_udp_new(netmcu_host_context(host));
  if (object->core.udp == NULL)
    return netmcu_raise(L, host, NETMCU_ENOMEM);
  netmcu_udp_set_data(object->core.udp, udp_of(object));
  netmcu_udp_on(object->core.udp, netmcu_host_is_chip(host) ? &chip_events : &events);
  return 1;
}

/* ---- the peer of older forms ----------------------------------------------------------------- */

typedef struct answer {
  net_udp *udp;
  const netmcu_address *address; /* NULL: there is no such name */
} answer;

/* Sends the list on top of the stack. Errors are ignored: a datagram may always be lost. */
static void send_waiting(lua_State *L, const net_udp *udp)
{
  for (lua_Integer i = 1; lua_rawgeti(L, -1, i) == LUA_TSTRING; i++) {
    size_t size;
    const char *data = lua_tolstring(L, -1, &size);
    netmcu_udp_send(udp->object.core.udp, &udp->peer, data, size);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static int call_answer(lua_State *L)
{
  const answer *a = lua_touserdata(L, 1);
  net_object *object = &a->udp->object;

  lua_rawgeti(L, LUA_REGISTRYINDEX, object->anchor);
  if (a->address && lua_getiuservalue(L, -1, NET_WAITING) == LUA_TTABLE)
    send_waiting(L, a->udp);
  lua_settop(L, 2);
  lua_pushnil(L);
  lua_setiuservalue(L, 2, NET_WAITING);
  bool handled = net_push_handler(L, object, ON_DNS);
  net_release_when_idle(L, object);
  if (handled) {
    net_push_ip(L, a->address);
    lua_call(L, 2, 0);
  }
  return 0;
}

static void set_peer(net_udp *udp, const netmcu_address *address)
{
  uint16_t port = udp->peer.port;

  udp->peer = *address;
  udp->peer.port = port;
}

static void on_answer(void *data, int error, const netmcu_address *addresses, size_t count)
{
  answer a = {data, count > 0 ? addresses : NULL};

  (void)error;
  a.udp->search = NULL;
  a.udp->object.lookups--;
  if (a.address)
    set_peer(a.udp, a.address);
  else
    a.udp->peer.port = 0;
  net_enter(&a.udp->object, call_answer, &a, "'dns'");
}

static void search_peer(lua_State *L, net_udp *udp, const char *name)
{
  net_object *object = &udp->object;
  netmcu_t *ctx = netmcu_host_context(object->host);

  net_anchor(L, 1, object);
  int error = netmcu_call(L, object->host, netmcu_resolve(ctx, name, on_answer, udp, &udp->search));
  object->lookups += error == 0;
  net_finish(L, object, error);
}

/* connect(port [, host]), of older firmware: sets where send(data) goes. */
int net_udp_connect(lua_State *L, net_object *object)
{
  net_udp *udp = udp_of(object);
  netmcu_address peer;
  uint16_t port = net_check_port(L, 2);
  const char *host = lua_isstring(L, 3) ? net_check_host(L, object->host, 3) : "127.0.0.1";

  net_check_usable(L, object);
  if (udp->search)
    return luaL_error(L, "already connected");
  if (port == 0)
    return luaL_error(L, "specify port");
  netmcu_host_diverge(L, object->host, NETMCU_D_UDP_CONNECT, 0);
  if (net_read_peer(object->host, host, &peer))
    udp->peer = peer;
  else
    search_peer(L, udp, host);
  udp->peer.port = port;
  return 0;
}

static bool end_search(net_udp *udp)
{
  if (udp->search == NULL)
    return false;
  netmcu_lookup_cancel(udp->search);
  udp->search = NULL;
  udp->object.lookups--;
  return true;
}

int net_udp_close(net_object *object)
{
  bool searched = end_search(udp_of(object));
  int error = netmcu_udp_close(object->core.udp);

  udp_of(object)->peer.port = 0;
  return searched && error == NETMCU_ENOTCONN ? 0 : error;
}

void net_udp_free(net_object *object)
{
  end_search(udp_of(object));
  netmcu_udp_free(object->core.udp);
}

/* ---- sending --------------------------------------------------------------------------------- */

/* send(data [, fn]), of older firmware, goes to the peer of connect() or of the last datagram. Adds
 * the arguments that today's form has in front. */
static void complete_arguments(lua_State *L, const net_udp *udp)
{
  lua_pushinteger(L, udp->peer.port);
  lua_insert(L, 2);
  net_push_ip(L, &udp->peer);
  lua_insert(L, 3);
}

static bool is_older_form(lua_State *L, const net_udp *udp)
{
  return udp->peer.port != 0 && lua_isstring(L, 2) && (lua_isnoneornil(L, 3) || lua_isfunction(L, 3));
}

/* send(data [, fn]) before the name given to connect() is resolved */
static int wait_for_peer(lua_State *L, net_object *object)
{
  size_t size;

  net_check_data(L, 2, object, &size);
  lua_settop(L, 2);
  if (lua_getiuservalue(L, 1, NET_WAITING) != LUA_TTABLE) {
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, NET_WAITING);
    lua_replace(L, 3);
  }
  lua_pushvalue(L, 2);
  lua_rawseti(L, 3, (lua_Integer)lua_rawlen(L, 3) + 1);
  return 0;
}

/* On the chip, a datagram has been sent when send() returns. */
static void call_sent(lua_State *L, const net_object *object)
{
  if (!net_has_handler(object, ON_SENT))
    return;
  net_push_handler_of(L, 1, ON_SENT);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 0);
}

/* send(port, ip, data [, fn]) */
int net_udp_send(lua_State *L, net_object *object)
{
  netmcu_host *host = object->host;
  netmcu_address to = {.port = 0};
  size_t size;

  if (is_older_form(L, udp_of(object))) {
    netmcu_host_diverge(L, host, NETMCU_D_UDP_REPLY, 0);
    if (udp_of(object)->search)
      return wait_for_peer(L, object);
    complete_arguments(L, udp_of(object));
  }
  to.port = net_check_port(L, 2);
  if (to.port == 0)
    return luaL_error(L, "need port");
  if (!net_read_peer(host, luaL_checkstring(L, 3), &to))
    return luaL_error(L, "invalid IP address");
  const char *data = net_check_data(L, 4, object, &size);
  net_check_usable(L, object);
  net_anchor(L, 1, object);
  net_finish(L, object, netmcu_call(L, host, netmcu_udp_send(object->core.udp, &to, data, size)));
  if (netmcu_host_is_chip(host))
    call_sent(L, object);
  return 0;
}

const luaL_Reg net_udp_methods[] = {{"listen", net_listen}, {"send", net_send},       {"on", net_on},
                                    {"close", net_close},   {"dns", net_dns},         {"getaddr", net_getaddr},
                                    {"ttl", net_ttl},       {"connect", net_connect}, {NULL, NULL}};
