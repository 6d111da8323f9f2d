/* netmcu.sim: a script that builds a world of hosts, each with a script of its own, and runs it.
 * lua/runner/sim.lua checks the arguments and counts in ms; the functions here take what it has
 * checked, and count in µs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/scenario.h"

static bool is_open; /* this state is a scenario */

bool runner_scenario_is_unstarted;

/* ---- hosts ------------------------------------------------------------------------------------- */

/* host(name, ip | nil, is_desktop, is_init, script, root). Returns nil if the world has no place for
 * it. `is_init`: the script is the init.lua of the root. */
static int new_host(lua_State *L)
{
  const char *name = luaL_checkstring(L, 1), *ip = luaL_optstring(L, 2, NULL);
  bool is_desktop = lua_toboolean(L, 3) != 0;
  bool is_init = lua_toboolean(L, 4) != 0;
  const char *script_path = luaL_checkstring(L, 5), *root_path = luaL_checkstring(L, 6);
  runner_host **handle = lua_newuserdatauv(L, sizeof(runner_host *), 0);

  luaL_setmetatable(L, RUNNER_SCENARIO_HOST); /* from here on, no error of Lua can lose the copies */
  char *script = strdup(script_path), *root = strdup(root_path);
  netmcu_sim_host *place =
      netmcu_sim_host_new(world_of(L), name, ip, is_desktop ? NETMCU_SIM_DESKTOP : NETMCU_SIM_DEVICE);
  *handle =
      place && script && root ? runner_host_new(place, is_desktop, runner_of(L)->options, script, root, is_init) : NULL;
  if (*handle == NULL) {
    free(script);
    free(root);
    lua_pushnil(L);
  }
  runner_scenario_is_unstarted = true;
  return 1;
}

static const char *name_of(lua_State *L, int index)
{
  return netmcu_sim_host_name(runner_host_place(check_host(L, index)));
}

/* has(name) */
static int has_host(lua_State *L)
{
  lua_pushboolean(L, netmcu_sim_host_find(world_of(L), luaL_checkstring(L, 1)) != NULL);
  return 1;
}

/* --shrink may leave it out. */
static int host_crash(lua_State *L)
{
  const char *text = lua_pushfstring(L, "crash of %s", name_of(L, 1));

  if (netmcu_sim_fault(world_of(L), text))
    runner_host_crash(check_host(L, 1));
  return 0;
}

static int host_restart(lua_State *L)
{
  runner_host_restart(check_host(L, 1));
  return 0;
}

static int host_output(lua_State *L)
{
  runner_host_push_output(L, check_host(L, 1));
  return 1;
}

static int host_errors(lua_State *L)
{
  runner_host_push_errors(L, check_host(L, 1));
  return 1;
}

/* move(host, ip) returns whether the address was free. */
static int move_host(lua_State *L)
{
  lua_pushboolean(L, netmcu_sim_set_address(check_place(L, 1), luaL_checkstring(L, 2)) == 0);
  return 1;
}

/* set_clock(host, skew, drift) */
static int set_clock(lua_State *L)
{
  netmcu_sim_set_clock(check_place(L, 1), luaL_checkinteger(L, 2), (int32_t)luaL_checkinteger(L, 3));
  return 0;
}

static void push_address(lua_State *L, const netmcu_sim_host *place)
{
  char text[NETMCU_ADDRESS_SIZE];
  netmcu_address address = netmcu_sim_host_address(place);

  lua_pushstring(L, netmcu_ip_format(&address, text));
}

/* host.name, host.address, host.globals; or a method, from the first upvalue. */
static int host_index(lua_State *L)
{
  const char *key = lua_tostring(L, 2);

  if (key && strcmp(key, "globals") == 0)
    runner_host_push_globals(L, check_host(L, 1));
  else if (key && strcmp(key, "name") == 0)
    lua_pushstring(L, name_of(L, 1));
  else if (key && strcmp(key, "address") == 0)
    push_address(L, runner_host_place(check_host(L, 1)));
  else
    lua_gettable(L, lua_upvalueindex(1));
  return 1;
}

static int host_tostring(lua_State *L)
{
  lua_pushfstring(L, "host '%s'", name_of(L, 1));
  return 1;
}

/* ---- beginning and end ------------------------------------------------------------------------- */

static const luaL_Reg functions[] = {
    {"host", new_host}, {"has", has_host}, {"move", move_host}, {"set_clock", set_clock}, {NULL, NULL}};

static const luaL_Reg methods[] = {
    {"crash", host_crash}, {"restart", host_restart}, {"output", host_output}, {"errors", host_errors}, {NULL, NULL}};

/* The script that builds the world leaves the name and the address that it has had so far to a
 * host. It is no chip. */
static void become_scenario(lua_State *L)
{
  runner *r = runner_of(L);

  netmcu_sim_set_name(r->place, "scenario");
  netmcu_sim_set_address(r->place, RUNNER_OBSERVER);
  netmcu_set_strict(netmcu_host_context(r->host), 0);
}

static int open_scenario(lua_State *L)
{
  runner *r = runner_of(L);

  if (r->place == NULL || r->program)
    return luaL_error(L, "netmcu.sim: %s",
                      r->place ? "a host of a scenario cannot have hosts of its own"
                               : "there is no simulated network: run netmcu --sim=SEED FILE");
  if (r->file == NULL)
    become_scenario(L);
  if (r->bridge == NULL)
    runner_bridge_open(r, netmcu_sim_host_name(r->place));
  is_open = true;
  runner_scenario_is_unstarted = false;
  luaL_newlib(L, functions);
  luaL_setfuncs(L, runner_scenario_links, 0);
  luaL_setfuncs(L, runner_scenario_runs, 0);
  luaL_newmetatable(L, RUNNER_SCENARIO_HOST);
  luaL_newlib(L, methods);
  lua_pushvalue(L, -1);
  lua_setfield(L, -4, "methods");
  lua_pushcclosure(L, host_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, host_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_setfield(L, -2, "class");
  return 1;
}

void runner_scenario_add(lua_State *L)
{
  static const luaL_Reg openers[] = {{"netmcu.scenario", open_scenario}, {NULL, NULL}};

  netmcu_modules_add(L, openers);
}

static void say_unmet(const char *text, void *data)
{
  (void)data;
  runner_say("a fault that never took effect: %s", text);
}

/* Reports what the scenario has done in vain. Returns how much that is. */
static unsigned find_omissions(const runner *r)
{
  if (runner_scenario_is_unstarted)
    runner_say("a host has never started: sim.run or sim.wait is missing after sim.host");
  return runner_scenario_is_unstarted + netmcu_sim_unmet(netmcu_sim_of(r->place), say_unmet, NULL);
}

int runner_scenario_close(runner *r, int status)
{
  bool was_open = is_open;

  is_open = false;
  if (!was_open)
    return status;
  runner_world_use_up();
  runner_bridge_close(r);
  unsigned failed = runner_hosts_close();
  if (r->file) /* the results of the test contain this */
    return status;
  if (status == EXIT_SUCCESS && !runner_signal && !r->unread)
    failed += find_omissions(r);
  return failed > 0 && status == EXIT_SUCCESS ? EXIT_FAILURE : status;
}
