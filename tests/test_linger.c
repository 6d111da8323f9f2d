/* How long a closed connection stays: for its output for as long as the peer takes it, for the
 * peer's end no longer than linger_timeout. */
#include "fake.h"
#include "objects.h"
#include "peer.h"

#define TAKES_NOTHING 60000 /* ms after which output to a peer that takes nothing is given up */

static netmcu_t *begin(unsigned linger_timeout)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.linger_timeout = linger_timeout;
  return fake_begin(&options);
}

static void open_and_close(netmcu_t *ctx, const char *text)
{
  netmcu_connection *c = open_connection(ctx, NULL, 80);
  loop_run(ctx);
  fake_connected(fake_stream(0), 0);
  if (text)
    assert_int_equal(netmcu_connection_send(c, text, strlen(text)), 0);
  netmcu_connection_free(c);
  loop_run(ctx);
}

static void test_for_the_peers_end(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(2000);
  open_and_close(ctx, "hello");
  assert_string_equal(fake_output(fake_stream(0)), "hello");
  assert_true(fake_is_shut_down(fake_stream(0)));
  clock_pass(ctx, 1000);
  fake_receive(fake_stream(0), "dropped", 7);
  clock_pass(ctx, 999);
  assert_non_null(fake_stream(0));
  fake_finish(fake_stream(0));
  loop_run(ctx);
  assert_null(fake_stream(0));
  loop_end(ctx);
}

static void test_not_longer_than_the_option_says(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(2000);
  open_and_close(ctx, "hello");
  clock_pass(ctx, 1999);
  assert_non_null(fake_stream(0));
  clock_pass(ctx, 1);
  assert_null(fake_stream(0));
  loop_end(ctx);
}

/* The system has the output, and the peer takes of it now and then. */
static void test_for_a_slow_peer(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(2000);
  open_and_close(ctx, "hello");
  for (uint32_t left = 5; left > 0; left--) {
    fake_set_unacknowledged(fake_stream(0), left);
    clock_pass(ctx, 50000);
    assert_non_null(fake_stream(0));
  }
  fake_set_unacknowledged(fake_stream(0), 0);
  clock_pass(ctx, 4001);
  assert_null(fake_stream(0));
  loop_end(ctx);
}

static void test_not_for_a_peer_that_takes_nothing(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(2000);
  open_and_close(ctx, "hello");
  fake_set_unacknowledged(fake_stream(0), 5);
  clock_pass(ctx, TAKES_NOTHING - 1);
  assert_non_null(fake_stream(0));
  clock_pass(ctx, 4002);
  assert_null(fake_stream(0));
  loop_end(ctx);
}

/* The output waits in the queue. */
static void test_not_for_a_full_window(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(2000);
  netmcu_connection *c = open_connection(ctx, NULL, 80);
  loop_run(ctx);
  fake_connected(fake_stream(0), 0);
  fake_set_room(fake_stream(0), 2);
  assert_int_equal(netmcu_connection_send(c, "hello", 5), 0);
  netmcu_connection_free(c);
  clock_pass(ctx, TAKES_NOTHING - 1);
  assert_non_null(fake_stream(0));
  clock_pass(ctx, 2002);
  assert_null(fake_stream(0));
  loop_end(ctx);
}

/* A short linger_timeout must not wake the loop every millisecond for a slow peer. */
static void test_without_polling(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(1);
  open_and_close(ctx, "hello");
  fake_set_unacknowledged(fake_stream(0), 5);
  clock_pass(ctx, 10000);
  assert_non_null(fake_stream(0));
  assert_between(clock_expirations(), 1, 60);
  fake_set_unacknowledged(fake_stream(0), 0);
  clock_pass(ctx, 1000);
  assert_null(fake_stream(0));
  loop_end(ctx);
}

/* A context that closes does not wait for the next look at it. */
static void test_a_closing_context_waits_for_progress_only(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(1);
  open_and_close(ctx, "hello");
  fake_set_unacknowledged(fake_stream(0), 5);
  clock_pass(ctx, 10000);
  unsigned before = clock_expirations();
  loop_close(ctx);
  assert_between(clock_expirations() - before, 0, 1);
}

/* ---- a server that greets and closes --------------------------------------------------------- */

static void greet(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  assert_int_equal(netmcu_connection_set_idle_timeout(client, 5000), 0);
  assert_int_equal(netmcu_connection_send(client, "hello", 5), 0);
  netmcu_connection_free(client);
}

/* Accepts and greets one client, which is stream 0. */
static netmcu_t *begin_greeted(void)
{
  netmcu_t *ctx = begin(2000);
  netmcu_server *server = netmcu_server_new(ctx);
  assert_int_equal(netmcu_server_listen(server, 80, NULL, 0, greet), 0);
  fake_client();
  loop_run(ctx);
  netmcu_server_free(server);
  assert_string_equal(fake_output(fake_stream(0)), "hello");
  assert_true(fake_is_shut_down(fake_stream(0)));
  return ctx;
}

static void test_a_client_that_ends_soon_is_not_watched(void **state)
{
  (void)state;
  netmcu_t *ctx = begin_greeted();
  fake_finish(fake_stream(0));
  loop_run(ctx);
  assert_false(fake_is_reading(fake_stream(0)));
  clock_pass(ctx, 1);
  assert_null(fake_stream(0));
  assert_int_equal(fake_resets(), 0);
  loop_end(ctx);
}

static void test_a_client_that_ends_later(void **state)
{
  (void)state;
  netmcu_t *ctx = begin_greeted();
  clock_pass(ctx, 1000);
  assert_true(fake_is_reading(fake_stream(0)));
  fake_finish(fake_stream(0));
  loop_run(ctx);
  assert_null(fake_stream(0));
  loop_end(ctx);
}

/* Closing with unread data would reset the connection, and the greeting might be lost. */
static void test_a_client_that_sends_before_it_ends(void **state)
{
  (void)state;
  netmcu_t *ctx = begin_greeted();
  fake_receive(fake_stream(0), "dropped", 7);
  fake_finish(fake_stream(0));
  clock_pass(ctx, 1);
  assert_null(fake_stream(0));
  assert_int_equal(fake_resets(), 0);
  loop_end(ctx);
}

static void test_a_client_that_does_not_end(void **state)
{
  (void)state;
  netmcu_t *ctx = begin_greeted();
  clock_pass(ctx, 2000);
  assert_non_null(fake_stream(0));
  clock_pass(ctx, 2001);
  assert_null(fake_stream(0));
  loop_end(ctx);
}

static void test_a_context_that_closes_with_a_client(void **state)
{
  (void)state;
  loop_close(begin_greeted());
}

static void answer_late(peer *p)
{
  peer_read_to_end(p);
  peer_send_stream(p, 100000, 1);
  peer_finish(p);
}

static void greet_and_stop(netmcu_server *server, netmcu_connection *client)
{
  greet(server, client);
  netmcu_server_free(server);
}

/* Nothing but the client keeps the loop running. */
static void test_the_loop_runs_until_the_client_ends(void **state)
{
  (void)state;
  uint16_t port;
  peer_result result;
  netmcu_t *ctx = loop_begin(NULL);
  open_server(ctx, greet_and_stop, &port);
  peer *p = peer_connect(port, answer_late, NULL);
  loop_run(ctx);
  assert_int_equal(netmcu__head_of(ctx)->closing, 0);
  peer_end(p, &result);
  assert_int_equal(result.received, 5);
  assert_true(result.ended);
  assert_false(result.reset);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_for_the_peers_end),
      own_loop(test_not_longer_than_the_option_says),
      own_loop(test_for_a_slow_peer),
      own_loop(test_not_for_a_peer_that_takes_nothing),
      own_loop(test_not_for_a_full_window),
      own_loop(test_without_polling),
      both_loops(test_a_closing_context_waits_for_progress_only),
      own_loop(test_a_client_that_ends_soon_is_not_watched),
      own_loop(test_a_client_that_ends_later),
      own_loop(test_a_client_that_sends_before_it_ends),
      own_loop(test_a_client_that_does_not_end),
      both_loops(test_a_context_that_closes_with_a_client),
      both_loops(test_the_loop_runs_until_the_client_ends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
