/* json.encode: turns a Lua value into a tree of json-c, and the tree into text. The value that is being encoded is on top
 * of the stack. */
#include "device/device.h"

#include <lauxlib.h>

#ifdef HAVE_JSON_C

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json_object.h>

#define TREE "netmcu.json.tree"

struct encoding {
  lua_State *L;
  int depth; /* levels still allowed */
  int null;  /* stack index of the string that means null */
};

static struct json_object *encode_scalar(struct encoding *encoding);
static void encode_table(struct encoding *encoding, struct json_object *tree);

/* Raises an error with the position of the script, which is two levels up: sjson.lua is in between. */
static void fail(lua_State *L, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  luaL_where(L, 2);
  lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  lua_concat(L, 2);
  lua_error(L);
}

/* A function stands for the value that it returns. As on the device, this goes ten functions deep. */
static void call_functions(lua_State *L)
{
  for (int i = 0; i < 10 && lua_isfunction(L, -1); i++)
    lua_call(L, 0, 1);
}

/* Returns the highest key of the table on top of the stack, or -1 if it has a key that an array cannot have. */
static lua_Integer array_size(lua_State *L)
{
  lua_Integer size = 0;
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pop(L, 1);
    lua_Integer key = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
    if (key < 1 || key > INT_MAX) {
      lua_pop(L, 1);
      return -1;
    }
    size = key > size ? key : size;
  }
  return size;
}

static struct json_object *new_container(lua_State *L)
{
  return array_size(L) >= 0 ? json_object_new_array() : json_object_new_object();
}

static void encode_array(struct encoding *encoding, struct json_object *array, lua_Integer size)
{
  lua_State *L = encoding->L;
  for (lua_Integer i = 1; i <= size; i++) {
    lua_geti(L, -1, i);
    call_functions(L);
    /* A table is added before it is filled, so that the tree owns it if an error is raised inside. */
    struct json_object *value = lua_istable(L, -1) ? new_container(L) : encode_scalar(encoding);
    json_object_array_add(array, value);
    if (lua_istable(L, -1))
      encode_table(encoding, value);
    lua_pop(L, 1);
  }
}

static void encode_object(struct encoding *encoding, struct json_object *object)
{
  lua_State *L = encoding->L;
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pushvalue(L, -2);
    if (lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER)
      fail(L, "Cannot encode type %d", lua_type(L, -1));
    const char *key = lua_tostring(L, -1);
    lua_insert(L, -2);
    call_functions(L);
    struct json_object *value = lua_istable(L, -1) ? new_container(L) : encode_scalar(encoding);
    json_object_object_add(object, key, value);
    if (lua_istable(L, -1))
      encode_table(encoding, value);
    lua_pop(L, 2);
  }
}

/* Writes the shortest text that reads back as the same number. 15 digits suffice for every number that a person would
 * write, and 17 for all others; a subnormal number may need fewer. */
static void write_number(double value, char *text, size_t size)
{
  int digits = fabs(value) < DBL_MIN ? 1 : 15;
  do
    snprintf(text, size, "%.*g", digits, value);
  while (strtod(text, NULL) != value && digits++ < 17);
  char *comma = strchr(text, ',');
  if (comma != NULL) /* the script has set a locale */
    *comma = '.';
}

/* JSON has neither infinities nor NaN. They become null. */
static struct json_object *encode_number(lua_State *L)
{
  lua_Number value = lua_tonumber(L, -1);
  char text[64];
  if (lua_isinteger(L, -1))
    return json_object_new_int64(lua_tointeger(L, -1));
  if (!isfinite(value))
    return NULL;
  if (value == floor(value) && fabs(value) < 1e15)
    return json_object_new_int64((int64_t)value);
  write_number(value, text, sizeof text);
  return json_object_new_double_s(value, text);
}

static struct json_object *encode_string(struct encoding *encoding)
{
  size_t length;
  const char *text = lua_tolstring(encoding->L, -1, &length);
  if (lua_rawequal(encoding->L, -1, encoding->null))
    return NULL;
  if (length > INT_MAX)
    fail(encoding->L, "string too long");
  return json_object_new_string_len(text, (int)length);
}

static void encode_table(struct encoding *encoding, struct json_object *tree)
{
  if (encoding->depth-- == 0)
    fail(encoding->L, "encoder stack overflow");
  luaL_checkstack(encoding->L, 6, "table too deep");
  if (json_object_is_type(tree, json_type_array))
    encode_array(encoding, tree, array_size(encoding->L));
  else
    encode_object(encoding, tree);
  encoding->depth++;
}

/* Returns a tree for the value on top of the stack, which is not a table. NULL is json-c's null. */
static struct json_object *encode_scalar(struct encoding *encoding)
{
  lua_State *L = encoding->L;
  switch (lua_type(L, -1)) {
  case LUA_TBOOLEAN: return json_object_new_boolean(lua_toboolean(L, -1));
  case LUA_TNUMBER: return encode_number(L);
  case LUA_TSTRING: return encode_string(encoding);
  case LUA_TNIL:
  case LUA_TLIGHTUSERDATA: return NULL;
  default: fail(L, "Cannot encode type %d", lua_type(L, -1)); return NULL;
  }
}

static int tree_free(lua_State *L)
{
  struct json_object **tree = luaL_checkudata(L, 1, TREE);
  json_object_put(*tree);
  *tree = NULL;
  return 0;
}

int netmcu_json_encode(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  struct encoding encoding = {L, (int)luaL_checkinteger(L, 2), 3};
  lua_settop(L, 3);
  struct json_object **tree = lua_newuserdata(L, sizeof *tree);
  *tree = NULL;
  if (luaL_newmetatable(L, TREE)) {
    lua_pushcfunction(L, tree_free);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  lua_pushvalue(L, 1);
  *tree = new_container(L);
  encode_table(&encoding, *tree);

  size_t length;
  const char *text =
      json_object_to_json_string_length(*tree, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
  if (text == NULL)
    return luaL_error(L, "not enough memory");
  lua_pushlstring(L, text, length);
  return 1;
}

#endif
