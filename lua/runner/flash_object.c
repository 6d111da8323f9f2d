/* The flash of a simulated host in Lua: an object with the methods of lua/device/folder.c. */
#include <string.h>

#include "device/device.h"
#include "runner/flash.h"

#define FLASH     "netmcu.flash"
#define OPEN_FILE "netmcu.flash.file"

typedef struct open_file {
  runner_flash *flash;
  flash_content *content; /* NULL: closed */
  size_t position;
  bool reads, writes, appends;
} open_file;

static open_file *check_open(lua_State *L)
{
  open_file *f = luaL_checkudata(L, 1, OPEN_FILE);

  if (f->content == NULL)
    luaL_error(L, "attempt to use a closed file");
  return f;
}

static int refuse(lua_State *L, const char *why)
{
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

/* file:read(count | "a") */
static int file_read(lua_State *L)
{
  open_file *f = check_open(L);
  size_t left = f->position < f->content->size ? f->content->size - f->position : 0;
  bool all = lua_type(L, 2) == LUA_TSTRING;
  lua_Integer count = all ? 0 : luaL_checkinteger(L, 2);
  size_t wanted = all || (lua_Unsigned)count > left ? left : (size_t)count;

  if (!f->reads || (!all && left == 0 && count > 0)) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushlstring(L, wanted > 0 ? f->content->data + f->position : "", wanted);
  f->position += wanted;
  return 1;
}

static int file_write(lua_State *L)
{
  open_file *f = check_open(L);
  size_t size;
  const char *text = luaL_checklstring(L, 2, &size);

  if (!f->writes)
    return refuse(L, "not open for writing");
  if (f->appends)
    f->position = f->content->size;
  if (f->position + size > f->content->size && !flash_resize(f->flash, f->content, f->position + size))
    return refuse(L, "the flash is full");
  if (size > 0)
    memcpy(f->content->data + f->position, text, size);
  f->position += size;
  lua_settop(L, 1);
  return 1;
}

/* file:seek(whence, offset) */
static int file_seek(lua_State *L)
{
  static const char *const names[] = {"set", "cur", "end", NULL};
  open_file *f = check_open(L);
  int whence = luaL_checkoption(L, 2, "cur", names);
  lua_Integer base = whence == 0 ? 0 : (lua_Integer)(whence == 1 ? f->position : f->content->size);
  lua_Integer position = base + luaL_optinteger(L, 3, 0);

  if (position < 0)
    return refuse(L, "invalid position");
  f->position = (size_t)position;
  lua_pushinteger(L, position);
  return 1;
}

static int file_setvbuf(lua_State *L)
{
  check_open(L);
  return 0;
}

static int file_close(lua_State *L)
{
  open_file *f = check_open(L);

  flash_release(f->flash, f->content);
  f->content = NULL;
  lua_pushboolean(L, 1);
  return 1;
}

static int file_gc(lua_State *L)
{
  open_file *f = lua_touserdata(L, 1);

  flash_release(f->flash, f->content);
  f->content = NULL;
  return 0;
}

/* ---- the object in Lua ------------------------------------------------------------------------- */

static runner_flash *check_flash(lua_State *L)
{
  return *(runner_flash **)luaL_checkudata(L, 1, FLASH);
}

/* As for a folder, "a//./b" is "a/b", and a name with ".." is that of no file. */
static bool make_plain(const char *name, char *plain)
{
  char *end = plain;

  while (*(name += strspn(name, "/"))) {
    size_t length = strcspn(name, "/");
    if (length == 2 && memcmp(name, "..", 2) == 0)
      return false;
    if (length != 1 || *name != '.') {
      if (end > plain)
        *end++ = '/';
      memcpy(end, name, length);
      end += length;
    }
    name += length;
  }
  *end = '\0';
  return true;
}

/* Returns "" for a string that cannot be a name. */
static const char *flash_check_name(lua_State *L, int index)
{
  size_t length;
  const char *name = luaL_checklstring(L, index, &length);
  char plain[NETMCU_NAME_LIMIT + 1];
  bool is_name = strlen(name) == length && length <= NETMCU_NAME_LIMIT && make_plain(name, plain);

  lua_pushstring(L, is_name ? plain : "");
  lua_replace(L, index);
  return lua_tostring(L, index);
}

static int open_in_memory(lua_State *L, runner_flash *flash, const char *name, const char *mode)
{
  bool updates = strchr(mode, '+') != NULL;
  open_file *f = lua_newuserdatauv(L, sizeof(*f), 0);

  *f = (open_file){
      .flash = flash, .reads = *mode == 'r' || updates, .writes = *mode != 'r' || updates, .appends = *mode == 'a'};
  luaL_setmetatable(L, OPEN_FILE);
  f->content = flash_open(flash, name, *mode == 'w');
  return f->content ? 1 : refuse(L, "out of memory");
}

static int object_open(lua_State *L)
{
  runner_flash *flash = check_flash(L);
  const char *name = flash_check_name(L, 2), *mode = luaL_optstring(L, 3, "r");
  netmcu_folder_entry entry;
  bool is_there = flash_stat(flash, name, &entry);

  if (!flash_takes(flash, name) || (*mode == 'r' && !is_there))
    return refuse(L, "no such file");
  if (*mode == 'r' && !strchr(mode, '+') && !flash_has(flash, name)) /* it need not be copied */
    return netmcu_folder_push_file(L, flash_below(flash), name, "r");
  return open_in_memory(L, flash, name, mode);
}

static int object_stat(lua_State *L)
{
  netmcu_folder_entry entry;

  if (!flash_stat(check_flash(L), flash_check_name(L, 2), &entry))
    return 0;
  lua_pushinteger(L, entry.size);
  lua_pushboolean(L, entry.is_directory);
  lua_pushboolean(L, 0);
  lua_pushinteger(L, 0); /* when it was changed is not part of the simulation */
  return 4;
}

static int object_erase(lua_State *L)
{
  runner_flash *flash = check_flash(L);
  const char *name = flash_check_name(L, 2);
  netmcu_folder_entry entry;

  lua_pushboolean(L, flash_stat(flash, name, &entry) && flash_remove(flash, name));
  return 1;
}

static int object_move(lua_State *L)
{
  runner_flash *flash = check_flash(L);
  const char *from = flash_check_name(L, 2), *to = flash_check_name(L, 3);
  netmcu_folder_entry entry;
  bool is_possible = flash_takes(flash, to) && !flash_stat(flash, to, &entry) && flash_stat(flash, from, &entry) &&
                     !entry.is_directory;

  lua_pushboolean(L, is_possible && flash_rename(flash, from, to));
  return 1;
}

/* total(): how many bytes fit. It does not depend on what is in use, as a folder's does. */
static int object_total(lua_State *L)
{
  lua_pushinteger(L, flash_total(check_flash(L)));
  return 1;
}

/* The table of names is on top of the stack. */
typedef struct listing {
  lua_State *L;
  const char *inner; /* the name of the folder, and "/" */
  bool is_removed;   /* the files that are looked for */
} listing;

/* Adds or removes the name of a file, or adds that of the folder in which it is. */
static void note_file(const char *name, bool is_removed, void *data)
{
  const listing *l = data;
  size_t skip = strlen(l->inner);

  if (is_removed != l->is_removed || strncmp(name, l->inner, skip) != 0)
    return;
  const char *rest = name + skip, *slash = strchr(rest, '/');
  if (slash && is_removed)
    return;
  lua_pushlstring(l->L, rest, slash ? (size_t)(slash - rest) : strlen(rest));
  if (is_removed)
    lua_pushnil(l->L);
  else
    lua_pushboolean(l->L, 1);
  lua_rawset(l->L, -3);
}

/* Replaces the table on top by one from its values to true, or by a list of its keys. */
static void turn(lua_State *L, bool to_list)
{
  lua_newtable(L);
  lua_pushnil(L);
  for (lua_Integer i = 1; lua_next(L, -3); i++) {
    lua_pushvalue(L, to_list ? -2 : -1);
    if (to_list) {
      lua_rawseti(L, -4, i);
    } else {
      lua_pushboolean(L, 1);
      lua_rawset(L, -5);
    }
    lua_pop(L, 1);
  }
  lua_remove(L, -2);
}

/* folder:entries(name). Their order has no meaning. A folder may have been removed, and have a file
 * again. */
static int object_entries(lua_State *L)
{
  const runner_flash *flash = check_flash(L);
  const char *name = flash_check_name(L, 2);
  listing l = {L, *name ? lua_pushfstring(L, "%s/", name) : name, true};

  netmcu_folder_push_entries(L, flash_below(flash), name);
  turn(L, false);
  flash_visit(flash, note_file, &l);
  l.is_removed = false;
  flash_visit(flash, note_file, &l);
  turn(L, true);
  return 1;
}

static void new_class(lua_State *L)
{
  static const luaL_Reg methods[] = {{"open", object_open}, {"stat", object_stat},       {"erase", object_erase},
                                     {"move", object_move}, {"entries", object_entries}, {"total", object_total},
                                     {NULL, NULL}};
  static const luaL_Reg of_files[] = {{"read", file_read},       {"write", file_write}, {"seek", file_seek},
                                      {"setvbuf", file_setvbuf}, {"close", file_close}, {NULL, NULL}};

  luaL_newmetatable(L, OPEN_FILE);
  luaL_newlib(L, of_files);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, file_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newlib(L, methods);
  lua_createtable(L, 0, 1); /* the other methods are those of each folder, from folder.lua */
  netmcu_require(L, "netmcu.device.folder");
  netmcu_require(L, "netmcu.folder");
  lua_getfield(L, -1, "methods");
  lua_setfield(L, -4, "__index");
  lua_pop(L, 2);
  lua_setmetatable(L, -2);
  lua_setfield(L, -2, "__index");
}

/* open_folder(path): the flash, in place of the folder. */
static int open_flash(lua_State *L)
{
  runner_flash **flash = lua_newuserdatauv(L, sizeof(runner_flash *), 0);

  *flash = lua_touserdata(L, lua_upvalueindex(1));
  if (luaL_newmetatable(L, FLASH))
    new_class(L);
  lua_setmetatable(L, -2);
  return 1;
}

void runner_flash_push_opener(lua_State *L, runner_flash *flash)
{
  lua_pushlightuserdata(L, flash);
  lua_pushcclosure(L, open_flash, 1);
}
