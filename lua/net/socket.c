/* net.socket: a TCP connection of the core. Its events go to the script's handlers. */
#include <netmcu_tls.h>
#include <string.h>

#include "net/net.h"

/* ---- events ---------------------------------------------------------------------------------- */

typedef struct event {
  net_object *object;
  const char *data;
  size_t size;
  const netmcu_address *address; /* of "dns" */
  int code;
} event;

static net_object *object_of(netmcu_connection *c)
{
  return netmcu_connection_get_data(c);
}

/* The device's code for the error. A script always gets one: errors that the device does not know
 * are aborts. The end of a TLS connection without an end mark is a normal one there. */
static int device_code(int error)
{
  if (error == NETMCU_ETLS)
    return NET_HANDSHAKE_FAILED;
  if (error == NETMCU_ECLOSED)
    return 0;
  return error >= NETMCU_EISCONN ? error : NETMCU_EABORTED;
}

static int call_dns(lua_State *L)
{
  const event *e = lua_touserdata(L, 1);

  if (net_push_handler(L, e->object, ON_DNS) && !net_is_told(L, -1, e->address)) {
    net_push_ip(L, e->address);
    lua_call(L, 2, 0);
  }
  return 0;
}

/* Takes the frame after a full one. A smaller frame is the last of its read, except under faults or
 * with --frame-size. The core delivers in further events what is not taken here. */
static bool take_next_frame(event *e)
{
  netmcu_connection *c = e->object->core.connection;

  return c && e->size >= NETMCU_FRAME_SIZE && !netmcu_is_over(e->object->host) &&
         netmcu_connection_next_frame(c, &e->data, &e->size);
}

/* Delivers all frames of one read in one entry: an entry costs as much as the handler of a small
 * frame. */
static int call_receive(lua_State *L)
{
  event *e = lua_touserdata(L, 1);
  const net_object *object = e->object;

  lua_rawgeti(L, LUA_REGISTRYINDEX, object->anchor);
  do {
    if (net_has_handler(object, ON_RECEIVE)) {
      net_push_handler_of(L, 2, ON_RECEIVE);
      lua_pushvalue(L, 2);
      lua_pushlstring(L, e->data, e->size);
      lua_call(L, 2, 0);
    } else {
      netmcu_host_diverge(L, object->host, NETMCU_D_RECEIVE_DROPPED, (long)e->size);
    }
  } while (take_next_frame(e));
  return 0;
}

/* The socket is idle from here on: the handler may connect it again. */
static int call_disconnection(lua_State *L)
{
  const event *e = lua_touserdata(L, 1);
  bool error = e->code != 0 && net_has_handler(e->object, ON_RECONNECTION);
  bool handled = net_push_handler(L, e->object, error ? ON_RECONNECTION : ON_DISCONNECTION);

  net_release_when_idle(L, e->object);
  if (handled) {
    lua_pushinteger(L, e->code);
    lua_call(L, 2, 0);
  }
  return 0;
}

static void on_dns(netmcu_connection *c, const netmcu_address *address)
{
  event e = {.object = object_of(c), .address = address};

  if (net_has_handler(e.object, ON_DNS))
    net_enter(e.object, call_dns, &e, "'dns'");
}

static void on_connection(netmcu_connection *c)
{
  net_notify(object_of(c), ON_CONNECTION, "'connection'");
}

static void on_receive(netmcu_connection *c, const char *data, size_t size)
{
  event e = {.object = object_of(c), .data = data, .size = size};

  net_enter(e.object, call_receive, &e, "'receive'");
}

static void on_sent(netmcu_connection *c)
{
  net_notify(object_of(c), ON_SENT, "'sent'");
}

static void on_disconnection(netmcu_connection *c, int error)
{
  event e = {.object = object_of(c), .code = device_code(error)};

  if (error == NETMCU_ETLS)
    netmcu_host_remark(e.object->host, netmcu_get_tls_error(netmcu_connection_get_context(c)));
  const char *name = e.code && net_has_handler(e.object, ON_RECONNECTION) ? "'reconnection'" : "'disconnection'";
  net_enter(e.object, call_disconnection, &e, name);
}

/* Two tables: the core spends nothing on "sent" if the table has no function for it. */
static const netmcu_connection_events events = {
    .dns = on_dns,
    .connection = on_connection,
    .receive = on_receive,
    .disconnection = on_disconnection,
};
static const netmcu_connection_events events_and_sent = {
    .dns = on_dns,
    .connection = on_connection,
    .receive = on_receive,
    .sent = on_sent,
    .disconnection = on_disconnection,
};

void net_socket_choose_events(const net_object *object)
{
  if (object->core.connection)
    netmcu_connection_on(object->core.connection, net_has_handler(object, ON_SENT) ? &events_and_sent : &events);
}

/* ---- creation -------------------------------------------------------------------------------- */

int net_create_connection(lua_State *L, bool is_secure)
{
  netmcu_host *host = netmcu_host_of(L);
  net_object *object = net_push_new(L, host, NET_SOCKET, sizeof(net_object));

  object->is_secure = is_secure;
  object->core.connection = netmcu_connection_new(netmcu_host_context(host));
  if (object->core.connection == NULL)
    return netmcu_raise(L, host, NETMCU_ENOMEM);
  netmcu_connection_set_data(object->core.connection, object);
  netmcu_connection_on(object->core.connection, &events);
  return 1;
}

void net_socket_push_client(lua_State *L, netmcu_host *host, netmcu_connection *client)
{
  net_object *object = net_push_new(L, host, NET_SOCKET, sizeof(net_object));

  net_anchor(L, lua_gettop(L), object); /* may raise an error */
  object->core.connection = client;
  netmcu_connection_set_data(client, object);
  netmcu_connection_on(client, &events);
}

/* ---- TLS ------------------------------------------------------------------------------------- */

static const char secure_key = 0; /* of the function, in the registry */

void net_secure_with(lua_State *L, lua_CFunction secure)
{
  lua_pushcfunction(L, secure);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &secure_key);
}

/* Gives TLS to the socket at index 1, with the certificates that are set now. Lua finds no line of
 * the script for an error, because this function is between them. */
static void secure_socket(lua_State *L)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, &secure_key);
  lua_pushvalue(L, 1);
  if (lua_pcall(L, 1, 2, 0) == LUA_OK && lua_toboolean(L, -2)) {
    lua_pop(L, 2);
    return;
  }
  if (lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  lua_error(L);
}

/* ---- methods --------------------------------------------------------------------------------- */

/* On the chip, connect() calls the "dns" handler for a literal address before it returns. */
static void tell_literal(lua_State *L, net_object *object, const char *name)
{
  netmcu_address address;

  if (!net_has_handler(object, ON_DNS) || !net_push_literal(L, object->host, name))
    return;
  if (netmcu_ip_parse(name, &address) == 0)
    net_note_told(L, 1, &address);
  net_push_handler_of(L, 1, ON_DNS);
  lua_pushvalue(L, 1);
  lua_pushvalue(L, -3);
  lua_call(L, 2, 0);
}

/* connect(port [, host [, fn]]) */
int net_socket_connect(lua_State *L, net_object *object)
{
  netmcu_host *host = object->host;
  const char *name = "127.0.0.1";
  netmcu_address address;

  net_check_usable(L, object);
  if (net_is_open(object))
    return luaL_error(L, "already connected");
  uint16_t port = net_check_port(L, 2);
  if (port == 0)
    return luaL_error(L, "specify port");
  if (lua_isstring(L, 3))
    name = net_check_host(L, host, 3);
  if (lua_gettop(L) > 3) {
    luaL_argcheck(L, lua_isfunction(L, 4), 4, "not a function");
    net_set_handler(L, 1, 4, object, ON_CONNECTION);
  }
  if (object->is_secure)
    secure_socket(L);
  if (netmcu_ip_parse(name, &address) || !net_is_told(L, 1, &address)) {
    net_note_told(L, 1, NULL);
    tell_literal(L, object, name);
  }
  net_check_usable(L, object);
  net_anchor(L, 1, object);
  return net_finish(L, object, netmcu_call(L, host, netmcu_connection_connect(object->core.connection, port, name)));
}

/* send(data [, fn]) */
int net_socket_send(lua_State *L, net_object *object)
{
  netmcu_host *host = object->host;
  size_t size;
  const char *data = net_check_data(L, 2, object, &size);

  net_check_usable(L, object);
  int error = netmcu_call(L, host, netmcu_connection_send(object->core.connection, data, size));
  return error ? netmcu_raise(L, host, error) : 0;
}

static int socket_hold(lua_State *L)
{
  net_object *object = net_check(L, NET_BIT(NET_SOCKET));

  if (!net_is_gone(object))
    netmcu_connection_hold(object->core.connection);
  return 0;
}

static int socket_unhold(lua_State *L)
{
  net_object *object = net_check(L, NET_BIT(NET_SOCKET));

  if (!net_is_gone(object))
    netmcu_connection_unhold(object->core.connection);
  return 0;
}

static int socket_getpeer(lua_State *L)
{
  net_object *object = net_check(L, NET_BIT(NET_SOCKET));
  netmcu_address address;
  int error = NETMCU_ENOTCONN;

  if (!net_is_gone(object))
    error = netmcu_connection_get_peer(object->core.connection, &address);
  return net_push_address(L, error, &address);
}

/* ---- dns ------------------------------------------------------------------------------------- */

/* The answer goes to the handler that is set when it arrives. The socket may be closed by then. */
static int call_answer(lua_State *L)
{
  const event *e = lua_touserdata(L, 1);
  bool handled = net_push_handler(L, e->object, ON_DNS);

  e->object->lookups--;
  net_release_when_idle(L, e->object);
  if (handled) {
    if (e->object->kind == NET_SOCKET)
      net_note_told(L, -1, e->address);
    net_push_ip(L, e->address);
    lua_call(L, 2, 0);
  }
  return 0;
}

static void on_answer(void *data, int error, const netmcu_address *addresses, size_t count)
{
  event e = {.object = data};

  (void)error;
  e.address = net_chip_answer(e.object->host, count > 0 ? addresses : NULL);
  net_enter(e.object, call_answer, &e, "the answer to dns()");
}

/* dns(name [, fn]) */
int net_dns(lua_State *L)
{
  net_object *object = net_check(L, NET_BIT(NET_SOCKET) | NET_BIT(NET_UDP));
  netmcu_host *host = object->host;

  if (netmcu_host_context(host) == NULL)
    return luaL_error(L, "the state is being closed");
  luaL_checkstring(L, 2);
  if (lua_isfunction(L, 3))
    net_set_handler(L, 1, 3, object, ON_DNS);
  if (!net_has_handler(object, ON_DNS))
    return luaL_error(L, "no callback specified");
  const char *name = net_check_host(L, host, 2);
  net_push_handler_of(L, 1, ON_DNS);
  lua_pushvalue(L, 1);
  if (net_push_literal(L, host, name)) {
    lua_call(L, 2, 0);
    return 0;
  }
  net_anchor(L, 1, object);
  int error = netmcu_call(L, host, netmcu_resolve(netmcu_host_context(host), name, on_answer, object, NULL));
  object->lookups += error == 0;
  return net_finish(L, object, error);
}

const luaL_Reg net_socket_methods[] = {
    {"connect", net_connect}, {"send", net_send},        {"on", net_on},   {"close", net_close},
    {"hold", socket_hold},    {"unhold", socket_unhold}, {"dns", net_dns}, {"getpeer", socket_getpeer},
    {"getaddr", net_getaddr}, {"ttl", net_ttl},          {NULL, NULL}};
