/* hold stops receiving at the next frame boundary. unhold resumes it, but delivers nothing inside
 * the call. */
#include "bytes.h"
#include "fake.h"
#include "objects.h"
#include "peer.h"

#define SIZE 3000000

static uint64_t received;
static bool calling;

static void take(const char *data, size_t size)
{
  assert_false(calling);
  assert_true(bytes_are(data, size, received, 6));
  received += size;
}

static void send_and_finish(peer *p)
{
  uint64_t size = peer_data(p) ? *(const uint64_t *)peer_data(p) : SIZE;
  peer_send_stream(p, size, 6);
  peer_finish(p);
  peer_read_to_end(p);
}

static void unhold(netmcu_connection *c)
{
  calling = true;
  assert_int_equal(netmcu_connection_unhold(c), 0);
  calling = false;
}

/* ---- a hold in each frame -------------------------------------------------------------------- */

static bool held;

static void hold_each_frame(netmcu_connection *c, const char *data, size_t size)
{
  assert_false(held);
  take(data, size);
  assert_int_equal(netmcu_connection_hold(c), 0);
  held = true;
}

static void unhold_from_timer(netmcu_timer *timer, void *data)
{
  (void)timer;
  if (held) {
    held = false;
    unhold(data);
  }
}

static void ended(netmcu_connection *c, int error)
{
  assert_false(held);
  journal_disconnection(c, error);
}

static const netmcu_connection_events holds_each_frame = {.receive = hold_each_frame, .disconnection = ended};

static void test_at_each_frame_boundary(void **state)
{
  (void)state;
  uint64_t size = 300000;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(send_and_finish, &size);
  received = 0;
  held = false;
  netmcu_connection *c = open_connection(ctx, &holds_each_frame, peer_port(p));
  netmcu_timer *timer = netmcu_timer_new(ctx, unhold_from_timer, c);
  netmcu_timer_start(timer, 0, 1);
  loop_until_called(ctx, "disconnection 0", 1);
  expect_calls("disconnection 0", 1);
  assert_int_equal(received, size);
  netmcu_timer_free(timer);
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  loop_end(ctx);
}

/* ---- what waits ------------------------------------------------------------------------------ */

static void receive(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  take(data, size);
  called("receive");
}

static const netmcu_connection_events receiver = {
    .connection = journal_connection, .receive = receive, .disconnection = journal_disconnection};

/* Starts with a connection on a network of the test, so the test need not wait for something that
 * does not happen. */
static netmcu_connection *begin(const netmcu_connection_events *events)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.frame_size = 1460;
  netmcu_t *ctx = fake_begin(&options);
  received = 0;
  held = false;
  netmcu_connection *c = open_connection(ctx, events, 80);
  loop_run(ctx);
  return c;
}

static void end(netmcu_connection *c)
{
  netmcu_t *ctx = netmcu_connection_get_context(c);
  netmcu_connection_free(c);
  clock_pass(ctx, 2000);
  loop_end(ctx);
}

static void send_bytes(size_t size)
{
  static char bytes[10000];
  assert_true(size <= sizeof bytes);
  bytes_fill(bytes, size, 0, 6);
  fake_receive(fake_stream(0), bytes, size);
}

/* Data from the peer stays in the network, which throttles the peer. */
static void test_the_peer_is_throttled(void **state)
{
  (void)state;
  netmcu_connection *c = begin(&receiver);
  netmcu_t *ctx = netmcu_connection_get_context(c);
  assert_int_equal(netmcu_connection_hold(c), 0);
  fake_connected(fake_stream(0), 0);
  send_bytes(10000);
  loop_run(ctx);
  expect_journal("connection");
  assert_false(fake_is_reading(fake_stream(0)));
  assert_int_equal(received, 0);
  end(c);
}

/* The FIN waits behind undelivered data. */
static void test_the_fin_waits(void **state)
{
  (void)state;
  netmcu_connection *c = begin(&receiver);
  netmcu_t *ctx = netmcu_connection_get_context(c);
  netmcu_connection_hold(c);
  fake_connected(fake_stream(0), 0);
  send_bytes(1000);
  fake_finish(fake_stream(0));
  loop_run(ctx);
  expect_journal("connection");
  unhold(c);
  expect_journal("");
  loop_run(ctx);
  expect_journal("receive, disconnection 0");
  assert_int_equal(received, 1000);
  end(c);
}

static void test_only_the_fin(void **state)
{
  (void)state;
  netmcu_connection *c = begin(&receiver);
  netmcu_t *ctx = netmcu_connection_get_context(c);
  netmcu_connection_hold(c);
  fake_connected(fake_stream(0), 0);
  fake_finish(fake_stream(0));
  loop_run(ctx);
  expect_journal("connection");
  unhold(c);
  expect_journal("");
  loop_run(ctx);
  expect_journal("disconnection 0");
  end(c);
}

/* Like the FIN, a reset waits for data that arrived before it. */
static void test_a_reset_while_held(void **state)
{
  (void)state;
  netmcu_connection *c = begin(&receiver);
  netmcu_t *ctx = netmcu_connection_get_context(c);
  fake_connected(fake_stream(0), 0);
  netmcu_connection_hold(c);
  fake_break(fake_stream(0), NETMCU_ERESET);
  loop_run(ctx);
  expect_journal("connection");
  unhold(c);
  loop_run(ctx);
  expect_journal("disconnection -9");
  end(c);
}

/* ---- inside the handler ---------------------------------------------------------------------- */

static void hold_and_unhold(netmcu_connection *c, const char *data, size_t size)
{
  take(data, size);
  calling = true;
  netmcu_connection_hold(c);
  netmcu_connection_unhold(c);
  netmcu_connection_hold(c);
  netmcu_connection_unhold(c);
  calling = false;
}

static void test_hold_and_unhold_in_the_handler(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.receive = hold_and_unhold, .disconnection = journal_disconnection};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(send_and_finish, NULL);
  received = 0;
  netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
  loop_until_called(ctx, "disconnection 0", 1);
  expect_calls("disconnection 0", 1);
  assert_int_equal(received, SIZE);
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  loop_end(ctx);
}

static void hold_once(netmcu_connection *c, const char *data, size_t size)
{
  take(data, size);
  if (!held)
    netmcu_connection_hold(c);
  held = true;
}

/* Repeated calls have the effect of one. */
static void test_repeated(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.receive = hold_once, .disconnection = journal_disconnection};
  netmcu_connection *c = begin(&events);
  netmcu_t *ctx = netmcu_connection_get_context(c);
  fake_connected(fake_stream(0), 0);
  send_bytes(10000);
  fake_finish(fake_stream(0));
  loop_run(ctx);
  assert_int_equal(received, 1460);
  assert_int_equal(netmcu_connection_hold(c), 0);
  assert_int_equal(netmcu_connection_hold(c), 0);
  loop_run(ctx);
  assert_int_equal(received, 1460);
  unhold(c);
  unhold(c);
  assert_int_equal(netmcu_connection_hold(c), 0);
  loop_run(ctx);
  assert_int_equal(received, 1460);
  unhold(c);
  unhold(c);
  loop_run(ctx);
  expect_journal("disconnection 0");
  assert_int_equal(received, 10000);
  end(c);
}

/* ---- with close and connect ------------------------------------------------------------------ */

static void test_close_while_held(void **state)
{
  (void)state;
  for (int unhold_first = 0; unhold_first < 2; unhold_first++) {
    static const netmcu_connection_events events = {.receive = hold_once, .disconnection = journal_disconnection};
    netmcu_t *ctx = loop_begin_with_frames();
    peer *p = peer_listen(send_and_finish, NULL);
    received = 0;
    held = false;
    netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
    while (!held)
      netmcu_run_once(ctx);
    if (unhold_first)
      unhold(c);
    assert_int_equal(netmcu_connection_close(c), 0);
    assert_int_equal(netmcu_connection_unhold(c), NETMCU_ENOTCONN);
    loop_run(ctx);
    assert_int_equal(received, 1460);
    netmcu_connection_free(c);
    peer_end(p, NULL);
    loop_end(ctx);
    loop_reset_own(state);
  }
}

/* A hold ends with its connection; the next connection receives. */
static void test_not_beyond_the_connection(void **state)
{
  (void)state;
  uint64_t size = 1000;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen_many(send_and_finish, &size, 2);
  received = 0;
  netmcu_connection *c = open_connection(ctx, &receiver, peer_port(p));
  netmcu_connection_hold(c);
  loop_until_called(ctx, "connection", 1);
  netmcu_connection_close(c);
  assert_int_equal(netmcu_connection_connect(c, peer_port(p), "127.0.0.1"), 0);
  loop_until_called(ctx, "disconnection 0", 1);
  assert_int_equal(received, 1000);
  forget_calls();
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_at_each_frame_boundary),
      own_loop(test_the_peer_is_throttled),
      both_loops(test_the_fin_waits),
      own_loop(test_only_the_fin),
      own_loop(test_a_reset_while_held),
      own_loop(test_hold_and_unhold_in_the_handler),
      own_loop(test_repeated),
      own_loop(test_close_while_held),
      own_loop(test_not_beyond_the_connection),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
