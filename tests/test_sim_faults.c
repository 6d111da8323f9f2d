/* A program decides about each fault of a world. One that it leaves out does not happen, and the
 * others stay as they are. */
#include "world.h"

static unsigned allowed, asked; /* numbers of faults, from 1 */
static char texts[1 << 16];

/* Allows the fault number `allowed`, or all of them if that is 0. */
static int decide(const char *text, void *data)
{
  (void)data;
  asked++;
  if (allowed && asked != allowed)
    return 0;
  snprintf(texts + strlen(texts), sizeof texts - strlen(texts), "%s\n", text);
  return 1;
}

static void begin(unsigned number)
{
  world_begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP);
  netmcu_sim_on_fault(world.sim, decide, NULL);
  allowed = number;
  asked = 0;
  *texts = 0;
}

static void ignore_data(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  (void)data;
  (void)size;
}

static const netmcu_connection_events sink = {.receive = ignore_data};

/* Sends 100,000 bytes over a bad link. Returns the packets with their times. */
static const char *send_with_faults(unsigned number)
{
  static char data[100000];
  netmcu_sim_link link = NETMCU_SIM_LINK_INIT;
  link.loss = link.duplication = link.reordering = 0.05;
  begin(number);
  assert_int_equal(netmcu_sim_set_link(world.sim, world.host_a, world.host_b, &link), 0);
  netmcu_server *server = world_serve(&sink);
  netmcu_connection *c = world_connect(&sink);
  netmcu_connection_send(c, data, sizeof data);
  netmcu_sim_run(world.sim, 100 * S);
  const char *packets = world_timed_packets();
  netmcu_connection_free(c);
  netmcu_connection_free(world_client);
  netmcu_server_free(server);
  world_end();
  return packets;
}

static unsigned count(const char *text, const char *part)
{
  unsigned found = 0;
  for (; (text = strstr(text, part)) != NULL; text++)
    found++;
  return found;
}

static void test_link(void **state)
{
  (void)state;
  static char all[1 << 16];
  strcpy(all, send_with_faults(0));
  assert_true(count(texts, "lost: a:") > 0 && count(texts, "doubled: ") > 0 && count(texts, "reordered: ") > 0);
  assert_int_equal(count(texts, "\n"), asked);
  assert_int_equal(count(all, "("), count(texts, "lost: "));
  send_with_faults(UINT32_MAX);
  assert_string_equal(texts, "");
  assert_true(asked > 0);
  const char *one = send_with_faults(1);
  assert_int_equal(count(texts, "\n"), 1);
  assert_int_equal(count(one, "("), count(texts, "lost: "));
}

static void lookup(void *data, int error, const netmcu_address *addresses, size_t size)
{
  (void)data;
  (void)addresses;
  (void)size;
  called("%s", error ? "failed" : "found");
}

static void test_name_server_partition_and_hold(void **state)
{
  (void)state;
  begin(UINT32_MAX);
  netmcu_sim_set_names(world.sim, 1000, 1, 1);
  assert_int_equal(netmcu_sim_unmet(world.sim, NULL, NULL), 1);
  assert_int_equal(netmcu_resolve(world.a, "b", lookup, NULL, NULL), 0);
  assert_int_equal(netmcu_sim_partition(world.sim, &world.host_a, 1), 0);
  assert_int_equal(netmcu_sim_hold(world.sim, world.host_a, world.host_b), 0);
  netmcu_sim_run(world.sim, 100 * S);
  expect_journal("found");
  assert_int_equal(asked, 6); /* there are two questions, for IPv4 and for IPv6 */
  assert_int_equal(netmcu_sim_unmet(world.sim, NULL, NULL), 0);
  world_end();
}

static void test_rules_and_those_of_the_program(void **state)
{
  (void)state;
  begin(2);
  assert_int_equal(netmcu_set_fault(world.a, "dns,peer=b"), 0);
  assert_int_equal(netmcu_sim_fault(world.sim, "first"), 0);
  assert_int_equal(netmcu_resolve(world.a, "b", lookup, NULL, NULL), 0);
  netmcu_sim_run(world.sim, 1 * S);
  expect_journal("failed");
  assert_string_equal(texts, "dns: b of a\n");
  assert_int_equal(netmcu_resolve(world.a, "b", lookup, NULL, NULL), 0);
  netmcu_sim_run(world.sim, 1 * S);
  expect_journal("found");
  netmcu_sim_on_fault(world.sim, NULL, NULL);
  assert_int_equal(netmcu_sim_fault(world.sim, "last"), 1);
  world_end();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_link),
      own_loop(test_name_server_partition_and_hold),
      own_loop(test_rules_and_those_of_the_program),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
