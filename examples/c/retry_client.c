/* Keeps a connection to a server, whatever happens to it, and prints what the server says: retry_client host port.
 * After a failure it tries again, at first soon, then less and less often. */
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

static void received(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  delay = SOON; /* this server works: a mere connection does not prove that */
  fwrite(data, 1, size, stdout);
  fflush(stdout);
}

static void ended(netmcu_connection *c, int error)
{
  (void)c;
  try_again(error ? netmcu_strerror(error) : "the server has ended the connection");
}

static const netmcu_connection_events events = {.receive = received, .disconnection = ended};

static void connect_now(netmcu_timer *timer, void *connection)
{
  int error = netmcu_connection_connect(connection, (uint16_t)port, host);

  (void)timer;
  if (error)
    try_again(netmcu_strerror(error));
}

int main(int argc, char **argv)
{
  netmcu_t *ctx = argc == 3 ? netmcu_new(NULL, NULL) : NULL;
  netmcu_connection *c = ctx ? netmcu_connection_new(ctx) : NULL;

  if (c == NULL || (retry = netmcu_timer_new(ctx, connect_now, c)) == NULL)
    return fprintf(stderr, "usage: %s host port\n", argv[0]), EXIT_FAILURE;
  host = argv[1];
  port = atoi(argv[2]);
  netmcu_connection_on(c, &events);
  connect_now(retry, c);
  return netmcu_run(ctx);
}
