/* A folder of this machine that stands for the flash of the device, as a Lua object.
 *
 * No name leads out of the folder. A name is walked one component at a time from the open
 * directory, and symbolic links are never followed. Neither "..", nor a link, nor a directory that
 * is swapped for a link between two calls leads out. Links, pipes, sockets, names with a NUL byte,
 * and names that are too long for the system cannot exist on the device. Here they count as absent
 * files.
 *
 *   folder = netmcu.folder(path)            returns nil and a message if the folder cannot be opened
 *   folder:open(name, mode)                 returns a file of Lua's io library, or nil and a message
 *   folder:list()                           returns a table from the name of every file to its size; the names of files in
 *                                           sub-folders contain "/"
 *   folder:stat(name)                       returns the size, whether it is a directory, whether it is read-only, and
 *                                           when it was changed, in seconds since 1970; or nothing
 *   folder:remove(name), folder:rename(from, to)    return whether it was done
 *   folder:clear()                          removes every file and folder inside
 */
#define _GNU_SOURCE
#include "device/device.h"

#ifndef _WIN32 /* folder_windows.c */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lualib.h>

#define FOLDER     "netmcu.folder"
#define NAME_LIMIT 1024 /* bytes of a whole name */
#define DEPTH      32   /* nested sub-folders that list() walks, recursively */

#ifndef O_CLOEXEC
#define O_CLOEXEC 0
#endif

struct folder {
  int directory; /* -1 if closed */
};

/* The directory that contains a file, and the file's own name in this directory. */
struct place {
  int directory; /* the place owns it; -1 if there is no such place */
  char leaf[NAME_MAX + 1];
};

static const int directory_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/* Copies the component of a name that begins at *rest, and moves *rest behind it. Returns false at
 * the end of the name. A component that cannot exist in the folder is copied as an empty one, at
 * which the walk fails. */
static bool next_component(const char **rest, char *component)
{
  do {
    *rest += strspn(*rest, "/");
    size_t length = strcspn(*rest, "/");
    if (length == 0)
      return false;
    bool usable = length <= NAME_MAX && !(length == 2 && memcmp(*rest, "..", 2) == 0);
    memcpy(component, *rest, usable ? length : 0);
    component[usable ? length : 0] = '\0';
    *rest += length;
  } while (strcmp(component, ".") == 0);
  return true;
}

static int enter_directory(int directory, const char *component, bool create)
{
  if (create && mkdirat(directory, component, 0777) != 0 && errno != EEXIST)
    return -1;
  return openat(directory, component, directory_flags);
}

/* Walks to the directory of the last component. With `create`, makes the directories on the way. */
static struct place find_place(const struct folder *folder, const char *name, bool create)
{
  struct place place = {dup(folder->directory), ""};
  char next[NAME_MAX + 1];

  bool found = place.directory >= 0 && next_component(&name, place.leaf) && place.leaf[0] != '\0';
  while (found && next_component(&name, next)) {
    int inner = next[0] != '\0' ? enter_directory(place.directory, place.leaf, create) : -1;
    close(place.directory);
    place.directory = inner;
    strcpy(place.leaf, next);
    found = inner >= 0;
  }
  if (!found && place.directory >= 0) {
    close(place.directory);
    place.directory = -1;
  }
  if (place.directory >= 0)
    fcntl(place.directory, F_SETFD, FD_CLOEXEC);
  return place;
}

static struct folder *check_folder(lua_State *L)
{
  struct folder *folder = luaL_checkudata(L, 1, FOLDER);
  luaL_argcheck(L, folder->directory >= 0, 1, "folder is closed");
  return folder;
}

/* Returns the place of the name in argument `index`. Its directory is -1 if the name cannot exist
 * here. */
static struct place check_place(lua_State *L, int index, bool create)
{
  const struct folder *folder = check_folder(L);
  size_t length;
  const char *name = luaL_checklstring(L, index, &length);
  struct place nowhere = {-1, ""};
  if (strlen(name) != length || length > NAME_LIMIT)
    return nowhere;
  return find_place(folder, name, create);
}

static void close_place(struct place *place)
{
  if (place->directory >= 0)
    close(place->directory);
}

static bool get_status(const struct place *place, struct stat *status)
{
  return place->directory >= 0 && fstatat(place->directory, place->leaf, status, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_regular(const struct place *place)
{
  struct stat status;
  return get_status(place, &status) && S_ISREG(status.st_mode);
}

static int open_flags(const char *mode)
{
  int access = strchr(mode, '+') ? O_RDWR : mode[0] == 'r' ? O_RDONLY : O_WRONLY;
  int creation = mode[0] == 'w' ? O_CREAT | O_TRUNC : mode[0] == 'a' ? O_CREAT | O_APPEND : 0;
  return access | creation | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK; /* O_NONBLOCK: opening a pipe must not block before it is refused */
}

/* Opens a regular file. Returns its descriptor, or -1 with errno set. */
static int open_regular(const struct place *place, const char *mode)
{
  struct stat status;
  if (get_status(place, &status) && !S_ISREG(status.st_mode)) {
    errno = ENOENT;
    return -1;
  }
  int file = openat(place->directory, place->leaf, open_flags(mode), 0666);
  if (file >= 0 && (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))) {
    close(file);
    errno = ENOENT;
    return -1;
  }
  return file;
}

static int close_stream(lua_State *L)
{
  luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  return luaL_fileresult(L, fclose(stream->f) == 0, NULL);
}

static int folder_open(lua_State *L)
{
  const char *name = luaL_checkstring(L, 2);
  const char *mode = luaL_optstring(L, 3, "r");
  luaL_argcheck(L, mode[0] != '\0' && strchr("rwa", mode[0]) != NULL, 3, "invalid mode");
  luaL_Stream *stream = lua_newuserdata(L, sizeof *stream);
  stream->f = NULL;
  stream->closef = NULL;
  luaL_setmetatable(L, LUA_FILEHANDLE);

  struct place place = check_place(L, 2, mode[0] != 'r');
  errno = ENOENT;
  int file = place.directory >= 0 ? open_regular(&place, mode) : -1;
  close_place(&place);
  if (file < 0)
    return luaL_fileresult(L, 0, name);

  const char standard_mode[] = {mode[0], 'b', strchr(mode, '+') ? '+' : '\0', '\0'};
  stream->f = fdopen(file, standard_mode);
  if (stream->f == NULL) {
    close(file);
    return luaL_fileresult(L, 0, name);
  }
  stream->closef = close_stream;
  return 1;
}

static int folder_stat(lua_State *L)
{
  struct place place = check_place(L, 2, false);
  struct stat status;
  bool found = get_status(&place, &status) && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
  bool readonly = found && faccessat(place.directory, place.leaf, W_OK, 0) != 0;
  close_place(&place);
  if (!found)
    return 0;
  lua_pushinteger(L, (lua_Integer)status.st_size);
  lua_pushboolean(L, S_ISDIR(status.st_mode));
  lua_pushboolean(L, readonly);
  lua_pushinteger(L, (lua_Integer)status.st_mtime);
  return 4;
}

static int folder_remove(lua_State *L)
{
  struct place place = check_place(L, 2, false);
  bool done = is_regular(&place) && unlinkat(place.directory, place.leaf, 0) == 0;
  close_place(&place);
  lua_pushboolean(L, done);
  return 1;
}

/* Creating a hard link fails if the new name exists, so check and rename are one step. A file
 * system without hard links takes two steps. */
static bool move_file(const struct place *from, const struct place *to)
{
  struct stat status;
  if (linkat(from->directory, from->leaf, to->directory, to->leaf, 0) == 0)
    return unlinkat(from->directory, from->leaf, 0) == 0;
  if (errno == EEXIST || get_status(to, &status))
    return false;
  return renameat(from->directory, from->leaf, to->directory, to->leaf) == 0;
}

static int folder_rename(lua_State *L)
{
  luaL_checkstring(L, 3);
  struct place from = check_place(L, 2, false);
  bool done = is_regular(&from);
  if (done) {
    struct place to = check_place(L, 3, true);
    done = to.directory >= 0 && move_file(&from, &to);
    close_place(&to);
  }
  close_place(&from);
  lua_pushboolean(L, done);
  return 1;
}

/* A walk through a tree. Every entry is visited after the entries inside it. Directories are open
 * while Lua is called, so no Lua error may leave the walk: the only calls store one number,
 * protected. */
struct walk {
  lua_State *L; /* NULL: the walk removes every entry */
  char path[NAME_LIMIT + 1];
  int depth;
};

static int store_size(lua_State *L)
{
  lua_pushstring(L, lua_touserdata(L, 2));
  lua_pushinteger(L, *(const lua_Integer *)lua_touserdata(L, 3));
  lua_rawset(L, 1);
  return 0;
}

static void visit_entry(struct walk *walk, int directory, const char *entry, const struct stat *status)
{
  if (walk->L == NULL) {
    unlinkat(directory, entry, S_ISDIR(status->st_mode) ? AT_REMOVEDIR : 0);
  } else if (S_ISREG(status->st_mode)) {
    lua_Integer size = (lua_Integer)status->st_size;
    lua_pushcfunction(walk->L, store_size);
    lua_pushvalue(walk->L, -2);
    lua_pushlightuserdata(walk->L, walk->path);
    lua_pushlightuserdata(walk->L, &size);
    if (lua_pcall(walk->L, 3, 0, 0) != LUA_OK)
      lua_pop(walk->L, 1);
  }
}

static void walk_directory(struct walk *walk, int directory);

static void walk_entry(struct walk *walk, int directory, const char *entry)
{
  size_t length = strlen(walk->path);
  struct stat status;
  if (strcmp(entry, ".") == 0 || strcmp(entry, "..") == 0 || length + strlen(entry) + 1 > NAME_LIMIT ||
      fstatat(directory, entry, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return;

  strcpy(walk->path + length, entry);
  if (S_ISDIR(status.st_mode) && walk->depth < DEPTH) {
    int inner = openat(directory, entry, directory_flags);
    strcat(walk->path, "/");
    if (inner >= 0)
      walk_directory(walk, inner);
  }
  visit_entry(walk, directory, entry, &status);
  walk->path[length] = '\0';
}

static void walk_directory(struct walk *walk, int directory)
{
  DIR *listing = fdopendir(directory);
  if (listing == NULL) {
    close(directory);
    return;
  }
  walk->depth++;
  const struct dirent *entry;
  while ((entry = readdir(listing)) != NULL)
    walk_entry(walk, dirfd(listing), entry->d_name);
  walk->depth--;
  closedir(listing);
}

static int folder_list(lua_State *L)
{
  struct walk walk = {.L = L};
  const struct folder *folder = check_folder(L);
  lua_newtable(L);
  luaL_checkstack(L, 5, NULL);
  int directory = openat(folder->directory, ".", directory_flags);
  if (directory >= 0)
    walk_directory(&walk, directory);
  return 1;
}

static int folder_clear(lua_State *L)
{
  struct walk walk = {.L = NULL};
  const struct folder *folder = check_folder(L);
  int directory = openat(folder->directory, ".", directory_flags);
  if (directory >= 0)
    walk_directory(&walk, directory);
  return 0;
}

static int folder_close(lua_State *L)
{
  struct folder *folder = luaL_checkudata(L, 1, FOLDER);
  if (folder->directory >= 0)
    close(folder->directory);
  folder->directory = -1;
  return 0;
}

static int folder_new(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  struct folder *folder = lua_newuserdata(L, sizeof *folder);
  folder->directory = -1;
  luaL_setmetatable(L, FOLDER);
  folder->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return folder->directory >= 0 ? 1 : luaL_fileresult(L, 0, path);
}

static const luaL_Reg methods[] = {
    {"open", folder_open},     {"list", folder_list},   {"stat", folder_stat},  {"remove", folder_remove},
    {"rename", folder_rename}, {"clear", folder_clear}, {"__gc", folder_close}, {NULL, NULL},
};

int luaopen_netmcu_folder(lua_State *L)
{
  luaL_newmetatable(L, FOLDER);
  luaL_setfuncs(L, methods, 0);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, folder_new);
  return 1;
}

#endif
