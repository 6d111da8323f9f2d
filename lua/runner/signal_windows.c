/* Receives the signals of the `netmcu` program on Windows; signal.c says what each of them does.
 * Ctrl-C comes in a thread of its own, the time-out in one of the system's threads. They do only
 * what a signal handler may do. Like the lua program, which uses the C library's signals there,
 * they set Lua's hook from the other thread. */
#include <stdio.h>
#include <stdlib.h>
#include <winsock2.h>
#include <windows.h>

#include "runner/runner.h"

#define GRACE 1000 /* ms, between the alarms */

static HANDLE interrupted; /* an event, which ends runner_pause */
static HANDLE alarm_timer;

static void interrupt(int why)
{
  runner_interrupt(why);
  SetEvent(interrupted);
}

/* A control event that is not handled, such as the second Ctrl-C, ends the program. */
static BOOL WINAPI on_control(DWORD event)
{
  if (runner_signal || (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT))
    return FALSE;
  interrupt(SIGINT);
  return TRUE;
}

static void CALLBACK on_alarm(void *data, BOOLEAN fired)
{
  (void)data;
  (void)fired;
  if (runner_signal == RUNNER_TIME_OUT) {
    runner_report_overdue();
    _exit(EXIT_TIMEOUT);
  }
  interrupt(RUNNER_TIME_OUT);
}

/* No signal asks for statistics here. Output is not buffered, because the C library of Windows
 * cannot buffer by lines. */
void runner_catch_signals(bool stats)
{
  (void)stats;
  interrupted = CreateEvent(NULL, TRUE, FALSE, NULL);
  SetConsoleCtrlHandler(on_control, TRUE);
  setvbuf(stdout, NULL, _IONBF, 0);
}

static DWORD milliseconds(double time)
{
  return time < 1 ? 1 : time < INFINITE - 1 ? (DWORD)time : INFINITE - 1;
}

void runner_set_alarm(double seconds)
{
  if (alarm_timer)
    DeleteTimerQueueTimer(NULL, alarm_timer, NULL);
  alarm_timer = NULL;
  if (seconds > 0)
    CreateTimerQueueTimer(&alarm_timer, NULL, on_alarm, NULL, milliseconds(seconds * 1e3), GRACE,
                          WT_EXECUTEINTIMERTHREAD);
}

static uint64_t computing_time(void) /* in units of 100 ns */
{
  FILETIME created, ended, kernel, user = {0, 0};

  GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel, &user);
  return (uint64_t)user.dwHighDateTime << 32 | user.dwLowDateTime;
}

/* A script that waits, for example for its input, does not compute. */
static void CALLBACK on_tick(void *data, BOOLEAN fired)
{
  static uint64_t before;
  uint64_t now = computing_time();

  (void)data;
  (void)fired;
  if (now - before > 5000000)
    runner_tick();
  before = now;
}

void runner_start_ticks(void)
{
  HANDLE timer;

  CreateTimerQueueTimer(&timer, NULL, on_tick, NULL, 1000, 1000, WT_EXECUTEINTIMERTHREAD);
}

void runner_pause(uint64_t us)
{
  WaitForSingleObject(interrupted, milliseconds((double)us / 1e3));
}
