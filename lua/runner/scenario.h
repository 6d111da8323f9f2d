/* What the files behind netmcu.sim share: scenario.c (hosts, beginning and end), scenario_links.c (the
 * network) and scenario_run.c (time). */
#ifndef NETMCU_RUNNER_SCENARIO_H
#define NETMCU_RUNNER_SCENARIO_H

#include "runner/runner.h"

#define RUNNER_SCENARIO_HOST "netmcu.sim.host"

extern bool runner_scenario_is_unstarted; /* a host was added since the world last ran */
extern const luaL_Reg runner_scenario_links[], runner_scenario_runs[];

static inline netmcu_sim *world_of(lua_State *L)
{
  return netmcu_sim_of(runner_of(L)->place);
}

static inline runner_host *check_host(lua_State *L, int index)
{
  return *(runner_host **)luaL_checkudata(L, index, RUNNER_SCENARIO_HOST);
}

/* The place of a host, or NULL for nil: every host. */
static inline netmcu_sim_host *check_place(lua_State *L, int index)
{
  return lua_isnoneornil(L, index) ? NULL : runner_host_place(check_host(L, index));
}

static inline uint64_t check_us(lua_State *L, int index)
{
  return (uint64_t)luaL_checkinteger(L, index);
}

static inline void check_result(lua_State *L, int error)
{
  if (error)
    luaL_error(L, "%s", netmcu_strerror(error));
}

#endif
