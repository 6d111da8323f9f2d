/* See clock.h. */
#include "clock.h"
#include "stack/deadline.h"

static struct {
  netmcu__stack *stack;
  uint64_t now, time, timer; /* ms: of the loop's iteration, of the call, and of the timer */
  bool is_timer_set, has_network;
  unsigned expirations;
  netmcu__task hurry;
} standing;

static uint64_t now(netmcu__stack *stack)
{
  (void)stack;
  return standing.now;
}

static uint64_t time_of_call(netmcu__stack *stack)
{
  (void)stack;
  return standing.time * 1000000;
}

static void update(netmcu__stack *stack)
{
  (void)stack;
  standing.now = standing.time;
}

static void expire(void)
{
  standing.is_timer_set = false;
  standing.expirations++;
  if (standing.timer > standing.time)
    standing.time = standing.timer;
  standing.now = standing.time;
  netmcu__deadlines_expire(standing.stack);
}

/* A context that closes waits for its timeouts, and nobody lets time pass for it. */
static void hurry(netmcu__task *task)
{
  (void)task;
  if (standing.is_timer_set)
    expire();
}

static void set_timer(netmcu__stack *stack, uint64_t timeout)
{
  standing.timer = standing.now + timeout;
  standing.is_timer_set = true;
  if (netmcu__is_closing(stack->ctx))
    netmcu__task_post(stack->ctx, &standing.hurry);
}

static void stop_timer(netmcu__stack *stack)
{
  (void)stack;
  standing.is_timer_set = false;
}

static void keep_alive(netmcu__stack *stack, bool keep_alive)
{
  (void)stack;
  (void)keep_alive;
}

static int get_random(netmcu__stack *stack, void *buffer, size_t size)
{
  (void)stack;
  return uv_random(NULL, NULL, buffer, size, 0, NULL);
}

const netmcu__clock clock_standing = {now, time_of_call, update, set_timer, stop_timer, keep_alive, get_random};

void clock_begin(netmcu__stack *stack)
{
  memset(&standing, 0, sizeof standing);
  standing.stack = stack;
  standing.now = standing.time = 1000000;
  standing.hurry.run = hurry;
}

void clock_stop(netmcu_t *ctx)
{
  netmcu__stack *stack = netmcu__stack_of(ctx);
  clock_begin(stack);
  standing.has_network = true;
  stack->clock = &clock_standing;
  stack->started = netmcu__time(stack);
}

/* With a network, the loop has something to wait for. */
static void run_due(netmcu_t *ctx)
{
  if (standing.has_network)
    loop_run_due(ctx);
  else
    loop_run(ctx);
}

void clock_pass(netmcu_t *ctx, unsigned milliseconds)
{
  uint64_t end = standing.time + milliseconds;
  run_due(ctx);
  while (standing.is_timer_set && standing.timer <= end) {
    expire();
    run_due(ctx);
  }
  if (standing.time < end)
    standing.time = end;
  standing.now = standing.time;
}

void clock_compute(unsigned milliseconds)
{
  standing.time += milliseconds;
}

unsigned clock_close(netmcu_t *ctx)
{
  uint64_t begin = standing.time;
  loop_close(ctx);
  return (unsigned)(standing.time - begin);
}

unsigned clock_expirations(void)
{
  return standing.expirations;
}
