/* Datagrams for which the system has no room are sent later, in order, even if the socket was
 * closed in the meantime. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes.h"
#include "datagram.h"
#include "loop.h"
#include "namespace.h"

#define SIZE 1400
#define MANY 100

static void on_sent(netmcu_udp *u)
{
  (void)u;
  called("sent");
}

static const netmcu_udp_events events = {.sent = on_sent};

/* Makes datagrams wait: the other host does not answer ARP requests. What is sent to it stays in
 * the buffer of its sender, which has room for a few datagrams only. */
static bool make_host_silent(void)
{
  if (!namespaces_begin())
    return false;
  namespace_run("cd /proc/sys/net/ipv4/neigh/left0 && echo 50 >retrans_time_ms && echo 10000 >mcast_solicit");
  namespace_there();
  namespace_run("ip link set left1 arp off");
  namespace_here();
  return true;
}

static void let_go(void)
{
  namespace_there();
  namespace_run("ip link set left1 arp on");
  namespace_here();
}

static int open_reader(uint16_t *port)
{
  int size = 1 << 20;
  *port = 0;
  namespace_there();
  int fd = datagram_socket_on("10.77.1.2", port);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  namespace_here();
  return fd;
}

/* The library has no function for this, so the socket is searched among all of the process. */
static void shrink_buffer(uint16_t port)
{
  int size = 20000, found = 0;
  for (int fd = 0; fd < 256; fd++) {
    struct sockaddr_in6 name; /* or of IPv4, which has the port at the same place */
    socklen_t length = sizeof name;
    if (getsockname(fd, (struct sockaddr *)&name, &length) == 0 &&
        (name.sin6_family == AF_INET || name.sin6_family == AF_INET6) && ntohs(name.sin6_port) == port)
      found += setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) == 0;
  }
  assert_int_equal(found, 1);
}

static netmcu_udp *bind_sender(netmcu_t *ctx)
{
  netmcu_udp *u = netmcu_udp_new(ctx);
  netmcu_address address;
  assert_non_null(u);
  netmcu_udp_on(u, &events);
  assert_int_equal(netmcu_udp_listen(u, 0, NULL), 0);
  assert_int_equal(netmcu_udp_get_address(u, &address), 0);
  shrink_buffer(address.port);
  return u;
}

/* A sender here, and a receiver at the silent host. */
typedef struct fixture {
  netmcu_t *ctx;
  netmcu_udp *u;
  int fd;
  uint16_t port;
} fixture;

static bool begin(fixture *s, const netmcu_options *options)
{
  if (!make_host_silent())
    return false;
  s->fd = open_reader(&s->port);
  s->ctx = loop_begin(options);
  s->u = bind_sender(s->ctx);
  return true;
}

static void end(fixture *s)
{
  loop_end(s->ctx);
  close(s->fd);
  namespaces_end();
}

static void send_many(netmcu_udp *u, uint16_t port)
{
  static unsigned char data[SIZE];
  netmcu_address to = {.ip = {10, 77, 1, 2}, .port = port};
  for (unsigned i = 0; i < MANY; i++) {
    bytes_fill(data, SIZE, 0, i);
    assert_int_equal(netmcu_udp_send(u, &to, data, SIZE), 0);
  }
}

static bool is_waiting(void *fd)
{
  return datagram_is_waiting(*(int *)fd);
}

static void read_many(netmcu_t *ctx, int fd)
{
  static unsigned char data[65536];
  for (unsigned i = 0; i < MANY; i++) {
    loop_until(ctx, is_waiting, &fd);
    assert_int_equal(datagram_receive(fd, data, sizeof data, NULL), SIZE);
    assert_true(bytes_are(data, SIZE, 0, i));
  }
}

static void test_order(void **state)
{
  (void)state;
  fixture s;
  if (!begin(&s, NULL))
    skip();
  send_many(s.u, s.port);
  assert_int_equal(calls("sent"), 0);
  loop_run_due(s.ctx);
  assert_between(calls("sent"), 1, MANY - 1);
  let_go();
  read_many(s.ctx, s.fd);
  loop_until_called(s.ctx, "sent", MANY);
  expect_calls("sent", MANY);
  netmcu_udp_free(s.u);
  end(&s);
}

static void test_close_sends_all(void **state)
{
  (void)state;
  fixture s;
  if (!begin(&s, NULL))
    skip();
  send_many(s.u, s.port);
  assert_int_equal(netmcu_udp_close(s.u), 0);
  netmcu_udp_free(s.u);
  let_go();
  read_many(s.ctx, s.fd);
  end(&s);
}

/* The datagrams that wait still use the port, but the object gets it back at once. */
static void test_listen_again_meanwhile(void **state)
{
  (void)state;
  fixture s;
  if (!begin(&s, NULL))
    skip();
  netmcu_address to = {.ip = {10, 77, 1, 2}, .port = s.port}, mine;
  char text[8];
  assert_int_equal(netmcu_udp_get_address(s.u, &mine), 0);
  send_many(s.u, s.port);
  assert_int_equal(netmcu_udp_close(s.u), 0);
  assert_int_equal(netmcu_udp_listen(s.u, mine.port, NULL), 0);
  assert_int_equal(netmcu_udp_send(s.u, &to, "last", 4), 0);
  let_go();
  read_many(s.ctx, s.fd);
  loop_until_called(s.ctx, "sent", 1);
  assert_int_equal(datagram_receive(s.fd, text, sizeof text, NULL), 4);
  loop_run_due(s.ctx);
  expect_calls("sent", 1);
  netmcu_udp_free(s.u);
  end(&s);
}

static void sent_and_listen_again(netmcu_udp *u)
{
  netmcu_address mine;
  called("sent");
  netmcu_udp_on(u, &events);
  assert_int_equal(netmcu_udp_get_address(u, &mine), 0);
  assert_int_equal(netmcu_udp_close(u), 0);
  assert_int_equal(netmcu_udp_listen(u, mine.port, NULL), 0);
}

/* The other datagrams that the system has taken in the meantime belonged to the closed socket. */
static void test_listen_again_in_sent(void **state)
{
  (void)state;
  static const netmcu_udp_events again = {.sent = sent_and_listen_again};
  fixture s;
  if (!begin(&s, NULL))
    skip();
  netmcu_udp_on(s.u, &again);
  send_many(s.u, s.port);
  let_go();
  read_many(s.ctx, s.fd);
  loop_run_due(s.ctx);
  expect_calls("sent", 1);
  netmcu_udp_free(s.u);
  end(&s);
}

static void test_patience_ends(void **state)
{
  (void)state;
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.linger_timeout = 50;
  fixture s;
  if (!begin(&s, &options))
    skip();
  double started = loop_milliseconds();
  send_many(s.u, s.port);
  netmcu_udp_free(s.u);
  loop_end(s.ctx);
  assert_true(loop_milliseconds() - started >= 49);
  close(s.fd);
  namespaces_end();
}

static void test_context_closes(void **state)
{
  (void)state;
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.linger_timeout = 50;
  fixture s;
  if (!begin(&s, &options))
    skip();
  send_many(s.u, s.port);
  loop_run_due(s.ctx);
  loop_close(s.ctx);
  close(s.fd);
  namespaces_end();
}

/* Sending more than the network takes fails before all memory is used up. */
static void test_queue_is_bounded(void **state)
{
  (void)state;
  static char data[SIZE];
  fixture s;
  if (!begin(&s, NULL))
    skip();
  int error = 0;
  unsigned taken = 0;
  netmcu_address to = {.ip = {10, 77, 1, 2}, .port = s.port};
  while (error == 0 && loop_bytes() < (64 << 20)) {
    error = netmcu_udp_send(s.u, &to, data, SIZE);
    taken += error == 0;
  }
  assert_int_equal(error, NETMCU_ENOMEM);
  assert_true(loop_bytes() < (8 << 20));
  let_go();
  loop_until_called(s.ctx, "sent", taken);
  assert_int_equal(netmcu_udp_send(s.u, &to, data, SIZE), 0);
  loop_until_called(s.ctx, "sent", taken + 1);
  expect_calls("sent", taken + 1);
  netmcu_udp_free(s.u);
  end(&s);
}

static void test_no_memory_for_a_copy(void **state)
{
  (void)state;
  static char data[SIZE];
  fixture s;
  if (!begin(&s, NULL))
    skip();
  int taken = 0, error = 0;
  netmcu_address to = {.ip = {10, 77, 1, 2}, .port = s.port};
  loop_fail_allocation(1, true);
  while (error == 0 && taken < MANY) {
    error = netmcu_udp_send(s.u, &to, data, SIZE);
    taken += error == 0;
  }
  loop_fail_allocation(0, false);
  assert_int_equal(error, NETMCU_ENOMEM);
  let_go();
  loop_until_called(s.ctx, "sent", (unsigned)taken);
  expect_calls("sent", (unsigned)taken);
  netmcu_udp_free(s.u);
  end(&s);
}

int main(void)
{
  const struct CMUnitTest queue[] = {
      both_loops(test_order),
      both_loops(test_close_sends_all),
      both_loops(test_listen_again_meanwhile),
      both_loops(test_listen_again_in_sent),
      both_loops(test_patience_ends),
      both_loops(test_context_closes),
      own_loop(test_no_memory_for_a_copy),
      own_loop(test_queue_is_bounded),
  };
  return cmocka_run_group_tests_name("datagrams that must wait go out in order, also after close", queue, NULL, NULL);
}
