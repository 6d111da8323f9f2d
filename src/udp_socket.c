/* A bound UDP socket, behind its owner (udp.c).
 *
 *   OPEN ──abandon──▶ DRAINING ──queue empty, or no progress for linger_timeout──▶ CLOSED, gone
 *
 * A draining socket has no owner: it sends what the system had no room for. Who binds to its address in that time takes
 * it over, since the port is still in use. */
#include <string.h>

#include "deadline.h"
#include "udp.h"

typedef netmcu__udp_socket udp_socket;

struct netmcu__udp_socket {
  uv_udp_t handle;
  netmcu_t *ctx;
  netmcu_udp *owner;
  udp_socket *next, *previous;
  netmcu_address address;
  size_t queued;             /* datagrams that wait in libuv */
  size_t inherited;          /* the first of them, whose owner is gone */
  netmcu__deadline deadline; /* of progress, while it drains */
};

struct netmcu__datagrams {
  udp_socket *first;
  char *buffer; /* for receiving many datagrams at once; NULL where libuv does not */
  netmcu__own *own;
  netmcu__deadlines deadlines;
  netmcu__gather *gather;
  udp_socket *batch;    /* whose batch is handled, from its second datagram on, and who sent this one */
  netmcu_address heard; /* (the address as the system has it) */
  unsigned handled;
  unsigned alive; /* sockets whose handle is not closed yet */
  bool closing;
};

/* libuv receives as many datagrams at once as slots of 64 KiB fit in the buffer, and 20 at the most. Only the pages
 * that datagrams reach are ever touched. */
#define BATCH_SIZE (20 * 64 * 1024)

/* From this version on libuv tells the end of such a batch from a datagram. */
#define BATCHES (UV_VERSION_HEX >= ((1 << 16) | (40 << 8)))

/* ---- the context's part --------------------------------------------------------------------------------- */

static void close_socket(udp_socket *s);

static void drain_expired(netmcu_t *ctx, netmcu__deadline *deadline)
{
  (void)ctx;
  close_socket(netmcu__container(deadline, udp_socket, deadline));
}

static struct netmcu__datagrams *datagrams(netmcu_t *ctx)
{
  struct netmcu__parts *parts = netmcu__parts(ctx);

  if (parts->datagrams == NULL) {
    parts->datagrams = netmcu__allocate(ctx, sizeof(*parts->datagrams));
    if (parts->datagrams)
      netmcu__deadlines_init(&parts->datagrams->deadlines, ctx, drain_expired);
  }
  return parts->datagrams;
}

static void end_after_last(struct netmcu__datagrams *d)
{
  if (d->closing && d->first == NULL)
    netmcu__deadlines_close(&d->deadlines);
}

/* Not before the last handle is closed: the context may be closed inside a callback, which still has its datagram. */
static void release_after_last(netmcu_t *ctx, struct netmcu__datagrams *d)
{
  if (!d->closing || d->alive > 0)
    return;
  netmcu__release(ctx, d->buffer);
  netmcu__release(ctx, d->own);
  netmcu__release(ctx, d->gather);
}

void netmcu__datagrams_close(netmcu_t *ctx)
{
  struct netmcu__datagrams *d = netmcu__parts(ctx)->datagrams;

  if (d == NULL)
    return;
  d->closing = true;
  end_after_last(d);
  release_after_last(ctx, d);
}

static udp_socket *first_socket(netmcu_t *ctx)
{
  struct netmcu__datagrams *d = netmcu__parts(ctx)->datagrams;

  return d ? d->first : NULL;
}

void netmcu__udp_each(netmcu_t *ctx, void (*visit)(uv_udp_t *handle, const netmcu_address *bound, void *data),
                      void *data)
{
  for (udp_socket *s = first_socket(ctx); s; s = s->next)
    visit(&s->handle, &s->address, data);
}

bool netmcu__udp_has_port(netmcu_t *ctx, uint16_t port)
{
  for (udp_socket *s = first_socket(ctx); s; s = s->next)
    if (s->address.port == port)
      return true;
  return false;
}

static void insert_socket(struct netmcu__datagrams *d, udp_socket *s)
{
  s->next = d->first;
  if (s->next)
    s->next->previous = s;
  d->first = s;
}

static void remove_socket(struct netmcu__datagrams *d, udp_socket *s)
{
  if (s->previous)
    s->previous->next = s->next;
  else
    d->first = s->next;
  if (s->next)
    s->next->previous = s->previous;
}

/* ---- answering in batches ------------------------------------------------------------------------------- */

static int queue(udp_socket *s, const struct sockaddr_in *to, const void *data, size_t size);

#if NETMCU__UDP_GATHERS

/* What has to wait is copied once more; without memory it is lost, as datagrams may be. */
static void send_later(udp_socket *s, const netmcu__gathered *datagram)
{
  int error = queue(s, &datagram->to, datagram->data, datagram->size);

  if (error && s->owner)
    netmcu__udp_sent(s->owner);
}

/* Sends what was gathered. */
static void flush(struct netmcu__datagrams *d)
{
  udp_socket *s = d->batch;
  uv_os_fd_t fd;

  if (s == NULL || d->gather == NULL || netmcu__gather_count(d->gather) == 0)
    return;
  uv_fileno((const uv_handle_t *)&s->handle, &fd);
  unsigned done = netmcu__gather_send(d->gather, fd);
  for (unsigned i = 0; i < done && s->owner; i++)
    netmcu__udp_sent(s->owner);
  for (unsigned i = done; i < netmcu__gather_count(d->gather); i++) {
    netmcu__gathered datagram;
    netmcu__gather_get(d->gather, i, &datagram);
    send_later(s, &datagram);
  }
  netmcu__gather_clear(d->gather);
}

static void batch_ended(struct netmcu__datagrams *d)
{
  flush(d);
  d->batch = NULL;
  d->handled = 0;
}

/* The answer to the first one goes out at once: one that comes alone does not wait for what its handler does next. */
static void batch_goes_on(udp_socket *s, struct netmcu__datagrams *d, const netmcu_address *from, unsigned flags)
{
  if (!(flags & UV_UDP_MMSG_CHUNK))
    return;
  d->heard = *from;
  if (++d->handled > 1)
    d->batch = s;
}

/* Answers only: elsewhere an error of the network is the caller's to know. */
static bool is_answer(const udp_socket *s, const struct netmcu__datagrams *d, const netmcu_address *to)
{
  return d->batch == s && s->queued == 0 && to->port == d->heard.port &&
         memcmp(to->ip, d->heard.ip, sizeof(to->ip)) == 0;
}

static bool gather(udp_socket *s, const netmcu_address *to, const struct sockaddr_in *sockaddr, const void *data,
                   size_t size)
{
  struct netmcu__datagrams *d = netmcu__parts(s->ctx)->datagrams;

  if (!is_answer(s, d, to)) {
    flush(d);
    return false;
  }
  if (d->gather == NULL)
    d->gather = netmcu__gather_new(s->ctx);
  if (d->gather == NULL)
    return false;
  if (netmcu__gather_add(d->gather, sockaddr, data, size))
    return true;
  flush(d);
  return s->queued == 0 && netmcu__gather_add(d->gather, sockaddr, data, size);
}

#else

#define flush(d)                            ((void)(d))
#define batch_ended(d)                      ((void)(d))
#define batch_goes_on(s, d, from, flags)    ((void)(flags))
#define gather(s, to, sockaddr, data, size) false

#endif

/* ---- receiving ------------------------------------------------------------------------------------------ */

static char *batch_buffer(udp_socket *s)
{
#if BATCHES
  struct netmcu__datagrams *d = netmcu__parts(s->ctx)->datagrams;

  if (!uv_udp_using_recvmmsg(&s->handle))
    return NULL;
  if (d->buffer == NULL)
    d->buffer = netmcu__resize(s->ctx, NULL, BATCH_SIZE);
  return d->buffer;
#else
  (void)s;
  return NULL;
#endif
}

/* Without any memory libuv calls `received` with UV_ENOBUFS, and the datagrams wait in the system. */
static void provide_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
  udp_socket *s = netmcu__container(handle, udp_socket, handle);

  (void)suggested;
  *buffer = uv_buf_init(batch_buffer(s), BATCH_SIZE);
  if (buffer->base == NULL)
    *buffer = uv_buf_init(netmcu__buffer(s->ctx), NETMCU__BUFFER_SIZE);
}

/* `from` is NULL for an error, for the end of what there is, and for the end of a batch, whose buffer is the context's
 * to keep. A socket that is abandoned in the middle of a batch has stopped receiving: libuv drops the rest. */
static void received(uv_udp_t *handle, ssize_t size, const uv_buf_t *buffer, const struct sockaddr *from,
                     unsigned flags)
{
  udp_socket *s = netmcu__container(handle, udp_socket, handle);
  struct netmcu__datagrams *d = netmcu__parts(s->ctx)->datagrams;

  if (from == NULL)
    batch_ended(d);
  if (size < 0 || from == NULL || s->owner == NULL)
    return;
  netmcu_address address = netmcu__address((const struct sockaddr_in *)(const void *)from);
  if (d->own && netmcu__own_returned(s->ctx, d->own, &address, s->address.port, buffer->base, (size_t)size))
    return;
  batch_goes_on(s, d, &address, flags);
  netmcu__udp_received(s->owner, buffer->base, (size_t)size, &address);
}

static int start_receiving(udp_socket *s)
{
  return uv_udp_recv_start(&s->handle, provide_buffer, received);
}

/* ---- closing -------------------------------------------------------------------------------------------- */

static void socket_closed(uv_handle_t *handle)
{
  udp_socket *s = netmcu__container(handle, udp_socket, handle);
  netmcu_t *ctx = s->ctx;
  struct netmcu__datagrams *d = netmcu__parts(ctx)->datagrams;

  netmcu__release(ctx, s);
  d->alive--;
  release_after_last(ctx, d);
  netmcu__handle_closed(ctx);
}

static void close_socket(udp_socket *s)
{
  struct netmcu__datagrams *d = netmcu__parts(s->ctx)->datagrams;

  netmcu__deadline_clear(&d->deadlines, &s->deadline);
  remove_socket(d, s);
  uv_close((uv_handle_t *)&s->handle, socket_closed);
  end_after_last(d);
}

static void limit_draining(udp_socket *s)
{
  netmcu__deadline_set(&netmcu__parts(s->ctx)->datagrams->deadlines, &s->deadline,
                       netmcu_get_options(s->ctx)->linger_timeout);
}

void netmcu__udp_abandon(udp_socket *s)
{
  struct netmcu__datagrams *d = netmcu__parts(s->ctx)->datagrams;

  s->owner = NULL;
  if (d->batch == NULL || d->batch == s)
    batch_ended(d);
  uv_udp_recv_stop(&s->handle);
  if (s->queued == 0)
    close_socket(s);
  else
    limit_draining(s);
}

/* ---- opening -------------------------------------------------------------------------------------------- */

/* Otherwise a socket of Linux hears each group that any program has joined. */
static void hear_own_groups_only(udp_socket *s)
{
#ifdef IP_MULTICAST_ALL
  uv_os_fd_t fd;
  int off = 0;

  if (uv_fileno((const uv_handle_t *)&s->handle, &fd) == 0)
    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof(off));
#else
  (void)s;
#endif
}

static int bind_socket(udp_socket *s, const netmcu_address *address, unsigned flags)
{
  struct sockaddr_in sockaddr = netmcu__sockaddr(address);
  int size = sizeof(sockaddr);

#ifdef _WIN32 /* binds to no group: joining it is what makes the difference there */
  if (netmcu__is_group(address))
    sockaddr.sin_addr.s_addr = INADDR_ANY;
#endif
  int error = uv_udp_bind(&s->handle, (const struct sockaddr *)&sockaddr, flags);
  if (error == 0)
    error = uv_udp_set_broadcast(&s->handle, 1);
  if (error == 0)
    error = uv_udp_getsockname(&s->handle, (struct sockaddr *)&sockaddr, &size);
  s->address = netmcu__address(&sockaddr);
  return error;
}

static udp_socket *new_socket(netmcu_t *ctx, int *error)
{
  struct netmcu__datagrams *d = datagrams(ctx);
  udp_socket *s = d ? netmcu__allocate(ctx, sizeof(*s)) : NULL;
  unsigned family = AF_INET;

#if BATCHES
  family |= UV_UDP_RECVMMSG;
#endif
  *error = s ? uv_udp_init_ex(netmcu_loop(ctx), &s->handle, family) : UV_ENOMEM;
  if (*error) {
    netmcu__release(ctx, s);
    return NULL;
  }
  s->ctx = ctx;
  netmcu__handle_opened(ctx);
  d->alive++;
  insert_socket(d, s);
  return s;
}

/* Ports are shared with other programs for the sake of groups (mDNS, SSDP). */
static unsigned bind_flags(netmcu_t *ctx, const netmcu_address *address)
{
  bool shared = address->port != 0 && (netmcu__is_group(address) || netmcu__groups_any(ctx));

  return shared ? UV_UDP_REUSEADDR : 0;
}

static int open_new(netmcu_t *ctx, const netmcu_address *address, netmcu_udp *owner, udp_socket **opened)
{
  int error;
  udp_socket *s = new_socket(ctx, &error);

  if (s == NULL)
    return error;
  hear_own_groups_only(s);
  error = bind_socket(s, address, bind_flags(ctx, address));
  if (error == 0)
    error = start_receiving(s);
  if (error) {
    close_socket(s);
    return error;
  }
  netmcu__groups_apply(ctx, &s->handle, address);
  s->owner = owner;
  *opened = s;
  return 0;
}

static int take_over(udp_socket *s, netmcu_udp *owner, udp_socket **opened)
{
  int error = start_receiving(s);

  if (error)
    return error;
  netmcu__deadline_clear(&netmcu__parts(s->ctx)->datagrams->deadlines, &s->deadline);
  s->inherited = s->queued;
  s->owner = owner;
  *opened = s;
  return 0;
}

static udp_socket *find_socket(netmcu_t *ctx, const netmcu_address *address)
{
  for (udp_socket *s = first_socket(ctx); s; s = s->next)
    if (memcmp(s->address.ip, address->ip, sizeof(address->ip)) == 0 && s->address.port == address->port)
      return s;
  return NULL;
}

/* A script does not share a port with itself, except for a group's: the system alone would allow more. */
int netmcu__udp_open(netmcu_t *ctx, const netmcu_address *address, netmcu_udp *owner, udp_socket **opened)
{
  udp_socket *s = find_socket(ctx, address);

  if (s && s->owner == NULL)
    return netmcu__error(take_over(s, owner, opened));
  if (s && !netmcu__is_group(address))
    return NETMCU_EADDRINUSE;
  return netmcu__error(open_new(ctx, address, owner, opened));
}

/* ---- sending -------------------------------------------------------------------------------------------- */

typedef struct sending {
  uv_udp_send_t request;
  char data[];
} sending;

static void queue_sent(uv_udp_send_t *request, int status)
{
  udp_socket *s = netmcu__container(request->handle, udp_socket, handle);

  (void)status; /* datagrams may be lost */
  netmcu__release(s->ctx, netmcu__container(request, sending, request));
  s->queued--;
  if (uv_is_closing((uv_handle_t *)&s->handle))
    return;
  if (s->owner && s->inherited > 0)
    s->inherited--;
  else if (s->owner)
    netmcu__udp_sent(s->owner);
  else if (s->queued == 0)
    close_socket(s);
  else
    limit_draining(s);
}

static int queue(udp_socket *s, const struct sockaddr_in *to, const void *data, size_t size)
{
  sending *copy = netmcu__allocate(s->ctx, sizeof(*copy) + size);

  if (copy == NULL)
    return NETMCU_ENOMEM;
  if (size)
    memcpy(copy->data, data, size);
  uv_buf_t buffer = uv_buf_init(copy->data, (unsigned)size);
  int error = uv_udp_send(&copy->request, &s->handle, &buffer, 1, (const struct sockaddr *)to, queue_sent);
  if (error)
    netmcu__release(s->ctx, copy);
  else
    s->queued++;
  return netmcu__error(error);
}

/* libuv's buffers are not const, since they serve for receiving too. */
static uv_buf_t buffer_of(const void *data, size_t size)
{
  union {
    const void *given;
    char *taken;
  } base = {data};

  return uv_buf_init(base.taken, (unsigned)size);
}

static int send_now(udp_socket *s, const struct sockaddr_in *to, const void *data, size_t size)
{
  uv_buf_t buffer = buffer_of(data, size);

  int error = uv_udp_try_send(&s->handle, &buffer, 1, (const struct sockaddr *)to);
  if (error == UV_EAGAIN)
    return queue(s, to, data, size);
  if (error < 0)
    return netmcu__error(error);
  netmcu__udp_sent(s->owner);
  return 0;
}

int netmcu__udp_send(udp_socket *s, const netmcu_address *to, const void *data, size_t size)
{
  struct sockaddr_in sockaddr = netmcu__sockaddr(to);

  int error = gather(s, to, &sockaddr, data, size) ? 0 : send_now(s, &sockaddr, data, size);
  if (error < 0)
    return error;
  netmcu__own_sent(s->ctx, &netmcu__parts(s->ctx)->datagrams->own, to, s->address.port, data, size);
  return 0;
}

/* ---- the rest ------------------------------------------------------------------------------------------- */

const netmcu_address *netmcu__udp_address(const udp_socket *s)
{
  return &s->address;
}

int netmcu__udp_ttl(udp_socket *s, int *ttl)
{
  int wanted = *ttl;

  flush(netmcu__parts(s->ctx)->datagrams); /* what was sent before has the one before */
  int error = netmcu__socket_ttl((const uv_handle_t *)&s->handle, IP_TTL, ttl);

  if (error == 0 && wanted > 0)
    error = netmcu__error(uv_udp_set_multicast_ttl(&s->handle, wanted));
  return error;
}
