/* Lua 5.1 cut a fraction off where a function wants an integer; Lua 5.4 raises "number has no integer
 * representation". The functions made here cut it off, then do what the original does:
 *
 *   truncate.arguments(f [, first])   all arguments that are numbers, or those from the first one on: string.char;
 *                           string.sub, whose text may be a number
 *   truncate.format(f)      those of string.format's integer conversions; knows %u too, which 5.4 dropped
 *   truncate.replacement(f) string.gsub: "%-" and the like in a replacement are the character itself, as in 5.1
 *   truncate.modulo(format, f)   f is the % of strings: "%d items" % n formats, as in both Lua versions of the firmware
 *   truncate.before(f, fn)       a function that calls fn(first argument) first; fn may raise
 *
 * The original runs inside the new function's own call frame, so its messages name the script's line and the
 * function as ever. That is sound for C functions without upvalues of their own, or with the first one alone,
 * which is carried over (math.random).
 */
#include "device/device.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <lauxlib.h>

#define ORIGINAL lua_upvalueindex(2)
#define FIRST    lua_upvalueindex(3)
#define MODULO   lua_upvalueindex(3)
#define BEFORE   lua_upvalueindex(3)

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

static int call_original(lua_State *L)
{
  return lua_tocfunction(L, ORIGINAL)(L);
}

/* Only fractions are touched: a string argument must stay one where the function takes strings. */
static int truncate_all(lua_State *L)
{
  int first = (int)lua_tointeger(L, FIRST);

  for (int i = lua_gettop(L); i >= first; i--)
    if (lua_type(L, i) == LUA_TNUMBER)
      truncate_argument(L, i);
  return call_original(L);
}

/* Goes through the conversions of a format; returns whether a %u was met. */
static bool truncate_conversions(lua_State *L, const char *format, size_t length)
{
  bool unsigned_met = false;
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
      truncate_argument(L, argument);
      unsigned_met = unsigned_met || format[i] == 'u';
    }
  }
  return unsigned_met;
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

/* The percent signs that 5.4 refuses are left out; false where there is none. */
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

/* Two numbers, or strings that are numbers, are divided, as in plain Lua. */
static int format_operands(lua_State *L)
{
  if (lua_type(L, 1) != LUA_TSTRING || (lua_isnumber(L, 1) && lua_isnumber(L, 2)))
    return lua_tocfunction(L, MODULO)(L);
  if (lua_type(L, 2) == LUA_TTABLE)
    spread_table(L);
  return truncate_format(L);
}

static int wrap(lua_State *L, lua_CFunction wrapper)
{
  luaL_argcheck(L, lua_iscfunction(L, 1), 1, "a C function expected");
  lua_Integer first = luaL_optinteger(L, 2, 1);
  if (lua_getupvalue(L, 1, 1) == NULL)
    lua_pushnil(L);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, first);
  lua_pushcclosure(L, wrapper, 3);
  return 1;
}

static int wrap_arguments(lua_State *L)
{
  return wrap(L, truncate_all);
}

static int wrap_format(lua_State *L)
{
  return wrap(L, truncate_format);
}

static int wrap_replacement(lua_State *L)
{
  return wrap(L, accept_replacement);
}

static int wrap_modulo(lua_State *L)
{
  luaL_argcheck(L, lua_iscfunction(L, 1), 1, "a C function expected");
  luaL_argcheck(L, lua_iscfunction(L, 2), 2, "a C function expected");
  lua_pushnil(L);
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 2);
  lua_pushcclosure(L, format_operands, 3);
  return 1;
}

/* Needs no frame in Lua: a function of Lua that is called last would lose the line that calls it. */
static int call_before(lua_State *L)
{
  lua_pushvalue(L, BEFORE);
  if (lua_gettop(L) > 1)
    lua_pushvalue(L, 1);
  else
    lua_pushnil(L);
  lua_call(L, 1, 0);
  if (lua_iscfunction(L, ORIGINAL) && lua_isnil(L, lua_upvalueindex(1)))
    return call_original(L);
  lua_pushvalue(L, ORIGINAL);
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

static int wrap_before(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TFUNCTION);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  if (lua_getupvalue(L, 1, 1) == NULL)
    lua_pushnil(L);
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 2);
  lua_pushcclosure(L, call_before, 3);
  return 1;
}

int luaopen_netmcu_truncate(lua_State *L)
{
  static const luaL_Reg functions[] = {
      {"arguments", wrap_arguments}, {"format", wrap_format}, {"replacement", wrap_replacement},
      {"modulo", wrap_modulo},       {"before", wrap_before}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
