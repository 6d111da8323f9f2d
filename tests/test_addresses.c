/* IPv4 addresses in the forms of inet_aton(3), and anything else that a script may pass instead. */
#include "loop.h"

static void test_forms(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    uint8_t ip[4];
  } forms[] = {
      {"127.0.0.1", {127, 0, 0, 1}},
      {"0.0.0.0", {0, 0, 0, 0}},
      {"255.255.255.255", {255, 255, 255, 255}},
      {"127.1", {127, 0, 0, 1}},
      {"10.1.2", {10, 1, 0, 2}},
      {"10.1.513", {10, 1, 2, 1}},
      {"10.66051", {10, 1, 2, 3}},
      {"2130706433", {127, 0, 0, 1}},
      {"0x7f.0.0.1", {127, 0, 0, 1}},
      {"0X7F.0.0.1", {127, 0, 0, 1}},
      {"0x7f000001", {127, 0, 0, 1}},
      {"0177.0.0.01", {127, 0, 0, 1}},
      {"0", {0, 0, 0, 0}},
      {"4294967295", {255, 255, 255, 255}},
      {"1.16777215", {1, 255, 255, 255}},
      {"1.2.65535", {1, 2, 255, 255}},
      {"00000000000001.2.3.4", {1, 2, 3, 4}},
  };
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    netmcu_address address = {.ip = {9, 9, 9, 9}, .port = 4711};
    if (netmcu_ip_parse(forms[i].text, &address) != 0)
      fail_msg("\"%s\" is an address", forms[i].text);
    assert_memory_equal(address.ip, forms[i].ip, 4);
    assert_int_equal(address.port, 4711);
  }
}

static void test_what_is_none(void **state)
{
  (void)state;
  static const char *const wrong[] = {
      "",           " ",          "localhost",   "256.0.0.1",   "1.2.3.256",
      "1.2.3.4.5",  "1.2.3.",     ".1.2.3",      "1..2",        "1.2.65536",
      "1.16777216", "4294967296", "99999999999", "-1",          "1.2.3.-4",
      "+1.2.3.4",   "127.0.0.1x", " 127.0.0.1",  "1,2,3,4",     "127.0.0.1:80",
      "a.b.c.d",    "0xg.0.0.1",  "1.2.3.0x",    "0x100000000", "%s%s%s%n",
      "\xff\xfe",   ".",          "...",         "1.2.3.4\x01", "18446744073709551617.1",
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    netmcu_address address = {.port = 0};
    if (netmcu_ip_parse(wrong[i], &address) != NETMCU_EVALUE)
      fail_msg("\"%s\" is no address", wrong[i]);
  }
}

static void test_ipv6(void **state)
{
  (void)state;
  static const struct {
    const char *text, *normal;
  } forms[] = {
      {"::", "::"},
      {"::1", "::1"},
      {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
      {"ff02::fb", "ff02::fb"},
      {"fe80::1%7", "fe80::1%7"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"::ffff:192.0.2.33", "192.0.2.33"},
      {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295"},
  };
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    netmcu_address address = {.ip = {9, 9, 9, 9}, .port = 4711};
    char text[NETMCU_IP_SIZE];
    if (netmcu_ip_parse(forms[i].text, &address))
      fail_msg("\"%s\" is an address", forms[i].text);
    assert_string_equal(netmcu_ip_format(&address, text), forms[i].normal);
    assert_int_equal(address.port, 4711);
    assert_int_equal(address.family, strchr(forms[i].normal, ':') ? NETMCU_IPV6 : NETMCU_IPV4);
  }
}

static void test_not_ipv6(void **state)
{
  (void)state;
  static const char *const wrong[] = {
      ":",    ":::",     "1::2::3",   "::g",          "1:2:3:4:5:6:7", "::1 ",
      "::1%", "fe80::%", "fe80::1%0", "fe80::1%none", "[::1]",         "::ffff:1.2.3.400"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    netmcu_address address = {.port = 0};
    if (netmcu_ip_parse(wrong[i], &address) != NETMCU_EVALUE)
      fail_msg("\"%s\" is no address", wrong[i]);
  }
}

static void test_with_a_port(void **state)
{
  (void)state;
  static const struct {
    const char *text, *normal;
  } forms[] = {{"192.0.2.1", "192.0.2.1:53"},
               {"192.0.2.1:80", "192.0.2.1:80"},
               {"127.1:65535", "127.0.0.1:65535"},
               {"::1", "[::1]:53"},
               {"[::1]", "[::1]:53"},
               {"[::1]:80", "[::1]:80"},
               {"[fe80::1%3]:80", "[fe80::1%3]:80"},
               {"2001:db8::80", "[2001:db8::80]:53"}};
  static const char *const wrong[] = {"",
                                      "192.0.2.1:",
                                      "192.0.2.1:0",
                                      "192.0.2.1:65536",
                                      "192.0.2.1:8x",
                                      ":80",
                                      "[::1",
                                      "[::1]80",
                                      "[::1]:",
                                      "[::1]:0",
                                      "[192.0.2.1]",
                                      "[]:80",
                                      "::1]:1",
                                      "192.0.2.1:80:1",
                                      "[::1]:80 ",
                                      "192.0.2.1:99999999999999999999"};
  netmcu_address address;
  char text[NETMCU_ADDRESS_SIZE];
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    address = (netmcu_address){.port = 53};
    assert_int_equal(netmcu_address_parse(forms[i].text, &address), 0);
    assert_string_equal(netmcu_address_format(&address, text), forms[i].normal);
  }
  address = (netmcu_address){.ip = {1, 2, 3, 4}, .port = 53};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    if (netmcu_address_parse(wrong[i], &address) != NETMCU_EVALUE)
      fail_msg("\"%s\" is no address", wrong[i]);
  assert_string_equal(netmcu_address_format(&address, text), "1.2.3.4:53");
}

static void test_long_texts(void **state)
{
  (void)state;
  static const char fillings[] = "19.x0 \xff";
  static char text[100000];
  netmcu_address address;
  for (size_t i = 0; fillings[i]; i++) {
    memset(text, fillings[i], sizeof text - 1);
    if (fillings[i] != '0')
      assert_int_equal(netmcu_ip_parse(text, &address), NETMCU_EVALUE);
  }
}

static void test_text(void **state)
{
  (void)state;
  char text[NETMCU_IP_SIZE];
  netmcu_address longest = {.ip = {255, 255, 255, 255}, .port = 1}, shortest = {.ip = {0, 0, 0, 0}, .port = 1},
                 order = {.ip = {1, 20, 3, 4}, .port = 1};
  assert_string_equal(netmcu_ip_format(&longest, text), "255.255.255.255");
  assert_string_equal(netmcu_ip_format(&shortest, text), "0.0.0.0");
  assert_string_equal(netmcu_ip_format(&order, text), "1.20.3.4");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_forms),    cmocka_unit_test(test_what_is_none), cmocka_unit_test(test_ipv6),
      cmocka_unit_test(test_not_ipv6), cmocka_unit_test(test_with_a_port),  cmocka_unit_test(test_long_texts),
      cmocka_unit_test(test_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
