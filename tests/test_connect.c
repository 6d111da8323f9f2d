/* Connecting to an address: the order of events, states, addresses, and what is refused. */
#include "objects.h"
#include "peer.h"

static void test_events_in_order(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  expect_journal("");
  loop_until_called(ctx, "connection", 1);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_OPEN);
  assert_int_equal(netmcu_connection_send(c, "hello", 5), 0);
  expect_journal("dns 127.0.0.1, connection");
  loop_until_called(ctx, "sent", 1);
  assert_int_equal(netmcu_connection_close(c), 0);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  loop_run(ctx);
  expect_journal("sent");
  peer_result result;
  peer_end(p, &result);
  assert_int_equal(result.received, 5);
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_idle_object(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_address address;
  int ttl = -1, mark;
  assert_ptr_equal(netmcu_connection_get_context(c), ctx);
  assert_null(netmcu_connection_get_data(c));
  netmcu_connection_set_data(c, &mark);
  assert_ptr_equal(netmcu_connection_get_data(c), &mark);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  assert_int_equal(netmcu_connection_get_pending(c), 0);
  assert_int_equal(netmcu_connection_send(c, "x", 1), NETMCU_ENOTCONN);
  assert_int_equal(netmcu_connection_hold(c), NETMCU_ENOTCONN);
  assert_int_equal(netmcu_connection_unhold(c), NETMCU_ENOTCONN);
  assert_int_equal(netmcu_connection_get_peer(c, &address), NETMCU_ENOTCONN);
  assert_int_equal(netmcu_connection_get_address(c, &address), NETMCU_ENOTCONN);
  assert_int_equal(netmcu_connection_set_ttl(c, 7), NETMCU_ENOTCONN);
  assert_int_equal(netmcu_connection_get_ttl(c, &ttl), NETMCU_ENOTCONN);
  assert_int_equal(netmcu_connection_close(c), NETMCU_ENOTCONN);
  netmcu_connection_free(c);
  netmcu_connection_free(NULL);
  loop_end(ctx);
}

static void test_what_connect_refuses(void **state)
{
  (void)state;
  static const char *const malformed[] = {"", ".", "a..b", "a b", "a\tb", "-\n", ".a"};
  char label[65], name[256];
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &journal_events);
  assert_int_equal(netmcu_connection_connect(c, 0, "127.0.0.1"), NETMCU_EARGUMENT);
  for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
    if (netmcu_connection_connect(c, 80, malformed[i]) != NETMCU_EARGUMENT)
      fail_msg("\"%s\" is malformed", malformed[i]);
  memset(label, 'a', 64);
  label[64] = 0;
  assert_int_equal(netmcu_connection_connect(c, 80, label), NETMCU_EARGUMENT);
  memset(name, 'a', 255);
  for (int i = 50; i < 255; i += 50)
    name[i] = '.';
  name[254] = 0;
  assert_int_equal(netmcu_connection_connect(c, 80, name), NETMCU_EARGUMENT);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_connect_twice(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  assert_int_not_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  assert_int_equal(netmcu_connection_connect(c, peer_port(p), "127.0.0.1"), NETMCU_EISCONN);
  loop_until_called(ctx, "connection", 1);
  assert_int_equal(netmcu_connection_connect(c, peer_port(p), "127.0.0.1"), NETMCU_EISCONN);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_OPEN);
  expect_journal("dns 127.0.0.1, connection");
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  loop_end(ctx);
}

static void test_the_host_is_copied(void **state)
{
  (void)state;
  char host[] = "127.0.0.1";
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &journal_events);
  assert_int_equal(netmcu_connection_connect(c, peer_port(p), host), 0);
  memset(host, '9', sizeof host);
  loop_until_called(ctx, "connection", 1);
  expect_journal("dns 127.0.0.1, connection");
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  loop_end(ctx);
}

static void test_addresses_of_both_ends(void **state)
{
  (void)state;
  netmcu_address own, other;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  assert_int_equal(netmcu_connection_get_peer(c, &other), 0);
  assert_int_equal(netmcu_connection_get_address(c, &own), 0);
  assert_int_equal(other.port, peer_port(p));
  assert_int_equal(other.ip[0], 127);
  assert_int_equal(other.ip[3], 1);
  assert_int_equal(own.ip[0], 127);
  assert_true(own.port != 0 && own.port != other.port);
  forget_calls();
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  loop_end(ctx);
}

static void test_ttl(void **state)
{
  (void)state;
  int ttl, original;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  assert_int_equal(netmcu_connection_get_ttl(c, &original), 0);
  assert_between(original, 1, 255);
  assert_int_equal(netmcu_connection_set_ttl(c, 7), 0);
  for (int i = 0; i < 5; i++)
    assert_int_equal(netmcu_connection_set_ttl(c, (int[]){0, 256, -1, -2, INT32_MAX}[i]), NETMCU_EVALUE);
  assert_int_equal(netmcu_connection_get_ttl(c, &ttl), 0);
  assert_int_equal(ttl, 7);
  assert_int_equal(netmcu_connection_set_ttl(c, original), 0);
  forget_calls();
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  loop_end(ctx);
}

/* Another table that is set inside a callback applies from the next event on. */
static void second_sent(netmcu_connection *c)
{
  called("second table's sent");
  netmcu_connection_on(c, NULL);
}

static const netmcu_connection_events second_table = {.sent = second_sent};

static void first_sent(netmcu_connection *c)
{
  called("first table's sent");
  netmcu_connection_on(c, &second_table);
}

static void send_thrice(netmcu_connection *c)
{
  for (int i = 0; i < 3; i++)
    netmcu_connection_send(c, "x", 1);
}

static void test_events_changed_inside_a_callback(void **state)
{
  (void)state;
  static const netmcu_connection_events first_table = {.connection = send_thrice, .sent = first_sent};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = open_connection(ctx, &first_table, peer_port(p));
  loop_until_called(ctx, "second table's sent", 1);
  loop_turns(ctx, 5);
  expect_journal("first table's sent, second table's sent");
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_events_in_order),
      own_loop(test_idle_object),
      own_loop(test_what_connect_refuses),
      own_loop(test_connect_twice),
      own_loop(test_the_host_is_copied),
      own_loop(test_addresses_of_both_ends),
      own_loop(test_ttl),
      own_loop(test_events_changed_inside_a_callback),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
