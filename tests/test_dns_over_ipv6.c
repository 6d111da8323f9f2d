/* A name server that is reached over IPv6, at a free port of ::1; it is a socket of the same
 * context. */
#include "dns_answer.h"
#include "objects.h"

/* Answers questions about six.test, for whatever type. */
static void on_query(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  static const char name[] = "\3six\4test";
  const uint8_t *bytes = (const uint8_t *)data;
  dns_query q = {.bytes = bytes, .size = 12 + sizeof name + 4, .name = "six.test"};
  dns_message answer;
  assert_true(size >= q.size);
  q.type = bytes[q.size - 3];
  called("type %u from %s", q.type, loop_ip(from));
  dns_answer(&answer, &q);
  assert_int_equal(netmcu_udp_send(u, from, answer.bytes, answer.size), 0);
}

static const netmcu_udp_events events = {.receive = on_query};
static netmcu_udp *server;
static netmcu_t *context;

static void on_lookup(void *data, int error, const netmcu_address *addresses, size_t count)
{
  journal_lookup(data, error, addresses, count);
  netmcu_udp_free(server);
}

/* Skips the test, with the reason, on a system without ::1. */
static void start_server(char *text, size_t size)
{
  netmcu_address own;
  context = loop_begin_with_families(NETMCU_ANY_FAMILY);
  need_ipv6(context);
  server = netmcu_udp_new(context);
  netmcu_udp_on(server, &events);
  assert_int_equal(netmcu_udp_listen(server, 0, "::1"), 0);
  assert_int_equal(netmcu_udp_get_address(server, &own), 0);
  snprintf(text, size, "[::1]:%d", own.port);
}

static void expect_answer(void)
{
  netmcu_resolve(context, "six.test", on_lookup, NULL, NULL);
  loop_run(context);
  assert_int_equal(calls("type 1 from ::1"), 1);
  assert_int_equal(calls("type 28 from ::1"), 1);
  assert_int_equal(calls("lookup 0 2001:db8::1"), 1);
  forget_calls();
  loop_end(context);
}

static void test_it_answers(void **state)
{
  (void)state;
  char text[NETMCU_ADDRESS_SIZE];
  netmcu_address address;
  start_server(text, sizeof text);
  assert_int_equal(netmcu_dns_set_server(context, 0, text), 0);
  assert_int_equal(netmcu_dns_get_server(context, 0, &address), 0);
  assert_string_equal(loop_ip(&address), "::1");
  expect_answer();
}

/* Nobody listens at the first server, so that the second is asked. */
static void test_it_is_the_second(void **state)
{
  (void)state;
  char text[NETMCU_ADDRESS_SIZE], gone[NETMCU_ADDRESS_SIZE];
  netmcu_address closed;
  start_server(text, sizeof text);
  netmcu_udp *first = netmcu_udp_new(context);
  assert_int_equal(netmcu_udp_listen(first, 0, "::1"), 0);
  assert_int_equal(netmcu_udp_get_address(first, &closed), 0);
  netmcu_udp_free(first);
  assert_int_equal(netmcu_dns_set_server(context, 0, netmcu_address_format(&closed, gone)), 0);
  assert_int_equal(netmcu_dns_set_server(context, 1, text), 0);
  expect_answer();
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_it_answers), own_loop(test_it_is_the_second)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
