/* A TLS connection that fails ends with NETMCU_ETLS, and the text says why in words. */
#include "objects.h"
#include "peer.h"
#include "tls.h"

static netmcu_server *server;
static netmcu_tls_options server_options;

static void record_end(const netmcu_connection *c, int error)
{
  called("%s",
         error == NETMCU_ETLS ? netmcu_get_tls_error(netmcu_connection_get_context(c)) : netmcu_error_name(error));
}

static void fail_and_close(netmcu_connection *c, int error)
{
  record_end(c, error);
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  netmcu_connection_free(c);
  if (server)
    netmcu_server_close(server);
}

static void close_at_once(netmcu_connection *c)
{
  journal_connection(c);
  assert_int_equal(netmcu_connection_get_tls(c, &(netmcu_tls_state){.version = NULL}), 0);
  netmcu_connection_free(c);
  netmcu_server_close(server);
}

static const netmcu_connection_events client_events = {.connection = close_at_once, .disconnection = fail_and_close};
static const netmcu_connection_events quiet = {.disconnection = tls_free};

/* Connects to a server with this certificate; the journal has the outcome. */
static void run_against(const char *certificate, const netmcu_tls_options *options, const char *host)
{
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_connection *c = netmcu_connection_new(ctx);

  server_options = tls_server(certificate);
  server = tls_listen(ctx, &server_options, &quiet);
  netmcu_connection_on(c, &client_events);
  assert_int_equal(netmcu_connection_use_tls(c, options), 0);
  assert_int_equal(netmcu_connection_connect(c, tls_port(server), host), 0);
  loop_run(ctx);
}

static void end(const char *outcome)
{
  netmcu_t *ctx = netmcu_server_get_context(server);

  expect_journal(outcome);
  netmcu_server_free(server);
  server = NULL;
  loop_end(ctx);
}

static void test_good_certificate(void **state)
{
  (void)state;
  netmcu_tls_options options = tls_client();
  run_against("server", &options, "127.0.0.1");
  end("connection");
  options.server_name = "tls.example";
  run_against("server", &options, "127.0.0.1");
  end("connection");
}

static void test_expired(void **state)
{
  (void)state;
  netmcu_tls_options options = tls_client();
  run_against("expired", &options, "localhost");
  end("certificate of localhost expired on 2020-01-02");
}

static void test_other_name(void **state)
{
  (void)state;
  netmcu_tls_options options = tls_client();
  options.server_name = "api.example";
  run_against("server", &options, "localhost");
  end("certificate of api.example is made for another name (server.example)");
}

/* With "", a client accepts a certificate for any name. */
static void test_any_name(void **state)
{
  (void)state;
  netmcu_tls_options options = tls_client();
  options.server_name = "";
  run_against("client", &options, "localhost");
  end("connection");
  run_against("client", &options, "127.0.0.1");
  end("connection");
  options.ca_file = tls_file("self.pem");
  run_against("client", &options, "127.0.0.1");
  end("certificate of 127.0.0.1 is signed by \"Test CA\", which is not trusted");
}

static void test_other_address(void **state)
{
  (void)state;
  netmcu_tls_options options = tls_client();
  run_against("client", &options, "127.0.0.1");
  end("certificate of 127.0.0.1 is made for another name (client.example)");
}

static void test_unknown_authority(void **state)
{
  (void)state;
  netmcu_tls_options options = tls_client();
  options.ca_file = tls_file("self.pem");
  run_against("server", &options, "localhost");
  end("certificate of localhost is signed by \"Test CA\", which is not trusted");
}

static void test_signed_by_itself(void **state)
{
  (void)state;
  netmcu_tls_options options = tls_client();
  run_against("self", &options, "localhost");
  end("certificate of localhost is signed by itself, and is not among the trusted ones");
}

static void test_without_verification(void **state)
{
  (void)state;
  netmcu_tls_options options = NETMCU_TLS_OPTIONS_INIT;
  options.verification = NETMCU_TLS_VERIFY_NONE;
  run_against("expired", &options, "localhost");
  end("connection");
}

static void test_system_authorities_do_not_include_ours(void **state)
{
  (void)state;
  netmcu_tls_options options = NETMCU_TLS_OPTIONS_INIT;
  setenv("SSL_CERT_FILE", tls_file("self.pem"), 1);
  run_against("server", &options, "localhost");
  end("certificate of localhost is signed by \"Test CA\", which is not trusted");
  setenv("SSL_CERT_FILE", tls_file("ca.pem"), 1);
  run_against("server", &options, "localhost");
  end("connection");
  unsetenv("SSL_CERT_FILE");
}

/* ---- peers that are no TLS servers ----------------------------------------------------------- */

static void run_against_peer(peer_script script, const char *outcome, const netmcu_options *context_options)
{
  netmcu_t *ctx = loop_begin(context_options);
  netmcu_tls_options options = tls_client();
  peer *p = peer_listen(script, NULL);

  tls_connect(ctx, &options, &client_events, peer_port(p));
  loop_run(ctx);
  if (context_options)
    peer_go(p);
  expect_journal(outcome);
  peer_end(p, NULL);
  loop_end(ctx);
}

static void speak_http(peer *p)
{
  const char text[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
  peer_send(p, text, sizeof(text) - 1);
  peer_read_to_end(p);
}

static void test_no_tls_server(void **state)
{
  (void)state;
  run_against_peer(speak_http, "TLS with localhost failed: what it sends is not TLS", NULL);
}

static void go_away(peer *p)
{
  peer_finish(p);
  peer_read_to_end(p);
}

static void test_server_that_goes_away(void **state)
{
  (void)state;
  run_against_peer(go_away, "localhost closed the connection during the TLS handshake", NULL);
}

static void test_silent_server(void **state)
{
  (void)state;
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.connect_timeout = 100;
  options.linger_timeout = 100;
  run_against_peer(peer_wait, "EABORTED", &options);
}

/* Without a user, nobody else would end such a connection. */
static void test_silent_server_of_a_freed_connection(void **state)
{
  (void)state;
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.connect_timeout = options.linger_timeout = 100;
  netmcu_t *ctx = loop_begin(&options);
  netmcu_tls_options client_options = tls_client();
  peer *p = peer_listen(peer_wait, NULL);
  netmcu_connection *c = tls_connect(ctx, &client_options, &client_events, peer_port(p));
  while (netmcu_connection_get_address(c, &(netmcu_address){.port = 0}) || peer_so_far(p).connected == false)
    netmcu_run_once(ctx);
  loop_turns(ctx, 3);
  assert_int_equal(netmcu_connection_set_idle_timeout(c, 0), 0);
  assert_int_equal(netmcu_connection_send(c, "x", 1), 0);
  netmcu_connection_free(c);
  loop_run(ctx);
  expect_journal("");
  peer_go(p);
  peer_end(p, NULL);
  loop_end(ctx);
}

/* ---- servers --------------------------------------------------------------------------------- */

static void refused(netmcu_connection *c, int error)
{
  record_end(c, error);
  netmcu_connection_free(c);
  netmcu_server_close(server);
}

static void test_client_without_certificate(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.disconnection = refused};
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_tls_options options = tls_client();
  server_options = tls_server("server");
  server_options.verification = NETMCU_TLS_VERIFY_REQUIRED;
  server_options.ca_file = tls_file("ca.pem");
  options.maximum_version = NETMCU_TLS_1_2;
  server = tls_listen(ctx, &server_options, &events);
  tls_connect(ctx, &options, &quiet, tls_port(server));
  loop_run(ctx);
  end("TLS with the client failed: it has no certificate");
}

static void test_client_with_certificate(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_tls_options options = tls_client();
  server_options = tls_server("server");
  server_options.verification = NETMCU_TLS_VERIFY_REQUIRED;
  server_options.ca_file = tls_file("ca.pem");
  options.certificate_file = tls_file("client.pem");
  options.key_file = tls_file("client.key");
  server = tls_listen(ctx, &server_options, &quiet);
  tls_connect(ctx, &options, &client_events, tls_port(server));
  loop_run(ctx);
  end("connection");
}

static void expect_unusable(netmcu_connection *c, const netmcu_tls_options *options, const char *text)
{
  assert_int_equal(netmcu_connection_use_tls(c, options), NETMCU_ETLS);
  assert_string_equal(netmcu_get_tls_error(netmcu_connection_get_context(c)), text);
}

static void test_options_that_do_not_fit(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_tls_options options = tls_client();
  options.certificate_file = tls_file("client.pem");
  expect_unusable(c, &options, "a certificate needs its private key");
  options.key_file = tls_file("server.key");
  expect_unusable(c, &options, "the private key does not belong to the certificate");
  options = tls_client();
  options.alpn = "a,b,c,d,e,f,g,h,i";
  expect_unusable(c, &options, "more than 8 ALPN protocols");
  options.alpn = "";
  expect_unusable(c, &options, "\"\" is not a list of ALPN protocols");
  options = tls_client();
  options.verification = NETMCU_TLS_VERIFY_NONE + 1;
  expect_unusable(c, &options, "the verification is not one of netmcu_tls_verification");
  netmcu_connection_free(c);
  loop_end(ctx);
}

/* Not even if a connection without this option exists: the authorities would be those of the
 * system. */
static void test_empty_data_is_no_default(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_connection *c = netmcu_connection_new(ctx), *other = netmcu_connection_new(ctx);
  netmcu_tls_options options = NETMCU_TLS_OPTIONS_INIT;
  setenv("SSL_CERT_FILE", tls_file("ca.pem"), 1);
  assert_int_equal(netmcu_connection_use_tls(other, &options), 0);
  options.ca = "";
  assert_int_equal(netmcu_connection_use_tls(c, &options), NETMCU_ETLS);
  unsetenv("SSL_CERT_FILE");
  netmcu_connection_free(c);
  netmcu_connection_free(other);
  loop_end(ctx);
}

/* A program that does not look at the result must not send in the clear what it has always sent
 * encrypted. */
static void test_unusable_options_leave_tls_on(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_tls_options options = tls_client();
  server_options = tls_server("server");
  server = tls_listen(ctx, &server_options, &quiet);
  netmcu_connection_on(c, &client_events);
  assert_int_equal(netmcu_connection_use_tls(c, &options), 0);
  options.alpn = "";
  assert_int_equal(netmcu_connection_use_tls(c, &options), NETMCU_ETLS);
  assert_int_equal(netmcu_connection_connect(c, tls_port(server), "localhost"), 0);
  loop_run(ctx);
  end("connection");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_good_certificate),
      own_loop(test_expired),
      own_loop(test_other_name),
      own_loop(test_any_name),
      own_loop(test_other_address),
      own_loop(test_unknown_authority),
      own_loop(test_signed_by_itself),
      own_loop(test_without_verification),
      own_loop(test_system_authorities_do_not_include_ours),
      own_loop(test_no_tls_server),
      own_loop(test_server_that_goes_away),
      own_loop(test_silent_server),
      own_loop(test_silent_server_of_a_freed_connection),
      own_loop(test_client_without_certificate),
      own_loop(test_client_with_certificate),
      own_loop(test_options_that_do_not_fit),
      own_loop(test_empty_data_is_no_default),
      own_loop(test_unusable_options_leave_tls_on),
  };
  return cmocka_run_group_tests(tests, tls_set_up, tls_tear_down);
}
