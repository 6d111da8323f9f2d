/* Closing a server: accepted clients stay open, and the port is free at once. */
#include "objects.h"
#include "peer.h"

static netmcu_connection *accepted;

static void accept_one(netmcu_server *server, netmcu_connection *client)
{
  accept_journal(server, client);
  accepted = client;
}

static void free_client(netmcu_t *ctx, peer *p)
{
  netmcu_connection_free(accepted);
  loop_until(ctx, peer_is_done, p);
  peer_end(p, NULL);
}

static void test_clients_are_left_alone(void **state)
{
  (void)state;
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = open_server(ctx, accept_one, &port);
  peer *p = peer_connect(port, peer_echo, NULL);
  loop_until_called(ctx, "connection", 1);
  assert_int_equal(netmcu_server_close(server), 0);
  assert_int_equal(netmcu_server_close(server), NETMCU_ENOTCONN);
  netmcu_server_free(server);
  assert_int_equal(netmcu_connection_send(accepted, "hello", 5), 0);
  loop_until_called(ctx, "receive 5", 1);
  expect_journal("accept, connection, sent, receive 5");
  free_client(ctx, p);
  loop_end(ctx);
}

static void test_the_port_is_free_at_once(void **state)
{
  (void)state;
  uint16_t port;
  netmcu_address address;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = open_server(ctx, accept_one, &port);
  peer *p = peer_connect(port, peer_echo, NULL);
  loop_until_called(ctx, "connection", 1);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(netmcu_server_close(server), 0);
    assert_int_equal(netmcu_server_get_address(server, &address), NETMCU_ENOTCONN);
    assert_int_equal(netmcu_server_listen(server, port, "127.0.0.1", 0, accept_one), 0);
  }
  free_client(ctx, p);
  peer *again = peer_connect(port, peer_echo, NULL);
  loop_until_called(ctx, "connection", 2);
  expect_journal("accept, connection, accept, connection");
  netmcu_server_free(server);
  free_client(ctx, again);
  loop_end(ctx);
}

/* Two clients wait. The first one's accept callback ends the listening, so the second one is not
 * accepted. */
static void accept_and_close(netmcu_server *server, netmcu_connection *client)
{
  called("accept");
  netmcu_connection_free(client);
  assert_int_equal(netmcu_server_close(server), 0);
}

static void accept_and_free(netmcu_server *server, netmcu_connection *client)
{
  called("accept");
  netmcu_connection_free(client);
  netmcu_server_free(server);
}

static void hello(peer *p)
{
  peer_wait(p);
}

static void end_in_accept(netmcu_accept_cb accept, bool freed)
{
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = open_server(ctx, accept, &port);
  peer *a = peer_connect(port, hello, NULL), *b = peer_connect(port, hello, NULL);
  loop_until_called(ctx, "accept", 1);
  loop_turns(ctx, 5);
  peer_go(a);
  peer_go(b);
  loop_run(ctx);
  expect_journal("accept");
  if (!freed)
    netmcu_server_free(server);
  peer_end(a, NULL);
  peer_end(b, NULL);
  loop_end(ctx);
}

static void test_close_in_accept(void **state)
{
  (void)state;
  end_in_accept(accept_and_close, false);
}

static void test_free_in_accept(void **state)
{
  (void)state;
  end_in_accept(accept_and_free, true);
}

/* Closes and listens again inside the accept callback. */
static void accept_and_listen_again(netmcu_server *server, netmcu_connection *client)
{
  netmcu_address address;
  called("accept");
  netmcu_connection_free(client);
  assert_int_equal(netmcu_server_get_address(server, &address), 0);
  assert_int_equal(netmcu_server_close(server), 0);
  assert_int_equal(netmcu_server_listen(server, address.port, "127.0.0.1", 0, accept_and_listen_again), 0);
}

static void test_listen_again_in_accept(void **state)
{
  (void)state;
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = open_server(ctx, accept_and_listen_again, &port);
  for (unsigned i = 1; i <= 5; i++) {
    peer *p = peer_connect(port, peer_sink, NULL);
    loop_until_called(ctx, "accept", i);
    loop_until(ctx, peer_is_done, p);
    peer_end(p, NULL);
  }
  expect_journal("accept, accept, accept, accept, accept");
  netmcu_server_free(server);
  loop_end(ctx);
}

/* Nobody answers on the port any more. */
static void test_nobody_listens_after_close(void **state)
{
  (void)state;
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = open_server(ctx, accept_one, &port);
  netmcu_server_close(server);
  netmcu_connection *c = open_connection(ctx, &journal_events, port);
  loop_run(ctx);
  expect_journal("dns 127.0.0.1, disconnection -9");
  netmcu_connection_free(c);
  netmcu_server_free(server);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_clients_are_left_alone), both_loops(test_the_port_is_free_at_once),
      both_loops(test_close_in_accept),        both_loops(test_free_in_accept),
      own_loop(test_listen_again_in_accept),   both_loops(test_nobody_listens_after_close),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
