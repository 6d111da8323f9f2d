/* A server's idle timeout: silence in both directions for that long ends the client with
 * NETMCU_EABORTED. No timer is restarted for each byte, and yet the time is exact. */
#include "fake.h"
#include "objects.h"
#include "peer.h"

#define TIMEOUT 100

static double last_byte, ended_at;

static void ended(netmcu_connection *c, int error)
{
  journal_disconnection(c, error);
  ended_at = loop_milliseconds();
  netmcu_connection_free(c);
}

static void receive(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  (void)data;
  (void)size;
  last_byte = loop_milliseconds();
}

static const netmcu_connection_events events = {.receive = receive, .disconnection = ended};

static void accept_client(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  called("accept");
  last_byte = loop_milliseconds();
  netmcu_connection_on(client, &events);
}

static netmcu_server *begin(netmcu_t *ctx, netmcu_accept_cb accept, uint16_t *port, unsigned timeout)
{
  netmcu_server *server = open_server(ctx, accept, port);
  netmcu_server_set_idle_timeout(server, timeout);
  return server;
}

static void assert_exact(void)
{
  double silent = ended_at - last_byte;
  /* The loop looks at the clock once in each iteration, and iterations are long if the program runs
   * slowly. */
  if (silent < TIMEOUT - 2 - 10 * (loop_patience() - 1) || silent > TIMEOUT + 40 * loop_patience())
    fail_msg("closed after %.1f ms of silence instead of %d", silent, TIMEOUT);
}

static void run_with(peer_script script)
{
  uint16_t port;
  peer_result result;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = begin(ctx, accept_client, &port, TIMEOUT);
  peer *p = peer_connect(port, script, NULL);
  loop_until_called(ctx, "disconnection -8", 1);
  assert_exact();
  expect_journal("accept, disconnection -8");
  loop_until(ctx, peer_is_done, p);
  peer_end(p, &result);
  assert_true(result.ended && !result.reset);
  netmcu_server_free(server);
  loop_end(ctx);
}

static void test_a_silent_client(void **state)
{
  (void)state;
  run_with(peer_sink);
}

static void talk_now_and_then(peer *p)
{
  for (int i = 0; i < 8; i++) {
    peer_send(p, "x", 1);
    peer_sleep(30);
  }
  peer_read_to_end(p);
}

static void test_a_client_that_talks_now_and_then(void **state)
{
  (void)state;
  run_with(talk_now_and_then);
}

/* ---- writing counts -------------------------------------------------------------------------- */

static netmcu_timer *writer;
static unsigned writes;

static void write_one(netmcu_timer *timer, void *data)
{
  assert_int_equal(netmcu_connection_send(data, "x", 1), 0);
  last_byte = loop_milliseconds();
  if (++writes == 8)
    netmcu_timer_stop(timer);
}

static void accept_and_write(netmcu_server *server, netmcu_connection *client)
{
  accept_client(server, client);
  writes = 0;
  writer = netmcu_timer_new(netmcu_server_get_context(server), write_one, client);
  netmcu_timer_start(writer, 30, 30);
}

static void test_a_client_that_is_written_to(void **state)
{
  (void)state;
  uint16_t port;
  peer_result result;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = begin(ctx, accept_and_write, &port, TIMEOUT);
  peer *p = peer_connect(port, peer_sink, NULL);
  loop_until_called(ctx, "disconnection -8", 1);
  assert_int_equal(writes, 8);
  assert_exact();
  forget_calls();
  loop_until(ctx, peer_is_done, p);
  peer_end(p, &result);
  assert_int_equal(result.received, 8);
  netmcu_timer_free(writer);
  netmcu_server_free(server);
  loop_end(ctx);
}

/* Output that the peer does not take is not activity. */
static void accept_and_write_much(netmcu_server *server, netmcu_connection *client)
{
  static char block[20000000];
  accept_client(server, client);
  assert_int_equal(netmcu_connection_send(client, block, sizeof block), 0);
}

static void never_read(peer *p)
{
  peer_small_window(p);
  peer_wait(p);
}

static void test_a_client_that_never_reads(void **state)
{
  (void)state;
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = begin(ctx, accept_and_write_much, &port, TIMEOUT);
  peer *p = peer_connect(port, never_read, NULL);
  loop_until_called(ctx, "disconnection -8", 1);
  expect_journal("accept, disconnection -8");
  netmcu_server_free(server);
  loop_run(ctx); /* does not wait for that peer */
  peer_go(p);
  peer_end(p, NULL);
  loop_end(ctx);
}

/* ---- which clients, and when ----------------------------------------------------------------- */

static void test_clients_accepted_before_are_not_concerned(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_server *server = netmcu_server_new(ctx);
  assert_int_equal(netmcu_server_listen(server, 80, NULL, 0, accept_client), 0);
  fake_client();
  loop_run(ctx);
  netmcu_server_set_idle_timeout(server, 50);
  fake_client();
  clock_pass(ctx, 49);
  expect_journal("accept, accept");
  clock_pass(ctx, 1000000);
  expect_journal("disconnection -8");
  netmcu_server_free(server);
  loop_close(ctx);
}

/* Closing the server leaves the timeout of its clients in force. */
static void test_after_the_server_has_gone(void **state)
{
  (void)state;
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = begin(ctx, accept_client, &port, TIMEOUT);
  peer *p = peer_connect(port, peer_sink, NULL);
  loop_until_called(ctx, "accept", 1);
  netmcu_server_free(server);
  loop_run(ctx);
  expect_journal("accept, disconnection -8");
  assert_exact();
  peer_end(p, NULL);
  loop_end(ctx);
}

/* If an accepted client connects again, the timeout no longer applies. */
static uint16_t other_port;

static void connect_anew(netmcu_connection *c, int error)
{
  journal_disconnection(c, error);
  netmcu_connection_on(c, &journal_events);
  assert_int_equal(netmcu_connection_connect(c, other_port, "127.0.0.1"), 0);
}

static void accept_to_reuse(netmcu_server *server, netmcu_connection *client)
{
  static const netmcu_connection_events reuse = {.disconnection = connect_anew};
  (void)server;
  netmcu_connection_on(client, &reuse);
}

static void test_not_for_the_next_connection_of_the_object(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_server *server = netmcu_server_new(ctx);
  other_port = 81;
  netmcu_server_set_idle_timeout(server, 40);
  assert_int_equal(netmcu_server_listen(server, 80, NULL, 0, accept_to_reuse), 0);
  fake_client();
  clock_pass(ctx, 50);
  fake_connected(fake_stream(1), 0);
  clock_pass(ctx, 1000000);
  expect_journal("disconnection -8, dns 127.0.0.1, connection");
  netmcu_server_free(server);
  loop_close(ctx);
}

/* The callback takes longer than the timeout. Data that arrives meanwhile counts, although it has
 * not been read yet. */
static void be_busy(netmcu_timer *timer, void *data)
{
  double until = loop_milliseconds() + 3 * TIMEOUT;
  (void)timer;
  (void)data;
  while (loop_milliseconds() < until)
    ;
  called("busy");
}

static void talk_and_go(peer *p)
{
  for (int i = 0; i < 60; i++) {
    peer_send(p, "x", 1);
    peer_sleep(10);
  }
}

static void test_a_client_that_talks_to_a_busy_program(void **state)
{
  (void)state;
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = begin(ctx, accept_client, &port, TIMEOUT);
  peer *p = peer_connect(port, talk_and_go, NULL);
  loop_until_called(ctx, "accept", 1);
  netmcu_timer *timer = netmcu_timer_new(ctx, be_busy, NULL);
  netmcu_timer_start(timer, 10, 0);
  loop_until_called(ctx, "disconnection 0", 1);
  expect_journal("accept, busy, disconnection 0");
  netmcu_timer_free(timer);
  netmcu_server_free(server);
  peer_end(p, NULL);
  loop_end(ctx);
}

/* A held client counts as silent, like any other. */
static void accept_and_hold(netmcu_server *server, netmcu_connection *client)
{
  accept_client(server, client);
  netmcu_connection_hold(client);
}

static void test_a_client_that_is_held(void **state)
{
  (void)state;
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = begin(ctx, accept_and_hold, &port, TIMEOUT);
  peer *p = peer_connect(port, talk_now_and_then, NULL);
  loop_until_called(ctx, "disconnection -8", 1);
  assert_exact();
  forget_calls();
  netmcu_server_free(server);
  loop_until(ctx, peer_is_done, p);
  peer_end(p, NULL);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_a_silent_client),
      own_loop(test_a_client_that_talks_now_and_then),
      own_loop(test_a_client_that_is_written_to),
      own_loop(test_a_client_that_never_reads),
      own_loop(test_clients_accepted_before_are_not_concerned),
      own_loop(test_after_the_server_has_gone),
      own_loop(test_not_for_the_next_connection_of_the_object),
      own_loop(test_a_client_that_talks_to_a_busy_program),
      own_loop(test_a_client_that_is_held),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
