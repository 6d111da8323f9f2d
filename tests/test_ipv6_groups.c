/* Groups of IPv6, on the cables of a host in a network namespace: a member receives what is sent to
 * its group on its interfaces, until it leaves. */
#include <arpa/inet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop.h"
#include "namespace.h"

#define GROUP "ff02::4d43:7"
#define LEFT  "2001:db8:1::1"
#define RIGHT "2001:db8:2::1"

static void on_receive(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  (void)u;
  (void)from;
  called("%.*s", (int)size, data);
}

static const netmcu_udp_events events = {.receive = on_receive};

/* Sends from a socket of the system, on an interface. */
static bool send_on(const char *name, const char *ip, uint16_t port, const char *text)
{
  struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_scope_id = if_nametoindex(name)};
  int fd = socket(AF_INET6, SOCK_DGRAM, 0);
  assert_int_equal(inet_pton(AF_INET6, ip, &to.sin6_addr), 1);
  ssize_t sent = sendto(fd, text, strlen(text), 0, (struct sockaddr *)&to, sizeof to);
  close(fd);
  return sent == (ssize_t)strlen(text);
}

/* Skips the test, with the reason, on a system without namespaces or IPv6. */
static void begin_host(void)
{
  if (!namespaces_begin())
    skip();
  if (!send_on("lo", "::1", 9, "x")) {
    print_message("this system has no IPv6\n");
    namespaces_end();
    skip();
  }
  namespace_run("ip -6 addr add " LEFT "/64 dev left0 nodad && ip -6 addr add " RIGHT "/64 dev right0 nodad");
}

static uint16_t listen_on(netmcu_udp *u, uint16_t port)
{
  netmcu_address own;
  assert_int_equal(netmcu_udp_listen(u, port, NULL), 0);
  assert_int_equal(netmcu_udp_get_address(u, &own), 0);
  return own.port;
}

/* Sends to the group on both cables, and expects what comes from it. "end" always comes, after what
 * was sent before it. */
static void expect_from_group(netmcu_t *ctx, uint16_t port, bool left, bool right)
{
  forget_calls();
  assert_true(send_on("left0", GROUP, port, "left"));
  if (left)
    loop_until_called(ctx, "left", 1);
  assert_true(send_on("right0", GROUP, port, "right"));
  if (right)
    loop_until_called(ctx, "right", 1);
  assert_true(send_on("lo", "::1", port, "end"));
  loop_until_called(ctx, "end", 1);
  assert_int_equal(calls("left"), left);
  assert_int_equal(calls("right"), right);
  forget_calls();
}

static void test_on_one_interface(void **state)
{
  (void)state;
  begin_host();
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = netmcu_udp_new(ctx);
  netmcu_udp_on(u, &events);
  uint16_t port = listen_on(u, 0);
  expect_from_group(ctx, port, false, false);
  assert_int_equal(netmcu_multicast_join(ctx, LEFT, GROUP), 0);
  assert_int_equal(netmcu_multicast_join(ctx, LEFT, GROUP), 0);
  expect_from_group(ctx, port, true, false);
  assert_int_equal(netmcu_multicast_join(ctx, RIGHT, GROUP), 0);
  expect_from_group(ctx, port, true, true);
  assert_int_equal(netmcu_multicast_leave(ctx, LEFT, GROUP), 0);
  expect_from_group(ctx, port, false, true);
  assert_int_equal(netmcu_multicast_leave(ctx, LEFT, GROUP), NETMCU_EVALUE);
  netmcu_udp_free(u);
  loop_end(ctx);
  namespaces_end();
}

/* A socket that is bound later is a member too. */
static void test_on_every_interface(void **state)
{
  (void)state;
  begin_host();
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = netmcu_udp_new(ctx);
  netmcu_udp_on(u, &events);
  assert_int_equal(netmcu_multicast_join(ctx, NULL, GROUP), 0);
  uint16_t port = listen_on(u, 0);
  expect_from_group(ctx, port, true, true);
  assert_int_equal(netmcu_multicast_leave(ctx, NULL, GROUP), 0);
  expect_from_group(ctx, port, false, false);
  netmcu_udp_free(u);
  loop_end(ctx);
  namespaces_end();
}

static void test_what_is_refused(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_multicast_join(ctx, "::1", "fe80::1"), NETMCU_EVALUE);
  assert_int_equal(netmcu_multicast_join(ctx, "127.0.0.1", GROUP), NETMCU_EVALUE);
  assert_int_equal(netmcu_multicast_join(ctx, "::1", "224.0.0.251"), NETMCU_EVALUE);
  assert_int_equal(netmcu_multicast_join(ctx, "2001:db8::1", GROUP), NETMCU_ENETIF);
  assert_int_equal(netmcu_multicast_leave(ctx, "2001:db8::1", GROUP), NETMCU_ENETIF);
  assert_int_equal(netmcu_multicast_leave(ctx, NULL, GROUP), NETMCU_EVALUE);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_on_one_interface),
      own_loop(test_on_every_interface),
      own_loop(test_what_is_refused),
  };
  return cmocka_run_group_tests_name("members receive what is sent to groups of IPv6", tests, NULL, NULL);
}
