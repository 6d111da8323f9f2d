/* coroutine.resume and coroutine.wrap. They do what those of Lua do, and know which coroutine runs: a
 * signal can interrupt only a coroutine that it knows. */
#include "runner/runner.h"

/* Continues `co` with the topmost `count` values of L. Pushes its results and returns their number, or
 * pushes an error and returns -1. */
static int resume(lua_State *L, lua_State *co, int count)
{
  int results = 0;

  if (!lua_checkstack(co, count)) {
    lua_pushliteral(L, "too many arguments to resume");
    return -1;
  }
  lua_xmove(L, co, count);
  lua_State *before = runner_switch(co);
  int status = lua_resume(co, L, count, &results);
  runner_switch(before);
  if (status != LUA_OK && status != LUA_YIELD) {
    lua_xmove(co, L, 1);
    return -1;
  }
  if (!lua_checkstack(L, results + 1)) {
    lua_pop(co, results);
    lua_pushliteral(L, "too many results to resume");
    return -1;
  }
  lua_xmove(co, L, results);
  return results;
}

static int resume_coroutine(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TTHREAD);
  int results = resume(L, lua_tothread(L, 1), lua_gettop(L) - 1);
  lua_pushboolean(L, results >= 0);
  results = results < 0 ? 1 : results;
  lua_insert(L, -results - 1);
  return results + 1;
}

/* An error of the coroutine closes it, and gets the position of the caller. */
static int call_wrapped(lua_State *L)
{
  lua_State *co = lua_tothread(L, lua_upvalueindex(1));
  int results = resume(L, co, lua_gettop(L)), status = lua_status(co);

  if (results >= 0)
    return results;
  if (status != LUA_OK && status != LUA_YIELD) {
    status = lua_resetthread(co);
    lua_xmove(co, L, 1);
  }
  if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int wrap_function(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State *co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  lua_pushcclosure(L, call_wrapped, 1);
  return 1;
}

void runner_replace_coroutines(lua_State *L)
{
  static const luaL_Reg functions[] = {{"resume", resume_coroutine}, {"wrap", wrap_function}, {NULL, NULL}};

  lua_getglobal(L, "coroutine");
  luaL_setfuncs(L, functions, 0);
  lua_pop(L, 1);
}
