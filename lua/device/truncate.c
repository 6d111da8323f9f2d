/* Prepares the arguments of functions of Lua 5.4 for scripts of the firmware. The module has this name
 * because most of them cut off a fraction: if a function expects an integer, Lua 5.1 does the same,
 * but Lua 5.4 raises "number has no integer representation".
 *
 *   truncate.install(globals, environment)  replaces the functions of the table below in both, and
 *                                           collectgarbage, require and the % of strings
 *   truncate.before(f, check)               returns a function that calls check(first argument),
 *                                           which may raise an error, and then f
 *
 * The original runs in the call frame of the new function, so that its messages name the script's
 * line and the function. This works for C functions without upvalues, and for those with one
 * (math.random): the new function has the same first upvalue.
 */
#include "device/device.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <lauxlib.h>

#define ORIGINAL lua_upvalueindex(2)
#define ARGUMENT lua_upvalueindex(3) /* what the new function knows besides: the first argument to cut, or a function */
#define LOWEST   (-1000)             /* the first position of table.insert: each one below 1 costs a step */

static void truncate_argument(lua_State *L, int index)
{
  int is_number;
  if (lua_isinteger(L, index))
    return;
  lua_Number value = lua_tonumberx(L, index, &is_number);
  if (is_number && fabs(value) < 0x1p63) {
    lua_pushinteger(L, (lua_Integer)value);
    lua_replace(L, index);
  }
}

static int call_function(lua_State *L, int index, int upvalues)
{
  if (lua_iscfunction(L, index) && lua_getupvalue(L, index, upvalues + 1) == NULL)
    return lua_tocfunction(L, index)(L);
  lua_pop(L, lua_iscfunction(L, index)); /* the upvalue */
  lua_pushvalue(L, index);
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

static int call_original(lua_State *L)
{
  return call_function(L, ORIGINAL, 1);
}

/* Leaves strings alone: the function may expect a string. */
static int truncate_all(lua_State *L)
{
  int first = (int)luaL_optinteger(L, ARGUMENT, 1);

  for (int i = lua_gettop(L); i >= first; i--)
    if (lua_type(L, i) == LUA_TNUMBER)
      truncate_argument(L, i);
  return call_original(L);
}

/* Gives a negative integer the value that its 32 bits have without a sign, as on the chip. */
static void remove_sign(lua_State *L, int index)
{
  lua_Integer value = lua_tointeger(L, index);

  if (value >= 0 || value < INT32_MIN)
    return;
  lua_pushinteger(L, value & UINT32_MAX);
  lua_replace(L, index);
}

static void prepare_argument(lua_State *L, int index, char conversion)
{
  truncate_argument(L, index);
  if (strchr("ouxX", conversion) != NULL)
    remove_sign(L, index);
}

/* Prepares the arguments of all conversions of a format. Returns whether one of the conversions is
 * %u. */
static bool truncate_conversions(lua_State *L, const char *format, size_t length)
{
  bool has_unsigned = false;
  int argument = 1;
  for (size_t i = 0; i < length; i++) {
    if (format[i] != '%')
      continue;
    i++;
    if (i < length && format[i] == '%')
      continue;
    while (i < length && format[i] != '\0' && strchr("-+ #0123456789.", format[i]) != NULL)
      i++;
    argument++;
    if (i < length && format[i] != '\0' && strchr("cdiouxX", format[i]) != NULL && argument <= lua_gettop(L)) {
      prepare_argument(L, argument, format[i]);
      has_unsigned = has_unsigned || format[i] == 'u';
    }
  }
  return has_unsigned;
}

static void replace_unsigned(lua_State *L, const char *format, size_t length)
{
  luaL_Buffer text;
  char *copy = luaL_buffinitsize(L, &text, length);
  memcpy(copy, format, length);
  for (size_t i = 0; i < length; i++) {
    if (copy[i] != '%')
      continue;
    i++;
    while (i < length && copy[i] != '\0' && strchr("-+ #0123456789.", copy[i]) != NULL)
      i++;
    if (i < length && copy[i] == 'u')
      copy[i] = 'd';
  }
  luaL_pushresultsize(&text, length);
  lua_replace(L, 1);
}

static int truncate_format(lua_State *L)
{
  if (lua_type(L, 1) == LUA_TSTRING) {
    size_t length;
    const char *format = lua_tolstring(L, 1, &length);
    if (truncate_conversions(L, format, length))
      replace_unsigned(L, format, length);
  }
  return call_original(L);
}

static bool is_refused(const char *percent, const char *end)
{
  return percent + 1 < end && percent[1] != '%' && (percent[1] < '0' || percent[1] > '9');
}

/* Pushes the text without the percent signs that 5.4 refuses. Returns whether there were any. */
static bool push_accepted(lua_State *L, const char *text, const char *end)
{
  luaL_Buffer accepted;
  bool refused = false;

  luaL_buffinit(L, &accepted);
  for (; text < end; text++) {
    if (*text == '%' && is_refused(text, end)) {
      refused = true;
      continue;
    }
    luaL_addchar(&accepted, *text);
    if (*text == '%' && text + 1 < end)
      luaL_addchar(&accepted, *++text);
  }
  luaL_pushresult(&accepted);
  return refused;
}

static int accept_replacement(lua_State *L)
{
  if (lua_type(L, 3) == LUA_TSTRING) {
    size_t length;
    const char *text = lua_tolstring(L, 3, &length);
    if (memchr(text, '%', length)) {
      if (push_accepted(L, text, text + length))
        lua_replace(L, 3);
      else
        lua_pop(L, 1);
    }
  }
  return call_original(L);
}

/* Returns whether the call has a table, a number as its second argument, and this number of
 * arguments. Cuts the fraction off the number. */
static bool has_position(lua_State *L, int count)
{
  if (lua_gettop(L) != count || !lua_istable(L, 1) || lua_type(L, 2) != LUA_TNUMBER)
    return false;
  truncate_argument(L, 2);
  return true;
}

static int insert_anywhere(lua_State *L)
{
  lua_Integer position = has_position(L, 3) ? lua_tointeger(L, 2) : 1;
  lua_Unsigned length = position == 1 ? 0 : (lua_Unsigned)luaL_len(L, 1); /* __len may return any integer */
  lua_Integer end = (lua_Integer)(length + 1);

  if (position <= LOWEST || (position >= 1 && position <= end))
    return call_original(L);
  for (lua_Integer i = end; i > position; i--) {
    lua_geti(L, 1, i - 1);
    lua_seti(L, 1, i);
  }
  lua_seti(L, 1, position);
  return 0;
}

static int remove_anywhere(lua_State *L)
{
  lua_Integer position = has_position(L, 2) ? lua_tointeger(L, 2) : 1;

  if (position < 1 || (position > 1 && position > luaL_len(L, 1)))
    return 0;
  return call_original(L);
}

static int return_first(lua_State *L)
{
  int count = call_original(L);
  if (count > 1)
    lua_pop(L, count - 1);
  return count > 0;
}

static int accept_memory_limit(lua_State *L)
{
  const char *option = lua_type(L, 1) == LUA_TSTRING ? lua_tostring(L, 1) : "";

  if (strcmp(option, "setmemlimit") != 0 && strcmp(option, "getmemlimit") != 0)
    return call_original(L);
  lua_pushinteger(L, 0); /* no limit */
  return 1;
}

/* Pushes the elements of the table at index 2 in its place. */
static void spread_table(lua_State *L)
{
  lua_Integer count = luaL_len(L, 2);

  if (count > INT_MAX - 8 || !lua_checkstack(L, (int)count))
    luaL_error(L, "too many values to format");
  for (lua_Integer i = 1; i <= count; i++)
    lua_geti(L, 2, i);
  lua_remove(L, 2);
}

/* The % of strings. Divides two numbers, or strings that are numbers, as plain Lua does. */
static int format_operands(lua_State *L)
{
  if (lua_type(L, 1) != LUA_TSTRING || (lua_isnumber(L, 1) && lua_isnumber(L, 2)))
    return call_function(L, ARGUMENT, 0);
  if (lua_type(L, 2) == LUA_TTABLE)
    spread_table(L);
  return truncate_format(L);
}

/* This is not a Lua function because a tail call of one would lose the script's line. */
static int call_before(lua_State *L)
{
  lua_pushvalue(L, ARGUMENT);
  if (lua_gettop(L) > 1)
    lua_pushvalue(L, 1);
  else
    lua_pushnil(L);
  lua_call(L, 1, 0);
  return call_original(L);
}

/* Replaces the function and the argument on top of the stack by a new function. */
static void wrap(lua_State *L, lua_CFunction wrapper)
{
  if (lua_getupvalue(L, -2, 1) == NULL)
    lua_pushnil(L);
  lua_insert(L, -3);
  lua_pushcclosure(L, wrapper, 3);
}

static int before(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 2);
  wrap(L, call_before);
  return 1;
}

typedef struct replaced {
  const char *library, *name;
  lua_CFunction wrapper;
  int first; /* argument to cut: the one before it may be a text that is a number */
} replaced;

static const replaced functions[] = {
    {"string", "format", truncate_format, 1}, {"string", "gsub", accept_replacement, 1},
    {"string", "char", truncate_all, 1},      {"string", "byte", truncate_all, 2},
    {"string", "rep", truncate_all, 2},       {"string", "sub", truncate_all, 2},
    {"string", "find", truncate_all, 3},      {"string", "match", truncate_all, 3},
    {"table", "unpack", truncate_all, 2},     {"table", "concat", truncate_all, 3},
    {"table", "insert", insert_anywhere, 1},  {"table", "remove", remove_anywhere, 1},
    {"math", "random", truncate_all, 1},      {"math", "randomseed", truncate_all, 1}};

/* Replaces a field of the table on top of the stack, and leaves the new function there. */
static void replace_field(lua_State *L, const char *name, lua_CFunction wrapper, int first)
{
  lua_getfield(L, -1, name);
  lua_pushinteger(L, first);
  wrap(L, wrapper);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, name);
}

/* netmcu's modules get the functions, too, because they pass on the script's arguments. */
static void replace_function(lua_State *L, const replaced *function)
{
  lua_getfield(L, 1, function->library);
  lua_getfield(L, 2, function->library);
  replace_field(L, function->name, function->wrapper, function->first);
  lua_setfield(L, -3, function->name);
  lua_settop(L, 2);
}

/* "%d items" % n formats a text, as in both versions of the firmware. */
static void replace_modulo(lua_State *L)
{
  lua_getfield(L, 2, "string");
  lua_getfield(L, -1, "format");
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_replace(L, -2);
  lua_insert(L, -2); /* the metatable, string.format */
  lua_getfield(L, -2, "__mod");
  wrap(L, format_operands);
  lua_setfield(L, -2, "__mod");
  lua_settop(L, 2);
}

static int install(lua_State *L)
{
  replace_modulo(L);
  for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
    replace_function(L, &functions[i]);
  lua_settop(L, 1);
  replace_field(L, "collectgarbage", accept_memory_limit, 1);
  lua_settop(L, 1);
  replace_field(L, "require", return_first, 1);
  return 0;
}

int luaopen_netmcu_truncate(lua_State *L)
{
  static const luaL_Reg module[] = {{"install", install}, {"before", before}, {NULL, NULL}};

  luaL_newlib(L, module);
  return 1;
}
