/* A TLS connection works as any other: the same events in the same order, all data, and nothing is
 * lost by a close. */
#include "bytes.h"
#include "tls.h"

static netmcu_server *server;
static netmcu_tls_options client_options, server_options;
static uint64_t received;

static netmcu_t *begin(const netmcu_connection_events *server_events)
{
  netmcu_t *ctx = loop_begin_with_frames();

  received = 0;
  client_options = tls_client();
  server_options = tls_server("server");
  server = tls_listen(ctx, &server_options, server_events);
  return ctx;
}

static void end(netmcu_t *ctx, netmcu_connection *c)
{
  netmcu_connection_free(c);
  netmcu_server_free(server);
  loop_end(ctx);
}

static const netmcu_connection_events echoes = {.receive = tls_echo, .disconnection = tls_free};

static void receive_and_close(netmcu_connection *c, const char *data, size_t size)
{
  journal_receive(c, data, size);
  assert_memory_equal(data, "hello", 5);
  netmcu_connection_close(c);
  netmcu_server_close(server);
}

static void test_events_are_those_of_any_connection(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.dns = journal_dns,
                                                  .connection = tls_say_hello,
                                                  .receive = receive_and_close,
                                                  .sent = journal_sent,
                                                  .disconnection = journal_disconnection};
  netmcu_t *ctx = begin(&echoes);
  netmcu_connection *c = tls_connect(ctx, &client_options, &events, tls_port(server));
  loop_run(ctx);
  expect_journal("dns 127.0.0.1, connection, sent, receive 5");
  end(ctx, c);
}

static void describe_certificate(const netmcu_connection *c)
{
  netmcu_tls_certificate one;

  assert_int_equal(netmcu_connection_get_tls_certificate(c, 0, &one), 0);
  called("%s by %s", one.name, one.issuer);
  assert_true(strlen(one.begin) == 10 && strcmp(one.begin, one.end) < 0);
  assert_between(one.size, 300, 600);
  assert_int_equal(netmcu_connection_get_tls_certificate(c, 1, &one), NETMCU_EARGUMENT);
}

static void describe_and_close(netmcu_connection *c)
{
  netmcu_tls_state tls;

  journal_connection(c);
  assert_int_equal(netmcu_connection_get_tls(c, &tls), 0);
  called("%s", strncmp(tls.version, "TLSv1.", 6) == 0 ? "TLS" : tls.version);
  called("%s", strncmp(tls.cipher, "TLS", 3) == 0 ? "cipher" : tls.cipher);
  called("%s", tls.alpn ? tls.alpn : "no protocol");
  describe_certificate(c);
  netmcu_connection_close(c);
  assert_int_equal(netmcu_connection_get_tls(c, &tls), NETMCU_ENOTCONN);
  assert_int_equal(netmcu_connection_get_tls_certificate(c, 0, &(netmcu_tls_certificate){.size = 0}), NETMCU_ENOTCONN);
  netmcu_server_close(server);
}

static void test_state_and_alpn(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.connection = describe_and_close};
  netmcu_t *ctx = begin(&echoes);
  client_options.alpn = "h2,mqtt,http/1.1";
  server_options.alpn = "http/1.1,mqtt";
  netmcu_connection *c = tls_connect(ctx, &client_options, &events, tls_port(server));
  loop_run(ctx);
  expect_journal("connection, TLS, cipher, http/1.1, server.example by Test CA");
  end(ctx, c);
}

/* ---- much data ------------------------------------------------------------------------------- */

#define SIZE 1000000

static char block[SIZE];

static int set_up(void **state)
{
  bytes_fill(block, SIZE, 0, 5);
  return tls_set_up(state);
}

static void send_much_and_free(netmcu_connection *c)
{
  assert_int_equal(netmcu_connection_send(c, block, SIZE), 0);
  netmcu_connection_free(c);
}

static void count(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  assert_between(size, 1, 1460);
  assert_true(bytes_are(data, size, received, 5));
  received += size;
}

static void end_complete(netmcu_connection *c, int error)
{
  called("end %d", error);
  assert_int_equal(received, SIZE);
  netmcu_server_close(server);
  netmcu_connection_close(c);
}

static const netmcu_connection_events sends_much = {.connection = send_much_and_free};
static const netmcu_connection_events counts = {.receive = count, .disconnection = end_complete};

static void test_close_loses_nothing(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(&sends_much);
  netmcu_connection *c = tls_connect(ctx, &client_options, &counts, tls_port(server));
  expect_calls("end 0", 1);
  loop_run(ctx);
  end(ctx, c);
}

static void count_sent(netmcu_connection *c)
{
  called("sent");
  assert_true(netmcu_connection_get_pending(c) < SIZE);
}

static void send_more(netmcu_connection *c)
{
  assert_int_equal(netmcu_connection_send(c, block, SIZE - 7), 0);
  assert_int_equal(netmcu_connection_send(c, block + SIZE - 7, 7), 0);
}

static void end_of_sender(netmcu_connection *c, int error)
{
  called("sender's end %d", error);
  netmcu_connection_free(c);
}

static void close_when_complete(netmcu_connection *c, const char *data, size_t size)
{
  count(c, data, size);
  if (received < SIZE)
    return;
  netmcu_connection_close(c);
  netmcu_server_close(server);
}

static void test_sent_fires_once_for_each_send(void **state)
{
  (void)state;
  static const netmcu_connection_events sends = {
      .connection = send_more, .sent = count_sent, .disconnection = end_of_sender};
  static const netmcu_connection_events counts_and_closes = {.receive = close_when_complete};
  netmcu_t *ctx = begin(&sends);
  netmcu_connection *c = tls_connect(ctx, &client_options, &counts_and_closes, tls_port(server));
  expect_calls("sent", 2);
  expect_calls("sender's end 0", 1);
  loop_run(ctx);
  end(ctx, c);
}

/* ---- sends before the handshake -------------------------------------------------------------- */

static void test_early_sends_wait(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {
      .connection = journal_connection, .sent = journal_sent, .receive = receive_and_close};
  netmcu_t *ctx = begin(&echoes);
  netmcu_connection *c = tls_connect(ctx, &client_options, &events, tls_port(server));
  assert_int_equal(netmcu_connection_send(c, "he", 2), 0);
  assert_int_equal(netmcu_connection_send(c, "llo", 3), 0);
  assert_int_equal(netmcu_connection_get_pending(c), 5);
  loop_run(ctx);
  expect_journal("connection, sent, sent, receive 5");
  end(ctx, c);
}

static void test_close_before_the_handshake_loses_nothing(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(&counts);
  netmcu_connection *c = tls_connect(ctx, &client_options, NULL, tls_port(server));
  assert_int_equal(netmcu_connection_send(c, block, SIZE), 0);
  assert_int_equal(netmcu_connection_close(c), 0);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  expect_calls("end 0", 1);
  loop_run(ctx);
  end(ctx, c);
}

static void test_free_before_the_handshake_loses_nothing(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(&counts);
  netmcu_connection *c = tls_connect(ctx, &client_options, NULL, tls_port(server));
  assert_int_equal(netmcu_connection_send(c, block, SIZE), 0);
  netmcu_connection_free(c);
  expect_calls("end 0", 1);
  loop_run(ctx);
  end(ctx, NULL);
}

static void accept_and_greet(netmcu_server *s, netmcu_connection *client)
{
  (void)s;
  assert_int_equal(netmcu_connection_use_tls(client, &server_options), 0);
  assert_int_equal(netmcu_connection_send(client, block, SIZE), 0);
  netmcu_connection_free(client);
}

static void test_a_server_may_send_and_free_at_once(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(NULL);
  netmcu_server_close(server);
  assert_int_equal(netmcu_server_listen(server, 0, "127.0.0.1", 0, accept_and_greet), 0);
  netmcu_connection *c = tls_connect(ctx, &client_options, &counts, tls_port(server));
  expect_calls("end 0", 1);
  loop_run(ctx);
  end(ctx, c);
}

static void test_context_close_delivers_early_sends(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(&counts);
  netmcu_t *other = netmcu_new(netmcu_get_loop(ctx), NULL);
  netmcu_connection *c = tls_connect(other, &client_options, NULL, tls_port(server));
  assert_int_equal(netmcu_connection_send(c, block, SIZE), 0);
  assert_int_equal(netmcu_close(other, NULL, NULL), 0);
  expect_calls("end 0", 1);
  loop_run(ctx);
  end(ctx, NULL);
}

/* ---- hold ------------------------------------------------------------------------------------ */

static void unhold(void *data)
{
  called("unhold");
  assert_int_equal(netmcu_connection_unhold(data), 0);
}

static void count_and_hold(netmcu_connection *c, const char *data, size_t size)
{
  count(c, data, size);
  called("frame");
  assert_int_equal(netmcu_connection_hold(c), 0);
  assert_int_equal(netmcu_post(netmcu_connection_get_context(c), unhold, c), 0);
}

/* Each frame is followed by a hold, so every read of the stream is interrupted many times. */
static void test_hold_stops_after_each_frame(void **state)
{
  (void)state;
  static const netmcu_connection_events holds = {.receive = count_and_hold, .disconnection = end_complete};
  netmcu_t *ctx = begin(&sends_much);
  netmcu_connection *c = tls_connect(ctx, &client_options, &holds, tls_port(server));
  loop_run(ctx);
  assert_int_equal(received, SIZE);
  assert_int_equal(calls("end 0"), 1);
  assert_int_equal(calls("frame"), calls("unhold"));
  forget_calls();
  end(ctx, c);
}

static void open_then_unhold(netmcu_connection *c)
{
  called("connection");
  assert_int_equal(netmcu_post(netmcu_connection_get_context(c), unhold, c), 0);
}

static void test_hold_before_the_handshake(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {
      .connection = open_then_unhold, .receive = count, .disconnection = end_complete};
  netmcu_t *ctx = begin(&sends_much);
  netmcu_connection *c = tls_connect(ctx, &client_options, &events, tls_port(server));
  assert_int_equal(netmcu_connection_hold(c), 0);
  loop_run(ctx);
  expect_journal("connection, unhold, end 0");
  end(ctx, c);
}

static void take_frames(netmcu_connection *c, const char *data, size_t size)
{
  const char *first = data;
  size_t first_size = size;

  count(c, data, size);
  while (netmcu_connection_next_frame(c, &data, &size))
    count(c, data, size);
  assert_true(bytes_are(first, first_size, received - first_size, 5) || received != first_size);
}

static void test_next_frame(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.receive = take_frames, .disconnection = end_complete};
  netmcu_t *ctx = begin(&sends_much);
  netmcu_connection *c = tls_connect(ctx, &client_options, &events, tls_port(server));
  expect_calls("end 0", 1);
  loop_run(ctx);
  end(ctx, c);
}

/* ---- again ----------------------------------------------------------------------------------- */

static unsigned rounds;

static void connect_again(netmcu_connection *c, int error)
{
  called("end %d", error);
  if (--rounds > 0)
    assert_int_equal(netmcu_connection_connect(c, tls_port(server), "127.0.0.1"), 0);
  else
    netmcu_server_close(server);
}

static void close_at_once(netmcu_connection *c)
{
  netmcu_connection_free(c);
}

static void test_connects_again(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.connection = journal_connection, .disconnection = connect_again};
  static const netmcu_connection_events closes = {.connection = close_at_once};
  rounds = 3;
  netmcu_t *ctx = begin(&closes);
  netmcu_connection *c = tls_connect(ctx, &client_options, &events, tls_port(server));
  loop_run(ctx);
  expect_journal("connection, end 0, connection, end 0, connection, end 0");
  end(ctx, c);
}

static void test_use_tls_is_checked(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(&echoes);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_tls_options options = tls_client();
  options.size++;
  assert_int_equal(netmcu_connection_use_tls(c, &options), NETMCU_EARGUMENT);
  options = tls_client();
  options.server_name = "not a name";
  assert_int_equal(netmcu_connection_use_tls(c, &options), NETMCU_EARGUMENT);
  options.server_name = NULL;
  options.minimum_version = 11;
  assert_int_equal(netmcu_connection_use_tls(c, &options), NETMCU_ETLS);
  assert_string_equal(netmcu_get_tls_error(ctx), "a version of TLS is either 1.2 or 1.3");
  options.minimum_version = 0;
  options.ca_file = "/nonexistent/ca.pem";
  assert_int_equal(netmcu_connection_use_tls(c, &options), NETMCU_ETLS);
  assert_non_null(strstr(netmcu_get_tls_error(ctx), "/nonexistent/ca.pem: cannot read the certificates"));
  assert_int_equal(netmcu_connection_use_tls(c, NULL), 0);
  assert_int_equal(netmcu_connection_connect(c, tls_port(server), "127.0.0.1"), 0);
  assert_int_equal(netmcu_connection_use_tls(c, &client_options), NETMCU_EISCONN);
  netmcu_connection_free(c);
  netmcu_server_close(server);
  end(ctx, NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_events_are_those_of_any_connection),
      own_loop(test_state_and_alpn),
      both_loops(test_close_loses_nothing),
      own_loop(test_sent_fires_once_for_each_send),
      own_loop(test_early_sends_wait),
      both_loops(test_close_before_the_handshake_loses_nothing),
      own_loop(test_free_before_the_handshake_loses_nothing),
      own_loop(test_a_server_may_send_and_free_at_once),
      own_loop(test_context_close_delivers_early_sends),
      both_loops(test_hold_stops_after_each_frame),
      own_loop(test_hold_before_the_handshake),
      own_loop(test_next_frame),
      own_loop(test_connects_again),
      own_loop(test_use_tls_is_checked),
  };
  return cmocka_run_group_tests(tests, set_up, tls_tear_down);
}
