/* hold stops receiving at the next frame boundary, unhold goes on, never inside the call. */
#include "bytes.h"
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

/* ---- a hold in each frame ------------------------------------------------------------------------------------ */

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

/* ---- the window ---------------------------------------------------------------------------------------------- */

static void receive(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  take(data, size);
  called("receive");
}

static const netmcu_connection_events receiver = {
    .connection = journal_connection, .receive = receive, .disconnection = journal_disconnection};

static bool is_due(void *data)
{
  return loop_milliseconds() >= *(double *)data;
}

static void wait_for(netmcu_t *ctx, unsigned milliseconds)
{
  double due = loop_milliseconds() + milliseconds;
  loop_until(ctx, is_due, &due);
}

#define MUCH 100000000

static void test_the_peer_is_throttled(void **state)
{
  (void)state;
  uint64_t size = MUCH;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(send_and_finish, &size);
  received = 0;
  netmcu_connection *c = open_connection(ctx, &receiver, peer_port(p));
  assert_int_equal(netmcu_connection_hold(c), 0);
  loop_until_called(ctx, "connection", 1);
  wait_for(ctx, 100);
  assert_int_equal(received, 0);
  assert_false(peer_is_done(p));
  assert_true(loop_peak_bytes() < 1000000);
  netmcu_connection_free(c);
  forget_calls();
  loop_run(ctx);
  peer_end(p, NULL);
  loop_end(ctx);
}

/* The FIN waits behind what was not delivered. */
static void test_the_fin_waits(void **state)
{
  (void)state;
  uint64_t size = 1000;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(send_and_finish, &size);
  received = 0;
  netmcu_connection *c = open_connection(ctx, &receiver, peer_port(p));
  netmcu_connection_hold(c);
  loop_until_called(ctx, "connection", 1);
  wait_for(ctx, 50);
  expect_journal("connection");
  unhold(c);
  loop_until_called(ctx, "disconnection 0", 1);
  assert_int_equal(received, 1000);
  forget_calls();
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  loop_end(ctx);
}

/* Held with nothing but the FIN to come. */
static void just_finish(peer *p)
{
  peer_finish(p);
  peer_read_to_end(p);
}

static void test_only_the_fin(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(just_finish, NULL);
  netmcu_connection *c = open_connection(ctx, &receiver, peer_port(p));
  netmcu_connection_hold(c);
  loop_until_called(ctx, "connection", 1);
  wait_for(ctx, 50);
  expect_journal("connection");
  unhold(c);
  expect_journal("");
  loop_until_called(ctx, "disconnection 0", 1);
  expect_journal("disconnection 0");
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  loop_end(ctx);
}

/* ---- inside the handler -------------------------------------------------------------------------------------- */

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

/* Repeated calls are as one. */
static void test_repeated(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.receive = hold_once, .disconnection = journal_disconnection};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(send_and_finish, NULL);
  received = 0;
  held = false;
  netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
  while (!held)
    netmcu_run_once(ctx);
  assert_int_equal(received, 1460);
  assert_int_equal(netmcu_connection_hold(c), 0);
  assert_int_equal(netmcu_connection_hold(c), 0);
  wait_for(ctx, 20);
  assert_int_equal(received, 1460);
  unhold(c);
  unhold(c);
  assert_int_equal(netmcu_connection_hold(c), 0);
  wait_for(ctx, 20);
  assert_int_equal(received, 1460);
  unhold(c);
  unhold(c);
  loop_until_called(ctx, "disconnection 0", 1);
  expect_calls("disconnection 0", 1);
  assert_int_equal(received, SIZE);
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  loop_end(ctx);
}

/* ---- with close, free, reset --------------------------------------------------------------------------------- */

static void test_close_while_held(void **state)
{
  (void)state;
  for (int unhold_first = 0; unhold_first < 2; unhold_first++) {
    static const netmcu_connection_events events = {.receive = hold_once, .disconnection = journal_disconnection};
    netmcu_t *ctx = loop_begin(NULL);
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

/* A hold ends with its connection: the next one receives. */
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

static void reset_on_request(peer *p)
{
  peer_wait(p);
  peer_reset(p);
}

/* A reset waits, as the FIN does, for what was not delivered before it. */
static void test_a_reset_while_held(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(reset_on_request, NULL);
  netmcu_connection *c = open_connection(ctx, &receiver, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  netmcu_connection_hold(c);
  peer_go(p);
  loop_until(ctx, peer_is_done, p);
  wait_for(ctx, 10);
  expect_journal("connection");
  unhold(c);
  loop_run(ctx);
  expect_journal("disconnection -9");
  netmcu_connection_free(c);
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
      own_loop(test_hold_and_unhold_in_the_handler),
      own_loop(test_repeated),
      own_loop(test_close_while_held),
      own_loop(test_not_beyond_the_connection),
      own_loop(test_a_reset_while_held),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
