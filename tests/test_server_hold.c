/* A held server accepts nobody: its clients connect and wait, and none of them is lost. */
#include "fake.h"
#include "objects.h"
#include "peer.h"

static netmcu_server *fake_server(netmcu_t *ctx, netmcu_accept_cb accept)
{
  netmcu_server *server = netmcu_server_new(ctx);
  assert_int_equal(netmcu_server_listen(server, 80, NULL, 0, accept), 0);
  return server;
}

static void test_clients_wait(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_server *server = fake_server(ctx, accept_journal);
  assert_int_equal(netmcu_server_hold(server), 0);
  assert_int_equal(netmcu_server_hold(server), 0);
  fake_client();
  fake_client();
  clock_pass(ctx, 1000000);
  expect_journal("");
  assert_true(fake_is_client_waiting());
  assert_int_equal(netmcu_server_unhold(server), 0);
  expect_journal(""); /* not before it has returned */
  loop_run(ctx);
  expect_journal("accept, connection, accept, connection");
  netmcu_server_free(server);
  loop_close(ctx);
}

static void test_unhold_without_a_client(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_server *server = fake_server(ctx, accept_journal);
  assert_int_equal(netmcu_server_unhold(server), 0);
  assert_int_equal(netmcu_server_hold(server), 0);
  assert_int_equal(netmcu_server_unhold(server), 0);
  loop_run(ctx);
  fake_client();
  loop_run(ctx);
  expect_journal("accept, connection");
  netmcu_server_free(server);
  loop_close(ctx);
}

static void test_held_again_before_the_client_is_taken(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_server *server = fake_server(ctx, accept_journal);
  assert_int_equal(netmcu_server_hold(server), 0);
  fake_client();
  loop_run(ctx);
  assert_int_equal(netmcu_server_unhold(server), 0);
  assert_int_equal(netmcu_server_hold(server), 0);
  loop_run(ctx);
  expect_journal("");
  assert_int_equal(netmcu_server_unhold(server), 0);
  loop_run(ctx);
  expect_journal("accept, connection");
  netmcu_server_free(server);
  loop_close(ctx);
}

/* A hold belongs to one time of listening. */
static void test_closed_and_opened_again(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_server *server = netmcu_server_new(ctx);
  assert_int_equal(netmcu_server_hold(server), NETMCU_ENOTCONN);
  assert_int_equal(netmcu_server_unhold(server), NETMCU_ENOTCONN);
  assert_int_equal(netmcu_server_listen(server, 80, NULL, 0, accept_journal), 0);
  assert_int_equal(netmcu_server_hold(server), 0);
  assert_int_equal(netmcu_server_close(server), 0);
  loop_run(ctx);
  assert_int_equal(netmcu_server_listen(server, 80, NULL, 0, accept_journal), 0);
  fake_client();
  loop_run(ctx);
  expect_journal("accept, connection");
  netmcu_server_free(server);
  loop_close(ctx);
}

/* ---- a program with at most two clients at a time, on the network ----------------------------- */

enum { AT_ONCE = 2, CLIENTS = 7 };

static netmcu_server *server;
static unsigned open_clients, most_clients, served;

static void ended(netmcu_connection *c, int error)
{
  assert_int_equal(error, 0);
  netmcu_connection_free(c);
  served++;
  if (open_clients-- == AT_ONCE)
    assert_int_equal(netmcu_server_unhold(server), 0);
}

static void accept_some(netmcu_server *s, netmcu_connection *client)
{
  static const netmcu_connection_events events = {.disconnection = ended};
  netmcu_connection_on(client, &events);
  assert_int_equal(netmcu_connection_send(client, "hello", 5), 0);
  if (++open_clients == AT_ONCE)
    assert_int_equal(netmcu_server_hold(s), 0);
  if (open_clients > most_clients)
    most_clients = open_clients;
}

static void take_greeting(peer *p)
{
  char greeting[5];
  if (peer_read(p, greeting, 5) != 5 || memcmp(greeting, "hello", 5) != 0)
    peer_fail(p, "no greeting");
}

static bool is_everybody_served(void *data)
{
  (void)data;
  return served == CLIENTS;
}

static void test_at_most_two_at_a_time(void **state)
{
  (void)state;
  uint16_t port;
  peer *peers[CLIENTS];
  netmcu_t *ctx = loop_begin(NULL);
  open_clients = most_clients = served = 0;
  server = open_server(ctx, accept_some, &port);
  for (int i = 0; i < CLIENTS; i++)
    peers[i] = peer_connect(port, take_greeting, NULL);
  loop_until(ctx, is_everybody_served, NULL);
  assert_int_equal(most_clients, AT_ONCE);
  for (int i = 0; i < CLIENTS; i++)
    peer_end(peers[i], NULL);
  netmcu_server_free(server);
  loop_end(ctx);
}

/* Clients that wait see the end of the server. */
static void test_the_server_goes(void **state)
{
  (void)state;
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  server = open_server(ctx, accept_some, &port);
  assert_int_equal(netmcu_server_hold(server), 0);
  peer *p = peer_connect(port, peer_sink, NULL);
  loop_turns(ctx, 3);
  netmcu_server_free(server);
  loop_run(ctx);
  peer_end(p, NULL);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_clients_wait),
      own_loop(test_unhold_without_a_client),
      own_loop(test_held_again_before_the_client_is_taken),
      own_loop(test_closed_and_opened_again),
      both_loops(test_at_most_two_at_a_time),
      both_loops(test_the_server_goes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
