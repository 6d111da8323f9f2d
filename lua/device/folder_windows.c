/* The folder that stands for the flash, on Windows. folder.h describes its functions.
 *
 * Windows has no walk along open directories. Instead, a name is checked component by component.
 * Components with a special meaning for Windows (drives, streams, devices, wildcards, trailing
 * dots) and all reparse points (links, junctions) are refused. The final path of an opened file
 * must be the one that was asked for, so a directory that is swapped for a link meanwhile does not
 * lead out either. The final path also has the letters of the name on disk: the device
 * distinguishes upper and lower case, so another spelling is another file, which does not exist.
 */
#include "device/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <string.h>
#include <windows.h>

#define PATH_LIMIT NETMCU_ROOT_LIMIT

static const DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

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

static bool has_path(HANDLE file, const wchar_t *path)
{
  wchar_t final[PATH_LIMIT];
  DWORD length = GetFinalPathNameByHandleW(file, final, PATH_LIMIT, FILE_NAME_NORMALIZED);
  return length > 0 && length < PATH_LIMIT && wcscmp(final, path) == 0;
}

/* Looks at a file or directory with exactly this path. */
static bool look_at(const wchar_t *path, BY_HANDLE_FILE_INFORMATION *info)
{
  DWORD flags = FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS;
  HANDLE file = CreateFileW(path, FILE_READ_ATTRIBUTES, share, NULL, OPEN_EXISTING, flags, NULL);
  if (file == INVALID_HANDLE_VALUE)
    return false;
  bool found = GetFileInformationByHandle(file, info) &&
               (info->dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0 && has_path(file, path);
  CloseHandle(file);
  return found;
}

static bool is_plain_directory(const wchar_t *path)
{
  BY_HANDLE_FILE_INFORMATION info;
  return look_at(path, &info) && (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
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

/* Writes the path of a name. Returns false if the name cannot exist here. */
static bool find_path(const netmcu_folder *folder, const char *name, bool create, wchar_t *path)
{
  wchar_t wide[NETMCU_NAME_LIMIT + 1];
  if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, name, -1, wide, NETMCU_NAME_LIMIT + 1) == 0)
    return false;
  wcscpy(path, folder->root);
  return append_components(path, wide, create);
}

/* Opens a regular file that is inside the folder. */
static HANDLE open_inside(const wchar_t *path, DWORD access, DWORD creation)
{
  BY_HANDLE_FILE_INFORMATION info;
  HANDLE file = CreateFileW(path, access, share, NULL, creation, FILE_FLAG_OPEN_REPARSE_POINT, NULL);
  if (file == INVALID_HANDLE_VALUE)
    return file;
  if (GetFileType(file) == FILE_TYPE_DISK && GetFileInformationByHandle(file, &info) &&
      (info.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)) == 0 &&
      has_path(file, path))
    return file;
  CloseHandle(file);
  return INVALID_HANDLE_VALUE;
}

/* Truncates the file only after it is known to be inside the folder. */
static FILE *open_stream(const wchar_t *path, const char *mode)
{
  DWORD access = mode[0] == 'r' && strchr(mode, '+') == NULL ? GENERIC_READ : GENERIC_READ | GENERIC_WRITE;
  HANDLE file = open_inside(path, access, mode[0] == 'r' ? OPEN_EXISTING : OPEN_ALWAYS);
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

FILE *netmcu_folder_open(const netmcu_folder *folder, const char *name, const char *mode)
{
  wchar_t path[PATH_LIMIT];
  FILE *stream = find_path(folder, name, mode[0] != 'r', path) ? open_stream(path, mode) : NULL;
  errno = ENOENT;
  return stream;
}

static long long join(DWORD high, DWORD low)
{
  return (long long)high << 32 | low;
}

bool netmcu_folder_stat(const netmcu_folder *folder, const char *name, netmcu_folder_entry *entry)
{
  wchar_t path[PATH_LIMIT];
  BY_HANDLE_FILE_INFORMATION data;
  if (!find_path(folder, name, false, path) || !look_at(path, &data))
    return false;
  entry->size = join(data.nFileSizeHigh, data.nFileSizeLow);
  /* from 100 ns since 1601 */
  entry->changed =
      join(data.ftLastWriteTime.dwHighDateTime, data.ftLastWriteTime.dwLowDateTime) / 10000000 - 11644473600;
  entry->is_directory = (data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
  entry->is_readonly = (data.dwFileAttributes & FILE_ATTRIBUTE_READONLY) != 0;
  return true;
}

bool netmcu_folder_erase(const netmcu_folder *folder, const char *name)
{
  wchar_t path[PATH_LIMIT];
  FILE_DISPOSITION_INFO disposition = {TRUE};
  if (!find_path(folder, name, false, path))
    return false;
  if (is_plain_directory(path))
    return RemoveDirectoryW(path);
  HANDLE file = open_inside(path, DELETE, OPEN_EXISTING);
  if (file == INVALID_HANDLE_VALUE)
    return false;
  bool done = SetFileInformationByHandle(file, FileDispositionInfo, &disposition, sizeof disposition);
  CloseHandle(file);
  return done;
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

bool netmcu_folder_move(const netmcu_folder *folder, const char *from, const char *to)
{
  wchar_t source[PATH_LIMIT], target[PATH_LIMIT];
  if (!find_path(folder, from, false, source) || !find_path(folder, to, true, target))
    return false;
  HANDLE file = open_inside(source, DELETE, OPEN_EXISTING);
  if (file == INVALID_HANDLE_VALUE)
    return false;
  bool done = rename_to(file, target);
  CloseHandle(file);
  return done;
}

void netmcu_folder_list(const netmcu_folder *folder, const char *name, void (*visit)(const char *entry, void *data),
                        void *data)
{
  WIN32_FIND_DATAW found;
  wchar_t path[PATH_LIMIT + 2];
  char entry[4 * MAX_PATH];
  wcscpy(path, folder->root);
  if (name[0] != '\0' && (!find_path(folder, name, false, path) || !is_plain_directory(path)))
    return;
  HANDLE search = FindFirstFileW(wcscat(path, L"\\*"), &found);
  if (search == INVALID_HANDLE_VALUE)
    return;
  do
    if (wcscmp(found.cFileName, L".") != 0 && wcscmp(found.cFileName, L"..") != 0 &&
        WideCharToMultiByte(CP_UTF8, 0, found.cFileName, -1, entry, sizeof entry, NULL, NULL) != 0)
      visit(entry, data);
  while (FindNextFileW(search, &found));
  FindClose(search);
}

bool netmcu_folder_attach(netmcu_folder *folder, const char *path)
{
  wchar_t wide[PATH_LIMIT];
  errno = ENOENT;
  if (MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, PATH_LIMIT) == 0)
    return false;
  HANDLE directory = CreateFileW(wide, 0, share, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
  if (directory == INVALID_HANDLE_VALUE)
    return false;
  DWORD length = GetFinalPathNameByHandleW(directory, folder->root, PATH_LIMIT, FILE_NAME_NORMALIZED);
  CloseHandle(directory);
  if (length == 0 || length >= PATH_LIMIT)
    return false;
  if (folder->root[length - 1] == L'\\') /* the root of a drive */
    folder->root[length - 1] = L'\0';
  return true;
}

void netmcu_folder_detach(netmcu_folder *folder)
{
  (void)folder;
}
