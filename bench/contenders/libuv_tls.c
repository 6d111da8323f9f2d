/* libuv and mbedTLS, with nothing between them: mbedTLS reads from the one buffer that libuv reads
 * into, and what it writes goes to uv_try_write first. Only the bytes that the system does not take
 * at once are copied for uv_write. */
#include "server.h"

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>
#include <signal.h>
#include <stdbool.h>
#include <uv.h>

#if MBEDTLS_VERSION_NUMBER >= 0x03000000
#include <psa/crypto.h>
#define WITH_RANDOM , mbedtls_ctr_drbg_random, &random_numbers
#else
#define WITH_RANDOM
#endif

typedef struct connection {
  uv_tcp_t tcp;
  mbedtls_ssl_context ssl;
  const char *input;
  size_t input_size;
  unsigned writes; /* of uv_write, under way */
  bool is_open, is_ending;
} connection;

typedef struct write_request {
  uv_write_t request;
  char data[];
} write_request;

static scenario_kind scenario;
static char chunk[CHUNK], received[65536], plaintext[16384];
static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context random_numbers;
static mbedtls_ssl_config config;
static mbedtls_x509_crt certificate;
static mbedtls_pk_context key;

static void check(int status, const char *what)
{
  char reason[32];

  snprintf(reason, sizeof reason, "%d", status);
  if (status < 0)
    fail(what, reason);
}

static void *allocate(size_t size)
{
  void *memory = malloc(size);

  if (memory == NULL)
    fail("malloc", "out of memory");
  return memory;
}

static void on_close(uv_handle_t *handle)
{
  connection *c = (connection *)handle;

  mbedtls_ssl_free(&c->ssl);
  free(c);
}

static void close_connection(connection *c)
{
  if (!uv_is_closing((uv_handle_t *)&c->tcp))
    uv_close((uv_handle_t *)&c->tcp, on_close);
}

static void pour(connection *c);

static void on_written(uv_write_t *request, int status)
{
  connection *c = (connection *)request->handle;

  free(request);
  c->writes--;
  if (status < 0 || (c->is_ending && c->writes == 0))
    close_connection(c);
  else if (scenario == SOURCE && c->writes == 0)
    pour(c);
}

static int on_ssl_write(void *data, const unsigned char *bytes, size_t size)
{
  connection *c = data;
  uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)size);
  int done = c->writes > 0 ? 0 : uv_try_write((uv_stream_t *)&c->tcp, &buffer, 1);
  write_request *w;

  if (done == (int)size)
    return done;
  done = done < 0 ? 0 : done;
  w = allocate(sizeof *w + size - (size_t)done);
  memcpy(w->data, bytes + done, size - (size_t)done);
  buffer = uv_buf_init(w->data, (unsigned)(size - (size_t)done));
  check(uv_write(&w->request, (uv_stream_t *)&c->tcp, &buffer, 1, on_written), "uv_write");
  c->writes++;
  return (int)size;
}

static int on_ssl_read(void *data, unsigned char *bytes, size_t size)
{
  connection *c = data;

  if (c->input_size == 0)
    return MBEDTLS_ERR_SSL_WANT_READ;
  size = size < c->input_size ? size : c->input_size;
  memcpy(bytes, c->input, size);
  c->input += size;
  c->input_size -= size;
  return (int)size;
}

static void write_all(connection *c, const char *data, size_t size)
{
  for (size_t sent = 0; sent < size;) {
    int done = mbedtls_ssl_write(&c->ssl, (const unsigned char *)data + sent, size - sent);

    check(done, "mbedtls_ssl_write");
    sent += (size_t)done;
  }
}

/* One connection does not monopolize the loop: after a chunk that the system has taken at once, an
 * empty write brings the next one. */
static void pour(connection *c)
{
  static uv_buf_t nothing;
  write_request *w;

  write_all(c, chunk, sizeof chunk);
  if (c->writes > 0)
    return;
  w = allocate(sizeof *w);
  check(uv_write(&w->request, (uv_stream_t *)&c->tcp, &nothing, 1, on_written), "uv_write");
  c->writes++;
}

static void end_connection(connection *c)
{
  mbedtls_ssl_close_notify(&c->ssl);
  c->is_ending = true;
  if (c->writes == 0)
    close_connection(c);
}

static void begin_talk(connection *c)
{
  c->is_open = true;
  if (scenario == SOURCE)
    pour(c);
  if (scenario == GREET) {
    write_all(c, GREETING, sizeof GREETING - 1);
    end_connection(c);
  }
}

/* Returns whether there may be more to read. */
static bool step(connection *c)
{
  int result = c->is_open ? mbedtls_ssl_read(&c->ssl, (unsigned char *)plaintext, sizeof plaintext)
                          : mbedtls_ssl_handshake(&c->ssl);

  if (result == MBEDTLS_ERR_SSL_WANT_READ)
    return false;
  if (result < 0 || (result == 0 && c->is_open)) {
    close_connection(c);
    return false;
  }
  if (!c->is_open)
    begin_talk(c);
  else if (scenario == ECHO_BACK)
    write_all(c, plaintext, (size_t)result);
  return !c->is_ending;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
  (void)handle;
  (void)suggested;
  *buffer = uv_buf_init(received, sizeof received);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
  connection *c = (connection *)stream;

  if (n < 0) {
    close_connection(c);
    return;
  }
  c->input = buffer->base;
  c->input_size = (size_t)n;
  while (step(c)) {
  }
}

static void on_connection(uv_stream_t *server, int status)
{
  connection *c = calloc(1, sizeof *c);

  check(c ? status : -1, "accept");
  check(uv_tcp_init(server->loop, &c->tcp), "uv_tcp_init");
  check(uv_accept(server, (uv_stream_t *)&c->tcp), "uv_accept");
  check(uv_tcp_nodelay(&c->tcp, 1), "uv_tcp_nodelay");
  mbedtls_ssl_init(&c->ssl);
  check(mbedtls_ssl_setup(&c->ssl, &config), "mbedtls_ssl_setup");
  mbedtls_ssl_set_bio(&c->ssl, c, on_ssl_write, on_ssl_read, NULL);
  check(uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read), "uv_read_start");
}

static void configure(void)
{
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  psa_crypto_init();
#endif
  mbedtls_entropy_init(&entropy);
  mbedtls_ctr_drbg_init(&random_numbers);
  mbedtls_ssl_config_init(&config);
  mbedtls_x509_crt_init(&certificate);
  mbedtls_pk_init(&key);
  check(mbedtls_ctr_drbg_seed(&random_numbers, mbedtls_entropy_func, &entropy, NULL, 0), "mbedtls_ctr_drbg_seed");
  check(mbedtls_x509_crt_parse_file(&certificate, TLS_CERTIFICATE), TLS_CERTIFICATE);
  check(mbedtls_pk_parse_keyfile(&key, TLS_CERTIFICATE, NULL WITH_RANDOM), TLS_CERTIFICATE);
  check(mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT),
        "mbedtls_ssl_config_defaults");
  mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &random_numbers);
  check(mbedtls_ssl_conf_own_cert(&config, &certificate, &key), "mbedtls_ssl_conf_own_cert");
}

int main(int argc, char **argv)
{
  static uv_tcp_t server;
  struct sockaddr_in address;
  uint16_t port;

  scenario = read_arguments(argc, argv, &port);
  signal(SIGPIPE, SIG_IGN);
  configure();
  uv_ip4_addr("127.0.0.1", port, &address);
  check(uv_tcp_init(uv_default_loop(), &server), "uv_tcp_init");
  check(uv_tcp_bind(&server, (const struct sockaddr *)&address, 0), "uv_tcp_bind");
  check(uv_listen((uv_stream_t *)&server, BACKLOG, on_connection), "uv_listen");
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
