/* Interfaces: what is reported about each of them, and their order. */
#include "stack/system_interface.h"
#include "loop.h"
#include "namespace.h"

/* ---- here ------------------------------------------------------------------------------------ */

static void test_this_machine(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_interface first = {.size = sizeof first}, second = {.size = sizeof second};
  assert_int_equal(netmcu_get_interface(ctx, 0, &first), 0);
  assert_string_not_equal(loop_ip(&first.ip), "0.0.0.0");
  assert_string_not_equal(loop_ip(&first.netmask), "0.0.0.0");
  assert_true(first.name[0]);
  if (netmcu_get_interface(ctx, 1, &second) == 0)
    assert_string_not_equal(first.name, second.name);
  assert_int_equal(netmcu_get_interface(ctx, 10000, &second), NETMCU_ENOTFOUND);
  assert_int_equal(netmcu_get_interface(ctx, UINT_MAX, &second), NETMCU_ENOTFOUND);
  loop_end(ctx);
}

/* ---- a machine made for it ------------------------------------------------------------------- */

static void assert_interface(netmcu_t *ctx, unsigned index, const char *name, const char *ip, const char *gateway)
{
  netmcu_interface i = {.size = sizeof i};
  assert_int_equal(netmcu_get_interface(ctx, index, &i), 0);
  assert_string_equal(i.name, name);
  assert_string_equal(loop_ip(&i.ip), ip);
  assert_string_equal(loop_ip(&i.gateway), gateway);
}

static void test_default_route_first(void **state)
{
  (void)state;
  if (!namespaces_begin())
    skip();
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_interface i = {.size = sizeof i};
  assert_interface(ctx, 0, "left0", "10.77.1.1", "0.0.0.0");
  assert_interface(ctx, 1, "right0", "10.77.2.1", "0.0.0.0");
  assert_int_equal(netmcu_get_interface(ctx, 2, &i), NETMCU_ENOTFOUND);
  namespace_run("ip route add default via 10.77.2.2 metric 100");
  assert_interface(ctx, 0, "right0", "10.77.2.1", "10.77.2.2");
  assert_interface(ctx, 1, "left0", "10.77.1.1", "0.0.0.0");
  assert_int_equal(netmcu_get_interface(ctx, 2, &i), NETMCU_ENOTFOUND);
  namespace_run("ip route add default via 10.77.1.2 metric 50");
  assert_interface(ctx, 0, "left0", "10.77.1.1", "10.77.1.2");
  assert_interface(ctx, 1, "right0", "10.77.2.1", "10.77.2.2");
  loop_end(ctx);
  namespaces_end();
}

static void test_details(void **state)
{
  (void)state;
  static const uint8_t hwaddr[] = {2, 0, 0, 0xab, 0xcd, 0xef};
  if (!namespaces_begin())
    skip();
  namespace_run("ip link set left0 address 02:00:00:ab:cd:ef && ip addr add 10.77.3.1/28 dev left0 && "
                "ip route add default dev left0");
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_interface i = {.size = sizeof i};
  assert_interface(ctx, 0, "left0", "10.77.1.1", "0.0.0.0");
  assert_int_equal(netmcu_get_interface(ctx, 0, &i), 0);
  assert_string_equal(loop_ip(&i.netmask), "255.255.255.0");
  assert_memory_equal(i.hwaddr, hwaddr, 6);
  assert_false(i.has_dhcp);
  assert_interface(ctx, 1, "right0", "10.77.2.1", "0.0.0.0");
  assert_int_equal(netmcu_get_interface(ctx, 2, &i), NETMCU_ENOTFOUND);
  loop_end(ctx);
  namespaces_end();
}

static void test_only_loopback(void **state)
{
  (void)state;
  if (!namespaces_begin())
    skip();
  namespace_run("ip link set left0 down && ip link set right0 down");
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_interface i = {.size = sizeof i};
  assert_interface(ctx, 0, "lo", "127.0.0.1", "0.0.0.0");
  assert_int_equal(netmcu_get_interface(ctx, 1, &i), NETMCU_ENOTFOUND);
  namespace_run("ip link set lo down");
  assert_int_equal(netmcu_get_interface(ctx, 0, &i), NETMCU_ENOTFOUND);
  loop_end(ctx);
  namespaces_end();
}

static void test_ipv6(void **state)
{
  (void)state;
  if (!namespaces_begin())
    skip();
  namespace_run("ip -6 addr flush dev left0 && ip -6 addr add fd77::1/64 dev left0 nodad && ip -4 addr flush dev right0 && "
                "ip -6 addr flush dev right0 && ip -6 addr add fd78::1/64 dev right0 nodad");
  netmcu_options options = NETMCU_OPTIONS_INIT;
  for (int families = NETMCU_ANY_FAMILY; families <= NETMCU_IPV4_ONLY; families++) {
    options.families = families;
    netmcu_t *ctx = loop_begin(&options);
    netmcu_interface i = {.size = sizeof i};
    assert_interface(ctx, 0, "left0", "10.77.1.1", "0.0.0.0");
    assert_int_equal(netmcu_get_interface(ctx, 0, &i), 0);
    assert_int_equal(i.ipv6_count, 1);
    assert_string_equal(loop_ip(&i.ipv6[0]), "fd77::1");
    int error = netmcu_get_interface(ctx, 1, &i);
    assert_int_equal(error, families == NETMCU_ANY_FAMILY ? 0 : NETMCU_ENOTFOUND);
    if (error == 0)
      assert_string_equal(loop_ip(&i.ipv6[0]), "fd78::1");
    i.size = 0;
    assert_int_equal(netmcu_get_interface(ctx, 0, &i), NETMCU_EVALUE);
    loop_end(ctx);
  }
  namespaces_end();
}

/* ---- /proc/net/route ------------------------------------------------------------------------- */

#ifdef __linux__
static void test_routes(void **state)
{
  (void)state;
  netmcu__default_route route;
  const uint8_t gateway[] = {192, 0, 2, 1};
  uint32_t number;
  char line[128];
  memcpy(&number, gateway, sizeof number);
  snprintf(line, sizeof line, "eth0\t00000000\t%08X\t0003\t0\t0\t600\t00000000\t0\t0\t0   \n", (unsigned)number);
  assert_true(netmcu__route_read(line, &route));
  assert_string_equal(route.name, "eth0");
  assert_string_equal(route.gateway, "192.0.2.1");
  assert_int_equal(route.metric, 600);
  assert_true(netmcu__route_read("ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n", &route));
  assert_string_equal(route.gateway, "");
}

static void test_other_routes(void **state)
{
  (void)state;
  static const char *const lines[] = {
      "",
      "\n",
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n",
      "eth0",
      "eth0\t00000000\t010200C0\t0003\t0\t0\t600\n",
      "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n", /* a network */
      "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000080\t0\t0\t0\n", /* half of all */
      "eth0\t00000000\t010200C0\t0002\t0\t0\t0\t00000000\t0\t0\t0\n", /* down */
      "*\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0\n",    /* reject */
      "eth0\tx\ty\tz\t0\t0\t0\t0\n",
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 0 0 0003 0 0",
  };
  netmcu__default_route route;
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
    if (netmcu__route_read(lines[i], &route))
      fail_msg("a default route was read from: %s", lines[i]);
}
#endif

int main(void)
{
  const struct CMUnitTest interfaces[] = {
      both_loops(test_this_machine),
      own_loop(test_default_route_first),
      own_loop(test_details),
      own_loop(test_only_loopback),
      own_loop(test_ipv6),
  };
#ifdef __linux__
  const struct CMUnitTest routes[] = {own_loop(test_routes), own_loop(test_other_routes)};
  int failed = cmocka_run_group_tests_name("default routes are read from any text", routes, NULL, NULL);
#else
  int failed = 0;
#endif
  return failed + cmocka_run_group_tests_name("the interface of the default route comes first", interfaces, NULL, NULL);
}
