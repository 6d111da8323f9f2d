/* Events come in the order of their times, and with the same time in the order in which they were set,
 * whether they are due at once, in minutes or in weeks. */
#include "world.h"

#define CALLS  3000
#define LAMPS  40
#define SECOND 1000000000ull

static netmcu_sim *sim;
static uint64_t seed;

static uint64_t draw(uint64_t below)
{
  seed = seed * 6364136223846793005ull + 1442695040888963407ull;
  return (seed >> 33) % below;
}

/* Many times are equal. Others are weeks away, or at the bounds of the queue's parts. */
static uint64_t draw_delay(void)
{
  static const uint64_t scales[] = {1, 10, 1000, 100000, 1073742, 10000000, 300000000, 100000000000};

  return draw(4) * scales[draw(8)] + draw(2) * scales[draw(8)];
}

/* ---- calls of the program ---------------------------------------------------------------------- */

static struct {
  uint64_t due;
  bool was_called;
} planned[CALLS];
static unsigned added, done;
static size_t last;

static void on_call(void *data);

static void add_call(void)
{
  uint64_t delay = draw_delay();

  if (added == CALLS)
    return;
  planned[added].due = netmcu_sim_time(sim) + delay * 1000;
  planned[added].was_called = false;
  assert_int_equal(netmcu_sim_at(sim, delay, on_call, (void *)(uintptr_t)added), 0);
  added++;
}

static void on_call(void *data)
{
  size_t i = (uintptr_t)data;

  assert_int_equal(netmcu_sim_time(sim), planned[i].due);
  assert_false(planned[i].was_called);
  assert_true(done == 0 || planned[last].due < planned[i].due || last < i);
  planned[i].was_called = true;
  last = i;
  done++;
  for (uint64_t count = draw(3); count > 0; count--)
    add_call();
}

static void test_order(void **state)
{
  (void)state;
  for (seed = 1; seed <= 20; seed++) {
    uint64_t first = seed;
    sim = netmcu_sim_new(1, 0);
    added = done = 0;
    while (added < 100)
      add_call();
    while (netmcu_sim_next(sim) != UINT64_MAX) {
      uint64_t next = netmcu_sim_next(sim);
      netmcu_sim_step(sim);
      assert_int_equal(netmcu_sim_time(sim), next);
    }
    assert_int_equal(done, added);
    assert_true(added >= 100);
    netmcu_sim_free(sim);
    seed = first;
  }
}

/* ---- timers, which somebody stops and starts again ---------------------------------------------- */

static struct {
  netmcu_timer *timer;
  uint64_t due; /* 0: not started */
  unsigned expired;
} lamps[LAMPS];

static void on_timer(netmcu_timer *timer, void *data)
{
  size_t i = (uintptr_t)data;

  (void)timer;
  assert_int_equal(netmcu_sim_time(sim) / 1000000, lamps[i].due);
  lamps[i].due = 0;
  lamps[i].expired++;
}

static void change(size_t i)
{
  uint32_t delay = (uint32_t)(1 + draw_delay() / 1000);

  if (draw(5) == 0) {
    netmcu_timer_stop(lamps[i].timer);
    lamps[i].due = 0;
  } else {
    netmcu_timer_start(lamps[i].timer, delay, 0);
    lamps[i].due = netmcu_sim_time(sim) / 1000000 + delay;
  }
}

static void start_lamp(size_t i)
{
  char name[16];

  snprintf(name, sizeof(name), "lamp%zu", i);
  netmcu_sim_host *host = netmcu_sim_host_new(sim, name, NULL, NETMCU_SIM_DESKTOP);
  lamps[i].timer = netmcu_timer_new(netmcu_sim_context(host, NULL), on_timer, (void *)(uintptr_t)i);
  lamps[i].due = lamps[i].expired = 0;
}

static void test_timers_that_are_stopped(void **state)
{
  unsigned expired = 0;
  (void)state;
  sim = netmcu_sim_new(1, 0);
  seed = 3;
  for (size_t i = 0; i < LAMPS; i++)
    start_lamp(i);
  for (unsigned round = 0; round < 4000; round++) {
    change(draw(LAMPS));
    netmcu_sim_run(sim, draw(8) == 0 ? draw_delay() / 100 : 0);
    for (size_t i = 0; i < LAMPS; i++)
      assert_true(lamps[i].due == 0 || lamps[i].due >= netmcu_sim_time(sim) / 1000000);
  }
  netmcu_sim_run_idle(sim, 400 * 24 * 3600 * SECOND / 1000);
  for (size_t i = 0; i < LAMPS; i++) {
    assert_int_equal(lamps[i].due, 0);
    expired += lamps[i].expired;
  }
  assert_true(expired > 500);
  netmcu_sim_free(sim);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_order),
      own_loop(test_timers_that_are_stopped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
