/* See deadline.h. */
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

static netmcu__deadline *deadline_of(const netmcu__heap_node *node)
{
  return node ? netmcu__container((uintptr_t)node, netmcu__deadline, node) : NULL;
}

static bool is_node_earlier(const netmcu__heap_node *a, const netmcu__heap_node *b)
{
  return is_earlier(deadline_of(a), deadline_of(b));
}

static netmcu__deadline *first_of(const netmcu__deadlines *deadlines)
{
  return deadline_of(deadlines->root);
}

/* The stack's list of kinds has only those with a deadline: with many simulated devices, the others
 * are rarely in the processor's cache. */
static void link_deadline(netmcu__deadlines *deadlines, netmcu__deadline *deadline)
{
  if (deadlines->root == NULL) {
    deadlines->next = deadlines->stack->deadlines;
    deadlines->stack->deadlines = deadlines;
  }
  netmcu__heap_insert(&deadlines->root, &deadline->node, is_node_earlier);
}

static void unlink_deadline(netmcu__deadlines *deadlines, netmcu__deadline *deadline)
{
  netmcu__deadlines **place = &deadlines->stack->deadlines;

  netmcu__heap_remove(&deadlines->root, &deadline->node, is_node_earlier);
  if (deadlines->root)
    return;
  while (*place != deadlines)
    place = &(*place)->next;
  *place = deadlines->next;
}

/* ---- the stack's timer ----------------------------------------------------------------------- */

/* Returns the kind with the earliest deadline; NULL if none is set. */
static netmcu__deadlines *find_earliest(const netmcu__stack *stack)
{
  netmcu__deadlines *earliest = NULL;

  for (netmcu__deadlines *kind = stack->deadlines; kind; kind = kind->next)
    if (earliest == NULL || is_earlier(first_of(kind), first_of(earliest)))
      earliest = kind;
  return earliest;
}

static void update_keep_alive(netmcu__stack *stack)
{
  bool keep = false;

  for (const netmcu__deadlines *kind = stack->deadlines; kind; kind = kind->next)
    keep = keep || kind->keeps_alive;
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
  } else if (!stack->timer_is_set || is_before(first_of(earliest)->when, stack->timer)) {
    uint32_t now = (uint32_t)stack->clock->now(stack);
    stack->timer = first_of(earliest)->when;
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
  while ((kind = find_earliest(stack)) != NULL && !is_before(now, first_of(kind)->when)) {
    netmcu__deadline *deadline = first_of(kind);
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
  *deadlines =
      (netmcu__deadlines){.stack = netmcu__stack_of(ctx), .expired = expired, .keeps_alive = keeps_alive};
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
  link_deadline(deadlines, deadline);
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
  netmcu__heap_node *cleared = NULL;

  while (deadlines->root) {
    netmcu__heap_node *node = deadlines->root;
    unlink_deadline(deadlines, deadline_of(node));
    node->next = cleared;
    cleared = node;
  }
  set_timer(deadlines->stack);
  while (cleared) {
    netmcu__heap_node *node = cleared;
    cleared = node->next;
    node->next = NULL;
    visit(deadline_of(node));
  }
}
