/* Multicast memberships on loopback: joining and leaving groups, and sharing their ports. */
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "datagram.h"

#define GROUP "239.77.0.1"
#define LOCAL "127.0.0.1"

static void on_receive(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  (void)from;
  called("%s %.*s", (const char *)netmcu_udp_get_data(u), (int)size, data);
}

static const netmcu_udp_events events = {.receive = on_receive};

static netmcu_udp *new_udp(netmcu_t *ctx, char *name)
{
  netmcu_udp *u = netmcu_udp_new(ctx);
  assert_non_null(u);
  netmcu_udp_set_data(u, name);
  netmcu_udp_on(u, &events);
  return u;
}

static netmcu_udp *bind_udp(netmcu_t *ctx, char *name, uint16_t port, const char *ip)
{
  netmcu_udp *u = new_udp(ctx, name);
  assert_int_equal(netmcu_udp_listen(u, port, ip), 0);
  return u;
}

static void send_to(netmcu_udp *u, const char *ip, uint16_t port, const char *text)
{
  netmcu_address to = {.port = port};
  assert_int_equal(netmcu_ip_parse(ip, &to), 0);
  assert_int_equal(netmcu_udp_send(u, &to, text, strlen(text)), 0);
}

/* Another program of this machine that sends to groups. */
static int open_foreign_sender(void)
{
  uint16_t port;
  int fd = datagram_socket(&port);
  datagram_join(fd, LOCAL, "239.77.9.9"); /* chooses the interface to send on */
  return fd;
}

static int open_foreign_member(uint16_t port)
{
  int fd = datagram_socket_on(GROUP, &port);
  assert_true(datagram_join(fd, LOCAL, GROUP));
  return fd;
}

/* ---- joining --------------------------------------------------------------------------------- */

static void test_arguments(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_multicast_join(ctx, LOCAL, "192.0.2.1"), NETMCU_EVALUE);
  assert_int_equal(netmcu_multicast_join(ctx, LOCAL, "223.255.255.255"), NETMCU_EVALUE);
  assert_int_equal(netmcu_multicast_join(ctx, LOCAL, "240.0.0.0"), NETMCU_EVALUE);
  assert_int_equal(netmcu_multicast_join(ctx, LOCAL, "group"), NETMCU_EVALUE);
  assert_int_equal(netmcu_multicast_join(ctx, LOCAL, NULL), NETMCU_EVALUE);
  assert_int_equal(netmcu_multicast_join(ctx, "any", GROUP), NETMCU_EVALUE);
  assert_int_equal(netmcu_multicast_join(ctx, "198.51.100.7", GROUP), NETMCU_ENETIF);
  assert_int_equal(netmcu_multicast_leave(ctx, LOCAL, GROUP), NETMCU_EVALUE);
  assert_int_equal(netmcu_multicast_join(ctx, LOCAL, GROUP), 0);
  assert_int_equal(netmcu_multicast_join(ctx, LOCAL, GROUP), 0);
  assert_int_equal(netmcu_multicast_leave(ctx, NULL, "239.77.0.2"), NETMCU_EVALUE);
  assert_int_equal(netmcu_multicast_leave(ctx, LOCAL, GROUP), 0);
  assert_int_equal(netmcu_multicast_leave(ctx, LOCAL, GROUP), NETMCU_EVALUE);
  assert_int_equal(netmcu_multicast_join(ctx, NULL, GROUP), 0);
  assert_int_equal(netmcu_multicast_join(ctx, "0.0.0.0", GROUP), 0);
  assert_int_equal(netmcu_multicast_leave(ctx, "0.0.0.0", GROUP), 0);
  assert_int_equal(netmcu_multicast_leave(ctx, NULL, GROUP), NETMCU_EVALUE);
  assert_int_equal(netmcu_multicast_join(ctx, LOCAL, GROUP), 0); /* left when the context closes */
  loop_end(ctx);
}

static void test_out_of_memory(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  for (size_t nth = 1; nth <= 2; nth++) {
    loop_fail_allocation(nth, false);
    assert_int_equal(netmcu_multicast_join(ctx, LOCAL, GROUP), NETMCU_ENOMEM);
    assert_int_equal(netmcu_multicast_leave(ctx, LOCAL, GROUP), NETMCU_EVALUE);
    loop_fail_allocation(0, false);
  }
  loop_end(ctx);
}

static void hear(netmcu_t *ctx, int fd, uint16_t port, const char *text)
{
  char expected[64];
  snprintf(expected, sizeof expected, "a %s", text);
  datagram_send(fd, GROUP, port, text, strlen(text));
  loop_until_called(ctx, expected, 1);
}

static void hear_not(netmcu_t *ctx, int fd, uint16_t port)
{
  datagram_send(fd, GROUP, port, "lost", 4);
  datagram_send(fd, LOCAL, port, "found", 5);
  loop_until_called(ctx, "a found", 1);
}

static void test_join_before_and_after_bind(void **state)
{
  (void)state;
  uint16_t port = datagram_free_port();
  int fd = open_foreign_sender();
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = bind_udp(ctx, "a", port, NULL);
  hear_not(ctx, fd, port);
  assert_int_equal(netmcu_multicast_join(ctx, LOCAL, GROUP), 0);
  hear(ctx, fd, port, "after");
  netmcu_udp_close(u);
  assert_int_equal(netmcu_udp_listen(u, port, NULL), 0);
  hear(ctx, fd, port, "before");
  expect_journal("a found, a after, a before");
  netmcu_udp_free(u);
  loop_end(ctx);
  close(fd);
}

static void expect_ttls(uv_handle_t *handle, void *data)
{
  int single, multi, wanted = *(int *)data;
  socklen_t size = sizeof single;
  uv_os_fd_t fd;
  if (handle->type != UV_UDP)
    return;
  assert_int_equal(uv_fileno(handle, &fd), 0);
  assert_int_equal(getsockopt(fd, IPPROTO_IP, IP_TTL, &single, &size), 0);
  uint8_t small = 0;
  size = sizeof small;
  assert_int_equal(getsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &small, &size), 0);
  multi = small;
  assert_int_equal(single, wanted);
  assert_int_equal(multi, wanted);
}

/* One for both kinds of datagrams, as on the device. */
static void test_ttl(void **state)
{
  (void)state;
  int ttl = 7;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = bind_udp(ctx, "u", 0, LOCAL);
  assert_int_equal(netmcu_udp_set_ttl(u, ttl), 0);
  uv_walk(netmcu_get_loop(ctx), expect_ttls, &ttl);
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void test_leave(void **state)
{
  (void)state;
  uint16_t port = datagram_free_port();
  int fd = open_foreign_sender();
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_multicast_join(ctx, LOCAL, GROUP), 0);
  netmcu_udp *u = bind_udp(ctx, "a", port, NULL);
  hear(ctx, fd, port, "member");
  assert_int_equal(netmcu_multicast_leave(ctx, LOCAL, GROUP), 0);
  hear_not(ctx, fd, port);
  expect_journal("a member, a found");
  netmcu_udp_free(u);
  loop_end(ctx);
  close(fd);
}

/* Two memberships include the loopback interface. It counts until the last of them is left. */
static void test_leave_one_of_two(void **state)
{
  (void)state;
  uint16_t port = datagram_free_port();
  int fd = open_foreign_sender();
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = bind_udp(ctx, "a", port, NULL);
  assert_int_equal(netmcu_multicast_join(ctx, NULL, GROUP), 0);
  assert_int_equal(netmcu_multicast_join(ctx, LOCAL, GROUP), 0);
  assert_int_equal(netmcu_multicast_leave(ctx, NULL, GROUP), 0);
  hear(ctx, fd, port, "named");
  assert_int_equal(netmcu_multicast_join(ctx, NULL, GROUP), 0);
  assert_int_equal(netmcu_multicast_leave(ctx, LOCAL, GROUP), 0);
  hear(ctx, fd, port, "every");
  assert_int_equal(netmcu_multicast_leave(ctx, NULL, GROUP), 0);
  hear_not(ctx, fd, port);
  expect_journal("a named, a every, a found");
  netmcu_udp_free(u);
  loop_end(ctx);
  close(fd);
}

static void test_leave_every_interface_leaves_a_named_one(void **state)
{
  (void)state;
  uint16_t port = datagram_free_port();
  int fd = open_foreign_sender();
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = bind_udp(ctx, "a", port, NULL);
  assert_int_equal(netmcu_multicast_join(ctx, LOCAL, "239.77.0.2"), 0);
  assert_int_equal(netmcu_multicast_join(ctx, LOCAL, GROUP), 0);
  hear(ctx, fd, port, "member");
  assert_int_equal(netmcu_multicast_leave(ctx, NULL, GROUP), 0);
  hear_not(ctx, fd, port);
  assert_int_equal(netmcu_multicast_leave(ctx, NULL, GROUP), NETMCU_EVALUE);
  assert_int_equal(netmcu_multicast_leave(ctx, LOCAL, "239.77.0.2"), 0);
  expect_journal("a member, a found");
  netmcu_udp_free(u);
  loop_end(ctx);
  close(fd);
}

static void test_groups_of_other_programs(void **state)
{
  (void)state;
  uint16_t port = datagram_free_port();
  int fd = open_foreign_sender(), member = open_foreign_member(datagram_free_port());
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = bind_udp(ctx, "a", port, NULL);
  hear_not(ctx, fd, port);
  expect_journal("a found");
  netmcu_udp_free(u);
  loop_end(ctx);
  close(fd);
  close(member);
}

/* ---- ports ----------------------------------------------------------------------------------- */

static void test_listen_on_a_group(void **state)
{
  (void)state;
  uint16_t port = datagram_free_port();
  int fd = open_foreign_sender(), member = open_foreign_member(port);
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *a = bind_udp(ctx, "a", port, GROUP), *b = bind_udp(ctx, "b", port, GROUP);
  char text[8];
  datagram_send(fd, "239.77.0.2", port, "other", 5);
  datagram_send(fd, GROUP, port, "all", 3);
  loop_until_called(ctx, "a all", 1);
  loop_until_called(ctx, "b all", 1);
  expect_calls("a all", 1);
  expect_calls("b all", 1);
  assert_int_equal(datagram_receive(member, text, sizeof text, NULL), 3);
  netmcu_udp_free(a);
  netmcu_udp_free(b);
  loop_end(ctx);
  close(fd);
  close(member);
}

/* A member can bind the port of a group even if a daemon has it. */
static void test_port_shared_with_a_daemon(void **state)
{
  (void)state;
  uint16_t port = datagram_free_port();
  int fd = open_foreign_sender(), daemon = datagram_socket_on("0.0.0.0", &port);
  assert_true(datagram_join(daemon, LOCAL, GROUP));
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *a = new_udp(ctx, "a"), *b = new_udp(ctx, "b");
  char text[8];
  assert_int_equal(netmcu_udp_listen(a, port, NULL), NETMCU_EADDRINUSE);
  assert_int_equal(netmcu_multicast_join(ctx, LOCAL, GROUP), 0);
  assert_int_equal(netmcu_udp_listen(a, port, NULL), 0);
  assert_int_equal(netmcu_udp_listen(b, port, NULL), NETMCU_EADDRINUSE);
  datagram_send(fd, GROUP, port, "all", 3);
  loop_until_called(ctx, "a all", 1);
  expect_calls("a all", 1);
  assert_int_equal(datagram_receive(daemon, text, sizeof text, NULL), 3);
  netmcu_udp_free(a);
  netmcu_udp_free(b);
  loop_end(ctx);
  close(fd);
  close(daemon);
}

/* ---- own datagrams, which are recognized for one second only: these tests stop the clock ------ */

static void test_own_multicasts(void **state)
{
  (void)state;
  uint16_t port = datagram_free_port();
  int fd = open_foreign_sender();
  netmcu_t *ctx = loop_begin(NULL);
  clock_stop(ctx);
  int member = open_foreign_member(port);
  assert_int_equal(netmcu_multicast_join(ctx, LOCAL, GROUP), 0);
  netmcu_udp *a = bind_udp(ctx, "a", port, NULL), *b = new_udp(ctx, "b");
  char text[8];
  send_to(a, GROUP, port, "one");
  send_to(b, GROUP, port, "two");
  assert_int_equal(datagram_receive(member, text, sizeof text, NULL), 3);
  assert_int_equal(datagram_receive(member, text, sizeof text, NULL), 3);
  close(member);
  datagram_send(fd, GROUP, port, "one", 3); /* the same content from another program */
  loop_until_called(ctx, "a one", 1);
  send_to(b, LOCAL, port, "two"); /* the same content to a single host */
  loop_until_called(ctx, "a two", 1);
  expect_calls("a one", 1);
  expect_calls("a two", 1);
  netmcu_udp_free(a);
  netmcu_udp_free(b);
  loop_end(ctx);
  close(fd);
}

static void test_two_own_members(void **state)
{
  (void)state;
  uint16_t port = datagram_free_port();
  int fd = open_foreign_sender();
  netmcu_t *ctx = loop_begin(NULL);
  clock_stop(ctx);
  assert_int_equal(netmcu_multicast_join(ctx, LOCAL, GROUP), 0);
  netmcu_udp *a = bind_udp(ctx, "a", port, GROUP), *b = bind_udp(ctx, "b", port, GROUP);
  for (int i = 0; i < 50; i++)
    send_to(a, GROUP, port, "again");
  datagram_send(fd, GROUP, port, "again", 5);
  loop_until_called(ctx, "a again", 1);
  loop_until_called(ctx, "b again", 1);
  expect_calls("a again", 1);
  expect_calls("b again", 1);
  netmcu_udp_free(a);
  netmcu_udp_free(b);
  loop_end(ctx);
  close(fd);
}

static void test_own_broadcasts(void **state)
{
  (void)state;
  uint16_t port = datagram_free_port(), other = datagram_free_port();
  int fd = open_foreign_sender(), foreign = datagram_socket_on("0.0.0.0", &other);
  netmcu_t *ctx = loop_begin(NULL);
  clock_stop(ctx);
  netmcu_udp *a = bind_udp(ctx, "a", port, NULL), *b = new_udp(ctx, "b");
  char text[8];
  send_to(a, "127.255.255.255", port, "self");
  send_to(b, "127.255.255.255", port, "self");
  send_to(a, "127.255.255.255", other, "hello");
  assert_int_equal(datagram_receive(foreign, text, sizeof text, NULL), 5);
  datagram_send(fd, "127.255.255.255", port, "foreign", 7);
  loop_until_called(ctx, "a foreign", 1);
  expect_calls("a foreign", 1);
  netmcu_udp_free(a);
  netmcu_udp_free(b);
  loop_end(ctx);
  close(fd);
  close(foreign);
}

int main(void)
{
  const struct CMUnitTest joining[] = {
      own_loop(test_arguments),
      own_loop(test_out_of_memory),
      both_loops(test_join_before_and_after_bind),
      own_loop(test_leave),
      own_loop(test_ttl),
      own_loop(test_leave_one_of_two),
      own_loop(test_leave_every_interface_leaves_a_named_one),
      own_loop(test_groups_of_other_programs),
  };
  const struct CMUnitTest ports[] = {
      own_loop(test_listen_on_a_group),
      own_loop(test_port_shared_with_a_daemon),
  };
  const struct CMUnitTest own[] = {
      own_loop(test_own_multicasts),
      own_loop(test_two_own_members),
      own_loop(test_own_broadcasts),
  };
  return cmocka_run_group_tests_name("a membership counts for every socket until it is left", joining, NULL, NULL) +
         cmocka_run_group_tests_name("members of a group share its port", ports, NULL, NULL) +
         cmocka_run_group_tests_name("a script does not receive its own datagrams, others do", own, NULL, NULL);
}
