/* ICMP echo by a socket: an unprivileged one (Linux's ping_group_range, macOS), else a raw one (root, CAP_NET_RAW). Times
 * of arrival are the kernel's where it tells them. */
#ifndef _WIN32
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/icmp.h>
#endif

#include "ping/ping.h"

#define PACKET_SIZE 256 /* of what comes: a header of 60 bytes and our packet are less */
#define PACKETS     64  /* in one turn: who floods us does not get all our time */

struct netmcu__icmp {
  netmcu_t *ctx;
  netmcu__icmp_cb cb;
  uv_poll_t poll;
  int socket;
  uint16_t id;
  bool closed;
};

/* ---- opening -------------------------------------------------------------------------------------------- */

static void prepare(int fd, bool is_raw)
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
  if (is_raw)
    setsockopt(fd, SOL_RAW, ICMP_FILTER, &others, sizeof(others));
#else
  (void)is_raw;
#endif
}

static int open_socket(void)
{
  int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
  bool is_raw = fd < 0;

  if (is_raw)
    fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  if (fd < 0)
    return uv_translate_sys_error(errno);
  prepare(fd, is_raw);
  return fd;
}

/* Linux's datagram sockets have an id as other sockets a port, and put it into what they send. */
static uint16_t choose_id(int fd)
{
  struct sockaddr_in name = {.sin_family = AF_INET};
  socklen_t size = sizeof(name);
  int type = 0;
  socklen_t type_size = sizeof(type);
  uint16_t id = 0;

  getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size);
  if (type == SOCK_DGRAM && bind(fd, (struct sockaddr *)&name, size) == 0 &&
      getsockname(fd, (struct sockaddr *)&name, &size) == 0)
    id = ntohs(name.sin_port);
  if (id == 0)
    uv_random(NULL, NULL, &id, sizeof(id), 0, NULL);
  return id;
}

int netmcu__icmp_open(netmcu_t *ctx, netmcu__icmp_cb cb, netmcu__icmp **opened)
{
  int fd = open_socket();
  if (fd < 0)
    return netmcu__error(fd);

  netmcu__icmp *icmp = netmcu__allocate(ctx, sizeof(*icmp));
  int error = icmp ? uv_poll_init(netmcu_loop(ctx), &icmp->poll, fd) : UV_ENOMEM;
  if (error) {
    netmcu__release(ctx, icmp);
    close(fd);
    return netmcu__error(error);
  }
  netmcu__handle_opened(ctx);
  uv_unref((uv_handle_t *)&icmp->poll);
  icmp->ctx = ctx;
  icmp->cb = cb;
  icmp->socket = fd;
  icmp->id = choose_id(fd);
  *opened = icmp;
  return 0;
}

static void poll_closed(uv_handle_t *handle)
{
  netmcu__icmp *icmp = netmcu__container(handle, netmcu__icmp, poll);
  netmcu_t *ctx = icmp->ctx;

  netmcu__release(ctx, icmp);
  netmcu__handle_closed(ctx);
}

void netmcu__icmp_close(netmcu__icmp *icmp)
{
  icmp->closed = true;
  uv_close((uv_handle_t *)&icmp->poll, poll_closed);
  close(icmp->socket);
}

/* ---- receiving ------------------------------------------------------------------------------------------ */

static uint64_t nanoseconds(const struct timespec *time)
{
  return (uint64_t)time->tv_sec * 1000000000 + (uint64_t)time->tv_nsec;
}

/* When the kernel received it, 0 where that is not told. Linux tells the time of the reading until a work queue has
 * switched stamping on for the first socket of the system that wants it (net_enable_timestamp), a moment after. */
static uint64_t arrival(struct msghdr *message)
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
  uint64_t arrived = arrival(message);

  clock_gettime(CLOCK_REALTIME, &now);
  return arrived && arrived <= nanoseconds(&now) ? nanoseconds(&now) - arrived : 0;
}

/* False when there is nothing more to read. */
static bool receive_one(netmcu__icmp *icmp)
{
  uint8_t packet[PACKET_SIZE];
  union {
    char bytes[CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(struct timeval))];
    struct cmsghdr aligned;
  } control;
  struct sockaddr_in from;
  struct iovec vector = {.iov_base = packet, .iov_len = sizeof(packet)};
  struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &vector, .msg_iovlen = 1};
  netmcu__echo reply;

  message.msg_control = control.bytes;
  message.msg_controllen = sizeof(control.bytes);
  ssize_t size = recvmsg(icmp->socket, &message, 0);
  if (size < 0)
    return errno == EINTR;
  if (!(message.msg_flags & MSG_TRUNC) && netmcu__echo_read(packet, (size_t)size, &reply) && reply.id == icmp->id) {
    netmcu_address address = netmcu__address(&from);
    icmp->cb(icmp->ctx, &address, &reply, age_of(&message));
  }
  return true;
}

void netmcu__icmp_receive(netmcu__icmp *icmp)
{
  for (int i = 0; i < PACKETS && !icmp->closed && receive_one(icmp); i++)
    ;
}

static void readable(uv_poll_t *poll, int status, int events)
{
  (void)status;
  (void)events;
  netmcu__icmp_receive(netmcu__container(poll, netmcu__icmp, poll));
}

void netmcu__icmp_start(netmcu__icmp *icmp)
{
  uv_poll_start(&icmp->poll, UV_READABLE, readable);
}

void netmcu__icmp_stop(netmcu__icmp *icmp)
{
  uv_poll_stop(&icmp->poll);
}

/* ---- sending -------------------------------------------------------------------------------------------- */

void netmcu__icmp_send(netmcu__icmp *icmp, const netmcu_address *to, uint16_t sequence,
                       const uint8_t payload[NETMCU__PING_PAYLOAD])
{
  uint8_t packet[NETMCU__ECHO_SIZE];
  netmcu__echo request = {.id = icmp->id, .sequence = sequence, .payload = payload};
  netmcu_address host = *to;

  host.port = 0;
  struct sockaddr_in sockaddr = netmcu__sockaddr(&host);
  netmcu__echo_write(&request, packet);
  ssize_t size = sendto(icmp->socket, packet, sizeof(packet), 0, (struct sockaddr *)&sockaddr, sizeof(sockaddr));
  (void)size;
}
#endif
