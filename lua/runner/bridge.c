/* Values and calls between the Lua states of a simulation.
 *
 * Numbers, strings and booleans are copied. Any other object stays in its state, and another state
 * has a proxy for it: a table for a table, a function for a function, a userdata for the rest. An
 * operation on the proxy happens in the state of the object. A proxy that returns to this state
 * becomes the object again.
 *
 * An error of Lua must not leave a state for the other one. So a value travels in two steps: the
 * sender writes a `wire`, inside a protected call of its own, and the receiver reads it, in another
 * one. A string in a wire is kept by the sender's stack meanwhile. */
#include <stdlib.h>

#include "runner/runner.h"

/* The end of the bridge in a state. It outlives the state while there are proxies. */
struct runner_end {
  lua_State *main;    /* NULL once the state is closed */
  lua_State *calling; /* the thread that calls another state now, or NULL */
  const char *name;
  unsigned remotes, busy;
};

/* An object that other states know. */
typedef struct remote {
  runner_end *home;
  int type;       /* of the object */
  unsigned count; /* proxies, and wires on their way */
} remote;

typedef struct wire {
  int type; /* of Lua; that of the object for a remote */
  bool is_integer;
  union {
    lua_Number number;
    lua_Integer integer;
    bool boolean;
    void *pointer;
    struct {
      const char *bytes;
      size_t size;
    } text;
    remote *remote;
  } as;
} wire;

/* Keys of the registry. */
static const char objects_key = 0; /* objects to their remotes, and remotes to their objects */
static const char proxies_key = 0; /* remotes to the proxies of this state; weak */
static const char holders_key = 0; /* proxies that are tables to what holds their remotes; weak */

static const char holder_name[] = "netmcu.remote", table_name[] = "netmcu.remote.table";

/* ---- remotes ----------------------------------------------------------------------------------- */

static void free_end(runner_end *end)
{
  if (end->main == NULL && end->remotes == 0)
    free(end);
}

/* The state of the object forgets it. Raises no error: nothing new gets into the table. */
static void forget_object(lua_State *L, remote *r)
{
  int top = lua_gettop(L);

  lua_rawgetp(L, LUA_REGISTRYINDEX, &objects_key);
  if (lua_rawgetp(L, -1, r) != LUA_TNIL) {
    lua_pushnil(L);
    lua_rawset(L, -3);
    lua_pushnil(L);
    lua_rawsetp(L, -2, r);
  }
  lua_settop(L, top);
}

static void release(remote *r)
{
  runner_end *home = r->home;

  if (--r->count > 0)
    return;
  if (home->main && lua_checkstack(home->main, 4))
    forget_object(home->main, r);
  home->remotes--;
  free(r);
  free_end(home);
}

static int release_holder(lua_State *L)
{
  remote **holder = lua_touserdata(L, 1);

  if (*holder)
    release(*holder);
  *holder = NULL;
  return 0;
}

static int call_remote(lua_State *L);

/* Returns the remote that the value at the index is a proxy for, or NULL if it is no proxy. */
static remote *find_remote(lua_State *L, int index)
{
  remote **holder = NULL;

  index = lua_absindex(L, index);
  switch (lua_type(L, index)) {
  case LUA_TUSERDATA: holder = luaL_testudata(L, index, holder_name); break;
  case LUA_TFUNCTION:
    if (lua_tocfunction(L, index) == call_remote && lua_getupvalue(L, index, 1)) {
      holder = lua_touserdata(L, -1);
      lua_pop(L, 1);
    }
    break;
  case LUA_TTABLE:
    lua_rawgetp(L, LUA_REGISTRYINDEX, &holders_key);
    lua_pushvalue(L, index);
    lua_rawget(L, -2);
    holder = lua_touserdata(L, -1);
    lua_pop(L, 2);
    break;
  default: break;
  }
  return holder ? *holder : NULL;
}

/* add_object(object, its remote or NULL) */
static int add_object(lua_State *L)
{
  if (lua_touserdata(L, 2) == NULL)
    return luaL_error(L, "out of memory");
  lua_rawgetp(L, LUA_REGISTRYINDEX, &objects_key);
  lua_pushvalue(L, 1);
  lua_rawsetp(L, 3, lua_touserdata(L, 2));
  lua_insert(L, 1);
  lua_rawset(L, 1);
  return 0;
}

/* Returns a new remote of an object of this state, or pushes an error and returns NULL. */
static remote *new_remote(lua_State *L, int index)
{
  remote *r = calloc(1, sizeof(*r));

  if (r)
    *r = (remote){runner_of(L)->bridge, lua_type(L, index), 0};
  lua_pushcfunction(L, add_object);
  lua_pushvalue(L, index);
  lua_pushlightuserdata(L, r);
  if (lua_pcall(L, 2, 0, 0) != LUA_OK || r == NULL) { /* without one, the call fails, too */
    forget_object(L, r);
    free(r);
    return NULL;
  }
  r->home->remotes++;
  return r;
}

/* Returns the remote of an object of this state, or pushes an error and returns NULL. */
static remote *export_object(lua_State *L, int index)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, &objects_key);
  lua_pushvalue(L, index);
  lua_rawget(L, -2);
  remote *r = lua_touserdata(L, -1);
  lua_pop(L, 2);
  return r ? r : new_remote(L, index);
}

/* ---- wires ------------------------------------------------------------------------------------- */

/* The index is not relative to the top. Pushes an error and returns false if memory runs out. */
static bool write_wire(lua_State *L, int index, wire *w)
{
  w->type = lua_type(L, index);
  switch (w->type) {
  case LUA_TNIL: break;
  case LUA_TBOOLEAN: w->as.boolean = lua_toboolean(L, index) != 0; break;
  case LUA_TLIGHTUSERDATA: w->as.pointer = lua_touserdata(L, index); break;
  case LUA_TSTRING: w->as.text.bytes = lua_tolstring(L, index, &w->as.text.size); break;
  case LUA_TNUMBER:
    w->is_integer = lua_isinteger(L, index) != 0;
    if (w->is_integer)
      w->as.integer = lua_tointeger(L, index);
    else
      w->as.number = lua_tonumber(L, index);
    break;
  default:
    w->as.remote = find_remote(L, index);
    if (w->as.remote == NULL)
      w->as.remote = export_object(L, index);
    if (w->as.remote == NULL)
      return false;
    w->as.remote->count++;
  }
  return true;
}

static bool is_remote(const wire *w)
{
  return w->type >= LUA_TTABLE; /* the other types have smaller numbers */
}

static void release_wires(wire *wires, int count)
{
  for (int i = 0; i < count; i++)
    if (is_remote(&wires[i]))
      release(wires[i].as.remote);
}

/* Pushes what keeps a remote alive. */
static void push_holder(lua_State *L, remote *r)
{
  remote **holder = lua_newuserdatauv(L, sizeof(*holder), 0);

  *holder = NULL;
  luaL_setmetatable(L, holder_name);
  *holder = r;
  r->count++;
}

static void push_new_proxy(lua_State *L, remote *r)
{
  push_holder(L, r);
  if (r->type == LUA_TFUNCTION) {
    lua_pushcclosure(L, call_remote, 1);
  } else if (r->type == LUA_TTABLE) {
    lua_newtable(L);
    luaL_setmetatable(L, table_name);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &holders_key);
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -4);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    lua_remove(L, -2);
  }
}

static void push_remote(lua_State *L, remote *r)
{
  bool is_home = r->home == runner_of(L)->bridge;

  lua_rawgetp(L, LUA_REGISTRYINDEX, is_home ? &objects_key : &proxies_key);
  if (lua_rawgetp(L, -1, r) == LUA_TNIL) {
    lua_pop(L, 1);
    push_new_proxy(L, r);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, -3, r);
  }
  lua_remove(L, -2);
}

static void read_wire(lua_State *L, const wire *w)
{
  switch (w->type) {
  case LUA_TNIL: lua_pushnil(L); break;
  case LUA_TBOOLEAN: lua_pushboolean(L, w->as.boolean); break;
  case LUA_TLIGHTUSERDATA: lua_pushlightuserdata(L, w->as.pointer); break;
  case LUA_TSTRING: lua_pushlstring(L, w->as.text.bytes, w->as.text.size); break;
  case LUA_TNUMBER:
    if (w->is_integer)
      lua_pushinteger(L, w->as.integer);
    else
      lua_pushnumber(L, w->as.number);
    break;
  default: push_remote(L, w->as.remote);
  }
}

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
    read_wire(L, &c->arguments[i]);
  lua_call(L, c->argument_count, LUA_MULTRET);
  int count = lua_gettop(L);
  luaL_checkstack(L, 8, "too many results");
  c->results = lua_newuserdatauv(L, sizeof(wire) * (size_t)(count + 1), 0);
  for (; c->result_count < count; c->result_count++)
    if (!write_wire(L, c->result_count + 1, &c->results[c->result_count]))
      return lua_error(L);
  return count + 1;
}

static int read_results(lua_State *L)
{
  const call *c = lua_touserdata(L, 1);

  luaL_checkstack(L, c->result_count, "too many results");
  for (int i = 0; i < c->result_count; i++)
    read_wire(L, &c->results[i]);
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
  release_wires(c->results, c->result_count);
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
    if (!write_wire(L, i, &c.arguments[i - 1])) {
      release_wires(c.arguments, i - 1);
      return lua_error(L);
    }
  enter(own, L, home);
  bool is_done = run_call(L, other, &c);
  leave(own, calling, home);
  release_wires(c.arguments, c.argument_count);
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
  remote *r = find_remote(L, 1);

  return r ? call_in(L, r->home, body) : luaL_argerror(L, 1, "not an object of another host");
}

static int call_remote(lua_State *L)
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
  lua_settop(L, 1);
  return with_remote(L, body_len);
}

static int remote_tostring(lua_State *L)
{
  lua_settop(L, 1);
  return with_remote(L, body_tostring);
}

static int remote_pairs(lua_State *L)
{
  lua_settop(L, 1);
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

static void new_table(lua_State *L, const char *key, const char *mode)
{
  lua_newtable(L);
  if (mode) {
    lua_createtable(L, 0, 1);
    lua_pushstring(L, mode);
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
  }
  lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

static void new_class(lua_State *L, const char *name, lua_CFunction gc)
{
  luaL_newmetatable(L, name);
  luaL_setfuncs(L, metamethods, 0);
  lua_pushliteral(L, "object of another host");
  lua_setfield(L, -2, "__metatable");
  if (gc) {
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_pop(L, 1);
}

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
  new_table(L, &objects_key, NULL);
  new_table(L, &proxies_key, "v");
  new_table(L, &holders_key, "k");
  new_class(L, holder_name, release_holder);
  new_class(L, table_name, NULL);
}

void runner_bridge_close(runner *r)
{
  if (r->bridge == NULL)
    return;
  r->bridge->main = NULL;
  free_end(r->bridge);
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
