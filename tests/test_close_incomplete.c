/* A connection that ends before its output is delivered ends with a reset. The peer never takes a
 * part of the data for all of it. */
#include "objects.h"
#include "peer.h"
#include "world.h"

static char data[16 << 20];

static void read_late(peer *p)
{
  peer_wait(p);
  peer_read_to_end(p);
}

/* The context closes, and the peer takes nothing for as long as linger_timeout. */
static void test_context_closes_before_the_peer_reads(void **state)
{
  (void)state;
  peer_result result;
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.linger_timeout = 20;
  netmcu_t *ctx = loop_begin(&options);
  peer *p = peer_listen(read_late, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  assert_int_equal(netmcu_connection_send(c, data, sizeof data), 0);
  loop_files_may_differ();
  loop_close(ctx);
  peer_go(p);
  peer_end(p, &result);
  assert_true(result.reset && !result.ended);
  assert_true(result.received < sizeof data);
}

/* A minute after the close, the peer has still taken nothing. */
static void give_up(int sender)
{
  world_begin(sender, NETMCU_SIM_DESKTOP);
  netmcu_server *server = world_serve(&journal_events);
  netmcu_connection *c = world_connect(NULL);
  netmcu_sim_run(world.sim, 1 * S);
  netmcu_connection_hold(world_client);
  assert_int_equal(netmcu_connection_send(c, data, sizeof data), 0);
  netmcu_connection_free(c);
  netmcu_sim_run(world.sim, 300 * (uint64_t)S);
  forget_calls();
  netmcu_connection_unhold(world_client);
  netmcu_sim_run(world.sim, 10 * S);
  assert_int_equal(calls("disconnection -9") + calls("reconnection -9"), 1);
  forget_calls();
  netmcu_connection_free(world_client);
  netmcu_server_free(server);
  world_end();
}

static void test_desktop_gives_up_its_output(void **state)
{
  (void)state;
  give_up(NETMCU_SIM_DESKTOP);
}

static void test_device_gives_up_its_output(void **state)
{
  (void)state;
  give_up(NETMCU_SIM_DEVICE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_context_closes_before_the_peer_reads),
      own_loop(test_desktop_gives_up_its_output),
      own_loop(test_device_gives_up_its_output),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
