/* The time of a scenario: its world runs, and calls functions of the script. */
#include "runner/scenario.h"

#define EVERYTHING UINT64_MAX

/* now(): the µs since the beginning. */
static int now(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)(netmcu_sim_time(world_of(L)) / 1000));
  return 1;
}

/* A function of sim.at. It belongs to the state, which may be closed before its time. */
typedef struct scheduled {
  lua_State *L;
} scheduled;

static int call_scheduled(lua_State *L)
{
  void *key = lua_touserdata(L, 1);

  lua_rawgetp(L, LUA_REGISTRYINDEX, key);
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, key);
  lua_getiuservalue(L, -1, 1);
  lua_call(L, 0, 0);
  return 0;
}

static void run_scheduled(void *data)
{
  runner *r = runner_of(((const scheduled *)data)->L);

  netmcu_enter(r->host, call_scheduled, data, "a function of sim.at", NULL);
}

/* at(delay, fn) */
static int at(lua_State *L)
{
  scheduled *s = lua_newuserdatauv(L, sizeof(*s), 1);

  s->L = runner_of(L)->L;
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, -2, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, s);
  check_result(L, netmcu_sim_at(world_of(L), check_us(L, 1), run_scheduled, s));
  return 0;
}

typedef struct run {
  lua_State *L;
  bool has_predicate, is_true, has_failed;
  uint64_t begun, until; /* ns of virtual time */
  unsigned events;
} run;

/* Called after each event. */
static int is_over(void *data)
{
  run *r = data;
  lua_State *L = r->L;

  if (++r->events % 4096 == 0)
    runner_progress_show_time(netmcu_sim_time(world_of(L)) - r->begun, netmcu_sim_time(world_of(L)));
  if (runner_signal)
    return 1;
  if (!r->has_predicate)
    return 0;
  lua_pushvalue(L, 1);
  r->has_failed = lua_pcall(L, 0, 1, 0) != LUA_OK;
  r->is_true = !r->has_failed && lua_toboolean(L, -1);
  if (r->is_true || r->has_failed)
    return 1;
  lua_pop(L, 1);
  return 0;
}

/* Raises what has ended a run early. */
static void check_end(lua_State *L)
{
  runner *r = runner_of(L);

  if (runner_signal)
    luaL_error(L, "interrupted");
  if (runner_hosts_are_unread()) {
    r->unread = true;
    netmcu_host_leave(r->host, NETMCU_LEAVE_END, 0);
  }
  if (netmcu_host_failed(r->host)) {
    netmcu_host_push_error(L);
    lua_error(L);
  }
  if (netmcu_host_leaving(r->host))
    luaL_error(L, "the script has ended");
}

/* In µs, rounded up: an event may be between two of them. */
static uint64_t left_of(const run *r)
{
  uint64_t time = netmcu_sim_time(world_of(r->L));

  return r->until == EVERYTHING ? EVERYTHING : r->until > time ? (r->until - time + 999) / 1000 : 0;
}

static run begin_run(lua_State *L, int index)
{
  uint64_t begun = netmcu_sim_time(world_of(L));

  return (run){
      .L = L, .begun = begun, .until = lua_isnoneornil(L, index) ? EVERYTHING : begun + check_us(L, index) * 1000};
}

/* Raises an error at the line of the script, which has called the function of sim.lua that calls us. */
static void raise_at_script(lua_State *L, const char *message)
{
  luaL_where(L, 2);
  lua_pushstring(L, message);
  lua_concat(L, 2);
  lua_error(L);
}

static void run_once(run *r)
{
  runner_progress_begin(r->until == EVERYTHING ? EVERYTHING : r->until - r->begun);
  runner_scenario_is_unstarted = false;
  int result = netmcu_sim_wait(world_of(r->L), is_over, r, left_of(r));
  runner_progress_clear();
  if (result < 0)
    raise_at_script(r->L, "the world is running already: this cannot be called by a function that the world calls");
  if (r->has_failed)
    lua_error(r->L);
  check_end(r->L);
}

/* run(time | nil): for a time, or until nothing is left to happen. */
static int run_world(lua_State *L)
{
  run r = begin_run(L, 1);

  lua_settop(L, 1);
  run_once(&r);
  while (r.until < EVERYTHING && netmcu_sim_time(world_of(L)) < r.until) {
    netmcu_sim_run(world_of(L), left_of(&r)); /* also lets the rest of the time pass */
    check_end(L);
  }
  return 0;
}

/* wait(fn, time): until fn() is true; returns its value, or false. */
static int wait_for(lua_State *L)
{
  run r = begin_run(L, 2);

  lua_settop(L, 1);
  r.has_predicate = true;
  run_once(&r);
  if (!r.is_true)
    lua_pushboolean(L, 0);
  return 1;
}

const luaL_Reg runner_scenario_runs[] = {
    {"now", now}, {"at", at}, {"run", run_world}, {"wait", wait_for}, {NULL, NULL}};
