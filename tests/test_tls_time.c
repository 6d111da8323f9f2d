/* How long a TLS handshake may take, and that the user's idle timeout holds after it. In virtual
 * time. */
#include "tls.h"
#include "world.h"

#define CONNECT_TIMEOUT 6 /* seconds: the default */

static netmcu_server *server;
static netmcu_connection *accepted;
static netmcu_tls_options server_options;
static uint64_t ended_at; /* seconds */

static void note_end(netmcu_connection *c, int error)
{
  journal_disconnection(c, error);
  ended_at = (netmcu_sim_time(world.sim) / 1000 + S / 2) / S;
}

static const netmcu_connection_events client_events = {.connection = journal_connection, .disconnection = note_end};

static netmcu_connection *connect_with_tls(void)
{
  netmcu_tls_options options = tls_client();
  netmcu_connection *c = netmcu_connection_new(world.a);
  netmcu_address to = netmcu_sim_host_address(world.host_b);
  char ip[NETMCU_IP_SIZE];

  options.server_name = "localhost";
  netmcu_connection_on(c, &client_events);
  assert_int_equal(netmcu_connection_use_tls(c, &options), 0);
  assert_int_equal(netmcu_connection_connect(c, 443, netmcu_ip_format(&to, ip)), 0);
  return c;
}

static netmcu_connection *begin(netmcu_accept_cb accept)
{
  world_begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP);
  accepted = NULL;
  server = netmcu_server_new(world.b);
  assert_int_equal(netmcu_server_listen(server, 443, NULL, 0, accept), 0);
  return connect_with_tls();
}

static void end(netmcu_connection *c, const char *journal)
{
  expect_journal(journal);
  netmcu_connection_free(c);
  netmcu_connection_free(accepted);
  netmcu_server_free(server);
  world_end();
}

/* ---- a peer that is slow --------------------------------------------------------------------- */

static void send_one_byte(netmcu_timer *timer, void *data)
{
  (void)data;
  if (netmcu_connection_send(accepted, "\2", 1))
    netmcu_timer_free(timer);
}

/* A record of 4096 bytes, of which one comes each two seconds. */
static void accept_and_dawdle(netmcu_server *s, netmcu_connection *client)
{
  netmcu_timer *timer = netmcu_timer_new(netmcu_server_get_context(s), send_one_byte, NULL);

  accepted = client;
  assert_int_equal(netmcu_connection_send(client, "\x16\3\3\x10", 4), 0);
  netmcu_timer_start(timer, 2000, 2000);
}

static void test_a_stretched_handshake_ends(void **state)
{
  (void)state;
  netmcu_connection *c = begin(accept_and_dawdle);
  netmcu_sim_run(world.sim, 100 * S);
  assert_int_equal(ended_at, 5 * CONNECT_TIMEOUT);
  end(c, "disconnection -8");
}

static void accept_and_wait(netmcu_server *s, netmcu_connection *client)
{
  (void)s;
  accepted = client;
}

static void test_a_silent_peer(void **state)
{
  (void)state;
  netmcu_connection *c = begin(accept_and_wait);
  netmcu_sim_run(world.sim, 100 * S);
  assert_int_equal(ended_at, CONNECT_TIMEOUT);
  end(c, "disconnection -8");
}

/* ---- the user's idle timeout ----------------------------------------------------------------- */

static void accept_with_tls(netmcu_server *s, netmcu_connection *client)
{
  (void)s;
  accepted = client;
  server_options = tls_server("server");
  assert_int_equal(netmcu_connection_use_tls(client, &server_options), 0);
}

static void run_with_timeout(unsigned timeout, uint64_t expected)
{
  netmcu_connection *c = begin(accept_with_tls);

  world_link(50 * MS, 0);
  netmcu_sim_run(world.sim, 160 * MS); /* TCP is open, and the handshake has begun */
  expect_journal("");
  assert_non_null(accepted);
  assert_int_equal(netmcu_connection_set_idle_timeout(c, timeout * 1000), 0);
  netmcu_sim_run(world.sim, 100 * S);
  assert_int_equal(ended_at, expected);
  end(c, expected ? "connection, disconnection -8" : "connection");
}

static void test_an_idle_timeout_during_the_handshake(void **state)
{
  (void)state;
  ended_at = 0;
  run_with_timeout(0, 0);
  run_with_timeout(CONNECT_TIMEOUT, CONNECT_TIMEOUT);
  run_with_timeout(3, 3);
  run_with_timeout(20, 20);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_a_stretched_handshake_ends),
      own_loop(test_a_silent_peer),
      own_loop(test_an_idle_timeout_during_the_handshake),
  };
  return cmocka_run_group_tests(tests, tls_set_up, tls_tear_down);
}
