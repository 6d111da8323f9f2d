/* UDP sockets bind, carry datagrams of every size both ways, and report each one that was sent. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes.h"
#include "datagram.h"
#include "loop.h"
#include "namespace.h"

static void on_receive(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  (void)u;
  (void)from;
  called("receive %.*s", (int)size, data);
}

static void on_sent(netmcu_udp *u)
{
  (void)u;
  called("sent");
}

static const netmcu_udp_events events = {.receive = on_receive, .sent = on_sent};

static netmcu_udp *new_udp(netmcu_t *ctx, const netmcu_udp_events *with)
{
  netmcu_udp *u = netmcu_udp_new(ctx);
  assert_non_null(u);
  assert_ptr_equal(netmcu_udp_get_context(u), ctx);
  netmcu_udp_on(u, with);
  return u;
}

static netmcu_udp *bind_udp(netmcu_t *ctx, const netmcu_udp_events *with, uint16_t *port)
{
  netmcu_udp *u = new_udp(ctx, with);
  netmcu_address address;
  assert_int_equal(netmcu_udp_listen(u, 0, "127.0.0.1"), 0);
  assert_int_equal(netmcu_udp_get_address(u, &address), 0);
  *port = address.port;
  return u;
}

static int send_to(netmcu_udp *u, uint16_t port, const char *text)
{
  netmcu_address to = {.ip = {127, 0, 0, 1}, .port = port};
  return netmcu_udp_send(u, &to, text, strlen(text));
}

/* ---- binding --------------------------------------------------------------------------------- */

static void test_unbound(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = new_udp(ctx, NULL);
  netmcu_address address;
  int ttl = -1;
  netmcu_udp_set_data(u, &ttl);
  assert_ptr_equal(netmcu_udp_get_data(u), &ttl);
  assert_int_equal(netmcu_udp_get_address(u, &address), NETMCU_ENOTCONN);
  assert_int_equal(netmcu_udp_set_ttl(u, 7), NETMCU_ENOTCONN);
  assert_int_equal(netmcu_udp_get_ttl(u, &ttl), NETMCU_ENOTCONN);
  assert_int_equal(netmcu_udp_close(u), NETMCU_ENOTCONN);
  netmcu_udp_free(u);
  netmcu_udp_free(NULL);
  loop_end(ctx);
}

static void describe(const char *description, void *data)
{
  snprintf(data, 100, "%s", description);
}

static void test_listen(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  uint16_t port = datagram_free_port();
  netmcu_udp *u = new_udp(ctx, NULL);
  netmcu_address address;
  char expected[100], walked[100] = "";
  netmcu_walk(ctx, describe, walked);
  assert_string_equal(walked, "");
  assert_int_equal(netmcu_udp_listen(u, port, "0.0.0.0"), 0);
  assert_int_equal(netmcu_udp_listen(u, port, NULL), NETMCU_EINPROGRESS);
  assert_int_equal(netmcu_udp_get_address(u, &address), 0);
  assert_int_equal(address.port, port);
  snprintf(expected, sizeof expected, "net.udpsocket (bound, 0.0.0.0:%u)", (unsigned)port);
  netmcu_walk(ctx, describe, walked);
  assert_string_equal(walked, expected);
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void test_wrong_addresses(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = new_udp(ctx, NULL);
  assert_int_equal(netmcu_udp_listen(u, 0, "localhost"), NETMCU_EVALUE);
  assert_int_equal(netmcu_udp_listen(u, 0, "1.2.3.256"), NETMCU_EVALUE);
  assert_int_equal(netmcu_udp_listen(u, 0, "198.51.100.7"), NETMCU_EVALUE);
  assert_int_equal(netmcu_udp_listen(u, 0, "127.0.0.1"), 0);
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void test_port_in_use(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  uint16_t port, foreign;
  int fd = datagram_socket(&foreign);
  netmcu_udp *first = bind_udp(ctx, NULL, &port), *second = new_udp(ctx, NULL);
  assert_int_equal(netmcu_udp_listen(second, port, "127.0.0.1"), NETMCU_EADDRINUSE);
  assert_int_equal(netmcu_udp_listen(second, port, NULL), NETMCU_EADDRINUSE);
  assert_int_equal(netmcu_udp_listen(second, foreign, "127.0.0.1"), NETMCU_EADDRINUSE);
  netmcu_udp_close(first);
  assert_int_equal(netmcu_udp_listen(second, port, "127.0.0.1"), 0);
  netmcu_udp_free(first);
  netmcu_udp_free(second);
  close(fd);
  loop_end(ctx);
}

static void test_close_and_listen_again(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  uint16_t port;
  netmcu_udp *u = bind_udp(ctx, &events, &port), *sender = new_udp(ctx, NULL);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(netmcu_udp_close(u), 0);
    assert_int_equal(netmcu_udp_close(u), NETMCU_ENOTCONN);
    assert_int_equal(netmcu_udp_listen(u, port, "127.0.0.1"), 0);
  }
  assert_int_equal(send_to(sender, port, "again"), 0);
  loop_until_called(ctx, "receive again", 1);
  expect_calls("receive again", 1);
  netmcu_udp_free(u);
  netmcu_udp_free(sender);
  loop_end(ctx);
}

static void test_first_send_binds(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  uint16_t port, from;
  int fd = datagram_socket(&port);
  netmcu_udp *u = new_udp(ctx, &events);
  netmcu_address address, nowhere = {.ip = {127, 0, 0, 1}, .port = 0};
  char text[8];
  assert_int_equal(netmcu_udp_send(u, &nowhere, "x", 1), NETMCU_EVALUE);
  assert_int_equal(netmcu_udp_get_address(u, &address), NETMCU_ENOTCONN);
  assert_int_equal(send_to(u, port, "hello"), 0);
  assert_int_equal(netmcu_udp_get_address(u, &address), 0);
  assert_int_equal(netmcu_udp_listen(u, 0, NULL), NETMCU_EINPROGRESS);
  assert_int_equal(datagram_receive(fd, text, sizeof text, &from), 5);
  assert_int_equal(from, address.port);
  datagram_send(fd, "127.0.0.1", from, "answer", 6);
  loop_until_called(ctx, "receive answer", 1);
  expect_calls("receive answer", 1);
  expect_calls("sent", 1);
  close(fd);
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void test_failed_send_binds_nothing(void **state)
{
  (void)state;
  if (!namespaces_begin())
    skip();
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = new_udp(ctx, &events);
  netmcu_address address, unreachable = {.ip = {198, 51, 100, 7}, .port = 9};
  assert_int_equal(netmcu_udp_send(u, &unreachable, "x", 1), NETMCU_EROUTE);
  assert_int_equal(netmcu_udp_get_address(u, &address), NETMCU_ENOTCONN);
  netmcu_udp_free(u);
  loop_end(ctx);
  namespaces_end();
}

/* Asks the system for the TTL of multicasts of the socket that has this port. */
static int multicast_ttl(uint16_t port)
{
  unsigned char ttl = 0;
  for (int fd = 0; fd < 256; fd++) {
    struct sockaddr_in name;
    socklen_t size = sizeof name, ttl_size = sizeof ttl;
    if (getsockname(fd, (struct sockaddr *)&name, &size) == 0 && name.sin_family == AF_INET &&
        ntohs(name.sin_port) == port) /* Windows: also three others, without the option */
      getsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, &ttl_size);
  }
  return ttl;
}

static void test_ttl(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  uint16_t port;
  netmcu_udp *u = bind_udp(ctx, NULL, &port);
  int ttl;
  assert_int_equal(netmcu_udp_get_ttl(u, &ttl), 0);
  assert_between(ttl, 1, 255);
  assert_int_equal(netmcu_udp_set_ttl(u, 7), 0);
  assert_int_equal(netmcu_udp_get_ttl(u, &ttl), 0);
  assert_int_equal(ttl, 7);
  assert_int_equal(multicast_ttl(port), 7);
  assert_int_equal(netmcu_udp_set_ttl(u, 0), NETMCU_EVALUE);
  assert_int_equal(netmcu_udp_set_ttl(u, 256), NETMCU_EVALUE);
  netmcu_udp_free(u);
  loop_end(ctx);
}

/* ---- datagrams ------------------------------------------------------------------------------- */

static void echo(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  called("receive");
  assert_int_equal(netmcu_udp_send(u, from, data, size), 0);
}

static void test_sizes(void **state)
{
  (void)state;
  static const netmcu_udp_events echoing = {.receive = echo, .sent = on_sent};
  static const size_t sizes[] = {0, 1, 1471, 1472, 1473, 9000, 65506, 65507};
  static unsigned char out[65507], in[65536];
  netmcu_t *ctx = loop_begin(NULL);
  uint16_t port, mine, from;
  int fd = datagram_socket(&mine);
  netmcu_udp *u = bind_udp(ctx, &echoing, &port);
  for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    bytes_fill(out, sizes[i], 0, i);
    datagram_send(fd, "127.0.0.1", port, out, sizes[i]);
    loop_until_called(ctx, "sent", i + 1);
    assert_int_equal(datagram_receive(fd, in, sizeof in, &from), sizes[i]);
    assert_int_equal(from, port);
    assert_true(bytes_are(in, sizes[i], 0, i));
  }
  expect_calls("receive", 8);
  expect_calls("sent", 8);
  assert_int_equal(loop_warnings(NETMCU_D_DATAGRAM_SIZE), 4);
  assert_string_equal(loop_warning(), "datagram of 65507 bytes: the device sends at most 1472");
  close(fd);
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void test_too_large(void **state)
{
  (void)state;
  static const char data[65508];
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = new_udp(ctx, &events);
  netmcu_address to = {.ip = {127, 0, 0, 1}, .port = 9}, address;
  assert_int_equal(netmcu_udp_send(u, &to, data, sizeof data), NETMCU_EBUFFER);
  assert_int_equal(netmcu_udp_get_address(u, &address), NETMCU_ENOTCONN);
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void test_too_large_under_strict(void **state)
{
  (void)state;
  static const char data[1473];
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_set_strict(ctx, 1);
  uint16_t port;
  int fd = datagram_socket(&port);
  netmcu_udp *u = new_udp(ctx, &events);
  netmcu_address to = {.ip = {127, 0, 0, 1}, .port = port};
  char in[2000];
  assert_int_equal(netmcu_udp_send(u, &to, data, 1473), NETMCU_EBUFFER);
  assert_false(datagram_is_waiting(fd));
  assert_int_equal(netmcu_udp_send(u, &to, data, 1472), 0);
  assert_int_equal(datagram_receive(fd, in, sizeof in, NULL), 1472);
  loop_until_called(ctx, "sent", 1);
  expect_calls("sent", 1);
  close(fd);
  netmcu_udp_free(u);
  loop_end(ctx);
}

static bool has_arrived(void *ctx)
{
  netmcu_statistics statistics = NETMCU_STATISTICS_INIT;
  netmcu_get_statistics(ctx, &statistics);
  return statistics.bytes_received > 0;
}

static void test_dropped_without_handler(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  uint16_t port;
  netmcu_udp *u = bind_udp(ctx, NULL, &port), *sender = new_udp(ctx, &events);
  assert_int_equal(send_to(sender, port, "lost"), 0);
  loop_until(ctx, has_arrived, ctx);
  netmcu_udp_on(u, &events);
  assert_int_equal(send_to(sender, port, "heard"), 0);
  loop_until_called(ctx, "receive heard", 1);
  loop_until_called(ctx, "sent", 2);
  expect_calls("receive heard", 1);
  expect_calls("sent", 2);
  netmcu_udp_free(u);
  netmcu_udp_free(sender);
  loop_end(ctx);
}

/* ---- sent ------------------------------------------------------------------------------------ */

static void test_sent_follows_each_send(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = new_udp(ctx, &events);
  uint16_t port = datagram_free_port();
  for (int i = 0; i < 100; i++)
    assert_int_equal(send_to(u, port, "x"), 0);
  assert_int_equal(calls("sent"), 0);
  loop_until_called(ctx, "sent", 100);
  loop_run_due(ctx);
  expect_calls("sent", 100);
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void test_no_sent_after_close(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  uint16_t port;
  int fd = datagram_socket(&port);
  netmcu_udp *u = new_udp(ctx, &events);
  char text[8];
  assert_int_equal(send_to(u, port, "one"), 0);
  netmcu_udp_close(u);
  assert_int_equal(netmcu_udp_listen(u, 0, NULL), 0);
  loop_run_due(ctx);
  assert_int_equal(calls("sent"), 0);
  assert_int_equal(send_to(u, port, "two"), 0);
  loop_run_due(ctx);
  expect_calls("sent", 1);
  assert_int_equal(datagram_receive(fd, text, sizeof text, NULL), 3);
  close(fd);
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void close_at_second(netmcu_udp *u)
{
  called("sent");
  if (calls("sent") == 2)
    netmcu_udp_close(u);
}

static void test_close_in_sent(void **state)
{
  (void)state;
  static const netmcu_udp_events closing = {.sent = close_at_second};
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = new_udp(ctx, &closing);
  for (int i = 0; i < 5; i++)
    assert_int_equal(send_to(u, 9, "x"), 0);
  loop_run(ctx);
  expect_calls("sent", 2);
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void free_in_sent(netmcu_udp *u)
{
  called("sent");
  netmcu_udp_free(u);
}

static void test_free_in_sent(void **state)
{
  (void)state;
  static const netmcu_udp_events freeing = {.sent = free_in_sent};
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = new_udp(ctx, &freeing);
  for (int i = 0; i < 5; i++)
    assert_int_equal(send_to(u, 9, "x"), 0);
  expect_calls("sent", 1);
  loop_end(ctx);
}

/* A script that answers each `sent` with another send does not keep the loop from the network. */
static void send_again(netmcu_udp *u)
{
  called("sent");
  assert_int_equal(send_to(u, datagram_free_port(), "x"), 0);
}

static void test_sending_in_sent_starves_nobody(void **state)
{
  (void)state;
  static const netmcu_udp_events again = {.sent = send_again};
  netmcu_t *ctx = loop_begin(NULL);
  uint16_t port;
  netmcu_udp *u = new_udp(ctx, &again), *server = bind_udp(ctx, &events, &port);
  assert_int_equal(send_to(u, port, "first"), 0);
  loop_until_called(ctx, "receive first", 1);
  loop_until_called(ctx, "sent", 10);
  netmcu_udp_free(u);
  netmcu_udp_free(server);
  forget_calls();
  loop_end(ctx);
}

/* ---- out of memory --------------------------------------------------------------------------- */

/* If the nth allocation fails, the call either reports it and leaves nothing behind, or it
 * works. */
static int try_without(size_t nth)
{
  netmcu_t *ctx = loop_begin(NULL);
  loop_fail_allocation(nth, false);
  netmcu_udp *u = netmcu_udp_new(ctx);
  int error = u ? send_to(u, 9, "x") : NETMCU_ENOMEM;
  assert_true(error == 0 || error == NETMCU_ENOMEM);
  loop_fail_allocation(0, false);
  loop_run_due(ctx);
  netmcu_udp_free(u);
  loop_end(ctx);
  return error;
}

static void test_out_of_memory(void **state)
{
  (void)state;
  size_t nth = 1;
  while (try_without(nth))
    nth++;
  assert_between(nth, 3, 10);
}

int main(void)
{
  const struct CMUnitTest binding[] = {
      both_loops(test_unbound),
      own_loop(test_listen),
      own_loop(test_wrong_addresses),
      own_loop(test_port_in_use),
      both_loops(test_close_and_listen_again),
      both_loops(test_first_send_binds),
      own_loop(test_failed_send_binds_nothing),
      own_loop(test_ttl),
  };
  const struct CMUnitTest datagrams[] = {
      both_loops(test_sizes),
      own_loop(test_too_large),
      own_loop(test_too_large_under_strict),
      own_loop(test_dropped_without_handler),
  };
  const struct CMUnitTest sending[] = {
      both_loops(test_sent_follows_each_send),
      both_loops(test_no_sent_after_close),
      both_loops(test_close_in_sent),
      both_loops(test_free_in_sent),
      own_loop(test_sending_in_sent_starves_nobody),
      own_loop(test_out_of_memory),
  };
  return cmocka_run_group_tests_name("a UDP socket binds by listen or its first send", binding, NULL, NULL) +
         cmocka_run_group_tests_name("datagrams of all sizes go both ways", datagrams, NULL, NULL) +
         cmocka_run_group_tests_name("each datagram that was sent is reported once", sending, NULL, NULL);
}
