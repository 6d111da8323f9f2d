/* Plain UDP sockets; see datagram.h. */
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "datagram.h"
#include "loop.h"

static struct sockaddr_in address_of(const char *ip, uint16_t port)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  assert_int_equal(inet_pton(AF_INET, ip, &address.sin_addr), 1);
  return address;
}

int datagram_socket_on(const char *ip, uint16_t *port)
{
  struct sockaddr_in address = address_of(ip, *port);
  socklen_t size = sizeof address;
  struct timeval patience = {.tv_sec = 10};
  int on = 1;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  assert_true(fd >= 0);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
  if (*port) {
#ifdef __linux__
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
#else
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
#endif
  }
  assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
  *port = ntohs(address.sin_port);
  return fd;
}

int datagram_socket(uint16_t *port)
{
  *port = 0;
  return datagram_socket_on("127.0.0.1", port);
}

bool datagram_join(int fd, const char *ip, const char *group)
{
  struct ip_mreq request = {.imr_multiaddr = address_of(group, 0).sin_addr,
                            .imr_interface = address_of(ip, 0).sin_addr};
  setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request.imr_interface, sizeof request.imr_interface);
  return setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request) == 0;
}

void datagram_send(int fd, const char *ip, uint16_t port, const void *data, size_t size)
{
  struct sockaddr_in address = address_of(ip, port);
  assert_int_equal(sendto(fd, data, size, 0, (struct sockaddr *)&address, sizeof address), (ssize_t)size);
}

size_t datagram_receive(int fd, void *to, size_t size, uint16_t *from)
{
  struct sockaddr_in address;
  socklen_t address_size = sizeof address;
  ssize_t received = recvfrom(fd, to, size, 0, (struct sockaddr *)&address, &address_size);
  if (received < 0)
    fail_msg("no datagram came");
  if (from)
    *from = ntohs(address.sin_port);
  return (size_t)received;
}

bool datagram_is_waiting(int fd)
{
  struct pollfd waiting = {.fd = fd, .events = POLLIN};
  return poll(&waiting, 1, 0) == 1;
}

uint16_t datagram_free_port(void)
{
  uint16_t port;
  close(datagram_socket(&port));
  return port;
}
