/* The trace and the statistics: netmcu_set_trace, netmcu_trace_format, netmcu_get_statistics. */
#include "objects.h"
#include "peer.h"

static void told(netmcu_t *ctx, const netmcu_trace_event *event, void *data)
{
  (void)ctx;
  (void)data;
  assert_true(event->time > 0 && event->number > 0);
  called("%s#%u %c%s %zu %d", event->object, event->number, event->direction ? event->direction : '-', event->what,
         event->size, event->error);
}

static void silent(netmcu_connection *c)
{
  (void)c;
}

static void test_a_connection(void **state)
{
  static const netmcu_connection_events events = {.sent = silent};
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  assert_int_equal(netmcu_set_trace(ctx, told, NULL), 0);
  netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
  loop_until_called(ctx, "net.socket#1 <connection 0 0", 1);
  netmcu_connection_send(c, "hello", 5);
  loop_until_called(ctx, "net.socket#1 -sent 0 0", 1);
  netmcu_connection_close(c);
  loop_run(ctx);
  expect_journal("net.socket#1 >connect 0 0, net.socket#1 <connection 0 0, net.socket#1 >send 5 0, net.socket#1 -sent "
                 "0 0, net.socket#1 >close 0 0");
  assert_int_equal(netmcu_connection_connect(c, PEER_CLOSED_PORT, "127.0.0.1"), 0);
  loop_run(ctx);
  expect_journal("net.socket#1 >connect 0 0, net.socket#1 <disconnection 0 -9");
  netmcu_connection_free(c);
  netmcu_set_trace(ctx, NULL, NULL);
  c = open_connection(ctx, NULL, PEER_CLOSED_PORT);
  loop_run(ctx);
  expect_journal("");
  netmcu_connection_free(c);
  peer_end(p, NULL);
  loop_end(ctx);
}

static void count_number(netmcu_t *ctx, const netmcu_trace_event *event, void *counts)
{
  (void)ctx;
  assert_between(event->number, 1, 300);
  ((unsigned *)counts)[event->number]++;
}

/* More objects than the table has at first, coming and going. */
static void test_numbers_are_not_used_again(void **state)
{
  (void)state;
  netmcu_connection *c[100];
  unsigned counts[301] = {0};
  uint16_t port = PEER_CLOSED_PORT;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_set_trace(ctx, count_number, counts);
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 100; i++)
      c[i] = open_connection(ctx, NULL, port);
    loop_run(ctx);
    for (int i = 0; i < 100; i++)
      netmcu_connection_free(c[(i * 37) % 100]);
  }
  for (unsigned i = 1; i <= 300; i++)
    assert_int_equal(counts[i], 2); /* connect and disconnection */
  loop_end(ctx);
}

static const netmcu_address peer_address = {.ip = {192, 0, 2, 1}, .port = 80};

static netmcu_trace_event sample(const void *data, size_t size)
{
  netmcu_trace_event event = {.time = 1234567890,
                              .object = "net.socket",
                              .number = 3,
                              .direction = '<',
                              .what = "receive",
                              .peer = &peer_address,
                              .name = "a.test",
                              .data = data,
                              .size = size};
  return event;
}

static const char *formatted(const netmcu_trace_event *event, unsigned flags)
{
  static char text[4096];
  size_t length = netmcu_trace_format(event, flags, text, sizeof text);
  assert_int_equal(strlen(text), length);
  return text;
}

static void test_text(void **state)
{
  (void)state;
  netmcu_trace_event event = sample("a\"\r\n\t\\\x01\xe9", 8);
  assert_string_equal(formatted(&event, 0),
                      "   1.234567 net.socket#3      < receive        a.test 192.0.2.1:80 8 bytes "
                      "\"a\\\"\\r\\n\\t\\\\\\x01\\xe9\"");
  size_t length = strlen(formatted(&event, 0));
  assert_string_equal(formatted(&event, NETMCU_TRACE_DATA) + length,
                      "\n    000000  61 22 0d 0a 09 5c 01 e9                          |a\"...\\..|");
  event = sample(NULL, 0);
  event.error = NETMCU_ERESET;
  event.name = "\033[31m";
  assert_string_equal(formatted(&event, 0),
                      "   1.234567 net.socket#3      < receive        ?[31m 192.0.2.1:80 -9 connection reset");
  assert_non_null(strstr(formatted(&event, NETMCU_TRACE_COLOUR), "\033[31m net.socket#3"));
}

static void test_json(void **state)
{
  (void)state;
  netmcu_trace_event event = sample("a\"\n\0\xe9", 5);
  event.detail = "x\\";
  event.error = NETMCU_EABORTED;
  assert_string_equal(
      formatted(&event, NETMCU_TRACE_JSON | NETMCU_TRACE_DATA),
      "{\"time\":1.234567,\"object\":\"net.socket\",\"id\":3,\"direction\":\"in\",\"event\":\"receive\","
      "\"name\":\"a.test\",\"ip\":\"192.0.2.1\",\"port\":80,\"detail\":\"x\\\\\",\"bytes\":5,"
      "\"text\":\"a\\\"\\n\\u0000\\u00e9\",\"hex\":\"61220a00e9\",\"error\":-8,"
      "\"message\":\"connection aborted\"}");
}

static void test_what_does_not_fit_is_cut(void **state)
{
  (void)state;
  char data[3000], whole[8000], text[8000];
  memset(data, 'x', sizeof data);
  netmcu_trace_event event = sample(data, sizeof data);
  size_t length = netmcu_trace_format(&event, NETMCU_TRACE_JSON | NETMCU_TRACE_DATA, whole, sizeof whole);
  assert_between(length, 6000, 6500);
  for (size_t size = 0; size < 300; size++) {
    memset(text, 'z', sizeof text);
    assert_int_equal(netmcu_trace_format(&event, NETMCU_TRACE_JSON | NETMCU_TRACE_DATA, text, size), length);
    assert_int_equal(text[size], 'z');
    if (size > 0) {
      assert_int_equal(strlen(text), size - 1);
      assert_memory_equal(text, whole, size - 1);
    }
  }
}

static void test_statistics(void **state)
{
  (void)state;
  netmcu_statistics s = NETMCU_STATISTICS_INIT;
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  open_server(ctx, accept_journal, &port);
  netmcu_udp *u = netmcu_udp_new(ctx);
  netmcu_connection *c = open_connection(ctx, &journal_events, port);
  netmcu_udp_listen(u, 0, "127.0.0.1");
  loop_until_called(ctx, "connection", 2);
  netmcu_connection_send(c, "hello", 5);
  loop_until_called(ctx, "receive 5", 1);
  netmcu_get_statistics(ctx, &s);
  assert_int_equal(s.connections, 2);
  assert_int_equal(s.servers, 1);
  assert_int_equal(s.udp_sockets, 1);
  assert_int_equal(s.bytes_sent, 5);
  assert_int_equal(s.bytes_received, 5);
  assert_true(s.events >= 4);
  assert_int_equal(s.memory, 0); /* the test's own allocator */
  loop_close(ctx);
}

static void test_memory(void **state)
{
  (void)state;
  netmcu_statistics before = NETMCU_STATISTICS_INIT, after = NETMCU_STATISTICS_INIT;
  netmcu_t *ctx = netmcu_new(NULL, NULL);
  netmcu_get_statistics(ctx, &before);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_get_statistics(ctx, &after);
  assert_true(after.memory > before.memory || before.memory == 0);
  netmcu_connection_free(c);
  netmcu_get_statistics(ctx, &after);
  assert_int_equal(after.memory, before.memory);
  netmcu_close(ctx, NULL, NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_a_connection), own_loop(test_numbers_are_not_used_again), own_loop(test_text),
      own_loop(test_json),           own_loop(test_what_does_not_fit_is_cut),   both_loops(test_statistics),
      own_loop(test_memory),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
