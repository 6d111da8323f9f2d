/* Receives the signals of the `netmcu` program on Unix; signal.c says what each of them does. The
 * second Ctrl-C gets the system's default action, which kills the program. */
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "runner/runner.h"

#define GRACE 1 /* s, between the alarms */

/* The first alarm interrupts the script. The second one ends a script that does not return to the
 * loop. The third one finds the second one's handler waiting to write to a pipe that nobody
 * reads. */
static void on_alarm(int number)
{
  static volatile sig_atomic_t gives_up;

  (void)number;
  if (runner_signal != RUNNER_TIME_OUT) {
    runner_interrupt(RUNNER_TIME_OUT);
    return;
  }
  if (!gives_up) {
    gives_up = 1;
    runner_report_overdue();
  }
  _exit(EXIT_TIMEOUT);
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

static void on_tick(int number)
{
  (void)number;
  runner_tick();
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
  action = (struct sigaction){.sa_handler = on_alarm, .sa_flags = SA_NODEFER};
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

/* Only the time in which the program computes counts: a busy machine makes no script suspect. */
void runner_start_ticks(void)
{
  struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
  struct itimerval timer = {{1, 0}, {1, 0}};

  sigaction(SIGVTALRM, &action, NULL);
  setitimer(ITIMER_VIRTUAL, &timer, NULL);
}

void runner_pause(uint64_t us)
{
  struct timespec left = {(time_t)(us / 1000000), (long)(us % 1000000) * 1000};

  while (!runner_signal && nanosleep(&left, &left) != 0)
    ;
}
