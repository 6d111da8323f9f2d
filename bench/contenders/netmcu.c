/* netmcu from C, written as its header shows it.
 *
 *   bench_netmcu [--frame-size BYTES] SCENARIO PORT
 *   bench_netmcu both dns PORT                     asks for IPv4 and IPv6, as by default
 *   bench_netmcu ping                              five echo requests, the round trips printed
 *
 * The frame size is 0 (data as it is read) by default, because a C program need not imitate
 * the device. With TLS_CERTIFICATE, the server uses TLS. */
#include "server.h"

#include <netmcu.h>
#ifdef TLS_CERTIFICATE
#include <netmcu_tls.h>
#endif

#define OUTSTANDING    100
#define DNS_SERVER     "127.0.0.2"
#define PING_COUNT     5
#define DEVICE_TIMEOUT 30000

static scenario_kind scenario;
static char chunk[CHUNK];
static netmcu_t *context;

static void check(int error, const char *what)
{
  if (error < 0)
    fail(what, netmcu_strerror(error));
}

static void gone(netmcu_connection *connection, int error)
{
  (void)error;
  netmcu_connection_free(connection);
}

static void echo(netmcu_connection *connection, const char *data, size_t size)
{
  check(netmcu_connection_send(connection, data, size), "send");
}

static void drop(netmcu_connection *connection, const char *data, size_t size)
{
  (void)connection;
  (void)data;
  (void)size;
}

static void respond(netmcu_connection *connection, const char *data, size_t size)
{
  if (ends_request(data, size))
    check(netmcu_connection_send(connection, RESPONSE, sizeof RESPONSE - 1), "send");
}

static void pour(netmcu_connection *connection)
{
  check(netmcu_connection_send(connection, chunk, sizeof chunk), "send");
}

static void greet(netmcu_connection *connection)
{
  check(netmcu_connection_send(connection, GREETING, sizeof GREETING - 1), "send");
  netmcu_connection_free(connection);
}

#ifdef TLS_CERTIFICATE
static const netmcu_connection_events events[] = {
    [ECHO_BACK] = {.receive = echo, .disconnection = gone},
    [SINK] = {.receive = drop, .disconnection = gone},
    [SOURCE] = {.connection = pour, .receive = drop, .sent = pour, .disconnection = gone},
    [GREET] = {.connection = greet, .disconnection = gone},
    [HTTP] = {.receive = respond, .disconnection = gone},
};

static void accepted(netmcu_server *server, netmcu_connection *client)
{
  netmcu_tls_options options = NETMCU_TLS_OPTIONS_INIT;

  (void)server;
  options.certificate_file = options.key_file = TLS_CERTIFICATE;
  netmcu_connection_on(client, &events[scenario]);
  check(netmcu_connection_use_tls(client, &options), "TLS");
}
#else
static const netmcu_connection_events events[] = {
    [ECHO_BACK] = {.receive = echo, .disconnection = gone},
    [SINK] = {.receive = drop, .disconnection = gone},
    [SOURCE] = {.receive = drop, .sent = pour, .disconnection = gone},
    [HTTP] = {.receive = respond, .disconnection = gone},
};

static void accepted(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  if (scenario == GREET) {
    greet(client);
    return;
  }
  netmcu_connection_on(client, &events[scenario]);
  if (scenario == SOURCE)
    pour(client);
}
#endif

static void echo_datagram(netmcu_udp *socket, const char *data, size_t size, const netmcu_address *from)
{
  netmcu_udp_send(socket, from, data, size);
}

static void ask(void);

static void answered(void *data, int error, const netmcu_address *addresses, size_t count)
{
  (void)data;
  (void)addresses;
  (void)count;
  check(error, "lookup");
  ask();
}

static void ask(void)
{
  static unsigned asked;
  char name[32];

  snprintf(name, sizeof name, "n%u.bench.test", asked++);
  check(netmcu_resolve(context, name, answered, NULL, NULL), "resolve");
}

static void look_up(uint16_t port)
{
  char server[32];

  snprintf(server, sizeof server, DNS_SERVER ":%u", (unsigned)port);
  check(netmcu_dns_set_server(context, 0, server), "DNS server");
  for (int i = 0; i < OUTSTANDING; i++)
    ask();
}

static void serve_udp(uint16_t port)
{
  static const netmcu_udp_events datagram_events = {.receive = echo_datagram};
  netmcu_udp *socket = netmcu_udp_new(context);

  netmcu_udp_on(socket, &datagram_events);
  check(netmcu_udp_listen(socket, port, "127.0.0.1"), "listen");
}

/* The server has the idle timeout of the device's servers, so the figures include its cost. */
static void serve_tcp(uint16_t port)
{
  netmcu_server *server = netmcu_server_new(context);

  netmcu_server_set_idle_timeout(server, DEVICE_TIMEOUT);
  check(netmcu_server_listen(server, port, "127.0.0.1", BACKLOG, accepted), "listen");
}

#ifndef NETMCU_NO_PING
static void replied(void *data, size_t bytes, const netmcu_address *from, unsigned sequence, double milliseconds)
{
  (void)data;
  (void)from;
  (void)sequence;
  if (bytes > 0)
    printf("rtt_ms=%.4f\n", milliseconds);
}

static void ping(void)
{
  static const netmcu_ping_events ping_events = {.reply = replied};

  check(netmcu_ping(context, "127.0.0.1", PING_COUNT, &ping_events, NULL, NULL), "ping");
}
#else
static void ping(void)
{
  fail("ping", "left out of this build");
}
#endif

int main(int argc, char **argv)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  int is_ping = argc == 2 && strcmp(argv[1], "ping") == 0, asks_both = argc == 4 && strcmp(argv[1], "both") == 0;
  uint16_t port = 0;

  options.frame_size = 0;
  if (argc > 3 && strcmp(argv[1], "--frame-size") == 0) {
    options.frame_size = (size_t)atol(argv[2]);
    argc -= 2;
    argv += 2;
  }
  if (!is_ping)
    scenario = read_arguments(argc - asks_both, argv + asks_both, &port);
  if (scenario == DNS && !asks_both)
    options.families = NETMCU_IPV4_ONLY; /* one question for each name, like the other contenders */
  context = netmcu_new(NULL, &options);
  if (context == NULL)
    fail("netmcu_new", "out of memory");
  if (is_ping)
    ping();
  else if (scenario == DNS)
    look_up(port);
  else if (scenario == UDP)
    serve_udp(port);
  else
    serve_tcp(port);
  return netmcu_run(context);
}
