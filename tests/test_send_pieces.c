/* netmcu_connection_send_pieces: the pieces arrive in order, as one send with one "sent", and at
 * best in one packet. */
#include "bytes.h"
#include "fake.h"
#include "objects.h"
#include "peer.h"

static const netmcu_piece words[] = {{"one ", 4}, {NULL, 0}, {"two ", 4}, {"three", 5}};

static void test_one_send(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = fake_open(ctx, &journal_events);
  assert_int_equal(netmcu_connection_send_pieces(c, words, 4), 0);
  assert_string_equal(fake_output(fake_stream(0)), "one two three"); /* written at once, uncopied */
  loop_run(ctx);
  expect_journal("sent");
  loop_close(ctx);
}

/* The system takes any number of bytes, which may end inside of any piece. */
static void test_what_is_not_taken_is_queued(void **state)
{
  (void)state;
  for (size_t room = 0; room <= 13; room++) {
    netmcu_t *ctx = fake_begin(NULL);
    netmcu_connection *c = fake_open(ctx, &journal_events);
    fake_set_room(fake_stream(0), room);
    assert_int_equal(netmcu_connection_send_pieces(c, words, 4), 0);
    assert_int_equal(netmcu_connection_get_pending(c), 13 - room);
    loop_run(ctx);
    assert_int_equal(calls("sent"), room == 13);
    fake_set_room(fake_stream(0), SIZE_MAX);
    loop_run(ctx);
    expect_journal("sent");
    assert_string_equal(fake_output(fake_stream(0)), "one two three");
    loop_close(ctx);
    loop_reset_own(NULL);
  }
}

static void send_words(netmcu_connection *c)
{
  assert_int_equal(netmcu_connection_send(c, "zero ", 5), 0);
  assert_int_equal(netmcu_connection_send_pieces(c, words, 4), 0);
}

/* In an event, pieces are gathered like other sends. */
static void test_in_an_event(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.connection = send_words, .sent = journal_sent};
  netmcu_t *ctx = fake_begin(NULL);
  open_connection(ctx, &events, 80);
  loop_run(ctx);
  fake_connected(fake_stream(0), 0);
  assert_string_equal(fake_output(fake_stream(0)), "zero one two three");
  loop_run(ctx);
  expect_journal("sent, sent");
  loop_close(ctx);
}

static void test_before_it_is_open(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, 80);
  assert_int_equal(netmcu_connection_send_pieces(c, words, 4), 0);
  assert_int_equal(netmcu_connection_get_pending(c), 13);
  loop_run(ctx);
  fake_connected(fake_stream(0), 0);
  loop_run(ctx);
  expect_journal("dns 127.0.0.1, connection, sent");
  assert_string_equal(fake_output(fake_stream(0)), "one two three");
  loop_close(ctx);
}

/* A fault lets a part of the pieces pass. */
static void test_with_a_fault(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  assert_int_equal(netmcu_set_fault(ctx, "stall,after=6"), 0);
  netmcu_connection *c = fake_open(ctx, &journal_events);
  assert_int_equal(netmcu_connection_send_pieces(c, words, 4), 0);
  loop_turns(ctx, 3);
  expect_journal("");
  assert_string_equal(fake_output(fake_stream(0)), "one tw");
  assert_int_equal(netmcu_connection_get_pending(c), 7);
  loop_close(ctx);
}

static void test_what_is_refused(void **state)
{
  (void)state;
  static const netmcu_piece empty[] = {{NULL, 0}, {"", 0}}, huge[] = {{"", SIZE_MAX}, {"", 1}};
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = netmcu_connection_new(ctx);
  assert_int_equal(netmcu_connection_send_pieces(c, words, 4), NETMCU_ENOTCONN);
  netmcu_connection_free(c);
  c = fake_open(ctx, &journal_events);
  assert_int_equal(netmcu_connection_send_pieces(c, empty, 2), NETMCU_EVALUE);
  assert_int_equal(netmcu_connection_send_pieces(c, NULL, 0), NETMCU_EVALUE);
  assert_int_equal(netmcu_connection_send_pieces(c, huge, 2), NETMCU_ENOMEM);
  fake_set_room(fake_stream(0), 0);
  loop_fail_allocation(1, true);
  assert_int_equal(netmcu_connection_send_pieces(c, words, 4), NETMCU_ENOMEM); /* and nothing is sent */
  loop_fail_allocation(0, false);
  fake_set_room(fake_stream(0), SIZE_MAX);
  loop_run(ctx);
  expect_journal("");
  assert_int_equal(fake_output_size(fake_stream(0)), 0);
  loop_close(ctx);
}

/* More pieces than one system call takes, and more bytes than the system takes at once. */
#define PIECES 1000

static void test_many_over_the_network(void **state)
{
  (void)state;
  enum { SIZE = 20011 };
  static char data[PIECES * SIZE];
  static netmcu_piece pieces[PIECES];
  peer_result result;
  netmcu_t *ctx = loop_begin(NULL);
  bytes_fill(data, sizeof data, 0, 7);
  for (size_t i = 0; i < PIECES; i++)
    pieces[i] = (netmcu_piece){data + i * SIZE, SIZE};
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  forget_calls();
  assert_int_equal(netmcu_connection_send_pieces(c, pieces, PIECES), 0);
  loop_until_called(ctx, "sent", 1);
  expect_journal("sent");
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, &result);
  assert_int_equal(result.received, sizeof data);
  assert_true(result.sum == bytes_sum(BYTES_SUM_INIT, data, sizeof data));
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_one_send),
      own_loop(test_what_is_not_taken_is_queued),
      own_loop(test_in_an_event),
      own_loop(test_before_it_is_open),
      own_loop(test_with_a_fault),
      own_loop(test_what_is_refused),
      both_loops(test_many_over_the_network),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
