/* Simulated worlds: time, running, faults of links and hosts, and that every fault must take
 * effect. */
#include "world.h"

static void on_disconnection(netmcu_connection *c, int error)
{
  (void)c;
  called("Disconnection %d", error);
}

static const netmcu_connection_events server_events = {.disconnection = on_disconnection};

static netmcu_connection *client;

static void connect_both(int profile)
{
  world_begin(profile, profile);
  world_serve(&server_events);
  client = world_connect(&journal_events);
  netmcu_sim_run(world.sim, 100 * MS);
  expect_journal("dns 10.0.0.3, connection");
  world_packets();
}

static unsigned now_in_ms(void)
{
  return (unsigned)(netmcu_sim_time(world.sim) / 1000000);
}

static void note(void *data)
{
  called("%s %u", (const char *)data, now_in_ms());
}

static void on_timer(netmcu_timer *timer, void *data)
{
  (void)timer;
  note(data);
}

static int is_late(void *data)
{
  (void)data;
  return now_in_ms() >= 40;
}

static void stop_world(void *data)
{
  (void)data;
  netmcu_sim_stop(world.sim);
}

static void run_again(void *data)
{
  (void)data;
  assert_int_equal(netmcu_sim_run(world.sim, 1), NETMCU_EINPROGRESS);
  assert_int_equal(netmcu_run(world.a), NETMCU_EINPROGRESS);
}

static void test_time_and_running(void **state)
{
  (void)state;
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DEVICE);
  netmcu_timer *timer = netmcu_timer_new(world.a, on_timer, "timer");
  netmcu_timer_start(timer, 20, 20);
  netmcu_sim_at(world.sim, 30 * MS, note, "call");
  netmcu_sim_at(world.sim, 10 * MS, run_again, NULL);
  assert_int_equal(netmcu_sim_wait(world.sim, is_late, NULL, 1 * S), 1);
  expect_journal("timer 20, call 30, timer 40");
  netmcu_sim_at(world.sim, 5 * MS, stop_world, NULL);
  netmcu_sim_run(world.sim, 1 * S);
  assert_int_equal(now_in_ms(), 45);
  assert_int_equal(netmcu_sim_step(world.sim), 1);
  expect_journal("timer 60");
  assert_int_equal(netmcu_sim_run(world.sim, 5 * MS), 1);
  assert_int_equal(netmcu_sim_next(world.sim), 80 * UINT64_C(1000000));
  assert_int_equal(now_in_ms(), 65);
  netmcu_timer_free(timer);
  assert_int_equal(netmcu_sim_run_idle(world.sim, 1 * S), 0);
  assert_true(netmcu_sim_next(world.sim) == UINT64_MAX);
  assert_int_equal(netmcu_sim_wait(world.sim, is_late, NULL, 0), 1);
  world_end();
}

/* netmcu_run ends when nothing is left to happen for its own context. */
static void test_run_of_one_context(void **state)
{
  (void)state;
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DEVICE);
  netmcu_timer *long_one = netmcu_timer_new(world.b, on_timer, "b"), *timer = netmcu_timer_new(world.a, on_timer, "a");
  netmcu_timer_start(long_one, 20, 20);
  netmcu_timer_start(timer, 50, 0);
  assert_int_equal(netmcu_run(world.a), 0);
  expect_journal("b 20, b 40, a 50");
  netmcu_timer_free(timer);
  netmcu_timer_free(long_one);
  world_end();
}

static void test_clocks(void **state)
{
  (void)state;
  world.sim = netmcu_sim_new(1, 1000000);
  netmcu_sim_host *fast = netmcu_sim_host_new(world.sim, "fast", NULL, NETMCU_SIM_DEVICE);
  netmcu_sim_set_clock(fast, -500, 100000);
  netmcu_timer *timer = netmcu_timer_new(world_context(fast), on_timer, "timer");
  netmcu_timer_start(timer, 1100, 0);
  netmcu_sim_run(world.sim, 10 * S);
  expect_journal("timer 1000"); /* a tenth too early */
  assert_int_equal(netmcu_sim_clock(fast), 1000000 + 11 * S - 500);
  netmcu_sim_set_clock(fast, INT64_MAX, 0); /* as far ahead as ns can be counted */
  assert_int_equal(netmcu_sim_clock(fast), 1000000 + 10 * S + INT64_MAX / 1000);
  netmcu_timer_free(timer);
  world_end();
}

static void test_hosts_that_cannot_be(void **state)
{
  (void)state;
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DEVICE);
  assert_null(netmcu_sim_host_new(world.sim, "a", NULL, NETMCU_SIM_DEVICE));
  assert_null(netmcu_sim_host_new(world.sim, "router", NULL, NETMCU_SIM_DEVICE));
  assert_null(netmcu_sim_host_new(world.sim, "c d", NULL, NETMCU_SIM_DEVICE));
  assert_null(netmcu_sim_host_new(world.sim, "1.2.3.4", NULL, NETMCU_SIM_DEVICE));
  assert_null(netmcu_sim_host_new(world.sim, NULL, NULL, NETMCU_SIM_DEVICE));
  assert_null(netmcu_sim_host_new(world.sim, "c", NULL, NETMCU_SIM_DESKTOP + 1));
  assert_null(netmcu_sim_host_new(world.sim, "c", "10.0.0.2", NETMCU_SIM_DEVICE));
  assert_null(netmcu_sim_host_new(world.sim, "c", "10.255.255.255", NETMCU_SIM_DEVICE));
  assert_null(netmcu_sim_host_new(world.sim, "c", "127.0.0.2", NETMCU_SIM_DEVICE));
  assert_null(netmcu_sim_host_new(world.sim, "c", "fe80::1", NETMCU_SIM_DEVICE));
  netmcu_sim_host *c = netmcu_sim_host_new(world.sim, "c", "192.168.1.7", NETMCU_SIM_DEVICE);
  assert_ptr_equal(netmcu_sim_host_find(world.sim, "C"), c);
  assert_int_equal(netmcu_sim_set_address(c, "10.0.0.2"), NETMCU_EADDRINUSE);
  assert_int_equal(netmcu_sim_set_address(c, "224.0.0.1"), NETMCU_EVALUE);
  assert_int_equal(netmcu_sim_set_name(c, NULL), NETMCU_EVALUE);
  assert_int_equal(netmcu_sim_hold(world.sim, c, NULL), NETMCU_EARGUMENT);
  netmcu_sim_release(world.sim, NULL, c);
  assert_int_equal(netmcu_sim_partition(world.sim, (netmcu_sim_host *[]){c, NULL}, 2), NETMCU_EARGUMENT);
  assert_ptr_equal(netmcu_sim_context(world.host_a, NULL), world.a);
  world_end();
}

static netmcu_address new_address(const char *name)
{
  return netmcu_sim_host_address(netmcu_sim_host_new(world.sim, name, NULL, NETMCU_SIM_DEVICE));
}

/* A new host gets the lowest free address of the network, also after other hosts have moved. */
static void test_addresses_after_a_move(void **state)
{
  (void)state;
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DEVICE);
  netmcu_sim_host *distant = netmcu_sim_host_new(world.sim, "far", "1.2.3.4", NETMCU_SIM_DEVICE);
  assert_int_equal(netmcu_sim_set_address(distant, "5.6.7.8"), 0);
  netmcu_address third = new_address("third");
  assert_memory_equal(third.ip, ((uint8_t[]){10, 0, 0, 4}), 4);
  assert_int_equal(netmcu_sim_set_address(world.host_b, "10.9.9.9"), 0);
  netmcu_address freed = new_address("freed"), fourth = new_address("fourth");
  assert_memory_equal(freed.ip, ((uint8_t[]){10, 0, 0, 3}), 4);
  assert_memory_equal(fourth.ip, ((uint8_t[]){10, 0, 0, 5}), 4);
  world_end();
}

static void test_partition_and_repair(void **state)
{
  (void)state;
  connect_both(NETMCU_SIM_DEVICE);
  assert_int_equal(netmcu_sim_partition(world.sim, &world.host_a, 1), 0);
  netmcu_connection_send(client, "x", 1);
  netmcu_sim_run(world.sim, 500 * MS);
  assert_string_equal(world_packets(), "(a ACK 1)");
  netmcu_sim_repair(world.sim);
  netmcu_sim_run(world.sim, 2 * S);
  assert_string_equal(world_packets(), "a ACK 1, b ACK");
  expect_journal("sent");
  assert_int_equal(netmcu_sim_unmet(world.sim, NULL, NULL), 0);
  world_end();
}

static void test_hold_and_release(void **state)
{
  (void)state;
  connect_both(NETMCU_SIM_DESKTOP);
  assert_int_equal(netmcu_sim_hold(world.sim, world.host_a, world.host_b), 0);
  netmcu_connection_send(client, "x", 1);
  netmcu_connection_close(client);
  netmcu_sim_run(world.sim, 150 * MS);
  assert_string_equal(world_packets(), "(a ACK 1), (a FIN ACK)");
  expect_journal("");
  netmcu_sim_release(world.sim, world.host_a, world.host_b);
  netmcu_sim_run(world.sim, 150 * MS);
  expect_journal("Disconnection 0");
  world_end();
}

#define LABEL "sixty-characters-make-a-label-that-is-about-as-long-as-it-may"

static void print_unmet(const char *text, void *data)
{
  (void)data;
  called("%s", text);
}

static void test_faults_that_never_took_effect(void **state)
{
  (void)state;
  netmcu_sim_link link = NETMCU_SIM_LINK_INIT;
  world_begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP);
  link.loss = 0.5;
  netmcu_sim_set_link(world.sim, world.host_a, world.host_b, &link);
  netmcu_sim_set_path(world.sim, world.host_b, NULL, &link);
  netmcu_sim_partition(world.sim, &world.host_a, 1);
  netmcu_sim_hold(world.sim, world.host_a, world.host_b);
  netmcu_sim_run(world.sim, 1 * S);
  assert_int_equal(netmcu_sim_unmet(world.sim, print_unmet, NULL), 4);
  expect_journal("link a - b, link b to *, partition of a, hold a - b");
  netmcu_sim_accept_unmet(world.sim);
  assert_int_equal(netmcu_sim_unmet(world.sim, NULL, NULL), 0);
  assert_int_equal(netmcu_set_fault(world.a, "refuse,port=7"), 0);
  assert_int_equal(netmcu_set_fault(world.a, "?refuse,port=8"), 0);
  assert_int_equal(netmcu_set_fault(world.b, "refuse,port=7"), 0); /* same rule: reported once */
  netmcu_sim_crash(world.host_b);
  netmcu_sim_run(world.sim, 1 * S);
  netmcu_sim_crash(world.host_b);
  assert_int_equal(netmcu_sim_unmet(world.sim, print_unmet, NULL), 2);
  expect_journal("refuse,port=7, crash of b");
  netmcu_sim_accept_unmet(world.sim);
  netmcu_sim_expect_effects(world.sim, 0);
  netmcu_sim_set_link(world.sim, world.host_a, world.host_b, &link);
  netmcu_sim_partition(world.sim, &world.host_a, 1);
  netmcu_sim_hold(world.sim, world.host_a, world.host_b);
  assert_int_equal(netmcu_sim_unmet(world.sim, NULL, NULL), 0);
  netmcu_sim_expect_effects(world.sim, 1);
  netmcu_sim_partition(world.sim, &world.host_a, 1);
  assert_int_equal(netmcu_sim_unmet(world.sim, print_unmet, NULL), 1);
  expect_journal("partition of a");
  link.loss = 1.5;
  assert_int_equal(netmcu_sim_set_link(world.sim, world.host_a, world.host_b, &link), NETMCU_EVALUE);
  world_end();
}

/* Somebody who takes a fault away by hand leaves it no chance to take effect. */
static void test_faults_that_somebody_takes_away(void **state)
{
  netmcu_sim_link link = NETMCU_SIM_LINK_INIT;
  (void)state;
  world_begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP);
  netmcu_sim_set_link(world.sim, world.host_a, world.host_b, &link);
  netmcu_sim_set_path(world.sim, world.host_a, NULL, &link);
  netmcu_sim_partition(world.sim, &world.host_a, 1);
  netmcu_sim_partition(world.sim, &world.host_b, 1);
  netmcu_sim_expect_effects(world.sim, 0);
  netmcu_sim_set_path(world.sim, world.host_a, world.host_b, &link);
  netmcu_sim_partition(world.sim, &world.host_a, 1);
  netmcu_sim_expect_effects(world.sim, 1);
  assert_int_equal(netmcu_sim_unmet(world.sim, print_unmet, NULL), 2);
  expect_journal("link a to *, partition of b");
  netmcu_sim_expect_effects(world.sim, 0);
  netmcu_sim_repair(world.sim);
  netmcu_sim_expect_effects(world.sim, 1);
  assert_int_equal(netmcu_sim_unmet(world.sim, print_unmet, NULL), 1);
  expect_journal("link a to *");
  world_end();
}

/* Two rules of a test may differ at their ends only. */
static void test_long_rules_that_never_took_effect(void **state)
{
  (void)state;
  char rule[300];
  world_begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP);
  for (int port = 1; port <= 2; port++) {
    snprintf(rule, sizeof(rule), "refuse,peer=%s.%s.%s,port=%d", LABEL, LABEL, LABEL, port);
    assert_int_equal(netmcu_set_fault(world.a, rule), 0);
  }
  assert_int_equal(netmcu_sim_unmet(world.sim, NULL, NULL), 2);
  world_end();
}

static void test_crash_and_restart(void **state)
{
  (void)state;
  connect_both(NETMCU_SIM_DESKTOP);
  netmcu_sim_crash(world.host_b);
  assert_null(netmcu_sim_context(world.host_b, NULL));
  netmcu_connection_send(client, "x", 1);
  netmcu_sim_run(world.sim, 300 * MS);
  assert_string_equal(world_packets(), "a ACK 1, a ACK 1"); /* nobody answers */
  netmcu_sim_restart(world.host_b);
  world.b = world_context(world.host_b);
  netmcu_sim_run(world.sim, 10 * S);
  expect_journal("sent, disconnection -9"); /* the host does not know the connection any more */
  world_end();
}

static void test_change_of_address(void **state)
{
  (void)state;
  connect_both(NETMCU_SIM_DESKTOP);
  assert_int_equal(netmcu_sim_set_address(world.host_b, "10.0.7.7"), 0);
  netmcu_resolve(world.a, "b", journal_lookup, NULL, NULL);
  netmcu_connection_send(client, "x", 1);
  netmcu_sim_run(world.sim, 1 * S);
  expect_journal("sent, lookup 0 10.0.7.7");
  assert_int_equal(strncmp(world_packets(), "(a ACK 1), (a ACK 1)", 20), 0);
  world_end();
}

static void test_bandwidth_limits_the_throughput(void **state)
{
  (void)state;
  static char data[500000];
  netmcu_sim_link link = NETMCU_SIM_LINK_INIT;
  connect_both(NETMCU_SIM_DESKTOP);
  link.bandwidth = 100000;
  netmcu_sim_set_link(world.sim, world.host_a, world.host_b, &link);
  netmcu_connection_send(client, data, sizeof data);
  netmcu_connection_close(client);
  netmcu_sim_run(world.sim, 4800 * MS);
  expect_journal("");
  netmcu_sim_run(world.sim, 2000 * MS);
  expect_journal("Disconnection 0");
  world_end();
}

static void test_pcap(void **state)
{
  unsigned char header[12] = {0};
  (void)state;
  world_begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP);
  assert_int_equal(netmcu_sim_pcap(world.sim, "no/such/folder"), NETMCU_ESYSTEM + UV_ENOENT);
  assert_int_equal(netmcu_sim_pcap(world.sim, "world.pcapng"), 0);
  netmcu_connection *c = world_connect(&journal_events);
  netmcu_sim_run(world.sim, 1 * S);
  assert_int_equal(netmcu_sim_pcap(world.sim, NULL), 0);
  FILE *file = fopen("world.pcapng", "rb");
  assert_int_equal(fread(header, 1, sizeof header, file), sizeof header);
  assert_memory_equal(header, "\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a", sizeof header);
  fseek(file, 0, SEEK_END);
  assert_int_equal(ftell(file), 28 + 32 + 80 + 72); /* a SYN with options, and a reset */
  fclose(file);
  remove("world.pcapng");
  netmcu_connection_free(c);
  forget_calls();
  world_end();
}

/* ---- a world that asks before it advances ---- */

static uint64_t allowed; /* ms */
static unsigned asked;

static int may_reach(uint64_t time, void *data)
{
  (void)data;
  asked++;
  return time <= allowed * 1000000;
}

/* Each turn of the world's loop allows 10 ms more. */
static void allow_more(uv_idle_t *idle)
{
  (void)idle;
  allowed += 10;
}

static void test_a_world_waits_until_it_may_advance(void **state)
{
  uv_idle_t idle;
  (void)state;
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DEVICE);
  netmcu_sim_on_advance(world.sim, may_reach, NULL);
  allowed = asked = 0;
  uv_idle_init(netmcu_sim_get_loop(world.sim), &idle);
  uv_idle_start(&idle, allow_more);
  netmcu_sim_at(world.sim, 25 * MS, note, "call");
  netmcu_sim_run(world.sim, 45 * MS);
  expect_journal("call 25");
  assert_int_equal(allowed, 50);  /* it waited for the end of the run, too */
  assert_int_equal(asked, 4 + 3); /* at 0, 10, 20 and 30 ms for the call, at 30, 40 and 50 ms for the end */
  assert_int_equal(now_in_ms(), 45);
  netmcu_sim_at(world.sim, 1 * S, note, "late");
  netmcu_sim_stop(world.sim); /* a stopped run asks for nothing */
  netmcu_sim_run(world.sim, 2 * S);
  assert_int_equal(asked, 7);
  uv_close((uv_handle_t *)&idle, NULL);
  netmcu_sim_run(world.sim, 2 * S); /* nothing is left that could allow it */
  expect_journal("late 1045");
  netmcu_sim_on_advance(world.sim, NULL, NULL);
  world_end();
}

static void test_what_a_link_does_now(void **state)
{
  netmcu_sim_link link = NETMCU_SIM_LINK_INIT, now;
  (void)state;
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DEVICE);
  link.latency = 7000;
  netmcu_sim_set_path(world.sim, world.host_a, world.host_b, &link);
  assert_int_equal(netmcu_sim_get_path(world.host_a, world.host_b, &now), NETMCU_SIM_SENT);
  assert_int_equal(now.latency, 7000);
  assert_int_equal(netmcu_sim_get_path(world.host_b, world.host_a, &now), NETMCU_SIM_SENT);
  assert_int_equal(now.latency, 1000);
  netmcu_sim_hold(world.sim, world.host_a, world.host_b);
  assert_int_equal(netmcu_sim_get_path(world.host_b, world.host_a, &now), NETMCU_SIM_HELD);
  netmcu_sim_partition(world.sim, &world.host_b, 1);
  assert_int_equal(netmcu_sim_get_path(world.host_a, world.host_b, &now), NETMCU_SIM_SEPARATED);
  netmcu_sim_repair(world.sim);
  netmcu_sim_release(world.sim, world.host_a, world.host_b);
  assert_int_equal(netmcu_sim_get_path(world.host_a, world.host_b, &now), NETMCU_SIM_SENT);
  world_end();
}

/* Whatever is open when the world ends is released. */
static void test_end_of_a_busy_world(void **state)
{
  (void)state;
  connect_both(NETMCU_SIM_DESKTOP);
  netmcu_sim_hold(world.sim, world.host_a, world.host_b);
  netmcu_connection_send(client, "x", 1);
  netmcu_resolve(world.a, "b", journal_lookup, NULL, NULL);
  netmcu_udp_listen(netmcu_udp_new(world.b), 53, NULL);
  netmcu_sim_at(world.sim, 1 * S, note, "never");
  netmcu_sim_run(world.sim, 100);
  forget_calls();
  world_end();
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_time_and_running),
                                     own_loop(test_run_of_one_context),
                                     own_loop(test_clocks),
                                     own_loop(test_hosts_that_cannot_be),
                                     own_loop(test_addresses_after_a_move),
                                     own_loop(test_partition_and_repair),
                                     own_loop(test_hold_and_release),
                                     own_loop(test_faults_that_never_took_effect),
                                     own_loop(test_long_rules_that_never_took_effect),
                                     own_loop(test_faults_that_somebody_takes_away),
                                     own_loop(test_crash_and_restart),
                                     own_loop(test_change_of_address),
                                     own_loop(test_bandwidth_limits_the_throughput),
                                     own_loop(test_pcap),
                                     own_loop(test_a_world_waits_until_it_may_advance),
                                     own_loop(test_what_a_link_does_now),
                                     own_loop(test_end_of_a_busy_world)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
