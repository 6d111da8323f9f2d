/* No more files can be opened: NETMCU_ENOMEM, the device's word for it. Afterwards everything works
 * again. */
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "dns_server.h"
#include "objects.h"
#include "peer.h"

#define LIMIT 200

static struct rlimit limit_before;
static int taken[LIMIT], taken_count;

static void take_all_files(void)
{
  struct rlimit limit;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit_before), 0);
  limit = limit_before;
  limit.rlim_cur = LIMIT;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
  taken_count = 0;
  int fd;
  while (taken_count < LIMIT && (fd = open("/dev/null", O_RDONLY)) >= 0)
    taken[taken_count++] = fd;
}

static void give_files_back(void)
{
  while (taken_count > 0)
    close(taken[--taken_count]);
  setrlimit(RLIMIT_NOFILE, &limit_before);
}

static void test_a_new_context(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_options options = loop_options(ctx);
  size_t blocks = loop_blocks();
  take_all_files();
  assert_null(netmcu_new(NULL, &options));
  give_files_back();
  assert_int_equal(loop_blocks(), blocks);
  loop_end(ctx);
}

static void test_connect(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &journal_events);
  take_all_files();
  assert_int_equal(netmcu_connection_connect(c, peer_port(p), "127.0.0.1"), NETMCU_ENOMEM);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  loop_run(ctx);
  give_files_back();
  expect_journal("");
  assert_int_equal(netmcu_connection_connect(c, peer_port(p), "127.0.0.1"), 0);
  loop_until_called(ctx, "connection", 1);
  forget_calls();
  netmcu_connection_free(c);
  loop_run(ctx);
  peer_end(p, NULL);
  loop_end(ctx);
}

static void test_listen(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = netmcu_server_new(ctx);
  take_all_files();
  assert_int_equal(netmcu_server_listen(server, 0, "127.0.0.1", 0, accept_journal), NETMCU_ENOMEM);
  give_files_back();
  assert_int_equal(netmcu_server_listen(server, 0, "127.0.0.1", 0, accept_journal), 0);
  netmcu_server_free(server);
  loop_end(ctx);
}

/* The lookup fails soon, with an event. */
static void test_resolve(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  take_all_files();
  int error = netmcu_resolve(ctx, "a.test", journal_lookup, NULL, NULL);
  expect_journal("");
  loop_run(ctx);
  give_files_back();
  assert_true(error < 0 ? journal()[0] == 0 : strncmp(journal(), "lookup -", 8) == 0);
  forget_calls();
  assert_int_equal(netmcu_resolve(ctx, "a.test", journal_lookup, NULL, NULL), 0);
  loop_run(ctx);
  expect_journal("lookup 0 192.0.2.1");
  dns_server_stop(dns);
  loop_end(ctx);
}

struct turns {
  double until;
  unsigned count;
};

static bool count_turn(void *data)
{
  struct turns *turns = data;
  turns->count++;
  return loop_milliseconds() >= turns->until;
}

/* A client that arrives then is turned away, or waits. The server continues, and does not keep the
 * processor busy. */
static void test_accept(void **state)
{
  (void)state;
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *server = open_server(ctx, accept_journal, &port);
  peer *p = peer_connect(port, peer_sink, NULL);
  take_all_files();
  struct turns turns = {loop_milliseconds() + 100, 0};
  loop_until(ctx, count_turn, &turns);
  assert_true(turns.count < 1000); /* it wakes up once a millisecond */
  give_files_back();
  peer *again = peer_connect(port, peer_sink, NULL);
  loop_until_called(ctx, "accept", 1);
  netmcu_server_free(server);
  loop_files_may_differ();
  loop_close(ctx);
  peer_end(p, NULL);
  peer_end(again, NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_a_new_context), own_loop(test_connect), own_loop(test_listen),
      own_loop(test_resolve),       own_loop(test_accept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
