/* A server's idle timeout: silence in both directions for that long ends the client with
 * NETMCU_EABORTED. No timer is restarted for each byte, and yet the time is exact. */
#include "fake.h"
#include "objects.h"
#include "peer.h"

#define TIMEOUT 100

static netmcu_connection *accepted;

static void ended(netmcu_connection *c, int error)
{
  journal_disconnection(c, error);
  netmcu_connection_free(c);
}

static const netmcu_connection_events events = {.receive = journal_receive, .disconnection = ended};

static void accept_client(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  called("accept");
  accepted = client;
  netmcu_connection_on(client, &events);
}

/* The client stays silent. A last look at the network takes the stream one millisecond. */
static void expect_exact_end(netmcu_t *ctx)
{
  forget_calls();
  clock_pass(ctx, TIMEOUT - 1);
  expect_journal("");
  clock_pass(ctx, 2);
  expect_journal("disconnection -8");
}

/* ---- real clients ---------------------------------------------------------------------------- */

static netmcu_server *begin(netmcu_t *ctx, netmcu_accept_cb accept, uint16_t *port)
{
  clock_stop(ctx);
  netmcu_server *server = open_server(ctx, accept, port);
  netmcu_server_set_idle_timeout(server, TIMEOUT);
  return server;
}

static void test_a_silent_client(void **state)
{
  (void)state;
  uint16_t port;
  peer_result result;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = begin(ctx, accept_client, &port);
  peer *p = peer_connect(port, peer_sink, NULL);
  loop_until_called(ctx, "accept", 1);
  expect_exact_end(ctx);
  loop_until(ctx, peer_is_done, p);
  peer_end(p, &result);
  assert_true(result.ended && !result.reset);
  clock_pass(ctx, 2000); /* for the end of the lingering */
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
  netmcu_server *server = begin(ctx, accept_and_write_much, &port);
  peer *p = peer_connect(port, never_read, NULL);
  loop_until_called(ctx, "accept", 1);
  clock_pass(ctx, 2 * TIMEOUT);
  expect_journal("accept, disconnection -8");
  netmcu_server_free(server);
  loop_run(ctx); /* does not wait for that peer */
  peer_go(p);
  peer_end(p, NULL);
  loop_end(ctx);
}

/* The callback takes longer than the timeout. Data that arrives meanwhile counts, although it has
 * not been read yet. */
static peer *talker;

static void be_busy(netmcu_timer *timer, void *data)
{
  (void)timer;
  (void)data;
  peer_go(talker);
  while (!peer_is_done(talker))
    peer_sleep(1);
  clock_compute(3 * TIMEOUT);
  called("busy");
}

static void wait_and_talk(peer *p)
{
  peer_wait(p);
  peer_send(p, "x", 1);
}

static void test_a_client_that_talks_to_a_busy_program(void **state)
{
  (void)state;
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = begin(ctx, accept_client, &port);
  talker = peer_connect(port, wait_and_talk, NULL);
  loop_until_called(ctx, "accept", 1);
  netmcu_timer *timer = netmcu_timer_new(ctx, be_busy, NULL);
  netmcu_timer_start(timer, 10, 0);
  clock_pass(ctx, 10);
  loop_until_called(ctx, "disconnection 0", 1);
  expect_journal("accept, busy, receive 1, disconnection 0");
  netmcu_timer_free(timer);
  netmcu_server_free(server);
  peer_end(talker, NULL);
  clock_pass(ctx, 2000);
  loop_end(ctx);
}

/* ---- what counts as activity ----------------------------------------------------------------- */

static netmcu_t *begin_fake(netmcu_server **server)
{
  netmcu_t *ctx = fake_begin(NULL);
  *server = netmcu_server_new(ctx);
  netmcu_server_set_idle_timeout(*server, TIMEOUT);
  assert_int_equal(netmcu_server_listen(*server, 80, NULL, 0, accept_client), 0);
  fake_client();
  loop_run(ctx);
  return ctx;
}

static void end(netmcu_t *ctx, netmcu_server *server)
{
  netmcu_server_free(server);
  clock_pass(ctx, 2000); /* for the end of the lingering */
  loop_close(ctx);
}

static void test_a_client_that_talks_now_and_then(void **state)
{
  (void)state;
  netmcu_server *server;
  netmcu_t *ctx = begin_fake(&server);
  for (int i = 0; i < 8; i++) {
    clock_pass(ctx, 30);
    fake_receive(fake_stream(0), "x", 1);
    loop_run(ctx);
  }
  assert_in_range(clock_expirations(), 2, 3);
  expect_exact_end(ctx);
  end(ctx, server);
}

static void test_a_client_that_is_written_to(void **state)
{
  (void)state;
  netmcu_server *server;
  netmcu_t *ctx = begin_fake(&server);
  for (int i = 0; i < 8; i++) {
    clock_pass(ctx, 30);
    assert_int_equal(netmcu_connection_send(accepted, "x", 1), 0);
    loop_run(ctx);
  }
  expect_exact_end(ctx);
  end(ctx, server);
}

/* A held client counts as silent, like any other. */
static void test_a_client_that_is_held(void **state)
{
  (void)state;
  netmcu_server *server;
  netmcu_t *ctx = begin_fake(&server);
  netmcu_connection_hold(accepted);
  clock_pass(ctx, TIMEOUT / 2);
  fake_receive(fake_stream(0), "x", 1);
  clock_pass(ctx, TIMEOUT / 2 + 1);
  expect_journal("accept, disconnection -8");
  end(ctx, server);
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
  end(ctx, server);
}

/* Closing the server leaves the timeout of its clients in force. */
static void test_after_the_server_has_gone(void **state)
{
  (void)state;
  netmcu_server *server;
  netmcu_t *ctx = begin_fake(&server);
  netmcu_server_free(server);
  expect_exact_end(ctx);
  end(ctx, NULL);
}

/* If an accepted client connects again, the timeout no longer applies. */
static void connect_anew(netmcu_connection *c, int error)
{
  journal_disconnection(c, error);
  netmcu_connection_on(c, &journal_events);
  assert_int_equal(netmcu_connection_connect(c, 81, "127.0.0.1"), 0);
}

static void test_not_for_the_next_connection_of_the_object(void **state)
{
  (void)state;
  static const netmcu_connection_events reuse = {.disconnection = connect_anew};
  netmcu_server *server;
  netmcu_t *ctx = begin_fake(&server);
  netmcu_connection_on(accepted, &reuse);
  clock_pass(ctx, TIMEOUT + 1);
  fake_connected(fake_stream(1), 0);
  clock_pass(ctx, 1000000);
  expect_journal("accept, disconnection -8, dns 127.0.0.1, connection");
  end(ctx, server);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_a_silent_client),
      own_loop(test_a_client_that_never_reads),
      own_loop(test_a_client_that_talks_to_a_busy_program),
      own_loop(test_a_client_that_talks_now_and_then),
      own_loop(test_a_client_that_is_written_to),
      own_loop(test_a_client_that_is_held),
      own_loop(test_clients_accepted_before_are_not_concerned),
      own_loop(test_after_the_server_has_gone),
      own_loop(test_not_for_the_next_connection_of_the_object),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
