/* What the files of this room share:
 *
 *   udp.c              the user's object
 *   socket.c           the bound sockets of a context: opening, closing, draining
 *   input.c            receiving
 *   output.c           sending, at once or later
 *   answers.c          the answers to a batch of datagrams, which go out together
 *   membership.c       multicast groups
 *   loopback_filter.c  keeps a script from receiving its own multicasts and broadcasts
 *
 *   OPEN ──abandon──▶ DRAINING ──queue empty, or no progress for linger_timeout──▶ CLOSED
 *
 * A draining socket has no owner: it sends what waits for room. An object that binds to its address
 * in the meantime takes it over, because the port is still in use. */
#ifndef NETMCU_UDP_PRIVATE_H
#define NETMCU_UDP_PRIVATE_H

#include "base/address.h"
#include "base/memory.h"
#include "stack/deadline.h"
#include "stack/stack.h"

typedef struct netmcu__answers netmcu__answers;
typedef struct netmcu__loopback netmcu__loopback;

typedef struct udp_socket udp_socket;

struct udp_socket {
  _Alignas(max_align_t) netmcu_udp *owner;
  udp_socket *next, *previous;
  netmcu_address address;
  bool is_closing;
  size_t queued;             /* datagrams that wait for room */
  size_t queued_bytes;       /* the memory that they take */
  size_t inherited;          /* the first of them, which an earlier owner has sent */
  netmcu__deadline deadline; /* for progress, while it drains */
  /* The stack's part follows. */
};

/* The part of a context. */
typedef struct netmcu__udp_sockets {
  netmcu__datagram_group group;
  udp_socket *first;
  netmcu__deadlines deadlines;
  netmcu__loopback *loopback; /* NULL until it is needed */
  netmcu__answers *answers;   /* NULL until it is needed */
  udp_socket *batch;          /* that has the current batch, from the second datagram on */
  netmcu_address asker;       /* the sender of the current datagram, as the stack knows it */
  unsigned handled;           /* datagrams of the batch */
} netmcu__udp_sockets;

static inline netmcu__stack_socket *stack_socket_of(udp_socket *s)
{
  return (netmcu__stack_socket *)(void *)(s + 1);
}

static inline udp_socket *udp_socket_of(netmcu__stack_socket *socket)
{
  return (udp_socket *)(void *)socket - 1;
}

static inline netmcu__udp_sockets *sockets_of(udp_socket *s)
{
  return (netmcu__udp_sockets *)netmcu__datagram_group_of(stack_socket_of(s));
}

static inline netmcu_t *context_of(udp_socket *s)
{
  return sockets_of(s)->group.stack->ctx;
}

/* ---- socket.c -------------------------------------------------------------------------------- */

int netmcu__udp_open(netmcu_t *ctx, const netmcu_address *address, netmcu_udp *owner, udp_socket **opened);
/* The owner lets go of its socket: no event follows, and the socket ends by itself. */
void netmcu__udp_abandon(udp_socket *s);
void netmcu__udp_close(udp_socket *s);
void netmcu__udp_limit_draining(udp_socket *s); /* gives it linger_timeout from now on */
int netmcu__udp_ttl(udp_socket *s, int *ttl);
udp_socket *netmcu__udp_first(netmcu_t *ctx); /* of the bound sockets; NULL if no socket is bound */

/* ---- input.c --------------------------------------------------------------------------------- */

void netmcu__udp_on_received(netmcu__stack_socket *socket, const char *data, size_t size, const netmcu_address *from,
                             bool in_batch);
void netmcu__udp_on_batch_ended(netmcu__stack_socket *socket);

/* ---- output.c -------------------------------------------------------------------------------- */

int netmcu__udp_send(udp_socket *s, const netmcu_address *to, const void *data, size_t size);
/* Copies a datagram that finds no room, and sends it later. */
int netmcu__udp_enqueue(udp_socket *s, const netmcu__datagram *datagram);
void netmcu__udp_on_sent(netmcu__stack_socket *socket, void *request);

/* ---- answers.c ------------------------------------------------------------------------------- */

/* Called before each datagram of a batch is handled. */
static inline void netmcu__answers_expect(udp_socket *s, const netmcu_address *from)
{
  netmcu__udp_sockets *all = sockets_of(s);

  all->asker = *from;
  if (++all->handled > 1)
    all->batch = s;
}

/* Takes a copy of a datagram that answers the current one. Returns false for any other datagram,
 * which the caller must send now. The copies that were taken before it have then been sent. */
bool netmcu__answers_take(udp_socket *s, const netmcu__datagram *datagram);
void netmcu__answers_send(netmcu__udp_sockets *all);
void netmcu__answers_end(netmcu__udp_sockets *all); /* sends them; the batch is over */

/* ---- membership.c ---------------------------------------------------------------------------- */

/* Whether the context has joined any group. Its ports are shared then with other programs that
 * listen to groups. */
bool netmcu__has_memberships(netmcu_t *ctx);

/* Applies the context's memberships to a socket that was just bound to `address`. A socket that is
 * bound to a group receives it even if the context has not joined it. */
void netmcu__memberships_apply(netmcu_t *ctx, udp_socket *s, const netmcu_address *address);

/* ---- loopback_filter.c ----------------------------------------------------------------------- */

/* The system delivers multicasts and broadcasts to the sockets of this machine as well, so that
 * other programs receive them, but a device does not receive its own. A received datagram does not
 * show its destination, so each one that is sent is remembered until it comes back. */

/* Called after a datagram was sent. Without memory to remember it, the script receives its own
 * datagram. */
void netmcu__loopback_sent(udp_socket *s, const netmcu__datagram *datagram);
/* Whether a received datagram is a copy of one that the context sent. Called only after
 * netmcu__loopback_sent has remembered one. */
bool netmcu__loopback_returned(udp_socket *s, const netmcu_address *from, const void *data, size_t size);

/* ---- udp.c: what a socket reports to its owner ----------------------------------------------- */

void netmcu__udp_received(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from);
void netmcu__udp_sent(netmcu_udp *u); /* once for each datagram; the event is deferred */

#endif
