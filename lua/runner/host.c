/* A simulated host with a script: its Lua state, and how this ends and starts again. The scenario or
 * the test that has created the host runs the world; here is what the events of the world do.
 *
 *        boot             error, node.restart, node.dsleep, crash
 *   DOWN ────▶ RUNNING ──────────────────────────────────────────▶ ENDING ────▶ DOWN (────▶ RUNNING …)
 *
 * A state is closed in an event of the world of its own, when none of its functions runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/host.h"

#define PAUSE_OF_RESTART 300000  /* µs from node.restart() to the script's start */
#define PAUSE_OF_ERROR   2000000 /* µs, as the firmware waits */
#define RETRY            1000    /* µs, until a state that is on the C stack is tried again */

static runner_host *hosts, **last = &hosts;

void (*runner_host_begins)(runner *r), (*runner_host_ends)(runner *r);

/* ---- events ------------------------------------------------------------------------------------ */

static void on_due(void *data);

/* Boots the host, or closes its state, after this time. */
static void schedule(runner_host *h, uint64_t us)
{
  h->due = netmcu_sim_time(h->world) + us * 1000 + 1; /* 0 is never */
  netmcu_sim_at(h->world, us, on_due, h);
}

/* The script has failed, or has asked for its end; or the host crashes. No further event reaches the
 * script. */
static void on_over(void *data)
{
  runner_host *h = data;

  if (h->is_done)
    return;
  h->is_done = true;
  schedule(h, 0);
}

static const netmcu_program program = {.output = runner_host_print, .note = runner_host_note, .over = on_over};

static int prepare(lua_State *L)
{
  runner_prepare(lua_touserdata(L, 1));
  return 0;
}

/* Creates the state. */
static bool power_on(runner_host *h)
{
  netmcu_sim_restart(h->r.place);
  h->state = "failed";
  h->is_done = h->crashes = h->restarts = false;
  if (h->r.flash == NULL) {
    runner_host_report(h, "the folder of its flash cannot be opened");
    return false;
  }
  if (!runner_new_state(&h->r)) {
    runner_host_report(h, "out of memory");
    return false;
  }
  lua_pushcfunction(h->r.L, prepare);
  lua_pushlightuserdata(h->r.L, &h->r);
  if (lua_pcall(h->r.L, 1, 0, 0) == LUA_OK) {
    h->state = "running";
    if (runner_host_begins)
      runner_host_begins(&h->r);
    return true;
  }
  runner_host_report(h, lua_tostring(h->r.L, -1));
  runner_bridge_close(&h->r);
  lua_close(h->r.L);
  h->r.L = NULL;
  return false;
}

static int boot_script(lua_State *L)
{
  runner_boot(lua_touserdata(L, 1));
  return 0;
}

/* As on the device, an error of the script itself is printed, and what it has opened stays. On a
 * desktop, the program ends. */
static void boot(runner_host *h)
{
  lua_State *L = h->r.L;

  h->due = 0;
  lua_pushcfunction(L, netmcu_traceback);
  lua_pushcfunction(L, boot_script);
  lua_pushlightuserdata(L, &h->r);
  if (lua_pcall(L, 1, 0, 1) != LUA_OK && !netmcu_host_leaving(h->r.host) && !runner_signal) {
    runner_host_report(h, lua_tostring(L, -1));
    if (h->is_desktop)
      netmcu_host_leave(h->r.host, NETMCU_LEAVE_END, 0);
  }
  lua_settop(L, 0);
  lua_gc(L, LUA_GCCOLLECT); /* what the start has left */
}

/* Closes the state. A device's connections vanish without a word; a desktop closes them. */
static void power_off(runner_host *h)
{
  lua_State *L = h->r.L;
  bool vanishes = !h->is_desktop || h->crashes;

  if (runner_host_ends)
    runner_host_ends(&h->r);
  runner_host_end_line(h);
  h->is_done = true;
  runner_keep_memory(&h->r);
  if (vanishes)
    netmcu_sim_unplug(h->r.place);
  h->r.L = NULL;
  runner_bridge_close(&h->r);
  lua_close(L);
  if (vanishes)
    netmcu_sim_crash(h->r.place);
  h->due = 0;
}

static void close_state(runner_host *h)
{
  netmcu_leave reason = netmcu_host_leaving(h->r.host);
  bool has_failed = netmcu_host_failed(h->r.host) && !h->crashes;
  uint64_t sleep = netmcu_host_sleep_time(h->r.host);

  h->r.age = h->crashes ? 0 : h->r.age + netmcu_host_elapsed(h->r.host) + (reason == NETMCU_LEAVE_SLEEP ? sleep : 0);
  if (has_failed && !runner_signal) {
    netmcu_host_push_error(h->r.L);
    runner_host_report(h, lua_tostring(h->r.L, -1));
  }
  power_off(h);
  h->state = h->restarts ? "restarting" : h->crashes ? "crashed" : has_failed ? "failed" : "ended";
  if (h->restarts)
    schedule(h, 0);
  if (h->crashes || (h->is_desktop && has_failed))
    return;
  if (reason == NETMCU_LEAVE_RESTART || reason == NETMCU_LEAVE_SLEEP)
    h->state = reason == NETMCU_LEAVE_SLEEP ? "asleep" : "restarting";
  h->r.boot = has_failed ? "error" : reason == NETMCU_LEAVE_SLEEP ? "sleep" : "restart";
  if (has_failed)
    schedule(h, PAUSE_OF_ERROR);
  else if (reason == NETMCU_LEAVE_RESTART)
    schedule(h, PAUSE_OF_RESTART);
  else if (reason == NETMCU_LEAVE_SLEEP)
    schedule(h, sleep);
}

static void on_due(void *data)
{
  runner_host *h = data;

  if (netmcu_sim_time(h->world) + 1 != h->due)
    return; /* something else was scheduled later */
  if (runner_bridge_is_busy(&h->r))
    schedule(h, RETRY);
  else if (h->r.L && h->is_done)
    close_state(h);
  else if (h->r.L || power_on(h))
    boot(h);
}

/* ---- for scenarios and tests ------------------------------------------------------------------- */

/* Called in a signal handler. The list only grows while scripts run. */
static void visit_states(void (*visit)(lua_State *L))
{
  for (const runner_host *h = hosts; h; h = h->next)
    if (h->r.L)
      visit(h->r.L);
}

runner_host *runner_host_new(netmcu_sim_host *place, bool is_desktop, const runner_options *options, char *script,
                             char *root, bool is_init)
{
  runner_host *h = calloc(1, sizeof(*h));

  if (h == NULL)
    return NULL;
  h->options = *options;
  h->r = (runner){.options = &h->options, .place = place, .program = &program, .program_data = h};
  h->world = netmcu_sim_of(place);
  h->is_desktop = is_desktop;
  h->options.argc = h->options.first_argument = 0;
  h->options.quiet = h->options.quiet || is_desktop; /* it need not be like the device */
  h->options.strict = h->options.strict && !is_desktop;
  h->options.script = h->script = script;
  h->options.script_in_root = is_init ? script : NULL;
  h->options.root = h->root = root;
  *last = h;
  last = &h->next;
  runner_interrupts_also(RUNNER_HOSTS, visit_states);
  h->r.flash = runner_flash_new(root);
  if (power_on(h))
    schedule(h, 0);
  return h;
}

netmcu_sim_host *runner_host_place(const runner_host *h)
{
  return h->r.place;
}

const char *runner_host_state(const runner_host *h)
{
  return h->state;
}

runner *runner_host_runner(runner_host *h)
{
  return h->r.L ? &h->r : NULL;
}

runner_host *runner_host_after(const runner_host *h)
{
  return h ? h->next : hosts;
}

void runner_host_crash(runner_host *h)
{
  bool boots = h->due > 0;

  h->due = 0;
  if (h->r.L == NULL) {
    h->state = "crashed";
    if (!boots || h->is_desktop) /* a device that is about to boot is down, and stays down */
      netmcu_sim_crash(h->r.place);
    return;
  }
  netmcu_sim_unplug(h->r.place);
  h->crashes = true;
  h->restarts = h->is_done = false;
  netmcu_host_leave(h->r.host, NETMCU_LEAVE_END, 0);
}

void runner_host_restart(runner_host *h)
{
  h->r.boot = NULL;
  if (h->r.L) {
    runner_host_crash(h);
    h->restarts = true;
  } else if (power_on(h)) {
    schedule(h, 0);
  }
}

void runner_host_push_globals(lua_State *L, runner_host *h)
{
  if (h->r.L == NULL || h->crashes)
    luaL_error(L, "host '%s' runs no script now: it has crashed, ended, or is asleep",
               netmcu_sim_host_name(h->r.place));
  runner_bridge_push_globals(L, &h->r);
}

static void free_host(runner_host *h)
{
  if (h->r.L)
    power_off(h);
  runner_forget_texts(&h->r);
  runner_flash_free(h->r.flash);
  runner_host_forget_output(h);
  free(h->script);
  free(h->root);
  free(h);
}

unsigned runner_hosts_close(void)
{
  unsigned failed = 0;

  runner_interrupts_also(RUNNER_HOSTS, NULL);
  while (hosts) {
    runner_host *h = hosts;
    hosts = h->next;
    if (h->error_count > 0)
      runner_say("host '%s' has failed: %u error%s", netmcu_sim_host_name(h->r.place), h->error_count,
                 h->error_count > 1 ? "s" : "");
    failed += h->error_count > 0;
    free_host(h);
  }
  last = &hosts;
  return failed;
}
