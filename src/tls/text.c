/* mbedTLS's results in words. See tls_private.h. */
#include <mbedtls/error.h>
#include <mbedtls/oid.h>
#include <mbedtls/pem.h>
#include <stdio.h>
#include <string.h>

#include "tls/tls_private.h"

/* A result is the sum of a high-level code and a low-level one. */
bool netmcu__tls_is_memory_error(int result)
{
  static const int codes[] = {MBEDTLS_ERR_SSL_ALLOC_FAILED, MBEDTLS_ERR_X509_ALLOC_FAILED,
                              MBEDTLS_ERR_PK_ALLOC_FAILED,  MBEDTLS_ERR_PEM_ALLOC_FAILED,
                              MBEDTLS_ERR_MD_ALLOC_FAILED,  MBEDTLS_ERR_CIPHER_ALLOC_FAILED,
                              MBEDTLS_ERR_ECP_ALLOC_FAILED, MBEDTLS_ERR_DHM_ALLOC_FAILED};
  int high = -(-result & 0xff80), low = -(-result & 0x7f);

  for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
    if (high == codes[i])
      return true;
  return low == MBEDTLS_ERR_MPI_ALLOC_FAILED || low == MBEDTLS_ERR_ASN1_ALLOC_FAILED;
}

/* ---- certificates ---------------------------------------------------------------------------- */

/* Copies a text that the peer has chosen, cut if it is longer, for a terminal. */
static const char *copy_text(const mbedtls_x509_buf *value, char *text, size_t size)
{
  size_t length = value->len < size ? value->len : size - 1;

  for (size_t i = 0; i < length; i++)
    text[i] = value->p[i] < ' ' || value->p[i] == 0x7f ? '?' : (char)value->p[i];
  text[length] = '\0';
  return text;
}

/* Returns the common name in the subject, or in the issuer, or else the organisation. */
static const char *get_name(const mbedtls_x509_name *names, char *text, size_t size)
{
  const mbedtls_x509_name *organisation = NULL;

  for (; names; names = names->next) {
    if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &names->oid) == 0)
      return copy_text(&names->val, text, size);
    if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_ORGANIZATION, &names->oid) == 0)
      organisation = names;
  }
  if (organisation)
    return copy_text(&organisation->val, text, size);
  return strcpy(text, "somebody without a name");
}

static void write_day(const mbedtls_x509_time *time, char text[11])
{
  char day[3 * 11 + 3]; /* mbedTLS has checked the numbers, which the compiler does not know */

  snprintf(day, sizeof(day), "%04d-%02d-%02d", time->year, time->mon, time->day);
  memcpy(text, day, 10);
  text[10] = '\0';
}

void netmcu__tls_describe(const mbedtls_x509_crt *one, netmcu_tls_certificate *certificate)
{
  get_name(&one->subject, certificate->name, sizeof(certificate->name));
  get_name(&one->issuer, certificate->issuer, sizeof(certificate->issuer));
  write_day(&one->valid_from, certificate->begin);
  write_day(&one->valid_to, certificate->end);
  certificate->size = one->raw.len;
}

static bool is_same(const mbedtls_x509_buf *a, const mbedtls_x509_buf *b)
{
  return a->len == b->len && memcmp(a->p, b->p, a->len) == 0;
}

static void explain_problem(netmcu__session *session, const mbedtls_x509_crt *certificate, int depth, uint32_t flags)
{
  netmcu__tls_library *library = session->tls->library;
  netmcu_tls_certificate c;
  char reason[200];

  netmcu__tls_describe(certificate, &c);
  const char *name = depth == 0 ? session->peer : c.name;
  if (flags & MBEDTLS_X509_BADCERT_EXPIRED)
    netmcu__tls_fail(library, 0, "certificate of %s expired on %s", name, c.end);
  else if (flags & MBEDTLS_X509_BADCERT_FUTURE)
    netmcu__tls_fail(library, 0, "certificate of %s is not valid before %s", name, c.begin);
  else if (flags & MBEDTLS_X509_BADCERT_CN_MISMATCH)
    netmcu__tls_fail(library, 0, "certificate of %s is made for another name (%s)", name, c.name);
  else if ((flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) && is_same(&certificate->subject_raw, &certificate->issuer_raw))
    netmcu__tls_fail(library, 0, "certificate of %s is signed by itself, and is not among the trusted ones", name);
  else if (flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED)
    netmcu__tls_fail(library, 0, "certificate of %s is signed by \"%s\", which is not trusted", name, c.issuer);
  else if (mbedtls_x509_crt_verify_info(reason, sizeof(reason), "", flags) > 0)
    netmcu__tls_fail(library, 0, "certificate of %s is not acceptable: %.*s", name, (int)strcspn(reason, "\n"), reason);
}

/* A certificate names its addresses as alternative names of type 7 (RFC 5280, 4.2.1.6). */
static bool has_address(const mbedtls_x509_crt *certificate, const netmcu_address *address)
{
  size_t size = address->family == NETMCU_IPV4 ? 4 : 16;

  for (const mbedtls_x509_sequence *name = &certificate->subject_alt_names; name; name = name->next)
    if ((name->buf.tag & 0x1f) == 7 && name->buf.len == size && memcmp(name->buf.p, address->ip, size) == 0)
      return true;
  return false;
}

static bool has_name(mbedtls_x509_crt *certificate, const char *name)
{
  uint32_t flags = 0;

  mbedtls_x509_crt_verify(certificate, NULL, NULL, name, &flags, NULL, NULL);
  return (flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) == 0;
}

static bool is_for_peer(const netmcu__session *session, mbedtls_x509_crt *certificate)
{
  netmcu_address address;

  if (session->is_anonymous)
    return true;
  if (netmcu_ip_parse(session->peer, &address) == 0)
    return has_address(certificate, &address);
  return session->has_sent_name || has_name(certificate, session->peer); /* mbedTLS checks what it sends */
}

int netmcu__tls_verify(void *data, mbedtls_x509_crt *certificate, int depth, uint32_t *flags)
{
  netmcu__session *session = data;

  if (depth == 0 && !is_for_peer(session, certificate))
    *flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
  if (*flags && !session->is_explained) {
    explain_problem(session, certificate, depth, *flags);
    session->is_explained = true;
  }
  return 0;
}

/* ---- handshakes ------------------------------------------------------------------------------ */

static const char *get_alert_text(unsigned char alert)
{
  switch (alert) {
  case MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE: return "no version, cipher or curve in common";
  case MBEDTLS_SSL_ALERT_MSG_BAD_CERT:
  case MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT:
  case MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN: return "our certificate is not acceptable";
  case MBEDTLS_SSL_ALERT_MSG_CERT_REVOKED: return "our certificate is revoked";
  case MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED: return "our certificate has expired";
  case MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA: return "our certificate is signed by an authority that is not trusted there";
  case MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION: return "no version of TLS in common";
  case MBEDTLS_SSL_ALERT_MSG_INSUFFICIENT_SECURITY: return "our ciphers are too weak";
  case MBEDTLS_SSL_ALERT_MSG_UNRECOGNIZED_NAME: return "there is no server of this name";
  case MBEDTLS_SSL_ALERT_MSG_NO_APPLICATION_PROTOCOL: return "no application protocol in common (ALPN)";
  case 116: return "a certificate is required";
  default: return "";
  }
}

#if MBEDTLS_VERSION_NUMBER >= 0x03000000
#define ALERT_OF(ssl) ((ssl)->MBEDTLS_PRIVATE(in_msg)[1])
#else
#define ALERT_OF(ssl) ((ssl)->in_msg[1])
#endif

static int explain_alert(netmcu__session *session)
{
  unsigned char alert = ALERT_OF(&session->ssl);
  const char *text = get_alert_text(alert);
  bool lacks_name = session->tls->config->is_strict && !session->has_sent_name && !session->is_anonymous;

  return netmcu__tls_fail(session->tls->library, 0, "%s refused the TLS connection: %s%s(alert %u)%s", session->peer,
                          text, text[0] ? " " : "", alert,
                          lacks_name ? "; as on the device, it was not sent its name (SNI)" : "");
}

/* Returns the text of a result that has one of its own, or NULL. */
static const char *get_text(int result)
{
  switch (result) {
  case MBEDTLS_ERR_SSL_INVALID_RECORD: return "what it sends is not TLS";
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  case MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE: return "no version, cipher or curve in common";
  case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION: return "no version of TLS in common";
#else
  case MBEDTLS_ERR_SSL_NO_CIPHER_CHOSEN: return "no cipher in common";
  case MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION: return "no version of TLS in common";
#endif
  case MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE: return "it has no certificate";
  case MBEDTLS_ERR_SSL_INVALID_MAC: return "a record was changed on its way";
  default: return NULL;
  }
}

int netmcu__tls_explain(netmcu__session *session, int result)
{
  const char *text = get_text(result);
  char reason[160];

  if (netmcu__tls_is_memory_error(result))
    return NETMCU_ENOMEM;
  if (session->is_explained)
    return NETMCU_ETLS;
  if (result == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE)
    return explain_alert(session);
  if (text == NULL) {
    mbedtls_strerror(result, reason, sizeof(reason));
    text = reason;
  }
  return netmcu__tls_fail(session->tls->library, result, "TLS with %s failed: %s", session->peer, text);
}
