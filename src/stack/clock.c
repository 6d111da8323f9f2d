/* The clock of a context. See stack.h. */
#include "stack/stack.h"

uint64_t netmcu_get_time(const netmcu_t *ctx)
{
  netmcu__stack *stack = netmcu__stack_of(ctx);

  return netmcu__time(stack) - stack->started;
}

static void update_clock(netmcu__task *task)
{
  netmcu__stack *stack = netmcu__container(task, netmcu__stack, look);

  stack->clock->update(stack);
}

/* Does not update the clock at once: timers that became due meanwhile would run in this very
 * iteration, again and again if they take long. */
void netmcu__look_at_clock(netmcu__stack *stack)
{
  stack->look.run = update_clock;
  if (netmcu__lag(stack) > 0)
    netmcu__task_post(stack->ctx, &stack->look);
}
