/* Values on their way from one Lua state to another, and the proxies that objects have there. See
 * bridge.h. */
#include "runner/bridge.h"

#include <stdlib.h>

/* Keys of the registry. */
static const char objects_key = 0; /* objects to their remotes, and remotes to their objects */
static const char proxies_key = 0; /* remotes to the proxies of this state; weak */
static const char holders_key = 0; /* proxies that are tables to what holds their remotes; weak */

static const char holder_name[] = "netmcu.remote", table_name[] = "netmcu.remote.table";

/* ---- remotes ----------------------------------------------------------------------------------- */

void runner_end_free(runner_end *end)
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
  runner_end_free(home);
}

static int release_holder(lua_State *L)
{
  remote **holder = lua_touserdata(L, 1);

  if (*holder)
    release(*holder);
  *holder = NULL;
  return 0;
}

remote *runner_remote_find(lua_State *L, int index)
{
  remote **holder = NULL;

  index = lua_absindex(L, index);
  switch (lua_type(L, index)) {
  case LUA_TUSERDATA: holder = luaL_testudata(L, index, holder_name); break;
  case LUA_TFUNCTION:
    if (lua_tocfunction(L, index) == runner_remote_call && lua_getupvalue(L, index, 1)) {
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

bool runner_wire_write(lua_State *L, int index, wire *w)
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
    w->as.remote = runner_remote_find(L, index);
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

void runner_wires_release(wire *wires, int count)
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
    lua_pushcclosure(L, runner_remote_call, 1);
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

void runner_wire_read(lua_State *L, const wire *w)
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

/* ---- beginning --------------------------------------------------------------------------------- */

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

static void new_class(lua_State *L, const char *name, const luaL_Reg *metamethods, lua_CFunction gc)
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

void runner_wires_open(lua_State *L, const luaL_Reg *metamethods)
{
  new_table(L, &objects_key, NULL);
  new_table(L, &proxies_key, "v");
  new_table(L, &holders_key, "k");
  new_class(L, holder_name, metamethods, release_holder);
  new_class(L, table_name, metamethods, NULL);
}
