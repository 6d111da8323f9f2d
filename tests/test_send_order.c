/* Sends of any size arrive in order. Each has its `sent`, never inside send. */
#include "bytes.h"
#include "objects.h"
#include "peer.h"

static bool sending;
static uint64_t offset;

static void send_stream(netmcu_connection *c, size_t size)
{
  char *block = malloc(size);
  assert_non_null(block);
  bytes_fill(block, size, offset, 1);
  offset += size;
  sending = true;
  assert_int_equal(netmcu_connection_send(c, block, size), 0);
  sending = false;
  /* It does not matter what the caller does with its memory afterwards. */
  memset(block, 0, size);
  free(block);
}

static void sent(netmcu_connection *c)
{
  (void)c;
  assert_false(sending);
  called("sent");
}

static const netmcu_connection_events sender = {
    .connection = journal_connection, .sent = sent, .disconnection = journal_disconnection};

static void verify_peer(peer *p)
{
  peer_result result;
  peer_end(p, &result);
  assert_int_equal(result.received, offset);
  assert_int_equal(result.sum, bytes_stream_sum(offset, 1));
  assert_true(result.ended && !result.reset);
}

static netmcu_connection *begin(netmcu_t *ctx, peer *p)
{
  offset = 0;
  netmcu_connection *c = open_connection(ctx, &sender, peer_port(p));
  expect_calls("connection", 1);
  loop_until_called(ctx, "connection", 1);
  return c;
}

static void end(netmcu_t *ctx, netmcu_connection *c, peer *p, unsigned sends)
{
  expect_calls("sent", sends);
  loop_until_called(ctx, "sent", sends);
  assert_int_equal(netmcu_connection_get_pending(c), 0);
  netmcu_connection_free(c);
  loop_run(ctx);
  verify_peer(p);
  loop_end(ctx);
}

static void test_any_size(void **state)
{
  (void)state;
  static const size_t sizes[] = {1, 1459, 1460, 1461, 2920, 2921, 65535, 65536, 1000000, 1, 5000000, 3};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = begin(ctx, p);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    send_stream(c, sizes[i]);
  end(ctx, c, p, sizeof sizes / sizeof *sizes);
}

static void test_a_thousand_in_one_go(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = begin(ctx, p);
  for (size_t i = 0; i < 1000; i++)
    send_stream(c, 1 + i % 97);
  end(ctx, c, p, 1000);
}

static void test_before_the_connection_is_open(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  offset = 0;
  netmcu_connection *c = open_connection(ctx, &sender, peer_port(p));
  send_stream(c, 10);
  send_stream(c, 300000);
  send_stream(c, 10);
  assert_int_equal(netmcu_connection_get_pending(c), 300020);
  assert_int_equal(calls("sent"), 0);
  loop_until_called(ctx, "sent", 3);
  assert_true(strncmp(journal(), "connection, ", 12) == 0);
  expect_calls("connection", 1);
  end(ctx, c, p, 3);
}

/* The peer reads only now and then, so the window is full most of the time. */
static void slow_reader(peer *p)
{
  peer_small_window(p);
  peer_wait(p);
  peer_read_to_end(p);
}

static void test_against_a_full_window(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(slow_reader, NULL);
  netmcu_connection *c = begin(ctx, p);
  for (int i = 0; i < 400; i++)
    send_stream(c, 20000);
  loop_turns(ctx, 20);
  assert_true(calls("sent") < 400);
  assert_true(netmcu_connection_get_pending(c) > 0);
  peer_go(p);
  end(ctx, c, p, 400);
}

static size_t left;

static void send_next(netmcu_connection *c)
{
  assert_false(sending);
  called("sent");
  if (left-- > 1)
    send_stream(c, 7777);
}

static void test_through_sent(void **state)
{
  (void)state;
  static const netmcu_connection_events chain = {.connection = journal_connection, .sent = send_next};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = begin(ctx, p);
  netmcu_connection_on(c, &chain);
  left = 2000;
  send_stream(c, 7777);
  end(ctx, c, p, 2000);
  assert_true(loop_peak_bytes() < 300000);
}

static void test_what_send_refuses(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = begin(ctx, p);
  assert_int_equal(netmcu_connection_send(c, "", 0), NETMCU_EVALUE);
  loop_turns(ctx, 5);
  end(ctx, c, p, 0);
}

/* The pending bytes are never more than the accepted bytes without a `sent`, and go down to 0. */
#define PIECE 2000000

static void sent_and_less_pending(netmcu_connection *c)
{
  called("sent");
  assert_true(netmcu_connection_get_pending(c) <= (10 - calls("sent")) * (size_t)PIECE);
}

static void test_pending_counts_down(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.connection = journal_connection, .sent = sent_and_less_pending};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(slow_reader, NULL);
  netmcu_connection *c = begin(ctx, p);
  netmcu_connection_on(c, &events);
  for (int i = 0; i < 10; i++)
    send_stream(c, PIECE);
  assert_true(netmcu_connection_get_pending(c) > 0);
  assert_true(netmcu_connection_get_pending(c) <= 10 * (size_t)PIECE);
  peer_go(p);
  end(ctx, c, p, 10);
}

/* A send inside the callback of a send comes after those that wait. */
static void send_once_more(netmcu_connection *c)
{
  called("sent");
  if (calls("sent") <= 5)
    send_stream(c, 50000);
}

static void test_send_while_others_wait(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.connection = journal_connection, .sent = send_once_more};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = begin(ctx, p);
  netmcu_connection_on(c, &events);
  for (int i = 0; i < 20; i++)
    send_stream(c, 50000);
  end(ctx, c, p, 25);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_any_size),
      both_loops(test_a_thousand_in_one_go),
      own_loop(test_before_the_connection_is_open),
      own_loop(test_against_a_full_window),
      own_loop(test_through_sent),
      own_loop(test_what_send_refuses),
      own_loop(test_pending_counts_down),
      own_loop(test_send_while_others_wait),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
