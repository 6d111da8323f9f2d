/* The Lua state of the web server (lua/page/server.lua), and the functions with which the server asks
 * for what the page shows. Some of them run lua/page/device.lua in the state of the script. */
#include <lualib.h>

#include "runner/page.h"

#define PROGRAM "netmcu.page" /* the field of the registry with the server's table */

static lua_State *server;

/* Copies a string, a number or a boolean. */
static void copy_value(lua_State *from, int index, lua_State *to)
{
  size_t size;

  switch (lua_type(from, index)) {
  case LUA_TBOOLEAN: lua_pushboolean(to, lua_toboolean(from, index)); return;
  case LUA_TNUMBER:
    if (lua_isinteger(from, index))
      lua_pushinteger(to, lua_tointeger(from, index));
    else
      lua_pushnumber(to, lua_tonumber(from, index));
    return;
  case LUA_TSTRING: {
    const char *text = lua_tolstring(from, index, &size);
    lua_pushlstring(to, text, size);
    return;
  }
  default: lua_pushnil(to);
  }
}

/* Runs in the script's state, with the page's state as a light userdata. */
static int call_device(lua_State *S)
{
  lua_State *L = lua_touserdata(S, 1);
  int count = lua_gettop(L);

  luaL_checkstack(S, count + 4, NULL);
  netmcu_require(S, "netmcu.page.device");
  lua_getfield(S, -1, lua_tostring(L, 1));
  for (int i = 2; i <= count; i++)
    copy_value(L, i, S);
  lua_call(S, count - 1, 1);
  return 1;
}

/* Calls this function of netmcu.page.device in the script's state. Returns its value; nil and a
 * message if it fails, or if no script runs. */
static int call_script(lua_State *L)
{
  luaL_checkstring(L, 1);
  runner *r = runner_page.shown;
  if (r == NULL) {
    lua_pushnil(L);
    lua_pushliteral(L, "the script does not run; Restart starts it");
    return 2;
  }
  lua_State *S = r->L;
  int top = lua_gettop(S);
  if (!lua_checkstack(S, 4))
    return luaL_error(L, "out of memory");
  lua_pushcfunction(S, call_device);
  lua_pushlightuserdata(S, L);
  int status = lua_pcall(S, 1, 1, 0);
  if (status != LUA_OK)
    lua_pushnil(L);
  copy_value(S, -1, L);
  lua_settop(S, top);
  return status == LUA_OK ? 1 : 2;
}

/* call(name, ...): calls a function that may change the device. */
static int page_call(lua_State *L)
{
  runner_page_clock_catch_up();
  return call_script(L);
}

/* look(name, ...): calls a function that only looks at the device. Its objects do not count for the
 * order of the script's objects, so that a simulated run stays the same. */
static int page_look(lua_State *L)
{
  runner *r = runner_page.shown;
  runner_order order = r ? r->order : (runner_order){0};
  int results = call_script(L);

  if (r)
    r->order = order;
  return results;
}

/* echo(text): shows the text in the console of the page only. */
static int page_echo(lua_State *L)
{
  size_t size;
  const char *text = luaL_checklstring(L, 1, &size);

  runner_page_console_add(text, size, false);
  return 0;
}

/* text(name): returns an embedded file. */
static int page_text(lua_State *L)
{
  size_t size;
  const char *text = runner_find_text(luaL_checkstring(L, 1), &size);

  lua_pushlstring(L, text, size);
  return 1;
}

/* restart(): restarts the script, or the chosen host, as node.restart does. */
static int page_restart(lua_State *L)
{
  (void)L;
  runner_page_restart();
  return 0;
}

/* show(name): shows the device of this host, or of the script if no host has the name. Returns
 * whether a host has it. */
static int page_show(lua_State *L)
{
  netmcu_sim_host *own = runner_world_place();
  netmcu_sim_host *place = own ? netmcu_sim_host_find(netmcu_sim_of(own), luaL_checkstring(L, 1)) : NULL;
  bool is_host = runner_page_host(place) != NULL;

  runner_page_show(is_host ? place : NULL);
  lua_pushboolean(L, is_host);
  return 1;
}

/* place(): returns the name of the chosen host, or "" for the script; and the end of its output. */
static int page_place(lua_State *L)
{
  const runner_host *h = runner_page_host(runner_page.place);

  lua_pushstring(L, h ? netmcu_sim_host_name(runner_page.place) : "");
  if (h)
    runner_host_push_output(L, h);
  return 1 + (h != NULL);
}

static void push_statistics(lua_State *L)
{
  netmcu_statistics s = NETMCU_STATISTICS_INIT;
  lua_State *S = runner_page.shown->L;

  netmcu_get_statistics(netmcu_host_context(runner_page.shown->host), &s);
  netmcu_set_integer(L, "memory", (lua_Integer)s.memory);
  netmcu_set_integer(L, "lua_memory", (lua_Integer)lua_gc(S, LUA_GCCOUNT) * 1024 + lua_gc(S, LUA_GCCOUNTB));
  netmcu_set_integer(L, "events", (lua_Integer)s.events);
  netmcu_set_integer(L, "received", (lua_Integer)s.bytes_received);
  netmcu_set_integer(L, "sent", (lua_Integer)s.bytes_sent);
  lua_pushnumber(L, (lua_Number)netmcu_host_elapsed(runner_page.shown->host) / 1e6);
  lua_setfield(L, -2, "seconds");
}

/* status(): returns a table that describes the run. */
static int page_status(lua_State *L)
{
  const runner_host *h = runner_page_host(runner_page.place);

  lua_createtable(L, 0, 16);
  lua_pushstring(L, h ? runner_host_state(h) : runner_page.state);
  lua_setfield(L, -2, "state");
  netmcu_set_integer(L, "run", runner_page.run);
  if (runner_page.shown)
    push_statistics(L);
  if (!h && runner_page.wakes)
    netmcu_set_integer(L, "sleep", (lua_Integer)runner_page_sleep_left());
  runner_page_clock_describe(L);
  return 1;
}

static const luaL_Reg questions[] = {{"call", page_call},
                                     {"look", page_look},
                                     {"echo", page_echo},
                                     {"show", page_show},
                                     {"place", page_place},
                                     {"clock", runner_page_clock},
                                     {"connected", runner_page_connected},
                                     {"world", runner_page_world},
                                     {"cut", runner_page_cut},
                                     {"separate", runner_page_separate},
                                     {"repair", runner_page_repair},
                                     {"text", page_text},
                                     {"restart", page_restart},
                                     {"status", page_status},
                                     {"console", runner_page_console},
                                     {"network", runner_page_network},
                                     {"pieces", runner_page_pieces},
                                     {NULL, NULL}};

/* ---- the server ---------------------------------------------------------------------------------- */

static void set_text(lua_State *L, const char *name, const char *text)
{
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}

/* Pushes the table that the server starts with. */
static void push_program(lua_State *L, const runner_options *options)
{
  char folder[RUNNER_PATH];

  lua_newtable(L);
  luaL_setfuncs(L, questions, 0);
  runner_root(&(runner){.options = options}, folder, sizeof(folder));
  set_text(L, "root", folder);
  set_text(L, "script", options->script ? options->script : "");
  set_text(L, "ip", options->page_ip ? options->page_ip : "127.0.0.1");
  netmcu_set_integer(L, "port", options->page_port);
}

typedef struct settings {
  const runner_options *options;
  uv_loop_t *loop;
} settings;

static int start_server(lua_State *L)
{
  const settings *s = lua_touserdata(L, 1);

  luaL_openlibs(L);
  netmcu_host *host = netmcu_host_create(L, s->loop, NULL);
  netmcu_modules_find_with(host, runner_find_module);
  netmcu_host_set_quiet(host, true);
  luaL_requiref(L, "net", luaopen_net, 0);
  luaL_requiref(L, "tmr", luaopen_tmr, 0);
  netmcu_require(L, "netmcu.page.server");
  lua_getfield(L, -1, "start");
  push_program(L, s->options);
  lua_pushvalue(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, PROGRAM);
  lua_call(L, 1, 1);
  runner_say("the page is %s", lua_tostring(L, -1));
  return 0;
}

bool runner_page_server_open(const runner_options *options, uv_loop_t *loop)
{
  settings s = {options, loop};

  server = luaL_newstate();
  if (server) {
    lua_pushcfunction(server, start_server);
    lua_pushlightuserdata(server, &s);
    if (lua_pcall(server, 1, 0, 0) == LUA_OK)
      return true;
  }
  runner_say("--page: %s", server ? lua_tostring(server, -1) : "out of memory");
  return false;
}

void runner_page_server_close(void)
{
  if (server)
    lua_close(server);
  server = NULL;
}

/* A question may be what starts a script: its function stays below on the stack. */
void runner_page_server_begin(void)
{
  int top = lua_gettop(server);

  lua_getfield(server, LUA_REGISTRYINDEX, PROGRAM);
  lua_getfield(server, -1, "begin");
  if (lua_pcall(server, 0, 0, 0) != LUA_OK)
    runner_say("--page: %s", lua_tostring(server, -1));
  lua_settop(server, top);
}
