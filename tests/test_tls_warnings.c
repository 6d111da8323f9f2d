/* A warning of the peer, which changes nothing, does not cost the data that comes with it. */
#include "tls.h"
#include "tls/tls_private.h"

static netmcu_server *server;

/* Both go out in one packet, because an event gathers what it sends. */
static void warn_and_echo(netmcu_connection *c, const char *data, size_t size)
{
  netmcu__tls *tls = (netmcu__tls *)(void *)netmcu__connection_filter(c);
  assert_int_equal(mbedtls_ssl_send_alert_message(&tls->session->ssl, MBEDTLS_SSL_ALERT_LEVEL_WARNING,
                                                  MBEDTLS_SSL_ALERT_MSG_NO_RENEGOTIATION),
                   0);
  assert_int_equal(netmcu_connection_send(c, data, size), 0);
}

static void end(netmcu_connection *c, int error)
{
  journal_disconnection(c, error);
  netmcu_connection_free(c);
  netmcu_server_free(server);
}

static void receive_and_end(netmcu_connection *c, const char *data, size_t size)
{
  journal_receive(c, data, size);
  assert_memory_equal(data, "hello", 5);
  netmcu_connection_free(c);
  netmcu_server_free(server);
}

static void test_data_behind_a_warning(void **state)
{
  (void)state;
  static const netmcu_connection_events server_events = {.receive = warn_and_echo, .disconnection = tls_free};
  static const netmcu_connection_events events = {
      .connection = tls_say_hello, .receive = receive_and_end, .disconnection = end};
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_tls_options client_options = tls_client(), server_options = tls_server("server");
  client_options.maximum_version = NETMCU_TLS_1_2; /* In later versions every such warning is an error. */
  server = tls_listen(ctx, &server_options, &server_events);
  tls_connect(ctx, &client_options, &events, tls_port(server));
  loop_run(ctx);
  expect_journal("connection, receive 5");
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_data_behind_a_warning)};
  return cmocka_run_group_tests(tests, tls_set_up, tls_tear_down);
}
