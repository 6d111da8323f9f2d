/* A name with several addresses: the faults of an address strike the attempts to connect to it, and
 * those of the name strike all attempts. */
#include "dns_answer.h"
#include "dns_server.h"
#include "fake.h"
#include "netmcu_device.h"
#include "objects.h"
#include "peer.h"
#include "world.h"

static void set_faults(netmcu_t *ctx, const char *const *rules)
{
  for (; *rules; rules++)
    assert_int_equal(netmcu_set_fault(ctx, *rules), 0);
}

static void note_fault(netmcu_t *ctx, const netmcu_trace_event *event, void *data)
{
  (void)ctx;
  (void)data;
  if (strcmp(event->what, "fault") == 0)
    called("fault %s", event->detail);
}

/* ---- the system's network: nobody listens at the first address, and a peer at the second --------- */

static size_t received, longest;

static void count(netmcu_connection *c, const char *data, size_t size)
{
  (void)data;
  received += size;
  longest = size > longest ? size : longest;
  if (received == 5000)
    netmcu_connection_close(c);
}

static const netmcu_connection_events counting = {.dns = journal_dns,
                                                  .receive = count,
                                                  .connection = journal_connection,
                                                  .reconnection = journal_reconnection,
                                                  .disconnection = journal_disconnection};

static void send_many(peer *p)
{
  peer_send_stream(p, 5000, 1);
  peer_read_to_end(p);
}

/* Returns whether the peer was reached. */
static bool connect_to_pair(const char *const *rules, const char *journal)
{
  peer_result result;
  netmcu_t *ctx = loop_begin_with_families(NETMCU_IPV4_FIRST);
  dns_server *dns = dns_server_start();
  peer *p = peer_listen(send_many, NULL);
  received = longest = 0;
  dns_server_use(dns, ctx);
  netmcu_set_trace(ctx, note_fault, NULL);
  set_faults(ctx, rules);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &counting);
  assert_int_equal(netmcu_connection_connect(c, peer_port(p), "pair.test"), 0);
  loop_run(ctx);
  expect_journal(journal);
  netmcu_connection_free(c);
  peer_end(p, &result);
  dns_server_stop(dns);
  loop_end(ctx);
  return result.connected;
}

static void test_the_second_address_is_refused(void **state)
{
  static const char *const rules[] = {"refuse,peer=127.0.0.1", NULL};
  (void)state;
  assert_false(connect_to_pair(rules, "dns 127.0.0.2, fault refuse, reconnection -9"));
}

static void test_the_first_address_is_refused(void **state)
{
  static const char *const rules[] = {"refuse,peer=127.0.0.2", NULL};
  (void)state;
  assert_true(connect_to_pair(rules, "dns 127.0.0.2, fault refuse, connection"));
  assert_int_equal(received, 5000);
}

static void test_each_address_is_refused(void **state)
{
  static const char *const rules[] = {"refuse,peer=127.*", NULL};
  (void)state;
  assert_false(connect_to_pair(rules, "dns 127.0.0.2, fault refuse, fault refuse, reconnection -9"));
}

static void test_the_name_is_refused(void **state)
{
  static const char *const rules[] = {"refuse", NULL};
  (void)state;
  assert_false(connect_to_pair(rules, "dns 127.0.0.2, fault refuse, reconnection -9"));
}

static void test_faults_of_the_first_address_end_with_it(void **state)
{
  static const char *const rules[] = {"reset,peer=127.0.0.2", "stall,after=0,peer=127.0.0.2",
                                      "cut,size=1,peer=127.0.0.2", "delay,ms=2,peer=127.0.0.2", NULL};
  (void)state;
  assert_true(connect_to_pair(rules, "dns 127.0.0.2, connection"));
  assert_int_equal(received, 5000);
  assert_true(longest > 1);
}

static void test_faults_of_the_second_address(void **state)
{
  static const char *const rules[] = {"delay,ms=2,peer=127.0.0.1", "cut,size=7,peer=127.0.0.1",
                                      "reset,after=1999,peer=127.0.0.1", NULL};
  (void)state;
  assert_true(connect_to_pair(rules, "dns 127.0.0.2, fault delay of 2 ms, fault cut into 7 bytes, connection, "
                                     "fault reset after 1999 bytes, reconnection -9"));
  assert_int_equal(received, 1999);
  assert_int_equal(longest, 7);
}

/* ---- without a network: ::1, then 127.0.0.1 ------------------------------------------------------ */

static netmcu_connection *connect_to_localhost(const char *const *rules)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.connect_timeout = 100;
  netmcu_t *ctx = fake_begin(&options);
  netmcu_set_trace(ctx, note_fault, NULL);
  set_faults(ctx, rules);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &journal_events);
  assert_int_equal(netmcu_connection_connect(c, 80, "localhost"), 0);
  loop_run(ctx);
  return c;
}

static void end_fake(netmcu_connection *c)
{
  netmcu_t *ctx = netmcu_connection_get_context(c);
  netmcu_connection_free(c);
  clock_pass(ctx, 3000);
  expect_journal("");
  loop_end(ctx);
}

/* The attempt that is under way. */
static fake_stream_t *last_stream(void)
{
  return fake_stream(fake_streams() - 1);
}

static void test_the_first_address_stalls(void **state)
{
  (void)state;
  netmcu_connection *c = connect_to_localhost((const char *[]){"stall,peer=::1", NULL});
  clock_pass(netmcu_connection_get_context(c), 101);
  fake_connected(last_stream(), 0);
  fake_receive(last_stream(), "hello", 5);
  loop_run(netmcu_connection_get_context(c));
  expect_journal("dns ::1, fault stall, connection, receive 5");
  end_fake(c);
}

static void test_the_second_address_stalls(void **state)
{
  (void)state;
  netmcu_connection *c = connect_to_localhost((const char *[]){"stall,peer=127.0.0.1", NULL});
  fake_connected(last_stream(), NETMCU_ERESET);
  clock_pass(netmcu_connection_get_context(c), 100);
  expect_journal("dns ::1, fault stall");
  clock_pass(netmcu_connection_get_context(c), 1);
  expect_journal("disconnection -8");
  end_fake(c);
}

static void test_the_second_address_is_delayed(void **state)
{
  (void)state;
  netmcu_connection *c = connect_to_localhost((const char *[]){"delay,ms=50,peer=127.0.0.1", NULL});
  netmcu_t *ctx = netmcu_connection_get_context(c);
  fake_connected(last_stream(), NETMCU_ERESET);
  clock_pass(ctx, 50);
  fake_connected(last_stream(), 0);
  fake_receive(last_stream(), "hello", 5);
  clock_pass(ctx, 49);
  expect_journal("dns ::1, fault delay of 50 ms, connection");
  clock_pass(ctx, 1);
  expect_journal("receive 5");
  end_fake(c);
}

static void test_each_address_stalls(void **state)
{
  static const char *const rules[] = {"stall,peer=*1", NULL};
  (void)state;
  netmcu_connection *c = connect_to_localhost(rules);
  clock_pass(netmcu_connection_get_context(c), 202);
  expect_journal("dns ::1, fault stall, fault stall, disconnection -8");
  end_fake(c);
}

/* A delay of 101 ms ends in the same millisecond as the attempt, whose stream is closing then. */
static void test_a_delay_that_outlives_the_attempt(void **state)
{
  static const char *const rules[][2] = {{"delay,ms=101,peer=::1", NULL}, {"delay,ms=150,peer=::1", NULL}};
  for (int i = 0; i < 2; i++) {
    loop_reset_own(state);
    netmcu_connection *c = connect_to_localhost(rules[i]);
    clock_pass(netmcu_connection_get_context(c), 101);
    fake_connected(last_stream(), 0);
    fake_receive(last_stream(), "hello", 5);
    loop_run(netmcu_connection_get_context(c));
    expect_journal("dns ::1, connection, receive 5");
    end_fake(c);
  }
}

/* Each address of a delayed name is delayed. */
static void test_a_delayed_name(void **state)
{
  (void)state;
  netmcu_connection *c = connect_to_localhost((const char *[]){"delay,ms=60", NULL});
  netmcu_t *ctx = netmcu_connection_get_context(c);
  clock_pass(ctx, 60);
  fake_connected(last_stream(), NETMCU_ERESET);
  clock_pass(ctx, 60);
  fake_connected(last_stream(), 0);
  loop_run(ctx);
  expect_journal("dns ::1, fault delay of 60 ms, connection");
  end_fake(c);
}

static void test_output_survives_a_refused_address(void **state)
{
  (void)state;
  netmcu_connection *c = connect_to_localhost((const char *[]){"stall,peer=::1", NULL});
  netmcu_t *ctx = netmcu_connection_get_context(c);
  assert_int_equal(netmcu_connection_send(c, "early", 5), 0);
  clock_pass(ctx, 101);
  fake_connected(last_stream(), 0);
  loop_run(ctx);
  assert_string_equal(fake_output(last_stream()), "early");
  expect_journal("dns ::1, fault stall, connection, sent");
  end_fake(c);
}

/* ---- a simulated network: which rules count as met ----------------------------------------------- */

/* A name server on host b, for the name two.test. */
static void answer_query(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  dns_query query = {.bytes = (const uint8_t *)data, .size = 12 + sizeof "\3two\4test" + 4, .name = "two.test"};
  dns_message answer;
  assert_true(size >= query.size);
  query.type = query.bytes[query.size - 3];
  dns_answer(&answer, &query);
  assert_int_equal(netmcu_udp_send(u, from, answer.bytes, answer.size), 0);
}

static const netmcu_udp_events answering = {.receive = answer_query};

static void ignore_client(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  (void)client;
}

static void begin_world(void)
{
  netmcu_address server;
  char ip[NETMCU_IP_SIZE];
  world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DESKTOP);
  server = netmcu_sim_host_address(world.host_b);
  assert_int_equal(netmcu_dns_set_server(world.a, 0, netmcu_ip_format(&server, ip)), 0);
  netmcu_udp *names = netmcu_udp_new(world.b);
  netmcu_udp_on(names, &answering);
  assert_int_equal(netmcu_udp_listen(names, 53, NULL), 0);
  assert_non_null(netmcu_sim_host_new(world.sim, "first", "192.0.2.1", NETMCU_SIM_DESKTOP));
  netmcu_t *second = world_context(netmcu_sim_host_new(world.sim, "second", "192.0.2.2", NETMCU_SIM_DESKTOP));
  assert_int_equal(netmcu_server_listen(netmcu_server_new(second), 80, NULL, 0, ignore_client), 0);
}

/* Returns how many of the rules have not taken effect. */
static unsigned connect_simulated(const char *const *rules, const char *journal)
{
  static const netmcu_connection_events events = {.connection = journal_connection,
                                                  .disconnection = journal_disconnection};
  begin_world();
  set_faults(world.a, rules);
  netmcu_connection *c = netmcu_connection_new(world.a);
  netmcu_connection_on(c, &events);
  assert_int_equal(netmcu_connection_connect(c, 80, "two.test"), 0);
  netmcu_sim_run(world.sim, 20 * S);
  expect_journal(journal);
  unsigned unmet = netmcu_sim_unmet(world.sim, NULL, NULL);
  world_end();
  forget_calls();
  return unmet;
}

static void test_rules_that_are_met(void **state)
{
  static const char *const stall[] = {"stall,peer=192.0.2.2", NULL}, *const leave[] = {"reset,peer=192.0.2.1", NULL},
                           *const both[] = {"refuse,peer=192.0.2.1", "refuse,peer=192.0.2.2", NULL},
                           *const first[] = {"refuse,peer=192.0.2.1", "?delay,ms=20,peer=192.0.2.2", NULL};
  (void)state;
  assert_int_equal(connect_simulated(stall, "disconnection -8"), 0);
  assert_int_equal(connect_simulated(leave, "connection"), 1);
  assert_int_equal(connect_simulated(both, "disconnection -9"), 0);
  assert_int_equal(connect_simulated(first, "connection"), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_the_second_address_is_refused),
      both_loops(test_the_first_address_is_refused),
      own_loop(test_each_address_is_refused),
      own_loop(test_the_name_is_refused),
      own_loop(test_faults_of_the_first_address_end_with_it),
      both_loops(test_faults_of_the_second_address),
      own_loop(test_the_first_address_stalls),
      own_loop(test_the_second_address_stalls),
      own_loop(test_the_second_address_is_delayed),
      own_loop(test_each_address_stalls),
      own_loop(test_a_delay_that_outlives_the_attempt),
      own_loop(test_a_delayed_name),
      own_loop(test_output_survives_a_refused_address),
      own_loop(test_rules_that_are_met),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
