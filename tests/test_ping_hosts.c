/* Pings of another host, in network namespaces: a silent one, one that sends wrong replies, and
 * unprivileged sockets. */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"
#include "namespace.h"

#define HOST "10.77.1.2"
#define SIZE 40 /* of an ICMP packet */

static double fastest;

static void on_reply(void *data, size_t bytes, const netmcu_address *from, unsigned sequence, double milliseconds)
{
  const char *ip = loop_ip(from);
  (void)data;
  called("%zu %s %u", bytes, ip ? ip : "nil", sequence);
  if (bytes && milliseconds < fastest)
    fastest = milliseconds;
}

static void on_done(void *data, const netmcu_ping_summary *summary)
{
  (void)data;
  called("done %s %u %u %zu", loop_ip(&summary->address), summary->transmitted, summary->lost, summary->bytes);
}

static const netmcu_ping_events events = {.reply = on_reply, .done = on_done};

static void set_range(const char *range)
{
  char command[128];
  snprintf(command, sizeof command, "echo '%s' >/proc/sys/net/ipv4/ping_group_range", range);
  namespace_run(command);
}

static void silence(void)
{
  namespace_there();
  namespace_run("echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all");
  namespace_here();
}

/* ---- honest hosts ---------------------------------------------------------------------------- */

static void ping_host(const char *range)
{
  fastest = 1000;
  set_range(range);
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_ping(ctx, HOST, 2, &events, NULL, NULL), 0);
  loop_run(ctx);
  expect_journal("32 10.77.1.2 1, 32 10.77.1.2 2, done 10.77.1.2 2 0 64");
  assert_true(fastest < 500);
  loop_end(ctx);
}

static void test_unprivileged_socket(void **state)
{
  (void)state;
  if (!namespaces_begin())
    skip();
  ping_host("0 0");
  namespaces_end();
}

static void test_raw_socket(void **state)
{
  (void)state;
  if (!namespaces_begin())
    skip();
  ping_host("1 0");
  namespaces_end();
}

static void test_silent_host(void **state)
{
  (void)state;
  if (!namespaces_begin())
    skip();
  silence();
  netmcu_t *ctx = loop_begin(NULL);
  double started = loop_milliseconds();
  assert_int_equal(netmcu_ping(ctx, HOST, 2, &events, NULL, NULL), 0);
  loop_run(ctx);
  assert_between((int)(loop_milliseconds() - started), 1990, 3000);
  expect_journal("0 10.77.1.2 0, 0 10.77.1.2 0, done 10.77.1.2 2 2 0");
  loop_end(ctx);
  namespaces_end();
}

static void test_unreachable_host(void **state)
{
  (void)state;
  if (!namespaces_begin())
    skip();
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_ping(ctx, "198.51.100.7", 1, &events, NULL, NULL), 0);
  loop_run(ctx);
  expect_journal("0 198.51.100.7 0, done 198.51.100.7 1 1 0");
  loop_end(ctx);
  namespaces_end();
}

static void on_closed(void *data)
{
  (void)data;
  called("closed");
}

static void close_in_loss(void *data, size_t bytes, const netmcu_address *from, unsigned sequence, double milliseconds)
{
  on_reply(data, bytes, from, sequence, milliseconds);
  assert_int_equal(netmcu_close(data, on_closed, NULL), 0);
}

/* This context is not made by loop_begin, because the callback closes it. */
static void test_close_of_the_context_in_loss(void **state)
{
  (void)state;
  static const netmcu_ping_events closing = {.reply = close_in_loss, .done = on_done};
  uv_loop_t loop;
  if (!namespaces_begin())
    skip();
  silence();
  assert_int_equal(uv_loop_init(&loop), 0);
  netmcu_t *ctx = netmcu_new(&loop, NULL);
  assert_non_null(ctx);
  assert_int_equal(netmcu_ping(ctx, HOST, 2, &closing, ctx, NULL), 0);
  uv_run(&loop, UV_RUN_DEFAULT);
  assert_int_equal(uv_loop_close(&loop), 0);
  expect_journal("0 10.77.1.2 0, closed");
  namespaces_end();
}

static double realtime_milliseconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Returns when the next datagram of fd arrived, as the kernel reports it. */
static double receive_stamp(int fd)
{
  char byte, control[CMSG_SPACE(sizeof(struct timespec))];
  struct iovec iov = {&byte, 1};
  struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct timespec stamp;
  assert_int_equal(recvmsg(fd, &message, 0), 1);
  assert_non_null(CMSG_FIRSTHDR(&message));
  memcpy(&stamp, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof stamp);
  return (double)stamp.tv_sec * 1e3 + (double)stamp.tv_nsec / 1e6;
}

/* Opens a socket whose datagrams get a time stamp, and waits until they do. Linux leaves it to a
 * work queue to enable time stamps for the first socket that wants them (net_enable_timestamp), and
 * reports the time of recvmsg until then. */
static int open_stamping_socket(void)
{
  int on = 1;
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof name;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&name, size), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &size), 0);
  assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on), 0);
  double read;
  do {
    assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&name, size), 1);
    usleep(10000);
    read = realtime_milliseconds();
  } while (receive_stamp(fd) >= read);
  return fd;
}

/* A reply that arrives while a script computes is no loss, and the time of the script is not part
 * of its own. */
static void test_busy_script(void **state)
{
  (void)state;
  if (!namespaces_begin())
    skip();
  int stamping = open_stamping_socket();
  fastest = 10000;
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_ping(ctx, HOST, 1, &events, NULL, NULL), 0);
  double started = loop_milliseconds();
  while (loop_milliseconds() - started < 1200)
    usleep(1000);
  loop_run(ctx);
  expect_journal("32 10.77.1.2 1, done 10.77.1.2 1 0 32");
  assert_true(fastest < 500);
  loop_end(ctx);
  close(stamping);
  namespaces_end();
}

/* ---- liars ----------------------------------------------------------------------------------- */

typedef struct liar {
  int fd, other_fd;
  struct sockaddr_in from;
  unsigned char reply[SIZE]; /* the correct one */
} liar;

static void set_sum(unsigned char *packet, size_t size)
{
  uint32_t sum = 0;
  packet[2] = packet[3] = 0;
  for (size_t i = 0; i < size; i++)
    sum += i % 2 ? packet[i] : (uint32_t)packet[i] << 8;
  while (sum > 0xffff)
    sum = (sum & 0xffff) + (sum >> 16);
  packet[2] = (unsigned char)(~sum >> 8);
  packet[3] = (unsigned char)~sum;
}

static int open_raw_socket(const char *ip)
{
  struct sockaddr_in name = {.sin_family = AF_INET};
  struct timeval patience = {.tv_sec = 10};
  int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  assert_true(fd >= 0);
  assert_int_equal(inet_pton(AF_INET, ip, &name.sin_addr), 1);
  assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return fd;
}

static void liar_begin(liar *l)
{
  silence();
  namespace_there();
  l->fd = open_raw_socket(HOST);
  l->other_fd = open_raw_socket("10.77.2.2");
  namespace_here();
}

static void liar_end(liar *l)
{
  close(l->fd);
  close(l->other_fd);
}

static void liar_hear(liar *l)
{
  unsigned char packet[100];
  socklen_t size = sizeof l->from;
  assert_int_equal(recvfrom(l->fd, packet, sizeof packet, 0, (struct sockaddr *)&l->from, &size), 20 + SIZE);
  memcpy(l->reply, packet + 20, SIZE);
  l->reply[0] = 0;
  set_sum(l->reply, SIZE);
}

static void send_packet(const liar *l, int fd, const void *packet, size_t size)
{
  assert_int_equal(sendto(fd, packet, size, 0, (const struct sockaddr *)&l->from, sizeof l->from), (ssize_t)size);
}

/* Sends the reply with one byte changed and a matching checksum. */
static void liar_change(const liar *l, unsigned at)
{
  unsigned char packet[SIZE];
  memcpy(packet, l->reply, SIZE);
  packet[at] ^= 1;
  set_sum(packet, SIZE);
  send_packet(l, l->fd, packet, SIZE);
}

static void liar_lie(const liar *l)
{
  unsigned char wrong_sum[SIZE], longer[SIZE + 4] = {0};
  for (size_t size = 8; size < SIZE; size += 4) {
    unsigned char shorter[SIZE];
    memcpy(shorter, l->reply, SIZE);
    set_sum(shorter, size);
    send_packet(l, l->fd, shorter, size);
  }
  memcpy(longer, l->reply, SIZE);
  send_packet(l, l->fd, longer, sizeof longer);
  memcpy(wrong_sum, l->reply, SIZE);
  wrong_sum[2] ^= 0x55;
  send_packet(l, l->fd, wrong_sum, SIZE);
  for (unsigned at = 1; at < SIZE; at++)
    if (at != 2 && at != 3)
      liar_change(l, at); /* code, id, sequence, payload */
  send_packet(l, l->other_fd, l->reply, SIZE);
}

static void lie_and_answer(const char *range)
{
  liar l;
  if (!namespaces_begin())
    skip();
  liar_begin(&l);
  set_range(range);
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_ping(ctx, HOST, 2, &events, NULL, NULL), 0);
  liar_hear(&l);
  liar_lie(&l);
  loop_until_called(ctx, "0 10.77.1.2 0", 1);
  liar_hear(&l);
  send_packet(&l, l.fd, l.reply, SIZE);
  send_packet(&l, l.fd, l.reply, SIZE); /* a duplicate */
  loop_run(ctx);
  send_packet(&l, l.fd, l.reply, SIZE); /* no request waits for it any more */
  expect_journal("0 10.77.1.2 0, 32 10.77.1.2 2, done 10.77.1.2 2 1 32");
  loop_end(ctx);
  liar_end(&l);
  namespaces_end();
}

static void test_liar_and_unprivileged_socket(void **state)
{
  (void)state;
  lie_and_answer("0 0");
}

static void test_liar_and_raw_socket(void **state)
{
  (void)state;
  lie_and_answer("1 0");
}

/* A reply that arrives after the time-out is late, even if the next request waits for one. */
static void test_late_reply(void **state)
{
  (void)state;
  liar l;
  if (!namespaces_begin())
    skip();
  liar_begin(&l);
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_ping(ctx, HOST, 2, &events, NULL, NULL), 0);
  liar_hear(&l);
  loop_until_called(ctx, "0 10.77.1.2 0", 1);
  send_packet(&l, l.fd, l.reply, SIZE);
  loop_run(ctx);
  expect_journal("0 10.77.1.2 0, 0 10.77.1.2 0, done 10.77.1.2 2 2 0");
  loop_end(ctx);
  liar_end(&l);
  namespaces_end();
}

int main(void)
{
  const struct CMUnitTest hosts[] = {
      own_loop(test_unprivileged_socket), own_loop(test_raw_socket),  own_loop(test_silent_host),
      own_loop(test_unreachable_host),    own_loop(test_busy_script), own_loop(test_close_of_the_context_in_loss),
  };
  const struct CMUnitTest liars[] = {
      own_loop(test_liar_and_unprivileged_socket),
      own_loop(test_liar_and_raw_socket),
      own_loop(test_late_reply),
  };
  return cmocka_run_group_tests_name("a host answers a ping or does not", hosts, NULL, NULL) +
         cmocka_run_group_tests_name("only the host's own reply to the request counts", liars, NULL, NULL);
}
