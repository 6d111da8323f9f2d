/* Looks at files and folders for the other parts of the program. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "runner/runner.h"

static runner_file result_of(uv_fs_t *request, int error)
{
  runner_file file = {.exists = false};

  if (error == 0) {
    const uv_stat_t *status = &request->statbuf;
    file = (runner_file){.exists = true,
                         .is_folder = S_ISDIR(status->st_mode),
                         .device = status->st_dev,
                         .number = status->st_ino,
                         .size = status->st_size,
                         .changed = status->st_mtim};
  }
  uv_fs_req_cleanup(request);
  return file;
}

runner_file runner_look_at(const char *path)
{
  uv_fs_t request;

  return result_of(&request, uv_fs_lstat(NULL, &request, path, NULL));
}

runner_file runner_look_at_open(int fd)
{
  uv_fs_t request;

  return result_of(&request, uv_fs_fstat(NULL, &request, fd, NULL));
}

bool runner_is_same_file(const runner_file *one, const runner_file *other)
{
  return one->exists && other->exists && one->device == other->device && one->number == other->number;
}

bool runner_is_unchanged(const runner_file *before, const runner_file *now)
{
  if (!before->exists && !now->exists)
    return true;
  return runner_is_same_file(before, now) && before->size == now->size &&
         before->changed.tv_sec == now->changed.tv_sec && before->changed.tv_nsec == now->changed.tv_nsec;
}

bool runner_is_folder(const char *path)
{
  struct stat status;

  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

char *runner_with_slashes(char *path)
{
#ifdef _WIN32
  for (char *p = path; *p; p++)
    if (*p == '\\')
      *p = '/';
#endif
  return path;
}

bool runner_real_folder(const char *path, char *real, size_t size)
{
  uv_fs_t request;

  bool is_there = uv_fs_realpath(NULL, &request, path, NULL) == 0;
  is_there = is_there && snprintf(real, size, "%s", (const char *)request.ptr) < (int)size;
  uv_fs_req_cleanup(&request);
  if (is_there)
    runner_with_slashes(real);
  return is_there;
}

/* The folder is real, and the last component stays as it is, because the file may be gone. */
bool runner_real_file(const char *path, char *real, size_t size)
{
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  char folder[RUNNER_PATH];

  if (snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path + 1) : 1, slash ? path : ".") >=
      (int)sizeof(folder))
    return false;
  if (!runner_real_folder(folder, real, size))
    return false;
  size_t length = strlen(real);
  return snprintf(real + length, size - length, "/%s", name) < (int)(size - length);
}
