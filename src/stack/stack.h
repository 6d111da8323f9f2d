/* The stack: everything below the objects that touches the network or a clock. The objects call it through the tables of
 * functions below, one indirect call for each operation, and never call the system themselves.
 *
 * A context gets its stack when it is created (netmcu__context_new). The system's stack (system.h) is libuv; a
 * test can put another one in its place. A stack can also stand on another one: it implements a table of functions and
 * calls those of the stack below.
 *
 * Rules for every table:
 *  - The caller provides all memory. A table says how many bytes an item needs, so that an object and the stack's part of
 *    it are one block. The stack allocates nothing for an operation.
 *  - Functions return 0 or a negative NETMCU_E… code (base/error.h), never a code of the system.
 *  - An event is never called inside an operation. Any operation is allowed inside any event.
 *  - The events of a kind are one constant table. An item needs no pointer to a handler.
 *  - After `close` one event follows, `closed`, in a later iteration of the loop. The memory belongs to the caller again
 *    from then on. An implementation counts what it has to close with netmcu__handle_opened and netmcu__handle_closed. */
#ifndef NETMCU_STACK_H
#define NETMCU_STACK_H

#include "base/internal.h"

typedef struct netmcu__stack netmcu__stack;

/* ---- the clock ------------------------------------------------------------------------------------ */

/* One clock and one timer. Rooms use the timer through deadline.h, which puts any number of time-outs on it. */
typedef struct netmcu__clock {
  uint64_t (*now)(netmcu__stack *stack);  /* ms; the same for a whole iteration of the loop */
  uint64_t (*time)(netmcu__stack *stack); /* ns; the time of the call, on the same clock as `now` */
  /* Calls netmcu__deadlines_expire in `timeout` ms after `now`; replaces what was set before. */
  void (*set_timer)(netmcu__stack *stack, uint64_t timeout);
  void (*stop_timer)(netmcu__stack *stack);
  void (*keep_alive)(netmcu__stack *stack, bool keep_alive); /* whether the timer keeps the loop running */
} netmcu__clock;

/* ---- streams -------------------------------------------------------------------------------------- */

/* A byte stream and a listener, in memory of the caller: `stream_size` and `listener_size` zeroed bytes, aligned for any
 * type. Both begin with a pointer to their group, which `open` and `open_listener` set. */
typedef struct netmcu__stack_stream netmcu__stack_stream;
typedef struct netmcu__stack_listener netmcu__stack_listener;

typedef struct netmcu__stream_operations netmcu__stream_operations;
typedef struct netmcu__stream_events netmcu__stream_events;

/* What all streams and listeners of one user have in common. The user may put it at the beginning of a larger struct. */
typedef struct netmcu__stream_group {
  netmcu__stack *stack;
  const netmcu__stream_operations *operations;
  const netmcu__stream_events *events;
} netmcu__stream_group;

typedef struct netmcu__piece {
  const char *data;
  size_t size;
} netmcu__piece;

#define NETMCU__PIECES 64 /* the most that one write takes: more gains nothing measurable */

struct netmcu__stream_operations {
  size_t stream_size, listener_size;
  size_t request_size; /* of a request: memory that `connect` and `write_later` use until they have called back */

  /* Prepares a stream for `connect`. If this fails, there is nothing to close. */
  int (*open)(netmcu__stream_group *group, netmcu__stack_stream *stream);
  int (*connect)(netmcu__stack_stream *stream, void *request, const netmcu_address *to); /* → connected */

  void (*start_reading)(netmcu__stack_stream *stream); /* → received, finished, failed */
  void (*stop_reading)(netmcu__stack_stream *stream);

  /* Writes what the stream takes at once. Returns the number of bytes, which is 0 if it takes nothing now, or an error.
   * `last`: a shutdown follows, so the bytes may wait for it and share its packet. */
  ptrdiff_t (*write)(netmcu__stack_stream *stream, const netmcu__piece *pieces, unsigned count, bool last);
  /* Waits until the stream takes bytes, and writes all of these then (→ written). The pieces' data stays in place until
   * the event. While it waits, `write` takes nothing and there may be no second `write_later`. */
  int (*write_later)(netmcu__stack_stream *stream, void *request, const netmcu__piece *pieces, unsigned count);
  int (*shut_down)(netmcu__stack_stream *stream); /* sends a FIN; nothing is written afterwards */
  /* → closed. No other event follows. With `reset` the peer sees a reset instead of a FIN. */
  void (*close)(netmcu__stack_stream *stream, bool reset);

  int (*get_peer)(const netmcu__stack_stream *stream, netmcu_address *address);
  int (*get_address)(const netmcu__stack_stream *stream, netmcu_address *address);
  int (*ttl)(const netmcu__stack_stream *stream, int *ttl); /* sets it before if *ttl is not negative */
  /* Bytes, the FIN included, that the peer has not acknowledged; 0 if the stack does not know. */
  uint32_t (*unacknowledged)(const netmcu__stack_stream *stream);
  /* In `finished`: a reset that arrived together with the last data looks like a FIN. Returns its error, or 0. */
  int (*end_reason)(const netmcu__stack_stream *stream);

  int (*open_listener)(netmcu__stream_group *group, netmcu__stack_listener *listener);
  /* May be called again after it failed, with another address. → client */
  int (*listen)(netmcu__stack_listener *listener, const netmcu_address *address, int backlog);
  int (*get_listener_address)(const netmcu__stack_listener *listener, netmcu_address *address);
  /* Opens `stream` for the client that waits. The stream must be closed even if this fails. */
  int (*accept)(netmcu__stack_listener *listener, netmcu__stream_group *group, netmcu__stack_stream *stream);
  void (*refuse)(netmcu__stack_listener *listener); /* closes the client that waits */
  void (*close_listener)(netmcu__stack_listener *listener); /* → listener_closed */
};

struct netmcu__stream_events {
  void (*connected)(netmcu__stack_stream *stream, int error);
  void (*received)(netmcu__stack_stream *stream, char *data, size_t size); /* data in netmcu__buffer */
  void (*finished)(netmcu__stack_stream *stream);                         /* the peer's FIN */
  void (*failed)(netmcu__stack_stream *stream, int error);                /* of reading */
  void (*written)(netmcu__stack_stream *stream, int error);               /* of write_later */
  void (*closed)(netmcu__stack_stream *stream);
  /* A client waits. There is no further `client` event until it was accepted or refused. */
  void (*client)(netmcu__stack_listener *listener);
  void (*listener_closed)(netmcu__stack_listener *listener);
};

/* The first word of a stream and of a listener. */
static inline netmcu__stream_group *netmcu__group_of(const void *stream_or_listener)
{
  return *(void *const *)stream_or_listener;
}

/* ---- datagrams ------------------------------------------------------------------------------------ */

/* (datagram) bind, send and receive in batches, memberships, TTL: netmcu__datagram_operations, _events, _group. */
typedef struct netmcu__datagram_operations netmcu__datagram_operations;

/* ---- name queries --------------------------------------------------------------------------------- */

/* (dns) netmcu__query_operations: ask the servers for the address of a name, cancel, change the servers. */
typedef struct netmcu__query_operations netmcu__query_operations;

/* ---- echo requests -------------------------------------------------------------------------------- */

/* (datagram) netmcu__echo_operations: open, send a request, replies with the time of their arrival, close. */
typedef struct netmcu__echo_operations netmcu__echo_operations;

/* ---- interfaces ----------------------------------------------------------------------------------- */

/* (datagram) netmcu__interface_operations: the list of interfaces with their addresses and netmasks, routes, leases. */
typedef struct netmcu__interface_operations netmcu__interface_operations;

/* ---- a stack -------------------------------------------------------------------------------------- */

struct netmcu__deadlines;

/* What each stack begins with. Its room's state follows in a struct of its own. */
struct netmcu__stack {
  netmcu_t *ctx;
  const netmcu__clock *clock;
  const netmcu__stream_operations *streams;
  const netmcu__datagram_operations *datagrams;
  const netmcu__query_operations *queries;
  const netmcu__echo_operations *echo;
  const netmcu__interface_operations *interfaces;
  struct netmcu__deadlines *deadlines; /* deadline.c: all that share the timer */
};

netmcu__stack *netmcu__stack_of(const netmcu_t *ctx);

#endif
