/* Network namespaces; see namespace.h. */
#define _GNU_SOURCE
#include "loop.h"
#include "namespace.h"

#ifdef __linux__
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int home = -1, here = -1, there = -1;

static int current(void)
{
  int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  assert_true(fd >= 0);
  return fd;
}

static void go(int fd)
{
  assert_int_equal(setns(fd, CLONE_NEWNET), 0);
}

void namespace_here(void)
{
  go(here);
}

void namespace_there(void)
{
  go(there);
}

void namespace_run(const char *command)
{
  if (system(command) != 0)
    fail_msg("failed: %s", command);
}

/* A process that stays in the namespace, because ip(8) uses the process to name a namespace without
 * a name. */
static pid_t begin_there(void)
{
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    pause();
    _exit(0);
  }
  return child;
}

/* Waits for an interface to run. An interface that is up only runs after the kernel has looked at
 * its carrier, at a time of its choice. */
static void wait_until_running(const char *name)
{
  struct ifreq request;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  memset(&request, 0, sizeof request);
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  while (ioctl(fd, SIOCGIFFLAGS, &request) == 0 && !(request.ifr_flags & IFF_RUNNING))
    usleep(1000);
  close(fd);
}

/* If the two ends of a cable have the same index, the kernel takes a second to notice the
 * carrier. */
static void lay_cable(const char *name, int network, pid_t child)
{
  char command[512];
  snprintf(command, sizeof command,
           "ip link add name %s0 index 1%d type veth peer name %s1 index 2%d netns %d && ip addr add 10.77.%d.1/24 brd "
           "+ dev %s0 && "
           "ip link set %s0 up",
           name, network, name, network, (int)child, network, name, name);
  namespace_run(command);
  namespace_there();
  snprintf(command, sizeof command, "ip addr add 10.77.%d.2/24 brd + dev %s1 && ip link set %s1 up", network, name,
           name);
  namespace_run(command);
  namespace_here();
}

bool namespaces_begin(void)
{
  home = current();
  if (unshare(CLONE_NEWNET) != 0) {
    print_message("no network namespaces: %s\n", strerror(errno));
    close(home);
    return false;
  }
  there = current();
  namespace_run("ip link set lo up");
  pid_t child = begin_there();
  assert_int_equal(unshare(CLONE_NEWNET), 0);
  here = current();
  namespace_run("ip link set lo up");
  lay_cable("left", 1, child);
  lay_cable("right", 2, child);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  wait_until_running("left0");
  wait_until_running("right0");
  namespace_there();
  wait_until_running("left1");
  wait_until_running("right1");
  namespace_here();
  return true;
}

void namespaces_end(void)
{
  go(home);
  close(home);
  close(here);
  close(there);
}
#else
bool namespaces_begin(void)
{
  print_message("no network namespaces: this is not Linux\n");
  return false;
}

void namespaces_end(void)
{
}

void namespace_here(void)
{
}

void namespace_there(void)
{
}

void namespace_run(const char *command)
{
  (void)command;
}
#endif
