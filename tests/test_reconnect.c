/* An object connects again, inside each of its handlers, to an address or a name. */
#include "dns_server.h"
#include "objects.h"
#include "peer.h"

#define TIMES 5

static uint16_t port;
static const char *host;

/* ---- after its end --------------------------------------------------------------------------- */

static void connect_again(netmcu_connection *c, int error)
{
  called("end %d", error);
  if (calls("end 0") + calls("end -9") + calls("end -8") < TIMES) {
    assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
    assert_int_equal(netmcu_connection_connect(c, port, host), 0);
  } else {
    netmcu_connection_free(c);
  }
}

static const netmcu_connection_events reconnects = {.connection = journal_connection, .disconnection = connect_again};
static const netmcu_connection_events reconnects_on_error = {
    .connection = journal_connection, .reconnection = connect_again, .disconnection = connect_again};

static void go_at_once(peer *p)
{
  (void)p;
}

static void reset_after_wait(peer *p)
{
  peer_read(p, NULL, 1);
  peer_reset(p);
}

static void connect_first(netmcu_t *ctx, const netmcu_connection_events *events)
{
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, events);
  assert_int_equal(netmcu_connection_connect(c, port, host), 0);
}

static void test_in_disconnection(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  for (int by_name = 0; by_name < 2; by_name++) {
    peer *p = peer_listen_many(go_at_once, NULL, TIMES);
    port = peer_port(p);
    host = by_name ? "local.test" : "127.0.0.1";
    connect_first(ctx, &reconnects);
    loop_run(ctx);
    expect_journal("connection, end 0, connection, end 0, connection, end 0, connection, end 0, connection, end 0");
    peer_end(p, NULL);
  }
  dns_server_stop(dns);
  loop_end(ctx);
}

static void send_one(netmcu_connection *c)
{
  called("connection");
  netmcu_connection_send(c, "x", 1);
}

static void test_in_reconnection(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.connection = send_one, .reconnection = connect_again};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen_many(reset_after_wait, NULL, TIMES);
  port = peer_port(p);
  host = "127.0.0.1";
  connect_first(ctx, &events);
  loop_run(ctx);
  expect_journal("connection, end -9, connection, end -9, connection, end -9, connection, end -9, connection, end -9");
  peer_end(p, NULL);
  loop_end(ctx);
}

static void test_when_refused(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  port = PEER_CLOSED_PORT;
  host = "127.0.0.1";
  connect_first(ctx, &reconnects_on_error);
  loop_run(ctx);
  expect_journal("end -9, end -9, end -9, end -9, end -9");
  loop_end(ctx);
}

static void test_when_not_found(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  port = 80;
  host = "nx.test";
  connect_first(ctx, &reconnects);
  loop_run(ctx);
  expect_journal("end -8, end -8, end -8, end -8, end -8");
  dns_server_stop(dns);
  loop_end(ctx);
}

/* ---- after close, in each handler ------------------------------------------------------------ */

/* One handler at a time closes and connects again, at its first call. */
static const char *where;

static void restart(netmcu_connection *c, const char *here)
{
  called("%s", here);
  if (strcmp(here, where) != 0 || calls(here) > 1)
    return;
  netmcu_connection_close(c);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  assert_int_equal(netmcu_connection_connect(c, port, host), 0);
}

static void in_dns(netmcu_connection *c, const netmcu_address *address)
{
  const char *ip = loop_ip(address);
  assert_non_null(ip);
  restart(c, "dns");
}

static void in_connection(netmcu_connection *c)
{
  netmcu_connection_send(c, "x", 1);
  restart(c, "connection");
}

static void in_receive(netmcu_connection *c, const char *data, size_t size)
{
  (void)data;
  (void)size;
  restart(c, "receive");
}

static void in_sent(netmcu_connection *c)
{
  restart(c, "sent");
}

static void in_disconnection(netmcu_connection *c, int error)
{
  assert_int_equal(error, 0);
  restart(c, "disconnection");
}

static void answer_and_go(peer *p)
{
  peer_send(p, "y", 1);
  peer_read(p, NULL, 1);
}

static void test_after_close_in_each_handler(void **state)
{
  static const netmcu_connection_events events = {in_dns, in_connection,    in_receive, in_sent,
                                                  NULL,   in_disconnection, NULL};
  static const char *const places[] = {"dns", "connection", "receive", "sent", "disconnection"};
  for (int i = 0; i < 10; i++) {
    loop_reset_own(state);
    netmcu_t *ctx = loop_begin(NULL);
    dns_server *dns = dns_server_start();
    dns_server_use(dns, ctx);
    peer *p = peer_listen_many(answer_and_go, NULL, i % 5 == 0 ? 1 : 2);
    where = places[i % 5];
    port = peer_port(p);
    host = i < 5 ? "127.0.0.1" : "local.test";
    netmcu_connection *c = netmcu_connection_new(ctx);
    netmcu_connection_on(c, &events);
    assert_int_equal(netmcu_connection_connect(c, port, host), 0);
    loop_run(ctx);
    assert_int_equal(calls("dns"), 2);
    assert_true(calls("connection") >= 1);
    assert_true(strstr(journal(), "disconnection") != NULL);
    assert_int_equal(calls("disconnection"), i % 5 == 4 ? 2 : 1);
    forget_calls();
    netmcu_connection_free(c);
    peer_end(p, NULL);
    dns_server_stop(dns);
    loop_end(ctx);
  }
}

/* The remaining output of the first connection goes to its own peer, while the object talks to the
 * next one. */
static void test_output_of_the_one_before(void **state)
{
  (void)state;
  static char block[3000000];
  peer_result first, second;
  netmcu_t *ctx = loop_begin(NULL);
  peer *a = peer_listen(peer_sink, NULL), *b = peer_listen(peer_sink, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(a));
  assert_int_equal(netmcu_connection_send(c, block, sizeof block), 0);
  netmcu_connection_close(c);
  assert_int_equal(netmcu_connection_get_pending(c), 0);
  assert_int_equal(netmcu_connection_connect(c, peer_port(b), "127.0.0.1"), 0);
  assert_int_equal(netmcu_connection_send(c, "second", 6), 0);
  loop_until_called(ctx, "sent", 1);
  netmcu_connection_free(c);
  loop_run(ctx);
  expect_journal("dns 127.0.0.1, connection, sent");
  peer_end(a, &first);
  peer_end(b, &second);
  assert_int_equal(first.received, sizeof block);
  assert_int_equal(second.received, 6);
  loop_end(ctx);
}

/* An object connects a thousand times in a row. */
static void test_many_times(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen_many(peer_sink, NULL, 1000);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &journal_events);
  for (unsigned i = 0; i < 1000; i++) {
    assert_int_equal(netmcu_connection_connect(c, peer_port(p), "127.0.0.1"), 0);
    assert_int_equal(netmcu_connection_send(c, "x", 1), 0);
    netmcu_connection_close(c);
    if (i % 50 == 0)
      loop_run(ctx);
  }
  netmcu_connection_free(c);
  loop_run(ctx);
  expect_journal("");
  peer_result result;
  peer_end(p, &result);
  assert_int_equal(result.received, 1000);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_in_disconnection),
      own_loop(test_in_reconnection),
      own_loop(test_when_refused),
      own_loop(test_when_not_found),
      own_loop(test_after_close_in_each_handler),
      own_loop(test_output_of_the_one_before),
      own_loop(test_many_times),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
