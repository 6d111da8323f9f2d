/* Fetches a page over HTTP and writes the whole response to standard output: http_get host [path
 * [port]]. */
#include <netmcu.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct request {
  const char *host, *path;
  int failed;
} request;

static void on_dns(netmcu_connection *c, const netmcu_address *address)
{
  const request *r = netmcu_connection_get_data(c);
  char ip[NETMCU_IP_SIZE];

  fprintf(stderr, "%s is %s\n", r->host, address ? netmcu_ip_format(address, ip) : "not known");
}

static void on_connection(netmcu_connection *c)
{
  const request *r = netmcu_connection_get_data(c);
  char text[2048];
  int size = snprintf(text, sizeof(text), "GET %s HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n\r\n", r->path, r->host);

  if (size < 0 || (size_t)size >= sizeof(text))
    netmcu_connection_close(c); /* netmcu_run ends with the last object */
  else
    netmcu_connection_send(c, text, (size_t)size);
}

static void on_receive(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  fwrite(data, 1, size, stdout);
}

static void on_disconnection(netmcu_connection *c, int error)
{
  request *r = netmcu_connection_get_data(c);

  r->failed = error;
  if (error)
    fprintf(stderr, "%s: %s\n", r->host, netmcu_strerror(error));
}

static const netmcu_connection_events events = {
    .dns = on_dns, .connection = on_connection, .receive = on_receive, .disconnection = on_disconnection};

int main(int argc, char **argv)
{
  if (argc < 2) {
    fprintf(stderr, "usage: %s host [path [port]]\n", argv[0]);
    return 2;
  }
  request r = {.host = argv[1], .path = argc > 2 ? argv[2] : "/", .failed = NETMCU_EARGUMENT};
  int port = argc > 3 ? atoi(argv[3]) : 80;
  netmcu_t *ctx = netmcu_new(NULL, NULL);
  netmcu_connection *c = ctx ? netmcu_connection_new(ctx) : NULL;

  if (c == NULL)
    return EXIT_FAILURE;
  netmcu_connection_set_data(c, &r);
  netmcu_connection_on(c, &events);
  int error = netmcu_connection_connect(c, (uint16_t)port, r.host);
  if (error)
    fprintf(stderr, "%s, port %d: %s\n", r.host, port, netmcu_strerror(error));
  netmcu_run(ctx);
  netmcu_close(ctx, NULL, NULL);
  return r.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
