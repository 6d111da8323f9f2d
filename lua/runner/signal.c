/* What Ctrl-C, the other signals and the time-out do. The first one interrupts the Lua code that
 * runs, through a hook as in the lua program, or the loop that waits. signal_unix.c and
 * signal_windows.c receive them. */
#include <stdio.h>
#include <unistd.h>

#include "runner/runner.h"

volatile sig_atomic_t runner_stats_wanted, runner_has_interrupted;

static lua_State *volatile running;
static runner_visitor *volatile others[RUNNER_PARTS];
static uv_async_t *volatile waiting;

/* What the second alarm prints. It comes if the script does not return to the loop: it runs in a
 * coroutine, catches the error of the first alarm, or is inside a C function. */
static char overdue[96], bail_out[64];

void runner_interrupts(lua_State *L, uv_async_t *wake)
{
  running = L;
  waiting = wake;
}

void runner_interrupts_also(enum runner_part part, runner_visitor *visit_states)
{
  others[part] = visit_states;
}

static void raise_interruption(lua_State *L, lua_Debug *ar)
{
  (void)ar;
  lua_sethook(L, NULL, 0, 0);
  runner_has_interrupted = 1;
  luaL_error(L, runner_signal == RUNNER_TIME_OUT ? "time-out" : "interrupted");
}

void runner_wake(void)
{
  uv_async_t *wake = waiting;

  if (wake)
    uv_async_send(wake);
}

static void set_hook(lua_State *L)
{
  lua_sethook(L, raise_interruption, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

void runner_interrupt(int why)
{
  lua_State *L = running;

  runner_signal = why;
  if (L)
    set_hook(L);
  for (int part = 0; part < RUNNER_PARTS; part++)
    if (others[part])
      others[part](set_hook);
  runner_wake();
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
