/* A bound UDP socket from the inside, for the files of its name only:
 *
 *   socket.c   the sockets of a context; binding, closing, draining
 *   input.c    receiving, many datagrams at once
 *   output.c   sending: at once, gathered behind a batch, or queued
 *
 *   OPEN ──abandon──▶ DRAINING ──queue empty, or no progress for linger_timeout──▶ CLOSED, gone
 *
 * A draining socket has no owner: it sends what the system had no room for. Who binds to its address in that time takes
 * it over, since the port is still in use. */
#ifndef NETMCU_UDP_PRIVATE_H
#define NETMCU_UDP_PRIVATE_H

#include "base/deadline.h"
#include "udp/udp.h"

typedef netmcu__udp_socket udp_socket;

struct netmcu__udp_socket {
  uv_udp_t handle;
  netmcu_t *ctx;
  netmcu_udp *owner;
  udp_socket *next, *previous;
  netmcu_address address;
  size_t queued;             /* datagrams that wait in libuv */
  size_t queued_bytes;       /* that they take */
  size_t inherited;          /* the first of them, whose owner is gone */
  netmcu__deadline deadline; /* of progress, while it drains */
};

struct netmcu__datagrams {
  udp_socket *first;
  unsigned alive; /* sockets whose handle is not closed yet */
  bool closing;
  netmcu__deadlines deadlines;
  char *buffer; /* input.c: for receiving many datagrams at once; NULL where libuv does not */
  netmcu__own *own;
  netmcu__gather *gather; /* output.c: */
  udp_socket *batch;      /* whose batch is handled, from its second datagram on, and who sent this one */
  netmcu_address heard;   /* (the address as the system has it) */
  unsigned handled;
};

static inline struct netmcu__datagrams *datagrams_of(const udp_socket *s)
{
  return netmcu__parts(s->ctx)->datagrams;
}

/* From this version on libuv tells the end of a batch from a datagram. */
#define NETMCU__UDP_BATCHES (UV_VERSION_HEX >= ((1 << 16) | (40 << 8)))

/* ---- socket.c ----------------------------------------------------------------------------------------- */

void netmcu__udp_close(udp_socket *s);
void netmcu__udp_limit_draining(udp_socket *s); /* its deadline begins anew */

/* ---- input.c ------------------------------------------------------------------------------------------ */

int netmcu__udp_start_receiving(udp_socket *s); /* libuv's error */

/* ---- output.c ----------------------------------------------------------------------------------------- */

/* Sends what was gathered. */
void netmcu__udp_flush(struct netmcu__datagrams *d);

/* A datagram that libuv gave with these flags is about to be handled. The answer to the first one of a batch goes out at
 * once: one that comes alone does not wait for what its handler does next. */
static inline void batch_goes_on(udp_socket *s, struct netmcu__datagrams *d, const netmcu_address *from, unsigned flags)
{
#if NETMCU__UDP_GATHERS
  if (!(flags & UV_UDP_MMSG_CHUNK))
    return;
  d->heard = *from;
  if (++d->handled > 1)
    d->batch = s;
#else
  (void)s, (void)d, (void)from, (void)flags;
#endif
}

/* No more of it come. */
void netmcu__udp_batch_ended(struct netmcu__datagrams *d);

#endif
