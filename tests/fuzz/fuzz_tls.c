/* TLS records of a peer that means no good, through the core: a client or a server with TLS gets the
 * bytes in pieces. The world is simulated, so nothing waits. The first byte chooses the side and the
 * size of the pieces. */
#include <stdbool.h>
#include <stdlib.h>

#include "netmcu_sim.h"
#include "netmcu_tls.h"

static const char certificate[] = "-----BEGIN CERTIFICATE-----\n"
                                  "MIIBfDCCASOgAwIBAgIULv0tT1X0O3+aDVtS/6T16Mb28BEwCgYIKoZIzj0EAwIw\n"
                                  "FDESMBAGA1UEAwwJbG9jYWxob3N0MB4XDTI2MTEyODA4NTIxMVoXDTI2MTIyODA4\n"
                                  "NTIxMVowFDESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0D\n"
                                  "AQcDQgAE3nhmy1+Hu8sLGYwSOy8Z1MP7VNNFulX4T0Je9mOR3brWAleUAaFqD7w1\n"
                                  "9URp2uEYXrqC4nGPuMpWfuhxUGMyrKNTMFEwHQYDVR0OBBYEFE36ElziR+YPJJkz\n"
                                  "eapr6xfT56LJMB8GA1UdIwQYMBaAFE36ElziR+YPJJkzeapr6xfT56LJMA8GA1Ud\n"
                                  "EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgbgZo4Ik5KdB14jlmimehFycm\n"
                                  "whZj597Pi0cJ8TOXXH8CIEqdQIIlPtT4r9McAfpzgJvS2LgIf/vJfY6JzNpYeZep\n"
                                  "-----END CERTIFICATE-----\n";
static const char key[] = "-----BEGIN EC PRIVATE KEY-----\n"
                          "MHcCAQEEIKDJQ2bJaClmQU/X+Jxo/naeR0SKrzjCz46fl12m1aVtoAoGCCqGSM49\n"
                          "AwEHoUQDQgAE3nhmy1+Hu8sLGYwSOy8Z1MP7VNNFulX4T0Je9mOR3brWAleUAaFq\n"
                          "D7w19URp2uEYXrqC4nGPuMpWfuhxUGMyrA==\n"
                          "-----END EC PRIVATE KEY-----\n";

static const uint8_t *input;
static size_t input_size, piece;

static void send_input(netmcu_connection *c)
{
  for (size_t at = 0; at < input_size; at += piece)
    netmcu_connection_send(c, input + at, input_size - at < piece ? input_size - at : piece);
  netmcu_connection_close(c);
}

static void answer(netmcu_connection *c, const char *data, size_t size)
{
  netmcu_connection_send(c, data, size);
}

static void end(netmcu_connection *c, int error)
{
  if (error == NETMCU_ETLS && *netmcu_get_tls_error(netmcu_connection_get_context(c)) == '\0')
    abort(); /* every failure has a text */
  netmcu_connection_free(c);
}

static const netmcu_connection_events evil = {.connection = send_input, .disconnection = end};
static const netmcu_connection_events good = {.receive = answer, .disconnection = end};

static void accept_evil(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  netmcu_connection_on(client, &evil);
}

static void accept_good(netmcu_server *server, netmcu_connection *client)
{
  netmcu_tls_options options = NETMCU_TLS_OPTIONS_INIT;

  (void)server;
  options.certificate = certificate;
  options.key = key;
  netmcu_connection_on(client, &good);
  if (netmcu_connection_use_tls(client, &options))
    abort();
}

static void connect_to(netmcu_t *ctx, const netmcu_connection_events *events, bool with_tls)
{
  netmcu_tls_options options = NETMCU_TLS_OPTIONS_INIT;
  netmcu_connection *c = netmcu_connection_new(ctx);

  options.ca = certificate;
  options.device = NETMCU_TLS_DEVICE;
  netmcu_connection_on(c, events);
  if ((with_tls && netmcu_connection_use_tls(c, &options)) || netmcu_connection_connect(c, 443, "server"))
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 1)
    return 0;
  bool client_is_evil = data[0] & 1;
  piece = data[0] & 2 ? 1 : 4000;
  input = data + 1;
  input_size = size - 1;
  netmcu_sim *world = netmcu_sim_new(1, 0);
  netmcu_t *a = netmcu_sim_context(netmcu_sim_host_new(world, "server", NULL, NETMCU_SIM_DESKTOP), NULL);
  netmcu_t *b = netmcu_sim_context(netmcu_sim_host_new(world, "client", NULL, NETMCU_SIM_DESKTOP), NULL);
  netmcu_server *server = netmcu_server_new(a);
  if (netmcu_server_listen(server, 443, NULL, 0, client_is_evil ? accept_good : accept_evil))
    abort();
  connect_to(b, client_is_evil ? &evil : &good, !client_is_evil);
  netmcu_sim_run_idle(world, 100000000);
  netmcu_sim_free(world);
  return 0;
}
