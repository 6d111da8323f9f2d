/* TLS for tests: certificates of the test's own CA (certificates.sh), and options that use them. */
#ifndef TEST_TLS_H
#define TEST_TLS_H

#include "loop.h"
#include "netmcu_tls.h"

/* To be used as the set-up of the tests: makes the certificates in a folder, or ends the program
 * with 77 ("skipped") if openssl is not installed. */
int tls_set_up(void **state);
int tls_tear_down(void **state);

/* Returns the path of a file in the folder; valid until 16 more calls. */
const char *tls_file(const char *name);

/* A client that trusts the CA of the test. */
netmcu_tls_options tls_client(void);
/* A server with NAME.pem and NAME.key. */
netmcu_tls_options tls_server(const char *name);

/* Listens on a free port. Each client uses TLS with these options, which must stay in place, and
 * gets these events. */
netmcu_server *tls_listen(netmcu_t *ctx, const netmcu_tls_options *options, const netmcu_connection_events *events);
/* Connects to the server of the test as "localhost". */
netmcu_connection *tls_connect(netmcu_t *ctx, const netmcu_tls_options *options, const netmcu_connection_events *events,
                               uint16_t port);
uint16_t tls_port(const netmcu_server *server);

/* "connection" of a client: records it and sends "hello". */
void tls_say_hello(netmcu_connection *c);
/* An event of a client of the server, for tls_listen: sends back everything. */
void tls_echo(netmcu_connection *c, const char *data, size_t size);
/* Frees the connection. */
void tls_free(netmcu_connection *c, int error);

#endif
