/* net.server: a TCP server of the core. Its accept callback makes each client a net.socket. */
#include <uv.h>

#include "shim/shim.h"

typedef struct accepted {
  net_object *server;
  netmcu_connection *client;
} accepted;

static int call_accept(lua_State *L)
{
  accepted *a = lua_touserdata(L, 1);
  net_object *server = a->server;

  net_push_handler(L, server, ON_CONNECTION); /* there since it listens */
  lua_pop(L, 1);                              /* it is told of the client, not of itself */
  net_object *object = net_push_new(L, server->host, NET_SOCKET);
  net_socket_adopt(L, object, a->client);
  a->client = NULL;
  lua_call(L, 1, 0);
  return 0;
}

static void on_accept(netmcu_server *core, netmcu_connection *client)
{
  accepted a = {netmcu_server_data(core), client};

  netmcu_enter(a.server->host, call_accept, &a, "a new connection", a.server);
  netmcu_connection_free(a.client); /* there was no memory to make an object of it */
}

/* createServer([timeout]) */
int net_create_server(lua_State *L)
{
  netmcu_host *host = netmcu_host_of(L);
  lua_Number timeout = luaL_optnumber(L, 1, 30);

  if (!(timeout >= 1 && timeout <= 28800)) {
    netmcu_shim_diverge(L, host, NETMCU_D_SERVER_TIMEOUT, timeout > -1e9 && timeout < 1e9 ? (long)timeout : -1);
    timeout = timeout > 28800 ? 28800 : 1;
  }
  net_object *object = net_push_new(L, host, NET_SERVER);
  object->core.server = netmcu_server_new(host->ctx);
  if (object->core.server == NULL)
    return netmcu_raise(L, host, NETMCU_ENOMEM);
  netmcu_server_set_data(object->core.server, object);
  netmcu_server_set_idle_timeout(object->core.server, (unsigned)(timeout * 1000));
  return 1;
}

/* The device has no such error: it says what can be done about it. */
static int raise_no_permission(lua_State *L, uint16_t port)
{
  return luaL_error(L,
                    "listen on port %d: permission denied: take a port from 1024 on, run with --map-port %d=%d, or let "
                    "the system allow it: sysctl net.ipv4.ip_unprivileged_port_start=%d",
                    (int)port, (int)port, (int)port + 8000, (int)port);
}

int net_raise_bind(lua_State *L, netmcu_host *host, int error, uint16_t port)
{
  if (netmcu_uv_error(error) == UV_EACCES)
    return raise_no_permission(L, port);
  return netmcu_raise(L, host, error);
}

int net_server_listen(lua_State *L, net_object *object, uint16_t port, const char *ip, int callback_index)
{
  netmcu_host *host = object->host;

  if (!lua_isfunction(L, callback_index))
    return luaL_error(L, "need callback");
  if (net_is_gone(object))
    return luaL_error(L, "not connected");
  net_set_handler(L, 1, callback_index, object, ON_CONNECTION);
  net_anchor(L, 1, object);
  int error = netmcu_server_listen(object->core.server, port, ip, 0, on_accept);
  if (error) {
    net_release_when_idle(L, object);
    return net_raise_bind(L, host, error, port);
  }
  return 0;
}

const luaL_Reg net_server_methods[] = {
    {"listen", net_listen}, {"getaddr", net_getaddr}, {"close", net_close}, {NULL, NULL}};
