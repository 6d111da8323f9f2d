/* The two servers: setting, reading and restoring them, which one is asked, and for how long. */
#include <unistd.h>

#include "clock.h"
#include "dns_server.h"
#include "peer.h"

#include "stack/system.h"

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
                                      "::",
                                      "[::1]:0",
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

/* Without a server that was set, the system's server or 208.67.222.222 is in force. */
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

/* Another server applies from the next lookup on; a pending lookup keeps its server. */
static void test_acts_on_the_next_lookup(void **state)
{
  (void)state;
  static char prefix_first[] = "first ", prefix_second[] = "second ";
  netmcu_t *ctx = loop_begin(NULL);
  clock_stop(ctx);
  dns_server *first = dns_server_start(), *second = dns_server_start();
  dns_server_use(first, ctx);
  netmcu_resolve(ctx, "late100.test", journal_lookup, prefix_first, NULL);
  loop_turns(ctx, 3);
  dns_server_use(second, ctx);
  netmcu_resolve(ctx, "b.test", journal_lookup, prefix_second, NULL);
  expect_calls("first lookup 0 192.0.2.1", 1);
  expect_calls("second lookup 0 192.0.2.2", 1);
  loop_run(ctx);
  assert_int_equal(dns_server_queries(first, NULL), 1);
  assert_int_equal(dns_server_queries(second, NULL), 1);
  dns_server_stop(first);
  dns_server_stop(second);
  loop_end(ctx);
}

static netmcu_t *context;
static dns_server *other;

static void change_in_callback(void *data, int error, const netmcu_address *addresses, size_t count)
{
  journal_lookup(data, error, addresses, count);
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

static void write_configuration(const char *path, const char *text)
{
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_int_equal(fputs(text, file) < 0, 0);
  assert_int_equal(fclose(file), 0);
}

static void expect_server(netmcu_t *ctx, int index, const char *expected)
{
  netmcu_address address;
  char ip[NETMCU_IP_SIZE];
  int error = netmcu_dns_get_server(ctx, index, &address);
  assert_int_equal(error, expected ? 0 : NETMCU_ENOTFOUND);
  if (expected) {
    assert_string_equal(netmcu_ip_format(&address, ip), expected);
    assert_int_equal(address.port, 53);
  }
}

/* The first two servers of the system's configuration, which is read again when it has changed. */
static void test_the_system_s_servers(void **state)
{
  (void)state;
  static const struct {
    const char *text, *first, *second;
  } files[] = {
      {"# by hand\nnameserver 192.0.2.1\nsearch example\nnameserver\t192.0.2.2 \nnameserver 192.0.2.3\n", "192.0.2.1",
       "192.0.2.2"},
      {"nameserver 192.0.2.9", "192.0.2.9", NULL},
      {"nameserver 2001:db8::1\nnameserver 192.0.2.4\n", "2001:db8::1", "192.0.2.4"},
      {"nameserver fe80::1%none\r\nnameserver 192.0.2.5\r\n", "192.0.2.5", NULL},
      {"nameserver 2001:db8::1\nnameserver 192.0.2.1\nnameserver 2001:db8::2\nnameserver 192.0.2.2\n", "2001:db8::1",
       "192.0.2.1"},
      {"nameserver 2001:db8::1\n", "2001:db8::1", NULL},
      {"; nameserver 192.0.2.1\n nameserver 192.0.2.2\nnameservers 192.0.2.3\nnameserver\nnameserver x\n"
       "nameserver 1.2.3.256\nnameserver 192.0.2.6\n",
       "192.0.2.6", NULL},
      {"", "208.67.222.222", NULL},
      {"nameserver\n", "208.67.222.222", NULL},
  };
  char path[] = "/tmp/netmcu-resolv-XXXXXX", line[1024];
#ifdef _WIN32
  skip(); /* Windows keeps them in the registry */
#endif
  netmcu_t *ctx = loop_begin(NULL);
  close(mkstemp(path));
  netmcu__system_of(netmcu__stack_of(ctx))->configuration.path = path;
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    write_configuration(path, files[i].text);
    uv_sleep(2); /* the file is checked once in a millisecond */
    uv_update_time(netmcu_get_loop(ctx));
    expect_server(ctx, 0, files[i].first);
    expect_server(ctx, 1, files[i].second);
  }
  memset(line, 'x', sizeof line);
  strcpy(line + 500, "nameserver 192.0.2.1\nnameserver 192.0.2.7\n");
  write_configuration(path, line);
  uv_sleep(2);
  uv_update_time(netmcu_get_loop(ctx));
  expect_server(ctx, 0, "192.0.2.7");
  unlink(path);
  uv_sleep(2);
  uv_update_time(netmcu_get_loop(ctx));
  expect_server(ctx, 0, "208.67.222.222");
  assert_int_equal(netmcu_dns_set_server(ctx, 1, "192.0.2.8"), 0);
  expect_server(ctx, 1, "192.0.2.8");
  loop_end(ctx);
}

/* Nobody listens at the first server, so the second is asked. */
static void test_the_second_is_asked_where_the_first_is_not_there(void **state)
{
  (void)state;
  char gone[32];
  netmcu_t *ctx = loop_begin(NULL);
  dns_server *dns = dns_server_start();
  snprintf(gone, sizeof gone, "127.0.0.1:%d", PEER_CLOSED_PORT);
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

static bool is_asked(void *server)
{
  return dns_server_queries(server, NULL) > 0;
}

static bool has_two_queries(void *server)
{
  return dns_server_queries(server, NULL) == 2;
}

static bool has_all_queries(void *server)
{
  return dns_server_queries(server, NULL) == 4;
}

/* All kinds of silence. Each lookup ends after 12 to 14 s. */
static void test_no_server_answers(void **state)
{
  (void)state;
  static const char *const names[] = {"silent.test",  "garbage.test", "wrongid.test", "short.test",
                                      "pointer.test", "length.test",  "other.test"};
  for (int i = 0; i < 7; i++) {
    unsigned seconds = 0;
    netmcu_t *ctx = loop_begin(NULL);
    clock_stop(ctx);
    dns_server *dns = dns_server_start();
    dns_server_use(dns, ctx);
    assert_int_equal(netmcu_resolve(ctx, names[i], journal_lookup, NULL, NULL), 0);
    loop_until(ctx, is_asked, dns);
    for (; calls("lookup -3 nil") == 0 && seconds < 20; seconds++)
      clock_pass(ctx, 1000);
    assert_between(seconds, 12, 14);
    expect_journal("lookup -3 nil");
    loop_until(ctx, has_all_queries, dns);
    dns_server_stop(dns);
    loop_end(ctx);
  }
}

/* It does not matter how fast a server was, or how often it was silent: each lookup asks the first
 * server first, and waits two seconds for it. */
static void test_what_a_server_did_before_does_not_matter(void **state)
{
  (void)state;
  char text[32];
  netmcu_t *ctx = loop_begin(NULL);
  clock_stop(ctx);
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  for (int i = 0; i < 20; i++) {
    snprintf(text, sizeof text, "n%d.test", i);
    netmcu_resolve(ctx, text, journal_lookup, NULL, NULL);
    loop_run(ctx);
  }
  forget_calls();
  netmcu_resolve(ctx, "late50.test", journal_lookup, NULL, NULL);
  clock_pass(ctx, 1998);
  loop_run(ctx);
  expect_journal("lookup 0 192.0.2.1");
  assert_int_equal(dns_server_queries(dns, "late50.test"), 1);

  dns_server *silent = dns_server_start();
  dns_server_fall_silent(silent);
  assert_int_equal(netmcu_dns_set_server(ctx, 0, dns_server_text(silent)), 0);
  for (int i = 0; i < 2; i++) {
    const char *name = i ? "b.test" : "a.test";
    netmcu_resolve(ctx, name, journal_lookup, NULL, NULL);
    clock_pass(ctx, 1998);
    assert_int_equal(dns_server_queries(dns, name), 0);
    clock_pass(ctx, 3);
    loop_run(ctx);
  }
  expect_journal("lookup 0 192.0.2.1, lookup 0 192.0.2.2");
  loop_until(ctx, has_two_queries, silent);
  dns_server_stop(silent);
  dns_server_stop(dns);
  loop_end(ctx);
}

/* An answer that arrives after the lookup was given up has no effect. */
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
      own_loop(test_the_system_s_servers),
      own_loop(test_acts_on_the_next_lookup),
      own_loop(test_changed_in_the_callback),
      own_loop(test_the_second_is_asked_where_the_first_is_not_there),
      own_loop(test_the_second_is_asked_where_the_first_fails),
      own_loop(test_no_server_answers),
      own_loop(test_what_a_server_did_before_does_not_matter),
      own_loop(test_an_answer_after_the_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
