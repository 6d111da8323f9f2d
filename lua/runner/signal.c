/* What Ctrl-C, the other signals and the time-out of the `netmcu` program do: the first one interrupts Lua code that runs
 * (through a hook, as the lua program does it) or stops the loop that waits. How they come is the system's, in
 * signal_unix.c and signal_windows.c. */
#include <stdio.h>

#include "runner/runner.h"

runner *volatile runner_current;
volatile sig_atomic_t runner_signal;
volatile sig_atomic_t runner_stats_wanted;

/* For a script that does not come back to the loop, in a coroutine, behind its own pcall or in a function of C: it is
 * given up at the second alarm. */
char runner_overdue[96];

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

void runner_start_deadline(double seconds)
{
  snprintf(runner_overdue, sizeof(runner_overdue),
           "netmcu: time-out after %g s; the script does not come back to the loop\n", seconds);
  if (seconds > 0)
    runner_set_alarm(seconds);
}
