/* Signals and the time-out of the `netmcu` program: the first Ctrl-C interrupts Lua code that runs (through a hook, as the
 * lua program does it) or stops the loop that waits; the second one finds the system's default and kills. The time-out
 * ends a script that never returns to the loop in the same way, once more with force. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "runner.h"

runner *volatile runner_current;
volatile sig_atomic_t runner_signal;
volatile sig_atomic_t runner_stats_wanted;

static void interrupt(lua_State *L, lua_Debug *ar)
{
  runner *r = runner_current;

  (void)ar;
  lua_sethook(L, NULL, 0, 0);
  if (r)
    r->interrupted = true;
  luaL_error(L, runner_signal == SIGALRM ? "time-out" : "interrupted");
}

static void wake(runner *r)
{
  if (r)
    uv_async_send(&r->wake);
  else
    runner_watch_wake();
}

/* A script that does not come back to the loop, in a coroutine, behind its own pcall or in a function of C, is given up
 * at the second alarm. */
#define GRACE 1 /* s */
static char overdue[96];

static void give_up(void)
{
  ssize_t size = write(STDERR_FILENO, overdue, strlen(overdue));

  (void)size;
  _exit(EXIT_TIMEOUT);
}

static void on_signal(int number)
{
  runner *r = runner_current;

  if (runner_signal && number != SIGALRM) {
    signal(number, SIG_DFL);
    raise(number);
    return;
  }
  if (runner_signal == SIGALRM)
    give_up();
  runner_signal = number;
  if (r)
    lua_sethook(r->L, interrupt, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
  wake(r);
}

static void on_stats_wanted(int number)
{
  runner_stats_wanted = number;
  wake(runner_current);
}

void runner_catch_signals(bool stats)
{
  struct sigaction action = {.sa_handler = on_signal};

  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGALRM, &action, NULL);
  if (stats) {
    action = (struct sigaction){.sa_handler = on_stats_wanted, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
  }
}

static void set_alarm(double seconds, time_t interval)
{
  struct itimerval timer = {{interval, 0}, {(time_t)seconds, (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6)}};

  setitimer(ITIMER_REAL, &timer, NULL);
}

void runner_start_deadline(double seconds)
{
  snprintf(overdue, sizeof(overdue), "netmcu: time-out after %g s; the script does not come back to the loop\n",
           seconds);
  if (seconds > 0)
    set_alarm(seconds, GRACE);
}

void runner_pause(uint64_t us)
{
  struct timespec left = {(time_t)(us / 1000000), (long)(us % 1000000) * 1000};

  while (!runner_signal && nanosleep(&left, &left) != 0)
    ;
}
