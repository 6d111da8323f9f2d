/* The decoder of the module sjson, by json-c. The encoder is sjson_encode.lua.
 *
 *   json.decoder(depth [, options])       options.null: the value of a null; nulls are dropped if it is nil.
 *                                         Without options a null is json.null.
 *                                         options.metatable: the metatable of every table that is made
 *     decoder:write(s)                    returns true and the value once it is complete, and false before that.
 *                                         Raises if s is not JSON, and on every later call.
 *   json.null                             a light userdata
 *
 * A tree of json-c always belongs to a userdata, so that it is freed even if a Lua call in between
 * raises.
 */
#include "device/device.h"

#include <lauxlib.h>

#ifdef HAVE_JSON_C

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <json-c/json_object.h>
#include <json-c/json_object_iterator.h>
#include <json-c/json_tokener.h>

#define DECODER "netmcu.json.decoder"

struct decoder {
  struct json_tokener *tokener; /* NULL after an error */
  struct json_object *tree;
  bool complete;
};

/* --- decoding: pushes the value of a tree onto the stack --- */

struct decoding {
  lua_State *L;
  int null; /* stack indices of the options; the values are nil if the options do not set them */
  int metatable;
  int checkpath;
  int path; /* stack index of the keys that lead from the root to the current table */
  int level;
};

static void decode_value(struct decoding *decoding, struct json_object *tree);

static void decode_number(lua_State *L, struct json_object *tree)
{
  int64_t value = json_object_get_int64(tree);
  if (json_object_is_type(tree, json_type_double) || value == INT64_MAX)
    lua_pushnumber(L, json_object_get_double(tree));
  else
    lua_pushinteger(L, value);
}

/* Pushes a new table and returns true. If checkpath rejects the table, pushes nil and returns
 * false. */
static bool begin_table(struct decoding *decoding)
{
  lua_State *L = decoding->L;
  luaL_checkstack(L, 8, "JSON too deep");
  lua_newtable(L);
  if (lua_isnil(L, decoding->metatable))
    return true;
  lua_pushvalue(L, decoding->metatable);
  lua_setmetatable(L, -2);
  if (lua_isnil(L, decoding->checkpath))
    return true;

  lua_pushvalue(L, decoding->checkpath);
  lua_pushvalue(L, -2);
  lua_createtable(L, decoding->level, 0);
  for (int i = 1; i <= decoding->level; i++) {
    lua_rawgeti(L, decoding->path, i);
    lua_rawseti(L, -2, i);
  }
  lua_call(L, 2, 1);
  bool wanted = lua_toboolean(L, -1);
  lua_pop(L, 1);
  if (!wanted) {
    lua_pop(L, 1);
    lua_pushnil(L);
  }
  return wanted;
}

/* Stores the value of the tree in the table below the top of the stack, under the key on top. */
static void decode_element(struct decoding *decoding, struct json_object *tree)
{
  lua_State *L = decoding->L;
  lua_pushvalue(L, -1);
  lua_rawseti(L, decoding->path, ++decoding->level);
  decode_value(decoding, tree);
  decoding->level--;
  if (lua_isnil(L, -1))
    lua_pop(L, 2);
  else
    lua_settable(L, -3);
}

static void decode_array(struct decoding *decoding, struct json_object *tree)
{
  size_t length = json_object_array_length(tree);
  for (size_t i = 0; i < length; i++) {
    lua_pushinteger(decoding->L, (lua_Integer)i + 1);
    decode_element(decoding, json_object_array_get_idx(tree, i));
  }
}

static void decode_object(struct decoding *decoding, struct json_object *tree)
{
  struct json_object_iterator at = json_object_iter_begin(tree);
  struct json_object_iterator end = json_object_iter_end(tree);
  for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
    lua_pushstring(decoding->L, json_object_iter_peek_name(&at));
    decode_element(decoding, json_object_iter_peek_value(&at));
  }
}

static void decode_value(struct decoding *decoding, struct json_object *tree)
{
  lua_State *L = decoding->L;
  switch (json_object_get_type(tree)) {
  case json_type_null: lua_pushvalue(L, decoding->null); break;
  case json_type_boolean: lua_pushboolean(L, json_object_get_boolean(tree)); break;
  case json_type_int:
  case json_type_double: decode_number(L, tree); break;
  case json_type_string:
    lua_pushlstring(L, json_object_get_string(tree), (size_t)json_object_get_string_len(tree));
    break;
  case json_type_array:
    if (begin_table(decoding))
      decode_array(decoding, tree);
    break;
  case json_type_object:
    if (begin_table(decoding))
      decode_object(decoding, tree);
    break;
  }
}

/* Pushes the value of a complete tree. The decoder has its options as its user value. */
static void push_value(lua_State *L, struct json_object *tree)
{
  int top = lua_gettop(L);
  struct decoding decoding = {L, top + 2, top + 3, top + 4, top + 5, 0};
  lua_getiuservalue(L, 1, 1);
  lua_getfield(L, top + 1, "null");
  lua_getfield(L, top + 1, "metatable");
  if (lua_istable(L, -1))
    lua_getfield(L, -1, "checkpath");
  else
    lua_pushnil(L);
  lua_newtable(L);
  decode_value(&decoding, tree);
}

/* Raises an error with the position of the script, which is two levels up: sjson.lua is in
 * between. */
static int decoder_fail(lua_State *L, struct decoder *decoder, const char *reason)
{
  if (decoder->tokener != NULL)
    json_tokener_free(decoder->tokener);
  decoder->tokener = NULL;
  luaL_where(L, 2);
  lua_pushfstring(L, "JSON parse error: %s", reason);
  lua_concat(L, 2);
  return lua_error(L);
}

/* Feeds the text to the decoder. Returns whether the value is complete. As on the device, text
 * behind the value is ignored: it may be the rest of a message that contains the value. */
static bool feed(lua_State *L, struct decoder *decoder, const char *text, size_t length)
{
  if (decoder->complete)
    return true;
  decoder->tree = json_tokener_parse_ex(decoder->tokener, text, (int)length);
  enum json_tokener_error error = json_tokener_get_error(decoder->tokener);
  if (error != json_tokener_success && error != json_tokener_continue)
    decoder_fail(L, decoder, json_tokener_error_desc(error));
  decoder->complete = error == json_tokener_success;
  return decoder->complete;
}

static int decoder_write(lua_State *L)
{
  struct decoder *decoder = luaL_checkudata(L, 1, DECODER);
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  luaL_argcheck(L, length <= INT_MAX, 2, "too long");
  if (decoder->tokener == NULL)
    return decoder_fail(L, decoder, "previous call");
  bool complete = length == 0 ? decoder->complete : feed(L, decoder, text, length);
  lua_pushboolean(L, complete);
  if (!complete)
    return 1;
  push_value(L, decoder->tree);
  lua_pushboolean(L, true);
  lua_insert(L, -2);
  return 2;
}

static int decoder_free(lua_State *L)
{
  struct decoder *decoder = luaL_checkudata(L, 1, DECODER);
  if (decoder->tokener != NULL)
    json_tokener_free(decoder->tokener);
  json_object_put(decoder->tree);
  decoder->tokener = NULL;
  decoder->tree = NULL;
  return 0;
}

static int json_decoder(lua_State *L)
{
  int depth = (int)luaL_checkinteger(L, 1);
  if (!lua_istable(L, 2)) {
    lua_settop(L, 1);
    lua_newtable(L);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, 2, "null");
  }
  struct decoder *decoder = lua_newuserdatauv(L, sizeof *decoder, 1);
  memset(decoder, 0, sizeof *decoder);
  luaL_setmetatable(L, DECODER);
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, -2, 1);
  decoder->tokener = json_tokener_new_ex(depth);
  if (decoder->tokener == NULL)
    return luaL_error(L, "not enough memory");
  json_tokener_set_flags(decoder->tokener, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
  return 1;
}

int luaopen_netmcu_json(lua_State *L)
{
  static const luaL_Reg methods[] = {{"write", decoder_write}, {"__gc", decoder_free}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"decoder", json_decoder}, {NULL, NULL}};
  luaL_newmetatable(L, DECODER);
  luaL_setfuncs(L, methods, 0);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  luaL_newlib(L, functions);
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  return 1;
}

#else

int luaopen_netmcu_json(lua_State *L)
{
  lua_newtable(L);
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  lua_pushliteral(L, "this netmcu was built without json-c; install libjson-c-dev (Debian, Ubuntu), json-c-devel "
                     "(Fedora), json-c-dev (Alpine) or json-c (macOS) and build it again");
  lua_setfield(L, -2, "missing");
  return 1;
}

#endif
