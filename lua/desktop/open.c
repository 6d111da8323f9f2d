/* Puts the modules together, for each way to load them: `require "net"` in a stock Lua, and Lua
 * states on the loop of a C program (netmcu_lua.h) or of luv. */
#include <lualib.h>
#include <uv.h>

#include "device/device.h"
#include "net/net.h"

int luaopen_net_luv(lua_State *L);

/* The modules in C that a script can require, besides net. */
static const luaL_Reg known[] = {{"tmr", luaopen_tmr}, {"net.luv", luaopen_net_luv}, {NULL, NULL}};

/* The modules in C that netmcu's Lua modules require. */
static const luaL_Reg modules[] = {
    {"net", net_open},
    {"tmr", luaopen_tmr},
    {"netmcu.host", luaopen_netmcu_host},
    {"netmcu.folder", luaopen_netmcu_folder},
    {"netmcu.device.argument", luaopen_netmcu_argument},
    {"netmcu.truncate", luaopen_netmcu_truncate},
    {"netmcu.hash", luaopen_netmcu_hash},
    {"netmcu.json", luaopen_netmcu_json},
    {"netmcu.tls", luaopen_netmcu_tls},
    {NULL, NULL},
};

static void preload(lua_State *L, const luaL_Reg *openers)
{
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  luaL_setfuncs(L, openers, 0);
  lua_pop(L, 1);
}

/* Called with a net.socket, before a connect that is to use TLS. */
static int secure(lua_State *L)
{
  netmcu_require(L, "netmcu.device.tls");
  lua_getfield(L, -1, "secure");
  lua_pushvalue(L, 1);
  lua_call(L, 1, 2);
  return 2;
}

int luaopen_net(lua_State *L)
{
  preload(L, known);
  netmcu_modules_add(L, modules);
  net_secure_with(L, secure);
  return net_open(L);
}

/* ---- the loop of a C program ----------------------------------------------------------------- */

typedef struct request {
  uv_loop_t *loop;
  const netmcu_options *options;
  netmcu_t *ctx;
} request;

static int open_protected(lua_State *L)
{
  static const luaL_Reg first[] = {{"net", luaopen_net}, {"tmr", luaopen_tmr}, {NULL, NULL}};
  request *r = lua_touserdata(L, 1);

  preload(L, first);
  r->ctx = netmcu_host_context(netmcu_host_create(L, r->loop, r->options));
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

  return host ? netmcu_host_context(host) : NULL;
}

void netmcu_lua_on_error(lua_State *L, netmcu_lua_error_cb cb, void *data)
{
  netmcu_host *host = netmcu_host_find(L);

  if (host)
    netmcu_host_on_error(host, cb, data);
}

/* ---- the loop of luv ------------------------------------------------------------------------- */

/* Returns the file of the module luv, which the script has required before. */
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

/* Returns luv's loop, from luv_loop(), which luv's installed header has for other C modules. If luv
 * contains a copy of libuv, two different libraries would work on one loop: that is refused. */
static uv_loop_t *find_loop(lua_State *L, uv_lib_t *library, const char **refusal)
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

/* require "net.luv", after luv and before net, creates the context of this state on luv's loop. */
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
  uv_loop_t *loop = find_loop(L, &library, &refusal);
  uv_dlclose(&library); /* luv stays loaded for require */
  if (loop == NULL)
    return luaL_error(L, "net.luv: %s", refusal);
  netmcu_host_clear_loop_at_end(netmcu_host_create(L, loop, NULL));
  lua_pushboolean(L, 1);
  return 1;
}
