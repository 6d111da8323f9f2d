/* A timer: a deadline with netmcu's rules. It may be freed in any callback, and it ends with its
 * context.
 *
 *   STOPPED ──start──▶ RUNNING ──stop, last shot──▶ STOPPED      free, in any state ──▶ gone
 *
 * A repeating timer is a series of single shots, each at a multiple of the period after the first.
 * The run time of callbacks therefore does not delay later ticks. */
#include <stdio.h>

#include "base/memory.h"
#include "base/object.h"
#include "stack/deadline.h"

struct netmcu_timer {
  netmcu__object object;
  netmcu_timer_cb cb;
  void *data;
  netmcu__deadline deadline;
  bool keeps_alive;
  uint64_t repeat; /* ms; 0: fires once */
  uint64_t due;    /* ms of the stack's clock */
};

typedef struct timers {
  netmcu__deadlines alive, background; /* of timers that keep the loop running, and of the others */
} timers;

/* ---- the deadlines --------------------------------------------------------------------------- */

static netmcu__deadlines *deadlines_of(const netmcu_timer *timer)
{
  timers *all = netmcu__part(timer->object.ctx, NETMCU__TIMERS);

  return timer->keeps_alive ? &all->alive : &all->background;
}

/* A deadline is at most 12 days ahead. For a time further ahead, it is set again when it
 * expires. */
static void set_due(netmcu_timer *timer, uint64_t due)
{
  timer->due = due;
  netmcu__deadline_set_at(deadlines_of(timer), &timer->deadline, due);
}

static uint64_t clock_of(const netmcu_timer *timer)
{
  return netmcu__time(netmcu__stack_of(timer->object.ctx)) / 1000000;
}

/* Keeps the phase. Ticks that are already over are skipped, so the next one is never due in this
 * iteration. */
static void start_next_period(netmcu_timer *timer)
{
  uint64_t now = clock_of(timer), late = now > timer->due ? now - timer->due : 0;

  if (timer->repeat > UINT64_MAX - now)
    set_due(timer, UINT64_MAX);
  else
    set_due(timer, timer->due + late - late % timer->repeat + timer->repeat);
}

static void on_expired(netmcu_t *ctx, netmcu__deadline *deadline)
{
  netmcu_timer *timer = netmcu__container(deadline, netmcu_timer, deadline);

  if (timer->due > netmcu__now(netmcu__stack_of(ctx))) {
    set_due(timer, timer->due);
    return;
  }
  if (timer->repeat)
    start_next_period(timer);
  netmcu__callback_begins(ctx);
  timer->cb(timer, timer->data);
  netmcu__callback_ended(ctx);
}

static bool begin_timers(netmcu_t *ctx, void *part)
{
  timers *all = part;

  netmcu__deadlines_init(&all->alive, ctx, on_expired, true);
  netmcu__deadlines_init(&all->background, ctx, on_expired, false);
  return true;
}

/* ---- the object ------------------------------------------------------------------------------ */

static void free_object(netmcu__object *object)
{
  netmcu_timer_free((netmcu_timer *)object);
}

static bool is_open(const netmcu__object *object)
{
  const netmcu_timer *timer = (const netmcu_timer *)object;

  return timer->keeps_alive && netmcu_timer_is_running(timer);
}

static void describe(const netmcu__object *object, char *text, size_t size)
{
  const netmcu_timer *timer = (const netmcu_timer *)object;
  uint64_t now = netmcu__now(netmcu__stack_of(object->ctx));

  if (timer->repeat)
    snprintf(text, size, "timer (every %llu ms)", (unsigned long long)timer->repeat);
  else
    snprintf(text, size, "timer (due in %llu ms)", (unsigned long long)(timer->due > now ? timer->due - now : 0));
}

netmcu_timer *netmcu_timer_new(netmcu_t *ctx, netmcu_timer_cb cb, void *data)
{
  static const netmcu__part_class timers_class = {.size = sizeof(timers), .begin = begin_timers};
  static const netmcu__class timer_class = {"timer", free_object, is_open, describe};

  if (netmcu__part_get(ctx, NETMCU__TIMERS, &timers_class) == NULL)
    return NULL;
  netmcu_timer *timer = netmcu__allocate(ctx, sizeof(*timer));
  if (timer == NULL)
    return NULL;
  timer->cb = cb;
  timer->data = data;
  timer->keeps_alive = true;
  netmcu__object_add(&timer->object, ctx, &timer_class);
  return timer;
}

void netmcu_timer_free(netmcu_timer *timer)
{
  if (timer == NULL)
    return;
  netmcu_timer_stop(timer);
  netmcu__object_release(&timer->object);
}

netmcu_t *netmcu_timer_get_context(const netmcu_timer *timer)
{
  return timer->object.ctx;
}

void netmcu_timer_set_data(netmcu_timer *timer, void *data)
{
  timer->data = data;
}

void *netmcu_timer_get_data(const netmcu_timer *timer)
{
  return timer->data;
}

void netmcu_timer_start(netmcu_timer *timer, uint64_t timeout, uint64_t repeat)
{
  uint64_t now = clock_of(timer);

  if (timeout == 0)
    timeout = 1;
  timer->repeat = repeat;
  set_due(timer, timeout < UINT64_MAX - now ? now + timeout : UINT64_MAX);
}

void netmcu_timer_stop(netmcu_timer *timer)
{
  netmcu__deadline_clear(deadlines_of(timer), &timer->deadline);
}

int netmcu_timer_is_running(const netmcu_timer *timer)
{
  return netmcu__deadline_is_set(&timer->deadline);
}

void netmcu_timer_set_keep_alive(netmcu_timer *timer, int keep_alive)
{
  bool running = netmcu_timer_is_running(timer);

  if (timer->keeps_alive == (keep_alive != 0))
    return;
  netmcu_timer_stop(timer);
  timer->keeps_alive = keep_alive != 0;
  if (running)
    set_due(timer, timer->due);
}
