/* What a context has open, and the end of the context with all of it. */
#include "dns_server.h"
#include "objects.h"
#include "peer.h"

static void describe(const char *description, void *data)
{
  (void)data;
  called("%s", description);
}

static void test_walk_describes_what_is_open(void **state)
{
  (void)state;
  char text[64];
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_timer *timer = netmcu_timer_new(ctx, NULL, NULL), *idle_timer = netmcu_timer_new(ctx, NULL, NULL);
  netmcu_server *server = open_server(ctx, accept_journal, &port);
  netmcu_connection *idle = netmcu_connection_new(ctx);
  netmcu_timer_start(timer, 1000, 1000);
  netmcu_walk(ctx, describe, NULL);
  snprintf(text, sizeof text, "net.server (listening, 127.0.0.1:%d)", port);
  assert_int_equal(calls(text), 1);
  assert_non_null(strstr(journal(), "timer ("));
  assert_null(strstr(journal(), "net.socket"));
  forget_calls();
  netmcu_timer_free(timer);
  netmcu_timer_free(idle_timer);
  netmcu_server_free(server);
  netmcu_connection_free(idle);
  netmcu_walk(ctx, describe, NULL);
  expect_journal("");
  loop_end(ctx);
}

static void test_walk_describes_connections(void **state)
{
  (void)state;
  char text[64];
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  forget_calls();
  netmcu_walk(ctx, describe, NULL);
  snprintf(text, sizeof text, "net.socket (connected, 127.0.0.1:%d)", peer_port(p));
  expect_journal(text);
  netmcu_connection_free(c);
  loop_run(ctx);
  netmcu_walk(ctx, describe, NULL);
  expect_journal("");
  peer_end(p, NULL);
  loop_end(ctx);
}

/* The context closes with objects in every state and a lookup. No event fires, nothing is left, and
 * the output arrives. */
static void test_close_with_everything_open(void **state)
{
  (void)state;
  uint16_t port;
  peer_deaf deaf;
  peer_result result;
  netmcu_lookup *lookup;
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  peer *p = peer_listen(peer_sink, NULL), *client;
  peer_deaf_begin(&deaf);
  dns_server_use(dns, ctx);

  open_server(ctx, accept_journal, &port);
  client = peer_connect(port, peer_sink, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  open_connection(ctx, &journal_events, deaf.port);
  netmcu_connection *resolving = netmcu_connection_new(ctx);
  netmcu_connection_connect(resolving, 80, "silent.test");
  netmcu_connection_new(ctx);
  netmcu_server_new(ctx);
  netmcu_timer_start(netmcu_timer_new(ctx, NULL, NULL), 100000, 0);
  assert_int_equal(netmcu_resolve(ctx, "silent.test", journal_lookup, NULL, &lookup), 0);
  loop_until_called(ctx, "connection", 1);
  loop_until_called(ctx, "accept", 1);
  assert_int_equal(netmcu_connection_send(c, "bye", 3), 0);
  forget_calls();

  loop_files_may_differ();
  loop_close(ctx);
  expect_journal("");
  dns_server_stop(dns);
  peer_deaf_end(&deaf);
  peer_end(p, &result);
  assert_int_equal(result.received, 3);
  assert_true(result.ended && !result.reset);
  peer_end(client, &result);
  assert_true(result.ended && !result.reset);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_walk_describes_what_is_open),
      both_loops(test_walk_describes_connections),
      both_loops(test_close_with_everything_open),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
