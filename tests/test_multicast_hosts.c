/* Multicast and broadcast between two hosts with two cables, in network namespaces. */
#include <unistd.h>

#include "datagram.h"
#include "loop.h"
#include "namespace.h"

#define GROUP       "239.77.0.1"
#define LEFT        "10.77.1.1"
#define RIGHT       "10.77.2.1"
#define LEFT_THERE  "10.77.1.2"
#define RIGHT_THERE "10.77.2.2"
#define PORT        5353

static void on_receive(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  char ip[NETMCU_IP_SIZE];
  (void)u;
  called("%.*s from %s", (int)size, data, netmcu_ip_format(from, ip));
}

static const netmcu_udp_events events = {.receive = on_receive};

static netmcu_udp *bind_udp(netmcu_t *ctx, uint16_t port)
{
  netmcu_udp *u = netmcu_udp_new(ctx);
  assert_non_null(u);
  netmcu_udp_on(u, &events);
  assert_int_equal(netmcu_udp_listen(u, port, NULL), 0);
  return u;
}

/* Opens a socket of the other host that sends to groups on one of the cables. */
static int open_host(const char *ip)
{
  uint16_t port = PORT;
  namespace_there();
  int fd = datagram_socket_on(ip, &port);
  assert_true(datagram_join(fd, ip, "239.77.9.9"));
  namespace_here();
  return fd;
}

static int open_member(const char *ip)
{
  uint16_t port = PORT;
  namespace_there();
  int fd = datagram_socket_on(GROUP, &port);
  assert_true(datagram_join(fd, ip, GROUP));
  namespace_here();
  return fd;
}

/* The last datagram is always received. Those sent before it would have been received by then. */
static void send_on_both(netmcu_t *ctx, int left, int right)
{
  forget_calls();
  datagram_send(right, GROUP, PORT, "right", 5);
  datagram_send(left, GROUP, PORT, "left", 4);
  datagram_send(right, RIGHT, PORT, "end", 3);
  loop_until_called(ctx, "end from 10.77.2.2", 1);
}

static void test_receive_by_interface(void **state)
{
  (void)state;
  if (!namespaces_begin())
    skip();
  int left = open_host(LEFT_THERE), right = open_host(RIGHT_THERE);
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = bind_udp(ctx, PORT);
  send_on_both(ctx, left, right);
  expect_journal("end from 10.77.2.2");
  assert_int_equal(netmcu_multicast_join(ctx, LEFT, GROUP), 0);
  send_on_both(ctx, left, right);
  expect_journal("left from 10.77.1.2, end from 10.77.2.2");
  assert_int_equal(netmcu_multicast_join(ctx, RIGHT, GROUP), 0);
  send_on_both(ctx, left, right);
  expect_journal("right from 10.77.2.2, left from 10.77.1.2, end from 10.77.2.2");
  assert_int_equal(netmcu_multicast_leave(ctx, LEFT, GROUP), 0);
  send_on_both(ctx, left, right);
  expect_journal("right from 10.77.2.2, end from 10.77.2.2");
  netmcu_udp_free(u);
  loop_end(ctx);
  close(left);
  close(right);
  namespaces_end();
}

static void test_every_interface(void **state)
{
  (void)state;
  if (!namespaces_begin())
    skip();
  int left = open_host(LEFT_THERE), right = open_host(RIGHT_THERE);
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_multicast_join(ctx, NULL, GROUP), 0);
  netmcu_udp *u = bind_udp(ctx, PORT);
  send_on_both(ctx, left, right);
  expect_journal("right from 10.77.2.2, left from 10.77.1.2, end from 10.77.2.2");
  assert_int_equal(netmcu_multicast_leave(ctx, NULL, GROUP), 0);
  send_on_both(ctx, left, right);
  expect_journal("end from 10.77.2.2");
  netmcu_udp_free(u);
  loop_end(ctx);
  close(left);
  close(right);
  namespaces_end();
}

static void send_text(netmcu_udp *u, const char *ip, const char *text)
{
  netmcu_address to = {.port = PORT};
  assert_int_equal(netmcu_ip_parse(ip, &to), 0);
  assert_int_equal(netmcu_udp_send(u, &to, text, strlen(text)), 0);
}

static void test_send_by_interface(void **state)
{
  (void)state;
  if (!namespaces_begin())
    skip();
  int left = open_member(LEFT_THERE), right = open_member(RIGHT_THERE);
  char text[8] = "";
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = bind_udp(ctx, PORT);
  assert_int_equal(netmcu_multicast_join(ctx, LEFT, GROUP), 0);
  send_text(u, GROUP, "one");
  assert_int_equal(netmcu_multicast_join(ctx, RIGHT, GROUP), 0);
  send_text(u, GROUP, "two");
  /* Both are bound to the group, so each receives what comes by its own cable. Linux delivers that
   * of the other cable too. */
  assert_int_equal(datagram_receive(left, text, sizeof text, NULL), 3);
  assert_string_equal(text, "one");
  assert_int_equal(datagram_receive(right, text, sizeof text, NULL), 3);
  send_text(u, LEFT, "last"); /* follows the copies of "one" and "two" that the system returned */
  loop_until_called(ctx, "last from 10.77.1.1", 1);
  expect_journal("last from 10.77.1.1");
  netmcu_udp_free(u);
  loop_end(ctx);
  close(left);
  close(right);
  namespaces_end();
}

static void test_broadcasts(void **state)
{
  (void)state;
  if (!namespaces_begin())
    skip();
  uint16_t port = PORT;
  namespace_there();
  int fd = datagram_socket_on("0.0.0.0", &port);
  namespace_here();
  char text[8];
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = bind_udp(ctx, PORT);
  send_text(u, "10.77.1.255", "mine");
  assert_int_equal(datagram_receive(fd, text, sizeof text, NULL), 4);
  datagram_send(fd, "10.77.1.255", PORT, "mine", 4); /* the same content from another host */
  loop_until_called(ctx, "mine from 10.77.1.2", 1);
  expect_journal("mine from 10.77.1.2");
  netmcu_udp_free(u);
  loop_end(ctx);
  close(fd);
  namespaces_end();
}

/* The datagram does not come back, because nothing here is a member. Another host sends the same
 * content from the same port. */
static void test_same_words_of_another_host(void **state)
{
  (void)state;
  if (!namespaces_begin())
    skip();
  int right = open_host(RIGHT_THERE);
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_multicast_join(ctx, LEFT, "239.77.0.2"), 0);
  netmcu_udp *u = bind_udp(ctx, PORT);
  send_text(u, GROUP, "mine");
  datagram_send(right, RIGHT, PORT, "mine", 4);
  loop_until_called(ctx, "mine from 10.77.2.2", 1);
  expect_journal("mine from 10.77.2.2");
  netmcu_udp_free(u);
  loop_end(ctx);
  close(right);
  namespaces_end();
}

int main(void)
{
  const struct CMUnitTest hosts[] = {
      both_loops(test_receive_by_interface),     both_loops(test_every_interface),
      own_loop(test_send_by_interface),          own_loop(test_broadcasts),
      own_loop(test_same_words_of_another_host),
  };
  return cmocka_run_group_tests_name("two hosts with two cables receive what is for them", hosts, NULL, NULL);
}
