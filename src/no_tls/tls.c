/* The functions of src/tls in a library that was built without it. */
#include "netmcu_tls.h"

int netmcu_connection_use_tls(netmcu_connection *c, const netmcu_tls_options *options)
{
  (void)c;
  (void)options;
  return NETMCU_ENOTSUP;
}

const char *netmcu_get_tls_error(const netmcu_t *ctx)
{
  (void)ctx;
  return "netmcu was built without TLS: install mbedTLS (Debian: libmbedtls-dev) and build it again";
}

int netmcu_set_tls_debug(netmcu_t *ctx, int level, netmcu_tls_debug_cb cb, void *data)
{
  (void)ctx;
  (void)level;
  (void)cb;
  (void)data;
  return NETMCU_ENOTSUP;
}

int netmcu_set_tls_trace(netmcu_t *ctx, int has_plaintext)
{
  (void)ctx;
  (void)has_plaintext;
  return NETMCU_ENOTSUP;
}

int netmcu_connection_get_tls(const netmcu_connection *c, netmcu_tls_state *state)
{
  (void)c;
  (void)state;
  return NETMCU_ENOTCONN;
}

int netmcu_connection_get_tls_certificate(const netmcu_connection *c, unsigned index,
                                          netmcu_tls_certificate *certificate)
{
  (void)c;
  (void)index;
  (void)certificate;
  return NETMCU_ENOTCONN;
}
