/* One question and its answer over TCP, for answers that do not fit in a datagram (RFC 7766). */
#ifndef NETMCU_DNS_STREAM_H
#define NETMCU_DNS_STREAM_H

#include "dns/system_servers.h"

typedef struct netmcu__dns_stream netmcu__dns_stream;

/* Called once, when the stream is closed: the answer, valid during the call, or NULL if there
 * will be none. */
typedef void (*netmcu__dns_stream_cb)(void *data, const uint8_t *message, size_t size);

/* NULL if the connection cannot be begun. */
netmcu__dns_stream *netmcu__dns_stream_open(netmcu_t *ctx, const netmcu__server_address *address,
                                            const uint8_t *question, size_t size, netmcu__dns_stream_cb cb, void *data);

/* Gives it up: it does not call back. */
void netmcu__dns_stream_close(netmcu__dns_stream *s);

#endif
