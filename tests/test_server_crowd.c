/* Clients that arrive without a pause: the rest of the loop has its turn among them, and each
 * client is served. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "objects.h"

#define CLIENTS 100 /* with as many accepted clients, few enough for a process that may open 256 files */

static int sockets[CLIENTS];
static unsigned count, accepted, accepted_at_turn;
static uint16_t port;

/* The system connects the client at once, because the listener has room. The client waits to be
 * accepted when this returns. */
static void come(void)
{
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

  sockets[count] = socket(AF_INET, SOCK_STREAM, 0);
  assert_true(sockets[count] >= 0);
  assert_int_equal(connect(sockets[count], (struct sockaddr *)&name, sizeof name), 0);
  count++;
}

static void note_turn(void *data)
{
  (void)data;
  called("turn");
  accepted_at_turn = accepted;
}

static void greet_and_bring_another(netmcu_server *server, netmcu_connection *client)
{
  if (accepted++ == 0)
    assert_int_equal(netmcu_post(netmcu_server_get_context(server), note_turn, NULL), 0);
  assert_int_equal(netmcu_connection_send(client, "hello", 5), 0);
  netmcu_connection_free(client);
  if (count < CLIENTS)
    come();
  if (accepted == CLIENTS)
    netmcu_server_free(server);
}

static void expect_greeting(int fd)
{
  char text[16];

  assert_int_equal(recv(fd, text, sizeof text, MSG_WAITALL), 5);
  assert_memory_equal(text, "hello", 5);
  close(fd);
}

static bool all_came(void *data)
{
  (void)data;
  return accepted == CLIENTS;
}

static void test_an_endless_queue(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  expect_calls("turn", 1);
  count = accepted = 0;
  open_server(ctx, greet_and_bring_another, &port);
  come();
  loop_until(ctx, all_came, NULL);
  assert_between(accepted_at_turn, 1, CLIENTS / 2);
  for (unsigned i = 0; i < CLIENTS; i++)
    expect_greeting(sockets[i]);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {both_loops(test_an_endless_queue)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
