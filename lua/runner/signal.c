/* What Ctrl-C, the other signals and the time-out of the `netmcu` program do: the first one interrupts Lua code that runs
 * (through a hook, as the lua program does it) or stops the loop that waits. How they come is the system's, in
 * signal_unix.c and signal_windows.c. */
#include <stdio.h>
#include <unistd.h>

#include "runner/runner.h"

runner *volatile runner_current;
volatile sig_atomic_t runner_signal;
volatile sig_atomic_t runner_stats_wanted;

/* What the second alarm prints. It comes if the script does not return to the loop: it runs in a coroutine, catches the
 * error of the first alarm, or is inside a C function. */
static char overdue[96], bail_out[64];

static void interrupt(lua_State *L, lua_Debug *ar)
{
  runner *r = runner_current;

  (void)ar;
  lua_sethook(L, NULL, 0, 0);
  if (r)
    r->interrupted = true;
  luaL_error(L, runner_signal == RUNNER_TIME_OUT ? "time-out" : "interrupted");
}

void runner_wake(void)
{
  runner *r = runner_current;

  if (r)
    uv_async_send(&r->wake);
  else
    runner_watch_wake();
}

void runner_interrupt(int why)
{
  runner *r = runner_current;

  runner_signal = why;
  if (r)
    lua_sethook(r->L, interrupt, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
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
