/* A timer: a uv_timer_t with netmcu's rules. It may be freed in any callback, it is counted, and it ends with its
 * context.
 *
 *   STOPPED ──start──▶ RUNNING ──stop, last shot──▶ STOPPED      free, in any state ──▶ gone with its handle
 *
 * libuv counts the repeat of a timer from the moment it gets round to the timer, so that the run time of every callback
 * in between delays all later ticks. A repeating timer here is a series of single ones, each set for a multiple of the
 * period after the first.
 */
#include <stdio.h>

#include "base/internal.h"

struct netmcu_timer {
  netmcu__object object;
  uv_timer_t handle;
  netmcu_timer_cb cb;
  void *data;
  uint64_t repeat; /* ms; 0: fires once */
  uint64_t due;    /* ms of uv_now */
};

static void handle_closed(uv_handle_t *handle)
{
  netmcu_timer *timer = netmcu__container(handle, netmcu_timer, handle);
  netmcu_t *ctx = timer->object.ctx;

  netmcu__release(ctx, timer);
  netmcu__handle_closed(ctx);
}

static void object_free(netmcu__object *object)
{
  netmcu_timer_free((netmcu_timer *)object);
}

static bool object_describe(const netmcu__object *object, char *text, size_t size)
{
  const netmcu_timer *timer = (const netmcu_timer *)object;
  const uv_handle_t *handle = (const uv_handle_t *)&timer->handle;

  if (!uv_is_active(handle) || !uv_has_ref(handle))
    return false;
  if (timer->repeat)
    snprintf(text, size, "timer (every %llu ms)", (unsigned long long)timer->repeat);
  else
    snprintf(text, size, "timer (due in %llu ms)", (unsigned long long)uv_timer_get_due_in(&timer->handle));
  return true;
}

static const netmcu__class timer_class = {"timer", object_free, object_describe};

netmcu_timer *netmcu_timer_new(netmcu_t *ctx, netmcu_timer_cb cb, void *data)
{
  netmcu_timer *timer = netmcu__allocate(ctx, sizeof(*timer));

  if (timer == NULL)
    return NULL;
  timer->cb = cb;
  timer->data = data;
  uv_timer_init(netmcu_loop(ctx), &timer->handle);
  netmcu__handle_opened(ctx);
  netmcu__object_add(&timer->object, ctx, &timer_class);
  return timer;
}

void netmcu_timer_free(netmcu_timer *timer)
{
  if (timer == NULL)
    return;
  netmcu__object_remove(&timer->object);
  uv_close((uv_handle_t *)&timer->handle, handle_closed);
}

static uint64_t real_now(void)
{
  return uv_hrtime() / 1000000;
}

static void on_timer(uv_timer_t *handle);

static void start_handle(netmcu_timer *timer, uint64_t due)
{
  uint64_t now = uv_now(timer->handle.loop);

  timer->due = due;
  uv_timer_start(&timer->handle, on_timer, due > now ? due - now : 1, 0);
}

/* Keeps the phase. Ticks that are already over are skipped, so the next one is never due in this turn. */
static void start_next_period(netmcu_timer *timer)
{
  uint64_t now = real_now(), late = now > timer->due ? now - timer->due : 0;

  if (timer->repeat > UINT64_MAX - now)
    start_handle(timer, UINT64_MAX);
  else
    start_handle(timer, timer->due + late - late % timer->repeat + timer->repeat);
}

static void on_timer(uv_timer_t *handle)
{
  netmcu_timer *timer = netmcu__container(handle, netmcu_timer, handle);
  netmcu_t *ctx = timer->object.ctx;

  if (timer->repeat)
    start_next_period(timer);
  timer->cb(timer, timer->data);
  netmcu__refresh_time(ctx);
}

void netmcu_timer_start(netmcu_timer *timer, uint64_t timeout, uint64_t repeat)
{
  uint64_t now = real_now();

  /* Never due in the turn that starts it: libuv runs the timers that are due until none is, and the network never. */
  if (timeout == 0)
    timeout = 1;
  timer->repeat = repeat;
  start_handle(timer, timeout < UINT64_MAX - now ? now + timeout : UINT64_MAX);
}

void netmcu_timer_stop(netmcu_timer *timer)
{
  uv_timer_stop(&timer->handle);
}

int netmcu_timer_is_running(const netmcu_timer *timer)
{
  return uv_is_active((const uv_handle_t *)&timer->handle);
}

void netmcu_timer_keep_alive(netmcu_timer *timer, int keep_alive)
{
  if (keep_alive)
    uv_ref((uv_handle_t *)&timer->handle);
  else
    uv_unref((uv_handle_t *)&timer->handle);
}
