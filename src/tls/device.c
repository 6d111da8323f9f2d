/* What the TLS of the device can do, for connections with the option `device`: its version, ciphers
 * and curves come first, and what it could not do is a divergence. In strict mode, only what it can
 * do is left. The facts are those of app/include/user_mbedtls.h in the firmware. See
 * tls_private.h. */
#include <string.h>

#include "base/memory.h"
#include "edge/edge.h"
#include "netmcu_device.h"
#include "tls/tls_private.h"

#define DEVICE_BUFFER 4096 /* bytes of a record, and so of a handshake message, which must fit in one record */

/* ---- ciphers and curves ---------------------------------------------------------------------- */

static bool has_cipher(const char *name)
{
  static const char *const keys[] = {"TLS-ECDHE-ECDSA-WITH-", "TLS-ECDHE-RSA-WITH-", "TLS-DHE-RSA-WITH-"};

  for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
    size_t size = strlen(keys[i]);
    if (strncmp(name, keys[i], size) == 0)
      return strncmp(name + size, "AES", 3) == 0 || strncmp(name + size, "CAMELLIA", 8) == 0;
  }
  return false;
}

/* Appends the library's ciphers that the device has, or those that it lacks. */
static int *add_ciphers(int *end, bool of_device)
{
  for (const int *id = mbedtls_ssl_list_ciphersuites(); *id; id++)
    if (has_cipher(mbedtls_ssl_get_ciphersuite_name(*id)) == of_device)
      *end++ = *id;
  return end;
}

static bool set_ciphers(netmcu__tls_library *library, netmcu__tls_config *config)
{
  size_t count = 1;

  for (const int *id = mbedtls_ssl_list_ciphersuites(); *id; id++)
    count++;
  config->ciphers = netmcu__allocate(library->ctx, count * sizeof(*config->ciphers));
  if (config->ciphers == NULL)
    return false;
  int *end = add_ciphers(config->ciphers, true);
  if (!config->is_strict)
    add_ciphers(end, false);
  mbedtls_ssl_conf_ciphersuites(&config->ssl, config->ciphers);
  return true;
}

#if MBEDTLS_VERSION_NUMBER >= 0x03000000
#define CURVE(name)                MBEDTLS_SSL_IANA_TLS_GROUP_##name
#define SET_CURVES(config, curves) mbedtls_ssl_conf_groups(config, curves)
typedef uint16_t curve;
#else
#define CURVE(name)                MBEDTLS_ECP_DP_##name
#define MBEDTLS_ECP_DP_X25519      MBEDTLS_ECP_DP_CURVE25519
#define SET_CURVES(config, curves) mbedtls_ssl_conf_curves(config, curves)
typedef mbedtls_ecp_group_id curve;
#endif

static void set_curves(mbedtls_ssl_config *config, bool is_strict)
{
  static const curve strict[] = {CURVE(SECP256R1), CURVE(SECP384R1), CURVE(SECP256K1),
                                 CURVE(BP256R1),   CURVE(BP384R1),   0};
  static const curve all[] = {CURVE(SECP256R1), CURVE(SECP384R1), CURVE(SECP256K1), CURVE(BP256R1),
                              CURVE(BP384R1),   CURVE(X25519),    CURVE(SECP521R1), 0};

  SET_CURVES(config, is_strict ? strict : all);
}

int netmcu__tls_device_configure(netmcu__tls_library *library, netmcu__tls_config *config, int device)
{
  config->is_device = true;
  config->is_strict = device == NETMCU_TLS_DEVICE_ONLY || netmcu_is_strict(library->ctx);
  if (!set_ciphers(library, config))
    return NETMCU_ENOMEM;
  set_curves(&config->ssl, config->is_strict);
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  mbedtls_ssl_conf_max_tls_version(&config->ssl, MBEDTLS_SSL_VERSION_TLS1_2);
#endif
#ifdef MBEDTLS_SSL_MAX_FRAGMENT_LENGTH
  /* The device asks for this. The server then cuts large messages of the handshake, and mbedTLS
   * does not put them together again. */
  if (config->is_strict)
    mbedtls_ssl_conf_max_frag_len(&config->ssl, MBEDTLS_SSL_MAX_FRAG_LEN_4096);
#endif
  return 0;
}

/* ---- divergences ----------------------------------------------------------------------------- */

/* Reports a divergence once for each session. Returns false if the session has to fail. */
static bool diverge(netmcu__session *session, int divergence, size_t number)
{
  netmcu__tls_library *library = session->tls->library;
  unsigned bit = 1u << (divergence - NETMCU_D_TLS_MESSAGE);

  if (session->diverged & bit)
    return true;
  session->diverged |= bit;
  if (netmcu_diverge(library->ctx, divergence, (long)number) == 0 && !session->tls->config->is_strict)
    return true;
  netmcu__tls_fail(library, 0, "%s", netmcu_get_divergence_text(library->ctx));
  session->is_explained = true;
  return false;
}

bool netmcu__tls_device_check_record(netmcu__session *session, size_t size)
{
  return size <= DEVICE_BUFFER || diverge(session, NETMCU_D_TLS_RECORD, size);
}

bool netmcu__tls_device_check_handshake(netmcu__session *session)
{
  if (!has_cipher(mbedtls_ssl_get_ciphersuite(&session->ssl)) && !diverge(session, NETMCU_D_TLS_CIPHER, 0))
    return false;
  /* A strict session has sent a name only if the program has asked for it. */
  return !session->watch.has_used_name || !session->has_sent_name || session->tls->config->is_strict ||
         diverge(session, NETMCU_D_TLS_SERVER_NAME, 0);
}

static bool check_message(netmcu__session *session, const unsigned char head[4])
{
  size_t size = 4 + ((size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3]);

  if (size > session->largest_message)
    session->largest_message = size;
  return size <= DEVICE_BUFFER || diverge(session, NETMCU_D_TLS_MESSAGE, size);
}

#define SESSION_ID 34 /* where its size is in a server's hello, behind the version and the random bytes */

/* Looks for the extensions of RFC 6066 by which the server says that it has used its name, and that
 * it limits its records. */
static void watch_hello(netmcu__tls_watch *w, unsigned char byte)
{
  unsigned place = w->place++;

  if (place == SESSION_ID)
    w->extensions = SESSION_ID + 1 + byte + 5; /* behind the cipher, the compression, and a size */
  if (place < SESSION_ID || place < w->extensions)
    return;
  if (w->extension_left > 0) {
    w->extension_left--;
    return;
  }
  w->extension[w->extension_size++] = byte; /* type, length */
  if (w->extension_size < 4)
    return;
  w->extension_size = 0;
  w->has_used_name |= w->extension[0] == 0 && w->extension[1] == MBEDTLS_TLS_EXT_SERVERNAME;
  w->limits_records |= w->extension[0] == 0 && w->extension[1] == MBEDTLS_TLS_EXT_MAX_FRAGMENT_LENGTH;
  w->extension_left = (unsigned)w->extension[2] << 8 | w->extension[3];
}

/* Takes a byte of a message: of its head (type, length), or of its content. */
static bool watch_message(netmcu__session *session, unsigned char byte)
{
  netmcu__tls_watch *w = &session->watch;

  if (w->message_left > 0) {
    w->message_left--;
    if (w->message[0] == MBEDTLS_SSL_HS_SERVER_HELLO)
      watch_hello(w, byte);
    return true;
  }
  w->message[w->message_size++] = byte;
  if (w->message_size < 4)
    return true;
  w->message_size = 0;
  w->message_left = (unsigned)w->message[1] << 16 | (unsigned)w->message[2] << 8 | w->message[3];
  return check_message(session, w->message);
}

/* Takes a byte of a record's head: type, version, length. */
static void watch_head(netmcu__tls_watch *w, unsigned char byte)
{
  w->head[w->head_size++] = byte;
  if (w->head_size < 5)
    return;
  w->head_size = 0;
  w->record_size = w->record_left = (unsigned)w->head[3] << 8 | w->head[4];
  w->is_over = w->head[0] != MBEDTLS_SSL_MSG_HANDSHAKE;
}

/* A record is too large by itself if it contains several messages. */
static bool check_end_of_record(netmcu__session *session)
{
  return session->watch.record_left > 0 || session->largest_message > DEVICE_BUFFER ||
         netmcu__tls_device_check_record(session, session->watch.record_size);
}

/* mbedTLS reads the header of a record, and then its content, in pieces of any size. What follows
 * the first encrypted record cannot be looked at. */
bool netmcu__tls_device_watch(netmcu__session *session, const unsigned char *bytes, size_t size)
{
  netmcu__tls_watch *w = &session->watch;

  for (; size > 0 && !w->is_over; bytes++, size--) {
    if (w->record_left == 0) {
      watch_head(w, *bytes);
      continue;
    }
    w->record_left--;
    if (!watch_message(session, *bytes) || !check_end_of_record(session))
      return false;
  }
  return true;
}
