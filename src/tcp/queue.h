/* The output queue of a stream: what the system did not take at once, written gathered, in order. Part of its owner, all
 * zero when empty. */
#ifndef NETMCU_OUTPUT_H
#define NETMCU_OUTPUT_H

#include "base/internal.h"

typedef struct netmcu__chunk netmcu__chunk;

typedef struct netmcu__output {
  netmcu__chunk *first, *last;
  size_t bytes;         /* queued, what is being written included */
  bool waiting;         /* for the socket to become writable: `request` is under way */
  unsigned outstanding; /* chunks that `request` writes */
  uv_write_t request;
} netmcu__output;

typedef struct netmcu__written {
  unsigned sends; /* whose last byte the system took */
  int error;      /* libuv's, 0 when all is written or waits for the socket */
} netmcu__written;

/* Copies `size` bytes, with which `sends` calls of send end, behind what is queued. NETMCU_ENOMEM. */
int netmcu__output_append(netmcu_t *ctx, netmcu__output *output, const char *data, size_t size, unsigned sends);

/* Waits for the socket to become writable, and writes then: where it is known to take nothing now. */
int netmcu__output_wait(netmcu__output *output, uv_stream_t *stream, uv_write_cb done);

/* Writes what the system takes; where it takes no more, waits with a write request that ends in `done`. */
netmcu__written netmcu__output_flush(netmcu_t *ctx, netmcu__output *output, uv_stream_t *stream, uv_write_cb done);

/* To be called first in `done`: drops what the request has written. Returns the number of sends that it ended. */
unsigned netmcu__output_done(netmcu_t *ctx, netmcu__output *output);

/* Drops everything. While a request is under way its chunks stay, until it is done or the handle is closed. */
void netmcu__output_clear(netmcu_t *ctx, netmcu__output *output);

#endif
