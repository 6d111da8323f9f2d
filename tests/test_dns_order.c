/* The order of a name's addresses is that of RFC 6724. The examples are those of its section 10.2,
 * except for the rules that netmcu leaves out. */
#include "dns/order.h"
#include "loop.h"

static const char *const *sources; /* pairs of a destination and its source; NULL ends them */

static bool get_source(netmcu__stack *stack, const netmcu_address *to, netmcu_address *source)
{
  (void)stack;
  char ip[NETMCU_IP_SIZE];
  netmcu_ip_format(to, ip);
  for (const char *const *pair = sources; *pair; pair += 2)
    if (strcmp(pair[0], ip) == 0)
      return netmcu_ip_parse(pair[1], source) == 0;
  return false;
}

typedef struct example {
  const char *sources[10];
  const char *given[5], *sorted[5];
} example;

static const example examples[] = {
    /* matching scope */
    {{"2001:db8:1::1", "2001:db8:1::2", "198.51.100.121", "169.254.13.78"},
     {"198.51.100.121", "2001:db8:1::1"},
     {"2001:db8:1::1", "198.51.100.121"}},
    {{"2001:db8:1::1", "fe80::1", "198.51.100.121", "198.51.100.117"},
     {"2001:db8:1::1", "198.51.100.121"},
     {"198.51.100.121", "2001:db8:1::1"}},
    /* higher precedence */
    {{"2001:db8:1::1", "2001:db8:1::2", "10.1.2.3", "10.1.2.4"}, {"10.1.2.3", "2001:db8:1::1"}, {"2001:db8:1::1", "10.1.2.3"}},
    {{"127.0.0.1", "127.0.0.1", "::1", "::1"}, {"127.0.0.1", "::1"}, {"::1", "127.0.0.1"}},
    /* smaller scope */
    {{"2001:db8:1::1", "2001:db8:1::2", "fe80::1", "fe80::2"}, {"2001:db8:1::1", "fe80::1"}, {"fe80::1", "2001:db8:1::1"}},
    /* longest matching prefix */
    {{"2001:db8:1::1", "2001:db8:1::2", "2001:db8:3ffe::1", "2001:db8:3f44::2"},
     {"2001:db8:3ffe::1", "2001:db8:1::1"},
     {"2001:db8:1::1", "2001:db8:3ffe::1"}},
    /* matching label */
    {{"2002:c633:6401::1", "2002:c633:6401::2", "2001:db8:1::1", "2002:c633:6401::2"},
     {"2001:db8:1::1", "2002:c633:6401::1"},
     {"2002:c633:6401::1", "2001:db8:1::1"}},
    /* the destination that cannot be reached, and the order of equal ones */
    {{"192.0.2.1", "192.0.2.7", "192.0.2.2", "192.0.2.7"},
     {"2001:db8::1", "192.0.2.2", "192.0.2.1", "2001:db8::2"},
     {"192.0.2.2", "192.0.2.1", "2001:db8::1", "2001:db8::2"}},
};

static void test_examples(void **state)
{
  (void)state;
  const netmcu__interface_operations interfaces = {.get_source = get_source};
  netmcu__stack stack = {.interfaces = &interfaces};
  for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
    netmcu_address addresses[5] = {{.port = 0}};
    unsigned count = 0;
    sources = examples[i].sources;
    for (; examples[i].given[count]; count++)
      assert_int_equal(netmcu_ip_parse(examples[i].given[count], &addresses[count]), 0);
    netmcu__order(&stack, addresses, count);
    for (unsigned j = 0; j < count; j++)
      if (strcmp(loop_ip(&addresses[j]), examples[i].sorted[j]) != 0)
        fail_msg("example %zu: %s is at place %u", i, loop_ip(&addresses[j]), j);
  }
}

/* A stack that does not know the sources: the policy table alone decides. */
static void test_without_sources(void **state)
{
  (void)state;
  const netmcu__interface_operations interfaces = {.visit = NULL};
  netmcu__stack stack = {.interfaces = &interfaces};
  netmcu_address addresses[] = {{.ip = {192, 0, 2, 1}}, {.ip = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}, .family = NETMCU_IPV6}};
  netmcu__order(&stack, addresses, 2);
  assert_string_equal(loop_ip(&addresses[0]), "2001:db8::1");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_examples),
      cmocka_unit_test(test_without_sources),
  };
  return cmocka_run_group_tests_name("addresses of both families", tests, NULL, NULL);
}
