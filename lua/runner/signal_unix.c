/* The signals of the `netmcu` program on Unix: what they do is in signal.c. The second Ctrl-C finds the system's
 * default and kills; the second alarm ends a script that never returns to the loop with force. */
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "runner/runner.h"

#define GRACE 1 /* s, between the alarms */

static void give_up(void)
{
  ssize_t size = write(STDERR_FILENO, runner_overdue, strlen(runner_overdue));

  (void)size;
  _exit(EXIT_TIMEOUT);
}

static void on_alarm(int number)
{
  (void)number;
  if (runner_signal == RUNNER_TIME_OUT)
    give_up();
  runner_interrupt(RUNNER_TIME_OUT);
}

static void on_signal(int number)
{
  if (runner_signal) {
    signal(number, SIG_DFL);
    raise(number);
    return;
  }
  runner_interrupt(number);
}

static void on_stats_wanted(int number)
{
  runner_stats_wanted = number;
  runner_wake();
}

void runner_catch_signals(bool stats)
{
  struct sigaction action = {.sa_handler = on_signal};

  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  action = (struct sigaction){.sa_handler = on_alarm};
  sigaction(SIGALRM, &action, NULL);
  if (stats) {
    action = (struct sigaction){.sa_handler = on_stats_wanted, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
  }
}

void runner_set_alarm(double seconds)
{
  struct itimerval timer = {{seconds > 0 ? GRACE : 0, 0},
                            {(time_t)seconds, (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6)}};

  setitimer(ITIMER_REAL, &timer, NULL);
}

void runner_pause(uint64_t us)
{
  struct timespec left = {(time_t)(us / 1000000), (long)(us % 1000000) * 1000};

  while (!runner_signal && nanosleep(&left, &left) != 0)
    ;
}
