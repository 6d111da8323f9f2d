/* netmcu's modules that are written in Lua, and the globals that they see.
 *
 * On the device the modules are C, so a script may give a variable of its own the name `table` or
 * `type`. Therefore these modules do not share the script's globals. Their environment has copies
 * of the standard libraries that they use, taken when the host is created, and a `require` with its
 * own list of loaded modules; it also gives them instances of `net` and `tmr` that the script
 * cannot change. The script's table of globals is their `_G`. The metatable of strings cannot be
 * copied: a module must call string.find(s, …), never s:find(…).
 *
 *  */
#include <string.h>

#include "shim/host_private.h"

static const char *const functions[] = {"assert",   "collectgarbage", "error",  "getmetatable", "ipairs",
                                        "load",     "next",           "pairs",  "pcall",        "rawequal",
                                        "rawget",   "rawlen",         "rawset", "setmetatable", "tonumber",
                                        "tostring", "type",           "select", "xpcall",       NULL};

/* How many entries each library has in Lua 5.4. A table that is too small would grow, which is most
 * of the work of a copy; one that is too large would take memory in each state of a simulation. */
static const struct {
  const char *name;
  int count;
} libraries[] = {{"debug", 17}, {"io", 14}, {"math", 35}, {"os", 11}, {"package", 8}, {"string", 17}, {"table", 7}};

/* ---- the environment ------------------------------------------------------------------------- */

/* Replaces the table on top of the stack by a copy. */
static void copy_table(lua_State *L, int count)
{
  lua_createtable(L, 0, count);
  lua_pushnil(L);
  while (lua_next(L, -3)) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, -4);
  }
  lua_remove(L, -2);
}

/* Takes everything without metamethods: a program may have made its globals strict. */
static void push_environment(lua_State *L)
{
  lua_createtable(L, 0, 32);
  lua_pushglobaltable(L);
  for (const char *const *name = functions; *name; name++) {
    lua_pushstring(L, *name);
    lua_rawget(L, -2);
    lua_setfield(L, -3, *name);
  }
  lua_setfield(L, -2, "_G");
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
    lua_pushstring(L, libraries[i].name);
    if (lua_rawget(L, -2) == LUA_TTABLE) {
      copy_table(L, libraries[i].count);
      lua_setfield(L, -3, libraries[i].name);
    } else {
      lua_pop(L, 1);
    }
  }
  lua_pop(L, 1);
}

/* ---- finding modules ------------------------------------------------------------------------- */

static bool is_own_name(const char *name)
{
  return strncmp(name, "netmcu", 6) == 0 && (name[6] == '.' || name[6] == '\0');
}

/* Pushes package.searchpath(name, path) for the path of the given table; false, pushing nothing, if
 * no file is found. */
static bool push_path(lua_State *L, const char *name, int package)
{
  package = lua_absindex(L, package);
  if (lua_getfield(L, package, "searchpath") == LUA_TFUNCTION && lua_getfield(L, package, "path") == LUA_TSTRING) {
    lua_pushstring(L, name);
    lua_insert(L, -2);
    lua_call(L, 2, 1);
    if (lua_isstring(L, -1))
      return true;
  }
  lua_settop(L, package);
  return false;
}

/* In a stock Lua the modules are files on package.path: as it was when the host was created, or as
 * it is now. */
static bool push_file(lua_State *L, const char *name, int environment)
{
  int top = lua_gettop(L);

  if (lua_getfield(L, environment, "package") != LUA_TTABLE || !push_path(L, name, -1)) {
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    if (lua_getfield(L, -1, "package") != LUA_TTABLE || !push_path(L, name, -1)) {
      lua_settop(L, top);
      return false;
    }
  }
  if (luaL_loadfile(L, lua_tostring(L, -1)) != LUA_OK)
    lua_error(L);
  lua_replace(L, top + 1);
  lua_settop(L, top + 1);
  return true;
}

/* Pushes what opens the module; false, pushing nothing, if netmcu has no such module. */
static bool push_loader(lua_State *L, const netmcu_host *host, int host_index, const char *name)
{
  lua_getiuservalue(L, host_index, HOST_OPENERS);
  lua_pushstring(L, name);
  bool found = lua_rawget(L, -2) == LUA_TFUNCTION;
  lua_remove(L, -2);
  if (found)
    return true;
  lua_pop(L, 1);
  if (!is_own_name(name))
    return false;
  lua_getiuservalue(L, host_index, HOST_ENVIRONMENT);
  int environment = lua_gettop(L);
  if (!(host->find_module ? host->find_module(L, name) : push_file(L, name, environment))) {
    lua_pop(L, 1);
    return false;
  }
  lua_pushvalue(L, environment);
  lua_setupvalue(L, -2, 1);
  lua_remove(L, environment);
  return true;
}

/* package.loaded[name] = the module on top of the stack, because tracebacks look for the names of
 * functions there. Nothing of netmcu relies on it. */
static void show_loaded(lua_State *L, const char *name)
{
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushstring(L, name);
  lua_pushvalue(L, -3);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

/* require(name), for the modules. */
static int require_module(lua_State *L)
{
  const char *name = luaL_checkstring(L, 1);

  lua_settop(L, 1);
  const netmcu_host *host = netmcu_host_push(L);
  lua_getiuservalue(L, 2, HOST_MODULES);
  lua_pushvalue(L, 1);
  if (lua_rawget(L, 3) != LUA_TNIL)
    return 1;
  if (!push_loader(L, host, 2, name))
    return luaL_error(L, "netmcu has no module '%s'", name);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  lua_pushvalue(L, 1);
  lua_pushvalue(L, -2);
  lua_rawset(L, 3);
  if (is_own_name(name))
    show_loaded(L, name);
  return 1;
}

void netmcu_require(lua_State *L, const char *name)
{
  lua_pushcfunction(L, require_module);
  lua_pushstring(L, name);
  lua_call(L, 1, 1);
}

/* package.preload[name] if nothing is set: the script's `require` finds the instances that the
 * modules use. */
static int find_preloaded(lua_State *L)
{
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
  const netmcu_host *host = netmcu_host_push(L);

  if (!is_own_name(name) || !push_loader(L, host, lua_gettop(L), name))
    return 0;
  lua_pushcfunction(L, require_module);
  return 1;
}

static void extend_preload(lua_State *L)
{
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, find_preloaded);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_pop(L, 1);
}

void netmcu_modules_add(lua_State *L, const luaL_Reg *openers)
{
  netmcu_host_push(L);
  lua_getiuservalue(L, -1, HOST_OPENERS);
  luaL_setfuncs(L, openers, 0);
  lua_pop(L, 2);
}

void netmcu_modules_find_with(netmcu_host *host, bool (*find)(lua_State *L, const char *name))
{
  host->find_module = find;
}

void netmcu_modules_open(lua_State *L, int host_index)
{
  push_environment(L);
  lua_pushcfunction(L, require_module);
  lua_setfield(L, -2, "require");
  lua_setiuservalue(L, host_index, HOST_ENVIRONMENT);
  lua_newtable(L);
  lua_setiuservalue(L, host_index, HOST_MODULES);
  lua_newtable(L);
  lua_setiuservalue(L, host_index, HOST_OPENERS);
  extend_preload(L);
}
