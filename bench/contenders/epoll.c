/* The limit: what one thread can get from the kernel with epoll and nothing in between.
 *
 * A connection is its descriptor. It only has memory while its peer does not take the echo: the
 * bytes that it is owed. During this time it is not read. */
#define _GNU_SOURCE
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS   256
#define BATCH    64
#define DATAGRAM 2048
#define BURST    16 /* chunks that a source writes to one connection before it looks at the others */

typedef struct owed {
  size_t at, length;
  char data[];
} owed;

static owed **debts; /* indexed by descriptor */
static scenario_kind scenario;
static int epoll_fd, listener;
static char buffer[CHUNK];

static void watch(int operation, int fd, uint32_t events)
{
  struct epoll_event event = {.events = events, .data.fd = fd};

  if (epoll_ctl(epoll_fd, operation, fd, &event) != 0)
    fail("epoll_ctl", strerror(errno));
}

static void close_connection(int fd)
{
  free(debts[fd]);
  debts[fd] = NULL;
  close(fd);
}

static void owe(int fd, const char *data, size_t length)
{
  owed *debt = malloc(sizeof *debt + length);

  if (debt == NULL)
    fail("malloc", "out of memory");
  debt->at = 0;
  debt->length = length;
  memcpy(debt->data, data, length);
  debts[fd] = debt;
  watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
}

static void write_all(int fd, const char *data, size_t length)
{
  ssize_t n = send(fd, data, length, MSG_NOSIGNAL);

  if (n < 0 && errno != EAGAIN)
    return;
  n = n < 0 ? 0 : n;
  if ((size_t)n < length)
    owe(fd, data + n, length - (size_t)n);
}

static void pay(int fd)
{
  owed *debt = debts[fd];
  ssize_t n = send(fd, debt->data + debt->at, debt->length - debt->at, MSG_NOSIGNAL);

  if (n < 0 && errno != EAGAIN) {
    close_connection(fd);
    return;
  }
  debt->at += n < 0 ? 0 : (size_t)n;
  if (debt->at < debt->length)
    return;
  free(debt);
  debts[fd] = NULL;
  watch(EPOLL_CTL_MOD, fd, EPOLLIN);
}

static void pour(int fd)
{
  for (int i = 0; i < BURST; i++) {
    ssize_t n = send(fd, buffer, sizeof buffer, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN)
      close_connection(fd);
    if (n < (ssize_t)sizeof buffer)
      return;
  }
}

static void read_connection(int fd)
{
  ssize_t n = recv(fd, buffer, sizeof buffer, 0);

  if (n == 0 || (n < 0 && errno != EAGAIN))
    close_connection(fd);
  if (n <= 0)
    return;
  if (scenario == ECHO_BACK)
    write_all(fd, buffer, (size_t)n);
  else if (scenario == HTTP && ends_request(buffer, (size_t)n))
    write_all(fd, RESPONSE, sizeof RESPONSE - 1);
}

static void greet(int fd)
{
  if (send(fd, GREETING, sizeof GREETING - 1, MSG_NOSIGNAL) < 0)
    perror("send");
  close(fd);
}

static void accept_connections(void)
{
  int on = 1, fd;

  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (scenario == GREET)
      greet(fd);
    else
      watch(EPOLL_CTL_ADD, fd, scenario == SOURCE ? EPOLLOUT : EPOLLIN);
  }
}

static void echo_datagrams(int fd)
{
  static char data[BATCH][DATAGRAM];
  static struct sockaddr_in peers[BATCH];
  static struct iovec vectors[BATCH];
  static struct mmsghdr messages[BATCH];
  int count;

  for (int i = 0; i < BATCH; i++) {
    vectors[i] = (struct iovec){.iov_base = data[i], .iov_len = DATAGRAM};
    messages[i].msg_hdr =
        (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1, .msg_name = &peers[i], .msg_namelen = sizeof peers[i]};
  }
  count = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
  for (int i = 0; i < count; i++)
    vectors[i].iov_len = messages[i].msg_len;
  if (count > 0 && sendmmsg(fd, messages, (unsigned)count, 0) < 0)
    perror("sendmmsg");
}

static void ready(int fd)
{
  if (fd == listener)
    scenario == UDP ? echo_datagrams(fd) : accept_connections();
  else if (debts[fd] != NULL)
    pay(fd);
  else if (scenario == SOURCE)
    pour(fd);
  else
    read_connection(fd);
}

static void listen_on(uint16_t port)
{
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int on = 1;

  listener = socket(AF_INET, (scenario == UDP ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0)
    fail("bind", strerror(errno));
  if (scenario != UDP && listen(listener, BACKLOG) != 0)
    fail("listen", strerror(errno));
  watch(EPOLL_CTL_ADD, listener, EPOLLIN);
}

static void new_debts(void)
{
  struct rlimit limit;

  getrlimit(RLIMIT_NOFILE, &limit);
  debts = calloc(limit.rlim_cur, sizeof *debts);
  if (debts == NULL)
    fail("calloc", "out of memory");
}

int main(int argc, char **argv)
{
  struct epoll_event events[EVENTS];
  uint16_t port;

  scenario = read_arguments(argc, argv, &port);
  signal(SIGPIPE, SIG_IGN);
  new_debts();
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  listen_on(port);
  for (;;) {
    int count = epoll_wait(epoll_fd, events, EVENTS, -1);
    for (int i = 0; i < count; i++)
      ready(events[i].data.fd);
  }
}
