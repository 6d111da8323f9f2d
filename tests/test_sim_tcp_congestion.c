/* How much a simulated TCP sends at once: slow start, losses, small segments. */
#include "world.h"

#define MSS 1460

static netmcu_server *server;
static netmcu_connection *client;

static void ignore_data(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  (void)data;
  (void)size;
}

static const netmcu_connection_events sink = {.receive = ignore_data};

/* The number of segments of data that a has sent since the last call. */
static unsigned segments(void)
{
  unsigned count = 0;
  const char *text = world_packets();
  for (; (text = strstr(text, "a ACK 1460")) != NULL; text++)
    count++;
  return count;
}

static void begin(int profile, uint64_t latency)
{
  world_begin(profile, NETMCU_SIM_DESKTOP);
  world_link(latency, 0);
  server = world_serve(&sink);
  client = world_connect(&sink);
  netmcu_sim_run(world.sim, 2 * S);
  assert_string_equal(world_packets(), "a SYN, b SYN ACK, a ACK");
}

static void end(void)
{
  world_end_connection(client, server);
}

static void send_segments(size_t count)
{
  static char data[200 * MSS];
  assert_int_equal(netmcu_connection_send(client, data, count * MSS), 0);
}

static void expect_rounds(const unsigned *expected, size_t count)
{
  netmcu_sim_run(world.sim, 50 * MS);
  for (size_t i = 0; i < count; i++) {
    assert_int_equal(segments(), expected[i]);
    netmcu_sim_run(world.sim, 100 * MS);
  }
}
#define EXPECT_ROUNDS(...)                                                                                             \
  expect_rounds((unsigned[]){__VA_ARGS__}, sizeof((unsigned[]){__VA_ARGS__}) / sizeof(unsigned))

/* Each round trip of 100 ms. The peer acknowledges 16 segments one by one, then each second one. */
static void test_slow_start(void **state)
{
  (void)state;
  begin(NETMCU_SIM_DESKTOP, 50 * MS);
  send_segments(150);
  EXPECT_ROUNDS(10, 20, 33, 50);
  end();
}

/* Loses the data segments of a with these numbers. */
static unsigned lost_first, lost_last, number;

static int decide(const char *text, void *data)
{
  (void)data;
  if (strncmp(text, "lost: a:", 8) != 0 || strstr(text, " 1460 bytes") == NULL)
    return 0;
  number++;
  return number >= lost_first && number <= lost_last;
}

static void lose(unsigned first, unsigned last)
{
  lost_first = first;
  lost_last = last;
  number = 0;
  world_link(50 * MS, 1);
  netmcu_sim_on_fault(world.sim, decide, NULL);
}

/* RFC 5681 and 6582: three duplicates bring the lost segments back, one in each round trip, and halve
 * the window. */
static void test_fast_recovery(void **state)
{
  (void)state;
  begin(NETMCU_SIM_DESKTOP, 50 * MS);
  lose(11, 12);
  send_segments(150);
  EXPECT_ROUNDS(10, 20, 10, 8, 11, 10, 12, 12, 13, 13);
  end();
}

/* After a time-out, one segment goes first. The window doubles up to half of what it was, and then
 * grows by about a segment in each round trip. */
static void test_after_a_time_out(void **state)
{
  (void)state;
  begin(NETMCU_SIM_DESKTOP, 50 * MS);
  lose(11, 30);
  send_segments(150);
  EXPECT_ROUNDS(10, 20, 0, 1, 2, 4, 6, 10, 10, 11, 10, 12);
  end();
}

/* What is acknowledged later than it was sent again is not sent a third time. */
static void test_lost_acknowledgements(void **state)
{
  netmcu_sim_link lossy = NETMCU_SIM_LINK_INIT;
  (void)state;
  begin(NETMCU_SIM_DESKTOP, 1 * MS);
  lossy.loss = 1;
  netmcu_sim_set_path(world.sim, world.host_b, world.host_a, &lossy);
  send_segments(5);
  netmcu_sim_run(world.sim, 150 * MS);
  assert_int_equal(segments(), 5);
  world_link(1 * MS, 0);
  netmcu_sim_run(world.sim, 100 * MS);
  assert_string_equal(world_packets(), "a ACK 1460, b ACK");
  send_segments(2);
  netmcu_sim_run(world.sim, 10 * MS);
  assert_string_equal(world_packets(), "a ACK 1460, a ACK 1460, b ACK, b ACK");
  end();
}

/* Loses the first segment of a, and lets the third one overtake the second one. */
static int disorder(const char *text, void *data)
{
  static const char *const faults[] = {"lost: a:", "reordered: a:"};
  (void)data;
  if (number == 2 || strncmp(text, faults[number], strlen(faults[number])) != 0 || strstr(text, " 1460 bytes") == NULL)
    return 0;
  number++;
  return 1;
}

/* The segment that was missing is acknowledged at once, with all that are behind it. */
static void test_segments_in_any_order(void **state)
{
  netmcu_sim_link link = NETMCU_SIM_LINK_INIT;
  (void)state;
  begin(NETMCU_SIM_DESKTOP, 1 * MS);
  number = 0;
  link.loss = link.reordering = 1;
  netmcu_sim_set_link(world.sim, world.host_a, world.host_b, &link);
  netmcu_sim_on_fault(world.sim, disorder, NULL);
  send_segments(3);
  netmcu_sim_run(world.sim, 100 * MS);
  assert_string_equal(world_packets(), "(a ACK 1460), a ACK 1460, a ACK 1460, b ACK, b ACK");
  netmcu_sim_run(world.sim, 5 * S);
  assert_string_equal(world_packets(), "a ACK 1460, b ACK");
  end();
}

static void send_letter(void)
{
  assert_int_equal(netmcu_connection_send(client, "x", 1), 0);
  netmcu_sim_run(world.sim, 1 * MS);
}

/* A device gathers what is small while something is on its way, and a desktop if it is asked to. */
static void test_small_segments(void **state)
{
  (void)state;
  for (int kind = 0; kind < 2; kind++) {
    begin(NETMCU_SIM_DESKTOP, 50 * MS);
    if (kind == 0)
      assert_int_equal(netmcu_connection_set_nodelay(client, 0), 0);
    for (int i = 0; i < 3; i++)
      send_letter();
    assert_string_equal(world_packets(), kind == 0 ? "a ACK 1" : "a ACK 1, a ACK 1, a ACK 1");
    netmcu_sim_run(world.sim, 300 * MS);
    assert_string_equal(world_packets(), kind == 0 ? "b ACK, a ACK 2, b ACK" : "b ACK, b ACK, b ACK");
    end();
  }
}

/* An abort ends everything: nothing is sent after the reset. */
static void test_nothing_follows_a_reset(void **state)
{
  (void)state;
  begin(NETMCU_SIM_DESKTOP, 50 * MS);
  send_segments(2);
  netmcu_sim_run(world.sim, 10 * MS);
  netmcu_connection_abort(client);
  netmcu_sim_run(world.sim, 10 * S);
  assert_string_equal(world_packets(), "a ACK 1460, a ACK 1460, a RST ACK, b ACK, b ACK, a RST, a RST");
  assert_int_equal(netmcu_sim_run_idle(world.sim, 1 * S), 0);
  end();
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_slow_start),
                                     own_loop(test_after_a_time_out),
                                     own_loop(test_fast_recovery),
                                     own_loop(test_lost_acknowledgements),
                                     own_loop(test_segments_in_any_order),
                                     own_loop(test_small_segments),
                                     own_loop(test_nothing_follows_a_reset)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
