/* A library that was built without ping reports it; one that was built with ping does not. */
#include "loop.h"

static void test_not_supported(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_ping_t *ping = NULL;
  int error = netmcu_ping(ctx, "127.0.0.1", 1, NULL, NULL, &ping);
#ifdef NETMCU_NO_PING
  assert_int_equal(error, NETMCU_ENOTSUP);
#else
  assert_int_not_equal(error, NETMCU_ENOTSUP);
#endif
  if (error == 0)
    netmcu_ping_cancel(ping);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {both_loops(test_not_supported)};
  return cmocka_run_group_tests_name("ping works or is reported as missing", tests, NULL, NULL);
}
