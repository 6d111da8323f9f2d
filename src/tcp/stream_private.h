/* A stream from the inside, for the files of this room that make it up:
 *
 *   stream.c    the streams of a context; creation and end of one; its turn
 *   open.c      from the lookup, or the listener, to the first read
 *   input.c     reading, frames, hold
 *   output.c    sending, gathering, reporting that all is written
 *   close.c     the peer's FIN, ours, lingering, and the deadlines of each state
 *   settings.c  what it is, and its settings
 *
 *   RESOLVING ─▶ CONNECTING ─▶ OPEN ──peer's FIN──▶ ENDING (output left) ──written──▶ CLOSED
 *                                │
 *                                └─owner lets go─▶ DRAINING ──written, FIN sent──▶ LINGERING
 *                                                            LINGERING ──peer's FIN, 2 s──▶ CLOSED
 *
 * An error in any state, or the deadline of the state, leads to CLOSED. An owned stream reports its
 * end to its connection. A stream that its owner let go of before it was open still connects if
 * there is output, then drains.
 *
 * Work that cannot be done at once waits for the stream's turn, in the loop's next iteration. A
 * turn takes the first of these steps that applies, and then continues below the line:
 *
 *   in the states     if                                         the stream
 *   OPEN … LINGERING  a fault resets it                          ends with a reset
 *   any               part of a send is lost, and it is owned    ends with NETMCU_ENOMEM
 *   any               a write failed while its owner holds it    ends with that error
 *   OPEN … LINGERING  (otherwise)                                writes, reports "sent", finishes
 *   -----------------------------------------------------------------------------------------------
 *   OPEN              its filter has read the peer's end         finishes reading
 *   OPEN              its owner unheld it, or a delay ended      delivers and reads
 *   CONNECTING        a delay ended                              connects
 *   CONNECTING        it was adopted                             opens
 *   RESOLVING         it needs no lookup (unix:PATH)             connects
 *
 * Errors come first, because nothing may follow them. "sent" comes before "receive", because a
 * script that answers what it receives expects this order.
 *
 * An idle open stream is one block of 312 bytes, of which 248 are the stack's. Only busy streams
 * need what is in `extra`. */
#ifndef NETMCU_STREAM_PRIVATE_H
#define NETMCU_STREAM_PRIVATE_H

#include <stddef.h>

#include "base/memory.h"
#include "base/task.h"
#include "edge/fault.h"
#include "stack/deadline.h"
#include "tcp/stream.h"

enum state { RESOLVING, CONNECTING, OPEN, ENDING, DRAINING, LINGERING, CLOSED };

typedef struct extra {
  netmcu__stream *next_due;
  netmcu_lookup *lookup;
  netmcu_address peer;    /* as asked for: in RESOLVING and CONNECTING, and if it is `routed` to another one */
  netmcu_address *others; /* addresses of the peer that were not tried yet; NULL if the first was the only one */
  unsigned others_count;
  netmcu_address own; /* to connect from, if it `has_own` */
  bool has_own;
  const char *host; /* "unix:PATH", behind the request; NULL: an address */
  bool routed, connecting;
  bool is_reopening;    /* closed below, to try another address */
  bool delayed;         /* this and `keepalive` were set before it was open, and apply from then on */
  uint16_t keepalive;   /* seconds */
  netmcu__fault *fault; /* what is to go wrong with it, or NULL */
  netmcu__output output;
  int write_error; /* reported when the read side has delivered everything and ends */
  char *held;      /* read, and not delivered because of a hold */
  size_t held_size;
  _Alignas(max_align_t) unsigned char request[]; /* of the stack, for connecting or for waiting to write */
} extra;

/* The head of 64 bytes has no room for another field: with it, each stream would take 16 bytes more. */
struct netmcu__stream {
  netmcu__deadline deadline;
  union {
    extra *extra;             /* if it `has_extra`; see extra_of */
    netmcu__stream *next_due; /* otherwise, if it is `due`; see next_due_of */
  };
  netmcu_connection *owner; /* NULL before it has one, and after the owner let go of it */
  union {
    uint32_t unreported;     /* with an owner: sends whose last byte is written and that were not reported to it */
    uint32_t unacknowledged; /* LINGERING: bytes that the peer had not taken at our last look */
  };
  uint32_t active;       /* when the last byte moved: ms, the lower half of the stack's clock */
  uint32_t idle_timeout; /* ms; 0: none */
  uint16_t direct_bytes; /* of the unreported sends, the bytes that were written at once; at most UINT16_MAX */
  unsigned char state : 3;
  bool has_extra : 1;
  bool held : 1;
  bool resume : 1;                             /* unhold was called */
  bool due : 1;                                /* has a turn in the next iteration */
  bool peer_done : 1;                          /* its FIN was read */
  bool begun : 1;                              /* netmcu__connection_opened was called */
  bool input_ended : 1;                        /* netmcu__stream_end_input was called */
  bool expiring : 1;                           /* its time is over, unless something waits to be read */
  bool torn : 1;                               /* part of a send went out, and memory for its rest ran out */
  bool delivering : 1;                         /* "receive" is under way */
  bool adopted : 1;                            /* it has been connected from the beginning */
  bool looking : 1;                            /* LINGERING: it does not read before its deadline */
  bool handle_gone : 1;                        /* closed; released when it is no longer due */
  _Alignas(max_align_t) unsigned char below[]; /* the stack's stream */
};

_Static_assert(sizeof(void *) != 8 || offsetof(netmcu__stream, below) == 64, "the head has grown");

/* Small sends of a handler to its own stream are gathered, and written when the event is over. They
 * take one system call and one packet, which includes the FIN if the handler has closed the
 * stream. */
#define CORK_SIZE (64 * 1024)
#define CORK_MOST 4096 /* bytes of a send that are gathered: copying more costs more than it saves */

typedef struct netmcu__streams {
  netmcu__stream_group group; /* first: streams_of */
  netmcu_t *ctx;
  netmcu__stream *corked; /* the stream that is handling an event */
  char *cork;
  size_t cork_size;
  unsigned cork_sends;
  const char *rest; /* of the data that is being delivered */
  size_t rest_size;
  netmcu__deadlines deadlines;
  netmcu__deadlines looks; /* of streams that are `looking`: only this deadline keeps the loop running for them */
  netmcu__task task;
  netmcu__stream *first_due, *last_due;
  struct netmcu__listener *first_waiting; /* server.c: with a client that waits for a free place */
  unsigned alive, owned;
} netmcu__streams;

static inline netmcu__stack_stream *below(const netmcu__stream *stream)
{
  return (netmcu__stack_stream *)(uintptr_t)stream->below;
}

static inline netmcu__stream *stream_above(const netmcu__stack_stream *below)
{
  return netmcu__container((uintptr_t)below, netmcu__stream, below);
}

static inline netmcu__streams *streams_of(const netmcu__stream *stream)
{
  return (netmcu__streams *)netmcu__group_of(stream->below);
}

static inline const netmcu__stream_operations *stack_of(const netmcu__stream *stream)
{
  return netmcu__group_of(stream->below)->operations;
}

static inline netmcu_t *context_of(const netmcu__stream *stream)
{
  return streams_of(stream)->ctx;
}

static inline uint32_t now(const netmcu__stream *stream)
{
  return (uint32_t)netmcu__now(netmcu__group_of(stream->below)->stack);
}

static inline netmcu__deadlines *deadlines_of(const netmcu__stream *stream)
{
  return stream->looking ? &streams_of(stream)->looks : &streams_of(stream)->deadlines;
}

static inline void set_deadline(netmcu__stream *stream, uint32_t timeout)
{
  netmcu__deadline_set(deadlines_of(stream), &stream->deadline, timeout);
}

static inline void clear_deadline(netmcu__stream *stream)
{
  netmcu__deadline_clear(deadlines_of(stream), &stream->deadline);
}

/* Returns NULL if the stream has none. */
static inline extra *extra_of(const netmcu__stream *stream)
{
  return stream->has_extra ? stream->extra : NULL;
}

/* The link to the stream whose turn comes after that of this one. */
static inline netmcu__stream **next_due_of(netmcu__stream *stream)
{
  return stream->has_extra ? &stream->extra->next_due : &stream->next_due;
}

static inline bool has_output(const netmcu__stream *stream)
{
  return stream->has_extra && stream->extra->output.first;
}

static inline bool has_write_error(const netmcu__stream *stream)
{
  return stream->has_extra && stream->extra->write_error;
}

static inline netmcu__fault *fault_of(const netmcu__stream *stream)
{
  return stream->has_extra ? stream->extra->fault : NULL;
}

/* True if a fault has stopped this stream. It then transfers nothing and ends with a reset. */
static inline bool is_stopped(const netmcu__stream *stream)
{
  netmcu__fault *fault = fault_of(stream);

  return netmcu__rarely(fault != NULL) &&
         (netmcu__fault_refuses(fault) || netmcu__fault_resets(fault) || netmcu__fault_stalls(fault));
}

/* ---- stream.c -------------------------------------------------------------------------------- */

netmcu__streams *netmcu__streams_get(netmcu_t *ctx);                /* NULL if memory runs out */
netmcu__stream *netmcu__stream_create(netmcu_t *ctx);               /* not open yet */
void netmcu__stream_discard(netmcu_t *ctx, netmcu__stream *stream); /* one that is closed, or was never open */
extra *netmcu__stream_get_extra(netmcu__stream *stream);            /* NULL if memory runs out */
/* The same for a stream that has none, and may not be open yet, with `size` bytes behind the request. */
extra *netmcu__stream_add_extra(netmcu__streams *streams, netmcu__stream *stream, size_t size);
void netmcu__stream_release_extra_when_idle(netmcu__stream *stream);
void netmcu__stream_let_go_of_owner(netmcu__stream *stream);
void netmcu__stream_close_handle(netmcu__stream *stream);   /* of one without owner */
void netmcu__stream_end(netmcu__stream *stream, int error); /* closes at once, and reports it to the owner */
void netmcu__stream_make_due(netmcu__stream *stream);       /* gives it a turn in the next iteration */

/* ---- open.c ---------------------------------------------------------------------------------- */

void netmcu__stream_connect_to_peer(netmcu__stream *stream);
void netmcu__stream_start_connecting(netmcu__stream *stream);
/* Tries the next address of the peer instead of the one that has failed. If there is none, ends the
 * stream. */
void netmcu__stream_try_next_or_end(netmcu__stream *stream, int error);
/* Continues with the next address when the stream below is closed. Returns false if it cannot, and
 * the stream has ended. */
bool netmcu__stream_reopen(netmcu__stream *stream);
void netmcu__stream_on_connected(netmcu__stack_stream *below, int error);

/* ---- input.c --------------------------------------------------------------------------------- */

void netmcu__stream_start_reading(netmcu__stream *stream);
void netmcu__stream_stop_reading(netmcu__stream *stream);
void netmcu__stream_resume(netmcu__stream *stream);           /* after a hold */
void netmcu__stream_break(netmcu__stream *stream, int error); /* ends it; what is written is reported first */
void netmcu__stream_on_received(netmcu__stack_stream *below, char *data, size_t size);
void netmcu__stream_on_finished(netmcu__stack_stream *below);
void netmcu__stream_on_failed(netmcu__stack_stream *below, int error);

/* ---- output.c -------------------------------------------------------------------------------- */

void netmcu__stream_progress(netmcu__stream *stream); /* writes what can be, and reports what is written */
void netmcu__stream_report(netmcu__stream *stream);
/* Returns false if memory runs out. */
bool netmcu__streams_make_cork(netmcu__streams *streams);
void netmcu__stream_uncork(netmcu__stream *stream);
void netmcu__stream_flush_cork(netmcu__streams *streams, netmcu__stream *stream, bool last);
void netmcu__stream_drop_cork(netmcu__streams *streams);
void netmcu__stream_on_written(netmcu__stack_stream *below, int error);
void netmcu__stream_on_acknowledged(netmcu__stack_stream *below);

/* ---- close.c --------------------------------------------------------------------------------- */

unsigned netmcu__stream_linger_timeout(const netmcu__stream *stream);
void netmcu__stream_finish_reading(netmcu__stream *stream); /* the peer's FIN was read */
void netmcu__stream_finish_writing(netmcu__stream *stream); /* the queue is empty */
void netmcu__stream_drain(netmcu__stream *stream);
void netmcu__stream_expired(netmcu_t *ctx, netmcu__deadline *deadline);
void netmcu__stream_hurry(netmcu__deadline *deadline); /* the context closes */

/* ---- server.c -------------------------------------------------------------------------------- */

void netmcu__listeners_resume(netmcu__streams *streams); /* a place may be free for a client that waits */
void netmcu__listener_on_client(netmcu__stack_listener *below);
void netmcu__listener_on_closed(netmcu__stack_listener *below);

#endif
