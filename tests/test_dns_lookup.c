/* Lookups: names that need no query, many at once, cancelling, and that nothing is active when they
 * are done. No time passes, so a query that was lost, or a wait for nothing, would never end. */
#include "clock.h"
#include "dns_server.h"

static netmcu_t *begin(dns_server **dns)
{
  netmcu_t *ctx = loop_begin(NULL);
  clock_stop(ctx);
  *dns = dns_server_start();
  dns_server_use(*dns, ctx);
  return ctx;
}

static void end(netmcu_t *ctx, dns_server *dns)
{
  dns_server_stop(dns);
  loop_end(ctx);
}

static void test_literals_need_no_query(void **state)
{
  (void)state;
  dns_server *dns;
  netmcu_t *ctx = begin(&dns);
  assert_int_equal(netmcu_resolve(ctx, "192.0.2.77", journal_lookup, NULL, NULL), 0);
  assert_int_equal(netmcu_resolve(ctx, "127.1", journal_lookup, NULL, NULL), 0);
  expect_journal("");
  loop_run(ctx);
  expect_journal("lookup 0 192.0.2.77, lookup 0 127.0.0.1");
  assert_int_equal(dns_server_queries(dns, NULL), 0);
  end(ctx, dns);
}

static void test_the_hosts_file_needs_no_query(void **state)
{
  (void)state;
  dns_server *dns;
  netmcu_t *ctx = begin(&dns);
  assert_int_equal(netmcu_resolve(ctx, "localhost", journal_lookup, NULL, NULL), 0);
  expect_journal("");
  loop_run(ctx);
  expect_journal("lookup 0 127.0.0.1");
  assert_int_equal(dns_server_queries(dns, NULL), 0);
  end(ctx, dns);
}

static void test_malformed_names(void **state)
{
  (void)state;
  static const char *const malformed[] = {"", ".", "..", "a..b", ".a", "a b", "a\nb", "a\x7f", "\x01"};
  netmcu_lookup *lookup;
  char name[300];
  netmcu_t *ctx = loop_begin(NULL);
  for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
    if (netmcu_resolve(ctx, malformed[i], journal_lookup, NULL, &lookup) != NETMCU_EARGUMENT)
      fail_msg("\"%s\" is malformed", malformed[i]);
  memset(name, 'a', sizeof name);
  for (size_t i = 60; i < sizeof name; i += 60)
    name[i] = '.';
  name[255] = 0;
  assert_int_equal(netmcu_resolve(ctx, name, journal_lookup, NULL, &lookup), NETMCU_EARGUMENT);
  name[254] = 0;
  assert_int_equal(netmcu_resolve(ctx, name, journal_lookup, NULL, &lookup), NETMCU_EARGUMENT);
  name[64] = 0;
  memset(name, 'a', 64);
  assert_int_equal(netmcu_resolve(ctx, name, journal_lookup, NULL, &lookup), NETMCU_EARGUMENT);
  loop_end(ctx);
}

static void test_the_longest_name(void **state)
{
  (void)state;
  char name[254];
  dns_server *dns;
  netmcu_t *ctx = begin(&dns);
  memset(name, 'a', 253);
  for (size_t i = 63; i < 253; i += 64)
    name[i] = '.';
  name[253] = 0;
  assert_int_equal(netmcu_resolve(ctx, name, journal_lookup, NULL, NULL), 0);
  memset(name, 'b', 100);
  loop_run(ctx);
  expect_journal("lookup -32 nil");
  end(ctx, dns);
}

#define MANY 1000

static unsigned answers;

static void check_number(void *data, int error, const netmcu_address *addresses, size_t count)
{
  const char *ip = loop_ip(count > 0 ? addresses : NULL);
  unsigned number = *(unsigned *)data;
  char expected[32];
  snprintf(expected, sizeof expected, "10.0.%u.%u", number >> 8, number & 255);
  assert_int_equal(error, 0);
  assert_string_equal(ip, expected);
  answers++;
}

static void test_many_at_once(void **state)
{
  (void)state;
  static unsigned numbers[MANY];
  dns_server *dns;
  char name[32];
  netmcu_t *ctx = begin(&dns);
  answers = 0;
  for (unsigned i = 0; i < MANY; i++) {
    numbers[i] = i;
    snprintf(name, sizeof name, "n%u.test", i);
    assert_int_equal(netmcu_resolve(ctx, name, check_number, &numbers[i], NULL), 0);
  }
  loop_run(ctx);
  assert_int_equal(answers, MANY);
  assert_true(loop_warnings(NETMCU_D_DNS_QUERIES) > 0);
  assert_int_equal(dns_server_queries(dns, NULL), MANY);
  end(ctx, dns);
}

/* ---- cancelling ------------------------------------------------------------------------------------------------ */

static void test_cancel(void **state)
{
  (void)state;
  static const char *const names[] = {"a.test", "silent.test", "localhost", "192.0.2.9"};
  netmcu_lookup *lookup;
  dns_server *dns;
  netmcu_t *ctx = begin(&dns);
  for (int i = 0; i < 8; i++) {
    assert_int_equal(netmcu_resolve(ctx, names[i % 4], journal_lookup, NULL, &lookup), 0);
    if (i >= 4 && i % 4 == 1)
      loop_turns(ctx, 3);
    netmcu_lookup_cancel(lookup);
  }
  loop_run(ctx);
  expect_journal("");
  end(ctx, dns);
}

static void test_cancel_one_of_several(void **state)
{
  (void)state;
  static char prefix_1[] = "1 ", prefix_2[] = "2 ", prefix_3[] = "3 ";
  netmcu_lookup *lookups[3];
  dns_server *dns;
  netmcu_t *ctx = begin(&dns);
  assert_int_equal(netmcu_resolve(ctx, "a.test", journal_lookup, prefix_1, &lookups[0]), 0);
  assert_int_equal(netmcu_resolve(ctx, "silent.test", journal_lookup, prefix_2, &lookups[1]), 0);
  assert_int_equal(netmcu_resolve(ctx, "late50.test", journal_lookup, prefix_3, &lookups[2]), 0);
  netmcu_lookup_cancel(lookups[1]);
  loop_run(ctx);
  expect_journal("1 lookup 0 192.0.2.1, 3 lookup 0 192.0.2.1");
  end(ctx, dns);
}

static netmcu_lookup *other;

static void cancel_the_other(void *data, int error, const netmcu_address *addresses, size_t count)
{
  journal_lookup(data, error, addresses, count);
  netmcu_lookup_cancel(other);
}

static void test_cancel_another_in_the_callback(void **state)
{
  (void)state;
  static const char *const names[] = {"a.test", "localhost", "127.0.0.1"};
  static char prefix[] = "other ";
  dns_server *dns;
  netmcu_t *ctx = begin(&dns);
  for (int i = 0; i < 9; i++) {
    assert_int_equal(netmcu_resolve(ctx, names[i % 3], cancel_the_other, NULL, NULL), 0);
    assert_int_equal(netmcu_resolve(ctx,
                                    i < 3   ? "silent.test"
                                    : i < 6 ? "late50.test"
                                            : names[i % 3],
                                    journal_lookup, prefix, &other),
                     0);
    /* By now both lookups must have an answer, in this order. */
    loop_run(ctx);
    assert_null(strstr(journal(), "other"));
    forget_calls();
  }
  end(ctx, dns);
}

static netmcu_t *context;

static void resolve_again(void *data, int error, const netmcu_address *addresses, size_t count)
{
  static const char *const names[] = {"n2.test", "a.test", "n4.test", "nx.test"};
  static int next;
  journal_lookup(data, error, addresses, count);
  if (next < 4)
    assert_int_equal(netmcu_resolve(context, names[next++], resolve_again, NULL, NULL), 0);
}

static void test_resolve_in_the_callback(void **state)
{
  (void)state;
  dns_server *dns;
  context = begin(&dns);
  assert_int_equal(netmcu_resolve(context, "n1.test", resolve_again, NULL, NULL), 0);
  loop_run(context);
  expect_journal("lookup 0 10.0.0.1, lookup 0 10.0.0.2, lookup 0 192.0.2.1, lookup 0 10.0.0.4, lookup -32 nil");
  assert_int_equal(dns_server_queries(dns, NULL), 5);
  end(context, dns);
}

static void test_the_context_closes_meanwhile(void **state)
{
  (void)state;
  dns_server *dns;
  netmcu_lookup *lookup;
  netmcu_t *ctx = begin(&dns);
  netmcu_resolve(ctx, "silent.test", journal_lookup, NULL, NULL);
  netmcu_resolve(ctx, "a.test", journal_lookup, NULL, &lookup);
  netmcu_resolve(ctx, "127.0.0.1", journal_lookup, NULL, NULL);
  netmcu_resolve(ctx, "localhost", journal_lookup, NULL, NULL);
  netmcu_lookup_cancel(lookup);
  loop_files_may_differ();
  loop_close(ctx);
  expect_journal("");
  dns_server_stop(dns);
}

/* Looking up the same name twice makes two lookups. */
static void test_the_same_name_twice(void **state)
{
  (void)state;
  dns_server *dns;
  netmcu_t *ctx = begin(&dns);
  netmcu_resolve(ctx, "a.test", journal_lookup, NULL, NULL);
  netmcu_resolve(ctx, "a.test", journal_lookup, NULL, NULL);
  loop_run(ctx);
  expect_journal("lookup 0 192.0.2.1, lookup 0 192.0.2.1");
  end(ctx, dns);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_literals_need_no_query), own_loop(test_the_hosts_file_needs_no_query),
      own_loop(test_malformed_names),          own_loop(test_the_longest_name),
      both_loops(test_many_at_once),           both_loops(test_cancel),
      own_loop(test_cancel_one_of_several),    own_loop(test_cancel_another_in_the_callback),
      own_loop(test_resolve_in_the_callback),  both_loops(test_the_context_closes_meanwhile),
      own_loop(test_the_same_name_twice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
