/* The network of a scenario: links, partitions, holds, names. */
#include "runner/scenario.h"

static uint64_t get_us(lua_State *L, const char *name, uint64_t value)
{
  if (lua_getfield(L, 3, name) != LUA_TNIL)
    value = (uint64_t)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return value;
}

static double get_share(lua_State *L, const char *name)
{
  lua_getfield(L, 3, name);
  double value = lua_tonumber(L, -1);
  lua_pop(L, 1);
  return value;
}

/* link(a | nil, b | nil, settings, one_way) */
static int set_link(lua_State *L)
{
  netmcu_sim_host *a = check_place(L, 1), *b = check_place(L, 2);
  netmcu_sim_link link = NETMCU_SIM_LINK_INIT;

  link.latency = get_us(L, "latency", link.latency);
  link.jitter = get_us(L, "jitter", 0);
  link.bandwidth = get_us(L, "bandwidth", 0);
  link.queue = (size_t)get_us(L, "queue", link.queue);
  link.mtu = (unsigned)get_us(L, "mtu", link.mtu);
  link.loss = get_share(L, "loss");
  link.duplication = get_share(L, "duplication");
  link.reordering = get_share(L, "reordering");
  check_result(L, (lua_toboolean(L, 4) ? netmcu_sim_set_path : netmcu_sim_set_link)(world_of(L), a, b, &link));
  return 0;
}

/* partition(list of hosts) */
static int set_partition(lua_State *L)
{
  unsigned count = (unsigned)luaL_len(L, 1);
  netmcu_sim_host **places = lua_newuserdatauv(L, sizeof(netmcu_sim_host *) * (count + 1), 0);

  for (unsigned i = 0; i < count; i++) {
    lua_rawgeti(L, 1, (lua_Integer)i + 1);
    places[i] = check_place(L, -1);
    lua_pop(L, 1);
  }
  check_result(L, netmcu_sim_partition(world_of(L), places, count));
  return 0;
}

static int repair(lua_State *L)
{
  netmcu_sim_repair(world_of(L));
  return 0;
}

static int hold(lua_State *L)
{
  check_result(L, netmcu_sim_hold(world_of(L), check_place(L, 1), check_place(L, 2)));
  return 0;
}

static int release(lua_State *L)
{
  netmcu_sim_release(world_of(L), check_place(L, 1), check_place(L, 2));
  return 0;
}

/* add_name(name, ip | nil) */
static int add_name(lua_State *L)
{
  check_result(L, netmcu_sim_add_name(world_of(L), luaL_checkstring(L, 1), luaL_optstring(L, 2, NULL)));
  return 0;
}

/* set_names(delay, failures, silence) */
static int set_names(lua_State *L)
{
  netmcu_sim_set_names(world_of(L), check_us(L, 1), luaL_checknumber(L, 2), luaL_checknumber(L, 3));
  return 0;
}

const luaL_Reg runner_scenario_links[] = {
    {"link", set_link},     {"partition", set_partition}, {"repair", repair},
    {"hold", hold},         {"release", release},         {"unmet", runner_world_take_unmet},
    {"add_name", add_name}, {"set_names", set_names},     {NULL, NULL}};
