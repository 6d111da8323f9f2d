/* Sends back what it receives, to any number of clients: echo_server [PORT] listens on IPv4 and IPv6,
 * echo_server unix:PATH on a Unix-domain socket.
 *
 * If a client sends but does not read, our output queue grows. Beyond LIMIT we stop reading from
 * this client, so it has to wait. We continue when the queue is empty. A client that is silent for
 * IDLE ms is disconnected. */
#include <netmcu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 256 * 1024, IDLE = 300000 };

static void on_receive(netmcu_connection *client, const char *data, size_t size)
{
  netmcu_connection_send(client, data, size);
  if (netmcu_connection_get_pending(client) > LIMIT)
    netmcu_connection_hold(client);
}

static void on_drained(netmcu_connection *client)
{
  netmcu_connection_unhold(client);
}

static void on_disconnection(netmcu_connection *client, int error)
{
  if (error)
    fprintf(stderr, "a client has gone: %s\n", netmcu_strerror(error));
  netmcu_connection_free(client);
}

static const netmcu_connection_events echo = {
    .receive = on_receive, .drained = on_drained, .disconnection = on_disconnection};

static void on_accept(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  netmcu_connection_on(client, &echo);
}

int main(int argc, char **argv)
{
  const char *where = argc > 1 ? argv[1] : "7000", *path = strncmp(where, "unix:", 5) == 0 ? where : NULL;
  netmcu_t *ctx = netmcu_new(NULL, NULL);
  netmcu_server *server = ctx ? netmcu_server_new(ctx) : NULL;
  netmcu_address address;
  char text[NETMCU_ADDRESS_SIZE];

  if (server == NULL)
    return EXIT_FAILURE;
  netmcu_server_set_idle_timeout(server, IDLE);
  int error = netmcu_server_listen(server, (uint16_t)atoi(where), path, 0, on_accept);
  if (error)
    return fprintf(stderr, "%s: %s\n", where, netmcu_strerror(error)), EXIT_FAILURE;
  netmcu_server_get_address(server, &address);
  printf("echo on %s\n", path ? path : netmcu_address_format(&address, text));
  fflush(stdout);
  netmcu_run(ctx);
  return netmcu_close(ctx, NULL, NULL);
}
