/* The stack on which the context of a simulated host stands, and the clocks of the host. */
#include "base/memory.h"
#include "stack/deadline.h"
#include "stack/sim.h"

/* ---- clocks ------------------------------------------------------------------------------------ */

#define CLOCK_BEGIN (1000 * SECOND) /* the clock of a context is never 0, as on a real system */
#define MOST_DRIFT  500000

static uint64_t drifted(const netmcu_sim_host *host, uint64_t time)
{
  return time + (uint64_t)((int64_t)(time / 1000000) * host->drift);
}

static uint64_t time_of_call(netmcu__stack *stack)
{
  const netmcu_sim_host *host = netmcu__sim_host_of(stack);

  netmcu__sim_catch_up(host->world);
  return CLOCK_BEGIN + drifted(host, host->world->now);
}

static uint64_t now(netmcu__stack *stack)
{
  return time_of_call(stack) / MILLISECOND;
}

static void update(netmcu__stack *stack)
{
  (void)stack;
}

/* `later` on the host's clock, as a time of the world, and rounded up. */
static uint64_t world_time(const netmcu_sim_host *host, uint64_t later)
{
  uint64_t rate = (uint64_t)((int64_t)1000000 + host->drift);

  if (host->drift == 0)
    return later;
  return later / rate * 1000000 + later % rate * 1000000 / rate + MICROSECOND;
}

static void set_timer(netmcu__stack *stack, uint64_t timeout)
{
  netmcu__sim_stack *s = netmcu__sim_stack_of(stack);
  netmcu_sim *world = s->host->world;
  uint64_t target = (now(stack) + timeout) * MILLISECOND, time = time_of_call(stack);

  netmcu__sim_set(world, &s->timer, world->now + (target > time ? world_time(s->host, target - time) : 0));
}

static void stop_timer(netmcu__stack *stack)
{
  netmcu__sim_stack *s = netmcu__sim_stack_of(stack);

  netmcu__sim_clear(s->host->world, &s->timer);
}

static void keep_alive(netmcu__stack *stack, bool keep_alive)
{
  netmcu__sim_stack_of(stack)->timer_keeps_alive = keep_alive;
}

static int get_random(netmcu__stack *stack, void *buffer, size_t size)
{
  unsigned char *bytes = buffer;

  for (size_t i = 0; i < size; i++)
    bytes[i] = (unsigned char)(netmcu_sim_host_random(netmcu__sim_host_of(stack)) >> 56);
  return 0;
}

uint64_t netmcu_sim_host_random(netmcu_sim_host *host)
{
  return netmcu__random_next(&host->random);
}

netmcu_sim *netmcu_sim_of(const netmcu_sim_host *host)
{
  return host->world;
}

static const netmcu__clock sim_clock = {now, time_of_call, update, set_timer, stop_timer, keep_alive, get_random};

void netmcu_sim_set_clock(netmcu_sim_host *host, int64_t skew, int32_t drift)
{
  const int64_t most = INT64_MAX / (int64_t)MICROSECOND;

  host->skew = (skew < -most ? -most : skew > most ? most : skew) * (int64_t)MICROSECOND;
  host->drift = drift < -MOST_DRIFT ? -MOST_DRIFT : drift > MOST_DRIFT ? MOST_DRIFT : drift;
}

uint64_t netmcu_sim_clock(const netmcu_sim_host *host)
{
  return host->world->start + (drifted(host, netmcu_sim_time(host->world)) + (uint64_t)host->skew) / MICROSECOND;
}

/* ---- the stack of a context -------------------------------------------------------------------- */

static void on_timer(netmcu__sim_event *event)
{
  netmcu__deadlines_expire(&netmcu__container(event, netmcu__sim_stack, timer)->stack);
}

static void on_turn(netmcu__sim_event *event)
{
  netmcu__sim_stack *s = netmcu__container(event, netmcu__sim_stack, turn);

  if (netmcu__tasks_run(s->stack.ctx))
    netmcu__sim_set(s->host->world, &s->turn, 0);
  else if (s->is_closing)
    netmcu__handle_closed(s->stack.ctx);
}

static bool allows(netmcu__stack *stack, const char *fault)
{
  const netmcu_sim_host *host = netmcu__sim_host_of(stack);
  char text[384];

  snprintf(text, sizeof(text), "%s of %s", fault, host->name);
  return netmcu_sim_fault(host->world, text);
}

static uint64_t *expect(netmcu__stack *stack, const char *rule)
{
  return netmcu__sim_expect(netmcu__sim_host_of(stack)->world, rule);
}

static netmcu__stack *begin(netmcu_t *ctx, void *data)
{
  netmcu__sim_stack *s = netmcu__allocate(ctx, sizeof(*s));
  netmcu_sim_host *host = data;

  if (s == NULL)
    return NULL;
  s->stack = (netmcu__stack){.ctx = ctx,
                             .clock = &sim_clock,
                             .streams = host->profile->streams,
                             .datagrams = &netmcu__sim_datagrams,
                             .echo = &netmcu__sim_echo,
                             .interfaces = &netmcu__sim_interfaces,
                             .allows = allows,
                             .expect = expect};
  s->host = host;
  s->turn.run = on_turn;
  s->timer.run = on_timer;
  s->stack.started = time_of_call(&s->stack);
  netmcu__head_of(ctx)->is_device = host->profile->is_device;
  host->stack = s;
  host->world->contexts++;
  return &s->stack;
}

static void wake(netmcu__stack *stack)
{
  netmcu__sim_stack *s = netmcu__sim_stack_of(stack);

  if (!netmcu__heap_has(&s->turn.node))
    netmcu__sim_set(s->host->world, &s->turn, 0);
}

static void close_stack(netmcu__stack *stack)
{
  netmcu__sim_stack_of(stack)->is_closing = true;
  wake(stack);
}

static void end(netmcu__stack *stack)
{
  netmcu__sim_stack *s = netmcu__sim_stack_of(stack);
  netmcu_sim_host *host = s->host;

  if (s->is_gone)
    *s->is_gone = true;
  if (host->stack == s)
    host->stack = NULL;
  host->world->contexts--;
  netmcu__sim_clear(host->world, &s->timer);
  netmcu__sim_clear(host->world, &s->turn);
  netmcu__release(stack->ctx, s);
}

typedef struct run {
  netmcu__sim_stack *stack;
  bool is_gone, is_once, had_event;
} run;

static bool is_stack_alive(const netmcu__sim_stack *s)
{
  return s->alive > 0 || netmcu__heap_has(&s->turn.node) || (s->timer_keeps_alive && netmcu__heap_has(&s->timer.node));
}

/* Standard input and other handles on the world's loop count as well. */
static bool is_alive(const run *r)
{
  const netmcu__sim_stack *s = r->stack;

  if (r->is_gone)
    return false;
  const netmcu_sim_host *neighbour = s->host->neighbour;
  return is_stack_alive(s) || uv_loop_alive(&s->host->world->loop) ||
         (neighbour && neighbour->stack && is_stack_alive(neighbour->stack));
}

static bool goes_on(void *data)
{
  run *r = data;
  bool is_first = !r->had_event;

  r->had_event = true;
  return is_alive(r) && !r->stack->is_stopped && (is_first || !r->is_once);
}

static int run_context(netmcu__stack *stack, bool once)
{
  netmcu__sim_stack *s = netmcu__sim_stack_of(stack);
  run r = {.stack = s, .is_once = once};

  s->is_gone = &r.is_gone;
  int result = netmcu__sim_run_while(s->host->world, goes_on, &r, NEVER);
  if (!r.is_gone) {
    s->is_gone = NULL;
    s->is_stopped = false;
  }
  return result < 0 ? result : is_alive(&r);
}

static void stop_context(netmcu__stack *stack)
{
  netmcu__sim_stack *s = netmcu__sim_stack_of(stack);

  if (s->host->world->is_running)
    netmcu_sim_stop(s->host->world);
  else
    s->is_stopped = true;
}

static void look_at_clock(netmcu__stack *stack)
{
  (void)stack; /* A function of the program takes no virtual time. */
}

netmcu_t *netmcu_sim_context(netmcu_sim_host *host, const netmcu_options *options)
{
  static const netmcu__stack_class sim_class = {begin,       close_stack,  end,  look_at_clock,
                                                run_context, stop_context, wake, &netmcu__sim_host_memory};

  if (!host->is_up)
    return NULL;
  if (host->stack && !netmcu__is_closing(host->stack->stack.ctx))
    return host->stack->stack.ctx;
  return netmcu__context_new(&host->world->loop, options, &sim_class, host);
}
