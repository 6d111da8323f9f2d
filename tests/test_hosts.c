/* The hosts file: the meaning of its lines, harmless bad lines, changes of the file, and lookups
 * that use it. */
#include <unistd.h>

#include "dns_server.h"
#include "dns/hosts.h"
#include "stack/stack.h"
#include "loop.h"

#define FILE_NAME "hosts.txt"

static netmcu_t *ctx;
static netmcu__hosts *hosts;

static void write_bytes(const char *text, size_t size)
{
  FILE *file = fopen(FILE_NAME, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, size, file), size);
  fclose(file);
}

static void begin(const char *text)
{
  remove(FILE_NAME);
  if (text)
    write_bytes(text, strlen(text));
  ctx = loop_begin(NULL);
  hosts = netmcu__hosts_new(ctx, FILE_NAME);
  assert_non_null(hosts);
}

static void end(void)
{
  netmcu__hosts_free(hosts);
  loop_end(ctx);
  remove(FILE_NAME);
}

static void next_millisecond(void)
{
  uint64_t now = uv_now(netmcu_get_loop(ctx));
  while (uv_now(netmcu_get_loop(ctx)) == now)
    uv_update_time(netmcu_get_loop(ctx));
}

/* `ip` NULL: the file does not have the name. */
static void assert_host(const char *name, const char *ip)
{
  netmcu_address address = {.port = 0};
  char text[NETMCU_IP_SIZE];
  unsigned count;
  int error = netmcu__hosts_find(hosts, name, NETMCU_IPV4, &address, 1, &count);
  if (ip == NULL && error != NETMCU_ENOTFOUND)
    fail_msg("%s: %d %s", name, error, netmcu_ip_format(&address, text));
  if (ip && (error || strcmp(netmcu_ip_format(&address, text), ip) != 0))
    fail_msg("%s: %d %s, expected %s", name, error, netmcu_ip_format(&address, text), ip);
}

static void test_names_and_aliases(void **state)
{
  (void)state;
  begin("127.0.0.1 localhost\n"
        "192.0.2.1\tnas nas.lan  \t store\n"
        "\n"
        "  192.0.2.2 printer");
  assert_host("localhost", "127.0.0.1");
  assert_host("nas", "192.0.2.1");
  assert_host("nas.lan", "192.0.2.1");
  assert_host("store", "192.0.2.1");
  assert_host("printer", "192.0.2.2");
  assert_host("na", NULL);
  assert_host("nas.la", NULL);
  assert_host("lan", NULL);
  assert_host("192.0.2.1", NULL);
  end();
}

static void test_case_and_the_last_dot(void **state)
{
  (void)state;
  begin("192.0.2.1 Nas.LAN\n192.0.2.2 dotted.\n");
  assert_host("nas.lan", "192.0.2.1");
  assert_host("NAS.lan.", "192.0.2.1");
  assert_host("dotted", "192.0.2.2");
  assert_host("dotted.", "192.0.2.2");
  assert_host(".", NULL);
  assert_host("", NULL);
  end();
}

static void test_comments_and_line_ends(void **state)
{
  (void)state;
  begin("# 192.0.2.9 comment\r\n"
        "192.0.2.1 windows\r\n"
        "192.0.2.2 before#after 192.0.2.9\n"
        "192.0.2.3 a # b\n"
        "#\n"
        "192.0.2.4 last\r");
  assert_host("comment", NULL);
  assert_host("windows", "192.0.2.1");
  assert_host("before", "192.0.2.2");
  assert_host("after", NULL);
  assert_host("a", "192.0.2.3");
  assert_host("b", NULL);
  assert_host("last", "192.0.2.4");
  end();
}

static void test_the_first_of_several(void **state)
{
  (void)state;
  begin("192.0.2.5 b twice\n192.0.2.1 a twice\n192.0.2.3 twice c twice\n");
  assert_host("twice", "192.0.2.5");
  assert_host("a", "192.0.2.1");
  assert_host("b", "192.0.2.5");
  assert_host("c", "192.0.2.3");
  end();
}

static void test_addresses_of_ipv4(void **state)
{
  (void)state;
  begin("::1 localhost ip6-localhost\nfe80::1%eth0 link\n2001:db8::1 both\n192.0.2.1 both\n::ffff:192.0.2.2 mapped\n");
  assert_host("ip6-localhost", NULL);
  assert_host("link", NULL);
  assert_host("both", "192.0.2.1");
  assert_host("mapped", "192.0.2.2");
  assert_host("localhost", "127.0.0.1");
  end();
}

static void test_localhost_without_an_entry(void **state)
{
  (void)state;
  begin(NULL);
  assert_host("localhost", "127.0.0.1");
  assert_host("LocalHost.", "127.0.0.1");
  assert_host("app.localhost", "127.0.0.1");
  assert_host("notlocalhost", NULL);
  assert_host("localhost.example", NULL);
  write_bytes("192.0.2.1 localhost app.localhost\n", 34);
  next_millisecond();
  assert_host("localhost", "192.0.2.1");
  assert_host("app.localhost", "192.0.2.1");
  assert_host("other.localhost", "127.0.0.1");
  end();
}

static void test_bad_lines_do_no_harm(void **state)
{
  (void)state;
  static const char text[] =
      "192.0.2 short\n192.0.2.256 large\n192.0.2.1.1 long\n0x7f.1 hexadecimal\n2130706433 number\n"
      "-1 minus\nname\n192.0.2.1\n192.0.2.2\t \n nobody 192.0.2.3\n"
      "\0\0"
      "192.0.2.4\0after\0nul\0\n\xff\xfe\x80 \xff\n192.0.2.5 \xff\xfe good\n192.0.2.6 \x01\n\n\n";
  begin(NULL);
  write_bytes(text, sizeof text - 1);
  assert_host("short", NULL);
  assert_host("large", NULL);
  assert_host("long", NULL);
  assert_host("hexadecimal", NULL);
  assert_host("number", NULL);
  assert_host("minus", NULL);
  assert_host("192.0.2.1", NULL);
  assert_host("192.0.2.3", NULL);
  assert_host("after", "192.0.2.4");
  assert_host("nul", "192.0.2.4");
  assert_host("good", "192.0.2.5");
  end();
}

static void test_very_long_lines_and_names(void **state)
{
  (void)state;
  enum { LONG = 100000 };
  char *text = malloc(2 * LONG), name[300];
  assert_non_null(text);
  size_t size = (size_t)sprintf(text, "192.0.2.1 ");
  memset(text + size, 'a', LONG);
  size += LONG;
  size += (size_t)sprintf(text + size, " behind\n192.0.2.2");
  memset(text + size, ' ', 1000);
  size += 1000;
  size += (size_t)sprintf(text + size, "far\n");
  begin(NULL);
  write_bytes(text, size);
  assert_host("behind", "192.0.2.1");
  assert_host("far", "192.0.2.2");
  memset(name, 'a', sizeof name);
  name[sizeof name - 1] = '\0';
  assert_host(name, NULL);
  name[255] = '\0';
  assert_host(name, NULL);
  free(text);
  end();
}

static void test_many_names(void **state)
{
  (void)state;
  enum { MANY = 20000 };
  FILE *file = fopen(FILE_NAME, "w");
  char name[32], ip[32];
  assert_non_null(file);
  for (unsigned i = 0; i < MANY; i++)
    fprintf(file, "10.0.%u.%u h%u alias%u\n", i >> 8, i & 255, i * 7919 % MANY, i);
  fclose(file);
  ctx = loop_begin(NULL);
  hosts = netmcu__hosts_new(ctx, FILE_NAME);
  assert_non_null(hosts);
  for (unsigned i = 0; i < MANY; i += 97) {
    snprintf(ip, sizeof ip, "10.0.%u.%u", i >> 8, i & 255);
    snprintf(name, sizeof name, "H%u", i * 7919 % MANY);
    assert_host(name, ip);
    snprintf(name, sizeof name, "alias%u", i);
    assert_host(name, ip);
  }
  assert_host("h20000", NULL);
  end();
}

static void test_changes_are_seen(void **state)
{
  (void)state;
  begin("192.0.2.1 nas\n");
  assert_host("nas", "192.0.2.1");
  size_t allocations = loop_allocations();
  next_millisecond();
  assert_host("nas", "192.0.2.1");
  assert_int_equal(loop_allocations(), allocations); /* does not read an unchanged file again */
  write_bytes("192.0.2.33 nas\n", 15);
  next_millisecond();
  assert_host("nas", "192.0.2.33");
  assert_int_equal(remove(FILE_NAME), 0);
  next_millisecond();
  assert_host("nas", NULL);
  write_bytes("192.0.2.4 nas\n", 14);
  next_millisecond();
  assert_host("nas", "192.0.2.4");
  write_bytes("", 0);
  next_millisecond();
  assert_host("nas", NULL);
  end();
}

static void test_no_file(void **state)
{
  (void)state;
  static const char *const paths[] = {"", ".", "/dev/zero", "no/such/file"};
  ctx = loop_begin(NULL);
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    hosts = netmcu__hosts_new(ctx, paths[i]);
    assert_host("nas", NULL);
    assert_host("localhost", "127.0.0.1");
    netmcu__hosts_free(hosts);
  }
  loop_end(ctx);
}

static void test_no_memory(void **state)
{
  (void)state;
  netmcu_address address;
  unsigned count;
  begin("192.0.2.1 nas\n");
  for (size_t nth = 1; nth <= 2; nth++) {
    loop_fail_allocation(nth, false);
    assert_int_equal(netmcu__hosts_find(hosts, "nas", NETMCU_IPV4, &address, 1, &count), NETMCU_ENOMEM);
  }
  loop_fail_allocation(0, false);
  assert_host("nas", "192.0.2.1");
  end();
}

static void test_lookups_ask_it(void **state)
{
  (void)state;
  begin("192.0.2.1 nas\n");
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  netmcu__stack_of(ctx)->hosts_file = FILE_NAME;
  assert_int_equal(netmcu_resolve(ctx, "NAS.", journal_lookup, NULL, NULL), 0);
  assert_int_equal(netmcu_resolve(ctx, "app.localhost", journal_lookup, NULL, NULL), 0);
  assert_int_equal(netmcu_resolve(ctx, "hidden.Onion.", journal_lookup, NULL, NULL), 0);
  expect_journal("");
  loop_run(ctx);
  expect_journal("lookup 0 192.0.2.1, lookup 0 127.0.0.1, lookup -32 nil");
  assert_int_equal(dns_server_queries(dns, NULL), 0);
  dns_server_stop(dns);
  end();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_names_and_aliases),
      own_loop(test_case_and_the_last_dot),
      own_loop(test_comments_and_line_ends),
      own_loop(test_the_first_of_several),
      own_loop(test_addresses_of_ipv4),
      own_loop(test_localhost_without_an_entry),
      own_loop(test_bad_lines_do_no_harm),
      own_loop(test_very_long_lines_and_names),
      own_loop(test_many_names),
      own_loop(test_changes_are_seen),
      own_loop(test_no_file),
      own_loop(test_no_memory),
      both_loops(test_lookups_ask_it),
  };
  return cmocka_run_group_tests_name("the hosts file is read once, and again when it changes", tests, NULL, NULL);
}
