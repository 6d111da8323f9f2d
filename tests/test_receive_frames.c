/* Data is delivered in frames of at most frame_size bytes, complete and in order. */
#include "bytes.h"
#include "fake.h"
#include "objects.h"
#include "peer.h"

static uint64_t received;
static size_t largest;
static uint64_t expected_size;

static void receive(netmcu_connection *c, const char *data, size_t size)
{
  assert_true(size > 0);
  assert_true(bytes_are(data, size, received, 5));
  received += size;
  if (size > largest)
    largest = size;
  if (received == expected_size)
    netmcu_connection_free(c);
}

static const netmcu_connection_events receiver = {.receive = receive};

static void send_much(peer *p)
{
  peer_send_stream(p, *(const uint64_t *)peer_data(p), 5);
  peer_read_to_end(p);
}

static void run_with(size_t frame_size, uint64_t size)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.frame_size = frame_size;
  netmcu_t *ctx = loop_begin(&options);
  received = 0;
  largest = 0;
  expected_size = size;
  peer *p = peer_listen(send_much, &size);
  open_connection(ctx, &receiver, peer_port(p));
  loop_run(ctx);
  assert_int_equal(received, size);
  assert_true(frame_size == 0 || largest <= frame_size);
  peer_end(p, NULL);
  loop_end(ctx);
}

static void test_the_devices_size(void **state)
{
  (void)state;
  run_with(1460, 5000000);
  assert_int_equal(largest, 1460);
}

static void test_one_byte(void **state)
{
  (void)state;
  run_with(1, 20000);
  assert_int_equal(largest, 1);
}

static void test_larger_than_any_read(void **state)
{
  (void)state;
  run_with(10000000, 3000000);
}

static void test_as_read(void **state)
{
  (void)state;
  run_with(0, 5000000);
  assert_true(largest > 1460);
}

static void note_size(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  (void)data;
  called("receive %zu", size);
}

/* Without a frame size, one event has at most 64 KiB of a long read. */
static void test_a_long_read(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.receive = note_size};
  static const char data[100000];
  netmcu_t *ctx = fake_begin(NULL);
  fake_open(ctx, &events);
  fake_receive(fake_stream(0), data, sizeof(data));
  loop_run(ctx);
  expect_journal("receive 65536, receive 34464");
  loop_close(ctx);
}

static void send_and_go(peer *p)
{
  peer_send_stream(p, 100000, 5);
}

/* Without a handler, data is dropped. */
static void test_without_a_handler(void **state)
{
  (void)state;
  static const netmcu_connection_events none = {.disconnection = journal_disconnection};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(send_and_go, NULL);
  netmcu_connection *c = open_connection(ctx, &none, peer_port(p));
  loop_run(ctx);
  expect_journal("disconnection 0");
  peer_end(p, NULL);
  netmcu_connection_free(c);
  loop_end(ctx);
}

/* A handler that is removed in the middle of a read gets no more of it. */
static void receive_once(netmcu_connection *c, const char *data, size_t size)
{
  (void)data;
  called("receive %zu", size);
  netmcu_connection_on(c, NULL);
}

static void test_handler_taken_away(void **state)
{
  (void)state;
  static const netmcu_connection_events once = {.receive = receive_once};
  netmcu_t *ctx = loop_begin_with_frames();
  peer *p = peer_listen(send_and_go, NULL);
  netmcu_connection *c = open_connection(ctx, &once, peer_port(p));
  loop_run(ctx);
  expect_journal("receive 1460");
  peer_end(p, NULL);
  netmcu_connection_free(c);
  loop_end(ctx);
}

/* ---- the other frames of a read, in one callback --------------------------------------------- */

static unsigned callbacks, taken;

static void take_all(netmcu_connection *c, const char *data, size_t size)
{
  callbacks++;
  do {
    taken++;
    assert_true(size <= 1460);
    assert_true(bytes_are(data, size, received, 5));
    received += size;
  } while (netmcu_connection_next_frame(c, &data, &size));
  assert_false(netmcu_connection_next_frame(c, &data, &size));
}

static void test_in_one_callback(void **state)
{
  (void)state;
  static const netmcu_connection_events taker = {.receive = take_all, .disconnection = journal_disconnection};
  const char *data;
  size_t size;
  netmcu_t *ctx = loop_begin_with_frames();
  received = callbacks = taken = 0;
  peer *p = peer_listen(send_and_go, NULL);
  netmcu_connection *c = open_connection(ctx, &taker, peer_port(p));
  assert_false(netmcu_connection_next_frame(c, &data, &size));
  loop_run(ctx);
  assert_int_equal(received, 100000);
  assert_true(callbacks < taken);
  assert_false(netmcu_connection_next_frame(c, &data, &size));
  expect_journal("disconnection 0");
  peer_end(p, NULL);
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void take_two_and_hold(netmcu_connection *c, const char *data, size_t size)
{
  assert_true(bytes_are(data, size, received, 5));
  received += size;
  if (netmcu_connection_next_frame(c, &data, &size)) {
    assert_true(bytes_are(data, size, received, 5));
    received += size;
    callbacks++;
  }
  netmcu_connection_hold(c);
  assert_false(netmcu_connection_next_frame(c, &data, &size));
  netmcu_connection_unhold(c);
}

static void test_held_between(void **state)
{
  (void)state;
  static const netmcu_connection_events taker = {.receive = take_two_and_hold, .disconnection = journal_disconnection};
  netmcu_t *ctx = loop_begin_with_frames();
  received = callbacks = 0;
  peer *p = peer_listen(send_and_go, NULL);
  netmcu_connection *c = open_connection(ctx, &taker, peer_port(p));
  loop_run(ctx);
  assert_int_equal(received, 100000);
  assert_true(callbacks > 0);
  expect_journal("disconnection 0");
  peer_end(p, NULL);
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void take_one_and_free(netmcu_connection *c, const char *data, size_t size)
{
  called("receive %zu", size);
  netmcu_connection_free(c);
  assert_false(netmcu_connection_next_frame(c, &data, &size));
}

static void test_freed_between(void **state)
{
  (void)state;
  static const netmcu_connection_events taker = {.receive = take_one_and_free};
  netmcu_t *ctx = loop_begin_with_frames();
  peer *p = peer_listen(send_and_go, NULL);
  open_connection(ctx, &taker, peer_port(p));
  loop_run(ctx);
  expect_journal("receive 1460");
  peer_end(p, NULL);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_the_devices_size),   own_loop(test_one_byte),
      own_loop(test_larger_than_any_read), own_loop(test_as_read),
      own_loop(test_a_long_read),          own_loop(test_without_a_handler),
      own_loop(test_handler_taken_away),   both_loops(test_in_one_callback),
      own_loop(test_held_between),         own_loop(test_freed_between),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
