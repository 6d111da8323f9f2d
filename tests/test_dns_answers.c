/* How a lookup treats the answers of a DNS server, right and wrong ones. No time passes meanwhile, so
 * every answer that ends a lookup ends it at once. */
#include "clock.h"
#include "dns_server.h"

static void resolve(netmcu_t *ctx, const char *name)
{
  assert_int_equal(netmcu_resolve(ctx, name, journal_lookup, NULL, NULL), 0);
  expect_journal("");
}

/* Looks up `name` on a new context. The whole journal must be `outcome`. Returns the number of
 * queries. */
static unsigned queries_for(const char *name, const char *outcome)
{
  netmcu_t *ctx = loop_begin(NULL);
  clock_stop(ctx);
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  resolve(ctx, name);
  loop_run(ctx);
  expect_journal(outcome);
  assert_int_equal(dns_server_queries_not_for_a(dns), 0);
  unsigned queries = dns_server_queries(dns, NULL);
  dns_server_stop(dns);
  loop_end(ctx);
  return queries;
}

static void test_an_address(void **state)
{
  (void)state;
  assert_int_equal(queries_for("a.test", "lookup 0 192.0.2.1"), 1);
}

static void test_the_first_of_two_addresses(void **state)
{
  (void)state;
  assert_int_equal(queries_for("two.test", "lookup 0 192.0.2.1"), 1);
}

static void test_capitals_and_final_dot(void **state)
{
  (void)state;
  queries_for("A.TEST", "lookup 0 192.0.2.1");
  queries_for("a.test.", "lookup 0 192.0.2.1");
}

static void test_no_such_name(void **state)
{
  (void)state;
  queries_for("nx.test", "lookup -32 nil");
}

static void test_no_a_record(void **state)
{
  (void)state;
  queries_for("empty.test", "lookup -32 nil");
}

static void test_aliases(void **state)
{
  (void)state;
  queries_for("cname.test", "lookup 0 192.0.2.1");
}

static void test_an_alias_without_address(void **state)
{
  (void)state;
  queries_for("dangling.test", "lookup -32 nil");
}

static void test_aliases_in_a_circle(void **state)
{
  (void)state;
  assert_true(queries_for("circle.test", "lookup -32 nil") < 20);
}

static void test_truncated_then_tcp(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  clock_stop(ctx);
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  resolve(ctx, "big.test");
  loop_run(ctx);
  expect_journal("lookup 0 192.0.2.1");
  assert_int_equal(dns_server_queries_over_tcp(dns), 1);
  dns_server_stop(dns);
  loop_end(ctx);
}

/* Invalid answers are ignored; late answers are awaited. */
static void test_the_right_answer_among_wrong_ones(void **state)
{
  (void)state;
  queries_for("wrongida.test", "lookup 0 192.0.2.1");
  queries_for("late300.test", "lookup 0 192.0.2.1");
}

/* An answer counts only if the server that was asked has sent it. */
static void test_a_forged_answer(void **state)
{
  (void)state;
  queries_for("forged.test", "lookup 0 192.0.2.1");
}

/* A malformed answer neither ends a lookup nor makes it ask again: the right answer follows. */
static void test_garbage_before_the_answer(void **state)
{
  (void)state;
  static const char *const names[] = {"garbagea.test", "shorta.test", "pointera.test", "lengtha.test", "othera.test"};
  for (int i = 0; i < 5; i++)
    assert_int_equal(queries_for(names[i], "lookup 0 192.0.2.1"), 1);
}

/* A server tells us to ask again over TCP, and then refuses. This only affects the lookup that it
 * answered this way. */
static void test_truncated_without_tcp(void **state)
{
  (void)state;
  static char prefix[] = "other ";
  netmcu_t *ctx = loop_begin(NULL);
  clock_stop(ctx);
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  dns_server_refuse_tcp(dns);
  assert_int_equal(netmcu_resolve(ctx, "late300.test", journal_lookup, prefix, NULL), 0);
  resolve(ctx, "big.test");
  loop_run(ctx);
  expect_journal("lookup -32 nil, other lookup 0 192.0.2.1");
  assert_int_equal(dns_server_queries(dns, "late300.test"), 1);
  dns_server_stop(dns);
  loop_end(ctx);
}

static bool is_asked_over_tcp(void *dns)
{
  return dns_server_queries_over_tcp(dns) > 0;
}

static void test_cancelled_during_tcp(void **state)
{
  (void)state;
  netmcu_lookup *lookup;
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  assert_int_equal(netmcu_resolve(ctx, "stuck.test", journal_lookup, NULL, &lookup), 0);
  loop_until(ctx, is_asked_over_tcp, dns);
  netmcu_lookup_cancel(lookup);
  loop_run(ctx);
  expect_journal("");
  dns_server_stop(dns);
  loop_end(ctx);
}

static void test_the_context_closes_during_tcp(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  resolve(ctx, "stuck.test");
  loop_until(ctx, is_asked_over_tcp, dns);
  loop_files_may_differ();
  loop_close(ctx);
  expect_journal("");
  dns_server_stop(dns);
}

static void fail_somehow(const char *name)
{
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  resolve(ctx, name);
  loop_run(ctx);
  assert_true(strncmp(journal(), "lookup -", 8) == 0);
  assert_true(strstr(journal(), "nil") != NULL && strchr(journal(), ',') == NULL);
  forget_calls();
  dns_server_stop(dns);
  loop_end(ctx);
}

static void test_servers_that_refuse(void **state)
{
  (void)state;
  fail_somehow("servfail.test");
  fail_somehow("refused.test");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_an_address),
      own_loop(test_the_first_of_two_addresses),
      own_loop(test_capitals_and_final_dot),
      own_loop(test_no_such_name),
      own_loop(test_no_a_record),
      own_loop(test_aliases),
      own_loop(test_an_alias_without_address),
      own_loop(test_aliases_in_a_circle),
      both_loops(test_truncated_then_tcp),
      own_loop(test_the_right_answer_among_wrong_ones),
      own_loop(test_a_forged_answer),
      own_loop(test_garbage_before_the_answer),
      own_loop(test_truncated_without_tcp),
      both_loops(test_cancelled_during_tcp),
      both_loops(test_the_context_closes_during_tcp),
      own_loop(test_servers_that_refuse),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
