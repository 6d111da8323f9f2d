/* The time of the world under --page --sim: paused, event by event, or so many times as fast as real
 * time. The world asks before each event whether it may reach the time of that event. While it may
 * not, it waits on its loop, which serves the page. The events stay the same; the clock decides only
 * when they happen in real time. */
#include <string.h>

#include "runner/page.h"

#define SECOND  UINT64_C(1000000000)
#define LONGEST 4e18               /* the most virtual time that passes at one speed */
#define FASTEST 1e9                /* a higher speed has no limit */
#define SLICE   UINT64_C(20000000) /* real time in which a busy world does not look at the page */

enum clock_state { AWAITED, PAUSED, RUNNING }; /* AWAITED: by the first browser */

/* All times are in ns. */
static struct {
  enum clock_state state;
  double speed;         /* virtual time in a unit of real time; 0: as fast as possible */
  uint64_t real, begun; /* the real and the virtual time since which this speed applies */
  uint64_t served;      /* the real time when the page was last served on purpose */
  bool is_page_due;     /* it is being served on purpose */
  uint64_t paused_at;   /* the time that a paused world shows */
  uint64_t until;       /* the time up to which events still happen in a paused world */
  unsigned steps;       /* further events that may happen in it */
  uv_timer_t timer;     /* in the world's loop: the next event */
} timing = {.speed = 1};

static netmcu_sim *get_world(void)
{
  netmcu_sim_host *place = runner_world_place();

  return place ? netmcu_sim_of(place) : NULL;
}

static uint64_t time_of_pace(void)
{
  double passed = (double)(uv_hrtime() - timing.real) * timing.speed;

  return timing.begun + (passed < LONGEST ? (uint64_t)passed : (uint64_t)LONGEST);
}

/* Between two events, time passes without changing the world. */
static uint64_t shown_time(const netmcu_sim *world)
{
  uint64_t now = netmcu_sim_time(world), next = netmcu_sim_next(world), time = now;

  if (timing.state == PAUSED)
    time = timing.paused_at;
  else if (timing.state == RUNNING && timing.speed > 0)
    time = time_of_pace();
  time = time < next ? time : next;
  return time > now ? time : now;
}

static void on_timer(uv_timer_t *timer)
{
  (void)timer; /* the world asks again */
}

/* Events may take long, as the starts of hosts do. So may the answers to the page: after them, the
 * world has its turn. */
static bool is_page_due(void)
{
  uint64_t now = uv_hrtime();
  bool was_due = timing.is_page_due;

  timing.is_page_due = !was_due && now - timing.served >= SLICE;
  if (was_due)
    timing.served = now;
  if (timing.is_page_due)
    uv_timer_start(&timing.timer, on_timer, 0, 0);
  return timing.is_page_due;
}

static void wait_for(uint64_t time, uint64_t now)
{
  double ms = (double)(time - now) / timing.speed / 1e6;

  uv_timer_start(&timing.timer, on_timer, ms < 1e9 ? (uint64_t)ms + 1 : (uint64_t)1e9, 0);
}

static bool may_happen_in_pause(uint64_t time)
{
  if (time <= timing.until)
    return true;
  timing.until = 0;
  if (timing.steps == 0)
    return false;
  timing.steps--;
  timing.paused_at = time;
  return true;
}

static void run_on(uint64_t from)
{
  timing.state = RUNNING;
  timing.real = uv_hrtime();
  timing.begun = from;
}

static int may_reach(uint64_t time, void *data)
{
  (void)data;
  if (is_page_due())
    return false;
  if (timing.state != RUNNING)
    return timing.state == PAUSED && may_happen_in_pause(time);
  uint64_t now = timing.speed > 0 ? time_of_pace() : time;
  if (time > now)
    wait_for(time, now);
  return time <= now;
}

void runner_page_clock_open(void)
{
  netmcu_sim *world = get_world();

  uv_timer_init(netmcu_sim_get_loop(world), &timing.timer);
  netmcu_sim_on_advance(world, may_reach, NULL);
  timing.real = uv_hrtime();
  timing.begun = timing.paused_at = netmcu_sim_time(world);
  timing.until = timing.steps = 0;
}

void runner_page_clock_close(void)
{
  netmcu_sim_on_advance(get_world(), NULL, NULL);
  uv_close((uv_handle_t *)&timing.timer, NULL);
}

void runner_page_clock_pause(void)
{
  timing.paused_at = shown_time(get_world());
  timing.until = timing.steps = 0;
  timing.state = PAUSED;
}

void runner_page_clock_catch_up(void)
{
  netmcu_sim *world = get_world();

  if (world == NULL || !runner_page.is_turning)
    return;
  netmcu_sim_delay(world, (shown_time(world) - netmcu_sim_time(world)) / 1000);
  if (timing.until < netmcu_sim_time(world))
    timing.until = netmcu_sim_time(world);
}

static void step_second(void)
{
  runner_page_clock_pause();
  timing.until = timing.paused_at += SECOND;
}

static void set_speed(double speed)
{
  uint64_t now = shown_time(get_world());

  timing.speed = speed > 0 && speed < FASTEST ? speed : 0;
  if (timing.state == RUNNING)
    run_on(now);
}

int runner_page_clock(lua_State *L)
{
  const char *command = luaL_checkstring(L, 1);

  if (get_world() == NULL)
    return luaL_error(L, "there is no simulated network");
  if (strcmp(command, "speed") == 0) {
    set_speed(luaL_checknumber(L, 2));
  } else if (strcmp(command, "run") == 0) {
    run_on(shown_time(get_world()));
  } else if (strcmp(command, "pause") == 0) {
    runner_page_clock_pause();
  } else if (strcmp(command, "event") == 0) {
    runner_page_clock_pause();
    timing.steps = 1;
  } else if (strcmp(command, "second") == 0) {
    step_second();
  } else {
    return luaL_error(L, "there is no such command");
  }
  return 0;
}

int runner_page_connected(lua_State *L)
{
  (void)L;
  if (get_world() && timing.state == AWAITED)
    run_on(shown_time(get_world()));
  return 0;
}

void runner_page_clock_describe(lua_State *L)
{
  static const char *const states[] = {"awaited", "paused", "running"};

  if (get_world() == NULL)
    return;
  lua_pushnumber(L, (lua_Number)shown_time(get_world()) / 1e9);
  lua_setfield(L, -2, "time");
  lua_pushstring(L, states[timing.state]);
  lua_setfield(L, -2, "clock");
  lua_pushnumber(L, timing.speed);
  lua_setfield(L, -2, "speed");
}
