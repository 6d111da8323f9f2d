/* See tls.h. */
#include "tls.h"

#include <unistd.h>

#include "objects.h"

static char folder[] = "/tmp/netmcu-tls-XXXXXX";
static const netmcu_tls_options *server_options;
static const netmcu_connection_events *server_events;

static int run(const char *format, const char *one, const char *two)
{
  char command[512];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  snprintf(command, sizeof(command), format, one, two);
#pragma GCC diagnostic pop
  return system(command); /* NOLINT(cert-env33-c): a script of the tests */
}

int tls_set_up(void **state)
{
  const char *source = getenv("NETMCU_SOURCE");

  (void)state;
  if (run("command -v openssl >/dev/null%s%s", "", "")) {
    puts("skipped: openssl is not installed");
    exit(77);
  }
  if (mkdtemp(folder) == NULL)
    return -1;
  return run("sh '%s/tests/support/certificates.sh' '%s' 2>/dev/null", source ? source : ".", folder);
}

int tls_tear_down(void **state)
{
  (void)state;
  return run("rm -rf '%s'%s", folder, "");
}

const char *tls_file(const char *name)
{
  static char paths[16][128];
  static unsigned next;
  char *path = paths[next++ % 16];

  snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
  return path;
}

netmcu_tls_options tls_client(void)
{
  netmcu_tls_options options = NETMCU_TLS_OPTIONS_INIT;

  options.ca_file = tls_file("ca.pem");
  return options;
}

netmcu_tls_options tls_server(const char *name)
{
  netmcu_tls_options options = NETMCU_TLS_OPTIONS_INIT;
  char file[64];

  snprintf(file, sizeof(file), "%s.pem", name);
  options.certificate_file = tls_file(file);
  snprintf(file, sizeof(file), "%s.key", name);
  options.key_file = tls_file(file);
  return options;
}

static void on_accept(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  assert_int_equal(netmcu_connection_use_tls(client, server_options), 0);
  netmcu_connection_on(client, server_events);
}

netmcu_server *tls_listen(netmcu_t *ctx, const netmcu_tls_options *options, const netmcu_connection_events *events)
{
  uint16_t port;

  server_options = options;
  server_events = events;
  return open_server(ctx, on_accept, &port);
}

uint16_t tls_port(const netmcu_server *server)
{
  netmcu_address address;

  assert_int_equal(netmcu_server_get_address(server, &address), 0);
  return address.port;
}

netmcu_connection *tls_connect(netmcu_t *ctx, const netmcu_tls_options *options, const netmcu_connection_events *events,
                               uint16_t port)
{
  netmcu_connection *c = netmcu_connection_new(ctx);

  assert_non_null(c);
  netmcu_connection_on(c, events);
  assert_int_equal(netmcu_connection_use_tls(c, options), 0);
  assert_int_equal(netmcu_connection_connect(c, port, "localhost"), 0);
  return c;
}

void tls_say_hello(netmcu_connection *c)
{
  journal_connection(c);
  assert_int_equal(netmcu_connection_send(c, "hello", 5), 0);
}

void tls_echo(netmcu_connection *c, const char *data, size_t size)
{
  netmcu_connection_send(c, data, size);
}

void tls_free(netmcu_connection *c, int error)
{
  (void)error;
  netmcu_connection_free(c);
}
