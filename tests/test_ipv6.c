/* IPv6: connections, listeners, datagrams and lookups, with those of IPv4 beside them. On the
 * loopback, where the system has IPv6. */
#include "dns_server.h"
#include "objects.h"

static netmcu_t *begin(void)
{
  netmcu_t *ctx = loop_begin_with_families(NETMCU_ANY_FAMILY);
  need_ipv6(ctx);
  return ctx;
}

static dns_server *use_names(netmcu_t *ctx)
{
  dns_server *dns = dns_server_start();
  dns_server_use(dns, ctx);
  return dns;
}

static void end(netmcu_t *ctx, dns_server *dns)
{
  loop_run(ctx);
  dns_server_stop(dns);
  loop_end(ctx);
}

static const char *text_of(const netmcu_address *address)
{
  static char text[NETMCU_ADDRESS_SIZE];
  return netmcu_address_format(address, text);
}

/* ---- TCP ------------------------------------------------------------------------------------- */

static void on_receive(netmcu_connection *c, const char *data, size_t size)
{
  called("receive %.*s", (int)size, data);
  netmcu_connection_free(c);
}

static void on_dns(netmcu_connection *c, const netmcu_address *address)
{
  (void)c;
  called("dns %s", loop_ip(address));
}

static const netmcu_connection_events client_events = {
    .dns = on_dns, .receive = on_receive, .disconnection = journal_disconnection};

/* The server tells a client its address. */
static void on_accept(netmcu_server *server, netmcu_connection *client)
{
  netmcu_address peer, own;
  char ip[NETMCU_IP_SIZE];
  assert_int_equal(netmcu_connection_get_peer(client, &peer), 0);
  assert_int_equal(netmcu_connection_get_address(client, &own), 0);
  assert_int_equal(own.family, peer.family);
  netmcu_ip_format(&peer, ip);
  netmcu_connection_send(client, ip, strlen(ip));
  netmcu_connection_free(client);
  (void)server;
}

static void connect_to(netmcu_t *ctx, const char *host, uint16_t port)
{
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &client_events);
  assert_int_equal(netmcu_connection_connect(c, port, host), 0);
}

static void test_a_listener_takes_both_families(void **state)
{
  (void)state;
  uint16_t port;
  netmcu_address own;
  netmcu_t *ctx = begin();
  netmcu_server *server = open_server_at(ctx, NULL, on_accept, &port);
  assert_int_equal(netmcu_server_get_address(server, &own), 0);
  assert_string_equal(loop_ip(&own), "::");
  connect_to(ctx, "::1", port);
  loop_until_called(ctx, "receive ::1", 1);
  connect_to(ctx, "127.0.0.1", port);
  loop_until_called(ctx, "receive 127.0.0.1", 1);
  expect_journal("dns ::1, receive ::1, dns 127.0.0.1, receive 127.0.0.1");
  netmcu_server_free(server);
  loop_end(ctx);
}

/* Listens on one port for each family. Somebody else may have the port in the other one. */
static uint16_t open_pair(netmcu_t *ctx, netmcu_server **server, netmcu_server **other)
{
  uint16_t port;

  *other = netmcu_server_new(ctx);
  for (int tries = 0; tries < 20; tries++) {
    *server = open_server_at(ctx, "::", on_accept, &port);
    int error = netmcu_server_listen(*other, port, "0.0.0.0", 0, on_accept);
    if (error == 0)
      return port;
    assert_int_equal(error, NETMCU_EADDRINUSE);
    netmcu_server_free(*server);
  }
  fail_msg("no port is free in both families");
  return 0;
}

static void test_a_listener_takes_one_family(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  netmcu_server *server, *other;
  uint16_t port = open_pair(ctx, &server, &other);
  connect_to(ctx, "::1", port);
  loop_until_called(ctx, "receive ::1", 1);
  connect_to(ctx, "127.0.0.1", port);
  loop_until_called(ctx, "receive 127.0.0.1", 1);
  expect_journal("dns ::1, receive ::1, dns 127.0.0.1, receive 127.0.0.1");
  netmcu_server_free(server);
  netmcu_server_free(other);
  loop_end(ctx);
}

/* Whichever address comes first, the server is at the other one. */
static void test_the_next_address_is_tried(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  dns_server *dns = use_names(ctx);
  for (int i = 0; i < 2; i++) {
    static const char *const ips[] = {"127.0.0.1", "::1"};
    char received[40];
    uint16_t port;
    netmcu_server *server = open_server_at(ctx, ips[i], on_accept, &port);
    connect_to(ctx, "both.test", port);
    snprintf(received, sizeof received, "receive %s", ips[i]);
    loop_until_called(ctx, received, 1);
    netmcu_server_free(server);
  }
  expect_journal("dns ::1, receive 127.0.0.1, dns ::1, receive ::1");
  end(ctx, dns);
}

static void test_no_address_answers(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  dns_server *dns = use_names(ctx);
  connect_to(ctx, "both.test", 1); /* where nobody listens */
  loop_run(ctx);
  expect_journal("dns ::1, disconnection -9");
  end(ctx, dns);
}

static void close_soon(void *data)
{
  netmcu_connection_free(data);
}

/* The program may close the connection while the first address is being given up. */
static void test_close_between_two_addresses(void **state)
{
  (void)state;
  uint16_t port;
  netmcu_t *ctx = begin();
  dns_server *dns = use_names(ctx);
  netmcu_server *server = open_server_at(ctx, "127.0.0.1", on_accept, &port);
  for (unsigned turns = 0; turns < 12; turns++) {
    netmcu_connection *c = netmcu_connection_new(ctx);
    assert_int_equal(netmcu_connection_connect(c, port, "both.test"), 0);
    if (turns % 2) /* Its output is delivered without it. */
      assert_int_equal(netmcu_connection_send(c, "x", 1), 0);
    loop_turns(ctx, turns);
    assert_int_equal(netmcu_post(ctx, close_soon, c), 0);
    loop_turns(ctx, 1);
  }
  netmcu_server_free(server);
  end(ctx, dns);
}

static void test_ttl(void **state)
{
  (void)state;
  uint16_t port;
  int ttl = 0;
  netmcu_t *ctx = begin();
  netmcu_server *server = open_server_at(ctx, "::1", on_accept, &port);
  netmcu_connection *c = netmcu_connection_new(ctx);
  assert_int_equal(netmcu_connection_connect(c, port, "::1"), 0);
  assert_int_equal(netmcu_connection_set_ttl(c, 7), 0);
  assert_int_equal(netmcu_connection_get_ttl(c, &ttl), 0);
  assert_int_equal(ttl, 7);
  netmcu_connection_free(c);
  netmcu_server_free(server);
  loop_end(ctx);
}

/* ---- UDP ------------------------------------------------------------------------------------- */

static void echo(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  called("echo %.*s to %s", (int)size, data, loop_ip(from));
  assert_int_equal(netmcu_udp_send(u, from, data, size), 0);
}

static void on_datagram(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  called("%.*s from %s", (int)size, data, loop_ip(from));
  netmcu_udp_free(u);
}

static const netmcu_udp_events echo_events = {.receive = echo}, receive_events = {.receive = on_datagram};

static void ask(netmcu_t *ctx, const char *ip, uint16_t port)
{
  netmcu_address to = {.port = port};
  netmcu_udp *u = netmcu_udp_new(ctx);
  netmcu_udp_on(u, &receive_events);
  assert_int_equal(netmcu_ip_parse(ip, &to), 0);
  assert_int_equal(netmcu_udp_send(u, &to, ip, strlen(ip)), 0);
}

static void test_datagrams_of_both_families(void **state)
{
  (void)state;
  netmcu_address own;
  netmcu_t *ctx = begin();
  netmcu_udp *u = netmcu_udp_new(ctx);
  netmcu_udp_on(u, &echo_events);
  assert_int_equal(netmcu_udp_listen(u, 0, NULL), 0);
  assert_int_equal(netmcu_udp_get_address(u, &own), 0);
  assert_string_equal(loop_ip(&own), "::");
  ask(ctx, "::1", own.port);
  loop_until_called(ctx, "::1 from ::1", 1);
  ask(ctx, "127.0.0.1", own.port);
  loop_until_called(ctx, "127.0.0.1 from 127.0.0.1", 1);
  expect_journal("echo ::1 to ::1, ::1 from ::1, echo 127.0.0.1 to 127.0.0.1, 127.0.0.1 from 127.0.0.1");
  assert_int_equal(netmcu_udp_set_ttl(u, 9), 0);
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void test_a_socket_of_the_other_family(void **state)
{
  (void)state;
  netmcu_address four = {.ip = {127, 0, 0, 1}, .port = 9}, six = {.ip = {[15] = 1}, .port = 9, .family = NETMCU_IPV6};
  netmcu_t *ctx = begin();
  netmcu_udp *u = netmcu_udp_new(ctx);
  assert_int_equal(netmcu_udp_listen(u, 0, "127.0.0.1"), 0);
  assert_true(netmcu_udp_send(u, &six, "x", 1) < 0);
  netmcu_udp_close(u);
  assert_int_equal(netmcu_udp_listen(u, 0, "::1"), 0);
  assert_true(netmcu_udp_send(u, &four, "x", 1) < 0);
  netmcu_udp_free(u);
  loop_end(ctx);
}

/* ---- lookups --------------------------------------------------------------------------------- */

static void on_lookup(void *data, int error, const netmcu_address *addresses, size_t count)
{
  (void)data;
  called("lookup %d", error);
  for (size_t i = 0; i < count; i++)
    called("%s", text_of(&addresses[i]));
}

static void lookup(netmcu_t *ctx, const char *name, const char *expected)
{
  assert_int_equal(netmcu_resolve(ctx, name, on_lookup, NULL, NULL), 0);
  loop_run(ctx);
  expect_journal(expected);
}

static void test_lookups_of_both_families(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  dns_server *dns = use_names(ctx);
  for (int i = 0; i < 2; i++) { /* The second answer comes from the cache. */
    lookup(ctx, "both.test", "lookup 0, [::1]:0, 127.0.0.1:0");
    lookup(ctx, "two.test", "lookup 0, 192.0.2.1:0, 192.0.2.2:0");
    lookup(ctx, "six.test", "lookup 0, [2001:db8::1]:0");
    assert_int_equal(dns_server_queries(dns, NULL), 6);
  }
  lookup(ctx, "empty.test", "lookup -32");
  lookup(ctx, "nx.test", "lookup -32");
  lookup(ctx, "::1", "lookup 0, [::1]:0");
  lookup(ctx, "app.localhost", "lookup 0, [::1]:0, 127.0.0.1:0");
  end(ctx, dns);
}

static void test_lookups_as_on_the_device(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin_with_families(NETMCU_IPV4_ONLY);
  dns_server *dns = use_names(ctx);
  lookup(ctx, "both.test", "lookup 0, 127.0.0.1:0");
  lookup(ctx, "two.test", "lookup 0, 192.0.2.1:0");
  lookup(ctx, "six.test", "lookup -32");
  lookup(ctx, "::1", "lookup -32");
  lookup(ctx, "app.localhost", "lookup 0, 127.0.0.1:0");
  assert_int_equal(dns_server_queries_not_for_a(dns), 0);
  end(ctx, dns);
}

static void test_ipv6_where_there_is_no_ipv4(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin_with_families(NETMCU_IPV4_FIRST);
  dns_server *dns = use_names(ctx);
  lookup(ctx, "both.test", "lookup 0, 127.0.0.1:0");
  assert_int_equal(dns_server_queries_not_for_a(dns), 0);
  lookup(ctx, "six.test", "lookup 0, [2001:db8::1]:0");
  lookup(ctx, "nx.test", "lookup -32");
  lookup(ctx, "app.localhost", "lookup 0, 127.0.0.1:0");
  end(ctx, dns);
}

/* What was kept for the former options does not count. */
static void test_options_change(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin_with_families(NETMCU_IPV4_ONLY);
  dns_server *dns = use_names(ctx);
  netmcu_options options = loop_options(ctx);
  lookup(ctx, "two.test", "lookup 0, 192.0.2.1:0");
  options.families = NETMCU_IPV4_FIRST;
  assert_int_equal(netmcu_set_options(ctx, &options), 0);
  lookup(ctx, "two.test", "lookup 0, 192.0.2.1:0, 192.0.2.2:0");
  options.families = 3;
  assert_int_equal(netmcu_set_options(ctx, &options), NETMCU_EVALUE);
  end(ctx, dns);
}

/* A lookup that has asked for both families already does not ask again. */
static void test_options_change_during_a_lookup(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin_with_families(NETMCU_ANY_FAMILY);
  dns_server *dns = use_names(ctx);
  netmcu_options options = loop_options(ctx);
  assert_int_equal(netmcu_resolve(ctx, "nx.test", on_lookup, NULL, NULL), 0);
  options.families = NETMCU_IPV4_FIRST;
  assert_int_equal(netmcu_set_options(ctx, &options), 0);
  loop_run(ctx);
  expect_journal("lookup -32");
  end(ctx, dns);
}

/* The connection waits for its address, because it has something to deliver. The context waits for
 * both questions. */
static void test_close_before_the_second_question(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin_with_families(NETMCU_IPV4_FIRST);
  dns_server *dns = use_names(ctx);
  netmcu_connection *c = netmcu_connection_new(ctx);
  assert_int_equal(netmcu_connection_connect(c, 9, "nx.test"), 0);
  assert_int_equal(netmcu_connection_send(c, "x", 1), 0);
  loop_files_may_differ();
  loop_close(ctx);
  assert_int_equal(dns_server_queries_not_for_a(dns), 1);
  dns_server_stop(dns);
}

/* With IPv4 only, the text of an IPv6 address is a name like any other. */
static void test_long_scopes_are_no_names(void **state)
{
  (void)state;
  char host[1024] = "fe80::1%";
  memset(host + strlen(host), '0', sizeof(host) - strlen(host) - 2);
  host[sizeof(host) - 2] = '1';
  netmcu_t *ctx = loop_begin_with_families(NETMCU_IPV4_ONLY);
  dns_server *dns = use_names(ctx);
  netmcu_connection *c = netmcu_connection_new(ctx);
  assert_int_equal(netmcu_resolve(ctx, host, on_lookup, NULL, NULL), NETMCU_EARGUMENT);
  assert_int_equal(netmcu_connection_connect(c, 9, host), NETMCU_EARGUMENT);
  loop_run(ctx);
  netmcu_connection_free(c);
  end(ctx, dns);
}

static void test_cancelled_between_two_queries(void **state)
{
  (void)state;
  netmcu_lookup *running;
  netmcu_t *ctx = loop_begin_with_families(NETMCU_ANY_FAMILY);
  dns_server *dns = use_names(ctx);
  assert_int_equal(netmcu_resolve(ctx, "half.test", on_lookup, NULL, &running), 0);
  while (dns_server_queries(dns, NULL) < 2)
    netmcu_run_once(ctx);
  loop_turns(ctx, 2);
  netmcu_lookup_cancel(running);
  loop_run(ctx);
  expect_journal("");
  end(ctx, dns);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_a_listener_takes_both_families), own_loop(test_a_listener_takes_one_family),
      both_loops(test_the_next_address_is_tried),      own_loop(test_no_address_answers),
      both_loops(test_close_between_two_addresses),    own_loop(test_ttl),
      both_loops(test_datagrams_of_both_families),     own_loop(test_a_socket_of_the_other_family),
      own_loop(test_lookups_of_both_families),         own_loop(test_lookups_as_on_the_device),
      own_loop(test_ipv6_where_there_is_no_ipv4),      own_loop(test_options_change),
      own_loop(test_options_change_during_a_lookup),   own_loop(test_close_before_the_second_question),
      own_loop(test_long_scopes_are_no_names),         own_loop(test_cancelled_between_two_queries),
  };
  return cmocka_run_group_tests_name("IPv6", tests, NULL, NULL);
}
