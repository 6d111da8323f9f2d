/* Faults on purpose: netmcu_set_fault. */
#include "clock.h"
#include "objects.h"
#include "peer.h"

static void test_rules_that_are_none(void **state)
{
  static char endless[4000];
  static const char *const rules[] = {"",
                                      "Reset",
                                      "resets",
                                      "reset,",
                                      "reset,port",
                                      "reset,port=",
                                      "reset,port=0",
                                      "reset,port=65536",
                                      "reset,port=80x",
                                      "reset,after=-1",
                                      "reset,after=1e3",
                                      "reset,port=80,port=80",
                                      "reset,ms=5",
                                      "refuse,after=1",
                                      "delay",
                                      "delay,ms=0",
                                      "delay,ms=x",
                                      "delay,ms=99999999999",
                                      "cut",
                                      "cut,size=0",
                                      "cut,size=70000",
                                      "dns,port=53",
                                      "stall,peer=",
                                      "stall,peer=a b",
                                      "stall,probability=1.1",
                                      "stall,probability=",
                                      "stall,probability=.",
                                      "stall,probability=2",
                                      "stall,probability=-0",
                                      "stall,probability=0,5",
                                      "stall,direction=up",
                                      " reset",
                                      "reset ",
                                      "reset;port=80",
                                      "reset,=",
                                      "reset,,",
                                      "%n",
                                      "reset,after=18446744073709551617",
                                      "reset\n",
                                      endless,
                                      NULL};
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  strcpy(endless, "reset,peer=");
  memset(endless + 11, '*', sizeof endless - 12);
  for (int i = 0; rules[i]; i++)
    if (netmcu_set_fault(ctx, rules[i]) != NETMCU_EVALUE)
      fail_msg("'%s' is no fault", rules[i]);
  assert_int_equal(netmcu_set_fault(ctx, "stall,probability=2"), NETMCU_EVALUE);
  assert_string_equal(netmcu_get_rule_error(ctx), "'stall,probability=2': a probability from 0 to 1 expected, at '2'");
  for (int i = 0; i < 64; i++)
    assert_int_equal(netmcu_set_fault(ctx, "refuse,peer=a*a*a*a*a*a*a*b,port=1,probability=0.000001,seed=7"), 0);
  assert_int_equal(netmcu_set_fault(ctx, "refuse"), NETMCU_EVALUE);
  assert_int_equal(netmcu_set_fault(ctx, NULL), 0);
  assert_int_equal(netmcu_set_fault(ctx, "refuse"), 0);
  loop_end(ctx);
}

static void test_refuse(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_set_fault(ctx, "refuse,peer=127.*");
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  expect_journal("");
  loop_run(ctx);
  expect_journal("dns 127.0.0.1, disconnection -9");
  netmcu_set_fault(ctx, NULL);
  assert_int_equal(netmcu_connection_connect(c, peer_port(p), "127.0.0.1"), 0);
  loop_until_called(ctx, "connection", 1);
  netmcu_connection_free(c);
  loop_run(ctx);
  forget_calls();
  peer_end(p, NULL);
  loop_end(ctx);
}

static void test_a_client_is_refused(void **state)
{
  (void)state;
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = open_server(ctx, accept_journal, &port);
  netmcu_set_fault(ctx, "refuse");
  peer *p = peer_connect(port, peer_sink, NULL);
  loop_until(ctx, peer_is_done, p);
  expect_journal("");
  peer_result result;
  peer_end(p, &result);
  assert_true(result.reset);
  netmcu_server_free(server);
  loop_end(ctx);
}

static void send_many(peer *p)
{
  peer_send_stream(p, 5000, 1);
  peer_read_to_end(p);
}

static size_t received;

static void count(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  (void)data;
  received += size;
}

static const netmcu_connection_events counting = {.receive = count,
                                                  .connection = journal_connection,
                                                  .sent = journal_sent,
                                                  .reconnection = journal_reconnection,
                                                  .disconnection = journal_disconnection};

static void test_reset_after_received_bytes(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(send_many, NULL);
  received = 0;
  netmcu_set_fault(ctx, "reset,after=1999");
  netmcu_connection *c = open_connection(ctx, &counting, peer_port(p));
  loop_run(ctx);
  expect_journal("connection, reconnection -9");
  assert_int_equal(received, 1999);
  peer_result result;
  peer_end(p, &result);
  assert_true(result.reset);
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_reset_after_sent_bytes(void **state)
{
  (void)state;
  char data[100] = {0};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_set_fault(ctx, "reset,after=150,direction=out");
  netmcu_connection *c = open_connection(ctx, &counting, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  assert_int_equal(netmcu_connection_send(c, data, 100), 0);
  assert_int_equal(netmcu_connection_send(c, data, 100), 0);
  expect_journal("connection");
  loop_run(ctx);
  expect_journal("sent, reconnection -9");
  peer_result result;
  peer_end(p, &result);
  assert_true(result.reset);
  assert_true(result.received <= 150);
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_reset_at_once(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(send_many, NULL);
  received = 0;
  netmcu_set_fault(ctx, "reset");
  netmcu_connection *c = open_connection(ctx, &counting, peer_port(p));
  loop_run(ctx);
  expect_journal("connection, reconnection -9");
  assert_int_equal(received, 0);
  peer_end(p, NULL);
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_stall_and_its_end(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_echo, NULL);
  received = 0;
  netmcu_set_fault(ctx, "stall,after=3,direction=in");
  netmcu_connection *c = open_connection(ctx, &counting, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  netmcu_connection_send(c, "hello", 5);
  while (received < 3)
    netmcu_run_once(ctx);
  loop_turns(ctx, 20);
  assert_int_equal(received, 3);
  assert_int_equal(netmcu_connection_send(c, "world", 5), 0);
  loop_turns(ctx, 20);
  assert_int_equal(netmcu_connection_get_pending(c), 5);
  netmcu_set_fault(ctx, NULL);
  while (received < 10)
    netmcu_run_once(ctx);
  netmcu_connection_free(c);
  loop_run(ctx);
  forget_calls();
  peer_end(p, NULL);
  loop_end(ctx);
}

static void test_a_stalled_connection_ends(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(send_many, NULL);
  netmcu_set_fault(ctx, "stall,after=0");
  netmcu_connection *c = open_connection(ctx, &counting, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  loop_turns(ctx, 5);
  netmcu_connection_free(c);
  loop_run(ctx);
  forget_calls();
  peer_end(p, NULL);
  loop_end(ctx);
}

static void test_a_connect_is_not_answered(void **state)
{
  (void)state;
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.connect_timeout = 50;
  netmcu_t *ctx = loop_begin(&options);
  netmcu_set_fault(ctx, "stall");
  netmcu_connection *c = open_connection(ctx, &counting, 4711);
  loop_run(ctx);
  expect_journal("reconnection -8");
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_delay(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(send_many, NULL);
  received = 0;
  netmcu_set_fault(ctx, "delay,ms=60");
  double started = loop_milliseconds();
  netmcu_connection *c = open_connection(ctx, &counting, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  assert_true(loop_milliseconds() - started >= 55);
  while (received < 5000)
    netmcu_run_once(ctx);
  assert_true(loop_milliseconds() - started >= 115);
  netmcu_connection_free(c);
  loop_run(ctx);
  forget_calls();
  peer_end(p, NULL);
  loop_end(ctx);
}

static unsigned frames;

static void count_frames(netmcu_connection *c, const char *data, size_t size)
{
  assert_between(size, 1, 7);
  frames++;
  count(c, data, size);
}

static unsigned cut(const char *rule)
{
  static const netmcu_connection_events events = {.receive = count_frames};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(send_many, NULL);
  received = frames = 0;
  netmcu_set_fault(ctx, rule);
  netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
  while (received < 5000)
    netmcu_run_once(ctx);
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  loop_end(ctx);
  return frames;
}

static void test_cut(void **state)
{
  (void)state;
  assert_true(cut("cut,size=7") >= 715);
  assert_true(cut("cut,size=7,seed=3") > 1000);
}

static void test_names_are_not_found(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_map_host(ctx, "*=192.0.2.1");
  netmcu_set_fault(ctx, "dns,peer=*.test");
  netmcu_resolve(ctx, "a.test", journal_lookup, NULL, NULL);
  netmcu_resolve(ctx, "a.example", journal_lookup, NULL, NULL);
  expect_journal("");
  loop_run(ctx);
  expect_journal("lookup -32 nil, lookup 0 192.0.2.1");
  loop_end(ctx);
}

static unsigned lost_of(const char *rule)
{
  unsigned found = 0;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_map_host(ctx, "*=192.0.2.1");
  netmcu_set_fault(ctx, rule);
  for (int i = 0; i < 100; i++)
    netmcu_resolve(ctx, "a.test", journal_lookup, NULL, NULL);
  loop_run(ctx);
  found = calls("lookup 0 192.0.2.1");
  forget_calls();
  loop_end(ctx);
  return 100 - found;
}

static void test_chance_is_the_same_in_each_run(void **state)
{
  (void)state;
  unsigned lost = lost_of("dns,probability=0.3");
  assert_between(lost, 15, 45);
  assert_int_equal(lost_of("dns,probability=0.3"), lost);
  assert_int_equal(lost_of("dns,probability=0"), 0);
  assert_int_equal(lost_of("dns,probability=1"), 100);
}

static void told_datagram(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  (void)u;
  (void)from;
  called("%.*s", (int)size, data);
}

static void test_datagrams(void **state)
{
  static const netmcu_udp_events told = {.receive = told_datagram};
  (void)state;
  netmcu_address to;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *server = netmcu_udp_new(ctx), *client = netmcu_udp_new(ctx);
  netmcu_udp_on(server, &told);
  assert_int_equal(netmcu_udp_listen(server, 0, "127.0.0.1"), 0);
  netmcu_udp_get_address(server, &to);
  netmcu_set_fault(ctx, "stall");
  assert_int_equal(netmcu_udp_send(client, &to, "lost", 4), 0);
  loop_turns(ctx, 10);
  netmcu_set_fault(ctx, NULL);
  netmcu_set_fault(ctx, "delay,ms=40");
  double started = loop_milliseconds();
  assert_int_equal(netmcu_udp_send(client, &to, "late", 4), 0);
  loop_until_called(ctx, "late", 1);
  assert_true(loop_milliseconds() - started >= 35);
  assert_int_equal(netmcu_udp_send(client, &to, "never", 5), 0);
  loop_turns(ctx, 5);
  expect_journal("late");
  netmcu_udp_free(server);
  netmcu_udp_free(client);
  loop_end(ctx);
}

static netmcu_udp *listen_for(netmcu_t *ctx, netmcu_address *address)
{
  static const netmcu_udp_events told = {.receive = told_datagram};
  netmcu_udp *u = netmcu_udp_new(ctx);
  netmcu_udp_on(u, &told);
  assert_int_equal(netmcu_udp_listen(u, 0, "127.0.0.1"), 0);
  netmcu_udp_get_address(u, address);
  return u;
}

static void note_fault(netmcu_t *ctx, const netmcu_trace_event *event, void *data)
{
  (void)ctx;
  (void)data;
  if (strcmp(event->what, "fault") == 0)
    called("fault");
}

/* Each comes when it is due, and those of a socket that is closed meanwhile never do. */
static void test_late_datagrams(void **state)
{
  (void)state;
  netmcu_address first_address, second_address;
  netmcu_t *ctx = loop_begin(NULL);
  clock_stop(ctx);
  netmcu_udp *first = listen_for(ctx, &first_address), *second = listen_for(ctx, &second_address);
  netmcu_udp *client = netmcu_udp_new(ctx);
  netmcu_set_trace(ctx, note_fault, NULL);
  netmcu_set_fault(ctx, "stall,probability=0");
  netmcu_set_fault(ctx, "delay,ms=40");
  netmcu_udp_send(client, &first_address, "lost", 4);
  netmcu_udp_send(client, &second_address, "one", 3);
  netmcu_udp_send(client, &second_address, "two", 3);
  netmcu_udp_send(client, &second_address, "three", 5);
  loop_until_called(ctx, "fault", 4);
  netmcu_udp_free(first);
  clock_pass(ctx, 39);
  expect_journal("fault, fault, fault, fault");
  clock_pass(ctx, 1);
  expect_journal("one, two, three");
  netmcu_udp_free(second);
  netmcu_udp_free(client);
  loop_end(ctx);
}

static void test_what_no_rule_fits(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_set_fault(ctx, "dns");
  netmcu_set_fault(ctx, "refuse,port=1");
  netmcu_set_fault(ctx, "refuse,peer=192.0.2.*");
  netmcu_set_fault(ctx, "cut,size=7,probability=0");
  netmcu_connection *c = open_connection(ctx, &counting, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  netmcu_connection_free(c);
  loop_run(ctx);
  forget_calls();
  peer_end(p, NULL);
  loop_end(ctx);
}

static void test_connections_end_in_any_order(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(send_many, NULL), *q = peer_listen(send_many, NULL);
  netmcu_set_fault(ctx, "cut,size=70");
  received = 0;
  netmcu_connection *first = open_connection(ctx, &counting, peer_port(p));
  netmcu_connection *second = open_connection(ctx, &counting, peer_port(q));
  while (received < 10000)
    netmcu_run_once(ctx);
  netmcu_connection_free(first);
  loop_until(ctx, peer_is_done, p);
  netmcu_connection_free(second);
  loop_run(ctx);
  forget_calls();
  peer_end(p, NULL);
  peer_end(q, NULL);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_rules_that_are_none),
      both_loops(test_refuse),
      both_loops(test_a_client_is_refused),
      both_loops(test_reset_after_received_bytes),
      both_loops(test_reset_after_sent_bytes),
      own_loop(test_reset_at_once),
      both_loops(test_stall_and_its_end),
      both_loops(test_a_stalled_connection_ends),
      both_loops(test_a_connect_is_not_answered),
      both_loops(test_delay),
      own_loop(test_cut),
      own_loop(test_names_are_not_found),
      own_loop(test_chance_is_the_same_in_each_run),
      both_loops(test_datagrams),
      both_loops(test_late_datagrams),
      own_loop(test_what_no_rule_fits),
      own_loop(test_connections_end_in_any_order),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
