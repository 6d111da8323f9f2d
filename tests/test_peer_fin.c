/* The peer's FIN: disconnection with 0, after all data, and after the `sent` of the data that the
 * peer has taken. The peer still gets the whole answer. */
#include "bytes.h"
#include "objects.h"
#include "peer.h"

static uint64_t received;

static void receive(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  assert_true(bytes_are(data, size, received, 2));
  received += size;
}

static void ended_complete(netmcu_connection *c, int error)
{
  journal_disconnection(c, error);
  assert_int_equal(received, 500000);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
}

static void send_and_go(peer *p)
{
  peer_send_stream(p, 500000, 2);
}

static void test_after_all_data(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {
      .receive = receive, .reconnection = journal_reconnection, .disconnection = ended_complete};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(send_and_go, NULL);
  received = 0;
  netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
  loop_run(ctx);
  expect_journal("disconnection 0");
  peer_end(p, NULL);
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void go_at_once(peer *p)
{
  (void)p;
}

static void test_at_once(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(go_at_once, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  loop_run(ctx);
  expect_journal("dns 127.0.0.1, connection, disconnection 0");
  peer_end(p, NULL);
  netmcu_connection_free(c);
  loop_end(ctx);
}

/* A peer reads the request, answers nothing and closes. `sent` comes first, even if both become
 * known in one loop iteration. */
static void read_and_go(peer *p)
{
  peer_read(p, NULL, 4);
}

static void send_request(netmcu_connection *c)
{
  journal_connection(c);
  assert_int_equal(netmcu_connection_send(c, "ping", 4), 0);
}

static void test_sent_comes_before(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {
      .connection = send_request, .sent = journal_sent, .disconnection = journal_disconnection};
  netmcu_t *ctx = loop_begin(NULL);
  for (int i = 0; i < 100; i++) {
    peer *p = peer_listen(read_and_go, NULL);
    netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
    loop_run(ctx);
    expect_journal("connection, sent, disconnection 0");
    peer_end(p, NULL);
    netmcu_connection_free(c);
  }
  loop_end(ctx);
}

/* The loop does not look at the network between the peer's reading, its FIN, and the iteration that
 * sees both. */
static void test_sent_comes_before_within_one_turn(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {
      .connection = journal_connection, .sent = journal_sent, .disconnection = journal_disconnection};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(read_and_go, NULL);
  netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  assert_int_equal(netmcu_connection_send(c, "ping", 4), 0);
  while (!peer_is_done(p))
    peer_sleep(1);
  loop_run(ctx);
  expect_journal("connection, sent, disconnection 0");
  peer_end(p, NULL);
  netmcu_connection_free(c);
  loop_end(ctx);
}

/* ---- a peer that has half-closed ------------------------------------------------------------- */

#define ANSWER 2000000

static void ask_and_finish(peer *p)
{
  peer_small_window(p);
  peer_send_stream(p, 10, 2);
  peer_finish(p);
  peer_read_to_end(p);
}

static void answer(netmcu_connection *c, const char *data, size_t size)
{
  receive(c, data, size);
  char *block = malloc(ANSWER);
  assert_non_null(block);
  bytes_fill(block, ANSWER, 0, 4);
  for (size_t at = 0; at < ANSWER; at += ANSWER / 4)
    assert_int_equal(netmcu_connection_send(c, block + at, ANSWER / 4), 0);
  free(block);
}

static const netmcu_connection_events answers = {
    .receive = answer, .sent = journal_sent, .disconnection = journal_disconnection};

static void verify_answer(peer *p)
{
  peer_result result;
  peer_end(p, &result);
  assert_int_equal(result.received, ANSWER);
  assert_int_equal(result.sum, bytes_stream_sum(ANSWER, 4));
  assert_true(result.ended && !result.reset);
}

static void test_a_half_closing_peer_gets_the_whole_answer(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(ask_and_finish, NULL);
  received = 0;
  netmcu_connection *c = open_connection(ctx, &answers, peer_port(p));
  loop_run(ctx);
  expect_journal("sent, sent, sent, sent, disconnection 0");
  verify_answer(p);
  netmcu_connection_free(c);
  loop_end(ctx);
}

/* An answer in several steps: the last sends happen in the `sent` of the first. */
static unsigned steps;

static void answer_in_steps(netmcu_connection *c)
{
  journal_sent(c);
  char block[ANSWER / 100];
  if (++steps < 100) {
    bytes_fill(block, sizeof block, steps * sizeof block, 4);
    assert_int_equal(netmcu_connection_send(c, block, sizeof block), 0);
  }
}

static void first_step(netmcu_connection *c, const char *data, size_t size)
{
  char block[ANSWER / 100];
  receive(c, data, size);
  steps = 0;
  bytes_fill(block, sizeof block, 0, 4);
  assert_int_equal(netmcu_connection_send(c, block, sizeof block), 0);
}

static void test_a_half_closing_peer_gets_an_answer_in_steps(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {
      .receive = first_step, .sent = answer_in_steps, .disconnection = journal_disconnection};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(ask_and_finish, NULL);
  received = 0;
  expect_calls("sent", 100);
  expect_calls("disconnection 0", 1);
  netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
  loop_run(ctx);
  verify_answer(p);
  netmcu_connection_free(c);
  loop_end(ctx);
}

/* A peer ends and does not take what is queued. The connection still ends. */
static void finish_and_reset(peer *p)
{
  peer_small_window(p);
  peer_send_stream(p, 10, 2);
  peer_finish(p);
  peer_wait(p);
  peer_reset(p);
}

static void test_a_peer_that_takes_nothing_more(void **state)
{
  (void)state;
  static char block[8000000];
  static const netmcu_connection_events events = {
      .connection = journal_connection, .receive = receive, .disconnection = journal_disconnection};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(finish_and_reset, NULL);
  received = 0;
  netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  assert_int_equal(netmcu_connection_send(c, block, sizeof block), 0);
  loop_turns(ctx, 20);
  peer_go(p);
  loop_run(ctx);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  assert_int_equal(calls("disconnection -9") + calls("disconnection 0"), 1);
  forget_calls();
  peer_end(p, NULL);
  netmcu_connection_free(c);
  loop_end(ctx);
}

/* Another close inside the handler is a close of an idle connection. */
static void close_again(netmcu_connection *c, int error)
{
  journal_disconnection(c, error);
  assert_int_equal(netmcu_connection_close(c), NETMCU_ENOTCONN);
  assert_int_equal(netmcu_connection_send(c, "x", 1), NETMCU_ENOTCONN);
}

static void test_the_object_is_idle_in_the_handler(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.disconnection = close_again};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(go_at_once, NULL);
  netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
  loop_run(ctx);
  expect_journal("disconnection 0");
  peer_end(p, NULL);
  netmcu_connection_free(c);
  loop_end(ctx);
}

/* If the peer takes nothing for linger_timeout, the remaining output is given up. The end fires,
 * but no `sent`. */
static void finish_and_take_nothing(peer *p)
{
  peer_finish(p);
  peer_wait(p);
}

static void send_too_much(netmcu_connection *c)
{
  static char block[10000000];
  assert_int_equal(netmcu_connection_send(c, block, sizeof block), 0);
}

static void test_a_peer_that_takes_nothing(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {
      .connection = send_too_much, .sent = journal_sent, .disconnection = journal_disconnection};
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.linger_timeout = 50;
  netmcu_t *ctx = loop_begin(&options);
  peer *p = peer_listen(finish_and_take_nothing, NULL);
  netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
  loop_until_called(ctx, "disconnection 0", 1);
  expect_journal("disconnection 0");
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  netmcu_connection_free(c);
  loop_files_may_differ(); /* the peer's files */
  loop_close(ctx);
  peer_go(p);
  peer_end(p, NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_after_all_data),
      both_loops(test_at_once),
      own_loop(test_sent_comes_before),
      own_loop(test_sent_comes_before_within_one_turn),
      both_loops(test_a_half_closing_peer_gets_the_whole_answer),
      own_loop(test_a_half_closing_peer_gets_an_answer_in_steps),
      own_loop(test_a_peer_that_takes_nothing_more),
      own_loop(test_the_object_is_idle_in_the_handler),
      both_loops(test_a_peer_that_takes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
