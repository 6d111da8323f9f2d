#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crowd.h"
#include "loop.h"

struct crowd {
  pid_t pid;
  int read, write;
  uint32_t message;
};

unsigned crowd_raise_limit(unsigned count)
{
  struct rlimit limit;
  const rlim_t spare = 200;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return 0;
  if (limit.rlim_cur < count + spare) {
    limit.rlim_cur = count + spare;
    if (limit.rlim_max < limit.rlim_cur)
      limit.rlim_max = limit.rlim_cur; /* a privileged user may do this */
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
      getrlimit(RLIMIT_NOFILE, &limit);
      limit.rlim_cur = limit.rlim_max;
      setrlimit(RLIMIT_NOFILE, &limit);
    }
  }
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur >= count + spare ? count : (unsigned)(limit.rlim_cur - spare);
}

crowd *crowd_begin(crowd_script script, unsigned count)
{
  int down[2], up[2];
  crowd *c = calloc(1, sizeof *c);
  assert_non_null(c);
  assert_int_equal(pipe(down), 0);
  assert_int_equal(pipe(up), 0);
  fflush(NULL);
  c->pid = fork();
  assert_true(c->pid >= 0);
  bool child = c->pid == 0;
  c->read = child ? down[0] : up[0];
  c->write = child ? up[1] : down[1];
  close(child ? down[1] : down[0]);
  close(child ? up[0] : up[1]);
  if (child)
    _exit(script(c, count));
  fcntl(c->read, F_SETFL, O_NONBLOCK);
  return c;
}

/* Four bytes of a pipe always arrive together. */
bool crowd_has_spoken(void *data)
{
  crowd *c = data;
  ssize_t got = read(c->read, &c->message, sizeof c->message);
  if (got == 0)
    fail_msg("the peers' process has ended");
  return got == sizeof c->message;
}

uint32_t crowd_message(const crowd *c)
{
  return c->message;
}

void crowd_tell(crowd *c, uint32_t message)
{
  if (write(c->write, &message, sizeof message) != sizeof message)
    fprintf(stderr, "the other process does not listen\n");
}

uint32_t crowd_hear(crowd *c)
{
  uint32_t message = 0;
  while (read(c->read, &message, sizeof message) < 0 && errno == EINTR)
    ;
  return message;
}

void crowd_end(crowd *c)
{
  int status;
  pid_t pid = c->pid;
  close(c->write);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
    ;
  close(c->read);
  free(c);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    fail_msg("the peers' process ended with status %d", status);
}

static struct sockaddr_in loopback(uint16_t port)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int crowd_connect(uint16_t port)
{
  struct sockaddr_in address = loopback(port);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
    return fd;
  perror("a peer cannot connect");
  return -1;
}

int crowd_listen(uint16_t *port)
{
  struct sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 1024) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &size) != 0)
    return -1;
  *port = ntohs(address.sin_port);
  return fd;
}
