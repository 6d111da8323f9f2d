/* The arguments and results of several methods: ports, hosts, data, addresses. See net.h. */
#include <string.h>

#include "net/net.h"

uint16_t net_check_port(lua_State *L, int index)
{
  lua_Number port = luaL_checknumber(L, index);

  if (!(port >= -2147483648.0 && port <= 4294967295.0))
    return 0;
  return (uint16_t)(int64_t)port;
}

const char *net_check_host(lua_State *L, netmcu_host *host, int index)
{
  size_t length;
  const char *name = luaL_checklstring(L, index, &length);

  if (strlen(name) != length)
    netmcu_raise(L, host, NETMCU_EARGUMENT);
  return name;
}

const char *net_check_data(lua_State *L, int index, net_object *object, size_t *size)
{
  const char *data = luaL_checklstring(L, index, size);

  if (*size == 0)
    luaL_error(L, "no data to send");
  if (lua_isfunction(L, index + 1))
    net_set_handler(L, 1, index + 1, object, ON_SENT);
  return data;
}

bool net_read_ip(const char *text, netmcu_address *address)
{
  return netmcu_ip_parse(text, address) == 0 && address->family == NETMCU_IPV4;
}

bool net_read_peer(const netmcu_host *host, const char *text, netmcu_address *address)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;

  if (netmcu_ip_parse(text, address) || netmcu_host_context(host) == NULL)
    return false;
  if (address->family == NETMCU_IPV4)
    return true;
  netmcu_get_options(netmcu_host_context(host), &options);
  return options.families != NETMCU_IPV4_ONLY;
}

void net_push_ip(lua_State *L, const netmcu_address *address)
{
  char ip[NETMCU_IP_SIZE];

  lua_pushstring(L, address ? netmcu_ip_format(address, ip) : NULL);
}

int net_push_address(lua_State *L, int error, const netmcu_address *address)
{
  if (error) {
    lua_pushnil(L);
    lua_pushnil(L);
  } else {
    lua_pushinteger(L, address->port);
    net_push_ip(L, address);
  }
  return 2;
}
