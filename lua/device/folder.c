/* The folder that stands for the flash of the device, as a Lua object. folder.lua adds the methods
 * that are made of these.
 *
 *   netmcu.folder.open(path)           returns a folder, or nil and a message if it cannot be opened
 *   netmcu.folder.methods              the table of all methods
 *   folder:open(name, mode)            returns a file of Lua's io library, or nil and a message
 *   folder:stat(name)                  returns the size, whether it is a directory, whether it is read-only, and when it
 *                                      was changed, in seconds since 1970; or nothing
 *   folder:entries(name)               returns a list of the names in an inner folder, or in the folder itself ("")
 *   folder:total(used)                 returns how many bytes fit if so many are in use
 *   folder:erase(name)                 removes anything but a folder with something in it
 *   folder:move(from, to)              renames a file; fails if the new name exists
 *
 * The last two return whether it was done.
 */
#include "device/folder.h"
#include "device/device.h"

#include <string.h>

#include <lauxlib.h>
#include <lualib.h>

#define FOLDER "netmcu.folder"

/* Returns "" for a string that cannot be a name. */
static const char *check_name(lua_State *L, int index)
{
  size_t length;
  const char *name = luaL_checklstring(L, index, &length);
  return strlen(name) == length && length <= NETMCU_NAME_LIMIT ? name : "";
}

static int close_stream(lua_State *L)
{
  luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  return luaL_fileresult(L, fclose(stream->f) == 0, NULL);
}

int netmcu_folder_push_file(lua_State *L, const netmcu_folder *folder, const char *name, const char *mode)
{
  luaL_Stream *stream = lua_newuserdata(L, sizeof *stream);
  stream->closef = NULL;
  luaL_setmetatable(L, LUA_FILEHANDLE);
  stream->f = netmcu_folder_open(folder, name, mode);
  if (stream->f == NULL)
    return luaL_fileresult(L, 0, name);
  stream->closef = close_stream;
  return 1;
}

static int folder_open(lua_State *L)
{
  const netmcu_folder *folder = luaL_checkudata(L, 1, FOLDER);
  const char *name = check_name(L, 2);
  const char *mode = luaL_optstring(L, 3, "r");
  luaL_argcheck(L, mode[0] != '\0' && strchr("rwa", mode[0]) != NULL, 3, "invalid mode");
  return netmcu_folder_push_file(L, folder, name, mode);
}

static int folder_stat(lua_State *L)
{
  const netmcu_folder *folder = luaL_checkudata(L, 1, FOLDER);
  netmcu_folder_entry entry;
  if (!netmcu_folder_stat(folder, check_name(L, 2), &entry))
    return 0;
  lua_pushinteger(L, entry.size);
  lua_pushboolean(L, entry.is_directory);
  lua_pushboolean(L, entry.is_readonly);
  lua_pushinteger(L, entry.changed);
  return 4;
}

static int folder_erase(lua_State *L)
{
  const netmcu_folder *folder = luaL_checkudata(L, 1, FOLDER);
  lua_pushboolean(L, netmcu_folder_erase(folder, check_name(L, 2)));
  return 1;
}

static int folder_move(lua_State *L)
{
  const netmcu_folder *folder = luaL_checkudata(L, 1, FOLDER);
  const char *from = check_name(L, 2), *to = check_name(L, 3);
  lua_pushboolean(L, netmcu_folder_move(folder, from, to));
  return 1;
}

static int append_name(lua_State *L)
{
  lua_pushstring(L, lua_touserdata(L, 2));
  lua_rawseti(L, 1, (lua_Integer)lua_rawlen(L, 1) + 1);
  return 0;
}

/* A directory is open meanwhile, so no error of Lua may leave this function. */
static void add_entry(const char *entry, void *data)
{
  lua_State *L = data;
  lua_pushcfunction(L, append_name);
  lua_pushvalue(L, -2);
  lua_pushlightuserdata(L, (void *)(uintptr_t)entry);
  if (lua_pcall(L, 2, 0, 0) != LUA_OK)
    lua_pop(L, 1);
}

void netmcu_folder_push_entries(lua_State *L, const netmcu_folder *folder, const char *name)
{
  luaL_checkstack(L, 8, NULL);
  lua_newtable(L);
  netmcu_folder_list(folder, name, add_entry, L);
}

static int folder_entries(lua_State *L)
{
  netmcu_folder_push_entries(L, luaL_checkudata(L, 1, FOLDER), luaL_checkstring(L, 2));
  return 1;
}

static int folder_total(lua_State *L)
{
  lua_pushinteger(L, netmcu_folder_total(luaL_checkinteger(L, 2)));
  return 1;
}

static int folder_close(lua_State *L)
{
  netmcu_folder_detach(luaL_checkudata(L, 1, FOLDER));
  return 0;
}

static int open_folder(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  netmcu_folder *folder = lua_newuserdata(L, sizeof *folder);
  if (!netmcu_folder_attach(folder, path))
    return luaL_fileresult(L, 0, path);
  luaL_setmetatable(L, FOLDER);
  return 1;
}

int luaopen_netmcu_folder(lua_State *L)
{
  static const luaL_Reg methods[] = {{"open", folder_open}, {"stat", folder_stat},       {"erase", folder_erase},
                                     {"move", folder_move}, {"entries", folder_entries}, {"total", folder_total},
                                     {NULL, NULL}};
  lua_newtable(L);
  lua_pushcfunction(L, open_folder);
  lua_setfield(L, -2, "open");
  luaL_newlib(L, methods);
  luaL_newmetatable(L, FOLDER);
  lua_pushcfunction(L, folder_close);
  lua_setfield(L, -2, "__gc");
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  lua_setfield(L, -2, "methods");
  return 1;
}
