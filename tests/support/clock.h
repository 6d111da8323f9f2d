/* A clock that only the test moves. fake.h has it, and clock_stop gives it to a context on the
 * system's network. The peers are real then, but no timeout of netmcu expires
 * because the machine is slow, and a timeout that a test wants expires to the millisecond.
 *
 *   netmcu_t *ctx = loop_begin(NULL);
 *   clock_stop(ctx);
 *   …
 *   clock_pass(ctx, 1000);                 // a second later
 *
 * loop_run waits for the network as usual, but not for timeouts. A context that closes has nobody to
 * let time pass: its timeouts expire at once. One context at a time has such a clock. */
#ifndef TEST_CLOCK_H
#define TEST_CLOCK_H

#include "loop.h"
#include "stack/stack.h"

/* To be called at the beginning, before the context has any objects. */
void clock_stop(netmcu_t *ctx);

/* Time passes, and what is due in it happens in its order. */
void clock_pass(netmcu_t *ctx, unsigned milliseconds);

/* Time passes during a callback that takes long. */
void clock_compute(unsigned milliseconds);

/* As loop_close. Returns the milliseconds that the context has waited for. */
unsigned clock_close(netmcu_t *ctx);

unsigned clock_expirations(void); /* how often the timer has expired, which wakes a loop */

/* For a stack without a network: the clock, and its beginning. */
extern const netmcu__clock clock_standing;
void clock_begin(netmcu__stack *stack);

#endif
