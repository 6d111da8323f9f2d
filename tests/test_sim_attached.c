/* A world that runs along with a loop of the program, in real time or faster. */
#include "world.h"
#include <math.h>

static unsigned virtual_ms;

static unsigned now_in_ms(void)
{
  return (unsigned)(netmcu_sim_time(world.sim) / 1000000);
}

static void note(netmcu_timer *timer, void *data)
{
  (void)timer;
  (void)data;
  virtual_ms = now_in_ms();
}

static void fail_on_handle(uv_handle_t *handle, void *data)
{
  (void)data;
  fail_msg("a handle is left: %s", uv_handle_type_name(handle->type));
}

/* A hundred virtual seconds in a tenth of a real one. */
static void test_along_with_a_loop(void **state)
{
  uv_loop_t loop;
  (void)state;
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DEVICE);
  assert_int_equal(uv_loop_init(&loop), 0);
  assert_int_equal(netmcu_sim_attach(world.sim, &loop, 0), NETMCU_EVALUE);
  assert_int_equal(netmcu_sim_attach(world.sim, &loop, INFINITY), NETMCU_EVALUE);
  assert_int_equal(netmcu_sim_attach(world.sim, NULL, 1000), NETMCU_EARGUMENT);
  double begin = loop_milliseconds();
  assert_int_equal(netmcu_sim_attach(world.sim, &loop, 1000), 0);
  assert_int_equal(netmcu_sim_attach(world.sim, &loop, 1000), NETMCU_EINPROGRESS);
  netmcu_timer *timer = netmcu_timer_new(world.a, note, NULL);
  netmcu_timer_start(timer, 100000, 0);
  uv_run(&loop, UV_RUN_DEFAULT);
  assert_true(virtual_ms >= 100000);
  assert_between(loop_milliseconds() - begin, 90, 20000);
  netmcu_timer_free(timer);
  netmcu_sim_detach(world.sim);
  uv_run(&loop, UV_RUN_DEFAULT);
  uv_walk(&loop, fail_on_handle, NULL);
  assert_int_equal(uv_loop_close(&loop), 0);
  forget_calls();
  world_end();
}

static unsigned begun_at; /* ms of virtual time */
static netmcu_timer *timer;
static netmcu_udp *sender;

static void on_packet(const netmcu_sim_packet *packet, void *data)
{
  (void)data;
  if (packet->protocol != NETMCU_SIM_UDP)
    return;
  assert_true(packet->time / 1000000 >= begun_at);
  called("datagram");
}

static void on_call(void *data)
{
  (void)data;
  assert_true(now_in_ms() >= begun_at + 10000);
  called("call");
}

/* Nothing has happened in the world for about 20 ms, which are 20 s there. The loop counts whole
 * milliseconds, so its timer may expire in less. */
static void on_program_timer(uv_timer_t *program_timer)
{
  netmcu_address to = netmcu_sim_host_address(world.host_b);

  to.port = 9;
  begun_at = now_in_ms();
  assert_true(begun_at >= 18000);
  assert_int_equal(netmcu_udp_send(sender, &to, "x", 1), 0);
  assert_int_equal(netmcu_sim_at(world.sim, 10 * S, on_call, NULL), 0);
  netmcu_timer_start(timer, 30000, 0);
  uv_close((uv_handle_t *)program_timer, NULL);
}

static void test_what_the_program_does_counts_from_now(void **state)
{
  uv_loop_t loop;
  uv_timer_t program_timer;
  (void)state;
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DEVICE);
  netmcu_sim_on_packet(world.sim, on_packet, NULL);
  timer = netmcu_timer_new(world.a, note, NULL);
  sender = netmcu_udp_new(world.a);
  virtual_ms = 0;
  assert_int_equal(uv_loop_init(&loop), 0);
  uv_timer_init(&loop, &program_timer);
  assert_int_equal(netmcu_sim_attach(world.sim, &loop, 1000), 0);
  uv_timer_start(&program_timer, on_program_timer, 20, 0);
  uv_run(&loop, UV_RUN_DEFAULT);
  expect_journal("datagram, call");
  assert_true(virtual_ms >= begun_at + 30000);
  netmcu_sim_detach(world.sim);
  uv_run(&loop, UV_RUN_DEFAULT);
  assert_int_equal(uv_loop_close(&loop), 0);
  world_end();
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_along_with_a_loop),
                                     own_loop(test_what_the_program_does_counts_from_now)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
