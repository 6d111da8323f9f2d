/* A peer that does not answer the SYN: NETMCU_EABORTED after connect_timeout. */
#include "fake.h"
#include "netmcu_device.h"
#include "objects.h"
#include "peer.h"

static netmcu_t *begin(unsigned timeout)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.connect_timeout = timeout;
  return loop_begin(&options);
}

static void test_after_the_time_out(void **state)
{
  (void)state;
  peer_deaf deaf;
  netmcu_t *ctx = begin(50);
  peer_deaf_begin(&deaf);
  double started = loop_milliseconds();
  netmcu_connection *c = open_connection(ctx, &journal_events, deaf.port);
  loop_run(ctx);
  expect_journal("dns 127.0.0.1, disconnection -8");
  assert_true(loop_milliseconds() - started >= 49);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  netmcu_connection_free(c);
  peer_deaf_end(&deaf);
  loop_end(ctx);
}

static netmcu_t *begin_fake(unsigned timeout)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.connect_timeout = timeout;
  return fake_begin(&options);
}

/* A last check for an answer that arrived during a long callback takes one millisecond. */
static void test_to_the_millisecond(void **state)
{
  (void)state;
  netmcu_t *ctx = begin_fake(6000);
  netmcu_connection *c = open_connection(ctx, &journal_events, 80);
  clock_pass(ctx, 5999);
  expect_journal("dns 127.0.0.1");
  clock_pass(ctx, 2);
  expect_journal("disconnection -8");
  netmcu_connection_free(c);
  loop_end(ctx);
}

/* The option applies when a connection starts. */
static void test_option_changed_meanwhile(void **state)
{
  (void)state;
  netmcu_t *ctx = begin_fake(100);
  netmcu_options options = loop_options(ctx);
  netmcu_connection *c = open_connection(ctx, &journal_events, 80);
  loop_run(ctx);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_CONNECTING);
  options.connect_timeout = 100000;
  assert_int_equal(netmcu_set_options(ctx, &options), 0);
  clock_pass(ctx, 101);
  expect_journal("dns 127.0.0.1, disconnection -8");
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_close_while_connecting(void **state)
{
  (void)state;
  netmcu_t *ctx = begin_fake(10000);
  netmcu_connection *c = open_connection(ctx, &journal_events, 80);
  loop_run(ctx);
  forget_calls();
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_CONNECTING);
  assert_int_equal(netmcu_connection_close(c), 0);
  assert_null(fake_stream(0)); /* at once */
  loop_run(ctx);
  expect_journal("");
  netmcu_connection_free(c);
  loop_end(ctx);
}

/* If there is output, the connect continues behind the closed object, for as long as that of an
 * open one. */
static void test_send_and_close_while_connecting(void **state)
{
  (void)state;
  netmcu_t *ctx = begin_fake(150);
  netmcu_connection *c = open_connection(ctx, &journal_events, 80);
  assert_int_equal(netmcu_connection_send(c, "x", 1), 0);
  netmcu_connection_free(c);
  clock_pass(ctx, 149);
  assert_non_null(fake_stream(0));
  clock_pass(ctx, 2);
  assert_null(fake_stream(0));
  expect_journal("");
  loop_end(ctx);
}

static netmcu_connection *connect_to_two_addresses(unsigned timeout)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.connect_timeout = timeout;
  netmcu_connection *c = netmcu_connection_new(fake_begin(&options));
  netmcu_connection_on(c, &journal_events);
  assert_int_equal(netmcu_connection_connect(c, 80, "localhost"), 0);
  return c;
}

static void test_each_address_has_the_whole_time(void **state)
{
  (void)state;
  netmcu_connection *c = connect_to_two_addresses(100);
  netmcu_t *ctx = netmcu_connection_get_context(c);
  clock_pass(ctx, 101);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_CONNECTING);
  expect_journal("dns ::1");
  clock_pass(ctx, 101);
  expect_journal("disconnection -8");
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_the_second_address_answers(void **state)
{
  (void)state;
  netmcu_connection *c = connect_to_two_addresses(100);
  netmcu_t *ctx = netmcu_connection_get_context(c);
  clock_pass(ctx, 101);
  fake_connected(fake_stream(fake_streams() - 1), 0);
  loop_run(ctx);
  expect_journal("dns ::1, connection");
  netmcu_connection_free(c);
  clock_pass(ctx, 2000);
  loop_end(ctx);
}

static void test_a_stalled_name_has_no_other_address(void **state)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  (void)state;
  options.connect_timeout = 100;
  netmcu_t *ctx = fake_begin(&options);
  assert_int_equal(netmcu_set_fault(ctx, "stall,peer=localhost"), 0);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &journal_events);
  assert_int_equal(netmcu_connection_connect(c, 80, "localhost"), 0);
  clock_pass(ctx, 101);
  expect_journal("dns ::1, disconnection -8");
  assert_int_equal(fake_streams(), 1);
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_addresses_while_connecting(void **state)
{
  (void)state;
  netmcu_address address;
  netmcu_t *ctx = begin_fake(10000);
  netmcu_connection *c = open_connection(ctx, NULL, 80);
  loop_run(ctx);
  assert_int_equal(netmcu_connection_get_peer(c, &address), 0);
  assert_int_equal(address.port, 80);
  assert_int_equal(address.ip[0], 127);
  assert_int_equal(netmcu_connection_get_address(c, &address), 0);
  netmcu_connection_free(c);
  loop_end(ctx);
}

/* The timeout does not affect an open connection. */
static void test_not_once_it_is_open(void **state)
{
  (void)state;
  netmcu_t *ctx = begin_fake(50);
  netmcu_connection *c = open_connection(ctx, &journal_events, 80);
  loop_run(ctx);
  fake_connected(fake_stream(0), 0);
  clock_pass(ctx, 1000000);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_OPEN);
  expect_journal("dns 127.0.0.1, connection");
  netmcu_connection_free(c);
  clock_pass(ctx, 2000);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_after_the_time_out),
      both_loops(test_to_the_millisecond),
      own_loop(test_option_changed_meanwhile),
      both_loops(test_close_while_connecting),
      own_loop(test_send_and_close_while_connecting),
      both_loops(test_each_address_has_the_whole_time),
      own_loop(test_the_second_address_answers),
      own_loop(test_a_stalled_name_has_no_other_address),
      own_loop(test_addresses_while_connecting),
      own_loop(test_not_once_it_is_open),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
