/* The sockets of a context: binding them, closing them, letting them drain. See socket_private.h. */
#include "udp/socket_private.h"

/* ---- the context's part --------------------------------------------------------------------------------- */

static void drain_expired(netmcu_t *ctx, netmcu__deadline *deadline)
{
  (void)ctx;
  netmcu__udp_close(netmcu__container(deadline, udp_socket, deadline));
}

static struct netmcu__datagrams *get_datagrams(netmcu_t *ctx)
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

void netmcu__udp_close(udp_socket *s)
{
  struct netmcu__datagrams *d = datagrams_of(s);

  netmcu__deadline_clear(&d->deadlines, &s->deadline);
  remove_socket(d, s);
  uv_close((uv_handle_t *)&s->handle, socket_closed);
  end_after_last(d);
}

void netmcu__udp_limit_draining(udp_socket *s)
{
  netmcu__deadline_set(&datagrams_of(s)->deadlines, &s->deadline, netmcu_get_options(s->ctx)->linger_timeout);
}

void netmcu__udp_abandon(udp_socket *s)
{
  struct netmcu__datagrams *d = datagrams_of(s);

  s->owner = NULL;
  if (d->batch == NULL || d->batch == s)
    netmcu__udp_batch_ended(d);
  uv_udp_recv_stop(&s->handle);
  if (s->queued == 0)
    netmcu__udp_close(s);
  else
    netmcu__udp_limit_draining(s);
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
  struct netmcu__datagrams *d = get_datagrams(ctx);
  udp_socket *s = d ? netmcu__allocate(ctx, sizeof(*s)) : NULL;
  unsigned family = AF_INET;

#if NETMCU__UDP_BATCHES
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
    error = netmcu__udp_start_receiving(s);
  if (error) {
    netmcu__udp_close(s);
    return error;
  }
  netmcu__groups_apply(ctx, &s->handle, address);
  s->owner = owner;
  *opened = s;
  return 0;
}

static int take_over(udp_socket *s, netmcu_udp *owner, udp_socket **opened)
{
  int error = netmcu__udp_start_receiving(s);

  if (error)
    return error;
  netmcu__deadline_clear(&datagrams_of(s)->deadlines, &s->deadline);
  s->inherited = s->queued;
  s->owner = owner;
  *opened = s;
  return 0;
}

static udp_socket *find_socket(netmcu_t *ctx, const netmcu_address *address)
{
  for (udp_socket *s = first_socket(ctx); s; s = s->next)
    if (netmcu__same_address(&s->address, address))
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

/* ---- the rest ------------------------------------------------------------------------------------------- */

const netmcu_address *netmcu__udp_address(const udp_socket *s)
{
  return &s->address;
}

int netmcu__udp_ttl(udp_socket *s, int *ttl)
{
  int wanted = *ttl;

  netmcu__udp_flush(datagrams_of(s)); /* what was sent before has the one before */
  int error = netmcu__socket_ttl((const uv_handle_t *)&s->handle, IP_TTL, ttl);

  if (error == 0 && wanted > 0)
    error = netmcu__error(uv_udp_set_multicast_ttl(&s->handle, wanted));
  return error;
}
