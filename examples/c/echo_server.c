/* Sends back what it receives, to any number of clients: echo_server [port].
 *
 * If a client sends but does not read, our output queue grows. Beyond LIMIT we stop reading from
 * this client, so it has to wait. We continue when the queue is empty. */
#include <netmcu.h>
#include <stdio.h>
#include <stdlib.h>

#define LIMIT (256 * 1024)

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
  int port = argc > 1 ? atoi(argv[1]) : 7000;
  netmcu_t *ctx = netmcu_new(NULL, NULL);
  netmcu_server *server = ctx ? netmcu_server_new(ctx) : NULL;
  netmcu_address address;

  if (server == NULL)
    return EXIT_FAILURE;
  int error = netmcu_server_listen(server, (uint16_t)port, NULL, 0, on_accept);
  if (error) {
    fprintf(stderr, "port %d: %s\n", port, netmcu_strerror(error));
    return EXIT_FAILURE;
  }
  netmcu_server_get_address(server, &address);
  printf("echo on port %d\n", address.port);
  fflush(stdout);
  netmcu_run(ctx);
  return netmcu_close(ctx, NULL, NULL);
}
