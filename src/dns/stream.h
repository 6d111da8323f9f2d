/* One question and its answer over TCP, for answers that do not fit in a datagram (RFC 7766). */
#ifndef NETMCU_DNS_STREAM_H
#define NETMCU_DNS_STREAM_H

#include "stack/stack.h"

typedef struct netmcu__dns_stream netmcu__dns_stream;

/* Called once, when the stream is closed: with the answer, which is valid during the call, or with
 * NULL if there will be none. */
typedef void (*netmcu__dns_stream_cb)(void *data, const uint8_t *message, size_t size);

/* The group of the streams of one resolver. */
netmcu__stream_group netmcu__dns_stream_group(netmcu__stack *stack);

/* Returns NULL if the connection cannot be begun. */
netmcu__dns_stream *netmcu__dns_stream_open(netmcu__stream_group *group, const netmcu_address *server,
                                            const uint8_t *question, size_t size, netmcu__dns_stream_cb cb, void *data);

/* Closes it before its end. The callback is not called. */
void netmcu__dns_stream_close(netmcu__dns_stream *s);

#endif
