/* The table of the module net, and what its three kinds of objects have in common.
 *
 * An object is anchored in the registry exactly while the core has it open or has an answer to
 * deliver. Its user values keep its handlers: a closure over its own socket is not a leak once the
 * socket is idle. */
#include <string.h>
#include <uv.h>

#include "net/net.h"

static const char net_tag = 0;

static const char *const names[] = {"net.socket", "net.server", "net.udpsocket"};

net_object *net_push_new(lua_State *L, netmcu_host *host, net_kind kind, size_t size)
{
  net_object *object = lua_newuserdatauv(L, size, kind == NET_UDP ? NET_WAITING : NET_WAITING - 1);

  memset(object, 0, size);
  object->tag = &net_tag;
  object->host = host;
  object->anchor = LUA_NOREF;
  object->kind = (uint8_t)kind;
  luaL_setmetatable(L, names[kind]);
  if (netmcu_host_context(host) == NULL)
    luaL_error(L, "the state is being closed");
  return object;
}

net_object *net_check(lua_State *L, unsigned kinds)
{
  net_object *object = lua_touserdata(L, 1);

  /* The length of a light userdata, which may point anywhere, is 0. */
  if (object == NULL || lua_rawlen(L, 1) < sizeof(*object) || object->tag != &net_tag ||
      !(kinds & NET_BIT(object->kind)))
    luaL_error(L, "invalid user data");
  return object;
}

void net_anchor(lua_State *L, int index, net_object *object)
{
  if (object->anchor != LUA_NOREF)
    return;
  lua_pushvalue(L, index);
  object->anchor = luaL_ref(L, LUA_REGISTRYINDEX);
}

bool net_is_gone(const net_object *object)
{
  return object->core.connection == NULL || netmcu_host_context(object->host) == NULL;
}

void net_check_usable(lua_State *L, const net_object *object)
{
  if (net_is_gone(object))
    luaL_error(L, "not connected");
}

bool net_is_open(const net_object *object)
{
  netmcu_address address;

  if (net_is_gone(object))
    return false;
  switch (object->kind) {
  case NET_SOCKET: return netmcu_connection_get_state(object->core.connection) != NETMCU_IDLE;
  case NET_SERVER: return netmcu_server_get_address(object->core.server, &address) == 0;
  default: return netmcu_udp_get_address(object->core.udp, &address) == 0;
  }
}

void net_release_when_idle(lua_State *L, net_object *object)
{
  if (object->lookups == 0 && !net_is_open(object)) {
    luaL_unref(L, LUA_REGISTRYINDEX, object->anchor);
    object->anchor = LUA_NOREF;
  }
}

int net_finish(lua_State *L, net_object *object, int error)
{
  if (error == 0)
    return 0;
  net_release_when_idle(L, object);
  return netmcu_raise(L, object->host, error);
}

/* ---- methods of all kinds -------------------------------------------------------------------- */

#define ANY (NET_BIT(NET_SOCKET) | NET_BIT(NET_SERVER) | NET_BIT(NET_UDP))

static int own_address(const net_object *object, netmcu_address *address)
{
  if (net_is_gone(object))
    return NETMCU_ENOTCONN;
  switch (object->kind) {
  case NET_SOCKET: return netmcu_connection_get_address(object->core.connection, address);
  case NET_SERVER: return netmcu_server_get_address(object->core.server, address);
  default: return netmcu_udp_get_address(object->core.udp, address);
  }
}

int net_getaddr(lua_State *L)
{
  netmcu_address address;
  int error = own_address(net_check(L, ANY), &address);

  if (error == 0 && address.port == 0 && address.family != NETMCU_UNIX)
    error = NETMCU_ENOTCONN; /* it gets its port when the name is resolved */
  return net_push_address(L, error, &address);
}

static int core_close(net_object *object)
{
  if (net_is_gone(object))
    return NETMCU_ENOTCONN;
  switch (object->kind) {
  case NET_SOCKET: return netmcu_connection_close(object->core.connection);
  case NET_SERVER: return netmcu_server_close(object->core.server);
  default: return net_udp_close(object);
  }
}

int net_close(lua_State *L)
{
  net_object *object = net_check(L, ANY);
  netmcu_host *host = object->host;
  int error = netmcu_call(L, host, core_close(object));

  if (error == NETMCU_ENOTCONN)
    netmcu_host_diverge(L, host, NETMCU_D_CLOSE_CLOSED, 0);
  else if (error)
    return netmcu_raise(L, host, error);
  net_release_when_idle(L, object);
  return 0;
}

/* Ends the object for good. The collector, lua_close and scripts (server:__gc()) call this. */
static int net_gc(lua_State *L)
{
  net_object *object = net_check(L, ANY);

  if (!net_is_gone(object)) {
    switch (object->kind) {
    case NET_SOCKET: netmcu_connection_free(object->core.connection); break;
    case NET_SERVER: netmcu_server_free(object->core.server); break;
    default: net_udp_free(object); break;
    }
  }
  object->core.connection = NULL;
  netmcu_host_forget_object(object->host, object); /* its own handler may have dropped it */
  net_release_when_idle(L, object);
  return 0;
}

/* __close: as close(), but without a complaint if there is nothing to close. */
static int close_quietly(lua_State *L)
{
  net_object *object = net_check(L, ANY);

  core_close(object);
  net_release_when_idle(L, object);
  return 0;
}

static void push_state(lua_State *L, const net_object *object)
{
  static const char *const states[] = {"idle", "resolving", "connecting", "connected"};
  netmcu_address address = {.port = 0};
  char text[NETMCU_ADDRESS_SIZE];

  if (!net_is_open(object)) {
    lua_pushliteral(L, "closed");
    return;
  }
  if (object->kind == NET_SOCKET)
    netmcu_connection_get_peer(object->core.connection, &address);
  else
    own_address(object, &address);
  const char *state = object->kind == NET_SERVER ? "listening" : "bound";
  if (object->kind == NET_SOCKET)
    state = states[netmcu_connection_get_state(object->core.connection)];
  lua_pushfstring(L, "%s, %s", state, netmcu_address_format(&address, text));
}

/* "net.socket (connected, 127.0.0.1:80)" */
static void push_description(lua_State *L, const void *data)
{
  const net_object *object = data;

  push_state(L, object);
  lua_pushfstring(L, "%s (%s)", names[object->kind], lua_tostring(L, -1));
  lua_remove(L, -2);
}

static int net_tostring(lua_State *L)
{
  push_description(L, net_check(L, ANY));
  return 1;
}

static int set_ttl(const net_object *object, int ttl)
{
  return object->kind == NET_SOCKET ? netmcu_connection_set_ttl(object->core.connection, ttl)
                                    : netmcu_udp_set_ttl(object->core.udp, ttl);
}

static int get_ttl(const net_object *object, int *ttl)
{
  return object->kind == NET_SOCKET ? netmcu_connection_get_ttl(object->core.connection, ttl)
                                    : netmcu_udp_get_ttl(object->core.udp, ttl);
}

int net_ttl(lua_State *L)
{
  net_object *object = net_check(L, NET_BIT(NET_SOCKET) | NET_BIT(NET_UDP));

  if (!net_is_open(object))
    return luaL_error(L, "socket is not open/bound yet");
  lua_Integer wanted = luaL_optinteger(L, 2, -1);
  luaL_argcheck(L, wanted >= -1 && wanted <= 255, 2, "invalid TTL");
  int ttl;
  int error = wanted == -1 ? 0 : set_ttl(object, (int)wanted);
  if (error == 0)
    error = get_ttl(object, &ttl);
  if (error)
    return netmcu_raise(L, object->host, error);
  lua_pushinteger(L, ttl);
  return 1;
}

/* ---- methods of two kinds -------------------------------------------------------------------- */

int net_send(lua_State *L)
{
  net_object *object = net_check(L, NET_BIT(NET_SOCKET) | NET_BIT(NET_UDP));

  return object->kind == NET_SOCKET ? net_socket_send(L, object) : net_udp_send(L, object);
}

int net_connect(lua_State *L)
{
  net_object *object = net_check(L, NET_BIT(NET_SOCKET) | NET_BIT(NET_UDP));

  return object->kind == NET_SOCKET ? net_socket_connect(L, object) : net_udp_connect(L, object);
}

/* Whether the argument is a port: a number, or a string that is one. "127.1" is an address. */
static bool is_port(lua_State *L, int index)
{
  return lua_isnumber(L, index) && (lua_type(L, index) == LUA_TNUMBER || strchr(lua_tostring(L, index), '.') == NULL);
}

/* Raises the error of a bind. The device knows no permissions: the text says what to do about a
 * missing one. */
static int raise_bind(lua_State *L, netmcu_host *host, int error, uint16_t port)
{
  if (netmcu_uv_error(error) != UV_EACCES)
    return netmcu_raise(L, host, error);
  return luaL_error(L,
                    "listen on port %d: permission denied: take a port from 1024 on, run with --map-port %d=%d, or let "
                    "the system allow it: sysctl net.ipv4.ip_unprivileged_port_start=%d",
                    (int)port, (int)port, (int)port + 8000, (int)port);
}

static int start_listening(lua_State *L, net_object *object, uint16_t port, const char *ip)
{
  net_check_usable(L, object);
  net_anchor(L, 1, object);
  int error =
      object->kind == NET_SERVER ? net_server_listen(object, port, ip) : netmcu_udp_listen(object->core.udp, port, ip);
  if (error == 0)
    return 0;
  net_release_when_idle(L, object);
  return raise_bind(L, object->host, error, port);
}

/* listen([port] [, ip] [, fn]): an argument that is not a port may be the address, and one that is
 * not an address may be the function. */
int net_listen(lua_State *L)
{
  net_object *object = net_check(L, NET_BIT(NET_SERVER) | NET_BIT(NET_UDP));
  netmcu_address address;
  const char *ip = "0.0.0.0";
  uint16_t port = 0;
  int index = 2;

  if (net_is_open(object))
    return luaL_error(L, "already listening");
  if (is_port(L, index))
    port = net_check_port(L, index++);
  if (lua_isstring(L, index))
    ip = lua_tostring(L, index++);
  if (!net_read_ip(ip, &address))
    return luaL_error(L, "invalid IP address");
  if (object->kind == NET_SERVER) {
    if (!lua_isfunction(L, index))
      return luaL_error(L, "need callback");
    net_check_usable(L, object);
    net_set_handler(L, 1, index, object, ON_CONNECTION);
  }
  return start_listening(L, object, port, ip);
}

/* ---- the module ------------------------------------------------------------------------------ */

/* Far outside 1…28800, because createServer accepts a time-out in the place of a type. */
#define TYPE_TCP 65537
#define TYPE_UDP 65538

static lua_Integer check_type(lua_State *L, int index)
{
  luaL_optnumber(L, index, TYPE_TCP);
  lua_Integer type = lua_isnoneornil(L, index) ? TYPE_TCP : lua_tointeger(L, index);

  if (type == TYPE_UDP)
    netmcu_host_diverge(L, netmcu_host_of(L), NETMCU_D_CONSTRUCTOR_UDP, 0);
  return type;
}

/* createConnection([type [, secure]]); `secure` is from older firmware: 1 or true. */
static int create_connection(lua_State *L)
{
  bool is_secure = lua_isboolean(L, 2) ? lua_toboolean(L, 2) : lua_tonumber(L, 2) == 1;

  if (check_type(L, 1) == TYPE_UDP)
    return net_create_udp(L);
  if (is_secure)
    netmcu_host_diverge(L, netmcu_host_of(L), NETMCU_D_CONSTRUCTOR_SECURE, 0);
  return net_create_connection(L, is_secure);
}

/* createServer([type,] [timeout]) */
static int create_server(lua_State *L)
{
  lua_Integer type = check_type(L, 1);

  if (type == TYPE_UDP)
    return net_create_udp(L);
  if (type == TYPE_TCP && !lua_isnone(L, 1))
    lua_remove(L, 1);
  return net_create_server(L);
}

static const luaL_Reg constructors[] = {{"createConnection", create_connection},
                                        {"createServer", create_server},
                                        {"createUDPSocket", net_create_udp},
                                        {NULL, NULL}};

static const luaL_Reg metamethods[] = {
    {"__gc", net_gc}, {"__close", close_quietly}, {"__tostring", net_tostring}, {NULL, NULL}};

/* Older firmware had udp:connect; the chip does not. */
static void remove_older_forms(lua_State *L)
{
  luaL_getmetatable(L, names[NET_UDP]);
  lua_pushnil(L);
  lua_setfield(L, -2, "connect");
  lua_pop(L, 1);
}

int net_open(lua_State *L)
{
  netmcu_host_describe_objects(netmcu_host_find(L), push_description);
  netmcu_host_new_class(L, names[NET_SOCKET], net_socket_methods, metamethods);
  netmcu_host_new_class(L, names[NET_SERVER], net_server_methods, metamethods);
  netmcu_host_new_class(L, names[NET_UDP], net_udp_methods, metamethods);
  if (netmcu_host_is_chip(netmcu_host_find(L)))
    remove_older_forms(L);
  netmcu_host_new_library(L, constructors);
  netmcu_host_add_functions(L, net_functions);
  netmcu_set_integer(L, "TCP", TYPE_TCP);
  netmcu_set_integer(L, "UDP", TYPE_UDP);
  netmcu_host_new_library(L, net_dns_functions);
  lua_setfield(L, -2, "dns");
  return 1;
}
