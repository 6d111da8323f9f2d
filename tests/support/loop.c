/* Contexts for tests; see loop.h. */
#include <dirent.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "journal.h"
#include "loop.h"
#include "loop_private.h"
#include "memory.h"
#include "watchdog.h"

#define CONTEXTS                8
#define DEFAULT_CONNECT_TIMEOUT 6000 /* ms */

typedef struct slot {
  netmcu_t *ctx;
  uv_loop_t *loop; /* the caller's loop, or NULL */
  uv_timer_t tick; /* wakes loop_until; opened when it is first used */
  bool ticks;
} slot;

static slot places[CONTEXTS];
static unsigned contexts;
static bool use_callers_loop;
static int files_before;
static unsigned warnings[NETMCU_D_COUNT];
static char last_warning[256];

/* ---- the surroundings ------------------------------------------------------------------------ */

bool loop_under_valgrind(void)
{
  const char *preload = getenv("LD_PRELOAD");
  return preload && strstr(preload, "vgpreload");
}

bool loop_is_instrumented(void)
{
#if defined(__SANITIZE_ADDRESS__)
  return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return true;
#endif
#endif
  return loop_under_valgrind();
}

unsigned loop_patience(void)
{
  return loop_is_instrumented() ? 5 : 1;
}

void loop_assert_between(long long value, long long low, long long high, const char *text, const char *file, int line)
{
  if (value >= low && value <= high)
    return;
  print_error("%s is %lld, not %lld…%lld\n", text, value, low, high);
  _fail(file, line);
}

double loop_milliseconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Returns the number of open files of the process, or 0 if the system does not report it. */
static int count_files(void)
{
#ifdef _WIN32 /* wine would show the /proc of the host here */
  DIR *directory = NULL;
#else
  DIR *directory = opendir("/proc/self/fd");
#endif
  int count = 0;
  if (!directory)
    return 0;
  while (readdir(directory))
    count++;
  closedir(directory);
  return count;
}

/* ---- begin ----------------------------------------------------------------------------------- */

/* Lets libuv open the files that it opens with the first loop of a process and keeps. */
static void warm_up(void)
{
  uv_loop_t loop;
  uv_loop_init(&loop);
  uv_loop_close(&loop);
}

static int reset(bool callers)
{
  warm_up();
#ifdef SIGPIPE /* for the peers, on systems without MSG_NOSIGNAL */
  signal(SIGPIPE, SIG_IGN);
#endif
  use_callers_loop = callers;
  contexts = 0;
  memset(places, 0, sizeof places);
  memset(warnings, 0, sizeof warnings);
  last_warning[0] = 0;
  memory_reset();
  journal_reset();
  watchdog_start();
  return 0;
}

int loop_reset_own(void **state)
{
  (void)state;
  return reset(false);
}

int loop_reset_callers(void **state)
{
  (void)state;
  return reset(true);
}

static void warned(netmcu_t *ctx, int divergence, const char *text, void *data)
{
  (void)ctx;
  (void)data;
  assert_between(divergence, 0, NETMCU_D_COUNT - 1);
  warnings[divergence]++;
  snprintf(last_warning, sizeof last_warning, "%s", text);
}

unsigned loop_warnings(int divergence)
{
  unsigned all = 0;
  for (int i = 0; i < NETMCU_D_COUNT; i++)
    if (divergence < 0 || divergence == i)
      all += warnings[i];
  return all;
}

const char *loop_warning(void)
{
  return last_warning;
}

static slot *find(const netmcu_t *ctx)
{
  for (int i = 0; i < CONTEXTS; i++)
    if (places[i].ctx == ctx)
      return &places[i];
  fail_msg("no place for a context");
  return NULL;
}

static uv_loop_t *new_loop(void)
{
  uv_loop_t *loop = malloc(sizeof *loop);
  assert_non_null(loop);
  assert_int_equal(uv_loop_init(loop), 0);
  return loop;
}

netmcu_t *loop_begin(const netmcu_options *options)
{
  return loop_begin_on(NULL, options);
}

/* NULL means the system's stack. */
netmcu_t *loop_begin_on(const netmcu__stack_class *stack, const netmcu_options *options)
{
  netmcu_options copy = NETMCU_OPTIONS_INIT;
  copy.families = NETMCU_IPV4_ONLY;
  if (options)
    copy = *options;
  if (stack == NULL && copy.connect_timeout == DEFAULT_CONNECT_TIMEOUT)
    copy.connect_timeout *= loop_patience(); /* valgrind makes handshakes slow */
  copy.allocator = memory_allocator();
  slot *place = find(NULL);
  if (contexts++ == 0)
    files_before = count_files();
  if (use_callers_loop)
    place->loop = new_loop();
  place->ctx = stack ? netmcu__context_new(place->loop, &copy, stack, NULL) : netmcu_new(place->loop, &copy);
  assert_non_null(place->ctx);
  netmcu_set_warning(place->ctx, warned, NULL);
  watchdog_watch(place->ctx);
  return place->ctx;
}

netmcu_t *loop_begin_with_frames(void)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.families = NETMCU_IPV4_ONLY;
  options.frame_size = 1460;
  return loop_begin(&options);
}

netmcu_t *loop_begin_with_families(int families)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.families = families;
  return loop_begin(&options);
}

netmcu_options loop_options(const netmcu_t *ctx)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  assert_int_equal(netmcu_get_options(ctx, &options), 0);
  return options;
}

void loop_files_may_differ(void)
{
  files_before = -1;
}

/* ---- run ------------------------------------------------------------------------------------- */

void loop_run(netmcu_t *ctx)
{
  assert_int_equal(netmcu_run(ctx), 0);
}

static void set_flag(void *data)
{
  *(bool *)data = true;
}

static bool is_set(void *data)
{
  return *(bool *)data;
}

void loop_run_due(netmcu_t *ctx)
{
  bool has_run = false;
  assert_int_equal(netmcu_post(ctx, set_flag, &has_run), 0);
  loop_until(ctx, is_set, &has_run);
}

void loop_turns(netmcu_t *ctx, unsigned turns)
{
  while (turns-- > 0)
    uv_run(netmcu_get_loop(ctx), UV_RUN_NOWAIT);
}

static void ticked(uv_timer_t *tick)
{
  (void)tick;
}

static void start_tick(slot *place)
{
  if (!place->ticks) {
    uv_timer_init(netmcu_get_loop(place->ctx), &place->tick);
    place->ticks = true;
  }
  uv_timer_start(&place->tick, ticked, 1, 1);
}

void loop_until(netmcu_t *ctx, loop_predicate done, void *data)
{
  slot *place = find(ctx);
  start_tick(place);
  while (!done(data))
    uv_run(netmcu_get_loop(ctx), UV_RUN_ONCE);
  uv_timer_stop(&place->tick);
}

struct awaited {
  const char *name;
  unsigned times;
};

static bool was_called(void *data)
{
  struct awaited *awaited = data;
  return calls(awaited->name) >= awaited->times;
}

void loop_until_called(netmcu_t *ctx, const char *name, unsigned times)
{
  struct awaited awaited = {name, times};
  loop_until(ctx, was_called, &awaited);
}

/* ---- end ------------------------------------------------------------------------------------- */

static void count_visit(const char *description, void *data)
{
  fprintf(stderr, "still open: %s\n", description);
  (*(int *)data)++;
}

void loop_end(netmcu_t *ctx)
{
  int open = 0;
  loop_run(ctx);
  netmcu_walk(ctx, count_visit, &open);
  assert_int_equal(open, 0);
  assert_false(uv_loop_alive(netmcu_get_loop(ctx)));
  journal_verify();
  loop_close(ctx);
}

static void count_call(void *data)
{
  (*(int *)data)++;
}

static void count_handle(uv_handle_t *handle, void *data)
{
  fprintf(stderr, "handle left on the loop: %s\n", uv_handle_type_name(handle->type));
  (*(int *)data)++;
}

static void end_callers_loop(slot *place)
{
  int handles = 0;
  uv_walk(place->loop, count_handle, &handles);
  assert_int_equal(handles, 0);
  assert_int_equal(uv_loop_close(place->loop), 0);
  free(place->loop);
}

/* Closes the tick, which belongs to the test. The context must not leave anything else behind. */
static void stop_tick(slot *place)
{
  if (place->ticks)
    uv_close((uv_handle_t *)&place->tick, NULL);
}

static void verify_surroundings(void)
{
  if (loop_blocks())
    fail_msg("%zu blocks of %zu bytes leaked", loop_blocks(), loop_bytes());
  if (files_before >= 0)
    assert_int_equal(count_files(), files_before);
}

void loop_close(netmcu_t *ctx)
{
  slot *place = find(ctx);
  int closed = 0;
  stop_tick(place);
  watchdog_forget(ctx);
  assert_int_equal(netmcu_close(ctx, count_call, &closed), 0);
  if (place->loop) {
    assert_int_equal(closed, 0);
    uv_run(place->loop, UV_RUN_DEFAULT);
  }
  assert_int_equal(closed, 1);
  if (place->loop)
    end_callers_loop(place);
  memset(place, 0, sizeof *place);
  if (--contexts == 0) {
    verify_surroundings();
    watchdog_stop();
  }
}
