/* What a program sees when the network fails it: each operation of the stack in turn returns an
 * error or takes nothing. No object is lost, no callback comes twice, and what was sent or received
 * before the error still arrives. */
#include "fake.h"

#define PEER "192.0.2.1"

static netmcu_connection *connect_to(netmcu_t *ctx, const netmcu_connection_events *events)
{
  netmcu_connection *c = netmcu_connection_new(ctx);
  assert_non_null(c);
  netmcu_connection_on(c, events);
  assert_int_equal(netmcu_connection_connect(c, 80, PEER), 0);
  return c;
}

/* Returns a connection that is open. */
static netmcu_connection *open_to(netmcu_t *ctx, const netmcu_connection_events *events)
{
  netmcu_connection *c = connect_to(ctx, events);
  loop_run(ctx);
  fake_connected(fake_stream(fake_streams() - 1), 0);
  loop_run(ctx);
  forget_calls();
  return c;
}

static void end(netmcu_t *ctx, netmcu_connection *c)
{
  netmcu_connection_free(c);
  clock_pass(ctx, 100000); /* however long it lingers */
  loop_end(ctx);
}

/* ---- connecting ------------------------------------------------------------------------------ */

static void test_no_socket(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &journal_events);
  fake_fail(FAKE_OPEN, 1, NETMCU_ENOMEM);
  assert_int_equal(netmcu_connection_connect(c, 80, PEER), NETMCU_ENOMEM);
  loop_run(ctx);
  expect_journal("");
  assert_int_equal(netmcu_connection_connect(c, 80, PEER), 0);
  loop_run(ctx);
  expect_journal("dns 192.0.2.1");
  end(ctx, c);
}

static void test_no_route(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  fake_fail(FAKE_CONNECT, 1, NETMCU_EROUTE);
  netmcu_connection *c = connect_to(ctx, &journal_events);
  expect_journal("");
  loop_run(ctx);
  expect_journal("dns 192.0.2.1, disconnection -4");
  end(ctx, c);
}

/* The second address of a name needs a second socket. */
static void test_no_second_socket(void **state)
{
  (void)state;
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.families = NETMCU_ANY_FAMILY;
  netmcu_t *ctx = fake_begin(&options);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &journal_events);
  assert_int_equal(netmcu_connection_connect(c, 80, "app.localhost"), 0);
  loop_run(ctx);
  fake_fail(FAKE_OPEN, 1, NETMCU_ENOMEM);
  fake_connected(fake_stream(0), NETMCU_ERESET);
  loop_run(ctx);
  expect_journal("dns ::1, disconnection -1");
  end(ctx, c);
}

static void test_refused(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = connect_to(ctx, &journal_events);
  loop_run(ctx);
  fake_connected(fake_stream(0), NETMCU_ERESET);
  expect_journal("dns 192.0.2.1, disconnection -9");
  end(ctx, c);
}

/* ---- listening ------------------------------------------------------------------------------- */

static void accept_and_free(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  called("accept");
  netmcu_connection_free(client);
}

static void test_address_in_use(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_server *server = netmcu_server_new(ctx);
  fake_fail(FAKE_LISTEN, 1, NETMCU_EADDRINUSE);
  assert_int_equal(netmcu_server_listen(server, 80, NULL, 0, accept_and_free), NETMCU_EADDRINUSE);
  fake_fail(FAKE_OPEN_LISTENER, 1, NETMCU_ENOMEM);
  assert_int_equal(netmcu_server_listen(server, 80, NULL, 0, accept_and_free), NETMCU_ENOMEM);
  assert_int_equal(netmcu_server_close(server), NETMCU_ENOTCONN);
  assert_int_equal(netmcu_server_listen(server, 80, NULL, 0, accept_and_free), 0);
  fake_client();
  loop_run(ctx);
  expect_journal("accept");
  netmcu_server_free(server);
  clock_pass(ctx, 3000); /* however long it lingers */
  loop_end(ctx);
}

/* A client that has gone before it was accepted does not keep the next one out. */
static void test_a_client_that_has_gone(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_server *server = netmcu_server_new(ctx);
  assert_int_equal(netmcu_server_listen(server, 80, NULL, 0, accept_and_free), 0);
  fake_fail(FAKE_ACCEPT, 1, NETMCU_EABORTED);
  fake_client();
  fake_client();
  loop_run(ctx);
  expect_journal("accept");
  netmcu_server_free(server);
  clock_pass(ctx, 3000); /* however long it lingers */
  loop_end(ctx);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void test_the_network_takes_a_part(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = open_to(ctx, &journal_events);
  fake_stream_t *s = fake_stream(0);
  fake_set_room(s, 3);
  assert_int_equal(netmcu_connection_send(c, "hello", 5), 0);
  assert_int_equal(netmcu_connection_send(c, " world", 6), 0);
  loop_run(ctx);
  assert_string_equal(fake_output(s), "hel");
  assert_true(fake_is_write_waiting(s));
  assert_int_equal(netmcu_connection_get_pending(c), 8);
  expect_journal("");
  fake_set_room(s, 4); /* of the two bytes that wait it takes both, and of the others two */
  loop_run(ctx);
  assert_string_equal(fake_output(s), "hello w");
  expect_journal("sent");
  fake_set_room(s, 100);
  loop_run(ctx);
  assert_string_equal(fake_output(s), "hello world");
  expect_journal("sent");
  assert_int_equal(netmcu_connection_get_pending(c), 0);
  end(ctx, c);
}

/* What the peer sent before its reset is delivered, and the error follows it. */
static void test_a_failed_write_leaves_the_input(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = open_to(ctx, &journal_events);
  fake_stream_t *s = fake_stream(0);
  fake_fail(FAKE_WRITE, 1, NETMCU_ERESET);
  assert_int_equal(netmcu_connection_send(c, "hello", 5), 0);
  fake_fail(FAKE_WRITE, 1, NETMCU_ERESET);
  loop_run(ctx);
  expect_journal("");
  fake_receive(s, "last words", 10);
  fake_finish(s);
  loop_run(ctx);
  expect_journal("receive 10, disconnection -9");
  end(ctx, c);
}

/* Its owner holds it, and may be waiting for this very output. */
static void test_a_failed_write_while_held(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = open_to(ctx, &journal_events);
  fake_set_room(fake_stream(0), 0);
  assert_int_equal(netmcu_connection_hold(c), 0);
  assert_int_equal(netmcu_connection_send(c, "hello", 5), 0);
  loop_run(ctx);
  expect_journal("");
  fake_break_write(fake_stream(0), NETMCU_ERESET);
  loop_run(ctx);
  expect_journal("disconnection -9");
  end(ctx, c);
}

static void test_waiting_fails(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = open_to(ctx, &journal_events);
  fake_stream_t *s = fake_stream(0);
  fake_set_room(s, 0);
  fake_fail(FAKE_WRITE_LATER, 1, NETMCU_ENOMEM);
  assert_int_equal(netmcu_connection_send(c, "hello", 5), 0);
  loop_run(ctx); /* tries again, and waits */
  assert_true(fake_is_write_waiting(s));
  fake_set_room(s, 100);
  loop_run(ctx);
  expect_journal("sent");
  fake_set_room(s, 0);
  fake_fail(FAKE_WRITE_LATER, 1, NETMCU_ENOMEM);
  assert_int_equal(netmcu_connection_send(c, "hello", 5), 0);
  fake_fail(FAKE_WRITE_LATER, 1, NETMCU_ENOMEM);
  loop_run(ctx);
  fake_finish(s);
  loop_run(ctx);
  expect_journal("disconnection -1");
  end(ctx, c);
}

/* The peer has finished and does not take the rest: no error, as it had nothing more to say. */
static void test_a_write_fails_after_the_peers_end(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = open_to(ctx, &journal_events);
  fake_stream_t *s = fake_stream(0);
  fake_set_room(s, 0);
  assert_int_equal(netmcu_connection_send(c, "hello", 5), 0);
  fake_finish(s);
  loop_run(ctx);
  expect_journal("");
  fake_break_write(s, NETMCU_ERESET);
  loop_run(ctx);
  expect_journal("disconnection 0");
  end(ctx, c);
}

/* ---- the end --------------------------------------------------------------------------------- */

static void test_a_reset_that_looks_like_a_fin(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = open_to(ctx, &journal_events);
  fake_receive(fake_stream(0), "hello", 5);
  fake_finish_by(fake_stream(0), NETMCU_ERESET);
  loop_run(ctx);
  expect_journal("receive 5, disconnection -9");
  end(ctx, c);
}

static void test_a_failed_read_reports_what_was_sent(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = open_to(ctx, &journal_events);
  assert_int_equal(netmcu_connection_send(c, "hello", 5), 0);
  fake_break(fake_stream(0), NETMCU_ERESET);
  loop_run(ctx);
  expect_journal("sent, disconnection -9");
  end(ctx, c);
}

static void test_a_failed_shutdown_ends_at_once(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = open_to(ctx, &journal_events);
  fake_fail(FAKE_SHUT_DOWN, 1, NETMCU_ENOTCONN);
  assert_int_equal(netmcu_connection_close(c), 0);
  assert_null(fake_stream(0));
  netmcu_connection_free(c);
  loop_end(ctx);
}

/* ---- every operation ------------------------------------------------------------------------- */

static netmcu_connection *client;
static unsigned opened, ended;

static void on_opened(netmcu_connection *c)
{
  opened++;
  netmcu_connection_send(c, "hello", 5);
}

static void on_received(netmcu_connection *c, const char *data, size_t size)
{
  netmcu_connection_send(c, data, size);
}

static void on_ended(netmcu_connection *c, int error)
{
  (void)error;
  ended++;
  if (c == client)
    client = NULL;
  netmcu_connection_free(c);
}

static const netmcu_connection_events echo = {
    .connection = on_opened, .receive = on_received, .disconnection = on_ended};

static void on_client(netmcu_server *server, netmcu_connection *c)
{
  (void)server;
  client = c;
  netmcu_connection_on(c, &echo);
}

static void talk(netmcu_t *ctx, unsigned index)
{
  loop_run(ctx);
  for (unsigned i = 0; i < 3 && fake_stream(index); i++) {
    fake_set_room(fake_stream(index), i);
    fake_receive(fake_stream(index), "question", 8);
    loop_run(ctx);
  }
  if (fake_stream(index))
    fake_set_room(fake_stream(index), 1000);
  if (fake_stream(index))
    fake_finish(fake_stream(index));
  clock_pass(ctx, 100000);
}

/* Whatever fails, and whenever: each connection that has begun ends once, and nothing is left. */
static void test_every_operation(void **state)
{
  (void)state;
  for (int operation = 0; operation < FAKE_OPERATIONS; operation++)
    for (unsigned nth = 1; nth <= 8; nth++) {
      netmcu_t *ctx = fake_begin(NULL);
      netmcu_server *server = netmcu_server_new(ctx);
      netmcu_connection *c = netmcu_connection_new(ctx);
      client = NULL;
      opened = ended = 0;
      netmcu_connection_on(c, &echo);
      fake_fail((fake_operation)operation, nth, NETMCU_ERESET);
      bool listens = netmcu_server_listen(server, 80, NULL, 0, on_client) == 0;
      if (listens)
        fake_client();
      loop_run(ctx);
      if (fake_streams() > 0)
        talk(ctx, 0);
      unsigned before = ended;
      int error = netmcu_connection_connect(c, 80, PEER);
      unsigned index = fake_streams() - 1;
      loop_run(ctx);
      if (error == 0 && fake_stream(index))
        fake_connected(fake_stream(index), 0);
      if (error == 0)
        talk(ctx, index);
      assert_int_equal(ended - before, error == 0);
      if (error)
        netmcu_connection_free(c);
      assert_null(client);
      netmcu_server_free(server);
      loop_end(ctx);
      loop_reset_own(state);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_no_socket),
      own_loop(test_no_route),
      both_loops(test_refused),
      own_loop(test_address_in_use),
      own_loop(test_a_client_that_has_gone),
      both_loops(test_the_network_takes_a_part),
      both_loops(test_a_failed_write_leaves_the_input),
      own_loop(test_a_failed_write_while_held),
      own_loop(test_waiting_fails),
      own_loop(test_no_second_socket),
      own_loop(test_a_write_fails_after_the_peers_end),
      own_loop(test_a_reset_that_looks_like_a_fin),
      own_loop(test_a_failed_read_reports_what_was_sent),
      both_loops(test_a_failed_shutdown_ends_at_once),
      own_loop(test_every_operation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
