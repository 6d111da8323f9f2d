/* A world: the queue of events, and what runs it. See netmcu_sim.h. */
#include "base/error.h"
#include "stack/sim.h"

/* ---- random numbers ---------------------------------------------------------------------------- */

uint64_t netmcu_sim_random(netmcu_sim *world)
{
  return netmcu__random_next(&world->random);
}

bool netmcu__sim_chance(netmcu_sim *world, uint64_t threshold)
{
  return threshold > 0 && netmcu_sim_random(world) >> 32 < threshold;
}

uint64_t netmcu__sim_threshold(double share)
{
  return share > 0 ? (uint64_t)((share < 1 ? share : 1) * 4294967296.0) : 0; /* not for NaN either */
}

/* ---- running ----------------------------------------------------------------------------------- */

/* Lets the processor fetch what the next event is about to use, while this event runs: with many
 * hosts, it is not in the cache. An event is near the end of its connection or of its stack. */
static void prefetch_next(const netmcu_sim *world)
{
#ifdef __GNUC__
  const char *next = (const char *)world->events;

  for (int line = -6; next && line < 3; line++)
    __builtin_prefetch(next + 64 * line);
#else
  (void)world;
#endif
}

static void run_first(netmcu_sim *world)
{
  netmcu__sim_event *event = netmcu__sim_event_of(world->events);

  netmcu__sim_clear(world, event);
  prefetch_next(world);
  if (event->when > world->now)
    world->now = event->when;
  event->run(event);
}

#define EVENTS_AT_ONCE 256 /* without a look at the world's loop */

/* Handles what has happened on the world's loop, or waits for it if nothing else can happen.
 * Returns false if nothing can happen there either. */
static bool poll_loop(netmcu_sim *world, bool wait)
{
  if (wait && !uv_loop_alive(&world->loop))
    return false;
  uv_run(&world->loop, wait ? UV_RUN_ONCE : UV_RUN_NOWAIT);
  return true;
}

static bool is_due(const netmcu_sim *world, uint64_t until)
{
  return world->events && netmcu__sim_event_of(world->events)->when <= until;
}

/* Waits until the program lets the first event happen. Returns false if no event is due, or if the
 * run has been stopped meanwhile. */
static bool await_first(netmcu_sim *world, uint64_t until)
{
  while (is_due(world, until) && !world->is_stopped) {
    if (!world->advance || world->advance(netmcu__sim_event_of(world->events)->when, world->advance_data))
      return true;
    if (!poll_loop(world, true))
      return true; /* nothing can change the answer any more */
  }
  return false;
}

void netmcu_sim_on_advance(netmcu_sim *world, int (*may_reach)(uint64_t time, void *data), void *data)
{
  world->advance = may_reach;
  world->advance_data = data;
}

int netmcu__sim_run_while(netmcu_sim *world, bool (*wanted)(void *data), void *data, uint64_t until)
{
  unsigned count = 0;

  if (world->is_running)
    return NETMCU_EINPROGRESS;
  world->is_running = true;
  while (!world->is_stopped && (wanted == NULL || wanted(data))) {
    if (++count % EVENTS_AT_ONCE == 0)
      poll_loop(world, false);
    if (await_first(world, until))
      run_first(world);
    else if (world->events || until != NEVER || !poll_loop(world, true))
      break;
  }
  world->is_running = world->is_stopped = false;
  return world->events != NULL;
}

static uint64_t time_in(netmcu_sim *world, uint64_t microseconds)
{
  netmcu__sim_catch_up(world);
  uint64_t most = (NEVER - 1 - world->now) / MICROSECOND;

  return world->now + (microseconds < most ? microseconds : most) * MICROSECOND;
}

static void do_nothing(netmcu__sim_event *event)
{
  (void)event;
}

/* The end is an event as well, so that the world waits for it as for any other. */
int netmcu_sim_run(netmcu_sim *world, uint64_t time)
{
  netmcu__sim_event end = {.run = do_nothing};
  uint64_t until = time_in(world, time);

  if (world->is_running)
    return NETMCU_EINPROGRESS;
  netmcu__sim_set(world, &end, until);
  netmcu__sim_run_while(world, NULL, NULL, until);
  netmcu__sim_clear(world, &end);
  return world->events != NULL;
}

int netmcu_sim_run_idle(netmcu_sim *world, uint64_t time)
{
  return netmcu__sim_run_while(world, NULL, NULL, time_in(world, time));
}

typedef struct waiting {
  int (*done)(void *data);
  void *data;
  bool is_over;
} waiting;

static bool is_waiting(void *data)
{
  waiting *w = data;

  w->is_over = w->done(w->data) != 0;
  return !w->is_over;
}

int netmcu_sim_wait(netmcu_sim *world, int (*done)(void *data), void *data, uint64_t time)
{
  waiting w = {done, data, false};
  int more = netmcu__sim_run_while(world, is_waiting, &w, time_in(world, time));

  return more < 0 ? more : w.is_over;
}

static bool is_first(void *data)
{
  bool *had = data, first = !*had;

  *had = true;
  return first;
}

int netmcu_sim_step(netmcu_sim *world)
{
  bool had = false;

  return netmcu__sim_run_while(world, is_first, &had, NEVER);
}

void netmcu_sim_stop(netmcu_sim *world)
{
  world->is_stopped = true;
}

uv_loop_t *netmcu_sim_get_loop(netmcu_sim *world)
{
  return &world->loop;
}

uint64_t netmcu_sim_time(const netmcu_sim *world)
{
  return world->pace && !world->is_running ? netmcu__sim_time_between(world) : world->now;
}

uint64_t netmcu_sim_next(const netmcu_sim *world)
{
  if (world->events == NULL)
    return NEVER;
  uint64_t when = netmcu__sim_event_of(world->events)->when;
  return when > world->now ? when : world->now;
}

void netmcu_sim_delay(netmcu_sim *world, uint64_t time)
{
  world->now = time_in(world, time);
}

/* ---- calls of the program ---------------------------------------------------------------------- */

typedef struct program_call {
  netmcu__sim_event event;
  netmcu_sim *world;
  void (*call)(void *data);
  void *data;
} program_call;

static void run_call(netmcu__sim_event *event)
{
  program_call call = *netmcu__container(event, program_call, event);

  free(event);
  if (!call.world->is_ending)
    call.call(call.data);
}

int netmcu_sim_at(netmcu_sim *world, uint64_t delay, void (*call)(void *data), void *data)
{
  program_call *c = calloc(1, sizeof(*c));

  if (c == NULL)
    return NETMCU_ENOMEM;
  *c = (program_call){{.run = run_call}, world, call, data};
  netmcu__sim_set(world, &c->event, time_in(world, delay));
  return 0;
}

/* ---- beginning and end ------------------------------------------------------------------------- */

static netmcu_sim *give_up(netmcu_sim *world)
{
  netmcu_sim_free(world);
  return NULL;
}

netmcu_sim *netmcu_sim_new(uint64_t seed, uint64_t start)
{
  netmcu_sim *world = calloc(1, sizeof(*world));

  if (world == NULL)
    return NULL;
  if (uv_loop_init(&world->loop)) {
    free(world);
    return NULL;
  }
  world->seed = world->random = seed;
  world->start = start;
  world->next_ip = FIRST_IP;
  world->name_server.delay = MILLISECOND;
  if (!netmcu__sim_links_begin(world))
    return give_up(world);
  world->router = netmcu_sim_host_new(world, "router", NULL, NETMCU_SIM_DESKTOP);
  return world->router ? world : give_up(world);
}

static bool has_contexts(void *data)
{
  return ((const netmcu_sim *)data)->contexts > 0;
}

static void close_contexts(netmcu_sim *world)
{
  for (netmcu_sim_host *host = world->hosts; host; host = host->next)
    if (host->stack && !netmcu__is_closing(host->stack->stack.ctx))
      netmcu_close(host->stack->stack.ctx, NULL, NULL);
  world->is_stopped = false;
  netmcu__sim_run_while(world, has_contexts, world, NEVER);
}

/* What is left in the queue are packets and calls of the program, which begin with their event. */
static void free_events(netmcu_sim *world)
{
  while (world->events) {
    netmcu__sim_event *event = netmcu__sim_event_of(world->events);
    netmcu__sim_clear(world, event);
    free(event);
  }
}

void netmcu_sim_free(netmcu_sim *world)
{
  if (world == NULL)
    return;
  netmcu_sim_detach(world);
  world->is_ending = true;
  close_contexts(world);
  netmcu_sim_pcap(world, NULL);
  netmcu__sim_hosts_end(world);
  netmcu__sim_links_end(world);
  netmcu__sim_names_end(world);
  free_events(world);
  netmcu__sim_table_end(&world->by_ip);
  uv_run(&world->loop, UV_RUN_NOWAIT);
  uv_loop_close(&world->loop);
  free(world);
}
