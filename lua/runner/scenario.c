/* netmcu.sim: a script that builds a world of hosts, each with a script of its own, and runs it.
 * lua/runner/sim.lua checks the arguments and counts in ms; the functions here take what it has
 * checked, and count in µs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/runner.h"

#define HOST       "netmcu.sim.host"
#define EVERYTHING UINT64_MAX

static bool is_open;      /* this state is a scenario */
static bool is_unstarted; /* a host was added since the world last ran */

static netmcu_sim *world_of(lua_State *L)
{
  return netmcu_sim_of(runner_of(L)->place);
}

static runner_host *check_host(lua_State *L, int index)
{
  return *(runner_host **)luaL_checkudata(L, index, HOST);
}

/* The place of a host, or NULL for nil: every host. */
static netmcu_sim_host *check_place(lua_State *L, int index)
{
  return lua_isnoneornil(L, index) ? NULL : runner_host_place(check_host(L, index));
}

static uint64_t check_us(lua_State *L, int index)
{
  return (uint64_t)luaL_checkinteger(L, index);
}

static void check_result(lua_State *L, int error)
{
  if (error)
    luaL_error(L, "%s", netmcu_strerror(error));
}

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

  luaL_setmetatable(L, HOST); /* from here on, no error of Lua can lose the copies */
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
  is_unstarted = true;
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
  else {
    lua_settop(L, 2);
    lua_gettable(L, lua_upvalueindex(1));
  }
  return 1;
}

static int host_tostring(lua_State *L)
{
  lua_pushfstring(L, "host '%s'", name_of(L, 1));
  return 1;
}

/* ---- links ------------------------------------------------------------------------------------- */

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

/* ---- running ----------------------------------------------------------------------------------- */

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

static void run_once(run *r)
{
  runner_progress_begin(r->until == EVERYTHING ? EVERYTHING : r->until - r->begun);
  is_unstarted = false;
  int result = netmcu_sim_wait(world_of(r->L), is_over, r, left_of(r));
  runner_progress_clear();
  if (result < 0)
    luaL_error(r->L, "the world is running already: this cannot be called by a function that the world calls");
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

/* ---- beginning and end ------------------------------------------------------------------------- */

static const luaL_Reg functions[] = {{"host", new_host},
                                     {"has", has_host},
                                     {"move", move_host},
                                     {"set_clock", set_clock},
                                     {"link", set_link},
                                     {"partition", set_partition},
                                     {"repair", repair},
                                     {"hold", hold},
                                     {"release", release},
                                     {"unmet", runner_world_take_unmet},
                                     {"add_name", add_name},
                                     {"set_names", set_names},
                                     {"now", now},
                                     {"at", at},
                                     {"run", run_world},
                                     {"wait", wait_for},
                                     {NULL, NULL}};

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
  is_unstarted = false;
  luaL_newlib(L, functions);
  luaL_newmetatable(L, HOST);
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
  if (is_unstarted)
    runner_say("a host has never started: sim.run or sim.wait is missing after sim.host");
  return is_unstarted + netmcu_sim_unmet(netmcu_sim_of(r->place), say_unmet, NULL);
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
