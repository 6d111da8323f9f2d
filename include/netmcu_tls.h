/* TLS for netmcu's connections, by mbedTLS.
 *
 *   netmcu_tls_options options = NETMCU_TLS_OPTIONS_INIT;
 *   netmcu_connection *c = netmcu_connection_new(ctx);
 *   netmcu_connection_on(c, &events);
 *   if (netmcu_connection_use_tls(c, &options) == 0)      // verifies the server by the system's CAs
 *     netmcu_connection_connect(c, 443, "example.org");
 *
 * All functions and events of the connection stay the same. `connection` comes after the handshake,
 * and data is plaintext. A failure ends the connection with NETMCU_ETLS; netmcu_get_tls_error then
 * returns the reason as text. docs/tls.md has more.
 */
#ifndef NETMCU_TLS_H
#define NETMCU_TLS_H

#include "netmcu.h"

#ifdef __cplusplus
extern "C" {
#endif

enum netmcu_tls_verification {
  NETMCU_TLS_VERIFY_SERVER,   /* the default: a client verifies the server, a server verifies nobody */
  NETMCU_TLS_VERIFY_REQUIRED, /* a server also asks its clients for certificates and verifies them */
  NETMCU_TLS_VERIFY_NONE      /* anybody may be the peer, so the connection is not safe */
};

enum netmcu_tls_device {
  NETMCU_TLS_DEVICE = 1, /* prefers what the device's TLS can do. What it cannot do is a divergence */
  NETMCU_TLS_DEVICE_ONLY /* offers and accepts only what it can do, as strict mode does. Without
                            server_name, it names no server (SNI) */
};

enum netmcu_tls_version { NETMCU_TLS_1_2 = 12, NETMCU_TLS_1_3 = 13 };

/* Initialise it with NETMCU_TLS_OPTIONS_INIT, which leaves everything at its default. netmcu copies
 * what it needs. Certificates and keys are in PEM or DER; PEM may contain several, one after
 * another. A size of 0 means that the data is text that ends with a NUL byte. */
typedef struct netmcu_tls_options {
  size_t size;             /* sizeof(netmcu_tls_options) when the program was compiled */
  const char *server_name; /* of the server's certificate; NULL: the host of the connect. "": a client names no
                              server (SNI), and accepts a certificate for any name */
  int verification;        /* one of netmcu_tls_verification */
  int minimum_version;     /* 0: TLS 1.2 */
  int maximum_version;     /* 0: the newest that the library has */
  const char *alpn;        /* the application's protocols, the best first: "h2,http/1.1"; or NULL */
  const char *ca_file;     /* the CAs to trust. If this and `ca` are NULL: those of the system */
  const void *ca;          /* the same as data */
  size_t ca_size;
  const char *certificate_file; /* the own certificate, followed by those that it depends on; a server needs one */
  const void *certificate;      /* the same as data */
  size_t certificate_size;
  const char *key_file; /* its private key */
  const void *key;      /* the same as data */
  size_t key_size;
  const char *key_password; /* NULL: the key is not encrypted */
  int device;               /* 0, or one of netmcu_tls_device, for programs that run device scripts */
} netmcu_tls_options;

/* clang-format off */
#define NETMCU_TLS_OPTIONS_INIT \
  {sizeof(netmcu_tls_options), NULL, 0, 0, 0, NULL, NULL, NULL, 0, NULL, NULL, 0, NULL, NULL, 0, NULL, 0}
/* clang-format on */

/* Makes a connection use TLS. On an idle connection, this applies to each connect from now on; NULL
 * turns it off. In the accept callback of a server, call it for the client before you send: the
 * client then has to begin a TLS handshake, and `connection` comes after it.
 *
 * A handshake ends with NETMCU_EABORTED if the peer is silent for connect_timeout, or if it takes
 * five times as long altogether. If the peer ends the connection without TLS's own end mark, data
 * may be missing: the error of `disconnection` is then NETMCU_ECLOSED.
 *
 * Connections with the same options share what is read from certificates, as long as their files
 * do not change. Returns NETMCU_ETLS if an option is not usable (see netmcu_get_tls_error),
 * NETMCU_EISCONN if the connection is neither idle nor just accepted, NETMCU_EARGUMENT if the
 * library does not know the size of `options`, NETMCU_ENOTSUP if it was built without TLS, or
 * NETMCU_ENOMEM. After an error, the connection is what it was before: an accepted client has no
 * TLS, so free it. A client that was accepted with TLS needs another call before it connects
 * itself. */
NETMCU_API int netmcu_connection_use_tls(netmcu_connection *c, const netmcu_tls_options *options);

/* Returns the reason of the last NETMCU_ETLS of this context, in words, such as "certificate of
 * api.example expired on 2026-01-02". The text is valid until the next failure. Never NULL. */
NETMCU_API const char *netmcu_get_tls_error(const netmcu_t *ctx);

/* Calls cb(text, data) for each report of mbedTLS up to this level: 0 nothing, 1 errors … 4
 * everything. The level applies to all contexts of the process. Connections that exist already
 * report as well. The callback runs inside mbedTLS, so it must not call functions of netmcu. An
 * mbedTLS that was built without MBEDTLS_DEBUG_C reports nothing. Returns NETMCU_ENOTSUP if the
 * library was built without TLS, or NETMCU_ENOMEM. */
typedef void (*netmcu_tls_debug_cb)(const char *text, void *data);
NETMCU_API int netmcu_set_tls_debug(netmcu_t *ctx, int level, netmcu_tls_debug_cb cb, void *data);

/* Sets whether the trace (netmcu_device.h) also has the plaintext of all connections with TLS, as
 * the events "tls-send" and "tls-receive". Off at first: passwords are in it. Returns NETMCU_ENOTSUP
 * if the library was built without TLS, or NETMCU_ENOMEM. */
NETMCU_API int netmcu_set_tls_trace(netmcu_t *ctx, int has_plaintext);

/* What a handshake has agreed on. */
typedef struct netmcu_tls_state {
  const char *version;    /* "TLSv1.2" */
  const char *cipher;     /* "TLS-ECDHE-RSA-WITH-AES-256-GCM-SHA384" */
  const char *alpn;       /* the protocol, or NULL */
  size_t largest_message; /* of the unencrypted handshake, in bytes; 0 without the option `device` */
  int limits_records;     /* whether the server has agreed to the size of records; 0 without `device` */
} netmcu_tls_state;

/* Describes the TLS of an open connection. The texts are valid until the connection ends. Returns
 * NETMCU_ENOTCONN if the connection is not open, or does not use TLS. */
NETMCU_API int netmcu_connection_get_tls(const netmcu_connection *c, netmcu_tls_state *state);

/* A certificate of the peer. Names are cut if they are longer. */
typedef struct netmcu_tls_certificate {
  char name[128], issuer[128]; /* the common names, or the organisations if there are none */
  char begin[11], end[11];     /* the first and the last day, "2026-01-02" */
  size_t size;                 /* in bytes */
} netmcu_tls_certificate;

/* Describes the certificates that the peer of an open connection has sent: 0 is its own, and the
 * others lead to an authority. Returns NETMCU_ENOTCONN as above, or NETMCU_EARGUMENT if there are
 * not that many. */
NETMCU_API int netmcu_connection_get_tls_certificate(const netmcu_connection *c, unsigned index,
                                                     netmcu_tls_certificate *certificate);

#ifdef __cplusplus
}
#endif

#endif
