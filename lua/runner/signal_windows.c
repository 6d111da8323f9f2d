/* The signals of the `netmcu` program on Windows: what they do is in signal.c. Ctrl-C comes in a thread of its own,
 * the time-out in one of the system's. They touch no more than a signal handler may; Lua's hook is the one thing that they
 * set in the other thread, as the C library's signals do that the lua program uses there. */
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

/* What is not handled, the second Ctrl-C for one, ends the program. */
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

/* There is no signal that asks for statistics. Lines are not a way of buffering here, and a script's should be seen. */
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

void runner_pause(uint64_t us)
{
  WaitForSingleObject(interrupted, milliseconds((double)us / 1e3));
}
