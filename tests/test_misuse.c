/* Mistakes of the caller that can be detected return an error, and nothing else happens. */
#include <limits.h>

#include "objects.h"

static void test_no_host(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &journal_events);
  assert_int_equal(netmcu_connection_connect(c, 80, NULL), NETMCU_EARGUMENT);
  assert_int_equal(netmcu_resolve(ctx, NULL, journal_lookup, NULL, NULL), NETMCU_EARGUMENT);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  loop_run(ctx);
  expect_journal("");
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_no_callback(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = netmcu_server_new(ctx);
  assert_int_equal(netmcu_post(ctx, NULL, NULL), NETMCU_EARGUMENT);
  assert_int_equal(netmcu_resolve(ctx, "127.0.0.1", NULL, NULL, NULL), NETMCU_EARGUMENT);
  assert_int_equal(netmcu_server_listen(server, 0, "127.0.0.1", 0, NULL), NETMCU_EARGUMENT);
  loop_run(ctx);
  netmcu_server_free(server);
  loop_end(ctx);
}

static void test_part_of_an_allocator(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_options options = loop_options(ctx);
  options.allocator.resize = NULL;
  assert_null(netmcu_new(NULL, &options));
  options.allocator.allocate = NULL;
  assert_null(netmcu_new(NULL, &options));
  loop_end(ctx);
}

static void test_unknown_divergence(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_diverge(ctx, -1, 0), NETMCU_EARGUMENT);
  assert_int_equal(netmcu_diverge(ctx, 1000, 0), NETMCU_EARGUMENT);
  assert_int_equal(loop_warnings(-1), 0);
  loop_end(ctx);
}

static void test_any_number_of_a_divergence(void **state)
{
  (void)state;
  static const long numbers[] = {0, 9, 10, -1, LONG_MAX, LONG_MIN};
  netmcu_t *ctx = loop_begin(NULL);
  for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
    char text[100];
    snprintf(text, sizeof(text), "server time-out of %ld s: the device takes 1 to 28800", numbers[i]);
    assert_int_equal(netmcu_diverge(ctx, NETMCU_D_SERVER_TIMEOUT, numbers[i]), 0);
    assert_string_equal(netmcu_get_divergence_text(ctx), text);
  }
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_no_host),
      own_loop(test_no_callback),
      own_loop(test_part_of_an_allocator),
      own_loop(test_unknown_divergence),
      own_loop(test_any_number_of_a_divergence),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
