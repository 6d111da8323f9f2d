/* The folder that stands for the flash, on Windows. folder.c describes its functions.
 *
 * Windows has no walk along open directories. Instead, a name is checked component by component.
 * Components with a special meaning for Windows (drives, streams, devices, wildcards, trailing
 * dots) and all reparse points (links, junctions) are refused. The final path of an opened file
 * must be below that of the folder, so a directory that is swapped for a link meanwhile does not
 * lead out either.
 */
#include "device/device.h"

#include <fcntl.h>
#include <io.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

#include <lauxlib.h>
#include <lualib.h>

#define FOLDER     "netmcu.folder"
#define NAME_LIMIT 1024
#define PATH_LIMIT 2048 /* characters of a whole path */
#define DEPTH      32

struct folder {
  wchar_t root[PATH_LIMIT]; /* the final path, without a separator at its end */
};

static bool is_device(const wchar_t *component, size_t length)
{
  static const wchar_t *const devices[] = {L"CON", L"PRN", L"AUX", L"NUL", L"COM", L"LPT", L"CONIN$", L"CONOUT$"};
  size_t stem = wcscspn(component, L".\\");
  stem = stem < length ? stem : length;
  for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
    size_t size = wcslen(devices[i]);
    size_t digits = i == 4 || i == 5 ? 1 : 0;
    if (stem == size + digits && _wcsnicmp(component, devices[i], size) == 0)
      return true;
  }
  return false;
}

static bool is_usable(const wchar_t *component, size_t length)
{
  wchar_t last = component[length - 1];
  if (last == L'.' || last == L' ' || is_device(component, length))
    return false;
  for (size_t i = 0; i < length; i++)
    if (component[i] < 32 || wcschr(L"<>:\"|?*\\", component[i]) != NULL)
      return false;
  return true;
}

static bool is_plain_directory(const wchar_t *path)
{
  DWORD attributes = GetFileAttributesW(path);
  return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0 &&
         (attributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0;
}

/* Appends the components of a name to the path. Checks every directory on the way; with `create`,
 * makes it. */
static bool append_components(wchar_t *path, const wchar_t *name, bool create)
{
  bool any = false;
  for (;;) {
    name += wcsspn(name, L"/");
    size_t length = wcscspn(name, L"/");
    if (length == 0)
      return any;
    if (length == 1 && name[0] == L'.') {
      name++;
      continue;
    }
    if (any && create)
      CreateDirectoryW(path, NULL);
    if ((any && !is_plain_directory(path)) || !is_usable(name, length) || wcslen(path) + length + 2 > PATH_LIMIT)
      return false;
    wcscat(path, L"\\");
    wcsncat(path, name, length);
    name += length;
    any = true;
  }
}

static struct folder *check_folder(lua_State *L)
{
  return luaL_checkudata(L, 1, FOLDER);
}

/* Writes the path of the name in argument `index`. Returns false if the name cannot exist here. */
static bool check_path(lua_State *L, int index, bool create, wchar_t *path)
{
  const struct folder *folder = check_folder(L);
  wchar_t wide[NAME_LIMIT + 1];
  size_t length;
  const char *name = luaL_checklstring(L, index, &length);
  if (strlen(name) != length || length > NAME_LIMIT ||
      MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, name, -1, wide, NAME_LIMIT + 1) == 0)
    return false;
  wcscpy(path, folder->root);
  return append_components(path, wide, create);
}

static bool is_inside(const struct folder *folder, HANDLE file)
{
  wchar_t path[PATH_LIMIT];
  size_t root = wcslen(folder->root);
  DWORD length = GetFinalPathNameByHandleW(file, path, PATH_LIMIT, FILE_NAME_NORMALIZED);
  return length > 0 && length < PATH_LIMIT && _wcsnicmp(path, folder->root, root) == 0 && path[root] == L'\\';
}

/* Opens a regular file that is inside the folder. */
static HANDLE open_inside(const struct folder *folder, const wchar_t *path, DWORD access, DWORD creation)
{
  BY_HANDLE_FILE_INFORMATION info;
  DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  HANDLE file = CreateFileW(path, access, share, NULL, creation, FILE_FLAG_OPEN_REPARSE_POINT, NULL);
  if (file == INVALID_HANDLE_VALUE)
    return file;
  if (GetFileType(file) == FILE_TYPE_DISK && GetFileInformationByHandle(file, &info) &&
      (info.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)) == 0 &&
      is_inside(folder, file))
    return file;
  CloseHandle(file);
  return INVALID_HANDLE_VALUE;
}

static int close_stream(lua_State *L)
{
  luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  return luaL_fileresult(L, fclose(stream->f) == 0, NULL);
}

/* Truncates the file only after it is known to be inside the folder. */
static FILE *open_stream(const struct folder *folder, const wchar_t *path, const char *mode)
{
  DWORD access = mode[0] == 'r' && strchr(mode, '+') == NULL ? GENERIC_READ : GENERIC_READ | GENERIC_WRITE;
  HANDLE file = open_inside(folder, path, access, mode[0] == 'r' ? OPEN_EXISTING : OPEN_ALWAYS);
  if (file == INVALID_HANDLE_VALUE)
    return NULL;
  int flags = _O_BINARY | (mode[0] == 'a' ? _O_APPEND : 0) | (access == GENERIC_READ ? _O_RDONLY : _O_RDWR);
  int descriptor = _open_osfhandle((intptr_t)file, flags);
  if (descriptor < 0) {
    CloseHandle(file);
    return NULL;
  }
  const char standard_mode[] = {mode[0] == 'w' ? 'r' : mode[0], 'b', access == GENERIC_READ ? '\0' : '+', '\0'};
  FILE *stream = (mode[0] != 'w' || _chsize(descriptor, 0) == 0) ? _fdopen(descriptor, standard_mode) : NULL;
  if (stream == NULL)
    _close(descriptor);
  return stream;
}

static int folder_open(lua_State *L)
{
  wchar_t path[PATH_LIMIT];
  const struct folder *folder = check_folder(L);
  const char *name = luaL_checkstring(L, 2);
  const char *mode = luaL_optstring(L, 3, "r");
  luaL_argcheck(L, mode[0] != '\0' && strchr("rwa", mode[0]) != NULL, 3, "invalid mode");
  luaL_Stream *stream = lua_newuserdata(L, sizeof *stream);
  stream->f = NULL;
  stream->closef = NULL;
  luaL_setmetatable(L, LUA_FILEHANDLE);
  if (check_path(L, 2, mode[0] != 'r', path))
    stream->f = open_stream(folder, path, mode);
  if (stream->f == NULL) {
    lua_pushnil(L);
    lua_pushfstring(L, "%s: cannot be opened", name);
    return 2;
  }
  stream->closef = close_stream;
  return 1;
}

static lua_Integer size_of(DWORD high, DWORD low)
{
  ULARGE_INTEGER size = {.u = {low, high}};
  return (lua_Integer)size.QuadPart;
}

static int folder_stat(lua_State *L)
{
  wchar_t path[PATH_LIMIT];
  WIN32_FILE_ATTRIBUTE_DATA data;
  if (!check_path(L, 2, false, path) || !GetFileAttributesExW(path, GetFileExInfoStandard, &data) ||
      (data.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0)
    return 0;
  lua_pushinteger(L, size_of(data.nFileSizeHigh, data.nFileSizeLow));
  lua_pushboolean(L, (data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0);
  lua_pushboolean(L, (data.dwFileAttributes & FILE_ATTRIBUTE_READONLY) != 0);
  lua_pushinteger(L, size_of(data.ftLastWriteTime.dwHighDateTime, data.ftLastWriteTime.dwLowDateTime) / 10000000 -
                         11644473600); /* from 100 ns since 1601 */
  return 4;
}

static int folder_remove(lua_State *L)
{
  wchar_t path[PATH_LIMIT];
  const struct folder *folder = check_folder(L);
  FILE_DISPOSITION_INFO disposition = {TRUE};
  HANDLE file = INVALID_HANDLE_VALUE;
  if (check_path(L, 2, false, path))
    file = open_inside(folder, path, DELETE, OPEN_EXISTING);
  bool done = file != INVALID_HANDLE_VALUE &&
              SetFileInformationByHandle(file, FileDispositionInfo, &disposition, sizeof disposition);
  if (file != INVALID_HANDLE_VALUE)
    CloseHandle(file);
  lua_pushboolean(L, done);
  return 1;
}

/* Renames the open file, which is known to be inside the folder. Fails if the new name exists. */
static bool rename_to(HANDLE file, const wchar_t *path)
{
  struct {
    FILE_RENAME_INFO info;
    wchar_t rest[PATH_LIMIT];
  } rename;
  memset(&rename.info, 0, sizeof rename.info);
  rename.info.FileNameLength = (DWORD)(wcslen(path) * sizeof(wchar_t));
  memcpy(rename.info.FileName, path, rename.info.FileNameLength + sizeof(wchar_t));
  return SetFileInformationByHandle(file, FileRenameInfo, &rename.info, sizeof rename);
}

static int folder_rename(lua_State *L)
{
  wchar_t from[PATH_LIMIT], to[PATH_LIMIT];
  const struct folder *folder = check_folder(L);
  HANDLE file = INVALID_HANDLE_VALUE;
  luaL_checkstring(L, 3);
  if (check_path(L, 2, false, from))
    file = open_inside(folder, from, DELETE, OPEN_EXISTING);
  bool done = file != INVALID_HANDLE_VALUE && check_path(L, 3, true, to) && rename_to(file, to);
  if (file != INVALID_HANDLE_VALUE)
    CloseHandle(file);
  lua_pushboolean(L, done);
  return 1;
}

/* A walk through a tree, as in folder.c. A search is open while Lua is called, so the calls are
 * protected. */
struct walk {
  lua_State *L; /* NULL: the walk removes every entry */
  wchar_t path[PATH_LIMIT];
  size_t root; /* characters of the path that belong to the folder's own path */
  int depth;
};

static int store_size(lua_State *L)
{
  lua_pushstring(L, lua_touserdata(L, 2));
  lua_pushinteger(L, *(const lua_Integer *)lua_touserdata(L, 3));
  lua_rawset(L, 1);
  return 0;
}

static void store_entry(struct walk *walk, const WIN32_FIND_DATAW *found)
{
  char name[4 * NAME_LIMIT];
  lua_Integer size = size_of(found->nFileSizeHigh, found->nFileSizeLow);
  if (WideCharToMultiByte(CP_UTF8, 0, walk->path + walk->root, -1, name, sizeof name, NULL, NULL) == 0)
    return;
  for (char *c = name; *c != '\0'; c++)
    *c = *c == '\\' ? '/' : *c;
  lua_pushcfunction(walk->L, store_size);
  lua_pushvalue(walk->L, -2);
  lua_pushlightuserdata(walk->L, name);
  lua_pushlightuserdata(walk->L, &size);
  if (lua_pcall(walk->L, 3, 0, 0) != LUA_OK)
    lua_pop(walk->L, 1);
}

static void walk_directory(struct walk *walk);

static void walk_entry(struct walk *walk, const WIN32_FIND_DATAW *found)
{
  size_t length = wcslen(walk->path);
  bool directory = (found->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
  if (wcscmp(found->cFileName, L".") == 0 || wcscmp(found->cFileName, L"..") == 0 ||
      (found->dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 ||
      length + wcslen(found->cFileName) + 4 > PATH_LIMIT)
    return;
  wcscat(wcscat(walk->path, L"\\"), found->cFileName);
  if (directory && walk->depth < DEPTH)
    walk_directory(walk);
  if (walk->L == NULL && directory)
    RemoveDirectoryW(walk->path);
  else if (walk->L == NULL)
    DeleteFileW(walk->path);
  else if (!directory)
    store_entry(walk, found);
  walk->path[length] = L'\0';
}

static void walk_directory(struct walk *walk)
{
  WIN32_FIND_DATAW found;
  size_t length = wcslen(walk->path);
  wcscat(walk->path, L"\\*");
  HANDLE search = FindFirstFileW(walk->path, &found);
  walk->path[length] = L'\0';
  if (search == INVALID_HANDLE_VALUE)
    return;
  walk->depth++;
  do
    walk_entry(walk, &found);
  while (FindNextFileW(search, &found));
  walk->depth--;
  FindClose(search);
}

static void walk_folder(lua_State *L, lua_State *store_in)
{
  const struct folder *folder = check_folder(L);
  struct walk walk = {.L = store_in, .root = wcslen(folder->root) + 1};
  wcscpy(walk.path, folder->root);
  walk_directory(&walk);
}

static int folder_list(lua_State *L)
{
  check_folder(L);
  lua_newtable(L);
  luaL_checkstack(L, 5, NULL);
  walk_folder(L, L);
  return 1;
}

static int folder_clear(lua_State *L)
{
  walk_folder(L, NULL);
  return 0;
}

static int folder_new(lua_State *L)
{
  wchar_t path[PATH_LIMIT];
  const char *name = luaL_checkstring(L, 1);
  struct folder *folder = lua_newuserdata(L, sizeof *folder);
  luaL_setmetatable(L, FOLDER);
  DWORD length = 0;
  if (MultiByteToWideChar(CP_UTF8, 0, name, -1, path, PATH_LIMIT) != 0) {
    DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    HANDLE directory = CreateFileW(path, 0, share, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (directory != INVALID_HANDLE_VALUE) {
      length = GetFinalPathNameByHandleW(directory, folder->root, PATH_LIMIT, FILE_NAME_NORMALIZED);
      CloseHandle(directory);
    }
  }
  if (length == 0 || length >= PATH_LIMIT) {
    lua_pushnil(L);
    lua_pushfstring(L, "%s: cannot be opened", name);
    return 2;
  }
  if (folder->root[length - 1] == L'\\') /* the root of a drive */
    folder->root[length - 1] = L'\0';
  return 1;
}

static const luaL_Reg methods[] = {
    {"open", folder_open},     {"list", folder_list},   {"stat", folder_stat}, {"remove", folder_remove},
    {"rename", folder_rename}, {"clear", folder_clear}, {NULL, NULL},
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
