/* Answers are kept for the time that they state: the same name needs no further query. */
#include "dns_server.h"
#include "loop.h"

static netmcu_t *begin(dns_server **dns)
{
  netmcu_t *ctx = loop_begin(NULL);
  *dns = dns_server_start();
  dns_server_use(*dns, ctx);
  return ctx;
}

static void end(netmcu_t *ctx, dns_server *dns)
{
  dns_server_stop(dns);
  loop_end(ctx);
}

static void resolve(netmcu_t *ctx, const char *name, const char *outcome)
{
  assert_int_equal(netmcu_resolve(ctx, name, journal_lookup, NULL, NULL), 0);
  expect_journal("");
  loop_run(ctx);
  expect_journal(outcome);
}

static void test_an_answer_is_kept(void **state)
{
  (void)state;
  dns_server *dns;
  netmcu_t *ctx = begin(&dns);
  static const char *const names[] = {"a.test", "a.test", "A.Test", "a.test."};
  for (int i = 0; i < 4; i++)
    resolve(ctx, names[i], "lookup 0 192.0.2.1");
  resolve(ctx, "b.test", "lookup 0 192.0.2.2");
  resolve(ctx, "a.test", "lookup 0 192.0.2.1");
  assert_int_equal(dns_server_queries(dns, "a.test"), 1);
  assert_int_equal(dns_server_queries(dns, NULL), 2);
  end(ctx, dns);
}

static void test_an_alias_is_kept(void **state)
{
  (void)state;
  dns_server *dns;
  netmcu_t *ctx = begin(&dns);
  resolve(ctx, "cname.test", "lookup 0 192.0.2.1");
  resolve(ctx, "cname.test", "lookup 0 192.0.2.1");
  assert_int_equal(dns_server_queries(dns, NULL), 1);
  end(ctx, dns);
}

static void test_not_longer_than_it_says(void **state)
{
  (void)state;
  dns_server *dns;
  netmcu_t *ctx = begin(&dns);
  for (int i = 0; i < 2; i++)
    resolve(ctx, "ttl0.test", "lookup 0 192.0.2.1");
  assert_int_equal(dns_server_queries(dns, "ttl0.test"), 2);
  resolve(ctx, "ttl1.test", "lookup 0 192.0.2.1");
  uv_sleep(1001); /* the answer is valid for one second */
  uv_update_time(netmcu_get_loop(ctx));
  resolve(ctx, "ttl1.test", "lookup 0 192.0.2.1");
  assert_int_equal(dns_server_queries(dns, "ttl1.test"), 2);
  end(ctx, dns);
}

static void test_what_is_not_found_is_not_kept(void **state)
{
  (void)state;
  dns_server *dns;
  netmcu_t *ctx = begin(&dns);
  for (int i = 0; i < 2; i++) {
    resolve(ctx, "nx.test", "lookup -32 nil");
    resolve(ctx, "empty.test", "lookup -32 nil");
  }
  assert_int_equal(dns_server_queries(dns, NULL), 4);
  end(ctx, dns);
}

/* Another server may know the name by another address. */
static void test_another_server_is_asked(void **state)
{
  (void)state;
  dns_server *dns;
  netmcu_t *ctx = begin(&dns);
  dns_server *other = dns_server_start();
  resolve(ctx, "a.test", "lookup 0 192.0.2.1");
  assert_int_equal(netmcu_dns_set_server(ctx, 0, dns_server_text(dns)), 0); /* the first server again */
  resolve(ctx, "a.test", "lookup 0 192.0.2.1");
  assert_int_equal(dns_server_queries(dns, NULL), 1);
  dns_server_use(other, ctx);
  resolve(ctx, "a.test", "lookup 0 192.0.2.1");
  assert_int_equal(dns_server_queries(other, "a.test"), 1);
  dns_server_use(dns, ctx);
  resolve(ctx, "a.test", "lookup 0 192.0.2.1");
  assert_int_equal(dns_server_queries(dns, "a.test"), 2);
  /* An answer from a server that is no longer in force is not kept. */
  assert_int_equal(netmcu_resolve(ctx, "late50.test", journal_lookup, NULL, NULL), 0);
  loop_turns(ctx, 3);
  dns_server_use(other, ctx);
  assert_int_equal(netmcu_resolve(ctx, "b.test", journal_lookup, NULL, NULL), 0);
  loop_run(ctx);
  assert_int_equal(calls("lookup 0 192.0.2.1"), 1); /* which of the two comes first depends on the machine */
  assert_int_equal(calls("lookup 0 192.0.2.2"), 1);
  forget_calls();
  resolve(ctx, "late50.test", "lookup 0 192.0.2.1");
  assert_int_equal(dns_server_queries(other, "late50.test"), 1);
  dns_server_stop(other);
  end(ctx, dns);
}

/* There is room for a limited number of names; the oldest are forgotten first. */
static void test_many_names(void **state)
{
  (void)state;
  char name[32], outcome[64];
  dns_server *dns;
  netmcu_t *ctx = begin(&dns);
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < 200; i++) {
      snprintf(name, sizeof name, "n%d.test", i);
      snprintf(outcome, sizeof outcome, "lookup 0 10.0.0.%d", i);
      resolve(ctx, name, outcome);
    }
  assert_int_equal(dns_server_queries(dns, NULL), 400);
  resolve(ctx, "n199.test", "lookup 0 10.0.0.199");
  assert_int_equal(dns_server_queries(dns, NULL), 400);
  end(ctx, dns);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_an_answer_is_kept),     own_loop(test_an_alias_is_kept),
      own_loop(test_not_longer_than_it_says), own_loop(test_what_is_not_found_is_not_kept),
      own_loop(test_another_server_is_asked), own_loop(test_many_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
