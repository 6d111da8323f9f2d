/* Lookups of contexts in several threads at once. */
#include "loop.h"

#define THREADS 4
#define ROUNDS  50

/* The server refuses queries, because its port is closed. */
static void not_found(void *data, int error, const netmcu_address *addresses, size_t count)
{
  const char *ip = loop_ip(count > 0 ? addresses : NULL);
  unsigned *ended = data;
  *ended += error != 0 && ip == NULL;
}

static void look_up(void *ended)
{
  for (int i = 0; i < ROUNDS; i++) {
    netmcu_t *ctx = netmcu_new(NULL, NULL);
    netmcu_dns_set_server(ctx, 0, "127.0.0.1:1");
    netmcu_resolve(ctx, "name.invalid", not_found, ended, NULL);
    netmcu_run(ctx);
    netmcu_close(ctx, NULL, NULL);
  }
}

static void test_threads(void **state)
{
  (void)state;
  uv_thread_t threads[THREADS];
  unsigned ended[THREADS] = {0};
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(uv_thread_create(&threads[i], look_up, &ended[i]), 0);
  for (int i = 0; i < THREADS; i++)
    uv_thread_join(&threads[i]);
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(ended[i], ROUNDS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_threads)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
