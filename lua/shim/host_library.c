/* The module netmcu.host, which has what a desktop has and a device does not: running the loop,
 * options, standard input. */
#include <stdio.h>

#include "shim/host_private.h"

static int call_posted(lua_State *L)
{
  netmcu_pending_push(L, lua_touserdata(L, 1));
  lua_call(L, 0, 0);
  return 0;
}

static void run_posted(void *data)
{
  netmcu_enter(netmcu_pending_host(data), call_posted, data, "a task", NULL);
}

/* post(fn): calls fn() in the next turn of the loop, before the events of the network. */
static int host_post(lua_State *L)
{
  netmcu_host *host = netmcu_host_check(L);

  luaL_checktype(L, 1, LUA_TFUNCTION);
  netmcu_pending *p = netmcu_pending_new(L, host, 1);
  int error = netmcu_post(host->ctx, run_posted, p);
  if (error) {
    netmcu_pending_free(L, p);
    return netmcu_raise(L, host, error);
  }
  return 0;
}

static void visit(const char *description, void *data)
{
  lua_State *L = data;

  lua_pushstring(L, description);
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

/* walk(): a list of all that is open, with a line for each. */
static int host_walk(lua_State *L)
{
  netmcu_host *host = netmcu_host_check(L);

  lua_newtable(L);
  netmcu_walk(host->ctx, visit, L);
  return 1;
}

/* now(): the µs since the state's start. */
static int host_now(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)netmcu_host_look_at_time(netmcu_host_of(L)));
  return 1;
}

/* write(text): writes to standard output at once. */
static int host_write(lua_State *L)
{
  size_t size;
  const char *text = luaL_checklstring(L, 1, &size);
  netmcu_host *host = netmcu_host_of(L);

  if (host->program->output) {
    host->program->output(host->program_data, text, size);
    return 0;
  }
  fwrite(text, 1, size, stdout);
  fflush(stdout);
  return 0;
}

/* note(text): prints a line to standard error. */
static int host_note(lua_State *L)
{
  netmcu_host_note(netmcu_host_of(L), luaL_checkstring(L, 1));
  return 0;
}

/* remark(text): prints a line that is not a divergence, once per run and unless warnings are off. */
static int host_remark(lua_State *L)
{
  netmcu_host_remark(netmcu_host_check(L), luaL_checkstring(L, 1));
  return 0;
}

/* onerror(fn | nil): calls fn(message) for an uncaught error, before the error ends the run. */
static int host_onerror(lua_State *L)
{
  if (!lua_isnoneornil(L, 1))
    luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lua_setiuservalue(L, lua_upvalueindex(1), HOST_ONERROR);
  return 0;
}

/* random(): 64 random bits. */
static int host_random(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)netmcu_host_random(netmcu_host_of(L)));
  return 1;
}

/* clock(): the µs since 1970. */
static int host_clock(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)netmcu_host_clock(netmcu_host_of(L)));
  return 1;
}

/* delayed(): the µs that all delays of the script were to take. */
static int host_delayed(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)netmcu_host_of(L)->delayed);
  return 1;
}

static const luaL_Reg functions[] = {{"post", host_post},
                                     {"random", host_random},
                                     {"clock", host_clock},
                                     {"options", netmcu_host_options},
                                     {"walk", host_walk},
                                     {"now", host_now},
                                     {"delayed", host_delayed},
                                     {"write", host_write},
                                     {"note", host_note},
                                     {"warn", netmcu_host_warn},
                                     {"remark", host_remark},
                                     {"onerror", host_onerror},
                                     {"stdin", netmcu_host_stdin},
                                     {"traceback", netmcu_host_traceback},
                                     {NULL, NULL}};

int luaopen_netmcu_host(lua_State *L)
{
  netmcu_host_new_library(L, functions);
  netmcu_host_add_functions(L, netmcu_run_functions);
  netmcu_host_add_functions(L, netmcu_edge_functions);
  lua_pushstring(L, netmcu_version());
  lua_setfield(L, -2, "version");
  netmcu_host_push(L);
  lua_getiuservalue(L, -1, HOST_ENVIRONMENT);
  lua_setfield(L, -3, "environment");
  lua_pop(L, 1);
  return 1;
}
