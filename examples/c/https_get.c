/* Fetches a page over HTTPS and writes the whole response to standard output: https_get host [path
 * [port [ca_file]]]. The server's certificate must be signed by a CA of the file, or without one, by
 * a CA that the system trusts. */
#include <netmcu.h>
#include <netmcu_tls.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct request {
  const char *host, *path;
  int failed;
} request;

static void report(netmcu_t *ctx, const char *host, int error)
{
  fprintf(stderr, "%s: %s\n", host, error == NETMCU_ETLS ? netmcu_get_tls_error(ctx) : netmcu_strerror(error));
}

/* The handshake is complete, and the server is the one that its certificate is made for. */
static void on_connection(netmcu_connection *c)
{
  const request *r = netmcu_connection_get_data(c);
  netmcu_tls_state tls;
  char text[2048];
  int size = snprintf(text, sizeof(text), "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", r->path, r->host);

  if (netmcu_connection_get_tls(c, &tls) == 0)
    fprintf(stderr, "%s: %s, %s\n", r->host, tls.version, tls.cipher);
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

/* Without TLS's own end mark, somebody may have cut the response: NETMCU_ECLOSED. */
static void on_disconnection(netmcu_connection *c, int error)
{
  request *r = netmcu_connection_get_data(c);

  r->failed = error;
  if (error)
    report(netmcu_connection_get_context(c), r->host, error);
}

static const netmcu_connection_events events = {
    .connection = on_connection, .receive = on_receive, .disconnection = on_disconnection};

int main(int argc, char **argv)
{
  if (argc < 2) {
    fprintf(stderr, "usage: %s host [path [port [ca_file]]]\n", argv[0]);
    return 2;
  }
  request r = {.host = argv[1], .path = argc > 2 ? argv[2] : "/", .failed = NETMCU_EARGUMENT};
  int port = argc > 3 ? atoi(argv[3]) : 443;
  netmcu_tls_options options = NETMCU_TLS_OPTIONS_INIT;
  netmcu_t *ctx = netmcu_new(NULL, NULL);
  netmcu_connection *c = ctx ? netmcu_connection_new(ctx) : NULL;

  if (c == NULL)
    return EXIT_FAILURE;
  netmcu_connection_set_data(c, &r);
  netmcu_connection_on(c, &events);
  options.ca_file = argc > 4 ? argv[4] : NULL;
  int error = netmcu_connection_use_tls(c, &options);
  if (error == 0)
    error = netmcu_connection_connect(c, (uint16_t)port, r.host);
  if (error)
    report(ctx, r.host, error);
  netmcu_run(ctx);
  netmcu_close(ctx, NULL, NULL);
  return r.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
