/* The folders of this machine that stand for the device's flash and for its LFS image. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runner/runner.h"

/* "C:" without the slash is another folder than "C:/". */
static bool is_root(const char *file, const char *slash)
{
  return slash == file || (slash == file + 2 && file[1] == ':');
}

static void write_folder_of(const char *file, char *folder, size_t size)
{
  const char *slash = file ? strrchr(file, '/') : NULL;

  if (slash)
    snprintf(folder, size, "%.*s", (int)(slash - file) + is_root(file, slash), file);
  else
    snprintf(folder, size, ".");
}

void runner_root(const runner *r, char *folder, size_t size)
{
  if (r->options->root)
    snprintf(folder, size, "%s", r->options->root);
  else
    write_folder_of(r->file ? r->file : r->options->script, folder, size);
}

void runner_push_lfs(lua_State *L, const runner *r)
{
  char folder[RUNNER_PATH];

  if (r->options->lfs) {
    lua_pushstring(L, r->options->lfs);
    return;
  }
  if (r->options->script)
    write_folder_of(r->options->script, folder, sizeof(folder));
  else
    runner_root(r, folder, sizeof(folder));
  lua_pushfstring(L, "%s/lfs", folder);
}

static bool root_is_new;

bool runner_root_is_new(void)
{
  return root_is_new;
}

/* If --root names a folder that does not exist, it is made, and is empty like the flash of a new
 * chip. */
bool runner_make_root(const runner_options *options)
{
  uv_fs_t request;

  if (options->root == NULL)
    return true;
  bool is_made = uv_fs_mkdir(NULL, &request, options->root, 0777, NULL) == 0;
  int error = is_made ? 0 : uv_fs_get_system_error(&request);
  uv_fs_req_cleanup(&request);
  if (is_made) {
    runner_say("the folder %s is new", options->root);
    root_is_new = true;
  } else if (!runner_is_folder(options->root)) {
    runner_say("the folder %s: %s", options->root, strerror(error == EEXIST ? ENOTDIR : error));
    return false;
  }
  return true;
}
