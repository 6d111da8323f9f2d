/* net.dns: lookups that need no socket, and the two name servers. */
#include <string.h>

#include "net/net.h"

typedef struct answer {
  netmcu_pending *pending;
  const netmcu_address *address; /* NULL: there is no such name */
} answer;

static int call_answer(lua_State *L)
{
  const answer *a = lua_touserdata(L, 1);

  netmcu_pending_push(L, a->pending);
  lua_pushnil(L);
  net_push_ip(L, a->address);
  lua_call(L, 2, 0);
  return 0;
}

static void on_answer(void *data, int error, const netmcu_address *addresses, size_t count)
{
  answer a = {data, net_chip_answer(netmcu_pending_host(data), count > 0 ? addresses : NULL)};

  (void)error;
  netmcu_enter(netmcu_pending_host(data), call_answer, &a, "the answer to net.dns.resolve()", NULL);
}

static bool is_broadcast(const netmcu_address *address)
{
  return memcmp(address->ip, "\377\377\377\377", 4) == 0;
}

const netmcu_address *net_chip_answer(const netmcu_host *host, const netmcu_address *address)
{
  return address && netmcu_host_is_chip(host) && is_broadcast(address) ? NULL : address;
}

bool net_push_literal(lua_State *L, const netmcu_host *host, const char *name)
{
  netmcu_address address;

  if (!netmcu_host_is_chip(host) || !net_read_ip(name, &address) || is_broadcast(&address))
    return false;
  net_push_ip(L, &address);
  return true;
}

/* resolve(host, function(nil, ip | nil)) */
static int dns_resolve(lua_State *L)
{
  netmcu_host *host = netmcu_host_check(L);

  luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  const char *name = net_check_host(L, host, 1);
  lua_settop(L, 2);
  lua_pushnil(L);
  if (net_push_literal(L, host, name)) {
    lua_call(L, 2, 0);
    return 0;
  }
  netmcu_pending *p = netmcu_pending_new(L, host, 2);
  int error = netmcu_call(L, host, netmcu_resolve(netmcu_host_context(host), name, on_answer, p, NULL));
  if (error) {
    netmcu_pending_free(L, p);
    return netmcu_raise(L, host, error);
  }
  return 0;
}

static int raise_index(lua_State *L)
{
  return luaL_error(L, "server index out of range [0-%d]", NETMCU_DNS_SERVERS - 1);
}

static int check_index(lua_State *L, int index)
{
  lua_Integer server = luaL_optinteger(L, index, 0);

  if (server < 0 || server >= NETMCU_DNS_SERVERS)
    raise_index(L);
  return (int)server;
}

/* Whether the text is the address of a server. It has no port, as on the device. */
static bool is_server(const char *text, size_t length)
{
  netmcu_address address;

  return strlen(text) == length && net_read_ip(text, &address) && memcmp(address.ip, "\0\0\0\0", 4) != 0 &&
         !is_broadcast(&address);
}

/* setdnsserver(ip [, index]) */
static int dns_setdnsserver(lua_State *L)
{
  netmcu_host *host = netmcu_host_check(L);
  size_t length;
  const char *ip = luaL_checklstring(L, 1, &length);

  if (!is_server(ip, length))
    return luaL_error(L, "invalid dns server ip");
  int error = netmcu_dns_set_server(netmcu_host_context(host), check_index(L, 2), ip);
  return error ? netmcu_raise(L, host, error) : 0;
}

/* getdnsserver([index]): the address, or nil if there is none. */
static int dns_getdnsserver(lua_State *L)
{
  netmcu_address address;
  int error = netmcu_dns_get_server(netmcu_host_context(netmcu_host_check(L)), check_index(L, 1), &address);

  net_push_ip(L, error ? NULL : &address);
  return 1;
}

const luaL_Reg net_dns_functions[] = {
    {"resolve", dns_resolve}, {"setdnsserver", dns_setdnsserver}, {"getdnsserver", dns_getdnsserver}, {NULL, NULL}};
