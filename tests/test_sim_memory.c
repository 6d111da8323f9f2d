/* A context on a simulated host copes with each allocation that fails, as on the system's stack. */
#include "world.h"

static void on_accept(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  netmcu_connection_send(client, "welcome", 7);
}

static void on_receive(netmcu_connection *c, const char *data, size_t size)
{
  netmcu_connection_send(c, data, size);
  netmcu_connection_close(c);
}

static const netmcu_connection_events events = {.receive = on_receive};

/* Returns false if fewer allocations than this were made. */
static bool run_with_failure(size_t number, bool onwards)
{
  world_begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DEVICE);
  size_t before = loop_allocations();
  loop_fail_allocation(number, onwards);
  netmcu_server *server = netmcu_server_new(world.b);
  if (server)
    netmcu_server_listen(server, 80, NULL, 0, on_accept);
  netmcu_connection *c = netmcu_connection_new(world.a);
  if (c) {
    netmcu_connection_on(c, &events);
    netmcu_connection_connect(c, 80, "b");
  }
  netmcu_udp *u = netmcu_udp_new(world.a);
  if (u)
    netmcu_udp_listen(u, 5000, NULL);
  netmcu_ping(world.a, "10.0.0.3", 1, NULL, NULL, NULL);
  netmcu_sim_run(world.sim, 30 * S);
  bool was_reached = loop_allocations() - before >= number;
  loop_fail_allocation(0, false);
  world_end();
  return was_reached;
}

static void test_each_allocation_fails_once(void **state)
{
  size_t number = 1;
  (void)state;
  while (run_with_failure(number, false))
    number++;
  assert_true(number > 10);
}

static void test_memory_runs_out(void **state)
{
  (void)state;
  for (size_t number = 1; run_with_failure(number, true) && number < 100; number++) {
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_each_allocation_fails_once), own_loop(test_memory_runs_out)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
