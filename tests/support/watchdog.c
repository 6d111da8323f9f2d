/* The watchdog is a thread, because a loop that hangs runs no timer. It reads the objects of the
 * hanging thread without a lock. At worst its output is wrong, and the program ends anyway. The
 * clock is libuv's, which no step of the system's time moves. */
#include "loop.h"
#include "journal.h"
#include "watchdog.h"

#define SECONDS  60
#define CONTEXTS 8

static uv_once_t once = UV_ONCE_INIT;
static uv_mutex_t mutex;
static uv_cond_t stopped;
static uv_thread_t thread;
static bool running, stopping;
static uint64_t deadline; /* ns */
static netmcu_t *watched[CONTEXTS];

static void print_object(const char *description, void *data)
{
  (void)data;
  fprintf(stderr, "    %s\n", description);
}

static void bark(void)
{
  fprintf(stderr, "\nwatch-dog: the test takes too long\n  calls: %.2000s\n", journal());
  journal_print(stderr);
  for (int i = 0; i < CONTEXTS; i++)
    if (watched[i]) {
      fprintf(stderr, "  open in context %p:\n", (void *)watched[i]);
      netmcu_walk(watched[i], print_object, NULL);
      uv_print_all_handles(netmcu_get_loop(watched[i]), stderr);
    }
  abort();
}

static void watch(void *data)
{
  (void)data;
  uv_mutex_lock(&mutex);
  for (uint64_t now; !stopping && (now = uv_hrtime()) < deadline;)
    uv_cond_timedwait(&stopped, &mutex, deadline - now);
  if (!stopping)
    bark();
  uv_mutex_unlock(&mutex);
}

static void make_lock(void)
{
  uv_mutex_init(&mutex);
  uv_cond_init(&stopped);
}

void watchdog_extend(unsigned seconds)
{
  uv_mutex_lock(&mutex);
  deadline = uv_hrtime() + (uint64_t)seconds * loop_patience() * 1000000000;
  uv_cond_signal(&stopped);
  uv_mutex_unlock(&mutex);
}

void watchdog_start(void)
{
  uv_once(&once, make_lock);
  watchdog_stop();
  memset(watched, 0, sizeof watched);
  watchdog_extend(SECONDS);
  stopping = false;
  running = uv_thread_create(&thread, watch, NULL) == 0;
}

void watchdog_stop(void)
{
  if (!running)
    return;
  uv_mutex_lock(&mutex);
  stopping = true;
  uv_cond_signal(&stopped);
  uv_mutex_unlock(&mutex);
  uv_thread_join(&thread);
  running = false;
}

static void replace(const netmcu_t *old, netmcu_t *new)
{
  for (int i = 0; i < CONTEXTS; i++)
    if (watched[i] == old) {
      watched[i] = new;
      return;
    }
}

void watchdog_watch(netmcu_t *ctx)
{
  replace(NULL, ctx);
}

void watchdog_forget(netmcu_t *ctx)
{
  replace(ctx, NULL);
}
