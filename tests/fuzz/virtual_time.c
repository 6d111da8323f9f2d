/* See virtual_time.h. libuv is a shared library, so it calls the program's functions of these
 * names. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"
#include "virtual_time.h"

/* The sanitizers call these functions before they are ready themselves. */
#define PLAIN __attribute__((no_sanitize("address", "undefined", "coverage")))

#define PATIENCE 2000 /* ms that the system may take to report what has already happened */

static uint64_t now = 1000000; /* ms */
static bool must_end;

void time_pass(unsigned milliseconds)
{
  now += milliseconds;
}

void time_must_end(bool must)
{
  must_end = must;
}

PLAIN int clock_gettime(clockid_t clock, struct timespec *time)
{
  if (clock != CLOCK_MONOTONIC && clock != CLOCK_MONOTONIC_COARSE)
    return (int)syscall(SYS_clock_gettime, clock, time);
  time->tv_sec = (time_t)(now / 1000);
  time->tv_nsec = (long)(now % 1000) * 1000000;
  return 0;
}

static int wait_for_real(int epoll, struct epoll_event *events, int most, int timeout)
{
  return (int)syscall(SYS_epoll_pwait, epoll, events, most, timeout, NULL, 8);
}

int epoll_pwait(int epoll, struct epoll_event *events, int most, int timeout, const sigset_t *mask)
{
  int count = wait_for_real(epoll, events, most, 0);

  (void)mask;
  if (count != 0 || timeout == 0)
    return count;
  if (timeout > 0) {
    time_pass((unsigned)timeout);
    return 0;
  }
  count = wait_for_real(epoll, events, most, PATIENCE);
  REQUIRE(count != 0 || !must_end);
  return count;
}

int epoll_wait(int epoll, struct epoll_event *events, int most, int timeout)
{
  return epoll_pwait(epoll, events, most, timeout, NULL);
}

/* ---- datagrams ------------------------------------------------------------------------------- */

static unsigned no_room;

void datagrams_find_no_room(unsigned times)
{
  no_room = times;
}

static bool has_room(void)
{
  if (no_room == 0)
    return true;
  no_room--;
  errno = EAGAIN;
  return false;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
  return has_room() ? syscall(SYS_sendmsg, fd, message, flags) : -1;
}

int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
  return has_room() ? (int)syscall(SYS_sendmmsg, fd, messages, count, flags) : -1;
}
