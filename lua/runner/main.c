/* The `netmcu` program. A Lua state with the device's modules as globals runs a script and then the
 * loop, until nothing is left to happen. When the device would restart, the state is closed, and a
 * fresh one runs the script again. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/runner.h"

/* How the run of a state has ended. */
typedef enum outcome { FINISHED, FAILED, RESTART, SLEEP, CHANGED } outcome;

#define PAUSE_AFTER_CRASH 2000000 /* µs; the device waits as long before it restarts */

/* ---- reports --------------------------------------------------------------------------------- */

static void print_open_object(const char *description, void *data)
{
  bool *first = data;

  runner_write_raw(STDERR_FILENO, *first ? "; still open: " : ", ");
  runner_write_raw(STDERR_FILENO, description);
  *first = false;
}

static int report_timeout(runner *r)
{
  char text[96];
  bool first = true;

  if (r->options->test && !r->options->has_seeds)
    printf("Bail out! time-out after %g s\n", r->options->timeout);
  snprintf(text, sizeof(text), "netmcu: time-out after %g s", r->options->timeout);
  runner_write_raw(STDERR_FILENO, text);
  netmcu_walk(netmcu_host_context(r->host), print_open_object, &first);
  runner_write_raw(STDERR_FILENO, first ? "; nothing is open\n" : "\n");
  return EXIT_TIMEOUT;
}

static int report_failure(runner *r)
{
  netmcu_host_push_error(r->L);
  runner_report(lua_tostring(r->L, -1));
  return EXIT_FAILURE;
}

static int print_stats(lua_State *L)
{
  netmcu_require(L, "netmcu.runner.stats");
  lua_getfield(L, -1, "print");
  lua_call(L, 0, 0);
  return 0;
}

static void report_stats(runner *r)
{
  lua_pushcfunction(r->L, print_stats);
  if (lua_pcall(r->L, 0, 0, 0) != LUA_OK) {
    runner_say("--stats: %s", lua_tostring(r->L, -1));
    lua_pop(r->L, 1);
  }
}

/* ---- one state ------------------------------------------------------------------------------- */

/* Runs in the loop, after a signal. */
static void on_wake(uv_async_t *async)
{
  runner *r = async->data;

  if (runner_stats_wanted) {
    runner_stats_wanted = 0;
    report_stats(r);
  }
  if (runner_signal == SIGINT && r->options->interactive) {
    lua_sethook(r->L, NULL, 0, 0);
    if (runner_has_interrupted || runner_editor_interrupt(r))
      runner_signal = 0;
  }
  runner_has_interrupted = 0;
  if (runner_signal)
    netmcu_stop(netmcu_host_context(r->host));
}

static int prepare_protected(lua_State *L)
{
  runner_prepare(lua_touserdata(L, 1));
  return 0;
}

static int start_script(lua_State *L)
{
  runner *r = lua_touserdata(L, 1);

  if (r->file)
    runner_test_file(r);
  else if (r->options->interactive && !r->options->globals)
    runner_prompt_open(r);
  else
    runner_start_script(r);
  return 0;
}

static void run_loop(runner *r)
{
  if (!runner_signal && !r->file)
    netmcu_host_run(r->host);
}

static void end_state(runner *r)
{
  r->end = NULL;
  runner_interrupts(NULL, NULL);
  lua_sethook(r->L, NULL, 0, 0);
  if (r->options->watch)
    runner_watch_detach();
  runner_page_detach();
  runner_editor_close();
  uv_close((uv_handle_t *)&r->wake, NULL);
}

static void begin_state(runner *r)
{
  uv_async_init(netmcu_get_loop(netmcu_host_context(r->host)), &r->wake, on_wake);
  r->wake.data = r;
  r->end = end_state;
  uv_unref((uv_handle_t *)&r->wake);
  if (r->options->watch)
    runner_watch_attach(r);
  runner_page_attach(r);
  runner_interrupts(r->L, &r->wake);
}

static outcome outcome_of(const runner *r)
{
  if (netmcu_host_failed(r->host))
    return FAILED;
  if (r->changed)
    return CHANGED;
  switch (netmcu_host_leaving(r->host)) {
  case NETMCU_LEAVE_RESTART: return RESTART;
  case NETMCU_LEAVE_SLEEP: return SLEEP;
  default: return FINISHED;
  }
}

static outcome run_script(runner *r, int *status)
{
  begin_state(r);
  if (!runner_signal && netmcu_enter(r->host, start_script, r, NULL, NULL))
    runner_page_started();
  run_loop(r);
  end_state(r);
  outcome result = outcome_of(r);
  if (runner_signal == RUNNER_TIME_OUT)
    *status = report_timeout(r);
  else if (result == FAILED && !runner_signal)
    *status = report_failure(r);
  if (r->options->stats)
    report_stats(r);
  runner_keep_memory(r);
  r->sleep = netmcu_host_sleep_time(r->host);
  r->age += netmcu_host_elapsed(r->host) + (result == SLEEP ? r->sleep : 0);
  return result;
}

/* An error in a rule of the command line has no line of a script, and no traceback. */
static int report_preparation(runner *r)
{
  const char *message = luaL_tolstring(r->L, -1, NULL), *trace = strstr(message, "\nstack traceback:");

  if (r->reading_rules && trace)
    message = lua_pushlstring(r->L, message, (size_t)(trace - message));
  runner_report(message);
  return r->reading_rules ? EXIT_USAGE : EXIT_FAILURE;
}

/* Creates a state, runs it and closes it. */
static outcome run_state(runner *r, int *status)
{
  outcome result = FAILED;

  r->changed = false;
  runner_has_interrupted = 0;
  if (!runner_make_root(r->options) || !runner_world_renew(r->options)) {
    *status = EXIT_FAILURE;
    return FAILED;
  }
  r->place = runner_world_place();
  if (!runner_new_state(r)) {
    runner_report("out of memory");
    *status = EXIT_FAILURE;
    return FAILED;
  }
  lua_pushcfunction(r->L, netmcu_traceback);
  lua_pushcfunction(r->L, prepare_protected);
  lua_pushlightuserdata(r->L, r);
  if (lua_pcall(r->L, 1, 0, 1) != LUA_OK) {
    *status = report_preparation(r);
  } else {
    result = run_script(r, status);
  }
  if (result == FAILED && !r->options->watch && !r->options->once && !runner_signal)
    runner_page_look_back();
  runner_tested_close(r);
  *status = runner_scenario_close(r, *status);
  lua_close(r->L);
  runner_world_leave();
  return result;
}

/* ---- one after the other --------------------------------------------------------------------- */

/* --watch: the next change starts the script again, however it has ended. A script that sleeps also
 * wakes up by itself. */
static bool wait_for_change(runner *r, outcome result)
{
  uint64_t limit = result == SLEEP ? r->sleep / 1000 + 1 : 0;

  if (result == RESTART)
    return true;
  if (result == FINISHED)
    runner_say("the script has ended; it runs again when a file changes");
  runner_page_say(result == SLEEP ? "sleeping" : result == FAILED ? "failed" : "waiting", limit);
  bool changed = runner_watch_wait(limit);
  if (changed)
    runner_forget_told(r);
  r->boot = changed ? NULL : runner_page_restarts() ? "restart" : "sleep";
  return !runner_signal && (changed || r->boot[0] == 'r' || result == SLEEP);
}

/* --page: a script that has failed waits for a restart on the page, which also ends a sleep. */
static bool wait_for_page(runner *r, outcome result)
{
  bool is_sleep = result == SLEEP;

  if (is_sleep && runner_world_place()) {
    if (runner_page_sleep(r->sleep))
      r->boot = "restart";
    return !runner_signal;
  }
  if (runner_page_wait(is_sleep ? "sleeping" : "failed", is_sleep ? r->sleep / 1000 + 1 : 0))
    r->boot = "restart";
  return !runner_signal;
}

/* Returns whether another state follows, after the time that has to pass before it. */
static bool wait_for_next(runner *r, outcome result)
{
  if (runner_signal || r->unread)
    return false;
  r->boot = result == SLEEP ? "sleep" : result == FAILED ? "error" : "restart";
  if (r->options->watch)
    return wait_for_change(r, result);
  if (r->options->once || result == FINISHED)
    return false;
  if (runner_page_is_open() && (result == FAILED || result == SLEEP))
    return wait_for_page(r, result);
  if (result == SLEEP)
    runner_world_pause(r->sleep);
  if (result == FAILED) {
    if (!r->options->interactive || !runner_editor_has_terminal())
      return false;
    runner_world_pause(PAUSE_AFTER_CRASH);
  }
  return !runner_signal;
}

static int run_all(const runner_options *options)
{
  runner r = {.options = options, .open_more = runner_scenario_add};
  int status;
  outcome result;

  do {
    status = EXIT_SUCCESS;
    result = run_state(&r, &status);
  } while (wait_for_next(&r, result));
  runner_forget_texts(&r);
  if (runner_signal == RUNNER_TIME_OUT && status != EXIT_TIMEOUT) {
    runner_say("time-out after %g s, between two runs", options->timeout);
    return EXIT_TIMEOUT;
  }
  return runner_signal && status == EXIT_FAILURE ? EXIT_SUCCESS : status;
}

/* With --sim, each file has a world of its own. */
static int run_test(const runner_options *options, const char *file, uint64_t seed)
{
  runner r = {.options = options, .file = file, .open_more = runner_scenario_add};
  int status = EXIT_SUCCESS;

  if (!runner_world_open(options, seed))
    return EXIT_FAILURE;
  if (options->shrink)
    runner_shrink_watch(netmcu_sim_of(runner_world_place()));
  run_state(&r, &status);
  runner_forget_texts(&r);
  runner_world_close();
  return status;
}

static int run_watched(const runner_options *options)
{
  runner r = {.options = options};
  char folder[4096];

  if (!runner_make_root(options))
    return EXIT_FAILURE;
  runner_root(&r, folder, sizeof(folder));
  int error = runner_watch_open(folder);
  if (error) {
    runner_say("cannot watch %s: %s", folder, uv_strerror(error));
    return EXIT_FAILURE;
  }
  int status = run_all(options);
  runner_watch_close();
  return status;
}

int main(int argc, char **argv)
{
  runner_options options;

  runner_open_standard();
  int status = runner_read_options(&options, argc, argv);

  if (status < 0) {
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    runner_catch_signals(options.stats);
    runner_start_deadline(options.timeout, options.test && !options.has_seeds);
    if (options.sim && !options.page && !options.interactive)
      runner_start_ticks();
    if (options.test)
      status = runner_run_tests(&options, run_test);
    else if (!runner_world_open(&options, options.seed) || !runner_page_open(&options))
      status = EXIT_FAILURE;
    else
      status = options.watch ? run_watched(&options) : run_all(&options);
    runner_page_close();
    if (!runner_world_close() && status == EXIT_SUCCESS)
      status = EXIT_FAILURE;
  }
  runner_free_options(&options);
  return runner_finish_output(status, options.test);
}
