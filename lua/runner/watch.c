/* netmcu --watch: sees files change below the script's folder.
 *
 * The watchers have a loop of their own, which lives as long as the program: nothing is missed between two states. While
 * a script runs, its loop polls that loop; the first change ends the run. Then the watchers' loop is run by itself, until
 * a series of changes (a checkout, an editor that saves in three steps) is over.
 *
 * What a script writes itself, through `file` or as its output, is no change, neither is what editors leave beside a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/runner.h"

#define QUIET   100 /* ms without a change: the series is over */
#define FOLDERS 500 /* at most, below the watched one */

typedef struct folder {
  uv_fs_event_t event;
  struct folder *next;
  size_t prefix; /* where the name inside the watched folder begins in `path` */
  char path[];
} folder;

static struct {
  uv_loop_t loop;
  uv_async_t wake;
  uv_timer_t timer;
  uv_poll_t poll; /* in the loop of the script; where a loop has no descriptor (Windows), this in its place: */
  uv_timer_t look;
  bool polls;
  runner *attached;
  folder *folders;
  int count;
  bool changed;
  char name[256]; /* of the first change */
} watch;

/* ---- what counts --------------------------------------------------------------------------------------------------------- */

static bool is_of_an_editor(const char *name)
{
  size_t length = strlen(name);

  if (length == 0 || *name == '.' || *name == '#' || name[length - 1] == '~' || strcmp(name, "4913") == 0)
    return true;
  return length > 4 && (strcmp(name + length - 4, ".swp") == 0 || strcmp(name + length - 4, ".tmp") == 0);
}

/* A table in the registry under this key holds the names that the script has written to. */
static const char written_key = 0;

static bool is_own(const char *name)
{
  lua_State *L = watch.attached ? watch.attached->L : NULL;

  if (L == NULL || !lua_checkstack(L, 3))
    return false;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &written_key);
  lua_getfield(L, -1, name);
  bool own = lua_toboolean(L, -1);
  lua_pop(L, 2);
  return own;
}

/* A log in the watched folder: netmcu --watch DIR >DIR/log */
static bool is_output(const char *path)
{
  struct stat file, output;

  if (stat(path, &file) != 0)
    return false;
  for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
    if (fstat(fd, &output) == 0 && output.st_dev == file.st_dev && output.st_ino == file.st_ino)
      return true;
  return false;
}

/* ---- watchers ------------------------------------------------------------------------------------------------------------- */

static int add_folder(const char *path, size_t prefix);

static bool is_folder(const char *path)
{
  uv_fs_t request;
  bool result = uv_fs_lstat(NULL, &request, path, NULL) == 0 && S_ISDIR(request.statbuf.st_mode);

  uv_fs_req_cleanup(&request);
  return result;
}

static void note_change(const char *name)
{
  if (!watch.changed)
    snprintf(watch.name, sizeof(watch.name), "%s", name);
  watch.changed = true;
  uv_timer_again(&watch.timer);
  runner *r = watch.attached;
  if (r && !r->changed) {
    r->changed = true;
    netmcu_stop(netmcu_host_context(r->host));
  }
}

static void on_event(uv_fs_event_t *event, const char *name, int events, int status)
{
  const folder *f = event->data;
  char path[4096];

  (void)events;
  if (status != 0 || name == NULL || is_of_an_editor(name))
    return;
  if (snprintf(path, sizeof(path), "%s/%s", f->path, name) >= (int)sizeof(path))
    return;
  if (is_folder(path))
    add_folder(path, f->prefix);
  else if (!is_own(path + f->prefix) && !is_output(path))
    note_change(path + f->prefix);
}

static bool is_watched(const char *path)
{
  for (const folder *f = watch.folders; f; f = f->next)
    if (strcmp(f->path, path) == 0)
      return true;
  return false;
}

static void add_folders_in(const char *path, size_t prefix)
{
  uv_fs_t request;
  uv_dirent_t entry;
  char inner[4096];

  if (uv_fs_scandir(NULL, &request, path, 0, NULL) >= 0) {
    while (uv_fs_scandir_next(&request, &entry) == 0) {
      int length = snprintf(inner, sizeof(inner), "%s/%s", path, entry.name);
      if (*entry.name != '.' && length < (int)sizeof(inner) && is_folder(inner))
        add_folder(inner, prefix);
    }
  }
  uv_fs_req_cleanup(&request);
}

/* Those of inner folders that cannot be watched are left out. */
static int add_folder(const char *path, size_t prefix)
{
  if (watch.count >= FOLDERS || is_watched(path))
    return 0;
  folder *f = calloc(1, sizeof(*f) + strlen(path) + 1);
  if (f == NULL)
    return UV_ENOMEM;
  strcpy(f->path, path);
  f->prefix = prefix;
  f->event.data = f;
  uv_fs_event_init(&watch.loop, &f->event);
  int error = uv_fs_event_start(&f->event, on_event, path, 0);
  f->next = watch.folders;
  watch.folders = f;
  watch.count++;
  add_folders_in(path, prefix);
  return error;
}

static void on_quiet(uv_timer_t *timer)
{
  uv_stop(timer->loop);
}

static void on_wake(uv_async_t *async)
{
  uv_stop(async->loop);
}

int runner_watch_open(const char *path)
{
  int error = uv_loop_init(&watch.loop);

  if (error)
    return error;
  uv_async_init(&watch.loop, &watch.wake, on_wake);
  uv_timer_init(&watch.loop, &watch.timer);
  uv_timer_set_repeat(&watch.timer, QUIET);
  error = add_folder(path, strlen(path) + 1);
  uv_run(&watch.loop, UV_RUN_NOWAIT); /* from here on its descriptor tells */
  return error;
}

void runner_watch_close(void)
{
  for (folder *f = watch.folders; f; f = f->next)
    uv_close((uv_handle_t *)&f->event, NULL);
  uv_close((uv_handle_t *)&watch.wake, NULL);
  uv_close((uv_handle_t *)&watch.timer, NULL);
  uv_run(&watch.loop, UV_RUN_DEFAULT);
  uv_loop_close(&watch.loop);
  while (watch.folders) {
    folder *next = watch.folders->next;
    free(watch.folders);
    watch.folders = next;
  }
}

void runner_watch_wake(void)
{
  if (watch.folders)
    uv_async_send(&watch.wake);
}

/* ---- while a script runs ----------------------------------------------------------------------------------------------------- */

static void on_readable(uv_poll_t *poll, int status, int events)
{
  (void)poll;
  (void)status;
  (void)events;
  uv_run(&watch.loop, UV_RUN_NOWAIT);
}

static void on_look(uv_timer_t *look)
{
  (void)look;
  uv_run(&watch.loop, UV_RUN_NOWAIT);
}

static void listen_in(uv_loop_t *loop)
{
  int descriptor = uv_backend_fd(&watch.loop);

  watch.polls = descriptor >= 0;
  if (watch.polls) {
    uv_poll_init(loop, &watch.poll, descriptor);
    uv_poll_start(&watch.poll, UV_READABLE, on_readable);
    uv_unref((uv_handle_t *)&watch.poll);
  } else {
    uv_timer_init(loop, &watch.look);
    uv_timer_start(&watch.look, on_look, QUIET, QUIET);
    uv_unref((uv_handle_t *)&watch.look);
  }
}

/* written(name) */
static int note_written(lua_State *L)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, &written_key);
  lua_pushvalue(L, 1);
  lua_pushboolean(L, 1);
  lua_rawset(L, -3);
  return 0;
}

static int see_writes(lua_State *L)
{
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &written_key);
  netmcu_require(L, "netmcu.runner.written");
  lua_pushcfunction(L, note_written);
  lua_call(L, 1, 0);
  return 0;
}

void runner_watch_attach(runner *r)
{
  watch.changed = false;
  listen_in(netmcu_loop(netmcu_host_context(r->host)));
  if (netmcu_enter(r->host, see_writes, NULL, NULL, NULL))
    watch.attached = r;
}

/* What the script has written is told apart for the last time. */
void runner_watch_detach(void)
{
  uv_run(&watch.loop, UV_RUN_NOWAIT);
  watch.attached = NULL;
  uv_close(watch.polls ? (uv_handle_t *)&watch.poll : (uv_handle_t *)&watch.look, NULL);
}

bool runner_watch_wait(uint64_t limit)
{
  uv_update_time(&watch.loop);
  uint64_t first = watch.changed ? QUIET : limit > 0 ? limit : UINT32_MAX;
  uv_timer_start(&watch.timer, on_quiet, first, QUIET);
  uv_run(&watch.loop, UV_RUN_DEFAULT);
  uv_timer_stop(&watch.timer);
  if (watch.changed)
    runner_say("%s has changed", watch.name);
  return watch.changed;
}
