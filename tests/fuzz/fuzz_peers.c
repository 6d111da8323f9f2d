/* The other ends of the stateful target: plain non-blocking sockets that do what the bytes choose.
 * See fuzz_api.h. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz_api.h"

enum { PEERS = 8, BLOCK = 300000, QUERY = 512 };

typedef struct peer {
  int fd; /* 0: unused */
  size_t sent, received;
} peer;

static peer peers[PEERS];
static int listener, deaf, dns, udp_peer;
static uint16_t ports[3], dns_port, udp_port;

/* ---- the sequence ---------------------------------------------------------------------------- */

static char pattern[BLOCK + 65536];

/* The sequence repeats after 65536 bytes. */
char sequence_byte(size_t at)
{
  return (char)((at * 131) ^ (at >> 8 & 0xff) * 7);
}

const char *sequence(size_t at, size_t size)
{
  REQUIRE(size <= BLOCK);
  return pattern + at % 65536;
}

static void check(size_t at, const char *data, size_t size)
{
  REQUIRE(memcmp(data, sequence(at, size), size) == 0);
}

/* ---- sockets --------------------------------------------------------------------------------- */

static struct sockaddr_in loopback(uint16_t port)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/* Uses *port, or sets it to a free port. */
static int make_socket(int type, uint16_t *port)
{
  struct sockaddr_in address = loopback(*port);
  socklen_t size = sizeof(address);
  int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  REQUIRE(fd > 0 && bind(fd, (struct sockaddr *)&address, size) == 0);
  REQUIRE(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
  *port = ntohs(address.sin_port);
  return fd;
}

static void write_file(const char *path, const char *text)
{
  int fd = open(path, O_WRONLY | O_CLOEXEC);

  if (fd < 0)
    return;
  if (write(fd, text, strlen(text)) < 0)
    perror(path);
  close(fd);
}

/* Enters a network of its own: nothing comes from outside, nothing leaves it, and ports do not run
 * out. */
static void isolate(void)
{
  struct ifreq request = {.ifr_name = "lo"};

  if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET)) {
    fprintf(stderr, "no network namespace can be made: using the machine's loopback\n");
    return;
  }
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  REQUIRE(ioctl(fd, SIOCSIFFLAGS, &request) == 0);
  close(fd);
  write_file("/proc/sys/net/ipv4/tcp_max_tw_buckets", "16");
}

void peers_begin(void)
{
  for (size_t i = 0; i < sizeof(pattern); i++)
    pattern[i] = sequence_byte(i);
  isolate();
  listener = make_socket(SOCK_STREAM, &ports[0]);
  deaf = make_socket(SOCK_STREAM, &ports[1]);
  make_socket(SOCK_STREAM, &ports[2]); /* never listens */
  REQUIRE(listen(listener, 64) == 0 && listen(deaf, 0) == 0);
  dns = make_socket(SOCK_DGRAM, &dns_port);
  /* Never listens; a server of the library on this port would get queries by TCP. */
  make_socket(SOCK_STREAM, &dns_port);
  udp_peer = make_socket(SOCK_DGRAM, &udp_port);
}

uint16_t peers_port(unsigned which)
{
  return ports[which % 3];
}

uint16_t peers_dns_port(void)
{
  return dns_port;
}

uint16_t peers_udp_port(void)
{
  return udp_port;
}

/* ---- streams --------------------------------------------------------------------------------- */

static void leave(peer *p, bool reset)
{
  struct linger at_once = {.l_onoff = 1, .l_linger = 0};

  if (p->fd == 0)
    return;
  if (reset)
    setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  close(p->fd);
  *p = (peer){0};
}

static void take(peer *p, int fd)
{
  int small = 4096;

  if (fd < 0)
    return;
  leave(p, below(2));
  p->fd = fd;
  if (below(4) == 1)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
}

static void connect_peer(peer *p)
{
  uint16_t port = servers[below(SERVERS)].port;
  struct sockaddr_in address = loopback(port);
  int fd = port ? socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) : -1;

  take(p, fd);
  if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)))
    (void)fd; /* the error shows when the socket is used */
}

static size_t any_size(void)
{
  static const unsigned sizes[] = {1, 3, 100, 1460, 1461, 5000, 65536, BLOCK};

  return sizes[below(8)];
}

static void send_some(peer *p)
{
  size_t size = any_size();
  ssize_t sent = p->fd ? send(p->fd, sequence(p->sent, size), size, MSG_NOSIGNAL) : 0;

  if (sent > 0)
    p->sent += (size_t)sent;
}

static void read_some(peer *p)
{
  static char data[BLOCK];
  ssize_t size = p->fd ? recv(p->fd, data, any_size(), 0) : 0;

  if (size <= 0)
    return;
  check(p->received, data, (size_t)size);
  p->received += (size_t)size;
}

static void act_on_stream(unsigned deed)
{
  peer *p = &peers[below(PEERS)];

  switch (deed) {
  case 0:
  case 1: take(p, accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)); break;
  case 2:
  case 3: connect_peer(p); break;
  case 4:
  case 5: send_some(p); break;
  case 6:
  case 7: read_some(p); break;
  case 8: shutdown(p->fd ? p->fd : -1, SHUT_WR); break;
  default: leave(p, below(2)); break;
  }
}

/* ---- datagrams ------------------------------------------------------------------------------- */

/* Turns a header and its question into an answer with one address. The bytes choose what else the
 * answer is. */
static size_t make_answer(uint8_t *packet, size_t size)
{
  static const uint8_t record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1};
  unsigned kind = below(8);

  packet[2] |= 0x80;
  if (kind == 1)
    packet[3] = (uint8_t)((packet[3] & 0xf0) | below(6)); /* an error, or no record */
  if (kind == 2)
    packet[2] |= 2; /* truncated: ask again by TCP */
  if (kind == 3)
    for (size_t i = 2; i < 12 + below(40) && i < size; i++)
      packet[i] = (uint8_t)below(256);
  if (kind == 1 || kind == 2 || kind == 3)
    return size;
  packet[7] = 1;
  memcpy(packet + size, record, sizeof(record));
  if (kind == 4)
    packet[size + below(sizeof(record))] = (uint8_t)below(256);
  return kind == 5 ? size + below(sizeof(record)) : size + sizeof(record);
}

static void answer_query(void)
{
  uint8_t packet[QUERY + 64];
  struct sockaddr_in from;
  socklen_t from_size = sizeof(from);
  ssize_t size = recvfrom(dns, packet, QUERY, 0, (struct sockaddr *)&from, &from_size);

  if (size < 12 || below(8) == 1)
    return;
  /* Drops what follows the question. */
  size_t end = 12;
  while (end < (size_t)size && packet[end])
    end += (size_t)packet[end] + 1;
  end += 5;
  if (end > (size_t)size)
    return;
  memset(packet + 8, 0, 4);
  size_t answer = make_answer(packet, end);
  if (sendto(dns, packet, answer, 0, (struct sockaddr *)&from, from_size) < 0)
    return;
}

static void act_on_datagrams(void)
{
  static char data[65536];
  uint16_t port = udps[below(UDPS)].port;
  struct sockaddr_in to = loopback(port);

  if (below(4) == 1) {
    if (recv(udp_peer, data, sizeof(data), 0) < 0)
      return;
  } else if (port) {
    static const unsigned sizes[] = {0, 1, 100, 1472, 1473, 9000, 65507, 12};
    if (sendto(udp_peer, data, sizes[below(8)], 0, (struct sockaddr *)&to, sizeof(to)) < 0)
      return;
  }
}

void peers_act(void)
{
  unsigned deed = below(16);

  if (deed < 12)
    act_on_stream(deed);
  else if (deed < 14)
    act_on_datagrams();
  else
    answer_query();
}

/* ---- the end --------------------------------------------------------------------------------- */

static void drain_datagrams(int fd)
{
  char byte;

  while (recv(fd, &byte, 1, 0) >= 0)
    ;
}

static void drain_listener(int fd)
{
  peer p = {0};

  while ((p.fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) > 0)
    leave(&p, true);
}

/* Anything that arrives before its turn would belong to another input. */
void peers_leave(void)
{
  for (unsigned i = 0; i < PEERS; i++)
    leave(&peers[i], true);
  drain_listener(listener);
  drain_listener(deaf);
  drain_datagrams(dns);
  drain_datagrams(udp_peer);
}
