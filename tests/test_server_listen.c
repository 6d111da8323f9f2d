/* Listening: addresses, ports, what is refused, and what a client sees. */
#include <unistd.h>

#include "objects.h"
#include "peer.h"

static netmcu_address address_of(const netmcu_server *server)
{
  netmcu_address address;
  assert_int_equal(netmcu_server_get_address(server, &address), 0);
  return address;
}

static void test_a_free_port(void **state)
{
  (void)state;
  char ip[NETMCU_IP_SIZE];
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *a = netmcu_server_new(ctx), *b = netmcu_server_new(ctx);
  assert_int_equal(netmcu_server_listen(a, 0, "0.0.0.0", 0, accept_journal), 0);
  assert_int_equal(netmcu_server_listen(b, 0, "127.0.0.1", 5, accept_journal), 0);
  netmcu_address first = address_of(a), second = address_of(b);
  assert_true(first.port != 0 && second.port != 0 && first.port != second.port);
  assert_string_equal(netmcu_ip_format(&first, ip), "0.0.0.0");
  assert_string_equal(netmcu_ip_format(&second, ip), "127.0.0.1");
  netmcu_server_free(a);
  netmcu_server_free(b);
  loop_end(ctx);
}

static void test_object_without_port(void **state)
{
  (void)state;
  netmcu_address address;
  int mark;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = netmcu_server_new(ctx);
  assert_ptr_equal(netmcu_server_get_context(server), ctx);
  assert_null(netmcu_server_get_data(server));
  netmcu_server_set_data(server, &mark);
  assert_ptr_equal(netmcu_server_get_data(server), &mark);
  assert_int_equal(netmcu_server_get_address(server, &address), NETMCU_ENOTCONN);
  assert_int_equal(netmcu_server_close(server), NETMCU_ENOTCONN);
  netmcu_server_free(server);
  netmcu_server_free(NULL);
  loop_end(ctx);
}

static void test_what_listen_refuses(void **state)
{
  (void)state;
  static const char *const wrong[] = {"", "localhost", "1.2.3.4.5", "256.1.1.1", "192.0.2.1", "x"};
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = netmcu_server_new(ctx);
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    if (netmcu_server_listen(server, 0, wrong[i], 0, accept_journal) != NETMCU_EVALUE)
      fail_msg("\"%s\" is no address to listen on", wrong[i]);
  assert_int_equal(netmcu_server_listen(server, 0, NULL, 0, NULL), NETMCU_EARGUMENT);
  /* After all this, it can still listen. */
  assert_int_equal(netmcu_server_listen(server, 0, "127.0.0.1", 0, accept_journal), 0);
  uint16_t port = address_of(server).port;
  assert_int_equal(netmcu_server_listen(server, 0, "127.0.0.1", 0, accept_journal), NETMCU_EINPROGRESS);
  assert_int_equal(address_of(server).port, port);
  netmcu_server_free(server);
  loop_end(ctx);
}

static void test_a_port_in_use(void **state)
{
  (void)state;
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *first = open_server(ctx, accept_journal, &port), *second = netmcu_server_new(ctx);
  assert_int_equal(netmcu_server_listen(second, port, "127.0.0.1", 0, accept_journal), NETMCU_EADDRINUSE);
  assert_int_equal(netmcu_server_listen(second, port, NULL, 0, accept_journal), NETMCU_EADDRINUSE);
  netmcu_server_close(first);
  assert_int_equal(netmcu_server_listen(second, port, "127.0.0.1", 0, accept_journal), 0);
  netmcu_server_free(first);
  netmcu_server_free(second);
  loop_end(ctx);
}

/* Needs a user who may not bind a port below 1024. */
static void test_a_privileged_port(void **state)
{
  (void)state;
  int error = 0;
  uid_t user = geteuid();
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = netmcu_server_new(ctx);
  if (user == 0)
    assert_int_equal(seteuid(65534), 0);
  error = netmcu_server_listen(server, 7, "127.0.0.1", 0, accept_journal);
  if (user == 0)
    assert_int_equal(seteuid(0), 0);
  netmcu_server_free(server);
  loop_end(ctx);
  if (error == 0 || error == NETMCU_EADDRINUSE)
    skip(); /* the system allows it to everyone */
  assert_int_equal(netmcu_uv_error(error), UV_EACCES);
  assert_string_equal(netmcu_error_name(error), "EACCES");
  assert_string_equal(netmcu_strerror(error), uv_strerror(UV_EACCES));
}

/* The accept callback comes first, then the client's "connection", each once. Neither comes inside
 * listen. */
static void test_events_of_a_client(void **state)
{
  (void)state;
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = open_server(ctx, accept_journal, &port);
  peer *p = peer_connect(port, peer_sink, NULL);
  loop_until_called(ctx, "connection", 1);
  expect_journal("accept, connection");
  netmcu_server_free(server);
  loop_files_may_differ();
  loop_close(ctx);
  peer_end(p, NULL);
}

static void accept_and_look(netmcu_server *server, netmcu_connection *client)
{
  netmcu_address own, other;
  called("accept");
  assert_ptr_equal(netmcu_connection_get_context(client), netmcu_server_get_context(server));
  assert_int_equal(netmcu_connection_get_state(client), NETMCU_OPEN);
  assert_int_equal(netmcu_connection_connect(client, 80, "127.0.0.1"), NETMCU_EISCONN);
  assert_int_equal(netmcu_connection_get_address(client, &own), 0);
  assert_int_equal(netmcu_connection_get_peer(client, &other), 0);
  assert_int_equal(own.port, address_of(server).port);
  assert_int_equal(own.ip[0], 127);
  assert_int_equal(other.ip[0], 127);
  assert_true(other.port != 0);
  assert_int_equal(netmcu_connection_send(client, "hello", 5), 0);
  netmcu_connection_free(client);
}

static void test_a_client_in_the_accept_callback(void **state)
{
  (void)state;
  uint16_t port;
  peer_result result;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = open_server(ctx, accept_and_look, &port);
  peer *p = peer_connect(port, peer_sink, NULL);
  loop_until(ctx, peer_is_done, p);
  expect_journal("accept");
  peer_end(p, &result);
  assert_int_equal(result.received, 5);
  assert_true(result.ended && !result.reset);
  netmcu_server_free(server);
  loop_end(ctx);
}

/* If the program does not free a client, the context frees it. */
static void forget(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  (void)client;
  called("accept");
}

static void test_a_client_that_is_forgotten(void **state)
{
  (void)state;
  uint16_t port;
  peer_result result;
  netmcu_t *ctx = loop_begin(NULL);
  open_server(ctx, forget, &port);
  peer *p = peer_connect(port, peer_sink, NULL);
  loop_until_called(ctx, "accept", 1);
  loop_files_may_differ();
  loop_close(ctx);
  expect_journal("accept");
  peer_end(p, &result);
  assert_true(result.ended && !result.reset);
}

#define CLIENTS 100

static void free_when_gone(netmcu_connection *c, int error)
{
  journal_disconnection(c, error);
  netmcu_connection_free(c);
}

static void accept_many(netmcu_server *server, netmcu_connection *client)
{
  static const netmcu_connection_events events = {.disconnection = free_when_gone};
  (void)server;
  called("accept");
  netmcu_connection_on(client, &events);
}

static void go(peer *p)
{
  (void)p;
}

static void test_many_clients(void **state)
{
  (void)state;
  peer *peers[CLIENTS];
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = open_server(ctx, accept_many, &port);
  for (int i = 0; i < CLIENTS; i++)
    peers[i] = peer_connect(port, go, NULL);
  expect_calls("accept", CLIENTS);
  expect_calls("disconnection 0", CLIENTS);
  loop_until_called(ctx, "disconnection 0", CLIENTS);
  for (int i = 0; i < CLIENTS; i++)
    peer_end(peers[i], NULL);
  netmcu_server_free(server);
  loop_end(ctx);
}

/* The server and the client belong to one context. */
static void echo(netmcu_connection *c, const char *data, size_t size)
{
  netmcu_connection_send(c, data, size);
}

static void accept_echo(netmcu_server *server, netmcu_connection *client)
{
  static const netmcu_connection_events events = {.receive = echo, .disconnection = free_when_gone};
  netmcu_connection_on(client, &events);
  netmcu_server_free(server);
}

static void ask(netmcu_connection *c)
{
  netmcu_connection_send(c, "ping", 4);
}

static void answered(netmcu_connection *c, const char *data, size_t size)
{
  journal_receive(c, data, size);
  netmcu_connection_free(c);
}

static void test_talking_to_oneself(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.connection = ask, .receive = answered};
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  open_server(ctx, accept_echo, &port);
  open_connection(ctx, &events, port);
  loop_run(ctx);
  expect_journal("receive 4, disconnection 0");
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_a_free_port),
      own_loop(test_object_without_port),
      own_loop(test_what_listen_refuses),
      own_loop(test_a_port_in_use),
      own_loop(test_a_privileged_port),
      both_loops(test_events_of_a_client),
      both_loops(test_a_client_in_the_accept_callback),
      both_loops(test_a_client_that_is_forgotten),
      own_loop(test_many_clients),
      both_loops(test_talking_to_oneself),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
