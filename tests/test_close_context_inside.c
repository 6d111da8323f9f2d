/* A context on the caller's loop that is closed inside one of its callbacks while more is
 * pending. */
#include "loop.h"

static uv_loop_t loop;

static void note(void *data)
{
  called("%s", (const char *)data);
}

static netmcu_t *begin(void)
{
  forget_calls();
  assert_int_equal(uv_loop_init(&loop), 0);
  netmcu_t *ctx = netmcu_new(&loop, NULL);
  assert_non_null(ctx);
  return ctx;
}

static void end(void)
{
  uv_run(&loop, UV_RUN_DEFAULT);
  assert_int_equal(uv_loop_close(&loop), 0);
}

static void close_context(void *data)
{
  assert_int_equal(netmcu_close(data, note, "closed"), 0);
}

/* Closing takes some loop iterations, in which the context must not be used. Nothing that was
 * posted may run. */
static void test_posts_are_dropped_at_once(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  netmcu_udp *u = netmcu_udp_new(ctx);
  assert_int_equal(netmcu_udp_listen(u, 0, "127.0.0.1"), 0);
  assert_int_equal(netmcu_post(ctx, close_context, ctx), 0);
  assert_int_equal(netmcu_post(ctx, note, "posted"), 0);
  end();
  expect_journal("closed");
}

static void test_posts_of_the_next_turn_are_dropped(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  netmcu_udp *u = netmcu_udp_new(ctx);
  assert_int_equal(netmcu_udp_listen(u, 0, "127.0.0.1"), 0);
  assert_int_equal(netmcu_post(ctx, note, "posted"), 0);
  close_context(ctx);
  end();
  expect_journal("closed");
}

/* The context is gone when these return. */
static void test_netmcu_run_may_outlive_the_context(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  assert_int_equal(netmcu_post(ctx, close_context, ctx), 0);
  assert_int_equal(netmcu_run(ctx), 0);
  expect_journal("closed");
  end();
}

static void test_netmcu_run_once_may_outlive_the_context(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  assert_int_equal(netmcu_post(ctx, close_context, ctx), 0);
  assert_int_equal(netmcu_run_once(ctx), 0);
  end();
  expect_journal("closed");
}

static void close_in_receive(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  (void)from;
  close_context(netmcu_udp_get_context(u));
  assert_int_equal(size, 5);
  assert_memory_equal(data, "hello", 5);
  called("received");
}

/* The library owns a datagram until the callback has returned, even after its socket and the
 * context are gone. */
static void test_a_datagram_outlives_the_context(void **state)
{
  (void)state;
  static const netmcu_udp_events events = {.receive = close_in_receive};
  netmcu_t *ctx = begin();
  netmcu_udp *u = netmcu_udp_new(ctx);
  netmcu_address own;
  netmcu_udp_on(u, &events);
  assert_int_equal(netmcu_udp_listen(u, 0, "127.0.0.1"), 0);
  assert_int_equal(netmcu_udp_get_address(u, &own), 0);
  assert_int_equal(netmcu_udp_send(u, &own, "hello", 5), 0);
  end();
  expect_journal("received, closed");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_posts_are_dropped_at_once),          own_loop(test_posts_of_the_next_turn_are_dropped),
      own_loop(test_netmcu_run_may_outlive_the_context), own_loop(test_netmcu_run_once_may_outlive_the_context),
      own_loop(test_a_datagram_outlives_the_context),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
