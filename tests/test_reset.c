/* A peer that resets, or closes with unread data: NETMCU_ERESET, exactly once. */
#include "objects.h"
#include "peer.h"

static void reset_at_once(peer *p)
{
  peer_reset(p);
}

static void test_at_once(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(reset_at_once, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  loop_run(ctx);
  /* The reset may arrive before the system has reported that the connection is open. */
  if (calls("connection"))
    expect_journal("dns 127.0.0.1, connection, disconnection -9");
  else
    expect_journal("dns 127.0.0.1, disconnection -9");
  peer_end(p, NULL);
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void wait_and_reset(peer *p)
{
  peer_wait(p);
  peer_reset(p);
}

static void run_until_reset(const netmcu_connection_events *events, size_t size, const char *outcome)
{
  static char block[8000000];
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(wait_and_reset, NULL);
  netmcu_connection *c = open_connection(ctx, events, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  if (size > 0)
    assert_int_equal(netmcu_connection_send(c, block, size), 0);
  loop_turns(ctx, 10);
  forget_calls();
  peer_go(p);
  loop_run(ctx);
  expect_journal(outcome);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  assert_int_equal(netmcu_connection_get_pending(c), 0);
  peer_end(p, NULL);
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_while_idle(void **state)
{
  (void)state;
  run_until_reset(&journal_events, 0, "disconnection -9");
}

/* Output that was not taken has no `sent`. */
static void test_while_sending(void **state)
{
  (void)state;
  run_until_reset(&journal_events, 8000000, "disconnection -9");
}

static void test_goes_to_reconnection(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {
      .connection = journal_connection, .reconnection = journal_reconnection, .disconnection = journal_disconnection};
  run_until_reset(&events, 0, "reconnection -9");
}

static void test_without_handlers(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.connection = journal_connection};
  run_until_reset(&events, 8000000, "");
}

/* The connection is closed with much output, then the peer resets: it ends silently. */
static void test_while_closing(void **state)
{
  (void)state;
  static char block[8000000];
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(wait_and_reset, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  forget_calls();
  assert_int_equal(netmcu_connection_send(c, block, sizeof block), 0);
  netmcu_connection_free(c);
  loop_turns(ctx, 10);
  peer_go(p);
  loop_run(ctx);
  expect_journal("");
  peer_end(p, NULL);
  loop_end(ctx);
}

/* Data that arrived before the reset is delivered if the system still has it. The end comes
 * once. */
static void send_and_reset(peer *p)
{
  peer_send(p, "last words", 10);
  peer_wait(p);
  peer_reset(p);
}

static void test_after_data(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(send_and_reset, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  loop_until_called(ctx, "receive 10", 1);
  peer_go(p);
  loop_run(ctx);
  expect_journal("dns 127.0.0.1, connection, receive 10, disconnection -9");
  peer_end(p, NULL);
  netmcu_connection_free(c);
  loop_end(ctx);
}

/* The reset arrives together with the last data. libuv reports an end, but it is still a reset. */
static void send_much_and_reset(peer *p)
{
  peer_send_stream(p, 10000, 1);
  peer_read(p, NULL, 3);
  peer_reset(p);
}

static void send_three(netmcu_connection *c)
{
  netmcu_connection_send(c, "abc", 3);
}

static void drop(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  (void)data;
  (void)size;
}

static void test_together_with_data(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {
      .connection = send_three, .receive = drop, .disconnection = journal_disconnection};
  netmcu_t *ctx = loop_begin(NULL);
  for (int i = 0; i < 50; i++) {
    peer *p = peer_listen(send_much_and_reset, NULL);
    netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
    loop_run(ctx);
    expect_journal("disconnection -9");
    peer_end(p, NULL);
    netmcu_connection_free(c);
  }
  loop_end(ctx);
}

/* The peer resets after the accept, before the accept callback could do anything. */
static void test_of_a_client_not_yet_accepted(void **state)
{
  (void)state;
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = open_server(ctx, accept_journal, &port);
  peer *p = peer_connect(port, reset_at_once, NULL);
  while (!peer_is_done(p))
    peer_sleep(1);
  peer_end(p, NULL);
  loop_until_called(ctx, "disconnection -9", 1);
  expect_journal("accept, connection, disconnection -9");
  netmcu_server_free(server);
  loop_files_may_differ();
  loop_close(ctx);
}

/* The peer takes an answer, and resets before the answer's `sent` is reported. The unread data
 * fills a buffer, so the reset behind it is read in the same loop iteration. */
typedef struct answered {
  netmcu_connection *connection;
  peer *peer;
} answered;

static void answer_elsewhere(netmcu_connection *c, const char *data, size_t size)
{
  const answered *other = netmcu_connection_get_data(c);
  (void)data;
  (void)size;
  assert_int_equal(netmcu_connection_send(other->connection, "abc", 3), 0);
  peer_go(other->peer);
  while (!peer_is_done(other->peer))
    peer_sleep(1);
}

static void send_one(peer *p)
{
  peer_wait(p);
  peer_send(p, "x", 1);
  peer_read_to_end(p);
}

static void send_much_take_little(peer *p)
{
  peer_send_stream(p, 8000000, 1); /* makes the system enlarge its window */
  peer_wait(p);
  peer_send(p, "x", 1);
  peer_wait(p);
  peer_send_stream(p, 65536 - 1, 1);
  peer_read(p, NULL, 3);
  peer_sleep(200); /* everything must have arrived, because a reset overtakes data in transit */
  peer_reset(p);
}

static void count_bytes(netmcu_connection *c, const char *data, size_t size)
{
  static size_t received;
  (void)c;
  (void)data;
  received += size;
  if (received == 8000000)
    called("all");
}

static void close_first(netmcu_connection *c)
{
  netmcu_connection_close(netmcu_connection_get_data(c));
  called("sent");
}

static void test_sent_comes_before(void **state)
{
  (void)state;
  static const netmcu_connection_events first_events = {.connection = journal_connection, .receive = answer_elsewhere};
  static const netmcu_connection_events second_events = {.connection = journal_connection,
                                                         .receive = count_bytes,
                                                         .sent = close_first,
                                                         .disconnection = journal_disconnection};
  netmcu_t *ctx = loop_begin(NULL);
  peer *one = peer_listen(send_one, NULL);
  answered other = {.peer = peer_listen(send_much_take_little, NULL)};
  netmcu_connection *c = open_connection(ctx, &first_events, peer_port(one));
  loop_until_called(ctx, "connection", 1);
  other.connection = open_connection(ctx, &second_events, peer_port(other.peer));
  netmcu_connection_set_data(c, &other);
  netmcu_connection_set_data(other.connection, c);
  loop_until_called(ctx, "all", 1);
  loop_turns(ctx, 5); /* nothing is left to read */
  forget_calls();
  peer_go(one);
  peer_sleep(20); /* now both have something to read, and the first is read first */
  peer_go(other.peer);
  peer_sleep(20);
  loop_run(ctx);
  expect_journal("sent, disconnection -9");
  peer_end(one, NULL);
  peer_end(other.peer, NULL);
  netmcu_connection_free(c);
  netmcu_connection_free(other.connection);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_at_once),
      both_loops(test_while_idle),
      both_loops(test_while_sending),
      own_loop(test_goes_to_reconnection),
      own_loop(test_without_handlers),
      own_loop(test_while_closing),
      own_loop(test_after_data),
      own_loop(test_together_with_data),
      own_loop(test_of_a_client_not_yet_accepted),
      own_loop(test_sent_comes_before),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
