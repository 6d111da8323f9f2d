/* Answers to datagrams that were received together go out in order, each with its "sent", whatever
 * else the handler does. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes.h"
#include "datagram.h"
#include "loop.h"
#include "namespace.h"

#define MANY 50 /* more than libuv takes with one call of the system */

static uint16_t server_port, other_port;
static netmcu_udp *second;

static void on_sent(netmcu_udp *u)
{
  (void)u;
  called("sent");
}

static netmcu_udp *bind_udp(netmcu_t *ctx, const char *ip, const netmcu_udp_events *events)
{
  netmcu_udp *u = netmcu_udp_new(ctx);
  netmcu_address address;
  assert_non_null(u);
  netmcu_udp_on(u, events);
  assert_int_equal(netmcu_udp_listen(u, 0, ip), 0);
  assert_int_equal(netmcu_udp_get_address(u, &address), 0);
  server_port = address.port;
  return u;
}

static void ask_many(int fd, unsigned count)
{
  for (unsigned i = 0; i < count; i++) {
    unsigned char number = (unsigned char)i;
    datagram_send(fd, "127.0.0.1", server_port, &number, 1);
  }
}

static bool is_waiting(void *fd)
{
  return datagram_is_waiting(*(int *)fd);
}

static void expect_answers(netmcu_t *ctx, int fd, unsigned count)
{
  for (unsigned i = 0; i < count; i++) {
    unsigned char number;
    loop_until(ctx, is_waiting, &fd);
    assert_int_equal(datagram_receive(fd, &number, 1, NULL), 1);
    assert_int_equal(number, i);
  }
}

static void answer(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  unsigned before = calls("sent");
  called("receive");
  assert_int_equal(netmcu_udp_send(u, from, data, size), 0);
  assert_int_equal(calls("sent"), before);
}

static void test_in_order(void **state)
{
  (void)state;
  static const netmcu_udp_events events = {.receive = answer, .sent = on_sent};
  netmcu_t *ctx = loop_begin(NULL);
  uint16_t port;
  int fd = datagram_socket(&port);
  netmcu_udp *u = bind_udp(ctx, "127.0.0.1", &events);
  ask_many(fd, MANY);
  expect_answers(ctx, fd, MANY);
  loop_until_called(ctx, "sent", MANY);
  expect_calls("receive", MANY);
  expect_calls("sent", MANY);
  close(fd);
  netmcu_udp_free(u);
  loop_end(ctx);
}

/* Sends an answer, a datagram to another receiver, and an answer from another socket. */
static void answer_everywhere(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  netmcu_address other = {.ip = {127, 0, 0, 1}, .port = other_port};
  char next = (char)(2 * data[0] + 1), number = (char)(2 * data[0]);
  (void)size;
  called("receive");
  assert_int_equal(netmcu_udp_send(u, from, &number, 1), 0);
  assert_int_equal(netmcu_udp_send(u, &other, data, 1), 0);
  assert_int_equal(netmcu_udp_send(second, from, &next, 1), 0);
}

static void test_order_among_sockets(void **state)
{
  (void)state;
  static const netmcu_udp_events events = {.receive = answer_everywhere, .sent = on_sent},
                                 only_sent = {.sent = on_sent};
  netmcu_t *ctx = loop_begin(NULL);
  uint16_t port;
  int fd = datagram_socket(&port), other = datagram_socket(&other_port);
  second = bind_udp(ctx, "127.0.0.1", &only_sent);
  netmcu_udp *u = bind_udp(ctx, "127.0.0.1", &events);
  ask_many(fd, MANY);
  expect_answers(ctx, fd, 2 * MANY);
  expect_answers(ctx, other, MANY);
  loop_until_called(ctx, "sent", 3 * MANY);
  expect_calls("receive", MANY);
  expect_calls("sent", 3 * MANY);
  close(fd);
  close(other);
  netmcu_udp_free(u);
  netmcu_udp_free(second);
  loop_end(ctx);
}

static void close_at_fifth(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  answer(u, data, size, from);
  if (calls("receive") == 5)
    assert_int_equal(netmcu_udp_close(u), 0);
}

static void free_at_fifth(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  answer(u, data, size, from);
  if (calls("receive") == 5)
    netmcu_udp_free(u);
}

static void end_at_fifth(const netmcu_udp_events *events, bool freed)
{
  netmcu_t *ctx = loop_begin(NULL);
  uint16_t port;
  int fd = datagram_socket(&port);
  netmcu_udp *u = bind_udp(ctx, "127.0.0.1", events);
  ask_many(fd, MANY);
  expect_answers(ctx, fd, 5);
  loop_run(ctx);
  assert_false(datagram_is_waiting(fd));
  expect_calls("receive", 5);
  expect_calls("sent", 0);
  close(fd);
  if (!freed)
    netmcu_udp_free(u);
  loop_end(ctx);
}

static void test_close_sends_them(void **state)
{
  (void)state;
  static const netmcu_udp_events events = {.receive = close_at_fifth, .sent = on_sent};
  end_at_fifth(&events, false);
}

static void test_free_sends_them(void **state)
{
  (void)state;
  static const netmcu_udp_events events = {.receive = free_at_fifth, .sent = on_sent};
  end_at_fifth(&events, true);
}

static void test_lone_answer_goes_out_at_once(void **state)
{
  (void)state;
  static const netmcu_udp_events events = {.receive = answer};
  netmcu_t *ctx = loop_begin(NULL);
  uint16_t port;
  int fd = datagram_socket(&port);
  netmcu_udp *u = bind_udp(ctx, "127.0.0.1", &events);
  for (unsigned i = 0; i < 3; i++) {
    ask_many(fd, 1);
    expect_answers(ctx, fd, 1);
  }
  expect_calls("receive", 3);
  close(fd);
  netmcu_udp_free(u);
  loop_end(ctx);
}

#define LARGE 30000
#define FEW   5 /* more than are gathered for one call */

static void answer_large(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  static unsigned char large[LARGE];
  (void)size;
  bytes_fill(large, LARGE, 0, (unsigned)data[0]);
  assert_int_equal(netmcu_udp_send(u, from, large, LARGE), 0);
}

static void test_large(void **state)
{
  (void)state;
  static const netmcu_udp_events events = {.receive = answer_large, .sent = on_sent};
  static unsigned char data[65536];
  netmcu_t *ctx = loop_begin(NULL);
  uint16_t port;
  int size = 1 << 20, fd = datagram_socket(&port);
  netmcu_udp *u = bind_udp(ctx, "127.0.0.1", &events);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  ask_many(fd, FEW);
  for (unsigned i = 0; i < FEW; i++) {
    loop_until(ctx, is_waiting, &fd);
    assert_int_equal(datagram_receive(fd, data, sizeof data, NULL), LARGE);
    assert_true(bytes_are(data, LARGE, 0, i));
  }
  loop_until_called(ctx, "sent", FEW);
  expect_calls("sent", FEW);
  assert_int_equal(loop_warnings(NETMCU_D_DATAGRAM_SIZE), FEW);
  close(fd);
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void test_no_memory_to_gather(void **state)
{
  (void)state;
  static const netmcu_udp_events events = {.receive = answer, .sent = on_sent};
  netmcu_t *ctx = loop_begin(NULL);
  uint16_t port;
  int fd = datagram_socket(&port);
  netmcu_udp *u = bind_udp(ctx, "127.0.0.1", &events);
  ask_many(fd, 1);
  expect_answers(ctx, fd, 1); /* allocates the memory for receiving */
  ask_many(fd, MANY);
  loop_fail_allocation(1, true);
  expect_answers(ctx, fd, MANY);
  loop_fail_allocation(0, false);
  loop_until_called(ctx, "sent", MANY + 1);
  expect_calls("receive", MANY + 1);
  expect_calls("sent", MANY + 1);
  close(fd);
  netmcu_udp_free(u);
  loop_end(ctx);
}

/* ---- without room ---------------------------------------------------------------------------- */

#define WAITING 40
#define SIZE    1000

/* Asks in the name of a host that does not answer ARP requests. What is sent to that host stays in
 * the buffer of its sender, which has room for a few datagrams only. */
static void ask_as_the_other_host(uint16_t port)
{
  static const int on = 1;
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
  static char data[SIZE];
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  inet_pton(AF_INET, "10.77.1.2", &name.sin_addr);
  assert_int_equal(setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &on, sizeof on), 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
  for (int i = 0; i < WAITING; i++) {
    bytes_fill(data, SIZE, 0, (unsigned)i);
    datagram_send(fd, "10.77.1.1", server_port, data, SIZE);
  }
  close(fd);
}

static void shrink_buffer(uint16_t port)
{
  int size = 5000;
  for (int fd = 0; fd < 256; fd++) {
    struct sockaddr_in name;
    socklen_t length = sizeof name;
    if (getsockname(fd, (struct sockaddr *)&name, &length) == 0 && name.sin_family == AF_INET &&
        ntohs(name.sin_port) == port)
      setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  }
}

static void test_no_room(void **state)
{
  (void)state;
  static const netmcu_udp_events events = {.receive = answer, .sent = on_sent};
  static unsigned char data[SIZE];
  uint16_t port = 0;
  if (!namespaces_begin())
    skip();
  namespace_run("cd /proc/sys/net/ipv4/neigh/left0 && echo 50 >retrans_time_ms && echo 10000 >mcast_solicit");
  namespace_there();
  namespace_run("ip link set left1 arp off");
  int fd = datagram_socket_on("10.77.1.2", &port);
  namespace_here();
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = bind_udp(ctx, "10.77.1.1", &events);
  shrink_buffer(server_port);
  ask_as_the_other_host(port);
  loop_until_called(ctx, "receive", WAITING);
  loop_run_due(ctx);
  assert_between(calls("sent"), 1, WAITING - 1);
  namespace_there();
  namespace_run("ip link set left1 arp on");
  namespace_here();
  for (unsigned i = 0; i < WAITING; i++) {
    loop_until(ctx, is_waiting, &fd);
    assert_int_equal(datagram_receive(fd, data, sizeof data, NULL), SIZE);
    assert_true(bytes_are(data, SIZE, 0, i));
  }
  loop_until_called(ctx, "sent", WAITING);
  expect_calls("receive", WAITING);
  expect_calls("sent", WAITING);
  netmcu_udp_free(u);
  loop_end(ctx);
  close(fd);
  namespaces_end();
}

int main(void)
{
  const struct CMUnitTest answers[] = {
      both_loops(test_in_order),
      both_loops(test_order_among_sockets),
      both_loops(test_close_sends_them),
      both_loops(test_free_sends_them),
      own_loop(test_large),
      own_loop(test_lone_answer_goes_out_at_once),
      own_loop(test_no_memory_to_gather),
      both_loops(test_no_room),
  };
  return cmocka_run_group_tests_name("answers to many datagrams at once go out in order", answers, NULL, NULL);
}
