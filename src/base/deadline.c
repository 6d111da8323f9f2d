/* See deadline.h. The heap is the pairing heap of Fredman, Sedgewick, Sleator and Tarjan (1986). */
#include "base/deadline.h"

static bool is_before(uint32_t a, uint32_t b)
{
  return (int32_t)(a - b) < 0;
}

/* Makes the later of two roots the first child of the earlier. Either may be NULL. */
static netmcu__deadline *meld(netmcu__deadline *a, netmcu__deadline *b)
{
  if (a == NULL)
    return b;
  if (b == NULL)
    return a;
  if (is_before(b->when, a->when)) {
    netmcu__deadline *earlier = b;
    b = a;
    a = earlier;
  }
  b->next = a->child;
  if (b->next)
    b->next->previous = b;
  b->previous = a;
  a->child = b;
  return a;
}

/* Melds a list of siblings into one heap: in pairs from the left, then the pairs from the right. */
static netmcu__deadline *meld_siblings(netmcu__deadline *first)
{
  netmcu__deadline *pairs = NULL, *heap = NULL;

  while (first) {
    netmcu__deadline *a = first, *b = first->next;
    first = b ? b->next : NULL;
    a->next = NULL;
    if (b)
      b->next = NULL;
    a = meld(a, b);
    a->next = pairs;
    pairs = a;
  }
  while (pairs) {
    netmcu__deadline *pair = pairs;
    pairs = pair->next;
    pair->next = NULL;
    heap = meld(heap, pair);
  }
  return heap;
}

static void set_root(netmcu__deadlines *deadlines, netmcu__deadline *root)
{
  deadlines->root = root;
  if (root) {
    root->previous = root;
    root->next = NULL;
  }
}

static void unlink_deadline(netmcu__deadlines *deadlines, netmcu__deadline *deadline)
{
  netmcu__deadline *children = meld_siblings(deadline->child);

  if (deadlines->root == deadline) {
    set_root(deadlines, children);
  } else {
    if (deadline->previous->child == deadline)
      deadline->previous->child = deadline->next;
    else
      deadline->previous->next = deadline->next;
    if (deadline->next)
      deadline->next->previous = deadline->previous;
    set_root(deadlines, meld(deadlines->root, children));
  }
  *deadline = (netmcu__deadline){.period = deadline->period};
}

static void timer_fired(uv_timer_t *timer);

/* The timer may fire too early (what it was armed for was cleared), never too late. */
static void arm(netmcu__deadlines *deadlines)
{
  uv_handle_t *timer = (uv_handle_t *)&deadlines->timer;

  if (deadlines->firing || uv_is_closing(timer))
    return;
  if (deadlines->root == NULL) {
    uv_timer_stop(&deadlines->timer);
  } else if (!uv_is_active(timer) || is_before(deadlines->root->when, deadlines->armed)) {
    uint32_t now = (uint32_t)uv_now(timer->loop);
    deadlines->armed = deadlines->root->when;
    uv_timer_start(&deadlines->timer, timer_fired, is_before(now, deadlines->armed) ? deadlines->armed - now : 0, 0);
  }
}

static void timer_fired(uv_timer_t *timer)
{
  netmcu__deadlines *deadlines = netmcu__container(timer, netmcu__deadlines, timer);
  uint32_t now = (uint32_t)uv_now(timer->loop);

  deadlines->firing = true;
  while (deadlines->root && !is_before(now, deadlines->root->when)) {
    netmcu__deadline *due = deadlines->root;
    unlink_deadline(deadlines, due);
    deadlines->expired(deadlines->ctx, due);
  }
  deadlines->firing = false;
  arm(deadlines);
  netmcu__refresh_time(deadlines->ctx);
}

void netmcu__deadlines_init(netmcu__deadlines *deadlines, netmcu_t *ctx,
                            void (*expired)(netmcu_t *ctx, netmcu__deadline *deadline))
{
  deadlines->ctx = ctx;
  deadlines->root = NULL;
  deadlines->expired = expired;
  deadlines->firing = false;
  uv_timer_init(netmcu_loop(ctx), &deadlines->timer);
  uv_unref((uv_handle_t *)&deadlines->timer);
  netmcu__handle_opened(ctx);
}

static void timer_closed(uv_handle_t *timer)
{
  netmcu__handle_closed(netmcu__container(timer, netmcu__deadlines, timer)->ctx);
}

void netmcu__deadlines_close(netmcu__deadlines *deadlines)
{
  uv_close((uv_handle_t *)&deadlines->timer, timer_closed);
}

void netmcu__deadline_set(netmcu__deadlines *deadlines, netmcu__deadline *deadline, uint32_t timeout)
{
  if (deadline->previous)
    unlink_deadline(deadlines, deadline);
  /* Never due within the turn it is set in: one that is set again as it expires does not starve the network. */
  uint64_t wait = (timeout ? timeout : 1) + netmcu__lag(deadlines->timer.loop);
  deadline->when = (uint32_t)uv_now(deadlines->timer.loop) + (uint32_t)(wait < INT32_MAX ? wait : INT32_MAX);
  set_root(deadlines, meld(deadlines->root, deadline));
  arm(deadlines);
}

void netmcu__deadline_clear(netmcu__deadlines *deadlines, netmcu__deadline *deadline)
{
  if (deadline->previous == NULL)
    return;
  unlink_deadline(deadlines, deadline);
  if (deadlines->root == NULL)
    arm(deadlines);
}
