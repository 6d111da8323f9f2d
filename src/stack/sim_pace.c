/* A world that runs along with a loop of the program, in real time or at a multiple of it. */
#include "base/error.h"
#include "stack/sim.h"

#define FASTEST 1e9

struct netmcu__sim_pace {
  uv_timer_t timer; /* first */
  netmcu_sim *world;
  double speed;
  uint64_t real, begun; /* the real and the virtual time of the beginning */
};

static uint64_t virtual_now(const struct netmcu__sim_pace *pace)
{
  return pace->begun + (uint64_t)((double)(uv_hrtime() - pace->real) * pace->speed);
}

static void on_pace(uv_timer_t *timer)
{
  const struct netmcu__sim_pace *pace = (struct netmcu__sim_pace *)(void *)timer;
  netmcu_sim *world = pace->world;
  uint64_t until = virtual_now(pace);

  if (netmcu__sim_run_while(world, NULL, NULL, until) < 0)
    return;
  if (until > world->now)
    world->now = until;
  if (world->pace)
    netmcu__sim_follow_pace(world);
}

uint64_t netmcu__sim_time_between(const netmcu_sim *world)
{
  uint64_t time = virtual_now(world->pace), next = netmcu_sim_next(world);

  time = time < next ? time : next;
  return time > world->now ? time : world->now;
}

/* Sets the timer to the next event. */
void netmcu__sim_follow_pace(netmcu_sim *world)
{
  struct netmcu__sim_pace *pace = world->pace;
  uint64_t now = virtual_now(pace);

  if (world->events == NULL)
    uv_timer_stop(&pace->timer);
  else {
    uint64_t when = netmcu__sim_event_of(world->events)->when;
    double wait = when > now ? (double)(when - now) / pace->speed / 1e6 : 0;
    uv_timer_start(&pace->timer, on_pace, wait < 1e12 ? (uint64_t)wait + (wait > 0) : (uint64_t)1e12, 0);
  }
}

int netmcu_sim_attach(netmcu_sim *world, uv_loop_t *loop, double speed)
{
  if (world->pace)
    return NETMCU_EINPROGRESS;
  if (loop == NULL)
    return NETMCU_EARGUMENT;
  if (!(speed > 0 && speed <= FASTEST))
    return NETMCU_EVALUE;
  struct netmcu__sim_pace *pace = calloc(1, sizeof(*pace));
  if (pace == NULL)
    return NETMCU_ENOMEM;
  pace->world = world;
  pace->speed = speed;
  pace->real = uv_hrtime();
  pace->begun = world->now;
  uv_timer_init(loop, &pace->timer);
  world->pace = pace;
  netmcu__sim_follow_pace(world);
  return 0;
}

static void free_pace(uv_handle_t *timer)
{
  free(timer);
}

void netmcu_sim_detach(netmcu_sim *world)
{
  if (world->pace)
    uv_close((uv_handle_t *)&world->pace->timer, free_pace);
  world->pace = NULL;
}
