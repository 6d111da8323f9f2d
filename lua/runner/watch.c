/* netmcu --watch: notices when files below the script's folder change.
 *
 * The watchers have a loop of their own, which lives as long as the program, so nothing is missed
 * between two states. While a script runs, its loop polls that loop, and the first change ends the
 * run. Then the watchers' loop runs by itself until a series of changes (a checkout, an editor that
 * saves in three steps) is over.
 *
 * Some changes do not count: the files that the script writes through `file` (written.c), its
 * output, and what editors leave beside a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/runner.h"

#define QUIET   100 /* ms without a change: the series is over */
#define FOLDERS 500 /* the most folders that are watched */

typedef struct folder {
  uv_fs_event_t event;
  struct folder *next;
  runner_file file; /* distinguishes the folder from another one that takes its name */
  char path[];      /* real */
} folder;

static struct {
  uv_loop_t loop;
  uv_async_t wake;
  uv_timer_t timer;
  uv_timer_t search; /* looks for the watched folder while it is gone */
  uv_poll_t poll;    /* in the loop of the script: polls this loop */
  uv_timer_t look;   /* replaces it on Windows, where a loop has no descriptor */
  bool polls;
  runner *attached;
  folder *folders;
  int count;
  bool changed;
  char name[256];         /* of the first change */
  char root[RUNNER_PATH]; /* the watched folder, real */
  char cwd[RUNNER_PATH];
} watch;

/* ---- what counts ----------------------------------------------------------------------------- */

static bool is_editor_file(const char *name)
{
  size_t length = strlen(name);

  if (length == 0 || *name == '.' || *name == '#' || name[length - 1] == '~' || strcmp(name, "4913") == 0)
    return true;
  return length > 4 && (strcmp(name + length - 4, ".swp") == 0 || strcmp(name + length - 4, ".tmp") == 0);
}

/* A log in the watched folder: netmcu --watch DIR >DIR/log */
static bool is_output(const char *path)
{
  runner_file file = runner_look_at(path);

  for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
    runner_file output = runner_look_at_open(fd);
    if (runner_is_same_file(&file, &output))
      return true;
  }
  return false;
}

static void note_change(const char *path)
{
  size_t root = strlen(watch.root);

  if (!watch.changed)
    snprintf(watch.name, sizeof(watch.name), "%s", path[root] ? path + root + 1 : path);
  watch.changed = true;
  uv_timer_again(&watch.timer);
  runner *r = watch.attached;
  if (r && !r->changed) {
    r->changed = true;
    netmcu_stop(netmcu_host_context(r->host));
  }
}

static void note_file(const char *path, const char *name)
{
  if (!is_editor_file(name) && !runner_is_own_file(path) && !is_output(path))
    note_change(path);
}

/* ---- watchers -------------------------------------------------------------------------------- */

static int add_folder(const char *path, bool is_new);

static void free_folder(uv_handle_t *event)
{
  free(event->data);
}

/* Whether the path is the outer one or is below it. Every path is below "". */
static bool is_in(const char *path, const char *outer)
{
  size_t length = strlen(outer);

  return strncmp(path, outer, length) == 0 && (length == 0 || path[length] == '\0' || path[length] == '/');
}

/* Stops watching the folder and those below it. */
static void drop_folders(const char *path)
{
  for (folder **place = &watch.folders; *place;) {
    folder *f = *place;
    if (!is_in(f->path, path)) {
      place = &f->next;
      continue;
    }
    *place = f->next;
    watch.count--;
    uv_close((uv_handle_t *)&f->event, free_folder);
  }
}

/* Whether the folder with this name is still the one that is being watched. */
static bool is_there(const folder *f)
{
  runner_file now = runner_look_at(f->path);

  return now.is_folder && runner_is_same_file(&now, &f->file);
}

static const folder *find_folder(const char *path)
{
  const folder *f = watch.folders;

  while (f && strcmp(f->path, path) != 0)
    f = f->next;
  return f;
}

/* A folder is gone, with everything in it, or another one has taken its name. */
static void lose_folder(const char *path)
{
  char name[RUNNER_PATH];

  snprintf(name, sizeof(name), "%s", path); /* it may be the folder's own, which is freed */
  drop_folders(name);
  if (!runner_is_own_file(name))
    note_change(name);
  if (strcmp(name, watch.root) == 0) {
    runner_say("the folder %s is gone; the script runs again when it is back", name);
    uv_timer_again(&watch.search);
  }
}

static void on_event(uv_fs_event_t *event, const char *name, int events, int status)
{
  const folder *f = event->data;
  char path[RUNNER_PATH];

  (void)events;
  if (!is_there(f)) {
    lose_folder(f->path);
    return;
  }
  if (status != 0 || name == NULL || snprintf(path, sizeof(path), "%s/%s", f->path, name) >= (int)sizeof(path))
    return;
  const folder *inner = find_folder(path);
  if (inner && !is_there(inner))
    lose_folder(path);
  if (runner_look_at(path).is_folder)
    add_folder(path, true);
  else
    note_file(path, name);
}

/* Adds the folders inside a folder. If the folder is new, its files are changes: it may have been
 * moved here with them. */
static void add_entries(const char *path, bool is_new)
{
  uv_fs_t request;
  uv_dirent_t entry;
  char inner[RUNNER_PATH];

  if (uv_fs_scandir(NULL, &request, path, 0, NULL) >= 0) {
    while (uv_fs_scandir_next(&request, &entry) == 0) {
      if (snprintf(inner, sizeof(inner), "%s/%s", path, entry.name) >= (int)sizeof(inner))
        continue;
      if (runner_look_at(inner).is_folder)
        add_folder(inner, is_new);
      else if (is_new)
        note_file(inner, entry.name);
    }
  }
  uv_fs_req_cleanup(&request);
}

/* An inner folder that cannot be watched is left out, and so is a hidden one, such as .git. */
static int add_folder(const char *path, bool is_new)
{
  const char *slash = strrchr(path, '/');
  bool is_hidden = slash && slash[1] == '.' && strcmp(path, watch.root) != 0;

  if (watch.count >= FOLDERS || is_hidden || find_folder(path))
    return 0;
  folder *f = calloc(1, sizeof(*f) + strlen(path) + 1);
  if (f == NULL)
    return UV_ENOMEM;
  strcpy(f->path, path);
  f->file = runner_look_at(path);
  f->event.data = f;
  uv_fs_event_init(&watch.loop, &f->event);
  int error = uv_fs_event_start(&f->event, on_event, path, 0);
  f->next = watch.folders;
  watch.folders = f;
  watch.count++;
  add_entries(path, is_new);
  return error;
}

/* The watched folder may be back. If it was the working directory, the program is still in the
 * folder that is gone. */
static void on_search(uv_timer_t *search)
{
  if (!runner_look_at(watch.root).is_folder)
    return;
  uv_chdir(watch.cwd);
  uv_timer_stop(search);
  add_folder(watch.root, true);
  note_change(watch.root);
}

/* The system does not report that the watched folder is removed while the program itself has it
 * open. Without this folder there is nothing to run. */
static void on_quiet(uv_timer_t *timer)
{
  const folder *root = find_folder(watch.root);

  if (root && !is_there(root))
    lose_folder(watch.root);
  if (!uv_is_active((uv_handle_t *)&watch.search))
    uv_stop(timer->loop);
}

static void on_wake(uv_async_t *async)
{
  uv_stop(async->loop);
}

int runner_watch_open(const char *path)
{
  size_t size = sizeof(watch.cwd);
  int error = uv_loop_init(&watch.loop);

  if (error)
    return error;
  uv_async_init(&watch.loop, &watch.wake, on_wake);
  uv_timer_init(&watch.loop, &watch.timer);
  uv_timer_set_repeat(&watch.timer, QUIET);
  uv_timer_init(&watch.loop, &watch.search);
  uv_timer_start(&watch.search, on_search, QUIET, QUIET);
  uv_timer_stop(&watch.search);
  uv_cwd(watch.cwd, &size);
  error = runner_real_folder(path, watch.root, sizeof(watch.root)) ? add_folder(watch.root, false) : UV_ENOENT;
  uv_run(&watch.loop, UV_RUN_NOWAIT); /* from here on, its descriptor becomes readable */
  return error;
}

void runner_watch_close(void)
{
  drop_folders("");
  uv_close((uv_handle_t *)&watch.wake, NULL);
  uv_close((uv_handle_t *)&watch.timer, NULL);
  uv_close((uv_handle_t *)&watch.search, NULL);
  uv_run(&watch.loop, UV_RUN_DEFAULT);
  uv_loop_close(&watch.loop);
  runner_forget_writes();
}

/* ---- while a script runs --------------------------------------------------------------------- */

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

void runner_watch_attach(runner *r)
{
  watch.changed = false;
  listen_in(netmcu_get_loop(netmcu_host_context(r->host)));
  if (netmcu_enter(r->host, runner_watch_writes, r, NULL, NULL))
    watch.attached = r;
}

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
  runner_interrupts(NULL, &watch.wake);
  runner_page_listen_in(&watch.loop);
  if (!runner_signal)
    uv_run(&watch.loop, UV_RUN_DEFAULT);
  if (runner_page_is_open()) {
    runner_page_leave();
    uv_run(&watch.loop, UV_RUN_NOWAIT); /* the closed handles are used again */
  }
  runner_interrupts(NULL, NULL);
  uv_timer_stop(&watch.timer);
  if (watch.changed)
    runner_say("%s has changed", watch.name);
  return watch.changed;
}
