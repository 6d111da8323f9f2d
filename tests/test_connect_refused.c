/* A connect that fails ends with exactly one event. */
#include "objects.h"
#include "peer.h"

static void test_disconnection(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, PEER_CLOSED_PORT);
  expect_journal("");
  loop_run(ctx);
  expect_journal("dns 127.0.0.1, disconnection -9");
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  netmcu_connection_free(c);
  loop_end(ctx);
}

/* An error goes to `reconnection` if that is set, and then not to `disconnection`. */
static void test_reconnection(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.reconnection = journal_reconnection,
                                                  .disconnection = journal_disconnection};
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_connection *c = open_connection(ctx, &events, PEER_CLOSED_PORT);
  loop_run(ctx);
  expect_journal("reconnection -9");
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_without_events(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_connection *c = open_connection(ctx, NULL, PEER_CLOSED_PORT);
  loop_run(ctx);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  netmcu_connection_free(c);
  loop_end(ctx);
}

/* Output that was sent meanwhile is lost with the connection, and has no `sent`. */
static void test_with_sends_queued(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, PEER_CLOSED_PORT);
  assert_int_equal(netmcu_connection_send(c, "a", 1), 0);
  assert_int_equal(netmcu_connection_send(c, "b", 1), 0);
  loop_run(ctx);
  expect_journal("dns 127.0.0.1, disconnection -9");
  assert_int_equal(netmcu_connection_get_pending(c), 0);
  assert_int_equal(netmcu_connection_send(c, "c", 1), NETMCU_ENOTCONN);
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_close_before_it_is_refused(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, PEER_CLOSED_PORT);
  assert_int_equal(netmcu_connection_close(c), 0);
  assert_int_equal(netmcu_connection_close(c), NETMCU_ENOTCONN);
  loop_run(ctx);
  expect_journal("");
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_send_and_free_before_it_is_refused(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, PEER_CLOSED_PORT);
  assert_int_equal(netmcu_connection_send(c, "a", 1), 0);
  netmcu_connection_free(c);
  loop_run(ctx);
  expect_journal("");
  loop_end(ctx);
}

/* The system refuses the address of a broadcast or of a group at once. The error comes either as an
 * event or from connect, not both. */
static void test_impossible_addresses(void **state)
{
  (void)state;
  static const char *const addresses[] = {"255.255.255.255", "224.0.0.1"};
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.connect_timeout = 100;
  netmcu_t *ctx = loop_begin(&options);
  for (int i = 0; i < 2; i++) {
    netmcu_connection *c = netmcu_connection_new(ctx);
    netmcu_connection_on(c, &journal_events);
    int error = netmcu_connection_connect(c, 80, addresses[i]);
    expect_journal("");
    loop_run(ctx);
    assert_int_equal(strstr(journal(), "disconnection -") != NULL, error == 0);
    assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
    forget_calls();
    netmcu_connection_free(c);
  }
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_disconnection),
      own_loop(test_reconnection),
      own_loop(test_without_events),
      own_loop(test_with_sends_queued),
      both_loops(test_close_before_it_is_refused),
      own_loop(test_send_and_free_before_it_is_refused),
      own_loop(test_impossible_addresses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
