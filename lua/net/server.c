/* net.server: a TCP server of the core. Each client that it accepts becomes a net.socket. */
#include "net/net.h"

typedef struct accepted {
  net_object *server;
  netmcu_connection *client;
} accepted;

static int call_accept(lua_State *L)
{
  accepted *a = lua_touserdata(L, 1);
  net_object *server = a->server;

  net_push_handler(L, server, ON_CONNECTION); /* which listen() has set */
  lua_pop(L, 1);                              /* the handler gets the client instead of the server */
  net_socket_push_client(L, server->host, a->client);
  a->client = NULL;
  lua_call(L, 1, 0);
  return 0;
}

static void on_accept(netmcu_server *core, netmcu_connection *client)
{
  accepted a = {netmcu_server_get_data(core), client};

  net_enter(a.server, call_accept, &a, "a new connection");
  netmcu_connection_free(a.client); /* unless an object has taken it */
}

/* createServer([timeout]) */
int net_create_server(lua_State *L)
{
  netmcu_host *host = netmcu_host_of(L);
  lua_Number timeout = luaL_optnumber(L, 1, 30);

  if (!(timeout >= 1 && timeout <= 28800)) {
    netmcu_host_diverge(L, host, NETMCU_D_SERVER_TIMEOUT, timeout > -1e9 && timeout < 1e9 ? (long)timeout : -1);
    timeout = timeout > 28800 ? 28800 : 1;
  }
  net_object *object = net_push_new(L, host, NET_SERVER, sizeof(*object));
  object->core.server = netmcu_server_new(netmcu_host_context(host));
  if (object->core.server == NULL)
    return netmcu_raise(L, host, NETMCU_ENOMEM);
  netmcu_server_set_data(object->core.server, object);
  netmcu_server_set_idle_timeout(object->core.server, (unsigned)(timeout * 1000));
  return 1;
}

int net_server_listen(const net_object *object, uint16_t port, const char *ip)
{
  return netmcu_server_listen(object->core.server, port, ip, 0, on_accept);
}

const luaL_Reg net_server_methods[] = {
    {"listen", net_listen}, {"getaddr", net_getaddr}, {"close", net_close}, {NULL, NULL}};
