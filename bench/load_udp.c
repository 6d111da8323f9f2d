/* Datagrams: an echo client with a fixed number of outstanding datagrams, and a scripted DNS server
 * that answers every A query. Both send and receive many datagrams with one system call. */
#define _GNU_SOURCE
#include "load_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH            64
#define LOT              20 /* datagrams sent together: netmcu receives at most so many at once */
#define DATAGRAM         512
#define BUFFER_BYTES     (4 << 20)
#define LOST_AFTER       0.05 /* seconds without a datagram until the outstanding ones count as lost */
#define DNS_HEADER       12
#define DNS_QUESTION_END 4 /* type and class */
#define DNS_TYPE_A       1

typedef struct batch {
  struct mmsghdr messages[BATCH];
  struct iovec vectors[BATCH];
  struct sockaddr_in addresses[BATCH];
  unsigned char data[BATCH][DATAGRAM];
} batch;

static batch io;

static int new_socket(const char *ip, uint16_t port)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  int bytes = BUFFER_BYTES;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  inet_pton(AF_INET, ip, &address.sin_addr);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
    load_fail("UDP %s:%u: %s", ip, (unsigned)port, strerror(errno));
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  return fd;
}

static void prepare(bool with_address, size_t length)
{
  for (int i = 0; i < BATCH; i++) {
    io.vectors[i] = (struct iovec){.iov_base = io.data[i], .iov_len = length};
    io.messages[i].msg_hdr = (struct msghdr){.msg_iov = &io.vectors[i],
                                             .msg_iovlen = 1,
                                             .msg_name = with_address ? &io.addresses[i] : NULL,
                                             .msg_namelen = with_address ? sizeof io.addresses[i] : 0};
  }
}

static int receive_batch(int fd)
{
  int n = recvmmsg(fd, io.messages, BATCH, MSG_DONTWAIT, NULL);

  return n > 0 ? n : 0; /* until the server is up, a refused port is reported here */
}

static int send_batch(int fd, int count)
{
  int sent = 0;

  while (sent < count) {
    int n = sendmmsg(fd, io.messages + sent, (unsigned)(count - sent), 0);
    if (n <= 0)
      return sent;
    sent += n;
  }
  return sent;
}

static int send_new(const load *l, int fd, int count)
{
  int sent = 0;

  while (sent < count) {
    int lot = count - sent < BATCH ? count - sent : BATCH;
    prepare(false, l->message);
    int n = send_batch(fd, lot);
    if (n == 0)
      break;
    sent += n;
  }
  return sent;
}

static void connect_to_server(load *l, int fd)
{
  struct sockaddr_in server = load_address(l->port);
  double give_up = load_now() + 10;

  if (connect(fd, (struct sockaddr *)&server, sizeof server) != 0)
    load_fail("connect: %s", strerror(errno));
  do {
    load_check_server(l);
    if (load_now() > give_up)
      load_fail("the server does not answer");
    send_new(l, fd, 1);
    usleep(5000);
    prepare(false, sizeof io.data[0]);
  } while (receive_batch(fd) == 0);
}

void load_udp(load *l)
{
  int fd = new_socket("127.0.0.1", 0), outstanding = 0;
  double heard;

  if (l->message > DATAGRAM)
    load_fail("datagrams have at most %d bytes", DATAGRAM);
  l->port = load_free_port(SOCK_DGRAM);
  load_start_server(l);
  connect_to_server(l, fd);
  heard = load_now();
  while (load_running(l)) {
    outstanding += send_new(l, fd, l->connections - outstanding);
    prepare(false, sizeof io.data[0]);
    int n = receive_batch(fd);
    if (n > 0)
      heard = load_now();
    else if (load_now() - heard > LOST_AFTER)
      outstanding = 0;
    outstanding = n > outstanding ? 0 : outstanding - n;
    l->count += (uint64_t)n;
  }
}

/* Receives the answers to a lot of datagrams. */
static void receive_lot(int fd, int lot)
{
  double give_up = load_now() + 60;

  prepare(false, sizeof io.data[0]);
  while (lot > 0) {
    lot -= receive_batch(fd);
    if (load_now() > give_up)
      load_fail("the server does not answer");
  }
}

/* A fixed number of datagrams in lots of equal size. The server is stopped until a lot is complete,
 * so that it takes the same steps each time. Serves for counting instructions. */
void load_count_udp(load *l)
{
  int fd = new_socket("127.0.0.1", 0);

  l->port = load_free_port(SOCK_DGRAM);
  load_start_server(l);
  connect_to_server(l, fd);
  load_begin(l);
  while (l->count < l->messages) {
    load_stop_idle_server(l);
    send_new(l, fd, LOT);
    load_continue_server(l);
    receive_lot(fd, LOT);
    l->count += LOT;
  }
  load_end(l);
  load_end_server();
}

static size_t question_length(const unsigned char *query, size_t length)
{
  size_t at = DNS_HEADER;

  while (at < length && query[at] != 0)
    at += query[at] + 1u;
  at += 1 + DNS_QUESTION_END;
  return at <= length ? at : 0;
}

/* Turns the query into its answer in place. Returns the length of the answer, or 0 if it is not a
 * query. */
static size_t answer(unsigned char *query, size_t length, bool *is_a)
{
  static const unsigned char record[] = {0xc0, DNS_HEADER, 0, DNS_TYPE_A, 0, 1, 0, 0, 0, 60, 0, 4, 127, 1, 2, 3};
  size_t end = question_length(query, length);

  if (end == 0 || end + sizeof record > DATAGRAM)
    return 0;
  *is_a = query[end - 3] == DNS_TYPE_A && query[end - 4] == 0;
  query[2] = 0x81; /* a response, recursion desired … */
  query[3] = 0x80; /* … and available, no error */
  query[7] = *is_a ? 1 : 0;
  memset(query + 8, 0, 4);
  if (!*is_a)
    return end;
  memcpy(query + end, record, sizeof record);
  return end + sizeof record;
}

static void answer_batch(load *l, int fd)
{
  prepare(true, DATAGRAM);
  int count = receive_batch(fd);

  for (int i = 0; i < count; i++) {
    bool is_a = false;
    io.vectors[i].iov_len = answer(io.data[i], io.messages[i].msg_len, &is_a);
    l->count += is_a ? 1 : 0;
  }
  send_batch(fd, count);
}

void load_dns(load *l)
{
  int fd = new_socket(LOAD_DNS_ADDRESS, LOAD_DNS_PORT);

  l->port = LOAD_DNS_PORT;
  load_start_server(l);
  while (load_running(l))
    answer_batch(l, fd);
  if (l->end.count == l->begin.count)
    load_fail("no query came");
}
