/* Timers: when they fire, and what callbacks may do to them. Exact times are those of a clock that
 * the test moves. */
#include "fake.h"
#include "objects.h"
#include "peer.h"

static void fired(netmcu_timer *timer, void *data)
{
  (void)timer;
  called("%s", data ? (const char *)data : "fired");
}

static netmcu_timer *started(netmcu_t *ctx, netmcu_timer_cb cb, void *data, uint64_t timeout, uint64_t repeat)
{
  netmcu_timer *timer = netmcu_timer_new(ctx, cb, data);
  assert_non_null(timer);
  assert_false(netmcu_timer_is_running(timer));
  netmcu_timer_start(timer, timeout, repeat);
  assert_true(netmcu_timer_is_running(timer));
  return timer;
}

static void test_once(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_timer *timer = started(ctx, fired, NULL, 30, 0);
  double begin = loop_milliseconds();
  uint64_t time = netmcu_get_time(ctx);
  expect_calls("fired", 1);
  loop_run(ctx);
  assert_true(loop_milliseconds() - begin >= 29);
  assert_true(netmcu_get_time(ctx) - time >= 29000000);
  assert_true((double)(netmcu_get_time(ctx) - time) <= (loop_milliseconds() - begin + 1) * 1e6);
  assert_false(netmcu_timer_is_running(timer));
  netmcu_timer_free(timer);
  loop_end(ctx);
}

static void fired_thrice(netmcu_timer *timer, void *data)
{
  (void)data;
  called("fired");
  assert_true(netmcu_timer_is_running(timer));
  if (calls("fired") == 3)
    netmcu_timer_stop(timer);
}

static void test_repeat(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  double begin = loop_milliseconds();
  netmcu_timer *timer = started(ctx, fired_thrice, NULL, 20, 10);
  expect_calls("fired", 3);
  loop_run(ctx);
  assert_true(loop_milliseconds() - begin >= 39);
  netmcu_timer_free(timer);
  loop_end(ctx);
}

static void test_zero_is_the_next_turn(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_timer *timer = started(ctx, fired, NULL, 0, 0);
  assert_int_equal(calls("fired"), 0);
  expect_calls("fired", 1);
  loop_run(ctx);
  netmcu_timer_free(timer);
  loop_end(ctx);
}

static void test_order(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_timer *timers[] = {started(ctx, fired, "c", 30, 0), started(ctx, fired, "a", 10, 0),
                            started(ctx, fired, "b", 20, 0), started(ctx, fired, "now", 0, 0)};
  clock_pass(ctx, 30);
  expect_journal("now, a, b, c");
  for (int i = 0; i < 4; i++)
    netmcu_timer_free(timers[i]);
  loop_end(ctx);
}

static void test_start_again_replaces(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_timer *timer = started(ctx, fired, NULL, 5, 1);
  double begin = loop_milliseconds();
  netmcu_timer_start(timer, 40, 0);
  expect_calls("fired", 1);
  loop_run(ctx);
  assert_true(loop_milliseconds() - begin >= 39);
  netmcu_timer_free(timer);
  loop_end(ctx);
}

static void fired_and_freed(netmcu_timer *timer, void *data)
{
  fired(timer, data);
  netmcu_timer_free(timer);
}

static void test_free_in_its_callback(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  started(ctx, fired_and_freed, NULL, 1, 1);
  started(ctx, fired_and_freed, NULL, 1, 0);
  expect_calls("fired", 2);
  loop_end(ctx);
}

static void fired_and_restarted(netmcu_timer *timer, void *data)
{
  (void)data;
  called("fired");
  assert_false(netmcu_timer_is_running(timer));
  if (calls("fired") < 3)
    netmcu_timer_start(timer, 1, 0);
}

static void test_restart_in_its_callback(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_timer *timer = started(ctx, fired_and_restarted, NULL, 1, 0);
  expect_calls("fired", 3);
  loop_run(ctx);
  netmcu_timer_free(timer);
  loop_end(ctx);
}

/* Two timers are due in the same loop iteration, and the first frees the second. */
static void fired_and_frees_other(netmcu_timer *timer, void *data)
{
  netmcu_timer **other = data;
  called("fired");
  netmcu_timer_free(*other);
  netmcu_timer_free(timer);
}

static void test_free_of_another_that_is_due(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_timer *second;
  started(ctx, fired_and_frees_other, &second, 5, 0);
  second = started(ctx, fired, "freed timer fired", 5, 0);
  expect_calls("fired", 1);
  loop_end(ctx);
}

static void fired_and_stops_other(netmcu_timer *timer, void *data)
{
  (void)timer;
  called("fired");
  netmcu_timer_stop(*(netmcu_timer **)data);
}

static void test_stop_of_another_that_is_due(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_timer *second;
  netmcu_timer *first = started(ctx, fired_and_stops_other, &second, 5, 0);
  second = started(ctx, fired, "stopped timer fired", 5, 5);
  expect_calls("fired", 1);
  loop_run(ctx);
  netmcu_timer_free(first);
  netmcu_timer_free(second);
  loop_end(ctx);
}

static void test_keep_alive(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_timer *background = started(ctx, fired, "background", 5, 5);
  netmcu_timer_set_keep_alive(background, 0);
  loop_run(ctx);
  assert_int_equal(calls("background"), 0);
  netmcu_timer *foreground = started(ctx, fired, NULL, 60000, 0);
  loop_until_called(ctx, "background", 2);
  netmcu_timer_stop(foreground);
  forget_calls();
  netmcu_timer_set_keep_alive(background, 1);
  assert_int_equal(netmcu_run_once(ctx), 1);
  forget_calls();
  netmcu_timer_free(background);
  netmcu_timer_free(foreground);
  loop_end(ctx);
}

/* After a long callback, the loop's time is old. This must not shorten a timer. */
static double started_at;

static void work_for(double milliseconds)
{
  double begin = loop_milliseconds();
  while (loop_milliseconds() - begin < milliseconds)
    ;
}

static void busy_then_start(netmcu_timer *timer, void *data)
{
  (void)timer;
  work_for(60);
  started_at = loop_milliseconds();
  netmcu_timer_start(*(netmcu_timer **)data, 50, 0);
}

static void fired_in_time(netmcu_timer *timer, void *data)
{
  (void)timer;
  (void)data;
  called("fired");
  assert_true(loop_milliseconds() - started_at >= 49);
}

static void test_no_earlier_after_a_busy_callback(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_timer *second = netmcu_timer_new(ctx, fired_in_time, NULL);
  netmcu_timer *first = started(ctx, busy_then_start, &second, 1, 0);
  expect_calls("fired", 1);
  loop_run(ctx);
  netmcu_timer_free(first);
  netmcu_timer_free(second);
  loop_end(ctx);
}

/* Each tick takes some time, which `data` lists. The journal gets the times of all ticks. */
static uint64_t began;

static unsigned elapsed(netmcu_t *ctx)
{
  return (unsigned)((netmcu_get_time(ctx) - began) / 1000000);
}

static void tick(netmcu_timer *timer, void *data)
{
  static unsigned count;
  const unsigned *work = data;
  called("%u", elapsed(netmcu_timer_get_context(timer)));
  clock_compute(work[count++ % 5]);
}

static void expect_ticks(const unsigned work[5], unsigned period, const char *times)
{
  netmcu_t *ctx = fake_begin(NULL);
  began = netmcu_get_time(ctx);
  netmcu_timer *timer = started(ctx, tick, (void *)(uintptr_t)work, period, period);
  clock_pass(ctx, 5 * period);
  expect_journal(times);
  netmcu_timer_free(timer);
  loop_end(ctx);
}

static void test_repeat_keeps_its_phase_while_its_callback_works(void **state)
{
  (void)state;
  static const unsigned work[] = {60, 60, 60, 60, 60};
  expect_ticks(work, 100, "100, 200, 300, 400, 500");
}

/* The first callback lasts from 200 to 500 ms. The tick of 400 comes late; then the phase is right
 * again. */
static void test_missed_ticks_are_skipped(void **state)
{
  (void)state;
  static const unsigned work[] = {300, 0, 0, 0, 0};
  expect_ticks(work, 200, "200, 500, 600, 800, 1000");
}

static void busy_timer(netmcu_timer *timer, void *data)
{
  (void)timer;
  (void)data;
  clock_compute(100);
}

static void busy_post(void *data)
{
  (void)data;
  clock_compute(100);
}

static void fired_at(netmcu_timer *timer, void *data)
{
  (void)data;
  called("%u", elapsed(netmcu_timer_get_context(timer)));
}

static void test_no_later_after_a_busy_callback(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_timer *timer = netmcu_timer_new(ctx, fired_at, NULL);
  netmcu_timer *busy = netmcu_timer_new(ctx, busy_timer, NULL);
  for (int i = 0; i < 2; i++) {
    began = netmcu_get_time(ctx);
    netmcu_timer_start(timer, 150, 0);
    if (i == 0)
      netmcu_timer_start(busy, 1, 0);
    else
      assert_int_equal(netmcu_post(ctx, busy_post, NULL), 0);
    clock_pass(ctx, 1000);
    expect_journal("150");
  }
  netmcu_timer_free(timer);
  netmcu_timer_free(busy);
  loop_end(ctx);
}

static void restart_at_once(netmcu_timer *timer, void *data)
{
  (void)data;
  netmcu_timer_start(timer, 0, 0);
}

static void answered(netmcu_connection *c, const char *data, size_t size)
{
  (void)data;
  (void)size;
  called("receive");
  netmcu_timer_free(netmcu_connection_get_data(c));
  netmcu_connection_free(c);
}

static void greet(netmcu_connection *c)
{
  netmcu_connection_send(c, "x", 1);
}

static void test_zero_again_and_again_does_not_starve_the_network(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.connection = greet, .receive = answered};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_echo, NULL);
  netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
  netmcu_connection_set_data(c, started(ctx, restart_at_once, NULL, 0, 0));
  expect_calls("receive", 1);
  loop_run(ctx);
  peer_end(p, NULL);
  loop_end(ctx);
}

#define MANY 2000

static void fired_and_counted(netmcu_timer *timer, void *data)
{
  called("fired");
  (*(unsigned *)data)++;
  netmcu_timer_free(timer);
}

static void test_many(void **state)
{
  (void)state;
  static netmcu_timer *timers[MANY];
  unsigned count = 0;
  netmcu_t *ctx = loop_begin(NULL);
  for (unsigned i = 0; i < MANY; i++)
    timers[i] = started(ctx, fired_and_counted, &count, (i * 7919u) % 97, 0);
  for (unsigned i = 0; i < MANY; i += 2)
    netmcu_timer_free(timers[i]);
  expect_calls("fired", MANY / 2);
  loop_run(ctx);
  assert_int_equal(count, MANY / 2);
  loop_end(ctx);
}

static void test_far_future(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_timer *timer = started(ctx, fired, "far", UINT64_MAX, UINT64_MAX);
  netmcu_timer *other = started(ctx, fired, "farther", UINT64_MAX - 1, 0);
  loop_turns(ctx, 3);
  netmcu_timer_free(timer);
  netmcu_timer_free(other);
  loop_end(ctx);
}

static void start_far(netmcu_timer *timer, void *data)
{
  (void)timer;
  called("first");
  netmcu_timer_start(*(netmcu_timer **)data, UINT64_MAX, 0);
}

/* Times are kept as 32 bits. One that is far ahead must not seem to be before one that is late. */
static void test_far_future_begins_while_another_is_late(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_timer *distant = netmcu_timer_new(ctx, fired, "far");
  netmcu_timer *first = started(ctx, start_far, &distant, 1, 0);
  netmcu_timer *late = started(ctx, fired, "late", 2, 0);
  work_for(20);
  loop_turns(ctx, 3);
  expect_journal("first, late");
  netmcu_timer_free(first);
  netmcu_timer_free(late);
  netmcu_timer_free(distant);
  loop_end(ctx);
}

static void test_stop_when_not_running(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_timer *timer = netmcu_timer_new(ctx, fired, NULL);
  netmcu_timer_stop(timer);
  netmcu_timer_stop(timer);
  netmcu_timer_free(timer);
  netmcu_timer_free(NULL);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_once),
      both_loops(test_repeat),
      both_loops(test_zero_is_the_next_turn),
      both_loops(test_order),
      own_loop(test_start_again_replaces),
      both_loops(test_free_in_its_callback),
      own_loop(test_restart_in_its_callback),
      own_loop(test_free_of_another_that_is_due),
      own_loop(test_stop_of_another_that_is_due),
      both_loops(test_keep_alive),
      own_loop(test_no_earlier_after_a_busy_callback),
      both_loops(test_no_later_after_a_busy_callback),
      both_loops(test_repeat_keeps_its_phase_while_its_callback_works),
      both_loops(test_missed_ticks_are_skipped),
      own_loop(test_zero_again_and_again_does_not_starve_the_network),
      own_loop(test_many),
      own_loop(test_far_future),
      both_loops(test_far_future_begins_while_another_is_late),
      own_loop(test_stop_when_not_running),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
