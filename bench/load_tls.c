/* Clients over TLS, by mbedTLS on non-blocking sockets. Each run polls its connections without ever
 * sleeping. The client chooses AES-128-GCM, so that all servers encrypt alike. */
#include "load_socket.h"

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/version.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <errno.h>
#include <unistd.h>
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
#include <psa/crypto.h>
#endif

#define FIRST_LOT 50 /* as in run.lua */

typedef struct tls_client {
  int fd;
  bool is_open, has_received;
  mbedtls_ssl_context ssl;
} tls_client;

static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context random_numbers;
static mbedtls_ssl_config config;
static unsigned char data[16384];

static int on_write(void *client, const unsigned char *bytes, size_t size)
{
  ssize_t n = send(((tls_client *)client)->fd, bytes, size, 0);

  if (n < 0)
    return errno == EAGAIN ? MBEDTLS_ERR_SSL_WANT_WRITE : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
  return (int)n;
}

static int on_read(void *client, unsigned char *bytes, size_t size)
{
  ssize_t n = recv(((tls_client *)client)->fd, bytes, size, 0);

  if (n < 0)
    return errno == EAGAIN ? MBEDTLS_ERR_SSL_WANT_READ : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
  return (int)n;
}

static bool must_wait(int result)
{
  return result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE;
}

static void configure(void)
{
  static const int ciphers[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, 0};

#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  psa_crypto_init();
#endif
  mbedtls_entropy_init(&entropy);
  mbedtls_ctr_drbg_init(&random_numbers);
  mbedtls_ssl_config_init(&config);
  if (mbedtls_ctr_drbg_seed(&random_numbers, mbedtls_entropy_func, &entropy, NULL, 0) ||
      mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                  MBEDTLS_SSL_PRESET_DEFAULT))
    load_fail("mbedTLS does not start");
  mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &random_numbers);
  mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_NONE);
  mbedtls_ssl_conf_ciphersuites(&config, ciphers);
}

static void begin(load *l, tls_client *c)
{
  c->fd = load_connect(l);
  load_bound_buffers(c->fd);
  c->is_open = c->has_received = false;
  mbedtls_ssl_init(&c->ssl);
  if (mbedtls_ssl_setup(&c->ssl, &config) || mbedtls_ssl_set_hostname(&c->ssl, NULL))
    load_fail("out of memory");
  mbedtls_ssl_set_bio(&c->ssl, c, on_write, on_read, NULL);
}

static tls_client *begin_all(load *l)
{
  tls_client *clients = calloc((size_t)l->connections, sizeof *clients);

  if (clients == NULL)
    load_fail("out of memory");
  configure();
  load_start_listener(l);
  for (int i = 0; i < l->connections; i++)
    begin(l, &clients[i]);
  return clients;
}

/* Returns whether the handshake is complete. */
static bool shake_hands(tls_client *c)
{
  int result = c->is_open ? 0 : mbedtls_ssl_handshake(&c->ssl);

  if (result != 0 && !must_wait(result))
    load_fail("TLS handshake: %d", result);
  c->is_open = result == 0;
  return c->is_open;
}

static void run(load *l, void (*step)(load *, tls_client *))
{
  tls_client *clients = begin_all(l);

  while (load_running(l))
    for (int i = 0; i < l->connections; i++)
      if (shake_hands(&clients[i]))
        step(l, &clients[i]);
}

static void receive(load *l, tls_client *c)
{
  int n = mbedtls_ssl_read(&c->ssl, data, sizeof data);

  if (n > 0)
    l->count += (uint64_t)n;
  else if (!must_wait(n))
    load_fail("TLS read: %d", n);
}

/* A write that has to wait continues with the same data. */
static void transmit(load *l, tls_client *c)
{
  int n = mbedtls_ssl_write(&c->ssl, data, sizeof data);

  if (n > 0)
    l->count += (uint64_t)n;
  else if (!must_wait(n))
    load_fail("TLS write: %d", n);
}

/* Reads the greeting and the end mark, and connects again. */
static void be_greeted(load *l, tls_client *c)
{
  int n = mbedtls_ssl_read(&c->ssl, data, sizeof data);

  c->has_received |= n > 0;
  if (n > 0 || must_wait(n))
    return;
  if (!c->has_received)
    load_fail("the server closed without a greeting");
  mbedtls_ssl_free(&c->ssl);
  close(c->fd);
  l->count++;
  begin(l, c);
}

void load_tls_source(load *l)
{
  run(l, receive);
}

void load_tls_sink(load *l)
{
  run(l, transmit);
}

void load_tls_greet(load *l)
{
  run(l, be_greeted);
}

/* Echoes a byte. */
static void talk(tls_client *c)
{
  while (!shake_hands(c)) {
  }
  if (mbedtls_ssl_write(&c->ssl, data, 1) != 1)
    load_fail("TLS write");
  while (must_wait(mbedtls_ssl_read(&c->ssl, data, 1))) {
  }
}

/* Only the sockets of idle connections are kept: the server's memory is what is measured. */
void load_tls_idle(load *l)
{
  tls_client c;

  configure();
  load_start_listener(l);
  load_begin(l);
  for (int i = 0; i < l->connections; i++) {
    begin(l, &c);
    talk(&c);
    mbedtls_ssl_free(&c.ssl);
    if (i + 1 == FIRST_LOT)
      l->resident_first = load_resident(l);
  }
  l->count = (uint64_t)l->connections;
  load_end(l);
}
