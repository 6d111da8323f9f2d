/* The module netmcu.device.argument: checks of arguments, with the messages of the firmware's C
 * functions. It is in C because almost every call of a script passes through it: Lua functions
 * exist once for each simulated device, C functions once for all of them.
 *
 * The position in a message is in the script: that of the first function up the stack that does not
 * belong to a module. A check may be any number of calls below the function that the script called.
 * There is no position if that function was called through pcall.
 */
#include "device/device.h"

#include <math.h>
#include <string.h>

#include "shim/shim.h"

/* Returns the level of the script, seen from the running C function. */
static int script_level(lua_State *L)
{
  lua_Debug ar;
  int level = 1;

  while (lua_getstack(L, level, &ar) && lua_getinfo(L, "S", &ar) && strncmp(ar.source, "=netmcu.", 8) == 0)
    level++;
  return level;
}

/* Raises the error that is on top of the stack. */
static int raise_top(lua_State *L)
{
  luaL_where(L, script_level(L));
  lua_insert(L, -2);
  lua_concat(L, 2);
  return lua_error(L);
}

/* raise(text): raises an error as luaL_error does. */
static int raise(lua_State *L)
{
  lua_settop(L, 1);
  return raise_top(L);
}

/* warn(id, text): reports a divergence from the device at the script's line. */
static int warn(lua_State *L)
{
  lua_settop(L, 2);
  netmcu_require(L, "netmcu.host");
  lua_getfield(L, -1, "warn");
  lua_replace(L, -2);
  lua_insert(L, 1);
  lua_pushinteger(L, script_level(L) + 1);
  lua_call(L, 3, 0);
  return 0;
}

static int fail_with(lua_State *L, int position, const char *caller, const char *problem)
{
  lua_pushfstring(L, "bad argument #%d to '%s' (%s)", position, caller, problem);
  return raise_top(L);
}

/* Fails for a value at index 1, its position at index 2 and the name of the function at index 3. */
static int fail_with_type(lua_State *L, const char *expected)
{
  const char *got = lua_isnil(L, 1) ? "no value" : luaL_typename(L, 1);

  return fail_with(L, (int)lua_tointeger(L, 2), luaL_checkstring(L, 3),
                   lua_pushfstring(L, "%s expected, got %s", expected, got));
}

/* fail(position, caller, problem): raises an error as luaL_argerror does. */
static int fail(lua_State *L)
{
  return fail_with(L, (int)luaL_checkinteger(L, 1), luaL_checkstring(L, 2), luaL_checkstring(L, 3));
}

/* check(condition, position, caller, problem) */
static int check(lua_State *L)
{
  if (lua_toboolean(L, 1))
    return 0;
  lua_remove(L, 1);
  return fail(L);
}

/* fail_type(value, position, caller, expected) */
static int fail_type(lua_State *L)
{
  return fail_with_type(L, luaL_checkstring(L, 4));
}

/* typed(value, position, caller, expected): returns the value, which must be of the named type. */
static int typed(lua_State *L)
{
  const char *expected = luaL_checkstring(L, 4);

  if (strcmp(luaL_typename(L, 1), expected) != 0)
    return fail_with_type(L, expected);
  lua_settop(L, 1);
  return 1;
}

/* object(value, class, caller): returns the value, which must be an object of this class. */
static int object(lua_State *L)
{
  if (lua_getmetatable(L, 1) && lua_rawequal(L, -1, 2)) {
    lua_settop(L, 1);
    return 1;
  }
  lua_settop(L, 3);
  lua_getfield(L, 2, "__name");
  lua_pushinteger(L, 1);
  lua_replace(L, 2);
  return fail_with_type(L, lua_tostring(L, -1));
}

static bool has_text(lua_State *L, int index)
{
  return lua_type(L, index) == LUA_TSTRING || lua_type(L, index) == LUA_TNUMBER;
}

/* is_text(value): whether it is a string, or a number, which functions of C take as one. */
static int is_text(lua_State *L)
{
  lua_pushboolean(L, has_text(L, 1));
  return 1;
}

/* text(value, position, caller): returns the text of a string or a number. */
static int text(lua_State *L)
{
  if (!has_text(L, 1))
    return fail_with_type(L, "string");
  lua_tostring(L, 1);
  lua_settop(L, 1);
  return 1;
}

/* number(value, position, caller): returns a number, or the number that a string contains. */
static int number(lua_State *L)
{
  if (!lua_isnumber(L, 1))
    return fail_with_type(L, "number");
  if (lua_type(L, 1) == LUA_TNUMBER)
    lua_settop(L, 1);
  else
    lua_stringtonumber(L, lua_tostring(L, 1));
  return 1;
}

/* Replaces the number at index 1 by an integer: it cuts a fraction off. A number that does not fit
 * becomes one that is outside of every range. */
static int return_integer(lua_State *L)
{
  int is_exact;
  lua_Integer value = lua_tointegerx(L, 1, &is_exact);

  if (!is_exact) {
    lua_Number whole = trunc(lua_tonumber(L, 1));
    value = whole >= (lua_Number)LUA_MININTEGER && whole < -(lua_Number)LUA_MININTEGER ? (lua_Integer)whole
                                                                                       : LUA_MININTEGER;
  }
  lua_pushinteger(L, value);
  return 1;
}

/* integer(value, position, caller): returns the integer of a number, or of a string that is one. */
static int integer(lua_State *L)
{
  return lua_isnumber(L, 1) ? return_integer(L) : fail_with_type(L, "number");
}

/* optional_integer(value, default): does what integer does for a number, and returns the default
 * for anything else. */
static int optional_integer(lua_State *L)
{
  lua_settop(L, 2);
  return lua_isnumber(L, 1) ? return_integer(L) : 1;
}

/* signed(integer): returns the lower 32 bits, as a signed number. */
static int to_signed(lua_State *L)
{
  lua_pushinteger(L, (int32_t)(uint32_t)luaL_checkinteger(L, 1));
  return 1;
}

/* library(name): returns a part of netmcu in C whose library may be absent from the build. */
static int library(lua_State *L)
{
  netmcu_require(L, luaL_checkstring(L, 1));
  if (lua_getfield(L, -1, "missing") != LUA_TNIL)
    return raise_top(L);
  lua_pop(L, 1);
  return 1;
}

int luaopen_netmcu_argument(lua_State *L)
{
  static const luaL_Reg functions[] = {
      {"raise", raise},         {"warn", warn},       {"fail", fail},
      {"check", check},         {"typed", typed},     {"object", object},
      {"fail_type", fail_type}, {"is_text", is_text}, {"text", text},
      {"number", number},       {"integer", integer}, {"optional_integer", optional_integer},
      {"signed", to_signed},    {"library", library}, {NULL, NULL}};

  luaL_newlib(L, functions);
  return 1;
}
