/* The memory of simulated hosts: it does not grow while connections come and go or while hosts crash
 * and restart, it serves more objects than fit into the region of a host, and it stays with its
 * world. The world is created without the counting allocator where the tests say so. */
#include "world.h"

#define CLIENTS 40
#define NAMES   10

static netmcu_sim *sim;
static netmcu_sim_host *hub, *device;
static unsigned greeted, answered, ended;

static void hub_receives(netmcu_connection *c, const char *data, size_t size)
{
  greeted++;
  netmcu_connection_send(c, data, size);
  netmcu_connection_free(c); /* when everything is sent */
}

static const netmcu_connection_events of_hub = {.receive = hub_receives};

static void hub_accepts(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  netmcu_connection_on(client, &of_hub);
}

static void greet(netmcu_connection *c)
{
  char text[32];
  snprintf(text, sizeof text, "device %p", netmcu_connection_get_data(c));
  netmcu_connection_send(c, text, strlen(text));
}

static void device_receives(netmcu_connection *c, const char *data, size_t size)
{
  char text[32];
  snprintf(text, sizeof text, "device %p", netmcu_connection_get_data(c));
  assert_int_equal(size, strlen(text));
  assert_memory_equal(data, text, size);
  answered++;
}

static void device_ends(netmcu_connection *c, int error)
{
  assert_int_equal(error, 0);
  netmcu_connection_free(c);
  ended++;
}

static const netmcu_connection_events of_device = {
    .connection = greet, .receive = device_receives, .disconnection = device_ends};

static void connect_device(uintptr_t number)
{
  netmcu_connection *c = netmcu_connection_new(netmcu_sim_context(device, NULL));
  netmcu_connection_set_data(c, (void *)number);
  netmcu_connection_on(c, &of_device);
  assert_int_equal(netmcu_connection_connect(c, 80, "hub"), 0);
}

static void begin(void)
{
  sim = netmcu_sim_new(1, 0);
  hub = netmcu_sim_host_new(sim, "hub", NULL, NETMCU_SIM_DESKTOP);
  device = netmcu_sim_host_new(sim, "device", NULL, NETMCU_SIM_DESKTOP);
  greeted = answered = ended = 0;
  netmcu_server *server = netmcu_server_new(netmcu_sim_context(hub, NULL));
  assert_int_equal(netmcu_server_listen(server, 80, NULL, 0, hub_accepts), 0);
}

static uint64_t memory_of(netmcu_sim_host *host)
{
  netmcu_statistics statistics = NETMCU_STATISTICS_INIT;
  assert_int_equal(netmcu_get_statistics(netmcu_sim_context(host, NULL), &statistics), 0);
  return statistics.memory;
}

static void check_memory(netmcu_sim_host *host, uint64_t *expected)
{
  if (*expected == 0)
    *expected = memory_of(host);
  assert_true(*expected > 0);
  assert_int_equal(memory_of(host), *expected);
}

static void test_connections_come_and_go(void **state)
{
  (void)state;
  uint64_t of_hub_then = 0, of_device_then = 0;
  begin();
  for (unsigned round = 1; round <= 5; round++) {
    for (uintptr_t number = 1; number <= CLIENTS; number++)
      connect_device(number);
    netmcu_sim_run(sim, 200 * (uint64_t)S);
    assert_int_equal(greeted, round * CLIENTS);
    assert_int_equal(answered, round * CLIENTS);
    assert_int_equal(ended, round * CLIENTS);
    check_memory(hub, &of_hub_then);
    check_memory(device, &of_device_then);
  }
  netmcu_sim_free(sim);
}

static void test_hosts_crash_and_restart(void **state)
{
  (void)state;
  uint64_t of_hub_then = 0, of_device_then = 0;
  begin();
  for (unsigned round = 0; round < 5; round++) {
    connect_device(round);
    netmcu_sim_run(sim, 2 * MS); /* in the middle of it */
    netmcu_sim_crash(device);
    netmcu_sim_run(sim, 10 * 60 * (uint64_t)S);
    netmcu_sim_restart(device);
    check_memory(hub, &of_hub_then);
    check_memory(device, &of_device_then);
  }
  netmcu_sim_free(sim);
}

static void on_answer(void *data, int error, const netmcu_address *addresses, size_t count)
{
  assert_int_equal(error, 0);
  assert_int_equal(count, 1);
  assert_string_equal(loop_ip(&addresses[0]), data);
  answered++;
}

/* The cache of names grows with each of them, and the second answer comes from there. */
static void test_names_stay_known(void **state)
{
  (void)state;
  char names[NAMES][16], ips[NAMES][16];
  begin();
  for (unsigned i = 0; i < NAMES; i++) {
    snprintf(names[i], sizeof names[i], "name%u.test", i);
    snprintf(ips[i], sizeof ips[i], "203.0.113.%u", i);
    assert_int_equal(netmcu_sim_add_name(sim, names[i], ips[i]), 0);
  }
  for (unsigned i = 0; i < 2 * NAMES; i++) {
    netmcu_t *ctx = netmcu_sim_context(device, NULL);
    assert_int_equal(netmcu_resolve(ctx, names[i % NAMES], on_answer, ips[i % NAMES], NULL), 0);
    netmcu_sim_run(sim, 50 * MS);
  }
  assert_int_equal(answered, 2 * NAMES);
  netmcu_sim_free(sim);
}

/* The order in which the hosts end does not matter. */
static void test_world_ends_with_open_connections(void **state)
{
  (void)state;
  begin();
  for (uintptr_t number = 1; number <= CLIENTS; number++)
    connect_device(number);
  for (unsigned part = 0; part < 20; part++)
    netmcu_sim_step(sim);
  netmcu_sim_run(sim, 3 * MS);
  netmcu_sim_free(sim);
}

static void test_own_allocator_is_used(void **state)
{
  (void)state;
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DESKTOP);
  world_serve(&journal_events);
  netmcu_sim_run(world.sim, 1 * MS);
  size_t idle = loop_blocks();
  assert_true(idle > 0);
  assert_int_equal(memory_of(world.host_a), 0);
  netmcu_sim_host *other = netmcu_sim_host_new(world.sim, "other", NULL, NETMCU_SIM_DEVICE);
  netmcu_connection *c = netmcu_connection_new(netmcu_sim_context(other, NULL));
  assert_int_equal(loop_blocks(), idle);
  assert_int_equal(netmcu_connection_connect(c, 80, "b"), 0);
  netmcu_sim_run(world.sim, 100 * MS);
  assert_true(loop_blocks() > idle); /* by the server's side of the connection */
  forget_calls();
  world_end();
}

static void test_options_outlive_the_world(void **state)
{
  (void)state;
  begin();
  netmcu_options options = loop_options(netmcu_sim_context(hub, NULL));
  netmcu_sim_free(sim);
  netmcu_t *ctx = netmcu_new(NULL, &options);
  assert_non_null(ctx);
  assert_non_null(netmcu_connection_new(ctx));
  assert_int_equal(netmcu_close(ctx, NULL, NULL), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_connections_come_and_go),          own_loop(test_hosts_crash_and_restart),
      own_loop(test_world_ends_with_open_connections), own_loop(test_own_allocator_is_used),
      own_loop(test_options_outlive_the_world),        own_loop(test_names_stay_known),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
