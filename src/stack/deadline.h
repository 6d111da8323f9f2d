/* A deadline is something that happens unless something else happens first. Any number of deadlines
 * share the stack's one timer.
 *
 * Deadlines are nodes of pairing heaps, and are embedded in the objects that wait. Setting and
 * clearing one allocates nothing. An idle connection spends 32 bytes on its deadline; a timer of
 * libuv would take 152. Setting takes O(1), clearing and expiring O(log n). Deadlines of one heap
 * with the same time expire in the order in which they were set. */
#ifndef NETMCU_DEADLINE_H
#define NETMCU_DEADLINE_H

#include "base/heap.h"
#include "stack/stack.h"

typedef struct netmcu__deadline {
  netmcu__heap_node node;
  uint32_t when;     /* ms, the lower half of the stack's clock */
  uint32_t sequence; /* the order in which they were set */
} netmcu__deadline;

/* The deadlines of one kind. */
typedef struct netmcu__deadlines netmcu__deadlines;
struct netmcu__deadlines {
  netmcu__deadlines *next; /* of the stack, while a deadline is set */
  netmcu__stack *stack;
  netmcu__heap_node *root;
  void (*expired)(netmcu_t *ctx, netmcu__deadline *deadline); /* it is cleared before, and may be set again */
  bool keeps_alive;                                           /* whether the loop keeps running while one is set */
};

/* Begins a kind. It must stay in place until its last deadline has expired or is cleared. */
void netmcu__deadlines_init(netmcu__deadlines *deadlines, netmcu_t *ctx,
                            void (*expired)(netmcu_t *ctx, netmcu__deadline *deadline), bool keeps_alive);

/* Both functions replace an earlier time. A deadline expires in a later loop iteration. One that is
 * set again whenever it expires therefore does not starve the network. */
/* Sets it to `timeout` ms after this call. */
void netmcu__deadline_set(netmcu__deadlines *deadlines, netmcu__deadline *deadline, uint32_t timeout);
/* Sets it to a time of the clock's `now`, at most 12 days ahead. */
void netmcu__deadline_set_at(netmcu__deadlines *deadlines, netmcu__deadline *deadline, uint64_t when);

/* Clears it; no effect if it is not set. */
void netmcu__deadline_clear(netmcu__deadlines *deadlines, netmcu__deadline *deadline);

/* Clears all of them, and calls `visit` for each, which may set it again. */
void netmcu__deadlines_reset(netmcu__deadlines *deadlines, void (*visit)(netmcu__deadline *deadline));

static inline bool netmcu__deadline_is_set(const netmcu__deadline *deadline)
{
  return netmcu__heap_has(&deadline->node);
}

/* Called by the stack when its timer expires. */
void netmcu__deadlines_expire(netmcu__stack *stack);

#endif
