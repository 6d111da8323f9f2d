/* TLS on a bad network, and with memory that runs out: all data arrives, or the connection ends with
 * an error. Nothing hangs, and nothing is left. */
#include "bytes.h"
#include "tls.h"

#define SIZE 40000

static netmcu_t *ctx;
static netmcu_server *server;
static netmcu_tls_options client_options, server_options;
static char block[SIZE];
static uint64_t received;
static int outcome;

static void send_and_free(netmcu_connection *c)
{
  netmcu_connection_send(c, block, SIZE);
  netmcu_connection_free(c);
}

static void count(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  assert_true(bytes_are(data, size, received, 3));
  received += size;
}

static void end_talk(netmcu_connection *c, int error)
{
  outcome = error;
  netmcu_connection_free(c);
  netmcu_server_free(server);
  server = NULL;
}

static const netmcu_connection_events sends = {.connection = send_and_free, .disconnection = tls_free};
static const netmcu_connection_events counts = {.receive = count, .disconnection = end_talk};

/* A server that cannot set up TLS leaves the client without an answer. */
static void on_accept(netmcu_server *s, netmcu_connection *client)
{
  (void)s;
  netmcu_connection_on(client, &sends);
  if (netmcu_connection_use_tls(client, &server_options))
    netmcu_connection_free(client);
}

static void begin(const char *fault)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;

  options.linger_timeout = 100;
  ctx = loop_begin(&options);
  bytes_fill(block, SIZE, 0, 3);
  client_options = tls_client();
  server_options = tls_server("server");
  if (fault)
    assert_int_equal(netmcu_set_fault(ctx, fault), 0);
  received = 0;
  outcome = 1;
}

/* Returns false if memory runs out before anything happens. */
static bool start_talk(void)
{
  netmcu_connection *c = netmcu_connection_new(ctx);

  server = netmcu_server_new(ctx);
  if (c && server && netmcu_server_listen(server, 0, "127.0.0.1", 0, on_accept) == 0) {
    netmcu_connection_on(c, &counts);
    if (netmcu_connection_use_tls(c, &client_options) == 0 &&
        netmcu_connection_connect(c, tls_port(server), "localhost") == 0)
      return true;
  }
  netmcu_connection_free(c);
  netmcu_server_free(server);
  return false;
}

static void test_bad_networks(void **state)
{
  static const char *const faults[] = {"cut,size=1", "cut,size=40,seed=3", "delay,ms=1", "cut,size=1460"};

  (void)state;
  for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
    begin(faults[i]);
    assert_true(start_talk());
    loop_run(ctx);
    assert_int_equal(outcome, 0);
    assert_int_equal(received, SIZE);
    loop_end(ctx);
  }
}

/* In the handshake, in the header of a record and in its middle. */
static void test_reset_after_any_byte(void **state)
{
  char fault[64];

  (void)state;
  for (unsigned after = 0; after < 6000; after += 151) {
    snprintf(fault, sizeof(fault), "reset,after=%u", after);
    begin(fault);
    assert_true(start_talk());
    loop_run(ctx);
    assert_int_equal(outcome, NETMCU_ERESET);
    assert_true(received < SIZE);
    loop_end(ctx);
  }
}

static void test_memory_that_runs_out(void **state)
{
  unsigned complete = 0;

  (void)state;
  for (unsigned nth = 1; complete < 3 && nth < 500; nth++) {
    begin(NULL);
    loop_fail_allocation(nth, nth % 2);
    bool started = start_talk();
    if (started)
      loop_run(ctx);
    loop_fail_allocation(0, false);
    complete += started && outcome == 0 && received == SIZE;
    assert_true(started || outcome == 1);
    loop_end(ctx);
  }
  assert_int_equal(complete, 3);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_bad_networks),
      own_loop(test_reset_after_any_byte),
      own_loop(test_memory_that_runs_out),
  };
  return cmocka_run_group_tests(tests, tls_set_up, tls_tear_down);
}
