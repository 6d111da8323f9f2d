/* A TCP byte stream from its lookup to the end of its lingering: what a connection (connection.c) owns while it is in
 * use, and what goes on alone when the connection is closed, so that the connection object can begin anew at once. */
#ifndef NETMCU_STREAM_H
#define NETMCU_STREAM_H

#include "base/object.h"
#include "stack/stack.h"

typedef struct netmcu__stream netmcu__stream;

/* ---- to the stream ------------------------------------------------------------------------------------ */

/* Creates a stream of `owner` and begins to connect it. The outcome is netmcu__connection_opened or _ended. */
int netmcu__stream_connect(netmcu_t *ctx, netmcu_connection *owner, uint16_t port, const char *host,
                           netmcu__stream **out);

/* Creates a stream for the client that waits at `listener`. It has no owner until netmcu__stream_own. On NETMCU_ENOMEM the
 * client still waits. */
int netmcu__stream_accept(netmcu_t *ctx, netmcu__stack_listener *listener, netmcu__stream **out);
/* `idle_timeout`: ms without a byte in either direction, after which it ends; 0 is none. */
void netmcu__stream_own(netmcu__stream *stream, netmcu_connection *owner, unsigned idle_timeout);

/* Starts, stops reading. After a stop what was read and not delivered waits in the stream. */
void netmcu__stream_hold(netmcu__stream *stream);
void netmcu__stream_unhold(netmcu__stream *stream);

int netmcu__stream_send(netmcu__stream *stream, const char *data, size_t size);
size_t netmcu__stream_pending(const netmcu__stream *stream);        /* bytes that the system has not taken yet */
size_t netmcu__stream_unacknowledged(const netmcu__stream *stream); /* … and those whose "sent" is still due */

/* The owner lets go: no further call to it. What was sent goes out, then FIN, linger, close. */
void netmcu__stream_finish(netmcu__stream *stream);

/* While its owner is being given data: the next frame of it, 0 when there is none or the owner does not listen any more. */
size_t netmcu__stream_next_frame(netmcu__stream *stream, const char **data);

bool netmcu__stream_is_delivering(const netmcu__stream *stream); /* its owner is being given data */
netmcu_connection_state netmcu__stream_state(const netmcu__stream *stream);
int netmcu__stream_getpeer(const netmcu__stream *stream, netmcu_address *address);
int netmcu__stream_getaddr(const netmcu__stream *stream, netmcu_address *address);
int netmcu__stream_ttl(const netmcu__stream *stream, int *ttl);

/* The divergence of one open TCP connection more than the device has. */
int netmcu__streams_check_number(netmcu_t *ctx);

/* ---- from the stream to its owner; each may close, free or reuse the owner ----------------------------- */

void netmcu__connection_resolved(netmcu_connection *owner, const char *ip);
void netmcu__connection_opened(netmcu_connection *owner);
void netmcu__connection_received(netmcu_connection *owner, const char *data, size_t size);
void netmcu__connection_sent(netmcu_connection *owner);
bool netmcu__connection_wants_sent(const netmcu_connection *owner);
void netmcu__connection_ended(netmcu_connection *owner, int error); /* the stream has let go of the owner before */

/* ---- for server.c --------------------------------------------------------------------------------------- */

/* A connection that owns an accepted stream, NULL when there is no memory. */
netmcu_connection *netmcu__connection_accepted(netmcu_t *ctx, netmcu__stream *stream, unsigned idle_timeout);

/* Before the accept callback: what it sends is gathered. After it, when the connection may have gone: "connection", then
 * reading. */
void netmcu__stream_cork(netmcu__stream *stream);
void netmcu__stream_begin(netmcu__stream *stream);

/* A fault (edge.h) wants it abandoned at once. */
bool netmcu__stream_is_refused(const netmcu__stream *stream);

/* Ends a stream that no connection came to own. */
void netmcu__stream_abandon(netmcu__stream *stream);

#endif
