/* The simulated network other than TCP: datagrams, groups, pings, names, interfaces. */
#include "world.h"

static void on_receive(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  char text[NETMCU_ADDRESS_SIZE];
  called("%s: %.*s from %s", (const char *)netmcu_udp_get_data(u), (int)size, data, netmcu_address_format(from, text));
}

static const netmcu_udp_events events = {.receive = on_receive};

static netmcu_udp *open_udp(netmcu_t *ctx, uint16_t port, const char *ip, const char *name)
{
  netmcu_udp *u = netmcu_udp_new(ctx);
  netmcu_udp_set_data(u, (void *)(uintptr_t)name);
  netmcu_udp_on(u, &events);
  if (port)
    assert_int_equal(netmcu_udp_listen(u, port, ip), 0);
  return u;
}

static int send_text(netmcu_udp *u, const char *to, const char *text)
{
  netmcu_address address = {.port = 0};
  assert_int_equal(netmcu_address_parse(to, &address), 0);
  return netmcu_udp_send(u, &address, text, strlen(text));
}

static void test_datagrams(void **state)
{
  (void)state;
  world_begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DEVICE);
  netmcu_udp *a = open_udp(world.a, 5000, NULL, "a"), *b = open_udp(world.b, 5000, NULL, "b");
  assert_int_equal(send_text(a, "10.0.0.3:5000", "one"), 0);
  assert_int_equal(send_text(b, "127.0.0.1:5000", "self"), 0);
  assert_int_equal(send_text(b, "10.0.0.2:5001", "no socket"), 0);
  netmcu_sim_run(world.sim, 100 * MS);
  expect_journal("b: self from 127.0.0.1:5000, b: one from 10.0.0.2:5000");
  netmcu_udp *again = netmcu_udp_new(world.a);
  assert_int_equal(netmcu_udp_listen(again, 5000, NULL), NETMCU_EADDRINUSE);
  assert_int_equal(netmcu_udp_listen(again, 5001, "::1"), NETMCU_ENOTSUP);
  assert_int_equal(netmcu_udp_listen(again, 5001, "10.0.0.9"), NETMCU_EVALUE);
  world_end();
}

/* A desktop sends a large datagram in fragments, and a device does not send it at all. */
static void test_large_datagrams(void **state)
{
  (void)state;
  static char data[3000];
  memset(data, 'x', sizeof data - 1);
  world_begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DEVICE);
  netmcu_udp *a = open_udp(world.a, 5000, NULL, "a"), *b = open_udp(world.b, 5000, NULL, "b");
  send_text(a, "10.0.0.3:5000", data);
  netmcu_sim_run(world.sim, 100 * MS);
  assert_int_equal(strncmp(journal(), "b: xxx", 6), 0);
  forget_calls();
  send_text(b, "10.0.0.2:5000", data);
  netmcu_sim_run(world.sim, 100 * MS);
  expect_journal("");
  world_end();
}

static void test_loss_duplication_and_reordering_of_datagrams(void **state)
{
  (void)state;
  unsigned arrived[4];
  for (int kind = 0; kind < 4; kind++) {
    netmcu_sim_link link = NETMCU_SIM_LINK_INIT;
    link.loss = kind == 1 ? 0.5 : 0;
    link.duplication = kind == 2 ? 0.5 : 0;
    link.reordering = kind == 3 ? 0.5 : 0;
    world_begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP);
    netmcu_sim_set_path(world.sim, world.host_a, world.host_b, &link);
    netmcu_udp *a = open_udp(world.a, 5000, NULL, "a");
    open_udp(world.b, 5000, NULL, "b");
    for (int i = 0; i < 100; i++) {
      send_text(a, "10.0.0.3:5000", i % 2 ? "odd" : "even");
      netmcu_sim_run(world.sim, 100);
    }
    netmcu_sim_run(world.sim, 100 * MS);
    unsigned even = calls("b: even from 10.0.0.2:5000"), odd = calls("b: odd from 10.0.0.2:5000");
    arrived[kind] = even + odd;
    bool is_in_order = strstr(journal(), "odd from 10.0.0.2:5000, b: odd") == NULL;
    assert_int_equal(is_in_order, kind == 0);
    forget_calls();
    world_end();
  }
  assert_int_equal(arrived[0], 100);
  assert_between(arrived[1], 30, 70);
  assert_between(arrived[2], 130, 170);
  assert_int_equal(arrived[3], 100);
}

/* A link of one host with all others has two directions as well. */
static void test_a_link_in_one_direction(void **state)
{
  netmcu_sim_link link = NETMCU_SIM_LINK_INIT, none = NETMCU_SIM_LINK_INIT;
  (void)state;
  world_begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP);
  netmcu_udp *a = open_udp(world.a, 5000, NULL, "a"), *b = open_udp(world.b, 5000, NULL, "b");
  link.loss = 1;
  for (int i = 0; i < 2; i++) {
    netmcu_sim_set_path(world.sim, world.host_a, NULL, i == 0 ? &link : &none);
    netmcu_sim_set_path(world.sim, NULL, world.host_a, i == 1 ? &link : &none);
    send_text(a, "10.0.0.3:5000", "from");
    send_text(b, "10.0.0.2:5000", "to");
    netmcu_sim_run(world.sim, 100 * MS);
  }
  expect_journal("a: to from 10.0.0.3:5000, b: from from 10.0.0.2:5000");
  world_end();
}

static void test_broadcast_and_multicast(void **state)
{
  (void)state;
  world_begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DEVICE);
  netmcu_sim_host *third = netmcu_sim_host_new(world.sim, "c", NULL, NETMCU_SIM_DEVICE);
  netmcu_udp *a = open_udp(world.a, 5000, NULL, "a");
  open_udp(world.b, 5000, NULL, "b");
  open_udp(world_context(third), 5000, NULL, "c");
  send_text(a, "255.255.255.255:5000", "all");
  netmcu_sim_run(world.sim, 100 * MS);
  expect_journal("b: all from 10.0.0.2:5000, c: all from 10.0.0.2:5000");
  send_text(a, "224.0.0.251:5000", "nobody");
  netmcu_sim_run(world.sim, 100 * MS);
  expect_journal("");
  assert_int_equal(netmcu_multicast_join(netmcu_sim_context(third, NULL), NULL, "224.0.0.251"), 0);
  send_text(a, "224.0.0.251:5000", "members");
  netmcu_sim_run(world.sim, 100 * MS);
  expect_journal("c: members from 10.0.0.2:5000");
  assert_int_equal(netmcu_multicast_leave(netmcu_sim_context(third, NULL), NULL, "224.0.0.251"), 0);
  send_text(a, "224.0.0.251:5000", "nobody");
  netmcu_sim_run(world.sim, 100 * MS);
  expect_journal("");
  world_end();
}

static void on_reply(void *data, size_t bytes, const netmcu_address *from, unsigned sequence, double milliseconds)
{
  (void)data;
  (void)from;
  called("reply %zu %u %.1f", bytes, sequence, milliseconds);
}

static void on_done(void *data, const netmcu_ping_summary *summary)
{
  (void)data;
  called("done %u %u", summary->transmitted, summary->lost);
}

static void test_ping(void **state)
{
  static const netmcu_ping_events ping_events = {on_reply, on_done};
  (void)state;
  world_begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DEVICE);
  world_link(20 * MS, 0);
  assert_int_equal(netmcu_ping(world.a, "b", 2, &ping_events, NULL, NULL), 0);
  netmcu_sim_run(world.sim, 500 * MS);
  world_link(20 * MS, 1);
  netmcu_sim_run(world.sim, 10 * S);
  expect_journal("reply 32 1 40.0, reply 0 0 0.0, done 2 1");
  world_end();
}

static void look_up(const char *name)
{
  assert_int_equal(netmcu_resolve(world.a, name, journal_lookup, NULL, NULL), 0);
}

static void test_names(void **state)
{
  (void)state;
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DESKTOP);
  assert_int_equal(netmcu_sim_add_name(world.sim, "Cloud.Test", "203.0.113.5"), 0);
  assert_int_equal(netmcu_sim_add_name(world.sim, "bad name", "203.0.113.5"), NETMCU_EVALUE);
  assert_int_equal(netmcu_sim_add_name(world.sim, "cloud.test", "x"), NETMCU_EVALUE);
  look_up("B");
  look_up("cloud.test");
  look_up("unknown.test");
  netmcu_sim_run(world.sim, 1 * S);
  expect_journal("lookup 0 10.0.0.3, lookup 0 203.0.113.5, lookup -32 nil");
  assert_int_equal(netmcu_sim_add_name(world.sim, "cloud.test", NULL), 0);
  assert_int_equal(netmcu_sim_add_name(world.sim, "b", NULL), NETMCU_EVALUE);
  netmcu_sim_run(world.sim, 61 * S); /* the answer is kept for a minute */
  look_up("cloud.test");
  netmcu_sim_run(world.sim, 1 * S);
  expect_journal("lookup -32 nil");
  world_end();
}

static void test_name_server_that_fails(void **state)
{
  (void)state;
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DESKTOP);
  netmcu_sim_set_names(world.sim, 3 * S, 0, 0);
  look_up("b"); /* the second question is answered by the late answer to the first */
  netmcu_sim_run(world.sim, 2900 * MS);
  expect_journal("");
  netmcu_sim_run(world.sim, 200 * MS);
  expect_journal("lookup 0 10.0.0.3");
  netmcu_sim_set_names(world.sim, 0, 1, 0);
  look_up("a");
  netmcu_sim_run(world.sim, 100 * MS);
  expect_journal("lookup -32 nil");
  netmcu_sim_set_names(world.sim, 0, 0, 1);
  look_up("a");
  netmcu_sim_run(world.sim, 60 * S);
  expect_journal("lookup -3 nil");
  assert_int_equal(netmcu_dns_set_server(world.a, 0, "10.0.0.3"), 0); /* which is no name server */
  look_up("a");
  netmcu_sim_run(world.sim, 1 * S);
  expect_journal("lookup -32 nil");
  world_end();
}

static void test_interfaces(void **state)
{
  netmcu_interface info = {.size = sizeof info};
  (void)state;
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DESKTOP);
  assert_int_equal(netmcu_get_interface(world.a, 0, &info), 0);
  assert_string_equal(info.name, "wlan0");
  assert_int_equal(netmcu_get_interface(world.a, 1, &info), NETMCU_ENOTFOUND);
  world_end();
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_datagrams),
                                     own_loop(test_large_datagrams),
                                     own_loop(test_loss_duplication_and_reordering_of_datagrams),
                                     own_loop(test_a_link_in_one_direction),
                                     own_loop(test_broadcast_and_multicast),
                                     own_loop(test_ping),
                                     own_loop(test_names),
                                     own_loop(test_name_server_that_fails),
                                     own_loop(test_interfaces)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
