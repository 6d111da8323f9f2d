/* Deadlines: things that happen unless something else does first, many at once, on one libuv timer.
 *
 * A heap (pairing heap) whose nodes are part of the objects that wait: setting and clearing allocate nothing, and
 * 10,000 idle connections cost 32 bytes each for it where a uv_timer_t is 152. Set O(1), clear and expire O(log n). */
#ifndef NETMCU_DEADLINE_H
#define NETMCU_DEADLINE_H

#include "base/internal.h"

typedef struct netmcu__deadline netmcu__deadline;
struct netmcu__deadline {
  netmcu__deadline *child, *next; /* the first child; the next child of the same parent */
  netmcu__deadline *previous;     /* the child before, the parent of a first child, itself at the root; NULL: not set */
  uint32_t when;                  /* uv_now's lower half, in ms: compared by difference, right for 24 days ahead */
  uint32_t period;                /* ms; its owner's, who may need one */
};

typedef struct netmcu__deadlines {
  netmcu_t *ctx;
  netmcu__deadline *root;
  void (*expired)(netmcu_t *ctx, netmcu__deadline *deadline); /* it is cleared then, and may be set again */
  uint32_t armed;                                             /* when the timer fires, if it is active */
  bool firing;
  uv_timer_t timer; /* does not keep the loop alive: the sockets that wait do */
} netmcu__deadlines;

void netmcu__deadlines_init(netmcu__deadlines *deadlines, netmcu_t *ctx,
                            void (*expired)(netmcu_t *ctx, netmcu__deadline *deadline));
void netmcu__deadlines_close(netmcu__deadlines *deadlines);

/* Sets it to `timeout` ms from now, in place of what it was set to. */
void netmcu__deadline_set(netmcu__deadlines *deadlines, netmcu__deadline *deadline, uint32_t timeout);
void netmcu__deadline_clear(netmcu__deadlines *deadlines, netmcu__deadline *deadline);

#endif
