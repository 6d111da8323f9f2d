/* A stream from the inside, for the files of its name only:
 *
 *   stream.c         the streams of a context; creation and end of one; the turn
 *   open.c    from the lookup, or the listener, to the first read
 *   input.c   reading, frames, hold
 *   output.c sending, gathering, telling that all is written
 *   close.c     the peer's FIN, ours, lingering, and the deadlines of each state
 *
 *   RESOLVING ──▶ CONNECTING ──▶ OPEN ──peer's FIN──▶ ENDING (output left) ──written──▶ CLOSED
 *                                  │
 *                                  └─owner lets go──▶ DRAINING ──written, FIN sent──▶ LINGERING ──peer's FIN, 2 s──▶ CLOSED
 *
 * An error, and a deadline of each state, leads to CLOSED. An owned stream reports its end to its connection; one that
 * its owner let go of before it was open still connects when there is output, then drains.
 *
 * An idle open stream is one block of 312 bytes (uv_tcp_t is 248 of them): what only busy ones need is in `extra`. */
#ifndef NETMCU_STREAM_PRIVATE_H
#define NETMCU_STREAM_PRIVATE_H

#include "base/deadline.h"
#include "edge/edge.h"
#include "tcp/queue.h"
#include "tcp/stream.h"

enum state { RESOLVING, CONNECTING, OPEN, ENDING, DRAINING, LINGERING, CLOSED };

/* ms without progress after which output to a peer that does not read is given up, when its owner is gone. */
#define DRAIN_TIMEOUT 60000

typedef struct extra {
  netmcu_lookup *lookup;
  netmcu_address
      peer; /* as asked for: while RESOLVING and CONNECTING, and when `routed`, since it is another one then */
  bool routed, connecting;
  netmcu__fault *fault; /* what is to go wrong with it, or NULL */
  uv_connect_t connect;
  netmcu__output output;
  int write_error; /* libuv's; reported when the read side has delivered all there is and ends */
  char *held;      /* read, and not delivered because of a hold */
  size_t held_size;
} extra;

struct netmcu__stream {
  uv_tcp_t tcp; /* its data: the owner while it is owned, the context afterwards */
  netmcu__deadline deadline;
  extra *extra;
  netmcu__stream *next_due;
  uint32_t unreported;       /* sends whose last byte is written and that the owner has not been told of */
  uint32_t unreported_bytes; /* of these, as far as they were written at once; LINGERING: what the peer has to take */
  uint32_t active;           /* when a byte moved last: uv_now's lower half, in ms */
  uint8_t state;
  bool owned : 1, held : 1;
  bool resume : 1;      /* unhold was called */
  bool due : 1;         /* in the list of those that progress in the next turn */
  bool peer_done : 1;   /* its FIN was read */
  bool expiring : 1;    /* idle for its time, if nothing waits to be read */
  bool torn : 1;        /* half a send went out, and there is no memory for its rest */
  bool delivering : 1;  /* "receive" is under way */
  bool handle_gone : 1; /* closed, and released when it is no longer due */
};

/* What a handler sends to the stream whose event it handles is gathered, as far as it is small, and written when the event
 * is over: one system call and one packet, with the FIN in it when the handler closed. */
#define CORK_SIZE NETMCU__BUFFER_SIZE
#define CORK_MOST 4096 /* bytes of a send that are gathered: copying more costs more than it saves */

struct netmcu__streams {
  netmcu_t *ctx;
  netmcu__stream *corked; /* whose event is under way */
  char *cork;
  size_t cork_size;
  unsigned cork_sends;
  const char *rest; /* of what is being delivered to it */
  size_t rest_size;
  netmcu__deadlines deadlines;
  netmcu__task task;
  netmcu__stream *first_due, *last_due;
  unsigned alive, owned, closing;
};

static inline netmcu_connection *owner_of(const netmcu__stream *stream)
{
  return stream->tcp.data;
}

static inline netmcu_t *context_of(const netmcu__stream *stream)
{
  return stream->owned ? netmcu_connection_context(owner_of(stream)) : stream->tcp.data;
}

static inline struct netmcu__streams *streams_of(const netmcu__stream *stream)
{
  return netmcu__parts(context_of(stream))->streams;
}

static inline uint32_t now(const netmcu__stream *stream)
{
  return (uint32_t)uv_now(stream->tcp.loop);
}

static inline void set_deadline(netmcu__stream *stream, uint32_t timeout)
{
  netmcu__deadline_set(&streams_of(stream)->deadlines, &stream->deadline, timeout);
}

static inline void clear_deadline(netmcu__stream *stream)
{
  netmcu__deadline_clear(&streams_of(stream)->deadlines, &stream->deadline);
}

static inline bool has_output(const netmcu__stream *stream)
{
  return stream->extra && stream->extra->output.first;
}

static inline bool has_fault(const netmcu__stream *stream)
{
  return stream->extra != NULL && stream->extra->fault != NULL;
}

/* By a fault: nothing passes any more, and its end is a reset. */
static inline bool is_stopped(const netmcu__stream *stream)
{
  netmcu__fault *fault = stream->extra ? stream->extra->fault : NULL;

  return netmcu__rarely(fault != NULL) && (netmcu__fault_refuses(fault) || netmcu__fault_resets(fault) || netmcu__fault_stalls(fault));
}

/* ---- stream.c ---------------------------------------------------------------------------------------------- */

netmcu__stream *netmcu__stream_create(netmcu_t *ctx);               /* without a handle yet */
void netmcu__stream_discard(netmcu_t *ctx, netmcu__stream *stream); /* one whose handle is gone, or never was */
extra *netmcu__stream_get_extra(netmcu__stream *stream);            /* NULL when there is no memory */
void netmcu__stream_release_extra(netmcu__stream *stream);
void netmcu__stream_release_extra_when_idle(netmcu__stream *stream);
void netmcu__stream_let_go_of_owner(netmcu__stream *stream);
void netmcu__stream_close_handle(netmcu__stream *stream);   /* of one without owner */
void netmcu__stream_end(netmcu__stream *stream, int error); /* closes at once, and tells the owner */
void netmcu__stream_make_due(netmcu__stream *stream);       /* progresses in the next turn */

/* ---- open.c ----------------------------------------------------------------------------------------- */

void netmcu__stream_start_connecting(netmcu__stream *stream);

/* ---- input.c ---------------------------------------------------------------------------------------- */

void netmcu__stream_start_reading(netmcu__stream *stream);
void netmcu__stream_stop_reading(netmcu__stream *stream);
void netmcu__stream_resume(netmcu__stream *stream);            /* after a hold */
void netmcu__stream_broken(netmcu__stream *stream, int error); /* libuv's */

/* ---- output.c --------------------------------------------------------------------------------------- */

void netmcu__stream_progress(netmcu__stream *stream); /* writes what can be, and reports what is */
void netmcu__stream_report(netmcu__stream *stream);
void netmcu__stream_uncork(netmcu__stream *stream);
void netmcu__stream_flush_cork(struct netmcu__streams *streams, netmcu__stream *stream, bool last);

/* ---- close.c ------------------------------------------------------------------------------------------ */

unsigned netmcu__stream_linger_timeout(const netmcu__stream *stream);
void netmcu__stream_peer_finished(netmcu__stream *stream);  /* its FIN was read */
void netmcu__stream_output_written(netmcu__stream *stream); /* all of it */
void netmcu__stream_drain(netmcu__stream *stream);
void netmcu__stream_expired(netmcu_t *ctx, netmcu__deadline *deadline);

#endif
