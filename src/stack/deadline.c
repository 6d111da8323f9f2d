/* See deadline.h. A heap is the pairing heap of Fredman, Sedgewick, Sleator and Tarjan (1986). */
#include "stack/deadline.h"

/* Times are compared by their difference, which is right for times up to 24 days apart. One half of
 * these is for times ahead, the other one for deadlines that are late: a process may be stopped for
 * days. */
#define MOST_AHEAD (INT32_MAX / 2)

static bool is_before(uint32_t a, uint32_t b)
{
  return (int32_t)(a - b) < 0;
}

static bool is_earlier(const netmcu__deadline *a, const netmcu__deadline *b)
{
  return a->when == b->when ? is_before(a->sequence, b->sequence) : is_before(a->when, b->when);
}

/* Makes the later of two roots the first child of the earlier. Either may be NULL. */
static netmcu__deadline *meld(netmcu__deadline *a, netmcu__deadline *b)
{
  if (a == NULL)
    return b;
  if (b == NULL)
    return a;
  if (is_earlier(b, a)) {
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
  *deadline = (netmcu__deadline){.child = NULL};
}

/* ---- the stack's timer ----------------------------------------------------------------------- */

/* Returns the kind with the earliest deadline; NULL if none is set. */
static netmcu__deadlines *find_earliest(const netmcu__stack *stack)
{
  netmcu__deadlines *earliest = NULL;

  for (netmcu__deadlines *kind = stack->deadlines; kind; kind = kind->next)
    if (kind->root && (earliest == NULL || is_earlier(kind->root, earliest->root)))
      earliest = kind;
  return earliest;
}

static void update_keep_alive(netmcu__stack *stack)
{
  bool keep = false;

  for (const netmcu__deadlines *kind = stack->deadlines; kind; kind = kind->next)
    keep = keep || (kind->root && kind->keeps_alive);
  if (keep != stack->timer_keeps_alive)
    stack->clock->keep_alive(stack, keep);
  stack->timer_keeps_alive = keep;
}

/* The timer may expire too early, because the deadline it was set for was cleared. It never expires
 * too late. */
static void set_timer(netmcu__stack *stack)
{
  if (stack->expiring)
    return;
  const netmcu__deadlines *earliest = find_earliest(stack);
  update_keep_alive(stack);
  if (earliest == NULL) {
    if (stack->timer_is_set)
      stack->clock->stop_timer(stack);
    stack->timer_is_set = false;
  } else if (!stack->timer_is_set || is_before(earliest->root->when, stack->timer)) {
    uint32_t now = (uint32_t)stack->clock->now(stack);
    stack->timer = earliest->root->when;
    stack->timer_is_set = true;
    stack->clock->set_timer(stack, is_before(now, stack->timer) ? stack->timer - now : 0);
  }
}

void netmcu__deadlines_expire(netmcu__stack *stack)
{
  uint32_t now = (uint32_t)stack->clock->now(stack);
  netmcu__deadlines *kind;

  stack->timer_is_set = false;
  stack->expiring = true;
  while ((kind = find_earliest(stack)) != NULL && !is_before(now, kind->root->when)) {
    netmcu__deadline *deadline = kind->root;
    unlink_deadline(kind, deadline);
    kind->expired(stack->ctx, deadline);
  }
  stack->expiring = false;
  set_timer(stack);
  netmcu__look_at_clock(stack);
}

/* ---- setting and clearing -------------------------------------------------------------------- */

void netmcu__deadlines_init(netmcu__deadlines *deadlines, netmcu_t *ctx,
                            void (*expired)(netmcu_t *ctx, netmcu__deadline *deadline), bool keeps_alive)
{
  netmcu__stack *stack = netmcu__stack_of(ctx);

  *deadlines =
      (netmcu__deadlines){.next = stack->deadlines, .stack = stack, .expired = expired, .keeps_alive = keeps_alive};
  stack->deadlines = deadlines;
}

void netmcu__deadline_set_at(netmcu__deadlines *deadlines, netmcu__deadline *deadline, uint64_t when)
{
  netmcu__stack *stack = deadlines->stack;
  uint64_t now = stack->clock->now(stack);

  if (netmcu__deadline_is_set(deadline))
    unlink_deadline(deadlines, deadline);
  uint64_t wait = when > now ? when - now : 1;
  deadline->when = (uint32_t)now + (uint32_t)(wait < MOST_AHEAD ? wait : MOST_AHEAD);
  deadline->sequence = stack->sequence++;
  set_root(deadlines, meld(deadlines->root, deadline));
  set_timer(stack);
}

void netmcu__deadline_set(netmcu__deadlines *deadlines, netmcu__deadline *deadline, uint32_t timeout)
{
  netmcu__stack *stack = deadlines->stack;

  netmcu__deadline_set_at(deadlines, deadline, netmcu__now(stack) + netmcu__lag(stack) + (timeout ? timeout : 1));
}

void netmcu__deadline_clear(netmcu__deadlines *deadlines, netmcu__deadline *deadline)
{
  if (!netmcu__deadline_is_set(deadline))
    return;
  unlink_deadline(deadlines, deadline);
  if (deadlines->root == NULL)
    set_timer(deadlines->stack);
}

void netmcu__deadlines_reset(netmcu__deadlines *deadlines, void (*visit)(netmcu__deadline *deadline))
{
  netmcu__deadline *cleared = NULL;

  while (deadlines->root) {
    netmcu__deadline *deadline = deadlines->root;
    unlink_deadline(deadlines, deadline);
    deadline->next = cleared;
    cleared = deadline;
  }
  while (cleared) {
    netmcu__deadline *deadline = cleared;
    cleared = deadline->next;
    deadline->next = NULL;
    visit(deadline);
  }
}
