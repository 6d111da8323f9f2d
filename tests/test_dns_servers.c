/* The two servers: setting, reading, giving back; which is asked, and for how long. */
#include "dns_server.h"
#include "loop.h"
#include "peer.h"

static void test_set_and_get(void **state)
{
  (void)state;
  netmcu_address address;
  netmcu_t *ctx = loop_begin(NULL);
  for (int index = 0; index < 2; index++) {
    assert_int_equal(netmcu_dns_set_server(ctx, index, "192.0.2.53"), 0);
    assert_int_equal(netmcu_dns_get_server(ctx, index, &address), 0);
    assert_int_equal(address.ip[0], 192);
    assert_int_equal(address.ip[3], 53);
    assert_int_equal(address.port, 53);
    assert_int_equal(netmcu_dns_set_server(ctx, index, "127.0.0.9:5353"), 0);
    assert_int_equal(netmcu_dns_get_server(ctx, index, &address), 0);
    assert_int_equal(address.ip[3], 9);
    assert_int_equal(address.port, 5353);
  }
  loop_end(ctx);
}

static void test_what_is_refused(void **state)
{
  (void)state;
  static const char *const wrong[] = {"",
                                      "x",
                                      "0.0.0.0",
                                      "255.255.255.255",
                                      "1.2.3.4:",
                                      "1.2.3.4:0",
                                      "1.2.3.4:x",
                                      "1.2.3.4:65536",
                                      "1.2.3.4:-1",
                                      "1.2.3.4:53x",
                                      ":53",
                                      "1.2.3.256",
                                      "::1",
                                      "[::1]:53",
                                      "1.2.3.4: 53",
                                      "1.2.3.4:53:53",
                                      "dns.test",
                                      "1.2.3.4:99999999999",
                                      "0.0.0.0:53"};
  netmcu_address before, after;
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_dns_set_server(ctx, 0, "192.0.2.53"), 0);
  netmcu_dns_get_server(ctx, 0, &before);
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    if (netmcu_dns_set_server(ctx, 0, wrong[i]) != NETMCU_EVALUE)
      fail_msg("\"%s\" is no server", wrong[i]);
  static const int indices[] = {-1, 2, 3, INT32_MAX, INT32_MIN};
  for (size_t i = 0; i < 5; i++) {
    assert_int_equal(netmcu_dns_set_server(ctx, indices[i], "192.0.2.53"), NETMCU_EARGUMENT);
    assert_int_equal(netmcu_dns_get_server(ctx, indices[i], &after), NETMCU_EARGUMENT);
  }
  assert_int_equal(netmcu_dns_get_server(ctx, 0, &after), 0);
  assert_memory_equal(before.ip, after.ip, 4);
  loop_end(ctx);
}

/* Without one set, it is the system's or 208.67.222.222, never none. */
static void test_given_back(void **state)
{
  (void)state;
  netmcu_address before, after;
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_dns_get_server(ctx, 0, &before), 0);
  assert_true(before.port != 0);
  assert_int_equal(netmcu_dns_set_server(ctx, 0, "192.0.2.53"), 0);
  assert_int_equal(netmcu_dns_set_server(ctx, 0, NULL), 0);
  assert_int_equal(netmcu_dns_get_server(ctx, 0, &after), 0);
  assert_memory_equal(before.ip, after.ip, 4);
  assert_int_equal(before.port, after.port);
  loop_end(ctx);
}

/* Another server counts for the next lookup; the one under way keeps its own. */
static void test_acts_on_the_next_lookup(void **state)
{
  (void)state;
  static char prefix_first[] = "first ", prefix_second[] = "second ";
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *first = dns_server_start(), *second = dns_server_start();
  dns_server_use(first, ctx);
  netmcu_resolve(ctx, "late100.test", journal_lookup, prefix_first, NULL);
  loop_turns(ctx, 3);
  dns_server_use(second, ctx);
  netmcu_resolve(ctx, "b.test", journal_lookup, prefix_second, NULL);
  loop_run(ctx);
  expect_journal("second lookup 0 192.0.2.2, first lookup 0 192.0.2.1");
  assert_int_equal(dns_server_queries(first, NULL), 1);
  assert_int_equal(dns_server_queries(second, NULL), 1);
  dns_server_stop(first);
  dns_server_stop(second);
  loop_end(ctx);
}

static netmcu_t *context;
static dns_server *other;

static void change_in_callback(void *data, int error, const char *ip)
{
  journal_lookup(data, error, ip);
  dns_server_use(other, context);
  assert_int_equal(netmcu_resolve(context, "b.test", journal_lookup, NULL, NULL), 0);
}

static void test_changed_in_the_callback(void **state)
{
  (void)state;
  dns_server *dns = dns_server_start();
  context = loop_begin(NULL);
  loop_files_may_differ();
  other = dns_server_start();
  dns_server_use(dns, context);
  netmcu_resolve(context, "a.test", change_in_callback, NULL, NULL);
  loop_run(context);
  expect_journal("lookup 0 192.0.2.1, lookup 0 192.0.2.2");
  assert_int_equal(dns_server_queries(other, "b.test"), 1);
  dns_server_stop(dns);
  dns_server_stop(other);
  loop_end(context);
}

/* Nobody listens at the first: the second is asked. */
static void test_the_second_is_asked_where_the_first_is_not_there(void **state)
{
  (void)state;
  char gone[32];
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  snprintf(gone, sizeof gone, "127.0.0.1:%d", peer_closed_port());
  assert_int_equal(netmcu_dns_set_server(ctx, 0, gone), 0);
  assert_int_equal(netmcu_dns_set_server(ctx, 1, dns_server_text(dns)), 0);
  netmcu_resolve(ctx, "a.test", journal_lookup, NULL, NULL);
  loop_run(ctx);
  expect_journal("lookup 0 192.0.2.1");
  dns_server_stop(dns);
  loop_end(ctx);
}

static void test_the_second_is_asked_where_the_first_fails(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  netmcu_resolve(ctx, "servfail.test", journal_lookup, NULL, NULL);
  loop_run(ctx);
  assert_true(strncmp(journal(), "lookup -", 8) == 0);
  assert_true(dns_server_queries(dns, "servfail.test") >= 2);
  forget_calls();
  dns_server_stop(dns);
  loop_end(ctx);
}

/* All kinds of silence at once, since each takes long: an end within 14 s. */
static void test_no_server_answers(void **state)
{
  (void)state;
  static char names[][16] = {"silent.test", "garbage.test", "wrongid.test"};
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  for (int i = 0; i < 3; i++)
    assert_int_equal(netmcu_resolve(ctx, names[i], journal_lookup, names[i], NULL), 0);
  double started = loop_milliseconds();
  loop_run(ctx);
  double elapsed = loop_milliseconds() - started;
  assert_true(elapsed > 1000);
  assert_true(elapsed < 14300);
  assert_true(calls("silent.testlookup -3 nil") == 1);
  assert_true(calls("wrongid.testlookup -3 nil") == 1);
  assert_non_null(strstr(journal(), "garbage.testlookup -"));
  assert_true(dns_server_queries(dns, "silent.test") >= 2);
  forget_calls();
  dns_server_stop(dns);
  loop_end(ctx);
}

/* An answer that comes after the lookup was given up disturbs nobody. */
static void test_an_answer_after_the_end(void **state)
{
  (void)state;
  netmcu_lookup *lookup;
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  assert_int_equal(netmcu_resolve(ctx, "late50.test", journal_lookup, NULL, &lookup), 0);
  loop_turns(ctx, 5);
  netmcu_lookup_cancel(lookup);
  assert_int_equal(netmcu_resolve(ctx, "late100.test", journal_lookup, NULL, NULL), 0);
  loop_run(ctx);
  expect_journal("lookup 0 192.0.2.1");
  dns_server_stop(dns);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_set_and_get),
      own_loop(test_what_is_refused),
      own_loop(test_given_back),
      own_loop(test_acts_on_the_next_lookup),
      own_loop(test_changed_in_the_callback),
      own_loop(test_the_second_is_asked_where_the_first_is_not_there),
      own_loop(test_the_second_is_asked_where_the_first_fails),
      own_loop(test_no_server_answers),
      own_loop(test_an_answer_after_the_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
