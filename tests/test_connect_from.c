/* A client chooses the address and the port that it connects from. */
#include "fake.h"
#include "objects.h"

static netmcu_address client_seen;

static void accept_and_look(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  called("accept");
  assert_int_equal(netmcu_connection_get_peer(client, &client_seen), 0);
  netmcu_connection_free(client);
}

/* Looks at once, because the peer's end may come in the same loop iteration. */
static void look_when_connected(netmcu_connection *c)
{
  journal_connection(c);
  assert_int_equal(netmcu_connection_get_address(c, netmcu_connection_get_data(c)), 0);
}

static netmcu_address address_of(const char *text)
{
  netmcu_address address = {.port = 0};
  assert_int_equal(netmcu_address_parse(text, &address), 0);
  return address;
}

/* A port that was free a moment ago. */
static uint16_t free_port(netmcu_t *ctx)
{
  uint16_t port;
  netmcu_server_free(open_server_at(ctx, "127.0.0.1", accept_and_look, &port));
  return port;
}

static void connect_and_compare(const char *ip, const char *own_ip, bool chooses_port)
{
  uint16_t port;
  netmcu_address own = address_of(own_ip), found;
  netmcu_t *ctx = loop_begin_with_families(NETMCU_ANY_FAMILY);
  netmcu_server *server = open_server_at(ctx, ip, accept_and_look, &port);
  if (chooses_port)
    own.port = free_port(ctx);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_set_data(c, &found);
  netmcu_connection_on(c, &(netmcu_connection_events){.connection = look_when_connected});
  assert_int_equal(netmcu_connection_connect_from(c, &own, port, ip), 0);
  loop_until_called(ctx, "connection", 1);
  loop_until_called(ctx, "accept", 1);
  assert_memory_equal(&found, &client_seen, sizeof found);
  assert_memory_equal(found.ip, own.ip, sizeof own.ip);
  assert_true(chooses_port ? found.port == own.port : found.port != 0);
  forget_calls();
  netmcu_connection_free(c);
  netmcu_server_free(server);
  loop_end(ctx);
}

static void test_a_port(void **state)
{
  (void)state;
  connect_and_compare("127.0.0.1", "127.0.0.1", true);
}

#ifdef __linux__ /* where all of 127.0.0.0/8 is there */
static void test_an_ip(void **state)
{
  (void)state;
  connect_and_compare("127.0.0.1", "127.0.0.9", false);
}
#endif

static void test_over_ipv6(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin_with_families(NETMCU_ANY_FAMILY);
  need_ipv6(ctx);
  loop_end(ctx);
  connect_and_compare("::1", "::1", true);
}

/* ---- what cannot be ---------------------------------------------------------------------------- */

static void fail_from(const netmcu_address *own, int error)
{
  char expected[64];
  uint16_t port;
  netmcu_t *ctx = loop_begin_with_families(NETMCU_ANY_FAMILY);
  netmcu_server *server = open_server_at(ctx, "127.0.0.1", accept_and_look, &port);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_address local = *own;
  netmcu_connection_on(c, &journal_events);
  if (error == NETMCU_EADDRINUSE)
    local.port = port;
  assert_int_equal(netmcu_connection_connect_from(c, &local, port, "127.0.0.1"), 0);
  expect_journal("");
  snprintf(expected, sizeof expected, "disconnection %d", error);
  loop_until_called(ctx, expected, 1);
  snprintf(expected, sizeof expected, "dns 127.0.0.1, disconnection %d", error);
  expect_journal(expected);
  netmcu_connection_free(c);
  netmcu_server_free(server);
  loop_end(ctx);
}

static void test_an_ip_of_another_machine(void **state)
{
  (void)state;
  netmcu_address own = address_of("192.0.2.1");
  fail_from(&own, NETMCU_EVALUE);
}

static void test_another_family(void **state)
{
  (void)state;
  netmcu_address own = address_of("::1");
  fail_from(&own, NETMCU_EVALUE);
}

static void test_a_port_in_use(void **state)
{
  (void)state;
  netmcu_address own = address_of("127.0.0.1");
  fail_from(&own, NETMCU_EADDRINUSE);
}

static void test_what_the_stack_gets(void **state)
{
  (void)state;
  netmcu_address own = address_of("192.0.2.100:4000");
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &journal_events);
  assert_int_equal(netmcu_connection_connect_from(c, &own, 0, "192.0.2.1"), NETMCU_EARGUMENT);
  assert_int_equal(netmcu_connection_connect_from(c, &own, 80, "192.0.2.1"), 0);
  own.port = 1; /* it was copied */
  assert_int_equal(netmcu_connection_connect_from(c, &own, 80, "192.0.2.1"), NETMCU_EISCONN);
  loop_run(ctx);
  assert_int_equal(fake_own(fake_stream(0)).port, 4000);
  fake_connected(fake_stream(0), 0);
  expect_journal("dns 192.0.2.1, connection");
  /* It applies to one connect. */
  netmcu_connection_abort(c);
  assert_int_equal(netmcu_connection_connect(c, 80, "192.0.2.1"), 0);
  loop_run(ctx);
  assert_int_equal(fake_own(fake_stream(1)).port, 0);
  forget_calls();
  fake_fail(FAKE_BIND, 1, NETMCU_EADDRINUSE);
  netmcu_connection_abort(c);
  assert_int_equal(netmcu_connection_connect_from(c, &own, 80, "192.0.2.1"), 0);
  loop_run(ctx);
  expect_journal("dns 192.0.2.1, disconnection -13");
  loop_close(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_a_port),
#ifdef __linux__
      both_loops(test_an_ip),
#endif
      both_loops(test_over_ipv6),     own_loop(test_an_ip_of_another_machine), own_loop(test_another_family),
      both_loops(test_a_port_in_use), own_loop(test_what_the_stack_gets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
