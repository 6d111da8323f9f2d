/* Connecting to a name, which includes the lookup. */
#include "dns_server.h"
#include "objects.h"
#include "peer.h"

static netmcu_connection *connect_by_name(netmcu_t *ctx, const char *name, uint16_t port)
{
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &journal_events);
  assert_int_equal(netmcu_connection_connect(c, port, name), 0);
  return c;
}

static void test_name_is_found(void **state)
{
  (void)state;
  netmcu_address address;
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  peer *p = peer_listen(peer_sink, NULL);
  dns_server_use(dns, ctx);
  netmcu_connection *c = connect_by_name(ctx, "local.test", peer_port(p));
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_RESOLVING);
  assert_int_equal(netmcu_connection_get_peer(c, &address), 0);
  assert_int_equal(address.port, peer_port(p));
  assert_int_equal(address.ip[0], 0);
  assert_int_equal(netmcu_connection_connect(c, 80, "127.0.0.1"), NETMCU_EISCONN);
  loop_until_called(ctx, "connection", 1);
  expect_journal("dns 127.0.0.1, connection");
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  dns_server_stop(dns);
  loop_end(ctx);
}

/* The hosts file has this name, so there is no query. */
static void test_localhost(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  peer *p = peer_listen(peer_sink, NULL);
  dns_server_use(dns, ctx);
  netmcu_connection *c = connect_by_name(ctx, "localhost", peer_port(p));
  loop_until_called(ctx, "connection", 1);
  expect_journal("dns 127.0.0.1, connection");
  assert_int_equal(dns_server_queries(dns, NULL), 0);
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  dns_server_stop(dns);
  loop_end(ctx);
}

static void test_name_is_not_found(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  netmcu_connection *c = connect_by_name(ctx, "nx.test", 80);
  expect_journal("");
  loop_run(ctx);
  expect_journal("dns nil, disconnection -8");
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  netmcu_connection_free(c);
  dns_server_stop(dns);
  loop_end(ctx);
}

static void test_close_while_resolving(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  netmcu_connection *c = connect_by_name(ctx, "silent.test", 80);
  loop_turns(ctx, 3);
  assert_int_equal(netmcu_connection_close(c), 0);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  loop_run(ctx);
  expect_journal("");
  netmcu_connection_free(c);
  dns_server_stop(dns);
  loop_end(ctx);
}

/* The answer to a cancelled lookup is not used for the second lookup. */
static void test_connect_anew_while_resolving(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  peer *p = peer_listen(peer_sink, NULL);
  dns_server_use(dns, ctx);
  netmcu_connection *c = connect_by_name(ctx, "a.test", peer_port(p));
  netmcu_connection_close(c);
  assert_int_equal(netmcu_connection_connect(c, peer_port(p), "local.test"), 0);
  loop_until_called(ctx, "connection", 1);
  expect_journal("dns 127.0.0.1, connection");
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  dns_server_stop(dns);
  loop_end(ctx);
}

static void test_send_while_resolving(void **state)
{
  (void)state;
  peer_result result;
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  peer *p = peer_listen(peer_sink, NULL);
  dns_server_use(dns, ctx);
  netmcu_connection *c = connect_by_name(ctx, "local.test", peer_port(p));
  assert_int_equal(netmcu_connection_send(c, "early", 5), 0);
  assert_int_equal(netmcu_connection_get_pending(c), 5);
  loop_until_called(ctx, "sent", 1);
  expect_journal("dns 127.0.0.1, connection, sent");
  assert_int_equal(loop_warnings(NETMCU_D_SEND_RESOLVING), 1);
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, &result);
  assert_int_equal(result.received, 5);
  dns_server_stop(dns);
  loop_end(ctx);
}

/* Output that is sent and closed before the name is resolved still arrives. */
static void test_send_and_close_while_resolving(void **state)
{
  (void)state;
  peer_result result;
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  peer *p = peer_listen(peer_sink, NULL);
  dns_server_use(dns, ctx);
  netmcu_connection *c = connect_by_name(ctx, "local.test", peer_port(p));
  assert_int_equal(netmcu_connection_send(c, "early", 5), 0);
  netmcu_connection_free(c);
  loop_run(ctx);
  expect_journal("");
  peer_end(p, &result);
  assert_int_equal(result.received, 5);
  assert_true(result.ended && !result.reset);
  dns_server_stop(dns);
  loop_end(ctx);
}

static void close_in_dns(netmcu_connection *c, const netmcu_address *address)
{
  journal_dns(c, address);
  netmcu_connection_close(c);
}

static void test_close_in_the_dns_event(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {
      .dns = close_in_dns, .connection = journal_connection, .disconnection = journal_disconnection};
  static const char *const names[] = {"local.test", "nx.test", "localhost", "127.0.0.1"};
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  for (int i = 0; i < 4; i++) {
    netmcu_connection *c = netmcu_connection_new(ctx);
    netmcu_connection_on(c, &events);
    assert_int_equal(netmcu_connection_connect(c, 80, names[i]), 0);
    loop_run(ctx);
    expect_journal(i == 1 ? "dns nil" : "dns 127.0.0.1");
    netmcu_connection_free(c);
  }
  dns_server_stop(dns);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_name_is_found),
      own_loop(test_localhost),
      both_loops(test_name_is_not_found),
      both_loops(test_close_while_resolving),
      own_loop(test_connect_anew_while_resolving),
      own_loop(test_send_while_resolving),
      own_loop(test_send_and_close_while_resolving),
      own_loop(test_close_in_the_dns_event),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
