/* What the files behind UDP share: udp.c (the user's object), its socket (socket_private.h), gather.c (many datagrams in
 * one call of the system), own.c (own datagrams that come back), multicast.c (memberships). */
#ifndef NETMCU_UDP_H
#define NETMCU_UDP_H

#include "base/internal.h"

/* ---- the socket: socket.c, output.c -------------------------------------------------------------- */

/* A bound socket. Its owner lets go of it with netmcu__udp_abandon: no event follows, and it ends by itself. */
typedef struct netmcu__udp_socket netmcu__udp_socket;

int netmcu__udp_open(netmcu_t *ctx, const netmcu_address *address, netmcu_udp *owner, netmcu__udp_socket **socket);
void netmcu__udp_abandon(netmcu__udp_socket *socket);
int netmcu__udp_send(netmcu__udp_socket *socket, const netmcu_address *to, const void *data, size_t size);
int netmcu__udp_ttl(netmcu__udp_socket *socket, int *ttl);
const netmcu_address *netmcu__udp_address(const netmcu__udp_socket *socket);

/* Whether a bound socket of the context has this port. */
bool netmcu__udp_has_port(netmcu_t *ctx, uint16_t port);

/* Calls `visit` for each bound socket of the context. `visit` must not open or close any. */
void netmcu__udp_each(netmcu_t *ctx, void (*visit)(uv_udp_t *handle, const netmcu_address *bound, void *data),
                      void *data);

/* ---- gather.c --------------------------------------------------------------------------------------- */

/* Where libuv receives datagrams in batches and the system sends them so. */
#if UV_VERSION_HEX >= ((1 << 16) | (40 << 8)) && (defined(__linux__) || defined(__FreeBSD__))
#define NETMCU__UDP_GATHERS 1
#else
#define NETMCU__UDP_GATHERS 0
#endif

typedef struct netmcu__gather netmcu__gather;

typedef struct netmcu__gathered {
  struct sockaddr_in to;
  const char *data;
  size_t size;
} netmcu__gathered;

netmcu__gather *netmcu__gather_new(netmcu_t *ctx);
/* Copies a datagram; false when there is no room for it. There is for any after netmcu__gather_clear. */
bool netmcu__gather_add(netmcu__gather *gather, const struct sockaddr_in *to, const void *data, size_t size);
unsigned netmcu__gather_count(const netmcu__gather *gather);
void netmcu__gather_get(const netmcu__gather *gather, unsigned index, netmcu__gathered *datagram);
/* Returns how many are dealt with: those from this index on have to wait for room. */
unsigned netmcu__gather_send(netmcu__gather *gather, int fd);
void netmcu__gather_clear(netmcu__gather *gather);

/* ---- udp.c: what a socket tells its owner --------------------------------------------------------------- */

void netmcu__udp_received(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from);
void netmcu__udp_sent(netmcu_udp *u); /* once for each datagram; the event is deferred */

/* ---- multicast.c ---------------------------------------------------------------------------------------- */

/* A member of any group: ports are shared then with what else on the machine listens to groups. */
bool netmcu__groups_any(netmcu_t *ctx);

/* Applies the context's memberships to a socket that was just bound. One that is bound to a group receives it even
 * where the context has not joined it. */
void netmcu__groups_apply(netmcu_t *ctx, uv_udp_t *handle, const netmcu_address *bound);

/* ---- own.c ------------------------------------------------------------------------------------------ */

/* The system hands multicasts and broadcasts back to the machine's own sockets, so that other programs hear them; a
 * device does not hear itself. libuv's sockets tell no destination, hence what was sent is remembered until it is back. */
typedef struct netmcu__own netmcu__own;

/* Sent from the port `from`. Creates *own when there is something to remember; without memory for it the script hears
 * itself. */
void netmcu__own_sent(netmcu_t *ctx, netmcu__own **own, const netmcu_address *to, uint16_t from, const void *data,
                      size_t size);

/* Whether what came to `port` is a copy of what the context sent. */
bool netmcu__own_returned(netmcu_t *ctx, netmcu__own *own, const netmcu_address *from, uint16_t port, const void *data,
                          size_t size);

#endif
