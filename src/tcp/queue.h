/* The output queue of a stream: what the stack did not take at once. It is written in order, many
 * chunks at a time. It is part of its owner, and all zero when it is empty. */
#ifndef NETMCU_QUEUE_H
#define NETMCU_QUEUE_H

#include "stack/stack.h"

typedef struct netmcu__chunk netmcu__chunk;

typedef struct netmcu__output {
  netmcu__chunk *first, *last;
  size_t bytes;         /* queued, including those that are being written */
  bool waiting;         /* for the stream to take more: a write_later is under way */
  unsigned outstanding; /* chunks that it writes */
} netmcu__output;

typedef struct netmcu__written {
  unsigned sends; /* that ended with what was written */
  int error;      /* 0 if all is written or waits */
} netmcu__written;

/* What the queue writes to: a stream of the stack, and memory for a request. */
typedef struct netmcu__target {
  const netmcu__stream_operations *operations;
  netmcu__stack_stream *stream;
  void *request;
} netmcu__target;

/* The data of a send, or of several. With a filter, it may be a part of the data of one. */
typedef struct netmcu__data {
  const netmcu_piece *pieces;
  unsigned count;
  size_t size;    /* of all pieces */
  unsigned sends; /* of the user, that end with it */
} netmcu__data;

/* Copies all but the first `skipped` bytes. */
void netmcu__data_copy(char *to, const netmcu__data *data, size_t skipped);

/* Appends a copy of all but the first `skipped` bytes of the data, which contain the last bytes of
 * `sends` calls of send. Returns 0 or NETMCU_ENOMEM. */
int netmcu__output_append(netmcu_t *ctx, netmcu__output *output, const netmcu__data *data, size_t skipped,
                          unsigned sends);

/* Waits until the stream takes more, and then writes. To be used if the stream is known to take
 * nothing now. */
int netmcu__output_wait(netmcu__output *output, const netmcu__target *target);

/* Writes what the stream takes, and waits if it takes no more. */
netmcu__written netmcu__output_flush(netmcu_t *ctx, netmcu__output *output, const netmcu__target *target);

/* Drops what was written. Must be called first when the wait is over. Returns the number of sends
 * that ended with it. */
unsigned netmcu__output_done(netmcu_t *ctx, netmcu__output *output);

/* Drops everything. During a wait, the chunks stay until it is over or the stream is closed. */
void netmcu__output_clear(netmcu_t *ctx, netmcu__output *output);

#endif
