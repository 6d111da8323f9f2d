/* Lua states on a loop that is not theirs: a C program's (netmcu_lua.h), and luv's, in a stock Lua. */
#include <lualib.h>
#include <uv.h>

#include "shim/shim.h"

typedef struct request {
  uv_loop_t *loop;
  const netmcu_options *options;
  netmcu_t *ctx;
} request;

static int open_protected(lua_State *L)
{
  request *r = lua_touserdata(L, 1);

  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, luaopen_net);
  lua_setfield(L, -2, "net");
  lua_pushcfunction(L, luaopen_tmr);
  lua_setfield(L, -2, "tmr");
  r->ctx = netmcu_host_create(L, r->loop, r->options)->ctx;
  return 0;
}

netmcu_t *netmcu_lua_open(lua_State *L, uv_loop_t *loop, const netmcu_options *options)
{
  request r = {loop, options, NULL};
  int top = lua_gettop(L);

  if (!lua_checkstack(L, 2) || netmcu_lua_context(L))
    return NULL;
  lua_pushcfunction(L, open_protected);
  lua_pushlightuserdata(L, &r);
  int status = lua_pcall(L, 1, 0, 0);
  lua_settop(L, top);
  return status == LUA_OK ? r.ctx : NULL;
}

netmcu_t *netmcu_lua_context(lua_State *L)
{
  const netmcu_host *host = netmcu_host_find(L);

  return host ? host->ctx : NULL;
}

void netmcu_lua_on_error(lua_State *L, netmcu_lua_error_cb cb, void *data)
{
  netmcu_host *host = netmcu_host_find(L);

  if (host == NULL)
    return;
  host->on_error = cb;
  host->on_error_data = data;
}

/* ---- luv -------------------------------------------------------------------------------------------------------- */

/* The file of the module luv, which is loaded already: require gave it to the script. */
static const char *check_file(lua_State *L)
{
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, -1, "luv") != LUA_TTABLE)
    luaL_error(L, "net.luv: require \"luv\" first: its loop is the one to use");
  lua_getfield(L, -2, LUA_LOADLIBNAME);
  lua_getfield(L, -1, "searchpath");
  lua_pushliteral(L, "luv");
  lua_getfield(L, -3, "cpath");
  lua_call(L, 2, 1);
  if (!lua_isstring(L, -1))
    luaL_error(L, "net.luv: no file luv on package.cpath: the one that is loaded cannot be asked for its loop");
  return lua_tostring(L, -1);
}

/* luv_loop() is what luv's installed header gives to other C modules. A luv with a copy of libuv in itself would have two
 * different codes work on one loop. */
static uv_loop_t *ask(lua_State *L, uv_lib_t *library, const char **refusal)
{
  uv_loop_t *(*luv_loop)(lua_State *);
  int (*run)(uv_loop_t *, uv_run_mode);

  *refusal = "luv does not export luv_loop";
  if (uv_dlsym(library, "luv_loop", (void **)&luv_loop))
    return NULL;
  *refusal = "luv has a libuv of its own: both need the system's";
  if (uv_dlsym(library, "uv_run", (void **)&run) || run != uv_run)
    return NULL;
  *refusal = "luv has no loop";
  return luv_loop(L);
}

/* require "net.luv", after luv and before net: the context of this state lives on luv's loop. */
int luaopen_net_luv(lua_State *L)
{
  const char *refusal;
  uv_lib_t library;

  if (netmcu_host_find(L))
    return luaL_error(L, "net.luv: net has a loop already: require \"net.luv\" before anything else of netmcu");
  const char *file = check_file(L);
  if (uv_dlopen(file, &library)) {
    lua_pushstring(L, uv_dlerror(&library));
    uv_dlclose(&library);
    return luaL_error(L, "net.luv: %s", lua_tostring(L, -1));
  }
  uv_loop_t *loop = ask(L, &library, &refusal);
  uv_dlclose(&library); /* it stays loaded, as require's */
  if (loop == NULL)
    return luaL_error(L, "net.luv: %s", refusal);
  netmcu_host *host = netmcu_host_create(L, loop, NULL);
  host->unloads = true;
  lua_pushboolean(L, 1);
  return 1;
}
