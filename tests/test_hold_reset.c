/* A held connection reports its end even if the peer will never take its output. Otherwise a
 * program that holds it until another connection has sent everything would wait forever. */
#include "objects.h"
#include "peer.h"

static char block[65536];
static netmcu_connection *client;

/* Sends data that nobody will read, reads nothing, and ends. */
static void talk_and_reset(peer *p)
{
  peer_send(p, "hello", 5);
  peer_wait(p);
  peer_reset(p);
}

static void hold(netmcu_connection *c, const char *data, size_t size)
{
  journal_receive(c, data, size);
  assert_int_equal(netmcu_connection_hold(c), 0);
}

static void ended(netmcu_connection *c, int error)
{
  journal_disconnection(c, error);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
}

static void accept_client(netmcu_server *server, netmcu_connection *c)
{
  static const netmcu_connection_events events = {.receive = hold, .disconnection = ended};
  (void)server;
  client = c;
  netmcu_connection_on(c, &events);
}

static netmcu_t *begin(netmcu_server **server, peer **p)
{
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  *server = open_server(ctx, accept_client, &port);
  *p = peer_connect(port, talk_and_reset, NULL);
  loop_until_called(ctx, "receive 5", 1);
  forget_calls();
  return ctx;
}

static void end(netmcu_t *ctx, netmcu_server *server, peer *p)
{
  loop_until_called(ctx, "disconnection -9", 1);
  expect_journal("disconnection -9");
  peer_end(p, NULL);
  netmcu_connection_free(client);
  netmcu_server_free(server);
  loop_end(ctx);
}

static void test_output_waits(void **state)
{
  (void)state;
  netmcu_server *server;
  peer *p;
  netmcu_t *ctx = begin(&server, &p);
  while (netmcu_connection_get_pending(client) == 0) {
    assert_int_equal(netmcu_connection_send(client, block, sizeof block), 0);
    loop_turns(ctx, 2);
  }
  expect_journal("");
  peer_go(p);
  end(ctx, server, p);
}

/* The peer ended earlier, and the first send after that notices it. */
static void test_output_comes_later(void **state)
{
  (void)state;
  netmcu_server *server;
  peer *p;
  netmcu_t *ctx = begin(&server, &p);
  peer_go(p);
  loop_until(ctx, peer_is_done, p);
  assert_int_equal(netmcu_connection_send(client, block, sizeof block), 0);
  expect_journal("");
  end(ctx, server, p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {both_loops(test_output_waits), both_loops(test_output_comes_later)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
