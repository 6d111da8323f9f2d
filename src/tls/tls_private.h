/* TLS from the inside, for the files of this room:
 *
 *   tls.c        the public functions, and the filter of a connection
 *   session.c    the TLS of one stream: creation, reading, writing
 *   handshake.c  its handshake, and the time that a peer has for it
 *   config.c     what options and certificate files say, shared by connections
 *   library.c    what a context needs for TLS: random numbers, a buffer, the text of the last failure
 *   device.c     what the device's TLS can do
 *   text.c       mbedTLS's results in words
 *
 * A `tls` belongs to a connection and stays with it. It has a `session` while there is a stream. */
#ifndef NETMCU_TLS_PRIVATE_H
#define NETMCU_TLS_PRIVATE_H

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

#include "netmcu_tls.h"
#include "stack/file.h"
#include "tcp/filter.h"

/* mbedTLS 3 asks more functions for random numbers. */
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
#define NETMCU__WITH_RANDOM(library) , mbedtls_ctr_drbg_random, &(library)->random
#else
#define NETMCU__WITH_RANDOM(library)
#endif

#define NETMCU__PLAINTEXT_SIZE MBEDTLS_SSL_IN_CONTENT_LEN /* of the largest record */

typedef struct netmcu__tls_config netmcu__tls_config;
typedef struct netmcu__session netmcu__session;

/* The part of a context. */
typedef struct netmcu__tls_library {
  netmcu_t *ctx;
  mbedtls_entropy_context entropy;
  mbedtls_ctr_drbg_context random;
  netmcu__tls_config *configs; /* a list */
  netmcu__tls_config *spare;   /* the last one that lost its last user: the next connection may want it */
  char *plaintext;             /* the data of the "receive" that is under way */
  unsigned device_sessions;    /* sessions with the option `device` */
  bool traces_plaintext;
  netmcu_tls_debug_cb debug;
  void *debug_data;
  char error[320];
} netmcu__tls_library;

struct netmcu__tls_config {
  netmcu__tls_config *next;
  unsigned users;
  unsigned char identity[32]; /* a hash of all options */
  netmcu__file files[3];      /* that it was read from */
  char *paths[3];
  bool is_device; /* device.c */
  bool is_strict; /* only what the device can do */
  int *ciphers;   /* a list, or NULL: all */
  char *alpn_text;
  const char *alpn[9];
  mbedtls_ssl_config ssl;
  mbedtls_x509_crt authorities, certificate;
  mbedtls_pk_context key;
};

typedef struct netmcu__tls {
  netmcu__filter filter; /* first: a filter is one of these */
  netmcu_connection *c;
  netmcu__tls_library *library;
  netmcu__tls_config *config;
  netmcu__session *session;
  char *server_name; /* as asked for, or NULL */
  bool is_server, is_heir;
} netmcu__tls;

/* Where in the unencrypted part of a handshake the input is. */
typedef struct netmcu__tls_watch {
  unsigned char head[5], message[4]; /* of the record, and of the message, as far as they were read */
  uint8_t head_size, message_size;
  unsigned char extension[4]; /* the head of one in the server's hello */
  uint8_t extension_size;
  bool has_used_name;  /* the server has chosen its certificate by the name that it was sent */
  bool limits_records; /* the server has agreed to a largest record */
  bool is_over;
  unsigned record_size, record_left, message_left, extension_left; /* bytes */
  unsigned place, extensions;                                      /* in the message; where the extensions begin */
} netmcu__tls_watch;

struct netmcu__session {
  netmcu__tls *tls;
  mbedtls_ssl_context ssl;
  const char *input; /* received, and not yet read by mbedTLS */
  size_t input_size;
  char *kept;  /* the block that `input` is in, if a hold stopped the reading; else NULL */
  char *early; /* sent before the handshake was complete */
  size_t early_size;
  unsigned early_sends;
  unsigned sends;          /* of the user, that end with the next record */
  netmcu_connection *heir; /* ready if there is something early */
  int result;              /* of a read, which step() has to handle; 0: none */
  size_t delivered;        /* bytes of the plaintext buffer that the user may be looking at */
  unsigned idle_timeout;   /* of the stream, once the handshake is complete */
  uint64_t deadline;       /* of the handshake, which has begun; 0: it has not */
  bool is_anonymous;       /* the peer may have any name */
  bool has_sent_name;      /* to the server (SNI) */
  bool open;               /* the handshake is complete */
  bool held;
  bool busy, gone;   /* run() is active, and frees a session that has ended meanwhile */
  bool delivering;   /* "receive" is under way */
  bool peer_closed;  /* the peer's end mark (close_notify) was read */
  bool said_goodbye; /* ours was sent */
  bool is_explained; /* the text of the failure is written already */
  netmcu__tls_watch watch;
  size_t largest_message; /* bytes, of those that have arrived */
  unsigned diverged;      /* bits: what was reported */
  char peer[256];         /* the name of the other side, for the texts */
};

/* ---- library.c ------------------------------------------------------------------------------- */

netmcu__tls_library *netmcu__tls_library_get(netmcu_t *ctx); /* NULL if memory runs out */

/* For mbedtls_ssl_conf_dbg. */
void netmcu__tls_debug(void *library, int level, const char *file, int line, const char *text);

/* Sets the text of the failure. Returns NETMCU_ETLS, or NETMCU_ENOMEM if the result of mbedTLS says
 * so. */
#if defined(__MINGW_PRINTF_FORMAT)
__attribute__((format(__MINGW_PRINTF_FORMAT, 3, 4)))
#elif defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
int netmcu__tls_fail(netmcu__tls_library *library, int result, const char *format, ...);

/* ---- config.c -------------------------------------------------------------------------------- */

int netmcu__tls_config_get(netmcu__tls_library *library, const netmcu_tls_options *options, bool is_server,
                           netmcu__tls_config **config);
void netmcu__tls_config_release(netmcu__tls_library *library, netmcu__tls_config *config);
void netmcu__tls_config_free(netmcu__tls_library *library, netmcu__tls_config *config);
/* Copies data and puts a NUL byte behind it. Returns NULL if memory runs out. */
char *netmcu__tls_copy(netmcu_t *ctx, const void *data, size_t size);

/* ---- session.c ------------------------------------------------------------------------------- */

/* Creates the session of `tls`. `peer` is the name of a client's server; NULL for a server. */
int netmcu__session_begin(netmcu__tls *tls, const char *peer);
void netmcu__session_end(netmcu__tls *tls);         /* no effect without a session */
void netmcu__session_run(netmcu__session *session); /* reads as much as there is */
void netmcu__session_receive(netmcu__session *session, const char *data, size_t size);
int netmcu__session_send(netmcu__session *session, const netmcu__data *data);
void netmcu__session_say_goodbye(netmcu__session *session);
size_t netmcu__session_next_frame(netmcu__session *session, const char **data);
/* Ends the session: mbedTLS has failed with this result. */
void netmcu__session_fail(netmcu__session *session, int result);
/* Sends what was sent before the handshake was complete. */
void netmcu__session_flush_early(netmcu__session *session);

static inline netmcu_t *netmcu__session_context(const netmcu__session *session)
{
  return session->tls->library->ctx;
}

/* ---- handshake.c ----------------------------------------------------------------------------- */

void netmcu__session_start(netmcu__session *session); /* the stream is open */
/* Goes on with the handshake. Returns true if it is complete. */
bool netmcu__session_shake_hands(netmcu__session *session);
/* While the handshake lasts, the peer has as much time for each answer as a connect may take. */
void netmcu__session_set_patience(netmcu__session *session);
/* Returns false if this is not a matter of the handshake. */
bool netmcu__session_set_idle_timeout(netmcu__session *session, unsigned timeout);

/* ---- text.c ---------------------------------------------------------------------------------- */

bool netmcu__tls_is_memory_error(int result);
void netmcu__tls_describe(const mbedtls_x509_crt *one, netmcu_tls_certificate *certificate);
/* Explains why the handshake or the session has failed. */
int netmcu__tls_explain(netmcu__session *session, int result);
/* For mbedtls_ssl_set_verify: explains what is wrong with a certificate, and compares addresses. */
int netmcu__tls_verify(void *session, mbedtls_x509_crt *certificate, int depth, uint32_t *flags);

/* ---- device.c -------------------------------------------------------------------------------- */

int netmcu__tls_device_configure(netmcu__tls_library *library, netmcu__tls_config *config, int device);
/* Return false, with the reason in library->error, if the session has to fail in strict mode. */
bool netmcu__tls_device_watch(netmcu__session *session, const unsigned char *bytes, size_t size);
bool netmcu__tls_device_check_record(netmcu__session *session, size_t size);
bool netmcu__tls_device_check_handshake(netmcu__session *session);

/* ---- tls.c ----------------------------------------------------------------------------------- */

netmcu_connection *netmcu__tls_new_heir(const netmcu__tls *tls); /* NULL if memory runs out */

#endif
