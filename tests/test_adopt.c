/* Sockets that the program has opened itself, or got from another program, become connections and
 * servers. On success the library owns them; on failure they still belong to the program. */
#include <unistd.h>
#ifndef _WIN32
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#endif

#include "fake.h"
#include "objects.h"
#include "peer.h"

static struct sockaddr_in loopback(uint16_t port)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static int new_socket(int type)
{
  int fd = (int)socket(AF_INET, type, 0);
  assert_true(fd >= 0);
  return fd;
}

static int connected_socket(uint16_t port)
{
  struct sockaddr_in address = loopback(port);
  int fd = new_socket(SOCK_STREAM);
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  return fd;
}

static int bound_socket(uint16_t *port)
{
  struct sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  int fd = new_socket(SOCK_STREAM);
  assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
  *port = ntohs(address.sin_port);
  return fd;
}

/* ---- connections ----------------------------------------------------------------------------- */

static void finish_after_echo(netmcu_connection *c, const char *data, size_t size)
{
  (void)data;
  journal_receive(c, data, size);
  netmcu_connection_close(c);
}

static const netmcu_connection_events events = {
    .connection = journal_connection, .receive = finish_after_echo, .disconnection = journal_disconnection};

static void test_a_connection(void **state)
{
  (void)state;
  peer_result result;
  netmcu_address address;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_echo, NULL);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &events);
  assert_int_equal(netmcu_connection_adopt(c, connected_socket(peer_port(p))), 0);
  expect_journal(""); /* not before it has returned */
  assert_int_equal(netmcu_connection_get_peer(c, &address), 0);
  assert_int_equal(address.port, peer_port(p));
  assert_int_equal(netmcu_connection_send(c, "hello", 5), 0);
  loop_run(ctx);
  expect_journal("connection, receive 5");
  peer_end(p, &result);
  assert_int_equal(result.received, 5);
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_a_socket_pair(void **state)
{
  (void)state;
  int ends[2];
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  netmcu_connection *a = netmcu_connection_new(ctx), *b = netmcu_connection_new(ctx);
  netmcu_connection_on(a, &journal_events);
  netmcu_connection_on(b, &events);
  assert_int_equal(netmcu_connection_adopt(a, ends[0]), 0);
  assert_int_equal(netmcu_connection_adopt(b, ends[1]), 0);
  assert_int_equal(netmcu_connection_send(a, "hello", 5), 0);
  loop_run(ctx);
  assert_int_equal(calls("connection"), 2);
  assert_int_equal(calls("sent"), 1);
  assert_int_equal(calls("receive 5"), 1);
  assert_int_equal(calls("disconnection 0"), 1);
  forget_calls();
  netmcu_connection_free(a);
  netmcu_connection_free(b);
  loop_end(ctx);
}

/* Whatever the program does before the event, the socket is closed once and nothing else comes. */
static void test_given_up_before_its_event(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen_many(peer_sink, NULL, 3);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &events);
  assert_int_equal(netmcu_connection_adopt(c, connected_socket(peer_port(p))), 0);
  assert_int_equal(netmcu_connection_close(c), 0);
  assert_int_equal(netmcu_connection_adopt(c, connected_socket(peer_port(p))), 0);
  assert_int_equal(netmcu_connection_abort(c), 0);
  assert_int_equal(netmcu_connection_adopt(c, connected_socket(peer_port(p))), 0);
  assert_int_equal(netmcu_connection_send(c, "bye", 3), 0);
  netmcu_connection_free(c); /* delivers what was sent */
  loop_run(ctx);
  expect_journal("");
  peer_result result;
  peer_end(p, &result);
  assert_int_equal(result.received, 3);
  loop_end(ctx);
}

static void test_settings_and_hold_before_its_event(void **state)
{
  (void)state;
  netmcu_t *ctx = fake_begin(NULL);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &journal_events);
  assert_int_equal(netmcu_connection_adopt(c, 1234), 0);
  assert_int_equal(netmcu_connection_adopt(c, 1234), NETMCU_EISCONN);
  assert_int_equal(netmcu_connection_set_keepalive(c, 1000), 0);
  assert_int_equal(netmcu_connection_set_idle_timeout(c, 100), 0);
  assert_int_equal(netmcu_connection_hold(c), 0);
  fake_receive(fake_stream(0), "hello", 5);
  loop_run(ctx);
  expect_journal("connection");
  assert_int_equal(fake_keepalive(fake_stream(0)), 1);
  assert_int_equal(netmcu_connection_unhold(c), 0);
  loop_run(ctx);
  expect_journal("receive 5");
  clock_pass(ctx, 102);
  expect_journal("disconnection -8");
  clock_pass(ctx, 2000);
  loop_close(ctx);
}

/* ---- servers --------------------------------------------------------------------------------- */

static void run_server(bool is_listening)
{
  uint16_t port;
  netmcu_address address;
  netmcu_t *ctx = loop_begin(NULL);
  int fd = bound_socket(&port);
  if (is_listening)
    assert_int_equal(listen(fd, 5), 0);
  netmcu_server *server = netmcu_server_new(ctx);
  assert_int_equal(netmcu_server_adopt(server, fd, 0, accept_journal), 0);
  assert_int_equal(netmcu_server_adopt(server, fd, 0, accept_journal), NETMCU_EINPROGRESS);
  assert_int_equal(netmcu_server_get_address(server, &address), 0);
  assert_int_equal(address.port, port);
  peer *p = peer_connect(port, peer_finish, NULL);
  loop_until_called(ctx, "disconnection 0", 1);
  expect_journal("accept, connection, disconnection 0");
  peer_end(p, NULL);
  netmcu_server_free(server);
  loop_close(ctx);
}

static void test_a_listening_socket(void **state)
{
  (void)state;
  run_server(true);
}

static void test_a_bound_socket(void **state)
{
  (void)state;
  run_server(false);
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void refuse_connection(netmcu_t *ctx, int fd, int error)
{
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &journal_events);
  assert_int_equal(netmcu_connection_adopt(c, fd), error);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  netmcu_connection_free(c);
}

static void refuse_server(netmcu_t *ctx, int fd, int error)
{
  netmcu_server *server = netmcu_server_new(ctx);
  assert_int_equal(netmcu_server_adopt(server, fd, 0, accept_journal), error);
  netmcu_server_free(server);
}

static void close_own(int fd)
{
  assert_int_equal(close(fd), 0); /* it is still open */
}

static void test_what_is_refused(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  int unconnected = new_socket(SOCK_STREAM), datagrams = new_socket(SOCK_DGRAM), file = open("/dev/null", O_RDWR);
  refuse_connection(ctx, unconnected, NETMCU_ENOTCONN);
  refuse_connection(ctx, file, NETMCU_ESYSTEM + UV_ENOTSOCK);
  refuse_connection(ctx, 9999, NETMCU_ESYSTEM + UV_EBADF);
  refuse_connection(ctx, -1, NETMCU_ESYSTEM + UV_EBADF);
  refuse_server(ctx, datagrams, NETMCU_EVALUE);
  refuse_server(ctx, file, NETMCU_ESYSTEM + UV_ENOTSOCK);
  refuse_server(ctx, -1, NETMCU_ESYSTEM + UV_EBADF);
  loop_run(ctx);
  close_own(unconnected);
  close_own(datagrams);
  close_own(file);

  peer *p = peer_listen(peer_sink, NULL);
  int connected = connected_socket(peer_port(p));
  refuse_server(ctx, connected, NETMCU_EVALUE);
  loop_fail_allocation(2, false); /* the first one is the connection */
  refuse_connection(ctx, connected, NETMCU_ENOMEM);
  loop_run(ctx);
  close_own(connected);
  peer_end(p, NULL);
  loop_end(ctx);
}

/* A descriptor that the loop has already is not taken twice. */
static void test_taken_twice(void **state)
{
  (void)state;
  int ends[2];
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &journal_events);
  assert_int_equal(netmcu_connection_adopt(c, ends[0]), 0);
  loop_until_called(ctx, "connection", 1);
  refuse_connection(ctx, ends[0], NETMCU_ESYSTEM + UV_EEXIST);
  close_own(ends[1]);
  loop_run(ctx);
  expect_journal("connection, disconnection 0");
  netmcu_connection_free(c);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_a_connection),
      both_loops(test_a_socket_pair),
      both_loops(test_given_up_before_its_event),
      own_loop(test_settings_and_hold_before_its_event),
      both_loops(test_a_listening_socket),
      own_loop(test_a_bound_socket),
      both_loops(test_what_is_refused),
      own_loop(test_taken_twice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
