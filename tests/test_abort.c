/* netmcu_connection_abort: the connection ends at once, the peer sees a reset, and output that
 * waits is dropped. */
#include "fake.h"
#include "objects.h"
#include "peer.h"

static char block[8000000];

static void abort_it(netmcu_connection *c)
{
  assert_int_equal(netmcu_connection_abort(c), 0);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  assert_int_equal(netmcu_connection_abort(c), NETMCU_ENOTCONN);
}

static void test_the_peer_sees_a_reset(void **state)
{
  (void)state;
  peer_result result;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  abort_it(c);
  loop_run(ctx);
  expect_journal("dns 127.0.0.1, connection");
  peer_end(p, &result);
  assert_true(result.reset && !result.ended);
  netmcu_connection_free(c);
  loop_end(ctx);
}

/* A close would wait a minute for this peer. */
static void read_nothing(peer *p)
{
  peer_small_window(p);
  peer_wait(p);
  peer_read_to_end(p);
}

static void test_output_that_waits_is_dropped(void **state)
{
  (void)state;
  peer_result result;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(read_nothing, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  forget_calls();
  assert_int_equal(netmcu_connection_send(c, block, sizeof block), 0);
  assert_true(netmcu_connection_get_pending(c) > 0);
  abort_it(c);
  assert_int_equal(netmcu_connection_get_pending(c), 0);
  loop_run(ctx);
  expect_journal("");
  peer_go(p);
  peer_end(p, &result);
  assert_true(result.reset && result.received < sizeof block);
  netmcu_connection_free(c);
  loop_end(ctx);
}

/* ---- inside events --------------------------------------------------------------------------- */

/* What an event has sent before is not written when the event ends. */
static void send_and_abort(netmcu_connection *c)
{
  assert_int_equal(netmcu_connection_send(c, "lost", 4), 0);
  abort_it(c);
  called("aborted");
}

static void abort_in_receive(netmcu_connection *c, const char *data, size_t size)
{
  (void)data;
  (void)size;
  send_and_abort(c);
}

static void abort_in_end(netmcu_connection *c, int error)
{
  called("disconnection %d", error);
  assert_int_equal(netmcu_connection_abort(c), NETMCU_ENOTCONN);
}

static void abort_and_free(netmcu_connection *c)
{
  send_and_abort(c);
  netmcu_connection_free(c);
}

static void send_two_frames(peer *p)
{
  peer_send_stream(p, 2920, 1);
  peer_read_to_end(p);
}

static void run_inside(const netmcu_connection_events *events)
{
  peer_result result;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(send_two_frames, NULL);
  open_connection(ctx, events, peer_port(p));
  loop_run(ctx);
  expect_journal("aborted");
  peer_end(p, &result);
  assert_true(result.reset);
  assert_int_equal(result.received, 0);
  loop_close(ctx);
}

static void test_in_receive(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.receive = abort_in_receive, .disconnection = abort_in_end};
  run_inside(&events);
}

static void test_in_connection(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.connection = send_and_abort, .disconnection = abort_in_end};
  run_inside(&events);
}

static void test_and_free_in_connection(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.connection = abort_and_free, .disconnection = abort_in_end};
  run_inside(&events);
}

/* The stack would notice a write to a stream that is closed. */
static void test_nothing_is_written_after_it(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.connection = send_and_abort, .disconnection = abort_in_end};
  netmcu_t *ctx = fake_begin(NULL);
  open_connection(ctx, &events, 80);
  loop_run(ctx);
  fake_connected(fake_stream(0), 0);
  loop_run(ctx);
  expect_journal("aborted");
  assert_int_equal(fake_resets(), 1);
  loop_close(ctx);
}

static void accept_and_abort(netmcu_server *server, netmcu_connection *c)
{
  (void)server;
  netmcu_connection_on(c, &journal_events);
  abort_and_free(c);
}

static void test_in_accept(void **state)
{
  (void)state;
  uint16_t port;
  peer_result result;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = open_server(ctx, accept_and_abort, &port);
  peer *p = peer_connect(port, peer_sink, NULL);
  loop_until_called(ctx, "aborted", 1);
  expect_journal("aborted");
  loop_until(ctx, peer_is_done, p);
  peer_end(p, &result);
  assert_true(result.reset);
  assert_int_equal(result.received, 0);
  netmcu_server_free(server);
  loop_end(ctx);
}

/* ---- before it is open ----------------------------------------------------------------------- */

static void test_while_connecting(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, 80);
  assert_int_equal(netmcu_connection_send(c, "lost", 4), 0);
  loop_run(ctx);
  expect_journal("dns 127.0.0.1");
  abort_it(c);
  assert_int_equal(netmcu_connection_connect(c, 80, "127.0.0.1"), 0);
  abort_it(c); /* before its address is resolved */
  loop_run(ctx);
  clock_pass(ctx, 1000000);
  expect_journal("");
  assert_int_equal(netmcu_connection_abort(c), NETMCU_ENOTCONN);
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_and_connect_again(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, 80);
  loop_run(ctx);
  fake_connected(fake_stream(0), 0);
  abort_it(c);
  assert_int_equal(fake_resets(), 1);
  assert_int_equal(netmcu_connection_connect(c, 80, "127.0.0.1"), 0);
  assert_int_equal(netmcu_connection_send(c, "hello", 5), 0);
  loop_run(ctx);
  fake_connected(fake_stream(1), 0);
  loop_run(ctx);
  expect_journal("dns 127.0.0.1, connection, dns 127.0.0.1, connection, sent");
  assert_string_equal(fake_output(fake_stream(1)), "hello");
  loop_close(ctx);
}

/* The end of a hold, "sent" and data that waits are all due, and none of them comes. */
static void test_while_something_is_due(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, 80);
  loop_run(ctx);
  fake_connected(fake_stream(0), 0);
  forget_calls();
  assert_int_equal(netmcu_connection_hold(c), 0);
  fake_receive(fake_stream(0), "hello", 5);
  assert_int_equal(netmcu_connection_send(c, "x", 1), 0);
  assert_int_equal(netmcu_connection_unhold(c), 0);
  abort_it(c);
  loop_run(ctx);
  expect_journal("");
  netmcu_connection_free(c);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_the_peer_sees_a_reset),
      both_loops(test_output_that_waits_is_dropped),
      both_loops(test_in_receive),
      own_loop(test_in_connection),
      own_loop(test_and_free_in_connection),
      own_loop(test_nothing_is_written_after_it),
      both_loops(test_in_accept),
      own_loop(test_while_connecting),
      own_loop(test_and_connect_again),
      own_loop(test_while_something_is_due),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
