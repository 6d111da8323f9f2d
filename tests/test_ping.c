/* Pings of this machine: replies, sequence numbers, pings that overlap as documented, and ending
 * them at any time. */
#include <sys/wait.h>
#include <unistd.h>

#include "loop.h"
#include "dns_server.h"

static void on_reply(void *data, size_t bytes, const netmcu_address *from, unsigned sequence, double milliseconds)
{
  const char *ip = loop_ip(from);
  (void)data;
  called("%zu %s %u", bytes, ip ? ip : "nil", sequence);
  assert_true(milliseconds >= 0 && milliseconds < 1000);
  if (bytes == 0)
    assert_true(milliseconds == 0);
}

static void on_done(void *data, const netmcu_ping_summary *summary)
{
  (void)data;
  called("done %s %u %u %zu", loop_ip(&summary->address), summary->transmitted, summary->lost, summary->bytes);
}

static const netmcu_ping_events events = {.reply = on_reply, .done = on_done};

/* The system may allow neither kind of socket. */
static bool is_allowed(netmcu_t *ctx)
{
  netmcu_ping_t *ping;
  int error = netmcu_ping(ctx, "127.0.0.1", 1, NULL, NULL, &ping);
  if (error)
    print_message("no ping: %s\n", netmcu_strerror(error));
  else
    netmcu_ping_cancel(ping);
  return error == 0;
}

#define begin_or_skip(ctx)                                                                                             \
  netmcu_t *ctx = loop_begin(NULL);                                                                                    \
  if (!is_allowed(ctx)) {                                                                                              \
    loop_end(ctx);                                                                                                     \
    skip();                                                                                                            \
  }

/* is_allowed has used the sequence number 1. */
static void test_loopback(void **state)
{
  (void)state;
  begin_or_skip(ctx);
  double started = loop_milliseconds();
  assert_int_equal(netmcu_ping(ctx, "127.0.0.1", 2, &events, NULL, NULL), 0);
  assert_string_equal(journal(), "");
  loop_run(ctx);
  assert_between((int)(loop_milliseconds() - started), 990, 2000);
  expect_journal("32 127.0.0.1 2, 32 127.0.0.1 3, done 127.0.0.1 2 0 64");
  loop_end(ctx);
}

static netmcu_ping_summary last;

static void keep_summary(void *data, const netmcu_ping_summary *summary)
{
  (void)data;
  last = *summary;
  called("done");
}

static void test_four_by_default(void **state)
{
  (void)state;
  static const netmcu_ping_events summary = {.done = keep_summary};
  begin_or_skip(ctx);
  assert_int_equal(netmcu_ping(ctx, "127.1", 0, &summary, NULL, NULL), 0);
  loop_run(ctx);
  expect_calls("done", 1);
  assert_int_equal(last.transmitted, 4);
  assert_int_equal(last.lost, 0);
  assert_int_equal(last.bytes, 128);
  assert_between(last.total_time, 2990, 3990);
  loop_end(ctx);
}

static void describe(const char *description, void *data)
{
  if (strncmp(description, "net.ping", 8) == 0)
    snprintf(data, 100, "%s", description);
}

static void test_walk(void **state)
{
  (void)state;
  begin_or_skip(ctx);
  char walked[100] = "";
  netmcu_ping_t *ping;
  assert_int_equal(netmcu_ping(ctx, "127.0.0.1", 3, &events, NULL, &ping), 0);
  netmcu_walk(ctx, describe, walked);
  assert_string_equal(walked, "net.ping (127.0.0.1, 1 of 3)");
  netmcu_ping_cancel(ping);
  loop_end(ctx);
}

static void test_sequence_numbers(void **state)
{
  (void)state;
#ifdef _WIN32 /* Each request takes a thread until its reply, and a cancelled ping leaves it there. */
  skip();
#endif
  begin_or_skip(ctx);
  for (unsigned i = 2; i < 32767; i++) {
    netmcu_ping_t *ping;
    assert_int_equal(netmcu_ping(ctx, "127.0.0.1", 2, NULL, NULL, &ping), 0);
    if (i % 50 == 0)
      loop_turns(ctx, 1); /* reads the replies so far, before they fill the socket */
    netmcu_ping_cancel(ping);
  }
  static const char *const expected[] = {"32 127.0.0.1 32767, done 127.0.0.1 1 0 32",
                                         "32 127.0.0.1 0, done 127.0.0.1 1 0 32",
                                         "32 127.0.0.1 1, done 127.0.0.1 1 0 32"};
  for (int i = 0; i < 3; i++) {
    assert_int_equal(netmcu_ping(ctx, "127.0.0.1", 1, &events, NULL, NULL), 0);
    loop_run(ctx);
    expect_journal(expected[i]);
  }
  loop_end(ctx);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void test_malformed_names(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_ping(ctx, NULL, 1, &events, NULL, NULL), NETMCU_EARGUMENT);
  assert_int_equal(netmcu_ping(ctx, "", 1, &events, NULL, NULL), NETMCU_EARGUMENT);
  assert_int_equal(netmcu_ping(ctx, "a..b", 1, &events, NULL, NULL), NETMCU_EARGUMENT);
  assert_int_equal(netmcu_ping(ctx, "a b", 1, &events, NULL, NULL), NETMCU_EARGUMENT);
  loop_end(ctx);
}

static void test_localhost(void **state)
{
  (void)state;
  begin_or_skip(ctx);
  char walked[100] = "";
  assert_int_equal(netmcu_ping(ctx, "localhost", 1, &events, NULL, NULL), 0);
  netmcu_walk(ctx, describe, walked);
  assert_string_equal(walked, "net.ping (localhost, resolving)");
  loop_run(ctx);
  expect_journal("32 127.0.0.1 2, done 127.0.0.1 1 0 32");
  loop_end(ctx);
}

static void test_unknown_name(void **state)
{
  (void)state;
  dns_server *server = dns_server_start();
  begin_or_skip(ctx);
  dns_server_use(server, ctx);
  assert_int_equal(netmcu_ping(ctx, "nx.test", 4, &events, NULL, NULL), 0);
  loop_run(ctx);
  expect_journal("0 nil 0");
  loop_end(ctx);
  dns_server_stop(server);
}

static void test_cancel_while_resolving(void **state)
{
  (void)state;
  begin_or_skip(ctx);
  netmcu_ping_t *ping;
  assert_int_equal(netmcu_ping(ctx, "localhost", 1, &events, NULL, &ping), 0);
  netmcu_ping_cancel(ping);
  loop_end(ctx);
}

/* ---- overlapping ----------------------------------------------------------------------------- */

static void start_second(netmcu_timer *timer, void *data)
{
  (void)data;
  netmcu_timer_free(timer);
  assert_int_equal(netmcu_ping(data, "127.0.0.4", 4, &events, NULL, NULL), 0);
}

/* The example of the documentation and its output. */
static void test_overlapping(void **state)
{
  (void)state;
  begin_or_skip(ctx);
  for (int i = 2; i < 9; i++) {
    netmcu_ping_t *ping;
    assert_int_equal(netmcu_ping(ctx, "127.0.0.1", 1, &events, NULL, &ping), 0);
    netmcu_ping_cancel(ping);
  }
  assert_int_equal(netmcu_ping(ctx, "127.0.0.8", 4, &events, NULL, NULL), 0);
  netmcu_timer_start(netmcu_timer_new(ctx, start_second, ctx), 1000, 0);
  loop_run(ctx);
  expect_journal("32 127.0.0.8 9, 32 127.0.0.8 10, 32 127.0.0.4 11, 32 127.0.0.4 13, 0 127.0.0.8 0, 32 127.0.0.4 15, "
                 "0 127.0.0.8 0, done 127.0.0.8 4 2 64, 32 127.0.0.4 16, done 127.0.0.4 4 0 128");
  loop_end(ctx);
}

/* ---- ending ---------------------------------------------------------------------------------- */

static void test_cancel(void **state)
{
  (void)state;
  netmcu_ping_t *first, *second;
  begin_or_skip(ctx);
  assert_int_equal(netmcu_ping(ctx, "127.0.0.1", 4, &events, NULL, &first), 0);
  assert_int_equal(netmcu_ping(ctx, "127.0.0.2", 1, &events, NULL, &second), 0);
  assert_ptr_not_equal(first, second);
  netmcu_ping_cancel(first);
  loop_run(ctx);
  expect_journal("32 127.0.0.2 3, done 127.0.0.2 1 0 32");
  loop_end(ctx);
}

static netmcu_ping_t *both[2];

static void cancel_in_reply(void *data, size_t bytes, const netmcu_address *from, unsigned sequence,
                            double milliseconds)
{
  on_reply(data, bytes, from, sequence, milliseconds);
  netmcu_ping_cancel(both[0]);
  netmcu_ping_cancel(both[1]);
}

static void test_cancel_in_reply(void **state)
{
  (void)state;
  static const netmcu_ping_events cancelling = {.reply = cancel_in_reply, .done = on_done};
  begin_or_skip(ctx);
  assert_int_equal(netmcu_ping(ctx, "127.0.0.1", 1, &cancelling, NULL, &both[0]), 0);
  assert_int_equal(netmcu_ping(ctx, "127.0.0.2", 4, &cancelling, NULL, &both[1]), 0);
  loop_run(ctx);
  expect_journal("32 127.0.0.1 2");
  loop_end(ctx);
}

static void again_in_done(void *data, const netmcu_ping_summary *summary)
{
  static const netmcu_ping_events again = {.done = again_in_done};
  called("done");
  assert_int_equal(summary->lost, 0);
  if (calls("done") < 3)
    assert_int_equal(netmcu_ping(data, "127.0.0.1", 1, &again, data, NULL), 0);
}

static void test_ping_again_in_done(void **state)
{
  (void)state;
  static const netmcu_ping_events again = {.done = again_in_done};
  begin_or_skip(ctx);
  assert_int_equal(netmcu_ping(ctx, "127.0.0.1", 1, &again, ctx, NULL), 0);
  expect_calls("done", 3);
  loop_end(ctx);
}

static void on_closed(void *data)
{
  (void)data;
  called("closed");
}

static void close_in_reply(void *data, size_t bytes, const netmcu_address *from, unsigned sequence, double milliseconds)
{
  on_reply(data, bytes, from, sequence, milliseconds);
  assert_int_equal(netmcu_close(data, on_closed, NULL), 0);
}

/* This context is not made by loop_begin, because the callback closes it. */
static void test_close_of_the_context_in_reply(void **state)
{
  (void)state;
  static const netmcu_ping_events closing = {.reply = close_in_reply, .done = on_done};
  uv_loop_t loop;
  assert_int_equal(uv_loop_init(&loop), 0);
  netmcu_t *ctx = netmcu_new(&loop, NULL);
  assert_non_null(ctx);
  bool allowed = is_allowed(ctx);
  if (allowed)
    assert_int_equal(netmcu_ping(ctx, "127.0.0.1", 1, &closing, ctx, NULL), 0);
  else
    netmcu_close(ctx, NULL, NULL);
  uv_run(&loop, UV_RUN_DEFAULT);
  assert_int_equal(uv_loop_close(&loop), 0);
  if (!allowed)
    skip();
  expect_journal("32 127.0.0.1 2, closed");
}

static void test_close_of_the_context(void **state)
{
  (void)state;
  begin_or_skip(ctx);
  assert_int_equal(netmcu_ping(ctx, "127.0.0.1", 4, &events, NULL, NULL), 0);
  assert_int_equal(netmcu_ping(ctx, "localhost", 4, &events, NULL, NULL), 0);
  loop_close(ctx);
}

/* ---- permission, memory ---------------------------------------------------------------------- */

static int ping_as_nobody(void)
{
  netmcu_t *ctx = netmcu_new(NULL, NULL);
  if (ctx == NULL || setgid(65534) || setuid(65534))
    return 2;
  int error = netmcu_uv_error(netmcu_ping(ctx, "127.0.0.1", 1, &events, NULL, NULL));
  netmcu_close(ctx, NULL, NULL);
  return error == UV_EACCES || error == UV_EPERM ? 0 : 1;
}

/* The system may have no IPv6, or not allow this. */
static void test_ipv6(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin_with_families(NETMCU_ANY_FAMILY);
  int error = netmcu_ping(ctx, "::1", 1, &events, NULL, NULL);
  if (error) {
    print_message("no ping of ::1: %s\n", netmcu_strerror(error));
    loop_end(ctx);
    skip();
  }
  loop_until_called(ctx, "done ::1 1 0 32", 1);
  expect_journal("32 ::1 1, done ::1 1 0 32");
  loop_end(ctx);
}

static void test_not_allowed(void **state)
{
  (void)state;
  int status;
  unsigned from = 1, to = 0;
  FILE *file = fopen("/proc/sys/net/ipv4/ping_group_range", "r");
  bool closed_to_nobody = file && fscanf(file, "%u %u", &from, &to) == 2 && (from > 65534 || to < 65534);
  if (file)
    fclose(file);
  if (getuid() != 0 || !closed_to_nobody) {
    print_message("this test is for root of a Linux where not everybody may ping\n");
    skip();
  }
  pid_t child = fork();
  if (child == 0)
    _exit(ping_as_nobody());
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_out_of_memory(void **state)
{
  (void)state;
  begin_or_skip(first);
  loop_end(first);
  size_t nth = 0;
  int error = 0;
  do {
    netmcu_t *ctx = loop_begin(NULL);
    loop_fail_allocation(++nth, false);
    netmcu_ping_t *ping;
    error = netmcu_ping(ctx, "localhost", 1, &events, NULL, &ping);
    assert_true(error == 0 || error == NETMCU_ENOMEM);
    loop_fail_allocation(0, false);
    if (error == 0)
      netmcu_ping_cancel(ping);
    loop_end(ctx);
  } while (error);
  assert_between(nth, 4, 20);
}

int main(void)
{
  const struct CMUnitTest replies[] = {
      both_loops(test_loopback),       own_loop(test_four_by_default), own_loop(test_walk),
      own_loop(test_sequence_numbers), own_loop(test_overlapping),
  };
  const struct CMUnitTest names[] = {
      own_loop(test_malformed_names),
      own_loop(test_localhost),
      own_loop(test_unknown_name),
      own_loop(test_cancel_while_resolving),
  };
  const struct CMUnitTest ending[] = {
      both_loops(test_cancel),
      both_loops(test_cancel_in_reply),
      own_loop(test_ping_again_in_done),
      own_loop(test_close_of_the_context_in_reply),
      both_loops(test_close_of_the_context),
      own_loop(test_ipv6),
      own_loop(test_not_allowed),
      own_loop(test_out_of_memory),
  };
  return cmocka_run_group_tests_name("a ping reports each reply and a summary", replies, NULL, NULL) +
         cmocka_run_group_tests_name("a ping takes a name", names, NULL, NULL) +
         cmocka_run_group_tests_name("a ping may end at any time", ending, NULL, NULL);
}
