/* A hold on a simulated device in strict mode, which only closes the window, as on the chip. */
#include "netmcu_device.h"
#include "world.h"

static netmcu_connection *client;
static size_t received;

static void begin(void)
{
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DESKTOP);
  netmcu_set_strict(world.a, 1);
  received = 0;
}

static void end(void)
{
  netmcu_connection_free(client);
  netmcu_connection_free(world_client);
  world_client = NULL;
  world_end();
}

static void send_to_device(size_t size)
{
  static char data[30000];
  assert_int_equal(netmcu_connection_send(world_client, data, size), 0);
  netmcu_sim_run(world.sim, 10 * S);
}

static void count(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  (void)data;
  received += size;
}

static void answer_and_hold(netmcu_connection *c, const char *data, size_t size)
{
  count(c, data, size);
  netmcu_connection_hold(c);
  netmcu_connection_send(c, "x", 1);
}

static void unhold(netmcu_connection *c)
{
  netmcu_connection_unhold(c);
}

static void test_unhold_when_the_answer_is_sent(void **state)
{
  static const netmcu_connection_events events = {.receive = answer_and_hold, .sent = unhold},
                                        sink = {.receive = count};
  (void)state;
  begin();
  netmcu_server *server = world_serve(&sink);
  client = world_connect(&events);
  netmcu_sim_run(world.sim, 1 * S);
  send_to_device(30000);
  assert_true(received > 30000);
  netmcu_server_free(server);
  end();
}

static void test_unhold_after_strict_mode(void **state)
{
  static const netmcu_connection_events events = {.receive = count};
  (void)state;
  begin();
  netmcu_server *server = world_serve(NULL);
  client = world_connect(&events);
  netmcu_sim_run(world.sim, 1 * S);
  netmcu_connection_hold(client);
  send_to_device(30000);
  assert_in_range(received, 1, 5840);
  netmcu_set_strict(world.a, 0);
  netmcu_connection_unhold(client);
  netmcu_sim_run(world.sim, 200 * S);
  assert_int_equal(received, 30000);
  netmcu_server_free(server);
  end();
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_unhold_when_the_answer_is_sent),
                                     own_loop(test_unhold_after_strict_mode)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
