/* Calls between the Lua states of a simulation, and what a proxy does. See bridge.h. */
#include "runner/bridge.h"

#include <stdlib.h>

/* ---- calls ------------------------------------------------------------------------------------- */

typedef struct call {
  lua_CFunction body; /* runs in the other state */
  wire *arguments, *results;
  int argument_count, result_count;
} call;

/* Leaves the results on the stack, so that their strings stay. */
static int run_body(lua_State *L)
{
  call *c = lua_touserdata(L, 1);

  lua_settop(L, 0);
  luaL_checkstack(L, c->argument_count + 4, "too many arguments");
  lua_pushcfunction(L, c->body);
  for (int i = 0; i < c->argument_count; i++)
    runner_wire_read(L, &c->arguments[i]);
  lua_call(L, c->argument_count, LUA_MULTRET);
  int count = lua_gettop(L);
  luaL_checkstack(L, 8, "too many results");
  c->results = lua_newuserdatauv(L, sizeof(wire) * (size_t)(count + 1), 0);
  for (; c->result_count < count; c->result_count++)
    if (!runner_wire_write(L, c->result_count + 1, &c->results[c->result_count]))
      return lua_error(L);
  return count + 1;
}

static int read_results(lua_State *L)
{
  const call *c = lua_touserdata(L, 1);

  luaL_checkstack(L, c->result_count, "too many results");
  for (int i = 0; i < c->result_count; i++)
    runner_wire_read(L, &c->results[i]);
  return c->result_count;
}

/* Pushes the error that is on top of the other state's stack, as a text. */
static int read_error(lua_State *L)
{
  lua_State *other = lua_touserdata(L, 1);
  const char *text = lua_type(other, -1) == LUA_TSTRING ? lua_tostring(other, -1) : NULL;

  if (text)
    lua_pushstring(L, text);
  else
    lua_pushfstring(L, "(error object is a %s value)", luaL_typename(other, -1));
  return lua_error(L);
}

/* Runs the call in `other`, and pushes its results, or an error. Returns whether it succeeded. */
static bool run_call(lua_State *L, lua_State *other, call *c)
{
  int top = lua_gettop(other);

  lua_pushcfunction(other, run_body);
  lua_pushlightuserdata(other, c);
  bool is_done = lua_pcall(other, 1, LUA_MULTRET, 0) == LUA_OK;
  lua_pushcfunction(L, is_done ? read_results : read_error);
  lua_pushlightuserdata(L, is_done ? (void *)c : other);
  is_done = lua_pcall(L, 1, LUA_MULTRET, 0) == LUA_OK;
  runner_wires_release(c->results, c->result_count);
  lua_settop(other, top);
  return is_done;
}

static void enter(runner_end *own, lua_State *L, runner_end *home)
{
  own->calling = L;
  own->busy++;
  home->busy++;
}

static void leave(runner_end *own, lua_State *calling, runner_end *home)
{
  home->busy--;
  own->busy--;
  own->calling = calling;
}

/* Calls body in the state of `home`, with all values of the stack as arguments; returns its results. */
static int call_in(lua_State *L, runner_end *home, lua_CFunction body)
{
  runner_end *own = runner_of(L)->bridge;
  call c = {.body = body, .argument_count = lua_gettop(L)};
  int top = c.argument_count + 1;

  if (own == NULL)
    return luaL_error(L, "the state is being closed");
  if (home->main == NULL)
    return luaL_error(L, "this belongs to a script of '%s' that has ended", home->name);
  lua_State *other = home->calling ? home->calling : home->main, *calling = own->calling;
  luaL_checkstack(L, 8, NULL);
  if (!lua_checkstack(other, 8))
    return luaL_error(L, "out of memory");
  c.arguments = lua_newuserdatauv(L, sizeof(wire) * (size_t)top, 0);
  for (int i = 1; i < top; i++)
    if (!runner_wire_write(L, i, &c.arguments[i - 1])) {
      runner_wires_release(c.arguments, i - 1);
      return lua_error(L);
    }
  enter(own, L, home);
  bool is_done = run_call(L, other, &c);
  leave(own, calling, home);
  runner_wires_release(c.arguments, c.argument_count);
  return is_done ? lua_gettop(L) - top : lua_error(L);
}

/* ---- what a proxy does ------------------------------------------------------------------------- */

static int body_call(lua_State *L)
{
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

static int body_index(lua_State *L)
{
  lua_gettable(L, 1);
  return 1;
}

static int body_newindex(lua_State *L)
{
  lua_settable(L, 1);
  return 0;
}

static int body_len(lua_State *L)
{
  lua_len(L, 1);
  return 1;
}

static int body_tostring(lua_State *L)
{
  luaL_tolstring(L, 1, NULL);
  return 1;
}

/* As the script's pairs(t), which may have another order than lua_next. */
static int body_pairs(lua_State *L)
{
  netmcu_require(L, "netmcu.host");
  lua_getfield(L, -1, "environment");
  lua_getfield(L, -1, "pairs");
  lua_pushvalue(L, 1);
  lua_call(L, 1, 3);
  return 3;
}

static int with_remote(lua_State *L, lua_CFunction body)
{
  remote *r = runner_remote_find(L, 1);

  return r ? call_in(L, r->home, body) : luaL_argerror(L, 1, "not an object of another host");
}

int runner_remote_call(lua_State *L)
{
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  return with_remote(L, body_call);
}

static int remote_call(lua_State *L)
{
  return with_remote(L, body_call);
}

static int remote_index(lua_State *L)
{
  return with_remote(L, body_index);
}

static int remote_newindex(lua_State *L)
{
  return with_remote(L, body_newindex);
}

static int remote_len(lua_State *L)
{
  return with_remote(L, body_len);
}

static int remote_tostring(lua_State *L)
{
  return with_remote(L, body_tostring);
}

static int remote_pairs(lua_State *L)
{
  return with_remote(L, body_pairs);
}

static const luaL_Reg metamethods[] = {{"__call", remote_call},
                                       {"__index", remote_index},
                                       {"__newindex", remote_newindex},
                                       {"__len", remote_len},
                                       {"__tostring", remote_tostring},
                                       {"__pairs", remote_pairs},
                                       {NULL, NULL}};

/* ---- beginning and end ------------------------------------------------------------------------- */

void runner_bridge_open(runner *r, const char *name)
{
  lua_State *L = r->L;

  r->bridge = calloc(1, sizeof(*r->bridge));
  if (r->bridge == NULL) {
    luaL_error(L, "out of memory");
    return;
  }
  r->bridge->main = L;
  r->bridge->name = name;
  runner_wires_open(L, metamethods);
}

void runner_bridge_close(runner *r)
{
  if (r->bridge == NULL)
    return;
  r->bridge->main = NULL;
  runner_end_free(r->bridge);
  r->bridge = NULL;
}

bool runner_bridge_is_busy(const runner *r)
{
  return r->bridge && r->bridge->busy > 0;
}

static int body_globals(lua_State *L)
{
  lua_pushglobaltable(L);
  return 1;
}

static int call_globals(lua_State *L)
{
  runner_end *home = lua_touserdata(L, 1);

  lua_settop(L, 0);
  return call_in(L, home, body_globals);
}

static int open_protected(lua_State *L)
{
  runner *r = runner_of(L);

  runner_bridge_open(r, netmcu_sim_host_name(r->place));
  return 0;
}

/* Most states are never looked into, and need no end of the bridge. */
static void open_other(lua_State *L, runner *other)
{
  lua_pushcfunction(other->L, open_protected);
  if (lua_pcall(other->L, 0, 0, 0) == LUA_OK)
    return;
  lua_pop(other->L, 1);
  runner_bridge_close(other);
  luaL_error(L, "out of memory");
}

void runner_bridge_push_globals(lua_State *L, runner *other)
{
  if (other->bridge == NULL)
    open_other(L, other);
  lua_pushcfunction(L, call_globals);
  lua_pushlightuserdata(L, other->bridge);
  lua_call(L, 1, 1);
}
