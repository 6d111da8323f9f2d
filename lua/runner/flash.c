/* The flash of a simulated host: a folder of this machine that stays as it is, and in memory what the
 * host has written to it. Several hosts may have the same folder. The flash keeps its content when
 * the host restarts or crashes.
 *
 * In Lua it is an object with the methods of lua/device/folder.c. */
#include <stdlib.h>
#include <string.h>

#include "device/device.h"
#include "device/folder.h"
#include "runner/runner.h"

/* A file that the host has written or removed. It stays in the list, because open files refer to
 * it. */
typedef struct memory_file {
  struct memory_file *next;
  char *data;
  size_t size, capacity;
  bool is_removed;
  char name[];
} memory_file;

/* A folder of this machine, which all flashes with its path share. */
typedef struct shared_folder {
  struct shared_folder *next;
  unsigned users;
  netmcu_folder folder;
  char path[];
} shared_folder;

struct runner_flash {
  shared_folder *below;
  memory_file *files;
};

static shared_folder *folders;

/* ---- the folder below -------------------------------------------------------------------------- */

static shared_folder *open_shared(const char *path)
{
  shared_folder *folder = folders;

  while (folder && strcmp(folder->path, path) != 0)
    folder = folder->next;
  if (folder)
    return folder;
  folder = calloc(1, sizeof(*folder) + strlen(path) + 1);
  if (folder == NULL || !netmcu_folder_attach(&folder->folder, path)) {
    free(folder);
    return NULL;
  }
  strcpy(folder->path, path);
  folder->next = folders;
  folders = folder;
  return folder;
}

static void close_shared(shared_folder *folder)
{
  shared_folder **link = &folders;

  if (--folder->users > 0)
    return;
  while (*link != folder)
    link = &(*link)->next;
  *link = folder->next;
  netmcu_folder_detach(&folder->folder);
  free(folder);
}

runner_flash *runner_flash_new(const char *path)
{
  runner_flash *flash = calloc(1, sizeof(*flash));

  if (flash == NULL)
    return NULL;
  flash->below = open_shared(path);
  if (flash->below == NULL) {
    free(flash);
    return NULL;
  }
  flash->below->users++;
  return flash;
}

void runner_flash_free(runner_flash *flash)
{
  if (flash == NULL)
    return;
  while (flash->files) {
    memory_file *file = flash->files;
    flash->files = file->next;
    free(file->data);
    free(file);
  }
  close_shared(flash->below);
  free(flash);
}

/* ---- files in memory --------------------------------------------------------------------------- */

static memory_file *find_file(const runner_flash *flash, const char *name)
{
  memory_file *file = flash->files;

  while (file && strcmp(file->name, name) != 0)
    file = file->next;
  return file;
}

static bool resize(memory_file *file, size_t size)
{
  if (size > file->capacity) {
    size_t capacity = size > 2 * file->capacity ? size : 2 * file->capacity;
    char *data = realloc(file->data, capacity);
    if (data == NULL)
      return false;
    file->data = data;
    file->capacity = capacity;
  }
  if (size > file->size)
    memset(file->data + file->size, 0, size - file->size);
  file->size = size;
  return true;
}

static bool copy_below(const runner_flash *flash, memory_file *file)
{
  FILE *source = netmcu_folder_open(&flash->below->folder, file->name, "r");
  char part[4096];
  bool fits = true;

  if (source == NULL)
    return true;
  for (size_t got; fits && (got = fread(part, 1, sizeof(part), source)) > 0;) {
    fits = resize(file, file->size + got);
    if (fits)
      memcpy(file->data + file->size - got, part, got);
  }
  fclose(source);
  return fits;
}

/* Returns the file in memory, with the content of the one below. The file may not have existed. NULL
 * means that memory has run out. */
static memory_file *get_file(runner_flash *flash, const char *name)
{
  memory_file *file = find_file(flash, name);

  if (file)
    return file;
  file = calloc(1, sizeof(*file) + strlen(name) + 1);
  if (file == NULL)
    return NULL;
  strcpy(file->name, name);
  netmcu_folder_entry entry;
  file->is_removed = !netmcu_folder_stat(&flash->below->folder, name, &entry) || entry.is_directory;
  if (!file->is_removed && !copy_below(flash, file)) {
    free(file->data);
    free(file);
    return NULL;
  }
  file->next = flash->files;
  flash->files = file;
  return file;
}

/* Whether the name is that of a folder which exists because of a file in memory. */
static bool is_folder_of(const memory_file *file, const char *name)
{
  size_t length = strlen(name);

  return !file->is_removed && strncmp(file->name, name, length) == 0 && file->name[length] == '/';
}

static bool exists(const runner_flash *flash, const char *name, netmcu_folder_entry *entry)
{
  const memory_file *file = find_file(flash, name);

  *entry = (netmcu_folder_entry){.size = 0};
  if (file && !file->is_removed) {
    entry->size = (long long)file->size;
    return true;
  }
  for (const memory_file *other = flash->files; other; other = other->next)
    if (is_folder_of(other, name)) {
      entry->is_directory = true;
      return true;
    }
  if (file || !netmcu_folder_stat(&flash->below->folder, name, entry))
    return false;
  entry->is_readonly = false;
  return true;
}

/* ---- open files -------------------------------------------------------------------------------- */

#define FLASH     "netmcu.flash"
#define OPEN_FILE "netmcu.flash.file"

typedef struct open_file {
  memory_file *file; /* NULL: closed */
  size_t position;
  bool reads, writes, appends;
} open_file;

static open_file *check_open(lua_State *L)
{
  open_file *f = luaL_checkudata(L, 1, OPEN_FILE);

  if (f->file == NULL)
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
  size_t left = f->position < f->file->size ? f->file->size - f->position : 0;
  bool all = lua_type(L, 2) == LUA_TSTRING;
  lua_Integer count = all ? 0 : luaL_checkinteger(L, 2);
  size_t wanted = all || (lua_Unsigned)count > left ? left : (size_t)count;

  if (!f->reads || (!all && left == 0 && count > 0)) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushlstring(L, wanted > 0 ? f->file->data + f->position : "", wanted);
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
    f->position = f->file->size;
  if (f->position + size > f->file->size && !resize(f->file, f->position + size))
    return refuse(L, "out of memory");
  if (size > 0)
    memcpy(f->file->data + f->position, text, size);
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
  lua_Integer base = whence == 0 ? 0 : (lua_Integer)(whence == 1 ? f->position : f->file->size);
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
  check_open(L)->file = NULL;
  lua_pushboolean(L, 1);
  return 1;
}

/* ---- the object in Lua ------------------------------------------------------------------------- */

static runner_flash *check_flash(lua_State *L)
{
  return *(runner_flash **)luaL_checkudata(L, 1, FLASH);
}

static const char *check_name(lua_State *L, int index)
{
  size_t length;
  const char *name = luaL_checklstring(L, index, &length);

  return strlen(name) == length && length <= NETMCU_NAME_LIMIT ? name : "";
}

static int flash_open(lua_State *L)
{
  runner_flash *flash = check_flash(L);
  const char *name = check_name(L, 2), *mode = luaL_optstring(L, 3, "r");
  bool updates = strchr(mode, '+') != NULL, is_reading = *mode == 'r';
  netmcu_folder_entry entry;
  bool is_there = exists(flash, name, &entry);

  if (*name == '\0' || (is_reading ? !is_there || entry.is_directory : is_there && entry.is_directory))
    return refuse(L, "no such file");
  if (is_reading && !updates && find_file(flash, name) == NULL) /* it need not be copied */
    return netmcu_folder_push_file(L, &flash->below->folder, name, "r");
  open_file *f = lua_newuserdatauv(L, sizeof(*f), 0);
  *f = (open_file){.reads = is_reading || updates, .writes = !is_reading || updates, .appends = *mode == 'a'};
  luaL_setmetatable(L, OPEN_FILE);
  f->file = get_file(flash, name);
  if (f->file == NULL)
    return refuse(L, "out of memory");
  if (*mode == 'w' || f->file->is_removed)
    f->file->size = 0;
  f->file->is_removed = false;
  return 1;
}

static int flash_stat(lua_State *L)
{
  netmcu_folder_entry entry;

  if (!exists(check_flash(L), check_name(L, 2), &entry))
    return 0;
  lua_pushinteger(L, entry.size);
  lua_pushboolean(L, entry.is_directory);
  lua_pushboolean(L, 0);
  lua_pushinteger(L, 0); /* when it was changed is not part of the simulation */
  return 4;
}

static int flash_erase(lua_State *L)
{
  runner_flash *flash = check_flash(L);
  netmcu_folder_entry entry;
  memory_file *file = exists(flash, check_name(L, 2), &entry) ? get_file(flash, check_name(L, 2)) : NULL;

  if (file)
    file->is_removed = true;
  lua_pushboolean(L, file != NULL);
  return 1;
}

static int flash_move(lua_State *L)
{
  runner_flash *flash = check_flash(L);
  const char *from = check_name(L, 2), *to = check_name(L, 3);
  netmcu_folder_entry entry;
  bool is_possible = *to && !exists(flash, to, &entry) && exists(flash, from, &entry) && !entry.is_directory;
  memory_file *source = is_possible ? get_file(flash, from) : NULL;
  memory_file *target = source ? get_file(flash, to) : NULL;
  bool is_done = target && resize(target, source->size);

  if (is_done) {
    if (source->size > 0)
      memcpy(target->data, source->data, source->size);
    target->is_removed = false;
    source->is_removed = true;
  }
  lua_pushboolean(L, is_done);
  return 1;
}

static void add_name(const char *entry, void *data)
{
  lua_State *L = data; /* the table of names is on top */

  lua_pushboolean(L, 1);
  lua_setfield(L, -2, entry);
}

/* Adds or removes the name of a file, or adds that of the folder in which it is, below `inner`. */
static void note_file(lua_State *L, const memory_file *file, const char *inner)
{
  size_t skip = strlen(inner);

  if (strncmp(file->name, inner, skip) != 0)
    return;
  const char *rest = file->name + skip, *slash = strchr(rest, '/');
  if (slash && file->is_removed)
    return;
  lua_pushlstring(L, rest, slash ? (size_t)(slash - rest) : strlen(rest));
  if (file->is_removed)
    lua_pushnil(L);
  else
    lua_pushboolean(L, 1);
  lua_rawset(L, -3);
}

/* A folder may have been removed, and have a file again. */
static void note_files(lua_State *L, const runner_flash *flash, const char *inner, bool is_removed)
{
  for (const memory_file *file = flash->files; file; file = file->next)
    if (file->is_removed == is_removed)
      note_file(L, file, inner);
}

/* folder:entries(name). Their order has no meaning. */
static int flash_entries(lua_State *L)
{
  const runner_flash *flash = check_flash(L);
  const char *inner = check_name(L, 2);

  lua_settop(L, 2);
  lua_newtable(L);
  luaL_checkstack(L, 8, NULL);
  netmcu_folder_list(&flash->below->folder, inner, add_name, L);
  if (*inner && inner[strlen(inner) - 1] != '/')
    inner = lua_pushfstring(L, "%s/", inner);
  else
    lua_pushvalue(L, 2);
  lua_insert(L, 3);
  note_files(L, flash, inner, true);
  note_files(L, flash, inner, false);
  lua_newtable(L);
  lua_pushnil(L);
  for (lua_Integer i = 1; lua_next(L, 4); i++) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_rawseti(L, 5, i);
  }
  return 1;
}

static void new_class(lua_State *L)
{
  static const luaL_Reg methods[] = {{"open", flash_open},       {"stat", flash_stat}, {"erase", flash_erase},
                                     {"entries", flash_entries}, {"move", flash_move}, {NULL, NULL}};
  static const luaL_Reg of_files[] = {{"read", file_read},       {"write", file_write}, {"seek", file_seek},
                                      {"setvbuf", file_setvbuf}, {"close", file_close}, {NULL, NULL}};

  luaL_newmetatable(L, OPEN_FILE);
  luaL_newlib(L, of_files);
  lua_setfield(L, -2, "__index");
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
