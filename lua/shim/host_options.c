/* netmcu.host.options. */
#include <string.h>

#include "shim/host_private.h"

static bool take_number(lua_State *L, const char *name, lua_Number least, lua_Number *value)
{
  int type = lua_getfield(L, 1, name);

  if (type == LUA_TNIL) {
    lua_pop(L, 1);
    return false;
  }
  *value = lua_tonumber(L, -1);
  if (type != LUA_TNUMBER || !(*value >= least && *value <= INT32_MAX))
    luaL_error(L, "option %s: a number from %d to %d expected", name, (int)least, (int)INT32_MAX);
  lua_pop(L, 1);
  return true;
}

static bool take_boolean(lua_State *L, const char *name, bool *value)
{
  int type = lua_getfield(L, 1, name);

  if (type != LUA_TNIL && type != LUA_TBOOLEAN)
    luaL_error(L, "option %s: true or false expected", name);
  *value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return type != LUA_TNIL;
}

static void take_server(lua_State *L, netmcu_host *host, int index)
{
  if (lua_isnil(L, -1))
    return;
  if (netmcu_dns_set_server(host->ctx, index, luaL_checkstring(L, -1)))
    luaL_error(L, "option dns: '%s' is not an address like \"192.0.2.1\" or \"192.0.2.1:5353\"", lua_tostring(L, -1));
}

static void take_dns(lua_State *L, netmcu_host *host)
{
  if (lua_getfield(L, 1, "dns") == LUA_TTABLE) {
    for (int i = 0; i < NETMCU_DNS_SERVERS; i++) {
      lua_rawgeti(L, -1, i + 1);
      take_server(L, host, i);
      lua_pop(L, 1);
    }
  } else {
    take_server(L, host, 0);
  }
  lua_pop(L, 1);
}

void netmcu_check_keys(lua_State *L, const char *const *keys, const char *complaint)
{
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
    const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    int i = 0;
    while (keys[i] && strcmp(keys[i], name) != 0)
      i++;
    if (keys[i] == NULL)
      luaL_error(L, "%s '%s'", complaint, luaL_tolstring(L, -2, NULL));
  }
}

static void set_options(lua_State *L, netmcu_host *host)
{
  static const char *const names[] = {"strict",         "warnings", "frame_size", "connect_timeout",
                                      "linger_timeout", "dns",      NULL};
  netmcu_options options = NETMCU_OPTIONS_INIT;
  lua_Number number = 0;
  bool flag;

  netmcu_check_keys(L, names, "no option");
  netmcu_get_options(host->ctx, &options);
  if (take_boolean(L, "strict", &flag))
    netmcu_set_strict(host->ctx, flag);
  if (take_boolean(L, "warnings", &flag))
    host->quiet = !flag;
  if (take_number(L, "frame_size", 0, &number))
    options.frame_size = (size_t)number;
  if (take_number(L, "connect_timeout", 1, &number))
    options.connect_timeout = (unsigned)number;
  if (take_number(L, "linger_timeout", 1, &number))
    options.linger_timeout = (unsigned)number;
  take_dns(L, host);
  netmcu_set_options(host->ctx, &options);
}

/* options([{strict =, warnings =, frame_size =, connect_timeout =, linger_timeout =, dns =}]): sets
 * the options that the table has, and returns all that are in force. frame_size is in bytes (0: as
 * read), time-outs are in ms, and dns is "ip[:port]" or a table of two. */
int netmcu_host_options(lua_State *L)
{
  netmcu_host *host = netmcu_host_check(L);
  netmcu_options options = NETMCU_OPTIONS_INIT;

  if (!lua_isnoneornil(L, 1)) {
    luaL_checktype(L, 1, LUA_TTABLE);
    set_options(L, host);
  }
  netmcu_get_options(host->ctx, &options);
  lua_createtable(L, 0, 5);
  lua_pushboolean(L, netmcu_is_strict(host->ctx));
  lua_setfield(L, -2, "strict");
  lua_pushboolean(L, !host->quiet);
  lua_setfield(L, -2, "warnings");
  netmcu_set_integer(L, "frame_size", (lua_Integer)options.frame_size);
  netmcu_set_integer(L, "connect_timeout", options.connect_timeout);
  netmcu_set_integer(L, "linger_timeout", options.linger_timeout);
  return 1;
}
