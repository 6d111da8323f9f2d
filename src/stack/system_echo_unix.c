/* ICMP echo by a socket: an unprivileged one (Linux with its ping_group_range, macOS), or else a
 * raw one (root, CAP_NET_RAW). The kernel reports when a reply arrived, if it can. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/icmp.h>
#else
#include <netinet/icmp6.h>
#endif

#include "base/error.h"
#include "stack/echo_packet.h"
#include "stack/system.h"

#define PACKET_SIZE 256 /* more than an IP header of 60 bytes and an echo packet */
#define PACKETS     64  /* the most in one iteration: a flood must not take all the time */

struct netmcu__stack_echo {
  netmcu__echo_user *user;
  uv_poll_t poll;
  int socket;
  uint16_t id;
  netmcu_family family;
  bool is_closed;
};

/* ---- opening --------------------------------------------------------------------------------- */

/* Keeps the other messages of IPv6, such as those of routers, out of a raw socket. */
static void filter_ipv6(int fd)
{
#ifdef __linux__
  struct {
    uint32_t blocked[8];
  } filter = {{UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, ~UINT32_C(2), UINT32_MAX, UINT32_MAX, UINT32_MAX}};
  setsockopt(fd, IPPROTO_ICMPV6, 1 /* ICMPV6_FILTER; the reply is bit 129 */, &filter, sizeof(filter));
#else
  struct icmp6_filter filter;
  ICMP6_FILTER_SETBLOCKALL(&filter);
  ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
  setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter));
#endif
}

static void prepare(int fd, bool is_raw, netmcu_family family)
{
  int on = 1;

  fcntl(fd, F_SETFD, FD_CLOEXEC);
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
#ifdef SO_TIMESTAMPNS
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
#else
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on));
#endif
#ifdef __linux__
  struct icmp_filter others = {.data = ~(1U << ICMP_ECHOREPLY)};
  if (is_raw && family == NETMCU_IPV4)
    setsockopt(fd, SOL_RAW, ICMP_FILTER, &others, sizeof(others));
#endif
  if (is_raw && family == NETMCU_IPV6)
    filter_ipv6(fd);
}

static int open_socket(netmcu_family family)
{
  int domain = family == NETMCU_IPV6 ? AF_INET6 : AF_INET;
  int protocol = family == NETMCU_IPV6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
  int fd = socket(domain, SOCK_DGRAM, protocol);
  bool is_raw = fd < 0;

  if (is_raw)
    fd = socket(domain, SOCK_RAW, protocol);
  if (fd < 0)
    return uv_translate_sys_error(errno);
  prepare(fd, is_raw, family);
  return fd;
}

/* Datagram sockets of Linux have an identifier as other sockets have a port, and write it into each
 * request. */
static uint16_t choose_id(int fd, netmcu_family family)
{
  netmcu__sockaddr name = netmcu__sockaddr_of(&(netmcu_address){.family = (uint16_t)family});
  socklen_t size = family == NETMCU_IPV6 ? sizeof(name.ipv6) : sizeof(name.ipv4);
  int type = 0;
  socklen_t type_size = sizeof(type);
  uint16_t id = 0;

  getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size);
  if (type == SOCK_DGRAM && bind(fd, &name.any, size) == 0 && getsockname(fd, &name.any, &size) == 0)
    id = netmcu__address(&name.any).port;
  if (id == 0)
    uv_random(NULL, NULL, &id, sizeof(id), 0, NULL);
  return id;
}

static int open_echo(netmcu__echo_user *user, netmcu__stack_echo *echo, netmcu_family family)
{
  int fd = open_socket(family);
  if (fd < 0)
    return netmcu__error(fd);

  int error = uv_poll_init(netmcu__system_loop(user->stack), &echo->poll, fd);
  if (error) {
    close(fd);
    return netmcu__error(error);
  }
  netmcu__handle_opened(user->stack->ctx);
  uv_unref((uv_handle_t *)&echo->poll);
  echo->user = user;
  echo->socket = fd;
  echo->family = family;
  echo->id = choose_id(fd, family);
  return 0;
}

static void on_close(uv_handle_t *handle)
{
  netmcu__stack_echo *echo = netmcu__container(handle, netmcu__stack_echo, poll);
  netmcu_t *ctx = echo->user->stack->ctx;

  echo->user->events->closed(echo);
  netmcu__handle_closed(ctx);
}

static void close_echo(netmcu__stack_echo *echo)
{
  echo->is_closed = true;
  uv_close((uv_handle_t *)&echo->poll, on_close);
  close(echo->socket);
}

/* ---- receiving ------------------------------------------------------------------------------- */

static uint64_t nanoseconds(const struct timespec *time)
{
  return (uint64_t)time->tv_sec * 1000000000 + (uint64_t)time->tv_nsec;
}

/* Returns when the kernel received the packet, or 0 if it does not say. For a moment Linux reports
 * the time of the reading instead: until a work queue has enabled time stamps for the first socket
 * of the system that wants them (net_enable_timestamp). */
static uint64_t get_arrival(struct msghdr *message)
{
  for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
    struct timespec time = {.tv_sec = 0};
#ifdef SO_TIMESTAMPNS
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS)
      memcpy(&time, CMSG_DATA(c), sizeof(time));
#else
    struct timeval value = {.tv_sec = 0};
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMP) {
      memcpy(&value, CMSG_DATA(c), sizeof(value));
      time = (struct timespec){.tv_sec = value.tv_sec, .tv_nsec = (long)value.tv_usec * 1000};
    }
#endif
    if (time.tv_sec)
      return nanoseconds(&time);
  }
  return 0;
}

static uint64_t age_of(struct msghdr *message)
{
  struct timespec now;
  uint64_t arrived = get_arrival(message);

  clock_gettime(CLOCK_REALTIME, &now);
  return arrived && arrived <= nanoseconds(&now) ? nanoseconds(&now) - arrived : 0;
}

/* Returns false if there is nothing more to read. */
static bool receive_one(netmcu__stack_echo *echo)
{
  uint8_t packet[PACKET_SIZE];
  union {
    char bytes[CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(struct timeval))];
    struct cmsghdr aligned;
  } control;
  netmcu__sockaddr from;
  struct iovec vector = {.iov_base = packet, .iov_len = sizeof(packet)};
  struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &vector, .msg_iovlen = 1};
  netmcu__echo reply;

  message.msg_control = control.bytes;
  message.msg_controllen = sizeof(control.bytes);
  ssize_t size = recvmsg(echo->socket, &message, 0);
  if (size < 0)
    return errno == EINTR;
  if (!(message.msg_flags & MSG_TRUNC) && netmcu__echo_read(packet, (size_t)size, echo->family, &reply) &&
      reply.id == echo->id) {
    netmcu_address address = netmcu__address(&from.any);
    echo->user->events->replied(echo, &address, reply.sequence, reply.payload, age_of(&message));
  }
  return true;
}

static void receive(netmcu__stack_echo *echo)
{
  for (int i = 0; i < PACKETS && !echo->is_closed && receive_one(echo); i++)
    ;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
  (void)status;
  (void)events;
  receive(netmcu__container(poll, netmcu__stack_echo, poll));
}

static void start(netmcu__stack_echo *echo)
{
  uv_poll_start(&echo->poll, UV_READABLE, on_readable);
}

static void stop(netmcu__stack_echo *echo)
{
  uv_poll_stop(&echo->poll);
}

/* ---- sending --------------------------------------------------------------------------------- */

static void send_request(netmcu__stack_echo *echo, const netmcu_address *to, uint16_t sequence, const uint8_t *payload)
{
  uint8_t packet[NETMCU__ECHO_SIZE];
  netmcu__echo request = {.id = echo->id, .sequence = sequence, .payload = payload};
  netmcu_address host = *to;

  host.port = 0;
  netmcu__sockaddr sockaddr = netmcu__sockaddr_of(&host);
  socklen_t name_size = echo->family == NETMCU_IPV6 ? sizeof(sockaddr.ipv6) : sizeof(sockaddr.ipv4);
  netmcu__echo_write(&request, echo->family, packet);
  ssize_t size = sendto(echo->socket, packet, sizeof(packet), 0, &sockaddr.any, name_size);
  (void)size;
}

const netmcu__echo_operations netmcu__system_echo = {.size = sizeof(netmcu__stack_echo),
                                                     .open = open_echo,
                                                     .start = start,
                                                     .stop = stop,
                                                     .receive = receive,
                                                     .send = send_request,
                                                     .close = close_echo};
