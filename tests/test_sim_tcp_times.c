/* When a simulated TCP sends: again, probes, acknowledgements, and when it gives up. */
#include "world.h"

static netmcu_server *server;
static netmcu_connection *client;

static void ignore_data(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  (void)data;
  (void)size;
}

static const netmcu_connection_events sink = {.receive = ignore_data};

static void begin(int profile_a, int profile_b, uint64_t latency)
{
  world_begin(profile_a, profile_b);
  world_link(latency, 0);
  server = world_serve(&sink);
  client = world_connect(&journal_events);
  netmcu_sim_run(world.sim, 5 * S);
  expect_journal("dns 10.0.0.3, connection");
  assert_string_equal(world_packets(), "a SYN, b SYN ACK, a ACK");
}

static void end(void)
{
  forget_calls();
  world_end_connection(client, server);
}

static void send_text(const char *text)
{
  assert_int_equal(netmcu_connection_send(client, text, strlen(text)), 0);
}

/* Returns the time in ms between the packets of a since the last call, such as "200 400". */
static const char *pauses(void)
{
  static char text[1000];
  unsigned before = 0, now;
  *text = 0;
  for (char *packet = strtok((char *)(uintptr_t)world_timed_packets(), ","); packet; packet = strtok(NULL, ",")) {
    if (strchr(packet, 'a') == NULL || sscanf(packet, " %u", &now) != 1)
      continue;
    if (before)
      snprintf(text + strlen(text), sizeof text - strlen(text), "%s%u", *text ? " " : "", now - before);
    before = now;
  }
  return text;
}

/* RFC 6298: the time-out follows the round-trip time and doubles up to two minutes. After 15
 * attempts, the connection ends. */
static void test_a_desktop_waits_longer_for_a_slow_peer(void **state)
{
  static const struct {
    unsigned latency, sends; /* the last one is lost */
    const char *expected;
  } cases[] = {
      {1, 1, "200 400 800 1600 3200 6400 12800 25600 51200 102400 120000 120000 120000 120000 120000"},
      {300, 1, "1800 3600 7200 14400 28800 57600 115200 120000 120000 120000 120000 120000 120000 120000 120000"},
      {300, 4, "1106 2212 4425 8850 17700 35400 70800 120000 120000 120000 120000 120000 120000 120000 120000"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP, cases[i].latency * MS);
    for (unsigned n = 1; n < cases[i].sends; n++) {
      send_text("x");
      netmcu_sim_run(world.sim, 5 * S);
    }
    forget_calls();
    world_packets();
    world_link(cases[i].latency * MS, 1);
    send_text("x");
    netmcu_sim_run_idle(world.sim, 3600 * (uint64_t)S);
    assert_string_equal(pauses(), cases[i].expected);
    expect_journal("sent, disconnection -8");
    end();
  }
}

/* The device counts in ticks of 250 ms, and gives up after 12 attempts. */
static void test_a_device_waits_longer_for_a_slow_peer(void **state)
{
  (void)state;
  for (unsigned sends = 1; sends <= 4; sends += 3) {
    begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DESKTOP, 400 * MS);
    for (unsigned n = 1; n < sends; n++) {
      send_text("x");
      netmcu_sim_run(world.sim, 5 * S);
    }
    forget_calls();
    world_packets();
    world_link(400 * MS, 1);
    send_text("x");
    netmcu_sim_run_idle(world.sim, 7200 * (uint64_t)S);
    assert_string_equal(pauses(), sends == 1
                                      ? "1000 2000 4000 8000 16000 32000 64000 128000 128000 128000 128000 128000"
                                      : "2500 5000 10000 20000 40000 80000 160000 320000 320000 320000 320000 320000");
    expect_journal("disconnection -8");
    end();
  }
}

static void fill_window(void)
{
  static char data[40000];
  netmcu_connection_hold(world_client);
  netmcu_connection_send(client, data, sizeof data);
}

/* A peer that holds its window closed is probed, ever more rarely; the next time, from the beginning. */
static void test_probes_become_rare(void **state)
{
  (void)state;
  for (int profile = NETMCU_SIM_DEVICE; profile <= NETMCU_SIM_DESKTOP; profile++) {
    begin(profile, NETMCU_SIM_DEVICE, 1 * MS);
    for (int round = 0; round < 2; round++) {
      fill_window();
      netmcu_sim_run(world.sim, 600 * S);
      assert_non_null(
          strstr(pauses(), profile == NETMCU_SIM_DEVICE
                               ? " 1500 3000 6000 12000 24000 30000 30000 30000 30000 30000 30000 30000 30000"
                               : " 400 800 1600 3200 6400 12800 25600 51200 102400 120000 120000 120000"));
      netmcu_connection_unhold(world_client);
      netmcu_sim_run(world.sim, 60 * S);
    }
    end();
  }
}

/* The first 16 segments are acknowledged at once, then each second one, or one alone after 40 ms. */
static void test_a_desktop_delays_later_acknowledgements(void **state)
{
  (void)state;
  begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP, 1 * MS);
  for (int i = 1; i <= 18; i++) {
    uint64_t begun = netmcu_sim_time(world.sim);
    char expected[64];
    unsigned now = (unsigned)(begun / 1000000);
    send_text("x");
    netmcu_sim_run(world.sim, 100 * MS);
    snprintf(expected, sizeof expected, "%u a ACK 1, %u b ACK", now, now + (i <= 16 ? 1 : 41));
    assert_string_equal(world_timed_packets(), expected);
  }
  send_text("x");
  netmcu_sim_run(world.sim, 10 * MS);
  assert_string_equal(world_packets(), "a ACK 1");
  send_text("y");
  netmcu_sim_run(world.sim, 10 * MS);
  assert_string_equal(world_packets(), "a ACK 1, b ACK");
  end();
}

/* Each sign of life begins the count of the probes again. */
static void test_keepalive_goes_on_while_the_peer_answers(void **state)
{
  (void)state;
  for (int profile = NETMCU_SIM_DEVICE; profile <= NETMCU_SIM_DESKTOP; profile++) {
    begin(profile, NETMCU_SIM_DESKTOP, 1 * MS);
    assert_int_equal(netmcu_connection_set_keepalive(client, 60000), 0);
    netmcu_sim_run(world.sim, 1000 * S);
    assert_int_equal(
        strncmp(pauses(), profile == NETMCU_SIM_DEVICE ? "60000 60000 60000 60000" : "60002 60002 60002 60002", 23), 0);
    expect_journal("");
    world_link(1 * MS, 1);
    netmcu_sim_run(world.sim, 300 * S);
    assert_string_equal(pauses(), profile == NETMCU_SIM_DEVICE ? "" : "1000 1000 1000 1000 1000 1000 1000 1000 1000");
    expect_journal("disconnection -8");
    end();
  }
}

/* Both sides send again what opens the connection. */
static void test_a_lost_answer_to_the_syn(void **state)
{
  (void)state;
  for (int profile = NETMCU_SIM_DEVICE; profile <= NETMCU_SIM_DESKTOP; profile++) {
    netmcu_sim_link lossy = NETMCU_SIM_LINK_INIT;
    lossy.loss = 1;
    world_begin(profile, profile);
    server = world_serve(&sink);
    netmcu_sim_set_path(world.sim, world.host_b, world.host_a, &lossy);
    client = world_connect(&journal_events);
    netmcu_sim_run(world.sim, 500 * MS);
    assert_string_equal(world_packets(), "a SYN, (b SYN ACK)");
    world_link(1 * MS, 0);
    netmcu_sim_run(world.sim, 5 * S);
    assert_string_equal(world_timed_packets(),
                        profile == NETMCU_SIM_DEVICE
                            ? "1000 a SYN, 1000 b SYN ACK, 1001 b SYN ACK, 1001 a ACK, 1002 a ACK, 1002 b ACK"
                            : "1000 a SYN, 1001 b SYN ACK, 1001 b SYN ACK, 1002 a ACK, 1002 a ACK, 1003 b ACK");
    expect_journal("dns 10.0.0.3, connection");
    end();
  }
}

/* A client that does not answer, or a peer that does not close, is forgotten after a time. */
static void test_half_of_a_connection_ends(void **state)
{
  (void)state;
  for (int profile = NETMCU_SIM_DEVICE; profile <= NETMCU_SIM_DESKTOP; profile++) {
    begin(profile, profile, 1 * MS);
    netmcu_connection_hold(world_client);
    netmcu_connection_free(client);
    client = NULL;
    netmcu_sim_run(world.sim, (profile == NETMCU_SIM_DEVICE ? 19 : 59) * S);
    assert_string_equal(world_packets(), "a FIN ACK, b ACK");
    netmcu_connection_unhold(world_client);
    netmcu_sim_run(world.sim, 1 * S);
    assert_string_equal(world_packets(), "b FIN ACK, a ACK");
    end();

    begin(profile, profile, 1 * MS);
    netmcu_connection_hold(world_client);
    netmcu_connection_free(client);
    client = NULL;
    netmcu_sim_run(world.sim, (profile == NETMCU_SIM_DEVICE ? 21 : 61) * S);
    world_packets();
    netmcu_connection_unhold(world_client);
    netmcu_sim_run(world.sim, 1 * S);
    assert_string_equal(world_packets(), "b FIN ACK, a RST");
    end();
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_a_desktop_waits_longer_for_a_slow_peer),
                                     own_loop(test_a_device_waits_longer_for_a_slow_peer),
                                     own_loop(test_probes_become_rare),
                                     own_loop(test_a_desktop_delays_later_acknowledgements),
                                     own_loop(test_keepalive_goes_on_while_the_peer_answers),
                                     own_loop(test_a_lost_answer_to_the_syn),
                                     own_loop(test_half_of_a_connection_ends)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
