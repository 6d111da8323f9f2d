/* A timer: a uv_timer_t with netmcu's rules (freed in any callback, counted, ended with its context).
 *
 *   STOPPED ──start──▶ RUNNING ──stop, last shot──▶ STOPPED      free, in any state ──▶ gone with its handle
 */
#include <stdio.h>

#include "base/internal.h"

struct netmcu_timer {
  netmcu__object object;
  uv_timer_t handle;
  netmcu_timer_cb cb;
  void *data;
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
  uint64_t repeat = uv_timer_get_repeat(&timer->handle);
  if (repeat)
    snprintf(text, size, "timer (every %llu ms)", (unsigned long long)repeat);
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

static void fired(uv_timer_t *handle)
{
  netmcu_timer *timer = netmcu__container(handle, netmcu_timer, handle);

  timer->cb(timer, timer->data);
}

/* Bringing uv_now up to date would let timers that are due by now run in this very turn, again and again where they take
 * long. */
uint64_t netmcu__lag(const uv_loop_t *loop)
{
  uint64_t now = uv_hrtime() / 1000000;

  return now > uv_now(loop) ? now - uv_now(loop) : 0;
}

void netmcu_timer_start(netmcu_timer *timer, uint64_t timeout, uint64_t repeat)
{
  uint64_t late = netmcu__lag(timer->handle.loop);

  /* Never due in the turn that starts it: libuv runs what is due until nothing is, and the network never. */
  if (timeout == 0)
    timeout = 1;
  uv_timer_start(&timer->handle, fired, timeout < UINT64_MAX - late ? timeout + late : timeout, repeat);
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
