/* Memory that runs out inside of mbedTLS, which takes it from calloc: each failure ends the
 * connection with an error, or costs nothing. Nothing hangs, and nothing is left.
 *
 * A handshake makes 40,000 allocations. The test fails a part of them, or each nth one with
 * TLS_ALLOCATIONS=n. */
#include <errno.h>

#include "bytes.h"
#include "tls.h"

#define SIZE 20000

/* ---- calloc ---------------------------------------------------------------------------------- */

static bool is_armed, has_failed, fails_on;
static unsigned long allocations, failing;

/* Takes the place of the system's calloc, also in libraries. Through the pointer, a compiler cannot
 * make a call of calloc of it. */
void *calloc(size_t count, size_t size)
{
  static void *(*volatile allocate)(size_t) = malloc;

  if (is_armed && (++allocations == failing || (has_failed && fails_on))) {
    has_failed = true;
    errno = ENOMEM;
    return NULL;
  }
  if (size && count > SIZE_MAX / size)
    return NULL;
  void *memory = allocate(count * size);
  return memory ? memset(memory, 0, count * size) : NULL;
}

/* Lets the nth allocation fail, and if `on`, all that follow. 0 stands for none. */
static void arm(unsigned long nth, bool on)
{
  allocations = 0;
  failing = nth;
  fails_on = on;
  has_failed = false;
  is_armed = true;
}

/* ---- a talk ---------------------------------------------------------------------------------- */

static netmcu_t *ctx;
static netmcu_server *server;
static netmcu_tls_options client_options, server_options;
static char block[SIZE];
static size_t received;
static int errors[8]; /* of all calls and events */
static unsigned error_count;
static unsigned losses; /* failures that were not reported as such */

static void note(int error)
{
  if (error && error_count < sizeof(errors) / sizeof(errors[0]))
    errors[error_count++] = error;
}

static void end_of_server(netmcu_connection *c, int error)
{
  note(error);
  netmcu_connection_free(c);
}

static void end_of_client(netmcu_connection *c, int error)
{
  end_of_server(c, error);
  netmcu_server_free(server);
  server = NULL;
}

static void send_block(netmcu_connection *c)
{
  note(netmcu_connection_send(c, block, SIZE));
  note(netmcu_connection_close(c));
  netmcu_connection_free(c);
}

static void count(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  assert_true(bytes_are(data, size, received, 3));
  received += size;
}

static const netmcu_connection_events server_events = {.connection = send_block, .disconnection = end_of_server};
static const netmcu_connection_events client_events = {.receive = count, .disconnection = end_of_client};

static void on_accept(netmcu_server *s, netmcu_connection *client)
{
  (void)s;
  netmcu_connection_on(client, &server_events);
  int error = netmcu_connection_use_tls(client, &server_options);
  note(error);
  if (error)
    netmcu_connection_free(client);
}

/* Returns false if TLS could not be set up. */
static bool start(void)
{
  netmcu_connection *c = netmcu_connection_new(ctx);

  netmcu_connection_on(c, &client_events);
  int error = netmcu_connection_use_tls(c, &client_options);
  if (error == 0)
    error = netmcu_connection_connect(c, tls_port(server), "127.0.0.1");
  note(error);
  if (error)
    end_of_client(c, 0);
  return error == 0;
}

/* A talk in which the nth allocation fails. Returns the number of allocations. */
static unsigned long talk(unsigned long nth, bool on)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;

  options.linger_timeout = 100;
  ctx = loop_begin(&options);
  server = netmcu_server_new(ctx);
  assert_int_equal(netmcu_server_listen(server, 0, "127.0.0.1", 0, on_accept), 0);
  received = 0;
  error_count = 0;
  arm(nth, on);
  if (start())
    loop_run(ctx);
  is_armed = false;
  loop_end(ctx);
  return allocations;
}

static bool has_error(int error)
{
  for (unsigned i = 0; i < error_count; i++)
    if (errors[i] == error)
      return true;
  return false;
}

/* mbedTLS forgets now and then why it has failed: a key that it could not read is a bad key. */
static void expect_error(unsigned long nth, bool on)
{
  talk(nth, on);
  if (!has_failed || has_error(NETMCU_ENOMEM))
    return;
  losses += has_error(NETMCU_ETLS);
  if (!has_error(NETMCU_ETLS) && (error_count > 0 || received < SIZE))
    fail_msg("allocation %lu%s: %zu bytes received, first error %s", nth, on ? " and all others" : "", received,
             error_count ? netmcu_error_name(errors[0]) : "none");
}

/* The first ones are those of the set-up, which differ from each other. */
static unsigned long step_from(unsigned long nth)
{
  const char *step = getenv("TLS_ALLOCATIONS");

  return step ? strtoul(step, NULL, 10) : 1 + nth / 8;
}

static void test_each_failure_is_an_error(void **state)
{
  (void)state;
  unsigned long total = talk(0, false);
  assert_int_equal(error_count, 0);
  assert_int_equal(received, SIZE);
  if (total == 0)
    skip(); /* calloc cannot be replaced here, or mbedTLS does not use it */
  unsigned talks = 0;
  for (unsigned long nth = 1; nth <= total; nth += step_from(nth), talks += 2) {
    expect_error(nth, false);
    expect_error(nth, true);
  }
  assert_true(losses < talks / 5);
}

static int set_up(void **state)
{
  int error = tls_set_up(state);

  bytes_fill(block, SIZE, 0, 3);
  client_options = tls_client();
  client_options.ca_file = strdup(client_options.ca_file);
  server_options = tls_server("server");
  server_options.certificate_file = strdup(server_options.certificate_file);
  server_options.key_file = strdup(server_options.key_file);
  return error;
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_each_failure_is_an_error)};

  return cmocka_run_group_tests(tests, set_up, tls_tear_down);
}
