/* Keeps a connection to a server and prints what the server sends: retry_client HOST PORT. HOST is a
 * name, an IPv4 or IPv6 address, or unix:PATH, which needs no port. After a failure it tries again,
 * soon at first, then less and less often. */
#include <netmcu.h>
#include <stdio.h>
#include <stdlib.h>

enum { SOON = 250, SELDOM = 30000 }; /* ms */

static const char *host;
static int port, delay = SOON;
static netmcu_timer *retry;

static void try_again(const char *why)
{
  fprintf(stderr, "%s; next try in %d ms\n", why, delay);
  netmcu_timer_start(retry, (uint64_t)delay, 0);
  delay = 2 * delay < SELDOM ? 2 * delay : SELDOM;
}

static void on_receive(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  delay = SOON; /* data proves that the server works; a connection does not */
  fwrite(data, 1, size, stdout);
  fflush(stdout);
}

static void on_disconnection(netmcu_connection *c, int error)
{
  (void)c;
  try_again(error ? netmcu_strerror(error) : "the server has ended the connection");
}

static const netmcu_connection_events events = {.receive = on_receive, .disconnection = on_disconnection};

static void connect_now(netmcu_timer *timer, void *connection)
{
  int error = netmcu_connection_connect(connection, (uint16_t)port, host);

  (void)timer;
  if (error)
    try_again(netmcu_strerror(error));
}

int main(int argc, char **argv)
{
  netmcu_t *ctx = argc > 1 ? netmcu_new(NULL, NULL) : NULL;
  netmcu_connection *c = ctx ? netmcu_connection_new(ctx) : NULL;

  if (c == NULL || (retry = netmcu_timer_new(ctx, connect_now, c)) == NULL)
    return fprintf(stderr, "usage: %s HOST [PORT]\n", argv[0]), EXIT_FAILURE;
  host = argv[1];
  port = argc > 2 ? atoi(argv[2]) : 0;
  netmcu_connection_on(c, &events);
  connect_now(retry, c);
  return netmcu_run(ctx);
}
