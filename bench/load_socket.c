#define _GNU_SOURCE
#include "load_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVER_START_SECONDS 60

struct sockaddr_in load_address(uint16_t port)
{
  return (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

uint16_t load_free_port(int type)
{
  struct sockaddr_in address = load_address(0);
  socklen_t length = sizeof address;
  int fd = socket(AF_INET, type, 0);

  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &length) != 0)
    load_fail("no free port: %s", strerror(errno));
  close(fd);
  return ntohs(address.sin_port);
}

static int try_connect(uint16_t port, int flags)
{
  struct sockaddr_in address = load_address(port);
  int fd = socket(AF_INET, SOCK_STREAM | flags, 0);
  int on = 1;

  if (fd < 0)
    load_fail("socket: %s", strerror(errno));
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 || errno == EINPROGRESS)
    return fd;
  close(fd);
  return -1;
}

void load_start_listener(load *l)
{
  double give_up = load_now() + SERVER_START_SECONDS;
  int fd;

  l->port = load_free_port(SOCK_STREAM);
  load_start_server(l);
  while ((fd = try_connect(l->port, 0)) < 0) {
    load_check_server(l);
    if (load_now() > give_up)
      load_fail("the server does not listen");
    usleep(2000);
  }
  close(fd);
}

int load_connect_begin(const load *l)
{
  int fd = try_connect(l->port, SOCK_NONBLOCK);

  if (fd < 0)
    load_fail("connect: %s", strerror(errno));
  return fd;
}

int load_connect(const load *l)
{
  int fd = try_connect(l->port, 0);

  if (fd < 0)
    load_fail("connect: %s", strerror(errno));
  if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
    load_fail("a socket cannot be made non-blocking");
  return fd;
}

void load_bound_buffers(int fd)
{
  int bytes = 1 << 17;

  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}
