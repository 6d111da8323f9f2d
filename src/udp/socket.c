/* The bound sockets of a context: opening, closing, draining. See udp_private.h for their
 * states. */
#include "udp/udp_private.h"

/* ---- the part of the context ----------------------------------------------------------------- */

static void on_drain_timeout(netmcu_t *ctx, netmcu__deadline *deadline)
{
  (void)ctx;
  netmcu__udp_close(netmcu__container(deadline, udp_socket, deadline));
}

static void on_closed(netmcu__stack_socket *socket);

static bool begin_sockets(netmcu_t *ctx, void *part)
{
  static const netmcu__datagram_events events = {.received = netmcu__udp_on_received,
                                                 .batch_ended = netmcu__udp_on_batch_ended,
                                                 .sent = netmcu__udp_on_sent,
                                                 .closed = on_closed};
  netmcu__udp_sockets *all = part;
  netmcu__stack *stack = netmcu__stack_of(ctx);

  all->group = (netmcu__datagram_group){stack, stack->datagrams, &events};
  netmcu__deadlines_init(&all->deadlines, ctx, on_drain_timeout, false);
  return true;
}

static void end_sockets(netmcu_t *ctx, void *part)
{
  netmcu__udp_sockets *all = part;

  netmcu__release(ctx, all->loopback);
  netmcu__release(ctx, all->answers);
}

static const netmcu__part_class sockets_class = {
    .size = sizeof(netmcu__udp_sockets), .begin = begin_sockets, .end = end_sockets};

udp_socket *netmcu__udp_first(netmcu_t *ctx)
{
  const netmcu__udp_sockets *all = netmcu__part(ctx, NETMCU__DATAGRAMS);

  return all ? all->first : NULL;
}

static void insert_socket(netmcu__udp_sockets *all, udp_socket *s)
{
  s->next = all->first;
  if (s->next)
    s->next->previous = s;
  all->first = s;
}

static void remove_socket(netmcu__udp_sockets *all, udp_socket *s)
{
  if (s->previous)
    s->previous->next = s->next;
  else
    all->first = s->next;
  if (s->next)
    s->next->previous = s->previous;
}

/* ---- closing --------------------------------------------------------------------------------- */

static void on_closed(netmcu__stack_socket *socket)
{
  udp_socket *s = udp_socket_of(socket);

  netmcu__release(context_of(s), s);
}

void netmcu__udp_close(udp_socket *s)
{
  netmcu__udp_sockets *all = sockets_of(s);

  netmcu__deadline_clear(&all->deadlines, &s->deadline);
  remove_socket(all, s);
  s->is_closing = true;
  all->group.operations->close(stack_socket_of(s));
}

void netmcu__udp_limit_draining(udp_socket *s)
{
  const netmcu_options *options = &netmcu__head_of(context_of(s))->options;

  netmcu__deadline_set(&sockets_of(s)->deadlines, &s->deadline, options->linger_timeout);
}

void netmcu__udp_abandon(udp_socket *s)
{
  netmcu__udp_sockets *all = sockets_of(s);

  s->owner = NULL;
  if (all->batch == NULL || all->batch == s)
    netmcu__answers_end(all);
  all->group.operations->stop_receiving(stack_socket_of(s));
  if (s->queued == 0)
    netmcu__udp_close(s);
  else
    netmcu__udp_limit_draining(s);
}

/* ---- opening --------------------------------------------------------------------------------- */

static int new_socket(netmcu_t *ctx, uint16_t family, udp_socket **opened)
{
  netmcu__udp_sockets *all = netmcu__part_get(ctx, NETMCU__DATAGRAMS, &sockets_class);
  udp_socket *s = all ? netmcu__allocate(ctx, sizeof(*s) + all->group.operations->socket_size) : NULL;

  if (s == NULL)
    return NETMCU_ENOMEM;
  int error = all->group.operations->open(&all->group, stack_socket_of(s), family);
  if (error) {
    netmcu__release(ctx, s);
    return error;
  }
  insert_socket(all, s);
  *opened = s;
  return 0;
}

/* Several programs of a machine may listen to the same group (mDNS, SSDP), so they share its
 * port. */
static bool is_shared(netmcu_t *ctx, const netmcu_address *address)
{
  return address->port != 0 && (netmcu__is_group(address) || netmcu__has_memberships(ctx));
}

static int open_new(netmcu_t *ctx, const netmcu_address *address, netmcu_udp *owner, udp_socket **opened)
{
  const netmcu__datagram_operations *operations = netmcu__stack_of(ctx)->datagrams;
  udp_socket *s;

  int error = new_socket(ctx, address->family, &s);
  if (error)
    return error;
  s->address = *address;
  error = operations->bind(stack_socket_of(s), &s->address, is_shared(ctx, address));
  if (error == 0)
    error = operations->start_receiving(stack_socket_of(s));
  if (error) {
    netmcu__udp_close(s);
    return error;
  }
  netmcu__memberships_apply(ctx, s, address);
  s->owner = owner;
  *opened = s;
  return 0;
}

static int take_over(udp_socket *s, netmcu_udp *owner, udp_socket **opened)
{
  netmcu__udp_sockets *all = sockets_of(s);

  int error = all->group.operations->start_receiving(stack_socket_of(s));
  if (error)
    return error;
  netmcu__deadline_clear(&all->deadlines, &s->deadline);
  s->inherited = s->queued;
  s->owner = owner;
  *opened = s;
  return 0;
}

static udp_socket *find_socket(netmcu_t *ctx, const netmcu_address *address)
{
  for (udp_socket *s = netmcu__udp_first(ctx); s; s = s->next)
    if (netmcu__same_address(&s->address, address))
      return s;
  return NULL;
}

/* A script cannot bind the same port twice, unless it binds to a group. The system alone would
 * allow more. */
int netmcu__udp_open(netmcu_t *ctx, const netmcu_address *address, netmcu_udp *owner, udp_socket **opened)
{
  udp_socket *s = find_socket(ctx, address);

  if (s && s->owner == NULL)
    return take_over(s, owner, opened);
  if (s && !netmcu__is_group(address))
    return NETMCU_EADDRINUSE;
  return open_new(ctx, address, owner, opened);
}

int netmcu__udp_ttl(udp_socket *s, int *ttl)
{
  netmcu__udp_sockets *all = sockets_of(s);

  netmcu__answers_send(all); /* Datagrams that were sent earlier keep the TTL that was set then. */
  return all->group.operations->ttl(stack_socket_of(s), ttl);
}
