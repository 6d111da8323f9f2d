/* The cost of 10,000 connections: open and idle, then each of them active.
 *
 * ctest: RUN_SERIAL TRUE */
#include <sys/socket.h>
#include <unistd.h>

#include "crowd.h"
#include "objects.h"
#include "watchdog.h"

#define CONNECTIONS 10000
#define MOST_BYTES  2048

/* ---- the peers ------------------------------------------------------------------------------- */

/* Each connection sends a byte and gets it back. */
static bool converse(const int *fds, unsigned count)
{
  char byte;
  for (unsigned i = 0; i < count; i++) {
    char own = (char)i;
    if (send(fds[i], &own, 1, 0) != 1)
      return false;
  }
  for (unsigned i = 0; i < count; i++)
    if (recv(fds[i], &byte, 1, 0) != 1 || byte != (char)i)
      return false;
  return true;
}

static int connect_and_wait(crowd *c, unsigned count)
{
  crowd_raise_limit(count);
  int *fds = calloc(count, sizeof *fds);
  uint16_t port = (uint16_t)crowd_hear(c);
  for (unsigned i = 0; i < count; i++)
    if ((fds[i] = crowd_connect(port)) < 0)
      return 1;
  crowd_tell(c, 1);
  if (crowd_hear(c) == 0)
    return 0;
  if (!converse(fds, count))
    return 2;
  crowd_tell(c, 2);
  crowd_hear(c);
  free(fds);
  return 0; /* closes all of them */
}

/* ---- the connections ------------------------------------------------------------------------- */

static void echo(netmcu_connection *c, const char *data, size_t size)
{
  assert_int_equal(netmcu_connection_send(c, data, size), 0);
}

static unsigned open_now;

static void gone(netmcu_connection *c, int error)
{
  assert_int_equal(error, 0);
  open_now--;
  netmcu_connection_free(c);
}

static void accept_client(netmcu_server *server, netmcu_connection *client)
{
  static const netmcu_connection_events events = {.receive = echo, .disconnection = gone};
  (void)server;
  open_now++;
  netmcu_connection_on(client, &events);
}

static bool are_open(void *data)
{
  return open_now == *(unsigned *)data;
}

/* Returns the resident memory of the process in bytes, or 0 if it is unknown or meaningless. */
static size_t resident(void)
{
  long size, pages = 0;
  FILE *file = loop_is_instrumented() ? NULL : fopen("/proc/self/statm", "r");
  if (!file)
    return 0;
  if (fscanf(file, "%ld %ld", &size, &pages) != 2)
    pages = 0;
  fclose(file);
  return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void run_with(unsigned count, unsigned idle_timeout)
{
  netmcu_address address;
  unsigned none = 0;
  crowd *c = crowd_begin(connect_and_wait, count);
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_set_warning(ctx, NULL, NULL);
  netmcu_server *server = netmcu_server_new(ctx);
  /* Connects arrive faster than the usual backlog can take them, and a client that is turned away
   * tries again a second later. */
  assert_int_equal(netmcu_server_listen(server, 0, "127.0.0.1", 4096, accept_client), 0);
  assert_int_equal(netmcu_server_get_address(server, &address), 0);
  netmcu_server_set_idle_timeout(server, idle_timeout);
  loop_until(ctx, are_open, &none);
  size_t bytes_before = loop_bytes(), resident_before = resident();

  crowd_tell(c, address.port);
  loop_until(ctx, are_open, &count);
  loop_until(ctx, crowd_has_spoken, c);
  size_t bytes = (loop_bytes() - bytes_before) / count, resident_now = resident();
  size_t own = resident_now > resident_before ? (resident_now - resident_before) / count : 0;
  print_message("%u idle connections: %zu bytes allocated, %zu resident for each\n", count, bytes, own);
  assert_true(bytes < MOST_BYTES);
  assert_true(own < MOST_BYTES);

  crowd_tell(c, 1);
  loop_until(ctx, crowd_has_spoken, c);
  assert_int_equal(crowd_message(c), 2);
  /* Memory that answering needed is released. */
  loop_turns(ctx, 10);
  assert_int_equal((loop_bytes() - bytes_before) / count, bytes);

  crowd_tell(c, 1);
  loop_until(ctx, are_open, &none);
  netmcu_server_free(server);
  loop_end(ctx);
  crowd_end(c);
}

static unsigned how_many(void)
{
  unsigned wanted = loop_under_valgrind() ? 500 : CONNECTIONS, possible = crowd_raise_limit(wanted);
  if (possible < wanted)
    print_message("the limit of open files allows only %u connections\n", possible);
  return possible;
}

static void test_idle(void **state)
{
  (void)state;
  watchdog_extend(60);
  run_with(how_many(), 0);
}

static void test_with_an_idle_timeout(void **state)
{
  (void)state;
  watchdog_extend(60);
  run_with(how_many(), 1000000);
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_idle), own_loop(test_with_an_idle_timeout)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
