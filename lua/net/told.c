/* The addresses that dns() has given to its handlers: few sockets need one, so a weak table in the
 * registry holds them, not the sockets.
 *
 * The handler of dns() usually connects to the address that it is given. If this connect() called it
 * with the same address, it would connect again. Older firmware did not call it, and scripts rely on
 * that. */
#include <string.h>

#include "net/net.h"

static const char told_key = 0;

static bool find_table(lua_State *L)
{
  return lua_rawgetp(L, LUA_REGISTRYINDEX, &told_key) == LUA_TTABLE;
}

static void replace_by_new_table(lua_State *L)
{
  lua_pop(L, 1);
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &told_key);
}

void net_note_told(lua_State *L, int index, const netmcu_address *address)
{
  bool is_there = find_table(L);

  if (!is_there && address)
    replace_by_new_table(L);
  if (is_there || address) {
    lua_pushvalue(L, index < 0 ? index - 1 : index);
    if (address)
      lua_pushlstring(L, (const char *)address->ip, sizeof(address->ip));
    else
      lua_pushnil(L);
    lua_rawset(L, -3);
  }
  lua_pop(L, 1);
}

bool net_is_told(lua_State *L, int index, const netmcu_address *address)
{
  size_t size = 0;
  const char *told = NULL;

  lua_pushvalue(L, index);
  if (find_table(L)) {
    lua_pushvalue(L, -2);
    lua_rawget(L, -2);
    told = lua_tolstring(L, -1, &size);
    lua_pop(L, 1);
  }
  lua_pop(L, 2);
  return address && size == sizeof(address->ip) && memcmp(told, address->ip, size) == 0;
}
