/* A TCP byte stream from its lookup to the end of its lingering. A connection (connection.c) owns
 * it while it is in use. When the connection is closed, the stream continues alone, so that the
 * connection object can be used again at once. */
#ifndef NETMCU_STREAM_H
#define NETMCU_STREAM_H

#include "base/object.h"
#include "stack/stack.h"
#include "tcp/queue.h"

typedef struct netmcu__stream netmcu__stream;

/* Whether the host is a Unix-domain socket. For a device script, "unix:x" is a name that nobody
 * has. */
static inline bool netmcu__is_path(const netmcu_t *ctx, const char *host)
{
  return netmcu__head_of(ctx)->options.families == NETMCU_ANY_FAMILY && netmcu__path_of(host);
}

/* ---- to the stream --------------------------------------------------------------------------- */

/* Creates a stream of `owner` and begins to connect it, from `own` if that is not NULL. The outcome
 * is netmcu__connection_opened or netmcu__connection_ended. */
int netmcu__stream_connect(netmcu_t *ctx, netmcu_connection *owner, const netmcu_address *own, uint16_t port,
                           const char *host, netmcu__stream **out);

/* The same for "unix:PATH". */
int netmcu__stream_connect_path(netmcu_t *ctx, netmcu_connection *owner, const char *host, netmcu__stream **out);

/* Creates a stream of `owner` from a connected descriptor. The outcome is
 * netmcu__connection_opened. */
int netmcu__stream_adopt(netmcu_t *ctx, netmcu_connection *owner, intptr_t descriptor, netmcu__stream **out);

/* Creates a stream for the client that waits at `listener`, which listens at `host` ("unix:PATH") or
 * at an address (NULL). It has no owner until netmcu__stream_own. On NETMCU_ENOMEM the client still
 * waits. */
int netmcu__stream_accept(netmcu_t *ctx, netmcu__stack_listener *listener, const char *host, netmcu__stream **out);
/* The stream ends after `idle_timeout` ms without a byte in either direction. 0 means never. */
void netmcu__stream_own(netmcu__stream *stream, netmcu_connection *owner, unsigned idle_timeout);

/* Stops and starts reading. Data that was read and not delivered waits in the stream. */
void netmcu__stream_hold(netmcu__stream *stream);
void netmcu__stream_unhold(netmcu__stream *stream);
/* Delivers what arrives, but keeps the window closed until netmcu__stream_unhold. Only on the stack of
 * a simulated device. */
void netmcu__stream_withhold(netmcu__stream *stream);

int netmcu__stream_send(netmcu__stream *stream, const netmcu__data *data);
size_t netmcu__stream_pending(const netmcu__stream *stream);        /* bytes that the stack has not taken */
size_t netmcu__stream_unacknowledged(const netmcu__stream *stream); /* these, and bytes not yet reported as "sent" */

/* The owner lets go of the stream, which does not call it any more. What was sent goes out, then
 * the FIN; the stream lingers and closes. */
void netmcu__stream_finish(netmcu__stream *stream);
/* The same without what was sent: the peer sees a reset. */
void netmcu__stream_abort(netmcu__stream *stream);

/* Returns the size of the next frame of the data that is being delivered to the owner. Returns 0 if
 * no frame is left, or if the owner does not take any more. */
size_t netmcu__stream_next_frame(netmcu__stream *stream, const char **data);

bool netmcu__stream_is_delivering(const netmcu__stream *stream); /* to its owner */
netmcu_connection_state netmcu__stream_state(const netmcu__stream *stream);
const char *netmcu__stream_path(const netmcu__stream *stream); /* "unix:PATH" if it is a client there; else NULL */
int netmcu__stream_getpeer(const netmcu__stream *stream, netmcu_address *address);
int netmcu__stream_getaddr(const netmcu__stream *stream, netmcu_address *address);
int netmcu__stream_ttl(const netmcu__stream *stream, int *ttl);
int netmcu__stream_set_keepalive(netmcu__stream *stream, uint16_t seconds);
int netmcu__stream_set_nodelay(netmcu__stream *stream, bool nodelay);
void netmcu__stream_set_idle_timeout(netmcu__stream *stream, unsigned timeout); /* counts from this call */

/* Reports the divergence of a script that opens more TCP connections than the device can have. */
int netmcu__streams_check_number(netmcu_t *ctx);

/* ---- from the stream to its owner; each may close, free or reuse the owner ------------------- */

void netmcu__connection_resolved(netmcu_connection *owner, const netmcu_address *address);
void netmcu__connection_opened(netmcu_connection *owner);
void netmcu__connection_received(netmcu_connection *owner, const char *data, size_t size);
void netmcu__connection_resumed(netmcu_connection *owner); /* after a hold, before more is delivered */
void netmcu__connection_sent(netmcu_connection *owner);
void netmcu__connection_drained(netmcu_connection *owner);
bool netmcu__connection_wants_sent(const netmcu_connection *owner); /* one of these two */
void netmcu__connection_finishing(netmcu_connection *owner);        /* everything is written: the last chance to send */
void netmcu__connection_ended(netmcu_connection *owner, int error); /* the stream has let go of it */

/* ---- for server.c ---------------------------------------------------------------------------- */

/* Creates a connection that owns an accepted stream. Returns NULL if memory runs out. */
netmcu_connection *netmcu__connection_accepted(netmcu_t *ctx, netmcu__stream *stream, unsigned idle_timeout);

/* To be called around the accept callback, so that its output is gathered. The stream then calls
 * "connection" and reads; its connection may have been freed meanwhile. */
void netmcu__stream_cork(netmcu__stream *stream);
void netmcu__stream_begin(netmcu__stream *stream);

/* Whether a fault requires the stream to be abandoned at once. */
bool netmcu__stream_is_refused(const netmcu__stream *stream);

/* Closes a stream that has no owner. */
void netmcu__stream_abandon(netmcu__stream *stream);

#endif
