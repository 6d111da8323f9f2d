/* What Ctrl-C, the other signals and the time-out do. The first one interrupts the Lua code that
 * runs, through a hook as in the lua program, or the loop that waits. signal_unix.c and
 * signal_windows.c receive them.
 *
 * In a simulation, a clock also reports a script that computes for so long that it may never end. */
#include <stdio.h>
#include <unistd.h>

#include "runner/runner.h"

#define PATIENCE 5 /* s of computing without an event */

volatile sig_atomic_t runner_stats_wanted, runner_has_interrupted, runner_events;

static volatile sig_atomic_t place_wanted; /* the next hook reports where it is, unless an event comes first */
static volatile sig_atomic_t seen_events;
static lua_State *volatile running, *volatile coroutine;
static runner_visitor *volatile others[RUNNER_PARTS];
static uv_async_t *volatile waiting;

/* What the second alarm prints. It comes if the script does not return to the loop: it catches the
 * error of the first alarm, or is inside a C function. */
static char overdue[96], bail_out[64];

void runner_interrupts(lua_State *L, uv_async_t *wake)
{
  running = L;
  waiting = wake;
  if (L == NULL)
    coroutine = NULL; /* os.exit may end the state inside one */
}

void runner_interrupts_also(enum runner_part part, runner_visitor *visit_states)
{
  others[part] = visit_states;
}

/* Allocates nothing: a collection of garbage at another time could change the run. */
static void report_place(lua_State *L)
{
  char text[256];
  lua_Debug ar = {.currentline = -1};

  for (int level = 0; ar.currentline < 0 && lua_getstack(L, level, &ar); level++)
    lua_getinfo(L, "Sl", &ar);
  snprintf(text, sizeof(text), "netmcu: host '%s': the script does not return to the loop; it is at %s:%d\n",
           netmcu_sim_host_name(runner_of(L)->place), ar.short_src, ar.currentline);
  runner_progress_clear();
  runner_write_raw(STDERR_FILENO, text);
}

static void on_hook(lua_State *L, lua_Debug *ar)
{
  (void)ar;
  lua_sethook(L, NULL, 0, 0);
  if (runner_signal) {
    runner_has_interrupted = 1;
    luaL_error(L, runner_signal == RUNNER_TIME_OUT ? "time-out" : "interrupted");
  }
  if (place_wanted && runner_events == seen_events)
    report_place(L);
  place_wanted = 0;
}

void runner_wake(void)
{
  uv_async_t *wake = waiting;

  if (wake)
    uv_async_send(wake);
}

static void set_hook(lua_State *L)
{
  lua_sethook(L, on_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

/* A script that has a hook of its own, for example to measure its coverage, keeps it. */
static void set_free_hook(lua_State *L)
{
  if (lua_gethook(L) == NULL)
    set_hook(L);
}

/* Which of the states runs is not known. */
static void visit_states(void (*visit)(lua_State *L))
{
  lua_State *L = running, *co = coroutine;

  if (L)
    visit(L);
  if (co)
    visit(co);
  for (int part = 0; part < RUNNER_PARTS; part++)
    if (others[part])
      others[part](visit);
}

lua_State *runner_switch(lua_State *co)
{
  lua_State *before = coroutine;

  coroutine = co;
  if (co && runner_signal)
    set_hook(co);
  return before;
}

void runner_interrupt(int why)
{
  runner_signal = why;
  visit_states(set_hook);
  runner_wake();
}

void runner_tick(void)
{
  static sig_atomic_t ticks;

  ticks = runner_events == seen_events ? ticks + 1 : 0;
  seen_events = runner_events;
  if (ticks != PATIENCE || runner_signal)
    return;
  place_wanted = 1;
  visit_states(set_free_hook);
}

void runner_report_overdue(void)
{
  runner_write_raw(STDERR_FILENO, overdue);
  if (*bail_out)
    runner_write_raw(STDOUT_FILENO, bail_out);
}

void runner_start_deadline(double seconds, bool is_test)
{
  snprintf(overdue, sizeof(overdue), "netmcu: time-out after %g s; the script does not return to the loop\n", seconds);
  if (is_test)
    snprintf(bail_out, sizeof(bail_out), "\nBail out! time-out after %g s\n", seconds);
  if (seconds > 0)
    runner_set_alarm(seconds);
}
