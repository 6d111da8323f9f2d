/* Where connects, lookups, datagrams and listens really go: netmcu_map_port, netmcu_map_host,
 * netmcu_bind_to. */
#include "objects.h"
#include "peer.h"

static void refuse(netmcu_t *ctx, int (*set)(netmcu_t *, const char *), const char *const *rules)
{
  for (; *rules; rules++) {
    if (set(ctx, *rules) != NETMCU_EVALUE)
      fail_msg("'%s' is no rule", *rules);
    assert_true(strlen(netmcu_get_rule_error(ctx)) > 10);
    for (const char *c = netmcu_get_rule_error(ctx); *c; c++)
      assert_true(*c >= ' ' && *c < 0x7f);
  }
}

static void test_port_rules_that_are_none(void **state)
{
  static const char *const rules[] = {"",
                                      "=",
                                      "80",
                                      "80=",
                                      "=80",
                                      "0=80",
                                      "65536=1",
                                      "80=65536",
                                      "80=8080 ",
                                      " 80=8080",
                                      "80 =8080",
                                      "-80=8080",
                                      "80=-1",
                                      "80=+1",
                                      "80/=8080",
                                      "80/sctp=8080",
                                      "80/TCP=8080",
                                      "80=8080/tcp",
                                      "90-80=100",
                                      "80-90=65530",
                                      "80-90=1-5",
                                      "80-90=1-12",
                                      "80-=8080",
                                      "AUTO",
                                      "auto ",
                                      "80=8080,81=1",
                                      "80=8080\n",
                                      "\x80=\xff",
                                      "99999999999999999999999=1",
                                      "18446744073709551696=8080",
                                      "80=0-5",
                                      "%s%n=1",
                                      NULL};
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  refuse(ctx, netmcu_map_port, rules);
  loop_end(ctx);
}

static void test_host_rules_that_are_none(void **state)
{
  static char endless[5000], long_name[400];
  static const char *const rules[] = {"",
                                      "=",
                                      "a",
                                      "a=",
                                      "=1.2.3.4",
                                      "a=b",
                                      "a:0=1.2.3.4",
                                      "a:=1.2.3.4",
                                      "a:x=1.2.3.4",
                                      "a:65536=1.2.3.4",
                                      "a:80=1.2.3.4:0",
                                      "a=1.2.3.4:",
                                      "a=1.2.3.4:80 ",
                                      "a=1.2.3.4 ",
                                      "a b=1.2.3.4",
                                      "a..b=1.2.3.4",
                                      "**=1.2.3.4",
                                      "a.*=1.2.3.4",
                                      "*a=1.2.3.4",
                                      "*.=1.2.3.4",
                                      "*.*.a=1.2.3.4",
                                      "a=1.2.3.256",
                                      "a=1.2.3.4.5",
                                      "a=::1",
                                      "a=1.2.3.4=5.6.7.8",
                                      "a\n=1.2.3.4",
                                      endless,
                                      long_name,
                                      NULL};
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  memset(endless, 'a', sizeof endless - 1);
  memset(long_name, 'a', 300);
  strcpy(long_name + 300, "=1.2.3.4");
  refuse(ctx, netmcu_map_host, rules);
  refuse(ctx, netmcu_bind_to, (const char *const[]){"", "localhost", "1.2.3.4 ", "1.2.3.4:80", "300.1.1.1", NULL});
  assert_int_equal(netmcu_bind_to(ctx, "127.0.0.1"), 0);
  loop_end(ctx);
}

static void test_the_reason_names_the_place(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_map_port(ctx, "80=x\033[31m"), NETMCU_EVALUE);
  assert_string_equal(netmcu_get_rule_error(ctx),
                      "'80=x?[31m': a port from 0 (a free one) to 65535 expected, at 'x?[31m'");
  loop_end(ctx);
}

static netmcu_server *listen_on(netmcu_t *ctx, uint16_t port, const char *ip)
{
  netmcu_server *server = netmcu_server_new(ctx);
  assert_int_equal(netmcu_server_listen(server, port, ip, 0, accept_journal), 0);
  return server;
}

static void test_a_mapped_listener(void **state)
{
  (void)state;
  netmcu_address address;
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_map_port(ctx, "80=0"), 0);
  assert_int_equal(netmcu_bind_to(ctx, "127.0.0.1"), 0);
  netmcu_server *server = listen_on(ctx, 80, NULL);
  assert_int_equal(netmcu_server_get_address(server, &address), 0);
  assert_int_equal(address.port, 80);
  assert_memory_equal(address.ip, "\177\0\0\1", 4);
  uint16_t real = netmcu_get_mapped_port(ctx, 0, 80);
  assert_true(real != 80 && real != 0);
  assert_int_equal(netmcu_get_mapped_port(ctx, 1, 80), 80);
  loop_files_may_differ();
  peer *p = peer_connect(real, peer_sink, NULL);
  loop_until_called(ctx, "connection", 1);
  loop_close(ctx);
  peer_end(p, NULL);
}

/* Both of the ports that a listener replaces are forgotten: the one that it asks for, and the one
 * that it takes over from another. */
static void test_a_port_stands_for_the_last_listener(void **state)
{
  (void)state;
  netmcu_address first, second;
  char rules[2][32];
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_server *a = listen_on(ctx, 0, "127.0.0.1"), *b = listen_on(ctx, 0, "127.0.0.1");
  netmcu_server_get_address(a, &first);
  netmcu_server_get_address(b, &second);
  netmcu_server_free(a);
  netmcu_server_free(b);
  snprintf(rules[0], sizeof(rules[0]), "80=%u", (unsigned)first.port);
  snprintf(rules[1], sizeof(rules[1]), "81=%u", (unsigned)second.port);
  assert_int_equal(netmcu_map_port(ctx, rules[0]), 0);
  assert_int_equal(netmcu_map_port(ctx, rules[1]), 0);
  a = listen_on(ctx, 80, "127.0.0.1");
  b = listen_on(ctx, 81, "127.0.0.1");
  assert_int_equal(netmcu_get_mapped_port(ctx, 0, 81), second.port);
  netmcu_server_free(a);
  netmcu_server_free(b);
  snprintf(rules[0], sizeof(rules[0]), "80=%u", (unsigned)second.port);
  assert_int_equal(netmcu_map_port(ctx, rules[0]), 0);
  a = listen_on(ctx, 80, "127.0.0.1");
  assert_int_equal(netmcu_get_mapped_port(ctx, 0, 80), second.port);
  assert_int_equal(netmcu_get_mapped_port(ctx, 0, 81), 81);
  netmcu_server_free(a);
  loop_end(ctx);
}

static void test_ranges_and_protocols(void **state)
{
  (void)state;
  netmcu_address address;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = netmcu_udp_new(ctx), *w = netmcu_udp_new(ctx);
  assert_int_equal(netmcu_map_port(ctx, "70-90/udp=0"), 0);
  assert_int_equal(netmcu_map_port(ctx, "8000-8010=47100-47110"), 0);
  assert_int_equal(netmcu_udp_listen(u, 70, "127.0.0.1"), 0);
  assert_int_equal(netmcu_udp_listen(w, 90, "127.0.0.1"), 0);
  netmcu_udp_get_address(w, &address);
  assert_int_equal(address.port, 90);
  assert_true(netmcu_get_mapped_port(ctx, 1, 90) != netmcu_get_mapped_port(ctx, 1, 70));
  netmcu_server *server = netmcu_server_new(ctx);
  if (netmcu_server_listen(server, 8003, "127.0.0.1", 0, accept_journal) == 0)
    assert_int_equal(netmcu_get_mapped_port(ctx, 0, 8003), 47103);
  netmcu_udp_free(u);
  netmcu_udp_free(w);
  netmcu_server_free(server);
  loop_end(ctx);
}

static netmcu_connection *connect_to(netmcu_t *ctx, uint16_t port, const char *host)
{
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &journal_events);
  assert_int_equal(netmcu_connection_connect(c, port, host), 0);
  return c;
}

static void add_host(netmcu_t *ctx, const char *from, uint16_t port)
{
  char rule[128];
  snprintf(rule, sizeof rule, port ? "%s=127.0.0.1:%u" : "%s=127.0.0.1", from, port);
  assert_int_equal(netmcu_map_host(ctx, rule), 0);
}

/* The peer is where the rule says, and the script sees what it asked for. */
static void expect_arrival(netmcu_t *ctx, const char *host, uint16_t port, const char *told)
{
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_address address;
  char ip[NETMCU_IP_SIZE];
  netmcu_map_host(ctx, NULL);
  add_host(ctx, "*", 9); /* less specific than all others */
  add_host(ctx, "example.test:80", peer_port(p));
  add_host(ctx, "192.0.2.1:80", peer_port(p));
  add_host(ctx, "*.example.test", peer_port(p));
  netmcu_connection *c = connect_to(ctx, port, host);
  loop_until_called(ctx, "connection", 1);
  assert_int_equal(netmcu_connection_get_peer(c, &address), 0);
  assert_int_equal(address.port, port);
  assert_string_equal(netmcu_ip_format(&address, ip), told);
  netmcu_connection_free(c);
  loop_run(ctx);
  forget_calls();
  peer_result result;
  peer_end(p, &result);
  assert_true(result.connected);
}

static void test_connects_are_led(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  expect_arrival(ctx, "192.0.2.1", 80, "192.0.2.1");
  expect_arrival(ctx, "Example.TEST.", 80, "198.18.0.1");
  expect_arrival(ctx, "198.18.0.1", 80, "198.18.0.1"); /* the address from the lookup */
  expect_arrival(ctx, "a.b.example.test", 4711, "198.18.0.2");
  loop_end(ctx);
}

static void test_lookups_give_the_address(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_map_host(ctx, "a.test=192.0.2.7"), 0);
  assert_int_equal(netmcu_map_host(ctx, "*.test=192.0.2.8"), 0);
  assert_int_equal(netmcu_map_host(ctx, "a.test:80=192.0.2.9:80"), 0);
  netmcu_resolve(ctx, "A.Test", journal_lookup, NULL, NULL);
  netmcu_resolve(ctx, "b.test", journal_lookup, NULL, NULL);
  netmcu_resolve(ctx, "192.0.2.1", journal_lookup, NULL, NULL);
  loop_run(ctx);
  expect_journal("lookup 0 192.0.2.9, lookup 0 192.0.2.8, lookup 0 192.0.2.1");
  loop_end(ctx);
}

/* The address that stands for a name leads wherever the name leads: by a rule for the port, by a
 * rule for any port, or to the address in a rule for another port. */
static void expect_stand_in_leads_to(netmcu_t *ctx, peer *p, uint16_t port)
{
  netmcu_connection *c = connect_to(ctx, port, "198.18.0.1");
  loop_until_called(ctx, "connection", 1);
  netmcu_connection_free(c);
  loop_run(ctx);
  forget_calls();
  peer_result result;
  peer_end(p, &result);
  assert_true(result.connected);
}

static void test_other_ports_of_a_name(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL), *q = peer_listen(peer_sink, NULL), *r = peer_listen(peer_sink, NULL);
  add_host(ctx, "a.test:80", peer_port(p));
  netmcu_resolve(ctx, "a.test", journal_lookup, NULL, NULL);
  netmcu_resolve(ctx, "localhost", journal_lookup, NULL, NULL); /* matches no rule */
  loop_run(ctx);
  assert_int_equal(calls("lookup 0 198.18.0.1"), 1);
  assert_int_equal(calls("lookup 0 127.0.0.1"), 1);
  forget_calls();
  expect_stand_in_leads_to(ctx, p, 80);
  expect_stand_in_leads_to(ctx, q, peer_port(q));
  add_host(ctx, "a.test", 0);
  expect_stand_in_leads_to(ctx, r, peer_port(r));
  loop_end(ctx);
}

static void echo_datagram(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  netmcu_udp_send(u, from, data, size);
}

static void told_datagram(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  char ip[NETMCU_IP_SIZE];
  (void)u;
  called("%.*s from %s:%u", (int)size, data, netmcu_ip_format(from, ip), from->port);
}

static void test_datagrams_go_and_come_back(void **state)
{
  static const netmcu_udp_events echo = {.receive = echo_datagram}, told = {.receive = told_datagram};
  (void)state;
  netmcu_address address, ntp = {.ip = {192, 0, 2, 123}, .port = 123};
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *server = netmcu_udp_new(ctx), *client = netmcu_udp_new(ctx);
  netmcu_udp_on(server, &echo);
  netmcu_udp_on(client, &told);
  assert_int_equal(netmcu_udp_listen(server, 0, "127.0.0.1"), 0);
  netmcu_udp_get_address(server, &address);
  add_host(ctx, "192.0.2.123:123", address.port);
  assert_int_equal(netmcu_udp_send(client, &ntp, "time", 4), 0);
  loop_until_called(ctx, "time from 192.0.2.123:123", 1);
  assert_int_equal(netmcu_udp_send(client, &ntp, "again", 5), 0);
  loop_until_called(ctx, "again from 192.0.2.123:123", 1);
  forget_calls();
  netmcu_udp_free(server);
  netmcu_udp_free(client);
  loop_end(ctx);
}

/* The script connects to its own address and the port that it listens on, which is really another
 * port. */
static void expect_own_server_at(netmcu_t *ctx, const char *host, uint16_t port)
{
  netmcu_address address;
  netmcu_connection *c = connect_to(ctx, port, host);
  loop_until_called(ctx, "connection", 2); /* of the client and of the server */
  assert_int_equal(netmcu_connection_get_peer(c, &address), 0);
  assert_int_equal(address.port, port);
  netmcu_connection_free(c);
  loop_turns(ctx, 3);
  forget_calls();
}

static void test_own_address_reaches_the_mapped_server(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_map_port(ctx, "80=0"), 0);
  netmcu_server *server = listen_on(ctx, 80, NULL);
  expect_own_server_at(ctx, "127.0.0.1", 80);
  expect_own_server_at(ctx, "127.0.0.7", 80);
  add_host(ctx, "own.test", 0);
  expect_own_server_at(ctx, "own.test", 80);
  netmcu_server_close(server);

  assert_int_equal(netmcu_bind_to(ctx, "127.0.0.9"), 0);
  assert_int_equal(netmcu_server_listen(server, 80, NULL, 0, accept_journal), 0);
  expect_own_server_at(ctx, "127.0.0.1", 80);
  /* It keeps the address that was in force when it was opened. */
  assert_int_equal(netmcu_bind_to(ctx, "127.0.0.8"), 0);
  expect_own_server_at(ctx, "127.0.0.1", 80);
  assert_int_equal(netmcu_bind_to(ctx, "127.0.0.9"), 0);
  netmcu_server_close(server);
  uint16_t port = netmcu_get_mapped_port(ctx, 0, 80);
  assert_int_equal(netmcu_server_listen(server, port, NULL, 0, accept_journal), 0);
  /* Bound to another address, without a rule for the port. */
  expect_own_server_at(ctx, "127.0.0.1", port);
  loop_close(ctx);
}

static void test_own_address_reaches_the_mapped_udp_socket(void **state)
{
  static const netmcu_udp_events events = {.receive = told_datagram};
  (void)state;
  netmcu_address address = {.ip = {127, 0, 0, 1}, .port = 53};
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *server = netmcu_udp_new(ctx), *client = netmcu_udp_new(ctx);
  netmcu_udp_on(server, &events);
  netmcu_udp_on(client, &events);
  assert_int_equal(netmcu_map_port(ctx, "53/udp=0"), 0);
  assert_int_equal(netmcu_map_port(ctx, "54/udp=0"), 0);
  assert_int_equal(netmcu_udp_listen(server, 53, "127.0.0.1"), 0);
  assert_int_equal(netmcu_udp_listen(client, 54, "127.0.0.1"), 0);
  assert_int_equal(netmcu_udp_send(client, &address, "question", 8), 0);
  loop_until_called(ctx, "question from 127.0.0.1:54", 1);
  address.port = 54;
  assert_int_equal(netmcu_udp_send(server, &address, "answer", 6), 0);
  loop_until_called(ctx, "answer from 127.0.0.1:53", 1);
  forget_calls();
  netmcu_udp_free(server);
  netmcu_udp_free(client);
  loop_end(ctx);
}

static void notice(netmcu_t *ctx, int divergence, const char *text, void *data)
{
  (void)ctx;
  (void)data;
  called("notice %d %s", divergence, text);
}

/* Only if the system refuses low ports; it does not refuse them to root, or everywhere. */
static void test_automatic_ports(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_set_warning(ctx, notice, NULL);
  netmcu_set_strict(ctx, 1);
  netmcu_server *server = netmcu_server_new(ctx);
  int before = netmcu_server_listen(server, 617, "127.0.0.1", 0, accept_journal);
  netmcu_server_close(server);
  assert_int_equal(netmcu_map_port(ctx, "auto"), 0);
  int error = netmcu_server_listen(server, 617, "127.0.0.1", 0, accept_journal);
  if (netmcu_uv_error(before) == UV_EACCES && error == 0) {
    assert_int_equal(netmcu_get_mapped_port(ctx, 0, 617), 8617);
    expect_journal("notice -1 TCP port 617 needs a privilege: listening on 8617");
  } else {
    assert_int_equal(error, before);
  }
  netmcu_server_free(server);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_port_rules_that_are_none),
      own_loop(test_host_rules_that_are_none),
      own_loop(test_the_reason_names_the_place),
      both_loops(test_a_mapped_listener),
      own_loop(test_a_port_stands_for_the_last_listener),
      own_loop(test_ranges_and_protocols),
      both_loops(test_connects_are_led),
      own_loop(test_lookups_give_the_address),
      both_loops(test_other_ports_of_a_name),
      both_loops(test_datagrams_go_and_come_back),
      own_loop(test_automatic_ports),
      both_loops(test_own_address_reaches_the_mapped_server),
      both_loops(test_own_address_reaches_the_mapped_udp_socket),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
