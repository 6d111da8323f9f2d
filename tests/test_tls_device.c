/* What the device's TLS cannot do is found in any handshake, however its bytes are cut. */
#include "objects.h"
#include "tls.h"
#include "tls/tls_private.h"

#define MOST 4096 /* bytes of a record or a message */

static netmcu_t *ctx;
static netmcu_connection *c;
static netmcu__session *session;
static char divergence[200];

static void note_divergence(netmcu_t *context, int id, const char *text, void *data)
{
  (void)context;
  (void)id;
  (void)data;
  snprintf(divergence, sizeof(divergence), "%s", text);
}

/* A session that has not received anything. Without a loop iteration, it does not. */
static void begin(int device)
{
  netmcu_tls_options options = NETMCU_TLS_OPTIONS_INIT;

  ctx = loop_begin(NULL);
  netmcu_set_warning(ctx, note_divergence, NULL);
  divergence[0] = '\0';
  options.verification = NETMCU_TLS_VERIFY_NONE;
  options.device = device;
  c = netmcu_connection_new(ctx);
  assert_int_equal(netmcu_connection_use_tls(c, &options), 0);
  assert_int_equal(netmcu_connection_connect(c, 1, "127.0.0.1"), 0);
  session = ((netmcu__tls *)(void *)netmcu__connection_filter(c))->session;
}

static void end(void)
{
  netmcu_connection_free(c);
  loop_run(ctx);
  loop_end(ctx);
}

/* Passes the bytes to the watch in pieces of this size. */
static bool feed(const unsigned char *bytes, size_t size, size_t piece)
{
  for (size_t done = 0; done < size; done += piece)
    if (!netmcu__tls_device_watch(session, bytes + done, size - done < piece ? size - done : piece))
      return false;
  return true;
}

static size_t put_record(unsigned char *bytes, size_t size)
{
  const unsigned char head[] = {MBEDTLS_SSL_MSG_HANDSHAKE, 3, 3, (unsigned char)(size >> 8), (unsigned char)size};

  memcpy(bytes, head, sizeof(head));
  return sizeof(head);
}

static size_t put_message(unsigned char *bytes, unsigned char type, size_t size)
{
  const unsigned char head[] = {type, 0, (unsigned char)(size >> 8), (unsigned char)size};

  memcpy(bytes, head, sizeof(head));
  memset(bytes + sizeof(head), 0, size);
  return sizeof(head) + size;
}

/* A record with two messages of these sizes, heads included. */
static bool feed_two(size_t one, size_t two, size_t piece)
{
  unsigned char bytes[3 * MOST];
  size_t size = put_record(bytes, one + two);

  size += put_message(bytes + size, MBEDTLS_SSL_HS_CERTIFICATE, one - 4);
  size += put_message(bytes + size, MBEDTLS_SSL_HS_SERVER_KEY_EXCHANGE, two - 4);
  return feed(bytes, size, piece);
}

static void test_messages_and_records(void **state)
{
  static const struct {
    size_t one, two;
    const char *divergence;
  } cases[] = {
      {2000, 2096, ""},
      {2000, 2097, "a TLS record of 4097 bytes: the device asks for 4096 and fails if the server sends more"},
      {4096, 4, "a TLS record of 4100 bytes: the device asks for 4096 and fails if the server sends more"},
      {4, 4097, "a message of 4097 bytes in a TLS handshake: the device takes at most 4096"},
  };

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    for (size_t piece = 1; piece < 3 * MOST; piece *= 7) {
      begin(NETMCU_TLS_DEVICE);
      assert_true(feed_two(cases[i].one, cases[i].two, piece));
      assert_string_equal(divergence, cases[i].divergence);
      end();
      begin(NETMCU_TLS_DEVICE_ONLY);
      assert_int_equal(feed_two(cases[i].one, cases[i].two, piece), cases[i].divergence[0] == '\0');
      end();
    }
  }
}

/* The beginning of a server's hello, up to the size of its extensions, which nobody reads. */
static size_t put_hello(unsigned char *bytes, unsigned char id_size, const char *extensions, size_t size)
{
  size_t rest = 34u + 1 + id_size + 5, done = put_record(bytes, 4 + rest + size);

  put_message(bytes + done, MBEDTLS_SSL_HS_SERVER_HELLO, rest + size);
  bytes[done + 4 + 34] = id_size;
  memcpy(bytes + done + 4 + rest, extensions, size);
  return done + 4 + rest + size;
}

static void expect_extensions(unsigned char id_size, const char *extensions, size_t size, bool name, bool limit)
{
  unsigned char bytes[200];
  size_t total = put_hello(bytes, id_size, extensions, size);

  for (size_t piece = 1; piece < sizeof(bytes); piece *= 3) {
    begin(NETMCU_TLS_DEVICE);
    assert_true(feed(bytes, total, piece));
    assert_int_equal(session->watch.has_used_name, name);
    assert_int_equal(session->watch.limits_records, limit);
    end();
  }
}

static void test_extensions_of_the_server(void **state)
{
  (void)state;
  expect_extensions(0, "", 0, false, false);
  expect_extensions(32, "\0\0\0\0", 4, true, false);
  expect_extensions(32, "\0\1\0\1\4", 5, false, true);
  expect_extensions(0, "\0\13\0\2\1\0\0\0\0\0\0\1\0\1\4", 15, true, true);
  expect_extensions(7, "\0\13\0\4\0\0\0\0\1\0\0\0", 12, false, false); /* in the data of others */
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_messages_and_records), own_loop(test_extensions_of_the_server)};

  return cmocka_run_group_tests(tests, NULL, NULL);
}
