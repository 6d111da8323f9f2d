/* Rare cases: faults as the trace reports them, more groups than the system allows for a socket,
 * and a privileged port that is moved up. */
#include <unistd.h>

#include "namespace.h"
#include "objects.h"
#include "peer.h"

/* ---- the trace of faults --------------------------------------------------------------------- */

static void told(netmcu_t *ctx, const netmcu_trace_event *event, void *data)
{
  (void)ctx;
  (void)data;
  if (strcmp(event->what, "fault") == 0 || strcmp(event->what, "listen") == 0)
    called("%s %s", event->what, event->detail ? event->detail : "-");
}

static void silent(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  (void)data;
  (void)size;
}

static void ended(netmcu_connection *c, int error)
{
  (void)c;
  called("ended %d", error);
}

static void greet(peer *p)
{
  peer_send(p, "hello", 5);
  peer_finish(p);
  peer_read_to_end(p);
}

static void expect_fault(const char *rule, const char *expected)
{
  static const netmcu_connection_events events = {.receive = silent, .disconnection = ended};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(greet, NULL);
  assert_int_equal(netmcu_set_trace(ctx, told, NULL), 0);
  assert_int_equal(netmcu_set_fault(ctx, rule), 0);
  netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
  loop_run(ctx);
  expect_journal(expected);
  netmcu_connection_free(c);
  peer_end(p, NULL);
  loop_end(ctx);
}

static void test_faults_are_told(void **state)
{
  (void)state;
  expect_fault("refuse", "fault refuse, ended -9");
  expect_fault("reset,after=3", "fault reset after 3 bytes, ended -9");
  expect_fault("delay,ms=20", "fault delay of 20 ms, ended 0");
  expect_fault("cut,size=2", "fault cut into 2 bytes, ended 0");
}

static void test_listening_elsewhere_is_told(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_set_trace(ctx, told, NULL), 0);
  assert_int_equal(netmcu_map_port(ctx, "5353/udp=0"), 0);
  netmcu_udp *u = netmcu_udp_new(ctx);
  assert_int_equal(netmcu_udp_listen(u, 5353, "127.0.0.1"), 0);
  char expected[64];
  snprintf(expected, sizeof expected, "listen really port %u", (unsigned)netmcu_get_mapped_port(ctx, 1, 5353));
  expect_journal(expected);
  netmcu_udp_free(u);
  loop_end(ctx);
}

/* ---- too many groups ------------------------------------------------------------------------- */

static void test_more_groups_than_a_socket_may_have(void **state)
{
  (void)state;
  char group[32];
  int error = 0, joined = 0;
  if (!namespaces_begin())
    skip();
  namespace_run("echo 10 >/proc/sys/net/ipv4/igmp_max_memberships");
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = netmcu_udp_new(ctx);
  assert_int_equal(netmcu_udp_listen(u, 0, "0.0.0.0"), 0);
  for (int i = 0; i < 20 && error == 0; i++) {
    snprintf(group, sizeof group, "239.77.0.%d", i + 1);
    error = netmcu_multicast_join(ctx, "10.77.1.1", group);
    joined += error == 0;
  }
  assert_true(error != 0);
  assert_int_equal(joined, 10);
  /* Not a member. */
  assert_int_equal(netmcu_multicast_leave(ctx, "10.77.1.1", group), NETMCU_EVALUE);
  assert_int_equal(netmcu_multicast_leave(ctx, "10.77.1.1", "239.77.0.1"), 0);
  assert_int_equal(netmcu_multicast_join(ctx, "10.77.1.1", group), 0);
  netmcu_udp_free(u);
  loop_end(ctx);
  namespaces_end();
}

/* ---- ports that need a privilege ------------------------------------------------------------- */

#ifndef _WIN32
static void noticed(netmcu_t *ctx, int divergence, const char *text, void *data)
{
  (void)ctx;
  (void)data;
  called("%d %s", divergence, text);
}

static void test_port_moves_up(void **state)
{
  (void)state;
  if (!namespaces_begin())
    skip();
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_set_warning(ctx, noticed, NULL);
  netmcu_server *server = netmcu_server_new(ctx);
  netmcu_udp *u = netmcu_udp_new(ctx);
  /* The namespace refuses its privileged ports to everyone but root. */
  assert_int_equal(seteuid(65534), 0);
  int refused = netmcu_server_listen(server, 80, NULL, 0, accept_journal);
  int set = netmcu_map_port(ctx, "auto");
  int tcp = netmcu_server_listen(server, 80, NULL, 0, accept_journal), udp = netmcu_udp_listen(u, 53, NULL);
  assert_int_equal(seteuid(0), 0);
  assert_int_equal(netmcu_uv_error(refused), UV_EACCES);
  assert_true(set == 0 && tcp == 0 && udp == 0);
  assert_int_equal(netmcu_get_mapped_port(ctx, 0, 80), 8080);
  assert_int_equal(netmcu_get_mapped_port(ctx, 1, 53), 8053);
  expect_journal(
      "-1 TCP port 80 needs a privilege: listening on 8080, -1 UDP port 53 needs a privilege: listening on 8053");
  netmcu_server_free(server);
  netmcu_udp_free(u);
  loop_end(ctx);
  namespaces_end();
}
#endif

int main(void)
{
  const struct CMUnitTest tests[] = {both_loops(test_faults_are_told), own_loop(test_listening_elsewhere_is_told),
                                     own_loop(test_more_groups_than_a_socket_may_have),
#ifndef _WIN32
                                     own_loop(test_port_moves_up)
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
