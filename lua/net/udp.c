/* net.udpsocket: a UDP socket of the core. The forms of older firmware, connect(port, host) and send(data), keep the peer
 * here: the core's sockets have none. What is sent before connect()'s name is resolved waits in a user value. */
#include <string.h>

#include "shim/shim.h"

typedef struct datagram {
  net_object *object;
  const char *data;
  size_t size;
  const netmcu_address *from;
} datagram;

static int call_receive(lua_State *L)
{
  const datagram *d = lua_touserdata(L, 1);

  netmcu_ip_text(d->from, d->object->reply_ip);
  d->object->reply_port = d->from->port;
  if (!net_push_handler(L, d->object, ON_RECEIVE))
    return 0;
  lua_pushlstring(L, d->data, d->size);
  lua_pushinteger(L, d->from->port);
  lua_pushstring(L, d->object->reply_ip);
  lua_call(L, 4, 0);
  return 0;
}

static int call_sent(lua_State *L)
{
  if (net_push_handler(L, lua_touserdata(L, 1), ON_SENT))
    lua_call(L, 1, 0);
  return 0;
}

static void on_receive(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  datagram d = {netmcu_udp_data(u), data, size, from};

  netmcu_enter(d.object->host, call_receive, &d, "'receive'", d.object);
}

static void on_sent(netmcu_udp *u)
{
  net_object *object = netmcu_udp_data(u);

  if (net_has_handler(object, ON_SENT))
    netmcu_enter(object->host, call_sent, object, "'sent'", object);
}

static const netmcu_udp_events events = {.receive = on_receive, .sent = on_sent};

int net_create_udp(lua_State *L)
{
  netmcu_host *host = netmcu_host_of(L);
  net_object *object = net_push_new(L, host, NET_UDP);

  object->core.udp = netmcu_udp_new(host->ctx);
  if (object->core.udp == NULL)
    return netmcu_raise(L, host, NETMCU_ENOMEM);
  netmcu_udp_set_data(object->core.udp, object);
  netmcu_udp_on(object->core.udp, &events);
  return 1;
}

static void check_usable(lua_State *L, const net_object *object)
{
  if (net_is_gone(object))
    luaL_error(L, "not connected");
}

int net_udp_listen(lua_State *L, net_object *object, uint16_t port, const char *ip)
{
  check_usable(L, object);
  net_anchor(L, 1, object);
  int error = netmcu_udp_listen(object->core.udp, port, ip);
  if (error) {
    net_release_when_idle(L, object);
    return net_raise_bind(L, object->host, error, port);
  }
  return 0;
}

/* ---- the peer of older forms ---------------------------------------------------------------------------------------- */

enum { WAITING = ON_CONNECTION }; /* a list of data, in a slot that UDP has no event for */

typedef struct found {
  net_object *object;
  const char *ip; /* NULL: there is no such name */
} found;

/* Datagrams may be lost: here too. */
static void send_waiting(lua_State *L, net_object *object)
{
  netmcu_address to = {.port = object->reply_port};

  netmcu_ip_parse(object->reply_ip, &to);
  for (lua_Integer i = 1; lua_rawgeti(L, -1, i) == LUA_TSTRING; i++) {
    size_t size;
    const char *data = lua_tolstring(L, -1, &size);
    netmcu_udp_send(object->core.udp, &to, data, size);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static int call_found(lua_State *L)
{
  const found *f = lua_touserdata(L, 1);
  net_object *object = f->object;

  lua_rawgeti(L, LUA_REGISTRYINDEX, object->anchor);
  if (f->ip && lua_getiuservalue(L, -1, WAITING) == LUA_TTABLE)
    send_waiting(L, object);
  lua_settop(L, 2);
  lua_pushnil(L);
  lua_setiuservalue(L, 2, WAITING);
  bool handled = net_push_handler(L, object, ON_DNS);
  net_release_when_idle(L, object);
  if (handled) {
    lua_pushstring(L, f->ip);
    lua_call(L, 2, 0);
  }
  return 0;
}

static void on_found(void *data, int error, const char *ip)
{
  found f = {data, ip};

  (void)error;
  f.object->search = NULL;
  f.object->lookups--;
  if (ip)
    memcpy(f.object->reply_ip, ip, strlen(ip) + 1);
  else
    f.object->reply_port = 0;
  netmcu_enter(f.object->host, call_found, &f, "'dns'", f.object);
}

static void search_peer(lua_State *L, net_object *object, const char *name)
{
  netmcu_host *host = object->host;

  net_anchor(L, 1, object);
  host->calling = L;
  int error = netmcu_resolve(host->ctx, name, on_found, object, &object->search);
  host->calling = NULL;
  if (error) {
    net_release_when_idle(L, object);
    netmcu_raise(L, host, error);
  }
  object->lookups++;
}

/* connect(port [, host]), of older firmware: where send(data) goes. */
int net_udp_connect(lua_State *L, net_object *object)
{
  netmcu_address peer;
  uint16_t port = net_check_port(L, 2);
  const char *host = lua_isstring(L, 3) ? net_check_host(L, object->host, 3) : "127.0.0.1";

  check_usable(L, object);
  if (object->search)
    return luaL_error(L, "already connected");
  if (port == 0)
    return luaL_error(L, "specify port");
  netmcu_shim_diverge(L, object->host, NETMCU_D_UDP_CONNECT, 0);
  if (netmcu_ip_parse(host, &peer))
    search_peer(L, object, host);
  else
    netmcu_ip_text(&peer, object->reply_ip);
  object->reply_port = port;
  return 0;
}

static bool end_search(net_object *object)
{
  if (object->search == NULL)
    return false;
  netmcu_lookup_cancel(object->search);
  object->search = NULL;
  object->lookups--;
  return true;
}

int net_udp_close(net_object *object)
{
  bool searched = end_search(object);
  int error = netmcu_udp_close(object->core.udp);

  return searched && error == NETMCU_ENOTCONN ? 0 : error;
}

void net_udp_free(net_object *object)
{
  end_search(object);
  netmcu_udp_free(object->core.udp);
}

/* ---- sending ----------------------------------------------------------------------------------------------------------- */

/* send(data [, fn]), of older firmware: to the peer of connect, or the one who was heard last. Puts the arguments of
 * today's form in its place. */
static void complete_arguments(lua_State *L, net_object *object)
{
  lua_pushinteger(L, object->reply_port);
  lua_insert(L, 2);
  lua_pushstring(L, object->reply_ip);
  lua_insert(L, 3);
}

static bool is_older_form(lua_State *L, const net_object *object)
{
  return object->reply_port != 0 && lua_isstring(L, 2) && (lua_isnoneornil(L, 3) || lua_isfunction(L, 3));
}

/* send(data [, fn]) before connect()'s name is resolved */
static int wait_for_peer(lua_State *L, net_object *object)
{
  size_t size;

  lua_tolstring(L, 2, &size);
  if (size == 0)
    return luaL_error(L, "no data to send");
  if (lua_isfunction(L, 3))
    net_set_handler(L, 1, 3, object, ON_SENT);
  lua_settop(L, 2);
  if (lua_getiuservalue(L, 1, WAITING) != LUA_TTABLE) {
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, WAITING);
    lua_replace(L, 3);
  }
  lua_pushvalue(L, 2);
  lua_rawseti(L, 3, (lua_Integer)lua_rawlen(L, 3) + 1);
  return 0;
}

/* send(port, ip, data [, fn]) */
int net_udp_send(lua_State *L, net_object *object)
{
  netmcu_host *host = object->host;
  netmcu_address to;
  size_t size;

  if (is_older_form(L, object)) {
    netmcu_shim_diverge(L, host, NETMCU_D_UDP_REPLY, 0);
    if (object->search)
      return wait_for_peer(L, object);
    complete_arguments(L, object);
  }
  to.port = net_check_port(L, 2);
  if (to.port == 0)
    return luaL_error(L, "need port");
  if (netmcu_ip_parse(luaL_checkstring(L, 3), &to))
    return luaL_error(L, "invalid IP address");
  const char *data = luaL_checklstring(L, 4, &size);
  if (size == 0)
    return luaL_error(L, "no data to send");
  if (lua_isfunction(L, 5))
    net_set_handler(L, 1, 5, object, ON_SENT);
  check_usable(L, object);
  net_anchor(L, 1, object);
  host->calling = L;
  int error = netmcu_udp_send(object->core.udp, &to, data, size);
  host->calling = NULL;
  if (error) {
    net_release_when_idle(L, object);
    return netmcu_raise(L, host, error);
  }
  return 0;
}

const luaL_Reg net_udp_methods[] = {{"listen", net_listen}, {"send", net_send},       {"on", net_on},
                                    {"close", net_close},   {"dns", net_dns},         {"getaddr", net_getaddr},
                                    {"ttl", net_ttl},       {"connect", net_connect}, {NULL, NULL}};
