/* Back-pressure: "drained" fires once when nothing is pending any more, so a program that stops at
 * a limit always continues, and no queue grows without bound. */
#include "bytes.h"
#include "fake.h"
#include "objects.h"
#include "peer.h"

static void journal_drained(netmcu_connection *c)
{
  assert_int_equal(netmcu_connection_get_pending(c), 0);
  called("drained");
}

static const netmcu_connection_events events = {
    .connection = journal_connection,
    .sent = journal_sent,
    .disconnection = journal_disconnection,
    .drained = journal_drained,
};

static void test_once_for_several_sends(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = fake_open(ctx, &events);
  for (int i = 0; i < 3; i++)
    assert_int_equal(netmcu_connection_send(c, "x", 1), 0);
  expect_journal(""); /* never inside send */
  loop_run(ctx);
  expect_journal("sent, sent, sent, drained");
  loop_run(ctx);
  expect_journal("");
  loop_close(ctx);
}

static void test_not_while_anything_is_pending(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = fake_open(ctx, &events);
  fake_set_room(fake_stream(0), 5);
  assert_int_equal(netmcu_connection_send(c, "abc", 3), 0);
  assert_int_equal(netmcu_connection_send(c, "def", 3), 0);
  loop_run(ctx);
  expect_journal("sent");
  assert_int_equal(netmcu_connection_get_pending(c), 1);
  fake_set_room(fake_stream(0), 100);
  loop_run(ctx);
  expect_journal("sent, drained");
  loop_close(ctx);
}

/* What the "sent" handler sends has to go out first. */
static unsigned again;

static void send_again(netmcu_connection *c)
{
  called("sent");
  if (again > 0 && again--)
    assert_int_equal(netmcu_connection_send(c, "again", 5), 0);
}

static void test_after_what_sent_handlers_send(void **state)
{
  (void)state;
  static const netmcu_connection_events table = {.sent = send_again, .drained = journal_drained};
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = fake_open(ctx, &table);
  again = 2;
  assert_int_equal(netmcu_connection_send(c, "x", 1), 0);
  loop_run(ctx);
  expect_journal("sent, sent, sent, drained");
  loop_close(ctx);
}

/* A program may stop while the bytes of its event are gathered: they are pending, too. */
static void send_and_hold(netmcu_connection *c, const char *data, size_t size)
{
  called("receive %zu", size);
  assert_int_equal(netmcu_connection_send(c, data, size), 0);
  assert_int_equal(netmcu_connection_get_pending(c), size);
  assert_int_equal(netmcu_connection_hold(c), 0);
}

static void unhold(netmcu_connection *c)
{
  journal_drained(c);
  assert_int_equal(netmcu_connection_unhold(c), 0);
}

static const netmcu_connection_events echo = {
    .receive = send_and_hold, .disconnection = journal_disconnection, .drained = unhold};

static void test_without_a_sent_handler(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  fake_open(ctx, &echo);
  fake_receive(fake_stream(0), "hello", 5);
  loop_run(ctx);
  expect_journal("receive 5, drained");
  fake_receive(fake_stream(0), "again!", 6);
  loop_run(ctx);
  expect_journal("receive 6, drained");
  assert_string_equal(fake_output(fake_stream(0)), "helloagain!");
  loop_close(ctx);
}

/* What was sent before the end of the connection drains before its end is reported. */
static void test_before_the_end(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = fake_open(ctx, &events);
  fake_set_room(fake_stream(0), 0);
  assert_int_equal(netmcu_connection_send(c, "x", 1), 0);
  fake_finish(fake_stream(0));
  loop_run(ctx);
  expect_journal("");
  fake_set_room(fake_stream(0), 1);
  loop_run(ctx);
  expect_journal("sent, drained, disconnection 0");
  loop_close(ctx);
}

/* Output that is lost has not drained. */
static void test_not_if_output_is_lost(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = fake_open(ctx, &events);
  fake_set_room(fake_stream(0), 1);
  assert_int_equal(netmcu_connection_send(c, "x", 1), 0);
  assert_int_equal(netmcu_connection_send(c, "yz", 2), 0);
  loop_run(ctx);
  expect_journal("sent");
  fake_break_write(fake_stream(0), NETMCU_ERESET);
  fake_break(fake_stream(0), NETMCU_ERESET);
  loop_run(ctx);
  expect_journal("disconnection -9");
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_not_if_sends_and_a_loss_come_together(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = fake_open(ctx, &events);
  assert_int_equal(netmcu_connection_hold(c), 0);
  assert_int_equal(netmcu_connection_send(c, "x", 1), 0);  /* written, and not reported yet */
  assert_int_equal(netmcu_connection_send(c, "yz", 2), 0); /* queued until the turn, which then fails */
  fake_fail(FAKE_WRITE, 1, NETMCU_ERESET);
  loop_run(ctx);
  expect_journal("sent, disconnection -9");
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_not_after_a_close(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = fake_open(ctx, &events);
  assert_int_equal(netmcu_connection_send(c, "x", 1), 0);
  assert_int_equal(netmcu_connection_close(c), 0);
  clock_pass(ctx, 2000);
  expect_journal("");
  loop_close(ctx);
}

/* ---- over the network ------------------------------------------------------------------------ */

#define LIMIT  100000
#define AMOUNT 20000000

static size_t most_pending;
static peer *slow_reader; /* begins to read when the limit is exceeded */

static void echo_within_limit(netmcu_connection *c, const char *data, size_t size)
{
  assert_int_equal(netmcu_connection_send(c, data, size), 0);
  if (netmcu_connection_get_pending(c) > most_pending)
    most_pending = netmcu_connection_get_pending(c);
  if (netmcu_connection_get_pending(c) > LIMIT) {
    netmcu_connection_hold(c);
    peer_go(slow_reader);
  }
}

static void unhold_quietly(netmcu_connection *c)
{
  assert_int_equal(netmcu_connection_get_pending(c), 0);
  netmcu_connection_unhold(c);
}

static void accept_echo(netmcu_server *server, netmcu_connection *client)
{
  static const netmcu_connection_events table = {
      .receive = echo_within_limit, .drained = unhold_quietly, .disconnection = journal_disconnection};
  (void)server;
  netmcu_connection_on(client, &table);
}

/* Sends without reading, so that what comes back piles up on both sides. */
static void send_all(void *data)
{
  peer_send_stream(data, AMOUNT, 3);
  peer_finish(data);
}

static void send_then_read(peer *p)
{
  uv_thread_t sender;
  peer_small_window(p);
  if (uv_thread_create(&sender, send_all, p))
    peer_fail(p, "no thread");
  peer_wait(p);
  peer_read_to_end(p);
  uv_thread_join(&sender);
}

static void test_an_echo_server_with_a_slow_reader(void **state)
{
  (void)state;
  uint16_t port;
  peer_result result;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = open_server(ctx, accept_echo, &port);
  most_pending = 0;
  slow_reader = peer_connect(port, send_then_read, NULL);
  loop_until_called(ctx, "disconnection 0", 1);
  expect_calls("disconnection 0", 1);
  netmcu_server_close(server);
  loop_run(ctx);
  peer_end(slow_reader, &result);
  assert_int_equal(result.received, AMOUNT);
  assert_true(most_pending > LIMIT && most_pending < LIMIT + 128 * 1024);
  assert_true(loop_peak_bytes() < 2000000);
  netmcu_server_free(server);
  loop_close(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_once_for_several_sends),
      own_loop(test_not_while_anything_is_pending),
      own_loop(test_after_what_sent_handlers_send),
      own_loop(test_without_a_sent_handler),
      own_loop(test_before_the_end),
      own_loop(test_not_if_output_is_lost),
      own_loop(test_not_if_sends_and_a_loss_come_together),
      own_loop(test_not_after_a_close),
      both_loops(test_an_echo_server_with_a_slow_reader),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
