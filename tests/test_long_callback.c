/* A callback that takes longer than a timeout. A timeout that starts inside it has its full time,
 * counted from then on. */
#include "objects.h"
#include "peer.h"

#define TIMEOUT 600 /* ms */
#define LONGER  700

static void compute(double milliseconds)
{
  double until = loop_milliseconds() + milliseconds;
  while (loop_milliseconds() < until)
    ;
}

static netmcu_t *begin(void)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.connect_timeout = options.linger_timeout = TIMEOUT;
  return loop_begin(&options);
}

/* ---- connect --------------------------------------------------------------------------------- */

static void connect_late(netmcu_connection *c, const netmcu_address *address)
{
  (void)c;
  (void)address;
  compute(LONGER);
}

static double ended;

static void note_end(netmcu_connection *c, int error)
{
  (void)c;
  ended = loop_milliseconds();
  called("disconnection %d", error);
}

/* The peer does not answer. The timeout runs from the connect, which follows the "dns" event. */
static void test_connect(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.dns = connect_late, .disconnection = note_end};
  peer_deaf deaf;
  netmcu_t *ctx = begin();
  peer_deaf_begin(&deaf);
  double began = loop_milliseconds();
  netmcu_connection *c = open_connection(ctx, &events, deaf.port);
  loop_until_called(ctx, "disconnection -8", 1);
  assert_true(ended - began >= LONGER + TIMEOUT - 2);
  forget_calls();
  netmcu_connection_free(c);
  peer_deaf_end(&deaf);
  loop_end(ctx);
}

/* ---- close ----------------------------------------------------------------------------------- */

/* The peer still sends and reads after the other side has closed. It gets its answer, and no
 * reset. */
static void talk_on(peer *p)
{
  peer_send(p, "question", 8);
  peer_read(p, NULL, 6);
  peer_sleep(100);
  peer_send(p, "one more", 8);
  peer_sleep(20); /* a reset would have arrived by then */
  peer_send(p, "one more", 8);
  peer_read_to_end(p);
}

static void answer_late(netmcu_connection *c, const char *data, size_t size)
{
  (void)data;
  (void)size;
  compute(LONGER);
  assert_int_equal(netmcu_connection_send(c, "answer", 6), 0);
  netmcu_connection_free(c);
  compute(60); /* the peer's system acknowledges the end meanwhile */
}

static void accept_client(netmcu_server *server, netmcu_connection *client)
{
  static const netmcu_connection_events events = {.receive = answer_late};
  (void)server;
  netmcu_connection_on(client, &events);
}

static void test_close(void **state)
{
  (void)state;
  uint16_t port;
  peer_result result;
  netmcu_t *ctx = begin();
  netmcu_server *server = open_server(ctx, accept_client, &port);
  peer *p = peer_connect(port, talk_on, NULL);
  loop_until(ctx, peer_is_done, p);
  peer_end(p, &result);
  assert_int_equal(result.received, 6);
  assert_true(result.ended);
  assert_false(result.reset);
  netmcu_server_free(server);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {both_loops(test_connect), both_loops(test_close)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
