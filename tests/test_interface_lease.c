/* Lease files: correct ones are understood, and damaged ones do no harm. */
#include <sys/stat.h>
#include <utime.h>

#include "loop.h"
#include "stack/system_interface.h"

static void assert_lease(const netmcu__lease *lease, const char *server, const char *client, const char *ntp)
{
  assert_string_equal(lease->server, server);
  assert_string_equal(lease->client, client);
  assert_string_equal(lease->ntp, ntp);
}

/* ---- KEY=value ------------------------------------------------------------------------------- */

static void test_keys(void **state)
{
  (void)state;
  netmcu__lease lease;
  assert_true(netmcu__lease_read_keys("ADDRESS=192.0.2.7\nSERVER_ADDRESS=192.0.2.2\nNTP=192.0.2.9 192.0.2.10", &lease));
  assert_lease(&lease, "192.0.2.2", "192.0.2.7", "192.0.2.9");
  assert_true(netmcu__lease_read_keys("NTP=\n\nADDRESS=192.0.2.7\n", &lease));
  assert_lease(&lease, "", "192.0.2.7", "");
}

static void test_bad_keys(void **state)
{
  (void)state;
  static const char *const texts[] = {
      "",
      "\n",
      "=",
      "ADDRESS",
      "ADDRESS=",
      "ADDRESS\n=192.0.2.7",
      "ADDRESS=\n192.0.2.7",
      "ADDRESS=192.0.2",
      "ADDRESS=192.0.2.256",
      "ADDRESS=192.0.2.7.1",
      "ADDRESS=1111111111111111111111111111111111111111111111",
      "ADDRESS=.......................",
      "ADDRESS=host.example.net",
      "ADDRESS=::1",
      "ADDRESSES=192.0.2.7",
      "XADDRESS=192.0.2.7",
      " ADDRESS=192.0.2.7",
  };
  netmcu__lease lease;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    if (netmcu__lease_read_keys(texts[i], &lease))
      fail_msg("a lease was read from: %s", texts[i]);
}

/* ---- lease { … } ----------------------------------------------------------------------------- */

static void test_log(void **state)
{
  (void)state;
  netmcu__lease lease;
  assert_true(netmcu__lease_read_log("lease{interface \"e\";fixed-address 192.0.2.7;"
                                     "option dhcp-server-identifier 192.0.2.2;option ntp-servers 192.0.2.9 , 1.2.3.4;}",
                                     "e", "192.0.2.7", &lease));
  assert_lease(&lease, "192.0.2.2", "192.0.2.7", "192.0.2.9");
  assert_true(netmcu__lease_read_log("lease { interface \"e\"; option host-name \"}\"; option x \";\"; # }\n"
                                     "fixed-address 192.0.2.7; }",
                                     "e", "192.0.2.7", &lease));
  assert_true(netmcu__lease_read_log("  192.0.2.1; }\nlease {\n  fixed-address 192.0.2.7;\n  interface \"e\";\n}\n",
                                     "e", NULL, &lease));
  assert_lease(&lease, "", "192.0.2.7", "");
}

static void test_bad_logs(void **state)
{
  (void)state;
  static const char *const texts[] = {
      "",
      "lease",
      "lease {",
      "lease { }",
      "lease { interface \"e\"; }",
      "lease { interface \"e",
      "lease { interface \"e\"; fixed-address",
      "lease { interface \"e\"; fixed-address ; }",
      "lease { interface \"e\"; fixed-address 192.0.2; }",
      "lease { interface \"e\"; fixed-address \"192.0.2.7; }",
      "lease { interface; fixed-address 192.0.2.7; }",
      "lease { interface \"ee\"; fixed-address 192.0.2.7; }",
      "lease { interface \"e\" fixed-address 192.0.2.7; }",
      "lease6 { interface \"e\"; fixed-address 192.0.2.7; }",
      "# lease { interface \"e\"; fixed-address 192.0.2.7; }",
      "} } } ; ; { { \" \" # ",
      "\"lease\" \"{\" interface \"e\"; fixed-address 192.0.2.7;",
  };
  netmcu__lease lease;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    if (netmcu__lease_read_log(texts[i], "e", "192.0.2.7", &lease))
      fail_msg("a lease was read from: %s", texts[i]);
}

/* Reads every prefix of a file, and the file with each byte changed in turn. The readers only have
 * to return, and to stay inside the text, which a sanitizer checks. */
static void test_damaged(void **state)
{
  (void)state;
  static const char whole[] =
      "lease {\n interface \"e\";\n fixed-address 192.0.2.7; # \"\n option ntp-servers 1.2.3.4,5.6.7.8;}\n"
      "ADDRESS=192.0.2.7\nNTP=1.2.3.4 5.6.7.8\n";
  static const char others[] = "\"{};#\n=. 9\x80";
  netmcu__lease lease;
  for (size_t size = 0; size < sizeof whole; size++) {
    char *text = calloc(1, size + 1);
    memcpy(text, whole, size);
    netmcu__lease_read_keys(text, &lease);
    netmcu__lease_read_log(text, "e", NULL, &lease);
    for (size_t i = 0; size > 0 && i < sizeof others - 1; i++) {
      text[size - 1] = others[i];
      netmcu__lease_read_keys(text, &lease);
      netmcu__lease_read_log(text, "e", NULL, &lease);
    }
    free(text);
  }
}

/* ---- files ----------------------------------------------------------------------------------- */

static void test_large_file(void **state)
{
  (void)state;
  netmcu__lease lease;
  FILE *file = fopen("large.lease", "w");
  assert_non_null(file);
  for (int i = 0; i < 5000; i++)
    fprintf(file, "lease { interface \"e\"; fixed-address 192.0.2.7; option dhcp-server-identifier 10.0.%d.%d; }\n",
            i / 250, i % 250);
  fclose(file);
  assert_true(netmcu__lease_read_file("large.lease", "e", "192.0.2.7", &lease));
  assert_lease(&lease, "10.0.19.249", "192.0.2.7", "");
  remove("large.lease");
  assert_false(netmcu__lease_read_file("large.lease", "e", "192.0.2.7", &lease));
}

#ifdef __linux__
static const char *samples(const char *name)
{
  static char path[1024];
  const char *source = getenv("NETMCU_SOURCE");
  snprintf(path, sizeof path, "%s/tests/samples/%s", source ? source : ".", name);
  return path;
}

static void test_networkd(void **state)
{
  (void)state;
  netmcu__lease lease;
  assert_true(netmcu__lease_find(samples("networkd"), "eth0", 3, "192.0.2.99", &lease));
  assert_lease(&lease, "192.0.2.2", "192.0.2.77", "192.0.2.123");
  assert_false(netmcu__lease_find(samples("networkd"), "eth0", 4, "192.0.2.77", &lease));
}

static void test_network_manager(void **state)
{
  (void)state;
  netmcu__lease lease;
  assert_true(netmcu__lease_find(samples("networkmanager"), "eth0", 3, "198.51.100.20", &lease));
  assert_lease(&lease, "198.51.100.2", "198.51.100.20", "");
  assert_true(netmcu__lease_find(samples("networkmanager"), "wlan0", 4, "203.0.113.9", &lease));
  assert_lease(&lease, "", "203.0.113.9", "");
  assert_false(netmcu__lease_find(samples("networkmanager"), "eth0", 3, "198.51.100.21", &lease));
  assert_false(netmcu__lease_find(samples("networkmanager"), "h0", 3, "198.51.100.20", &lease));
}

static void test_dhclient(void **state)
{
  (void)state;
  netmcu__lease lease;
  assert_true(netmcu__lease_find(samples("dhclient"), "eth0", 3, "192.0.2.50", &lease));
  assert_lease(&lease, "192.0.2.4", "192.0.2.50", "192.0.2.123");
  assert_true(netmcu__lease_find(samples("dhclient"), "eth1", 4, "198.51.100.60", &lease));
  assert_lease(&lease, "198.51.100.3", "198.51.100.60", "");
  assert_false(netmcu__lease_find(samples("dhclient"), "eth2", 5, "192.0.2.50", &lease));
}

static void write_file(const char *path, const char *server, time_t when)
{
  struct utimbuf times = {when, when};
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fprintf(file, "lease { interface \"e\"; fixed-address 192.0.2.7; option dhcp-server-identifier %s; }\n", server);
  fclose(file);
  assert_int_equal(utime(path, &times), 0);
}

static void test_newest_file(void **state)
{
  (void)state;
  netmcu__lease lease;
  mkdir("var", 0755);
  mkdir("var/lib", 0755);
  mkdir("var/lib/dhcp", 0755);
  write_file("var/lib/dhcp/dhclient.a.leases", "192.0.2.1", 1000);
  write_file("var/lib/dhcp/dhclient.b.leases", "192.0.2.2", 3000);
  write_file("var/lib/dhcp/dhclient.c.leases", "192.0.2.3", 2000);
  assert_true(netmcu__lease_find(".", "e", 3, "192.0.2.7", &lease));
  assert_lease(&lease, "192.0.2.2", "192.0.2.7", "");
}
#endif

int main(void)
{
  const struct CMUnitTest texts[] = {
      own_loop(test_keys), own_loop(test_bad_keys), own_loop(test_log), own_loop(test_bad_logs), own_loop(test_damaged),
  };
  const struct CMUnitTest files[] = {
      own_loop(test_large_file),
#ifdef __linux__
      own_loop(test_networkd),   own_loop(test_network_manager), own_loop(test_dhclient), own_loop(test_newest_file),
#endif
  };
  return cmocka_run_group_tests_name("leases are read from texts of any kind", texts, NULL, NULL) +
         cmocka_run_group_tests_name("leases are found where DHCP clients leave them", files, NULL, NULL);
}
