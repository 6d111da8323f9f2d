/* Addresses, ports and names of simulated hosts: no two of anything, and only what can be. */
#include "world.h"

static netmcu_connection *connect_to(const char *host)
{
  netmcu_connection *c = netmcu_connection_new(world.a);
  assert_int_equal(netmcu_connection_connect(c, 80, host), 0);
  netmcu_sim_run(world.sim, 100 * MS);
  return c;
}

static uint16_t port_of(const netmcu_connection *c)
{
  netmcu_address address;
  assert_int_equal(netmcu_connection_get_address(c, &address), 0);
  return address.port;
}

static void on_accept(netmcu_server *server, netmcu_connection *client)
{
  unsigned *count = netmcu_server_get_data(server);
  (*count)++;
  netmcu_connection_free(client);
}

static uint16_t bind_udp(uint16_t port, int expected)
{
  netmcu_udp *u = netmcu_udp_new(world.a);
  netmcu_address address = {.port = 0};
  assert_int_equal(netmcu_udp_listen(u, port, NULL), expected);
  if (expected == 0)
    assert_int_equal(netmcu_udp_get_address(u, &address), 0);
  return address.port;
}

static void test_free_ports(void **state)
{
  unsigned count = 0;
  (void)state;
  world_begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP);
  world_serve(NULL);
  netmcu_server *taken = netmcu_server_new(world.a);
  netmcu_server_set_data(taken, &count);
  uint16_t port = port_of(connect_to("b"));
  assert_int_equal(netmcu_server_listen(taken, (uint16_t)(port + 1), NULL, 0, on_accept), 0);
  assert_int_equal(port_of(connect_to("b")), port + 2);

  port = bind_udp(0, 0);
  bind_udp((uint16_t)(port + 1), 0);
  assert_int_equal(bind_udp(0, 0), port + 2);
  bind_udp((uint16_t)(port + 1), NETMCU_EADDRINUSE);
  world_end();
}

static void test_a_server_outlives_its_backlog(void **state)
{
  unsigned count = 0;
  (void)state;
  world_begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP);
  netmcu_server *server = netmcu_server_new(world.b);
  netmcu_server_set_data(server, &count);
  assert_int_equal(netmcu_server_listen(server, 80, NULL, 3, on_accept), 0);
  for (unsigned i = 1; i <= 10; i++) {
    netmcu_connection_free(connect_to("b"));
    assert_int_equal(count, i);
  }
  world_end();
}

static void test_addresses_of_listeners(void **state)
{
  unsigned count = 0;
  (void)state;
  for (int profile = NETMCU_SIM_DEVICE; profile <= NETMCU_SIM_DESKTOP; profile++) {
    static const char *const addresses[] = {"10.0.0.2", "127.0.0.1", "10.0.0.99"};
    world_begin(profile, profile);
    for (int i = 0; i < 3; i++) {
      netmcu_server *server = netmcu_server_new(world.a);
      netmcu_server_set_data(server, &count);
      assert_int_equal(netmcu_server_listen(server, 80, addresses[i], 0, on_accept),
                       profile == NETMCU_SIM_DEVICE || i < 2 ? 0 : NETMCU_EVALUE);
    }
    netmcu_server *again = netmcu_server_new(world.a);
    assert_int_equal(netmcu_server_listen(again, 80, "127.0.0.1", 0, on_accept),
                     profile == NETMCU_SIM_DEVICE ? NETMCU_ENOMEM : NETMCU_EADDRINUSE);
    assert_int_equal(netmcu_server_listen(again, 80, NULL, 0, on_accept),
                     profile == NETMCU_SIM_DEVICE ? 0 : NETMCU_EADDRINUSE);
    world_end();
  }
}

/* 10.0.0.255 and 10.0.1.0 belong to nobody. */
static void test_many_hosts(void **state)
{
  (void)state;
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DEVICE);
  for (unsigned i = 0; i < 300; i++) {
    char name[16];
    snprintf(name, sizeof name, "host%u", i);
    netmcu_sim_host *host = netmcu_sim_host_new(world.sim, name, NULL, NETMCU_SIM_DEVICE);
    netmcu_address ip = netmcu_sim_host_address(host);
    unsigned expected = 4 + i + (4 + i >= 255 ? 2 : 0);
    assert_int_equal(ip.ip[2] << 8 | ip.ip[3], expected);
    assert_ptr_equal(netmcu_sim_host_find(world.sim, name), host);
  }
  world_end();
}

static void test_a_new_name(void **state)
{
  (void)state;
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DEVICE);
  assert_int_equal(netmcu_sim_set_name(world.host_a, "b"), NETMCU_EVALUE);
  assert_int_equal(netmcu_sim_set_name(world.host_a, "c d"), NETMCU_EVALUE);
  assert_int_equal(netmcu_sim_set_name(world.host_a, "lamp"), 0);
  assert_string_equal(netmcu_sim_host_name(world.host_a), "lamp");
  assert_ptr_equal(netmcu_sim_host_find(world.sim, "lamp"), world.host_a);
  assert_null(netmcu_sim_host_find(world.sim, "a"));
  world_end();
}

static void on_datagram(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  (void)u;
  (void)from;
  called("%.*s", (int)size, data);
}

static void test_the_broadcast_address_of_the_network(void **state)
{
  static const netmcu_udp_events events = {.receive = on_datagram};
  netmcu_address to = {.port = 0};
  (void)state;
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DEVICE);
  netmcu_udp *from = netmcu_udp_new(world.a), *u = netmcu_udp_new(world.b);
  netmcu_udp_on(u, &events);
  assert_int_equal(netmcu_udp_listen(u, 5000, NULL), 0);
  assert_int_equal(netmcu_address_parse("10.255.255.255:5000", &to), 0);
  assert_int_equal(netmcu_udp_send(from, &to, "all", 3), 0);
  assert_int_equal(netmcu_address_parse("11.255.255.255:5000", &to), 0);
  assert_int_equal(netmcu_udp_send(from, &to, "nobody", 6), 0);
  assert_int_equal(netmcu_address_parse("[fe80::1]:5000", &to), 0);
  assert_int_equal(netmcu_udp_send(from, &to, "nobody", 6), NETMCU_ENOTSUP);
  netmcu_sim_run(world.sim, 1 * S);
  expect_journal("all");
  world_end();
}

/* What is no question gets no answer, and the name server goes on. */
static void test_malformed_questions(void **state)
{
  static const struct {
    const char *bytes;
    size_t size;
  } questions[] = {{"", 1},
                   {"\0\1\1\0\0\1\0\0\0\0\0\0", 12},
                   {"\0\1\1\0\0\1\0\0\0\0\0\0\1b\0\0\1\0", 18},
                   {"\0\1\1\0\0\1\0\0\0\0\0\0\x40z\0\0\1\0\1", 19},
                   {"\0\1\1\0\0\1\0\0\0\0\0\0\5b\0\0\1\0\1", 19}};
  static const netmcu_udp_events events = {.receive = on_datagram};
  netmcu_address to = {.port = 0};
  (void)state;
  world_begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP);
  netmcu_udp *u = netmcu_udp_new(world.a);
  netmcu_udp_on(u, &events);
  assert_int_equal(netmcu_udp_listen(u, 5000, NULL), 0);
  assert_int_equal(netmcu_address_parse("10.0.0.1:53", &to), 0);
  for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
    assert_int_equal(netmcu_udp_send(u, &to, questions[i].bytes, questions[i].size), 0);
  netmcu_resolve(world.a, "b", journal_lookup, NULL, NULL);
  netmcu_sim_run(world.sim, 1 * S);
  expect_journal("lookup 0 10.0.0.3");
  world_end();
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_free_ports),
                                     own_loop(test_a_server_outlives_its_backlog),
                                     own_loop(test_addresses_of_listeners),
                                     own_loop(test_many_hosts),
                                     own_loop(test_a_new_name),
                                     own_loop(test_the_broadcast_address_of_the_network),
                                     own_loop(test_malformed_questions)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
