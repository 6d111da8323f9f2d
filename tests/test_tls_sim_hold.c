/* A hold of a TLS connection keeps back what arrives, also on a simulated device in strict mode. */
#include "netmcu_device.h"
#include "tls.h"
#include "world.h"

static netmcu_tls_options server_options;

static netmcu_connection *client;
static size_t received;

static void count(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  (void)data;
  received += size;
}

static void accept_with_tls(netmcu_server *server, netmcu_connection *c)
{
  (void)server;
  world_client = c;
  assert_int_equal(netmcu_connection_use_tls(c, &server_options), 0);
}

static void test_hold_of_tls(void **state)
{
  static const char data[1000];
  static const netmcu_connection_events events = {.receive = count};
  netmcu_tls_options options = tls_client();
  (void)state;
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DESKTOP);
  netmcu_set_strict(world.a, 1);
  received = 0;
  server_options = tls_server("server");
  netmcu_server *server = netmcu_server_new(world.b);
  assert_int_equal(netmcu_server_listen(server, 443, NULL, 0, accept_with_tls), 0);
  client = netmcu_connection_new(world.a);
  netmcu_connection_on(client, &events);
  options.server_name = "localhost";
  assert_int_equal(netmcu_connection_use_tls(client, &options), 0);
  assert_int_equal(netmcu_connection_connect(client, 443, "b"), 0);
  netmcu_sim_run(world.sim, 5 * S);
  netmcu_connection_hold(client);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(netmcu_connection_send(world_client, data, sizeof data), 0);
    netmcu_sim_run(world.sim, 1 * S);
  }
  assert_int_equal(received, 0);
  netmcu_connection_unhold(client);
  netmcu_sim_run(world.sim, 100 * S);
  assert_int_equal(received, 3000);
  netmcu_server_free(server);
  netmcu_connection_free(client);
  netmcu_connection_free(world_client);
  world_client = NULL;
  world_end();
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_hold_of_tls)};
  return cmocka_run_group_tests(tests, tls_set_up, tls_tear_down);
}
