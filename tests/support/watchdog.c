/* The watchdog is a thread, because a loop that hangs runs no timer. It reads the objects of the
 * hanging thread without a lock. At worst its output is wrong, and the program ends anyway. */
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "loop.h"
#include "journal.h"
#include "watchdog.h"

#define SECONDS  60
#define CONTEXTS 8

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t stopped = PTHREAD_COND_INITIALIZER;
static pthread_t thread;
static bool running, stopping;
static struct timespec deadline;
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

static void *watch(void *data)
{
  (void)data;
  pthread_mutex_lock(&mutex);
  int error = 0;
  while (!stopping && error != ETIMEDOUT) {
    struct timespec until = deadline;
    error = pthread_cond_timedwait(&stopped, &mutex, &until);
    if (error == ETIMEDOUT && (until.tv_sec != deadline.tv_sec))
      error = 0;
  }
  if (!stopping)
    bark();
  pthread_mutex_unlock(&mutex);
  return NULL;
}

void watchdog_extend(unsigned seconds)
{
  pthread_mutex_lock(&mutex);
  clock_gettime(CLOCK_REALTIME, &deadline);
  deadline.tv_sec += (time_t)(seconds * loop_patience());
  pthread_cond_signal(&stopped);
  pthread_mutex_unlock(&mutex);
}

void watchdog_start(void)
{
  watchdog_stop();
  memset(watched, 0, sizeof watched);
  watchdog_extend(SECONDS);
  stopping = false;
  running = pthread_create(&thread, NULL, watch, NULL) == 0;
}

void watchdog_stop(void)
{
  if (!running)
    return;
  pthread_mutex_lock(&mutex);
  stopping = true;
  pthread_cond_signal(&stopped);
  pthread_mutex_unlock(&mutex);
  pthread_join(thread, NULL);
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
