/* TCP of the simulated network, seen from its packets. */
#include "world.h"

/* Events of the server's client begin with a capital letter. */
static void on_server_receive(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  called("Receive %.*s", size < 20 ? (int)size : 0, data);
}

static void on_server_disconnection(netmcu_connection *c, int error)
{
  called("Disconnection %d", error);
  (void)c;
}

static const netmcu_connection_events server_events = {.receive = on_server_receive,
                                                       .disconnection = on_server_disconnection};

static netmcu_server *server;
static netmcu_connection *client;

/* Both are connected, and what happened until then is forgotten. */
static void connect_both(int profile_a, int profile_b)
{
  world_begin(profile_a, profile_b);
  server = world_serve(&server_events);
  client = world_connect(&journal_events);
  netmcu_sim_run(world.sim, 100 * MS);
  expect_journal("dns 10.0.0.3, connection");
  assert_string_equal(world_packets(), "a SYN, b SYN ACK, a ACK");
}

static void end(void)
{
  world_end_connection(client, server);
}

static void test_device_acknowledges_and_reports_sent(void **state)
{
  (void)state;
  connect_both(NETMCU_SIM_DEVICE, NETMCU_SIM_DEVICE);
  assert_int_equal(netmcu_connection_send(client, "hello", 5), 0);
  assert_int_equal(netmcu_connection_send(client, " you", 4), 0);
  netmcu_sim_run(world.sim, 400 * MS);
  /* Output goes out with the slow timer, and the acknowledgement with the fast one. */
  assert_string_equal(world_timed_packets(), "250 a ACK 9, 375 b ACK");
  expect_journal("Receive hello you, sent");
  end();
}

static void answer(netmcu_connection *c, const char *data, size_t size)
{
  on_server_receive(c, data, size);
  netmcu_connection_send(c, "yes", 3);
}

static void test_an_answer_to_held_data_goes_out_at_once(void **state)
{
  static const netmcu_connection_events answering_events = {.receive = answer};

  (void)state;
  connect_both(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP);
  netmcu_connection_on(world_client, &answering_events);
  netmcu_connection_hold(world_client);
  assert_int_equal(netmcu_connection_send(client, "hello", 5), 0);
  netmcu_sim_run(world.sim, 400 * MS);
  assert_string_equal(world_packets(), "a ACK 5, b ACK");
  netmcu_connection_unhold(world_client);
  netmcu_sim_run(world.sim, 10 * MS);
  assert_string_equal(world_packets(), "b ACK 3, a ACK");
  expect_journal("sent, Receive hello, receive 3");
  end();
}

static void test_close_by_the_client(void **state)
{
  (void)state;
  connect_both(NETMCU_SIM_DEVICE, NETMCU_SIM_DESKTOP);
  netmcu_connection_close(client);
  netmcu_sim_run(world.sim, 100 * MS);
  assert_string_equal(world_packets(), "a FIN ACK, b FIN ACK, a ACK");
  expect_journal("Disconnection 0");
  end();
}

static void test_both_close_at_once(void **state)
{
  (void)state;
  connect_both(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP);
  netmcu_connection_close(client);
  netmcu_connection_close(world_client);
  netmcu_sim_run(world.sim, 100 * MS);
  assert_string_equal(world_packets(), "a FIN ACK, b FIN ACK, b ACK, a ACK");
  expect_journal("");
  end();
}

static void test_syn_to_a_closed_port_is_refused(void **state)
{
  (void)state;
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DEVICE);
  netmcu_connection *c = world_connect(&journal_events);
  netmcu_sim_run(world.sim, 100 * MS);
  assert_string_equal(world_packets(), "a SYN, b RST ACK");
  expect_journal("dns 10.0.0.3, disconnection -9");
  netmcu_connection_free(c);
  world_end();
}

/* The device sends its SYN each second, and its user gives up after six. */
static void test_lost_syns_end_the_connect(void **state)
{
  (void)state;
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DEVICE);
  world_link(1000, 1);
  netmcu_connection *c = world_connect(&journal_events);
  netmcu_sim_run(world.sim, 10 * S);
  assert_string_equal(world_timed_packets(),
                      "0 (a SYN), 1000 (a SYN), 2000 (a SYN), 3000 (a SYN), 4000 (a SYN), 5000 (a SYN), 6000 (a SYN)");
  expect_journal("dns 10.0.0.3, disconnection -8");
  netmcu_connection_free(c);
  world_end();
}

static void test_unknown_host_is_unreachable_for_a_desktop_only(void **state)
{
  (void)state;
  for (int profile = NETMCU_SIM_DEVICE; profile <= NETMCU_SIM_DESKTOP; profile++) {
    world_begin(profile, profile);
    netmcu_connection *c = netmcu_connection_new(world.a);
    netmcu_connection_on(c, &journal_events);
    assert_int_equal(netmcu_connection_connect(c, 80, "10.0.0.99"), 0);
    netmcu_sim_run(world.sim, 20 * S);
    expect_journal(profile == NETMCU_SIM_DEVICE ? "dns 10.0.0.99, disconnection -8"
                                                : "dns 10.0.0.99, disconnection -4");
    netmcu_connection_free(c);
    world_end();
  }
}

/* The first time-out is one second, then it doubles. */
static void test_lost_data_is_sent_again(void **state)
{
  (void)state;
  connect_both(NETMCU_SIM_DEVICE, NETMCU_SIM_DEVICE);
  world_link(1000, 1);
  netmcu_connection_send(client, "hello", 5);
  netmcu_sim_run(world.sim, 5 * S);
  assert_string_equal(world_timed_packets(), "250 (a ACK 5), 1250 (a ACK 5), 3250 (a ACK 5)");
  world_link(1000, 0);
  netmcu_sim_run(world.sim, 5 * S);
  assert_string_equal(world_timed_packets(), "7250 a ACK 5, 7375 b ACK");
  expect_journal("Receive hello, sent");
  end();
}

static void test_data_that_never_arrive_end_the_connection(void **state)
{
  (void)state;
  connect_both(NETMCU_SIM_DEVICE, NETMCU_SIM_DEVICE);
  world_link(1000, 1);
  netmcu_connection_send(client, "hello", 5);
  netmcu_sim_run_idle(world.sim, (uint64_t)3600 * S);
  expect_journal("disconnection -8");
  end();
}

static size_t received;
static uint32_t sum;

static void count_bytes(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  for (size_t i = 0; i < size; i++)
    sum = sum * 31 + (unsigned char)data[i];
  received += size;
}

static const netmcu_connection_events counting_events = {.receive = count_bytes,
                                                         .disconnection = on_server_disconnection};

#define BULK 300000

/* Sends BULK bytes over this link; all of them must arrive, once and in order. */
static void check_bulk(int sender, int receiver, const netmcu_sim_link *link)
{
  static char data[BULK];
  uint32_t expected = 0;
  for (size_t i = 0; i < BULK; i++) {
    data[i] = (char)(i * 7 + i / 251);
    expected = expected * 31 + (unsigned char)data[i];
  }
  received = sum = 0;
  world_begin(sender, receiver);
  assert_int_equal(netmcu_sim_set_link(world.sim, world.host_a, world.host_b, link), 0);
  server = world_serve(&counting_events);
  client = world_connect(&journal_events);
  assert_int_equal(netmcu_connection_send(client, data, BULK), 0);
  netmcu_connection_free(client);
  client = NULL;
  netmcu_sim_run(world.sim, (uint64_t)3600 * S);
  assert_int_equal(received, BULK);
  assert_int_equal(sum, expected);
  expect_journal("Disconnection 0");
  assert_int_equal(netmcu_sim_unmet(world.sim, NULL, NULL), 0);
  end();
}

static void test_bulk_over_bad_links(void **state)
{
  (void)state;
  for (int sender = 0; sender < 2; sender++)
    for (int receiver = 0; receiver < 2; receiver++)
      for (int kind = 0; kind < 6; kind++) {
        netmcu_sim_link link = NETMCU_SIM_LINK_INIT;
        link.loss = kind == 1 || kind == 5 ? 0.05 : 0;
        link.reordering = kind == 2 || kind == 5 ? 0.1 : 0;
        link.duplication = kind == 3 || kind == 5 ? 0.1 : 0;
        link.bandwidth = kind == 4 ? 100000 : 0;
        link.queue = 10000;
        link.jitter = kind == 5 ? 5000 : 0;
        link.mtu = kind == 5 ? 576 : 1500;
        check_bulk(sender, receiver, &link);
      }
}

/* Three duplicates of an acknowledgement bring the lost segment back long before the time-out. */
static void test_fast_retransmit(void **state)
{
  (void)state;
  connect_both(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP);
  static char data[8 * 1460];
  world_link(1000, 1);
  netmcu_connection_send(client, data, 1460);
  netmcu_sim_step(world.sim);
  world_link(1000, 0);
  netmcu_connection_send(client, data, 5 * 1460);
  netmcu_sim_run(world.sim, 50 * MS);
  const char *packets = world_packets();
  assert_non_null(strstr(packets, "(a ACK 1460), a ACK 1460"));
  assert_int_equal(netmcu_connection_get_pending(client), 0);
  expect_journal("sent, sent, Receive ");
  end();
}

/* The window of a device that is held holds 5840 bytes. Then the sender probes it. */
static void test_closed_window_is_probed_and_opens(void **state)
{
  (void)state;
  static char data[8000];
  connect_both(NETMCU_SIM_DESKTOP, NETMCU_SIM_DEVICE);
  netmcu_connection_hold(world_client);
  netmcu_connection_send(client, data, sizeof data);
  netmcu_sim_run(world.sim, 900 * MS);
  const char *packets = world_packets();
  assert_non_null(strstr(packets, "a ACK 1460, a ACK 1460, a ACK 1460, a ACK 1460"));
  assert_non_null(strstr(packets, "a ACK 1, b ACK"));
  forget_calls();
  netmcu_connection_unhold(world_client);
  netmcu_sim_run(world.sim, 10 * S);
  packets = world_packets();
  assert_int_equal(strncmp(packets, "b ACK, a ACK 1460", 17), 0);
  expect_journal("Receive , Receive , Receive ");
  end();
}

/* The program has left, and the peer never opens its window: the system stops probing at last. */
static void test_output_without_a_program_is_given_up(void **state)
{
  (void)state;
  static char data[8000];
  connect_both(NETMCU_SIM_DESKTOP, NETMCU_SIM_DEVICE);
  netmcu_connection_hold(world_client);
  netmcu_connection_send(client, data, sizeof data);
  netmcu_connection_close(client);
  netmcu_sim_run(world.sim, 3600 * (uint64_t)S);
  assert_non_null(strstr(world_packets(), "a ACK 1, b ACK, a RST ACK"));
  netmcu_connection_unhold(world_client);
  netmcu_sim_run(world.sim, 1 * S);
  assert_int_equal(calls("Disconnection -9") + calls("Reconnection -9"), 1);
  forget_calls();
  end();
}

/* On the device, closing while received data are held resets the connection. */
static void test_device_resets_what_it_closes_while_held(void **state)
{
  (void)state;
  connect_both(NETMCU_SIM_DESKTOP, NETMCU_SIM_DEVICE);
  netmcu_connection_hold(world_client);
  netmcu_connection_send(client, "x", 1);
  netmcu_sim_run(world.sim, 500 * MS);
  world_packets();
  netmcu_connection_close(world_client);
  netmcu_sim_run(world.sim, 100 * MS);
  assert_string_equal(world_packets(), "b RST ACK");
  expect_journal("sent, disconnection -9");
  end();
}

static void test_time_wait_ends(void **state)
{
  (void)state;
  connect_both(NETMCU_SIM_DEVICE, NETMCU_SIM_DEVICE);
  netmcu_connection_free(client);
  netmcu_connection_free(world_client);
  netmcu_server_free(server);
  client = world_client = NULL;
  server = NULL;
  uint64_t begin = netmcu_sim_time(world.sim);
  netmcu_sim_run_idle(world.sim, 100 * S);
  assert_between((netmcu_sim_time(world.sim) - begin) / 1000000, 9000, 10500);
  expect_journal("");
  end();
}

/* They are connected before the server accepts them. */
static void test_clients_wait_to_be_accepted(void **state)
{
  (void)state;
  world_begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP);
  server = netmcu_server_new(world.b);
  netmcu_connection *clients[3];
  assert_int_equal(netmcu_server_listen(server, 80, NULL, 1, NULL), NETMCU_EARGUMENT);
  netmcu_server_free(server);
  server = world_serve(&server_events);
  netmcu_server_hold(server);
  for (int i = 0; i < 3; i++)
    clients[i] = world_connect(&journal_events);
  netmcu_sim_run(world.sim, 1 * S);
  assert_int_equal(calls("connection"), 3);
  assert_null(world_client);
  netmcu_server_unhold(server);
  netmcu_sim_run(world.sim, 1 * S);
  assert_non_null(world_client);
  for (int i = 0; i < 3; i++)
    netmcu_connection_free(clients[i]);
  forget_calls();
  client = NULL;
  world_client = NULL;
  netmcu_server_free(server);
  server = NULL;
  end();
}

static void test_keepalive_finds_a_dead_peer(void **state)
{
  (void)state;
  connect_both(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP);
  assert_int_equal(netmcu_connection_set_keepalive(client, 60000), 0);
  netmcu_sim_run(world.sim, 100 * S);
  assert_string_equal(world_packets(), "a ACK, b ACK");
  netmcu_sim_crash(world.host_b);
  world_client = NULL;
  server = NULL;
  netmcu_sim_run(world.sim, 100 * S);
  expect_journal("disconnection -8");
  end();
}

static void test_same_seed_same_packets(void **state)
{
  (void)state;
  static char first[1 << 16];
  for (int run = 0; run < 2; run++) {
    netmcu_sim_link link = NETMCU_SIM_LINK_INIT;
    link.loss = link.duplication = link.reordering = 0.1;
    link.jitter = 20000;
    static char data[20000];
    received = 0;
    world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DESKTOP);
    netmcu_sim_set_link(world.sim, NULL, NULL, &link);
    server = world_serve(&counting_events);
    client = world_connect(&journal_events);
    netmcu_connection_send(client, data, sizeof data);
    netmcu_sim_run(world.sim, 120 * S);
    assert_int_equal(received, sizeof data);
    if (run == 0)
      strcpy(first, world_timed_packets());
    else
      assert_string_equal(world_timed_packets(), first);
    forget_calls();
    end();
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_device_acknowledges_and_reports_sent),
                                     own_loop(test_an_answer_to_held_data_goes_out_at_once),
                                     own_loop(test_close_by_the_client),
                                     own_loop(test_both_close_at_once),
                                     own_loop(test_syn_to_a_closed_port_is_refused),
                                     own_loop(test_lost_syns_end_the_connect),
                                     own_loop(test_unknown_host_is_unreachable_for_a_desktop_only),
                                     own_loop(test_lost_data_is_sent_again),
                                     own_loop(test_data_that_never_arrive_end_the_connection),
                                     own_loop(test_bulk_over_bad_links),
                                     own_loop(test_fast_retransmit),
                                     own_loop(test_closed_window_is_probed_and_opens),
                                     own_loop(test_output_without_a_program_is_given_up),
      own_loop(test_device_resets_what_it_closes_while_held),
                                     own_loop(test_time_wait_ends),
                                     own_loop(test_clients_wait_to_be_accepted),
                                     own_loop(test_keepalive_finds_a_dead_peer),
                                     own_loop(test_same_seed_same_packets)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
