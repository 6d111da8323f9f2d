/* The divergences of the core: each is a warning, and in strict mode an error with no other
 * effect. */
#include <time.h>

#include "dns_server.h"
#include "fake.h"
#include "objects.h"
#include "peer.h"

static netmcu_t *begin(bool strict)
{
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_set_strict(ctx, strict);
  return ctx;
}

static void end(netmcu_t *ctx, netmcu_connection *c, peer *p)
{
  forget_calls();
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  loop_end(ctx);
}

/* ---- sends ----------------------------------------------------------------------------------- */

static char block[10000];

static void test_send_size(void **state)
{
  for (int strict = 0; strict < 2; strict++) {
    loop_reset_own(state);
    netmcu_t *ctx = begin(strict);
    peer *p = peer_listen(peer_sink, NULL);
    netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
    loop_until_called(ctx, "connection", 1);
    assert_int_equal(netmcu_connection_send(c, block, 2921), strict ? NETMCU_ENOMEM : 0);
    assert_int_equal(loop_warnings(NETMCU_D_SEND_SIZE), !strict);
    if (!strict)
      assert_string_equal(loop_warning(),
                          "send of 2921 bytes: the device's send buffer holds 2920 (\"out of memory\")");
    else
      assert_int_equal(netmcu_connection_get_pending(c), 0);
    end(ctx, c, p);
  }
}

static void test_send_buffered(void **state)
{
  for (int strict = 0; strict < 2; strict++) {
    loop_reset_own(state);
    netmcu_t *ctx = begin(strict);
    peer *p = peer_listen(peer_sink, NULL);
    netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
    loop_until_called(ctx, "connection", 1);
    forget_calls();
    assert_int_equal(netmcu_connection_send(c, block, 2000), 0);
    assert_int_equal(netmcu_connection_send(c, block, 920), 0);
    assert_int_equal(loop_warnings(-1), 0);
    assert_int_equal(netmcu_connection_send(c, block, 1), strict ? NETMCU_ENOMEM : 0);
    assert_int_equal(loop_warnings(NETMCU_D_SEND_BUFFERED), !strict);
    loop_until_called(ctx, "sent", strict ? 2 : 3);
    /* There is room again. */
    assert_int_equal(netmcu_connection_send(c, block, 2920), 0);
    assert_int_equal(loop_warnings(-1), !strict);
    end(ctx, c, p);
  }
}

static void test_send_while_resolving(void **state)
{
  for (int strict = 0; strict < 2; strict++) {
    loop_reset_own(state);
    netmcu_t *ctx = begin(strict);
    dns_server *dns = dns_server_start();
    dns_server_use(dns, ctx);
    netmcu_connection *c = netmcu_connection_new(ctx);
    assert_int_equal(netmcu_connection_connect(c, 80, "silent.test"), 0);
    assert_int_equal(netmcu_connection_send(c, "x", 1), strict ? NETMCU_ENOTCONN : 0);
    assert_int_equal(loop_warnings(NETMCU_D_SEND_RESOLVING), !strict);
    loop_files_may_differ();
    loop_close(ctx);
    dns_server_stop(dns);
  }
}

/* ---- close ----------------------------------------------------------------------------------- */

static int close_error;

static void send_and_close(netmcu_connection *c, const char *data, size_t size)
{
  assert_int_equal(netmcu_connection_send(c, data, size), 0);
  close_error = netmcu_connection_close(c);
  called("received");
}

static void greet(peer *p)
{
  peer_send(p, "x", 1);
  peer_read_to_end(p);
}

static void test_close_after_send_in_a_receive_handler(void **state)
{
  static const netmcu_connection_events events = {.receive = send_and_close};
  for (int strict = 0; strict < 2; strict++) {
    loop_reset_own(state);
    netmcu_t *ctx = begin(strict);
    peer *p = peer_listen(greet, NULL);
    netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
    loop_until_called(ctx, "received", 1);
    assert_int_equal(close_error, strict ? NETMCU_ESTRICT : 0);
    assert_int_equal(loop_warnings(NETMCU_D_CLOSE_RECEIVE), !strict);
    assert_string_equal(netmcu_get_divergence_text(ctx),
                        "close after send in a receive handler: the device drops what was not yet acknowledged");
    assert_int_equal(netmcu_connection_get_state(c), strict ? NETMCU_OPEN : NETMCU_IDLE);
    end(ctx, c, p);
  }
}

/* Closing is not a divergence if nothing was sent, or outside the handler. */
static void just_close(netmcu_connection *c, const char *data, size_t size)
{
  (void)data;
  (void)size;
  assert_int_equal(netmcu_connection_close(c), 0);
  called("received");
}

static void test_close_in_a_receive_handler(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.receive = just_close};
  netmcu_t *ctx = begin(true);
  peer *p = peer_listen(greet, NULL);
  netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
  loop_until_called(ctx, "received", 1);
  end(ctx, c, p);
}

static void test_close_after_send_outside_of_handlers(void **state)
{
  (void)state;
  netmcu_t *ctx = begin(true);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = open_connection(ctx, &journal_events, peer_port(p));
  loop_until_called(ctx, "connection", 1);
  assert_int_equal(netmcu_connection_send(c, "x", 1), 0);
  assert_int_equal(netmcu_connection_close(c), 0);
  end(ctx, c, p);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static void test_connections(void **state)
{
  for (int strict = 0; strict < 2; strict++) {
    loop_reset_own(state);
    netmcu_t *ctx = begin(strict);
    peer_deaf deaf;
    netmcu_connection *c[6];
    peer_deaf_begin(&deaf);
    for (int i = 0; i < 5; i++)
      c[i] = open_connection(ctx, NULL, deaf.port);
    assert_int_equal(loop_warnings(-1), 0);
    c[5] = netmcu_connection_new(ctx);
    assert_int_equal(netmcu_connection_connect(c[5], deaf.port, "127.0.0.1"), strict ? NETMCU_ENOMEM : 0);
    assert_int_equal(loop_warnings(NETMCU_D_CONNECTIONS), !strict);
    netmcu_connection_close(c[0]);
    if (strict)
      assert_int_equal(netmcu_connection_connect(c[5], deaf.port, "127.0.0.1"), 0);
    for (int i = 0; i < 6; i++)
      netmcu_connection_free(c[i]);
    peer_deaf_end(&deaf);
    loop_end(ctx);
  }
}

/* A sixth client waits without an answer until another one has ended. */
static netmcu_connection *clients[8];

static void accept_client(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  netmcu_connection_on(client, &journal_events);
  clients[calls("accept")] = client;
  called("accept");
}

static peer *peers[7];

/* Five of them are accepted; the others wait. */
static netmcu_t *begin_with_clients(netmcu_server **server)
{
  uint16_t port;
  netmcu_t *ctx = begin(true);
  *server = open_server(ctx, accept_client, &port);
  for (int i = 0; i < 7; i++)
    peers[i] = peer_connect(port, peer_sink, NULL);
  loop_until_called(ctx, "accept", 5);
  loop_turns(ctx, 20);
  assert_int_equal(calls("accept"), 5);
  return ctx;
}

static void end_with_clients(netmcu_t *ctx)
{
  loop_files_may_differ();
  loop_close(ctx);
  for (int i = 0; i < 7; i++)
    peer_end(peers[i], NULL);
}

static void test_clients(void **state)
{
  (void)state;
  netmcu_server *server;
  netmcu_t *ctx = begin_with_clients(&server);
  netmcu_connection_free(clients[0]);
  loop_until_called(ctx, "accept", 6);
  loop_turns(ctx, 20);
  assert_int_equal(calls("accept"), 6);
  netmcu_connection_free(clients[1]);
  netmcu_connection_free(clients[2]);
  loop_until_called(ctx, "accept", 7);
  netmcu_server_free(server);
  end_with_clients(ctx);
}

/* When strict mode ends, waiting clients are accepted, and the server gets later ones. */
static void test_clients_when_strict_mode_ends(void **state)
{
  (void)state;
  netmcu_server *server;
  netmcu_t *ctx = begin_with_clients(&server);
  netmcu_set_strict(ctx, 0);
  loop_until_called(ctx, "accept", 7);
  netmcu_server_free(server);
  end_with_clients(ctx);
}

/* The waiting client ends with the server. */
static void test_clients_when_the_server_closes(void **state)
{
  (void)state;
  netmcu_server *server;
  netmcu_t *ctx = begin_with_clients(&server);
  netmcu_connection_free(clients[0]);
  netmcu_server_free(server);
  loop_turns(ctx, 20);
  assert_int_equal(calls("accept"), 5);
  end_with_clients(ctx);
}

/* ---- the cost ------------------------------------------------------------------------------------------------ */

static void do_nothing(netmcu_timer *timer, void *data)
{
  (void)timer;
  (void)data;
}

/* Returns the processor's milliseconds for many connections, one after the other, beside as many
 * other objects. */
static double time_connections(unsigned objects)
{
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_set_strict(ctx, 1);
  for (unsigned i = 0; i < objects; i++)
    assert_non_null(netmcu_timer_new(ctx, do_nothing, NULL));
  clock_t began = clock();
  for (unsigned i = 0; i < 200; i++) {
    netmcu_connection *c = open_connection(ctx, NULL, 80);
    loop_run(ctx);
    fake_connected(fake_stream(i), 0);
    fake_finish(fake_stream(i));
    netmcu_connection_free(c);
    loop_run(ctx);
  }
  double time = (double)(clock() - began) * 1000 / CLOCKS_PER_SEC;
  loop_close(ctx);
  return time;
}

/* A close does not look through all objects for a server whose client waits. */
static void test_closes_beside_many_objects(void **state)
{
  double alone = time_connections(0);
  loop_reset_own(state);
  double beside = time_connections(100000);
  if (beside > 5 * alone + 20)
    fail_msg("200 connections take %.1f ms beside 100000 objects, and %.1f ms alone", beside, alone);
}

static void test_queries(void **state)
{
  for (int strict = 0; strict < 2; strict++) {
    loop_reset_own(state);
    netmcu_t *ctx = begin(strict);
    dns_server *dns = dns_server_start();
    dns_server_use(dns, ctx);
    for (int i = 0; i < 4; i++)
      assert_int_equal(netmcu_resolve(ctx, "late50.test", journal_lookup, NULL, NULL), 0);
    assert_int_equal(loop_warnings(-1), 0);
    assert_int_equal(netmcu_resolve(ctx, "late50.test", journal_lookup, NULL, NULL), strict ? NETMCU_ENOMEM : 0);
    assert_int_equal(loop_warnings(NETMCU_D_DNS_QUERIES), !strict);
    /* A lookup that needs no query does not count. */
    assert_int_equal(netmcu_resolve(ctx, "192.0.2.1", journal_lookup, NULL, NULL), 0);
    expect_calls("lookup 0 192.0.2.1", strict ? 5 : 6);
    loop_run(ctx);
    assert_int_equal(netmcu_resolve(ctx, "a.test", journal_lookup, NULL, NULL), 0);
    expect_calls("lookup 0 192.0.2.1", 1);
    loop_run(ctx);
    dns_server_stop(dns);
    loop_end(ctx);
  }
}

/* ---- netmcu_diverge -------------------------------------------------------------------------- */

static void test_every_row(void **state)
{
  (void)state;
  static const int errors[] = {
#define ROW(id, error, did, device) NETMCU_##error,
      NETMCU_DIVERGENCES(ROW)
#undef ROW
  };
  netmcu_t *lax = begin(false), *strict = begin(true);
  for (int id = 0; id < NETMCU_D_COUNT; id++) {
    assert_int_equal(netmcu_diverge(lax, id, 1234567890L), 0);
    assert_int_equal(loop_warnings(id), 1);
    assert_int_equal(netmcu_diverge(strict, id, 1234567890L), errors[id]);
    assert_int_equal(loop_warnings(id), 1);
    assert_string_equal(netmcu_get_divergence_text(strict), loop_warning());
    assert_null(strchr(loop_warning(), '%'));
    assert_non_null(strstr(loop_warning(), ": "));
  }
  loop_end(lax);
  loop_end(strict);
}

static void test_without_a_warning_callback(void **state)
{
  (void)state;
  netmcu_t *ctx = netmcu_new(NULL, NULL);
  assert_int_equal(netmcu_diverge(ctx, NETMCU_D_SEND_SIZE, 3000), 0);
  assert_int_equal(netmcu_close(ctx, NULL, NULL), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_send_size),
      own_loop(test_send_buffered),
      own_loop(test_send_while_resolving),
      own_loop(test_close_after_send_in_a_receive_handler),
      own_loop(test_close_in_a_receive_handler),
      own_loop(test_close_after_send_outside_of_handlers),
      own_loop(test_connections),
      both_loops(test_clients),
      own_loop(test_clients_when_strict_mode_ends),
      both_loops(test_clients_when_the_server_closes),
      own_loop(test_closes_beside_many_objects),
      own_loop(test_queries),
      own_loop(test_every_row),
      own_loop(test_without_a_warning_callback),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
