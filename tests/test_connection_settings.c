/* The settings of a connection: idle time-out, keepalive, Nagle's algorithm. They apply from
 * wherever they are set to the end of the connection. */
#ifndef _WIN32
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#endif

#include <limits.h>

#include "fake.h"
#include "objects.h"
#include "peer.h"

/* ---- the idle time-out ----------------------------------------------------------------------- */

#define TIMEOUT 40

static void set_idle(netmcu_connection *c)
{
  journal_connection(c);
  assert_int_equal(netmcu_connection_set_idle_timeout(c, TIMEOUT), 0);
}

static const netmcu_connection_events idle_when_open = {.connection = set_idle, .disconnection = journal_disconnection};

/* The client, unlike a server's client, can have a time-out only in this way. */
static void test_a_silent_server(void **state)
{
  (void)state;
  peer_result result;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = open_connection(ctx, &idle_when_open, peer_port(p));
  double begin = loop_milliseconds();
  loop_run(ctx);
  expect_journal("connection, disconnection -8");
  assert_true(loop_milliseconds() - begin >= TIMEOUT - 2);
  peer_end(p, &result);
  assert_true(result.ended && !result.reset);
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_idle_counts_from_the_call(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = fake_open(ctx, &journal_events);
  clock_pass(ctx, 1000);
  assert_int_equal(netmcu_connection_set_idle_timeout(c, 100), 0);
  clock_pass(ctx, 99);
  expect_journal("");
  fake_receive(fake_stream(0), "x", 1);
  clock_pass(ctx, 99);
  expect_journal("receive 1");
  clock_pass(ctx, 2); /* one ms to look once more */
  expect_journal("disconnection -8");
  clock_pass(ctx, 2000); /* it lingers */
  loop_close(ctx);
}

static void test_idle_set_before_it_is_open(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, 80);
  assert_int_equal(netmcu_connection_set_idle_timeout(c, 100), 0);
  loop_run(ctx);
  clock_pass(ctx, 1000);
  fake_connected(fake_stream(0), 0);
  clock_pass(ctx, 99);
  expect_journal("dns 127.0.0.1, connection");
  clock_pass(ctx, 2);
  expect_journal("disconnection -8");
  /* The next connection of the object has none. */
  assert_int_equal(netmcu_connection_connect(c, 80, "127.0.0.1"), 0);
  loop_run(ctx);
  fake_connected(fake_stream(1), 0);
  clock_pass(ctx, 1000000);
  expect_journal("dns 127.0.0.1, connection");
  loop_close(ctx);
}

static void test_idle_changed_and_removed(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = fake_open(ctx, &journal_events);
  assert_int_equal(netmcu_connection_set_idle_timeout(c, 100), 0);
  clock_pass(ctx, 50);
  assert_int_equal(netmcu_connection_set_idle_timeout(c, 0), 0);
  clock_pass(ctx, 1000000);
  assert_int_equal(netmcu_connection_set_idle_timeout(c, UINT_MAX), 0); /* 49 days */
  unsigned before = clock_expirations();
  clock_pass(ctx, 2000000000);
  assert_between(clock_expirations() - before, 1, 2); /* each of them wakes the loop */
  expect_journal("");
  assert_int_equal(netmcu_connection_set_idle_timeout(c, 10), 0);
  clock_pass(ctx, 11);
  expect_journal("disconnection -8");
  clock_pass(ctx, 2000);
  loop_close(ctx);
}

/* Its own time-out replaces that of its server. */
static void accept_with_longer(netmcu_server *server, netmcu_connection *client)
{
  accept_journal(server, client);
  assert_int_equal(netmcu_connection_set_idle_timeout(client, 1000), 0);
}

static void test_idle_of_a_client(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_server *server = netmcu_server_new(ctx);
  netmcu_server_set_idle_timeout(server, 100);
  assert_int_equal(netmcu_server_listen(server, 80, NULL, 0, accept_with_longer), 0);
  fake_client();
  clock_pass(ctx, 999);
  expect_journal("accept, connection");
  clock_pass(ctx, 2);
  expect_journal("disconnection -8");
  clock_pass(ctx, 2000);
  loop_close(ctx);
}

/* ---- keepalive and nodelay ------------------------------------------------------------------- */

static void test_before_and_after_it_is_open(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, 80);
  assert_int_equal(netmcu_connection_set_keepalive(c, 60001), 0);
  assert_int_equal(netmcu_connection_set_nodelay(c, 0), 0);
  loop_run(ctx);
  fake_connected(fake_stream(0), 0);
  assert_int_equal(fake_keepalive(fake_stream(0)), 61);
  assert_true(fake_is_delayed(fake_stream(0)));
  assert_int_equal(netmcu_connection_set_keepalive(c, 0), 0);
  assert_int_equal(netmcu_connection_set_nodelay(c, 1), 0);
  assert_int_equal(fake_keepalive(fake_stream(0)), 0);
  assert_false(fake_is_delayed(fake_stream(0)));
  loop_close(ctx);
}

#ifndef _WIN32
typedef struct look {
  int level, option, value;
} look;

/* Looks at the only connected TCP handle of the loop. */
static void look_at(uv_handle_t *handle, void *data)
{
  look *l = data;
  uv_os_fd_t fd;
  socklen_t size = sizeof l->value;
  if (handle->type == UV_TCP && !uv_is_closing(handle) && uv_fileno(handle, &fd) == 0)
    assert_int_equal(getsockopt(fd, l->level, l->option, &l->value, &size), 0);
}

static int option_of(netmcu_t *ctx, int level, int option)
{
  look l = {level, option, -1};
  uv_walk(netmcu_get_loop(ctx), look_at, &l);
  return l.value;
}

static void assert_options(netmcu_t *ctx, bool keepalive, bool nodelay)
{
  assert_int_equal(option_of(ctx, SOL_SOCKET, SO_KEEPALIVE) != 0, keepalive);
  assert_int_equal(option_of(ctx, IPPROTO_TCP, TCP_NODELAY) != 0, nodelay);
}

static void test_the_system_gets_them(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  assert_options(ctx, false, true);
  assert_int_equal(netmcu_connection_set_keepalive(c, 90000), 0);
  assert_int_equal(netmcu_connection_set_nodelay(c, 0), 0);
  assert_options(ctx, true, false);
#ifdef TCP_KEEPIDLE
  assert_int_equal(option_of(ctx, IPPROTO_TCP, TCP_KEEPIDLE), 90);
#endif
  assert_int_equal(netmcu_connection_set_keepalive(c, 0), 0);
  assert_int_equal(netmcu_connection_set_nodelay(c, 1), 0);
  assert_options(ctx, false, true);
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  forget_calls();
  loop_end(ctx);
}

/* Set before the connect has an outcome, they are there when it has one. */
static void test_the_system_gets_early_ones(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  assert_int_equal(netmcu_connection_set_keepalive(c, 90000), 0);
  assert_int_equal(netmcu_connection_set_nodelay(c, 0), 0);
  loop_until_called(ctx, "connection", 1);
  assert_options(ctx, true, false);
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  forget_calls();
  loop_end(ctx);
}
#endif

static void test_what_is_refused(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = netmcu_connection_new(ctx);
  assert_int_equal(netmcu_connection_set_idle_timeout(c, 1), NETMCU_ENOTCONN);
  assert_int_equal(netmcu_connection_set_keepalive(c, 1), NETMCU_ENOTCONN);
  assert_int_equal(netmcu_connection_set_nodelay(c, 0), NETMCU_ENOTCONN);
  netmcu_connection_free(c);
  c = fake_open(ctx, &journal_events);
  assert_int_equal(netmcu_connection_set_keepalive(c, 32767000), 0);
  assert_int_equal(netmcu_connection_set_keepalive(c, 32767001), NETMCU_EVALUE);
  assert_int_equal(netmcu_connection_set_keepalive(c, UINT_MAX), NETMCU_EVALUE);
  assert_int_equal(fake_keepalive(fake_stream(0)), 32767);
  loop_close(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_a_silent_server),
      own_loop(test_idle_counts_from_the_call),
      own_loop(test_idle_set_before_it_is_open),
      own_loop(test_idle_changed_and_removed),
      own_loop(test_idle_of_a_client),
      own_loop(test_before_and_after_it_is_open),
#ifndef _WIN32
      both_loops(test_the_system_gets_them),
      both_loops(test_the_system_gets_early_ones),
#endif
      own_loop(test_what_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
