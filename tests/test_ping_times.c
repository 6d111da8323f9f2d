/* When a ping sends its requests and reports replies and losses. Time and network are those of the
 * test (fake.h, fake_echo.h). */
#include "fake.h"
#include "fake_echo.h"

#define PEER "192.0.2.1"

static void on_reply(void *data, size_t bytes, const netmcu_address *from, unsigned sequence, double milliseconds)
{
  const char *ip = loop_ip(from);
  (void)data;
  called("%zu %s %u %.1f", bytes, ip, sequence, milliseconds);
}

static void on_done(void *data, const netmcu_ping_summary *summary)
{
  (void)data;
  called("done %u %u %u", summary->transmitted, summary->lost, summary->total_time);
}

static const netmcu_ping_events events = {on_reply, on_done};

static netmcu_ping_t *ping;

static netmcu_t *begin(unsigned count)
{
  netmcu_t *ctx = fake_begin(NULL);
  fake_echo_begin(ctx);
  assert_int_equal(netmcu_ping(ctx, PEER, count, &events, NULL, &ping), 0);
  return ctx;
}

static void test_one_request_a_second(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(2);
  assert_int_equal(fake_echo_requests(), 1);
  clock_pass(ctx, 10);
  fake_echo_reply(0);
  clock_pass(ctx, 989);
  assert_int_equal(fake_echo_requests(), 1);
  clock_pass(ctx, 1);
  assert_int_equal(fake_echo_requests(), 2);
  clock_pass(ctx, 20);
  fake_echo_reply(1);
  loop_run(ctx); /* the last reply ends the ping at once */
  expect_journal("32 192.0.2.1 1 10.0, 32 192.0.2.1 2 20.0, done 2 0 1020");
  assert_false(fake_echo_is_receiving());
  loop_end(ctx);
}

static void test_losses(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(2);
  clock_pass(ctx, 999);
  expect_journal("");
  clock_pass(ctx, 1);
  expect_journal("0 192.0.2.1 0 0.0");
  clock_pass(ctx, 1000);
  expect_journal("0 192.0.2.1 0 0.0, done 2 2 2000");
  clock_pass(ctx, 5000);
  assert_int_equal(fake_echo_requests(), 2);
  loop_end(ctx);
}

static void test_late_reply_is_a_loss(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(2);
  clock_pass(ctx, 1001);
  fake_echo_reply(0);
  loop_run(ctx);
  expect_journal("0 192.0.2.1 0 0.0");
  fake_echo_reply(1);
  loop_run(ctx);
  expect_journal("32 192.0.2.1 2 1.0, done 2 1 1001");
  loop_end(ctx);
}

static void test_second_reply_is_ignored(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(2);
  fake_echo_reply(0);
  loop_run(ctx);
  fake_echo_reply(0);
  loop_run(ctx);
  expect_journal("32 192.0.2.1 1 0.0");
  netmcu_ping_cancel(ping);
  assert_false(fake_echo_is_receiving());
  loop_end(ctx);
}

/* The reply came in time. That the script kept the loop busy is not the network's fault. */
static void test_reply_during_a_busy_script(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(1);
  fake_echo_keep_loop_busy(true);
  clock_pass(ctx, 30);
  fake_echo_reply(0);
  clock_pass(ctx, 970);
  expect_journal("32 192.0.2.1 1 30.0, done 1 0 1000");
  loop_end(ctx);
}

static void test_new_ping_silences_the_one_before(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(2);
  clock_pass(ctx, 500);
  assert_int_equal(netmcu_ping(ctx, "192.0.2.2", 1, &events, NULL, NULL), 0);
  fake_echo_reply(0); /* was sent before */
  fake_echo_reply(1);
  loop_run(ctx);
  expect_journal("32 192.0.2.1 1 500.0, 32 192.0.2.2 2 0.0, done 1 0 0");
  clock_pass(ctx, 500);
  fake_echo_reply(2); /* was sent afterwards */
  clock_pass(ctx, 1000);
  expect_journal("0 192.0.2.1 0 0.0, done 2 1 2000");
  loop_end(ctx);
}

static void test_ping_works_once_the_system_allows_it(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  fake_echo_begin(ctx);
  fake_echo_fail_open(NETMCU_ENOMEM);
  assert_int_equal(netmcu_ping(ctx, PEER, 1, &events, NULL, NULL), NETMCU_ENOMEM);
  assert_int_equal(netmcu_ping(ctx, PEER, 1, &events, NULL, NULL), 0);
  fake_echo_reply(0);
  loop_run(ctx);
  expect_journal("32 192.0.2.1 1 0.0, done 1 0 0");
  loop_end(ctx);
}

static void test_context_closes_during_a_ping(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(2);
  fake_echo_reply(0);
  loop_close(ctx);
  expect_journal("");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_one_request_a_second),
      own_loop(test_losses),
      own_loop(test_late_reply_is_a_loss),
      own_loop(test_second_reply_is_ignored),
      own_loop(test_reply_during_a_busy_script),
      own_loop(test_new_ping_silences_the_one_before),
      own_loop(test_ping_works_once_the_system_allows_it),
      own_loop(test_context_closes_during_a_ping),
  };
  return cmocka_run_group_tests_name("a ping keeps its times", tests, NULL, NULL);
}
