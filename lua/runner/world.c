/* netmcu --sim: the script is alone on a simulated network, and can reach itself. Everything that it
 * sees comes from the world, so that the same seed gives the same run. */
#include <stdlib.h>
#include <uv.h>

#include "runner/runner.h"

#define START UINT64_C(1767225600000000) /* 2026-01-01 00:00:00 UTC, in us */

static netmcu_sim *world;
static netmcu_sim_host *place;
static uint64_t world_seed;
static bool is_used_up;

netmcu_sim_host *runner_world_place(void)
{
  return place;
}

uint64_t runner_world_seed(void)
{
  return world_seed;
}

static bool fail(const char *what, int error)
{
  runner_say("%s: %s", what, netmcu_strerror(error));
  return false;
}

/* A test file is a computer, and leaves the first address to the device that it tests. */
static netmcu_sim_host *new_place(const runner_options *options)
{
  if (options->test)
    return netmcu_sim_host_new(world, "test", RUNNER_OBSERVER, NETMCU_SIM_DESKTOP);
  return netmcu_sim_host_new(world, "device", NULL, NETMCU_SIM_DEVICE);
}

/* The count wraps around. */
static int count_event(uint64_t time, void *data)
{
  (void)time;
  (void)data;
  runner_events = (sig_atomic_t)((unsigned)runner_events + 1);
  return 1;
}

bool runner_world_open(const runner_options *options, uint64_t seed)
{
  if (!options->sim)
    return true;
  runner_round_once();
  uv_os_setenv("TZ", "UTC0"); /* the clocks of the world do not depend on the machine's time zone */
  is_used_up = false;
  world_seed = seed;
  world = netmcu_sim_new(seed, START);
  place = world ? new_place(options) : NULL;
  if (place == NULL)
    return fail("--sim", NETMCU_ENOMEM);
  netmcu_sim_on_advance(world, count_event, NULL);
  int error = options->pcap ? netmcu_sim_pcap(world, options->pcap) : 0;
  return error ? fail(options->pcap, error) : true;
}

bool runner_world_close(void)
{
  if (world == NULL)
    return true;
  int error = netmcu_sim_pcap(world, NULL);
  netmcu_sim_free(world);
  world = NULL;
  place = NULL;
  return error ? fail("--pcap", error) : true;
}

void runner_world_use_up(void)
{
  is_used_up = true;
}

bool runner_world_renew(const runner_options *options)
{
  if (!is_used_up)
    return true;
  bool is_complete = runner_world_close();
  return runner_world_open(options, world_seed) && is_complete;
}

void runner_world_leave(void)
{
  if (world)
    uv_run(netmcu_sim_get_loop(world), UV_RUN_NOWAIT);
}

void runner_world_pause(uint64_t us)
{
  if (world == NULL)
    runner_pause(us);
  else if (!is_used_up)
    netmcu_sim_run(world, us);
}

static void add_unmet(const char *text, void *data)
{
  lua_State *L = data;

  lua_pushstring(L, text);
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

int runner_world_take_unmet(lua_State *L)
{
  lua_newtable(L);
  netmcu_sim_unmet(world, add_unmet, L);
  netmcu_sim_accept_unmet(world);
  return 1;
}

/* ---- clocks and random numbers ----------------------------------------------------------------- */

/* The original function is the first upvalue. */
static int call_original(lua_State *L)
{
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

static void push_seconds(lua_State *L)
{
  netmcu_host_look_at_time(runner_of(L)->host);
  lua_pushinteger(L, (lua_Integer)(netmcu_sim_clock(runner_of(L)->place) / 1000000));
}

static int world_time(lua_State *L)
{
  if (!lua_isnoneornil(L, 1))
    return call_original(L);
  push_seconds(L);
  return 1;
}

static int world_date(lua_State *L)
{
  if (lua_isnoneornil(L, 2)) {
    lua_settop(L, 1);
    if (lua_isnil(L, 1)) {
      lua_pushliteral(L, "%c");
      lua_replace(L, 1);
    }
    push_seconds(L);
  }
  return call_original(L);
}

static int world_clock(lua_State *L)
{
  netmcu_host_look_at_time(runner_of(L)->host);
  lua_pushnumber(L, (lua_Number)netmcu_sim_time(world) / 1e9);
  return 1;
}

/* Without arguments, Lua would take the time and an address. */
static int world_randomseed(lua_State *L)
{
  if (lua_isnone(L, 1)) {
    lua_pushinteger(L, (lua_Integer)netmcu_sim_host_random(runner_of(L)->place));
    lua_pushinteger(L, (lua_Integer)netmcu_sim_host_random(runner_of(L)->place));
  }
  return call_original(L);
}

static void replace(lua_State *L, const char *library, const char *name, lua_CFunction function)
{
  lua_getglobal(L, library);
  lua_getfield(L, -1, name);
  lua_pushcclosure(L, function, 1);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

void runner_world_enter(lua_State *L)
{
  replace(L, "os", "time", world_time);
  replace(L, "os", "date", world_date);
  replace(L, "os", "clock", world_clock);
  replace(L, "math", "randomseed", world_randomseed);
  lua_getglobal(L, "math");
  lua_getfield(L, -1, "randomseed");
  lua_call(L, 0, 0);
  lua_pop(L, 1);
}
