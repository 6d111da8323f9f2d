/* See file.h. */
#include "stack/file.h"

#include <string.h>

static struct netmcu__file_version get_version(const char *path)
{
  struct netmcu__file_version version;
  uv_fs_t request;

  memset(&version, 0, sizeof(version));
  if (path == NULL)
    return version;
  if (uv_fs_stat(NULL, &request, path, NULL) == 0 && (request.statbuf.st_mode & S_IFMT) == S_IFREG) {
    version.device = request.statbuf.st_dev;
    version.inode = request.statbuf.st_ino;
    version.size = request.statbuf.st_size;
    version.modified = request.statbuf.st_mtim;
    version.changed = request.statbuf.st_ctim;
  }
  uv_fs_req_cleanup(&request);
  return version;
}

bool netmcu__file_is_new(netmcu__file *file, uint64_t now)
{
  if (file->is_read && file->looked == now)
    return false;
  struct netmcu__file_version version = get_version(file->path);
  file->looked = now;
  if (file->is_read && memcmp(&version, &file->version, sizeof(version)) == 0)
    return false;
  file->version = version;
  file->is_read = false;
  return true;
}
