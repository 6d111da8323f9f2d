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
    netmcu_address address = {{9, 9, 9, 9}, 4711};
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
      "",
      " ",
      "localhost",
      "256.0.0.1",
      "1.2.3.256",
      "1.2.3.4.5",
      "1.2.3.",
      ".1.2.3",
      "1..2",
      "1.2.65536",
      "1.16777216",
      "4294967296",
      "99999999999",
      "-1",
      "1.2.3.-4",
      "+1.2.3.4",
      "127.0.0.1x",
      " 127.0.0.1",
      "1,2,3,4",
      "::1",
      "127.0.0.1:80",
      "a.b.c.d",
      "0xg.0.0.1",
      "1.2.3.0x",
      "0x100000000",
      "%s%s%s%n",
      "\xff\xfe",
      ".",
      "...",
      "1.2.3.4\x01",
      "18446744073709551617.1",
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    netmcu_address address = {{0}, 0};
    if (netmcu_ip_parse(wrong[i], &address) != NETMCU_EVALUE)
      fail_msg("\"%s\" is no address", wrong[i]);
  }
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
  netmcu_address longest = {{255, 255, 255, 255}, 1}, shortest = {{0, 0, 0, 0}, 1}, order = {{1, 20, 3, 4}, 1};
  assert_string_equal(netmcu_ip_text(&longest, text), "255.255.255.255");
  assert_string_equal(netmcu_ip_text(&shortest, text), "0.0.0.0");
  assert_string_equal(netmcu_ip_text(&order, text), "1.20.3.4");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_forms),
      cmocka_unit_test(test_what_is_none),
      cmocka_unit_test(test_long_texts),
      cmocka_unit_test(test_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
