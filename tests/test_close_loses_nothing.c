/* Everything sent before a close reaches the peer, whatever the peer does meanwhile. The lingering
 * is limited. */
#include "bytes.h"
#include "clock.h"
#include "dns_server.h"
#include "objects.h"
#include "peer.h"

#define SIZE 300000
#define HOUR 3600000 /* ms */

static void send_and_close(netmcu_connection *c)
{
  char *block = malloc(SIZE);
  assert_non_null(block);
  bytes_fill(block, SIZE, 0, 3);
  assert_int_equal(netmcu_connection_send(c, block, SIZE), 0);
  free(block);
  assert_int_equal(netmcu_connection_close(c), 0);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  called("closed");
}

static void send_and_free(netmcu_connection *c)
{
  send_and_close(c);
  netmcu_connection_free(c);
}

static void received_then_send_and_free(netmcu_connection *c, const char *data, size_t size)
{
  (void)data;
  (void)size;
  send_and_free(c);
}

static const netmcu_connection_events closes_when_open = {
    .connection = send_and_free, .sent = journal_sent, .disconnection = journal_disconnection};
static const netmcu_connection_events closes_in_receive = {
    .receive = received_then_send_and_free, .sent = journal_sent, .disconnection = journal_disconnection};

static peer_result verify_bytes(peer *p)
{
  peer_result result;
  peer_end(p, &result);
  assert_int_equal(result.received, SIZE);
  assert_int_equal(result.sum, bytes_stream_sum(SIZE, 3));
  return result;
}

static void verify(peer *p)
{
  peer_result result = verify_bytes(p);
  assert_true(result.ended);
  assert_false(result.reset);
}

static void run_with(peer_script script, const netmcu_connection_events *events)
{
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(script, NULL);
  open_connection(ctx, events, peer_port(p));
  expect_calls("closed", 1);
  loop_run(ctx);
  verify(p);
  loop_end(ctx);
}

static void test_a_peer_that_reads(void **state)
{
  (void)state;
  run_with(peer_sink, &closes_when_open);
}

static void slowly(peer *p)
{
  peer_small_window(p);
  peer_read_slowly(p, 3000, 1);
}

static void test_a_slow_reader(void **state)
{
  (void)state;
  run_with(slowly, &closes_when_open);
}

/* If the closing side has unread data, the system answers with a reset, which destroys data in
 * transit. */
static void garbage_then_read(peer *p)
{
  peer_send_stream(p, 100000, 9);
  peer_sleep(20);
  peer_read_to_end(p);
}

static void test_a_peer_that_sends_garbage(void **state)
{
  (void)state;
  run_with(garbage_then_read, &closes_when_open);
}

static void garbage_all_the_time(peer *p)
{
  char block[4096];
  peer_small_window(p);
  for (uint64_t size = 0; size < SIZE;) {
    peer_send_stream(p, 5000, 9);
    size_t got = peer_read(p, block, sizeof block);
    if (got == 0)
      return;
    size += got;
  }
  peer_read_to_end(p);
}

static void test_a_peer_that_sends_garbage_all_the_time(void **state)
{
  (void)state;
  run_with(garbage_all_the_time, &closes_when_open);
}

static void request_then_read(peer *p)
{
  peer_send(p, "GET / HTTP/1.0\r\n\r\n", 18);
  peer_send_stream(p, 50000, 9);
  peer_read_to_end(p);
}

static void test_in_a_receive_handler(void **state)
{
  (void)state;
  run_with(request_then_read, &closes_in_receive);
}

static void request_then_finish(peer *p)
{
  peer_send(p, "?", 1);
  peer_finish(p);
  peer_read_to_end(p);
}

static void test_a_peer_that_has_half_closed(void **state)
{
  (void)state;
  run_with(request_then_finish, &closes_in_receive);
}

static void test_while_connecting(void **state)
{
  (void)state;
  static const netmcu_connection_events silent = {.connection = journal_connection, .sent = journal_sent};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(garbage_then_read, NULL);
  netmcu_connection *c = open_connection(ctx, &silent, peer_port(p));
  send_and_free(c);
  expect_calls("closed", 1);
  loop_run(ctx);
  verify(p);
  loop_end(ctx);
}

static void test_when_the_context_closes(void **state)
{
  (void)state;
  static const netmcu_connection_events quiet = {.connection = journal_connection, .sent = journal_sent};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(garbage_then_read, NULL);
  netmcu_connection *c = open_connection(ctx, &quiet, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  char *block = malloc(SIZE);
  bytes_fill(block, SIZE, 0, 3);
  assert_int_equal(netmcu_connection_send(c, block, SIZE), 0);
  free(block);
  loop_files_may_differ();
  loop_close(ctx);
  assert_int_equal(calls("sent"), 0);
  verify(p);
}

/* Connects, sends, and closes the context at once, while a lookup is still pending; even a literal
 * address needs one. */
static void test_when_the_context_closes_before_it_is_open(void **state)
{
  (void)state;
  static const char *const hosts[] = {"127.0.0.1", "local.test"};
  for (int i = 0; i < 4; i++) {
    loop_reset_own(state);
    netmcu_t *ctx = loop_begin(NULL);
    dns_server *dns = dns_server_start();
    dns_server_use(dns, ctx);
    peer *p = peer_listen(peer_sink, NULL);
    netmcu_connection *c = netmcu_connection_new(ctx);
    assert_int_equal(netmcu_connection_connect(c, peer_port(p), hosts[i % 2]), 0);
    char *block = malloc(SIZE);
    bytes_fill(block, SIZE, 0, 3);
    assert_int_equal(netmcu_connection_send(c, block, SIZE), 0);
    free(block);
    if (i < 2)
      netmcu_connection_free(c);
    loop_files_may_differ();
    loop_close(ctx);
    verify(p);
    dns_server_stop(dns);
  }
}

/* If this lookup gets no answer, the context waits for it no longer than the timeout. */
static void test_when_the_context_closes_and_no_server_answers(void **state)
{
  (void)state;
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.linger_timeout = 150;
  netmcu_t *ctx = loop_begin(&options);
  clock_stop(ctx);
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  for (int i = 0; i < 2; i++) {
    netmcu_connection *c = netmcu_connection_new(ctx);
    assert_int_equal(netmcu_connection_connect(c, 80, "silent.test"), 0);
    assert_int_equal(netmcu_connection_send(c, "x", 1), 0);
    if (i)
      netmcu_connection_free(c);
  }
  loop_turns(ctx, 3);
  loop_files_may_differ();
  assert_between(clock_close(ctx), 150, 152);
  dns_server_stop(dns);
}

static void test_while_held(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(garbage_then_read, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  netmcu_connection_hold(c);
  loop_until_called(ctx, "connection", 1);
  forget_calls();
  send_and_free(c);
  expect_calls("closed", 1);
  loop_run(ctx);
  verify(p);
  loop_end(ctx);
}

/* ---- the bound ------------------------------------------------------------------------------- */

static void never_ends(peer *p)
{
  peer_read(p, NULL, 5);
  peer_wait(p);
}

/* test_linger has the exact times. If it takes for ever, the watchdog ends the test. */
static double time_to_linger(peer_script script, unsigned timeout)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.linger_timeout = timeout;
  netmcu_t *ctx = loop_begin(&options);
  peer *p = peer_listen(script, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  forget_calls();
  assert_int_equal(netmcu_connection_send(c, "12345", 5), 0);
  double started = loop_milliseconds();
  netmcu_connection_free(c);
  loop_run(ctx);
  double elapsed = loop_milliseconds() - started;
  expect_journal("");
  peer_go(p);
  peer_end(p, NULL);
  loop_end(ctx);
  return elapsed;
}

static void test_a_peer_that_never_ends(void **state)
{
  (void)state;
  assert_true(time_to_linger(never_ends, 150) >= 149);
}

static void sends_for_ever(peer *p)
{
  char block[1000] = {0};
  while (!peer_so_far(p).reset)
    peer_send(p, block, sizeof block);
}

/* Data from the peer is not progress. */
static void test_a_peer_that_sends_for_ever(void **state)
{
  (void)state;
  time_to_linger(sends_for_ever, 150);
}

/* The system has taken everything, and the peer reads it more slowly than the timeout. As long as
 * it keeps reading, it gets everything, although it sends, too. Its last data may be answered with
 * a reset. */
static void slowly_with_garbage(peer *p)
{
  peer_small_window(p);
  while (peer_read(p, NULL, 10000) == 10000) {
    peer_send(p, "garbage", 7);
    peer_sleep(20);
  }
}

static void test_a_peer_that_takes_longer_than_the_time_out(void **state)
{
  (void)state;
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.linger_timeout = 100;
  netmcu_t *ctx = loop_begin(&options);
  peer *p = peer_listen(slowly_with_garbage, NULL);
  open_connection(ctx, &closes_when_open, peer_port(p));
  expect_calls("closed", 1);
  loop_run(ctx);
  verify_bytes(p);
  loop_end(ctx);
}

static void never_reads(peer *p)
{
  peer_small_window(p);
  peer_wait(p);
}

/* A closing context waits no longer than the timeout for a peer that does not read. */
static void test_the_context_does_not_wait_for_a_peer_that_never_reads(void **state)
{
  (void)state;
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.linger_timeout = 150;
  netmcu_t *ctx = loop_begin(&options);
  clock_stop(ctx);
  peer *p = peer_listen(never_reads, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  char *block = calloc(1, 20000000);
  loop_until_called(ctx, "connection", 1);
  forget_calls();
  assert_int_equal(netmcu_connection_send(c, block, 20000000), 0);
  free(block);
  loop_files_may_differ();
  assert_between(clock_close(ctx), 150, 152);
  peer_go(p);
  peer_end(p, NULL);
}

/* A closed connection delays nothing after its peer has ended. */
static void test_no_lingering_without_need(void **state)
{
  (void)state;
  time_to_linger(peer_sink, HOUR);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_a_peer_that_reads),
      own_loop(test_a_slow_reader),
      both_loops(test_a_peer_that_sends_garbage),
      own_loop(test_a_peer_that_sends_garbage_all_the_time),
      own_loop(test_in_a_receive_handler),
      own_loop(test_a_peer_that_has_half_closed),
      own_loop(test_while_connecting),
      both_loops(test_when_the_context_closes),
      own_loop(test_when_the_context_closes_before_it_is_open),
      both_loops(test_when_the_context_closes_and_no_server_answers),
      own_loop(test_while_held),
      own_loop(test_a_peer_that_never_ends),
      own_loop(test_a_peer_that_sends_for_ever),
      own_loop(test_a_peer_that_takes_longer_than_the_time_out),
      both_loops(test_the_context_does_not_wait_for_a_peer_that_never_reads),
      own_loop(test_no_lingering_without_need),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
