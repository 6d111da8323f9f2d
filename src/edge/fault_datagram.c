/* What goes wrong with datagrams. They have no connection, so each rule is tried for each datagram.
 * One that comes later is copied and waits. */
#include <string.h>

#include "base/address.h"
#include "base/memory.h"
#include "edge/fault_private.h"
#include "edge/trace.h"

struct netmcu__late {
  netmcu__deadline deadline;
  netmcu__late *next, *previous;
  netmcu__object *socket;
  netmcu__deliver deliver;
  netmcu_address from;
  size_t size;
  char data[];
};

static void unlink_late(netmcu__faults *all, netmcu__late *d)
{
  netmcu__deadline_clear(&all->datagram_deadlines, &d->deadline);
  if (d->previous)
    d->previous->next = d->next;
  else
    all->datagrams = d->next;
  if (d->next)
    d->next->previous = d->previous;
}

/* Datagrams of the same delay are delivered in the order in which they came, as their deadlines
 * were set in that order. */
void netmcu__fault_datagram_expired(netmcu_t *ctx, netmcu__deadline *deadline)
{
  netmcu__late *d = netmcu__container(deadline, netmcu__late, deadline);

  unlink_late(netmcu__faults_of(ctx), d);
  d->deliver(d->socket, d->data, d->size, &d->from);
  netmcu__release(ctx, d);
}

/* Without memory it is lost, as datagrams may be. */
static void delay(netmcu__object *socket, netmcu__deliver deliver, uint32_t ms, const netmcu_address *from,
                  const void *data, size_t size)
{
  netmcu__faults *all = netmcu__faults_of(socket->ctx);
  netmcu__late *d = netmcu__allocate(socket->ctx, sizeof(*d) + size);

  if (d == NULL)
    return;
  d->socket = socket;
  d->deliver = deliver;
  d->from = *from;
  d->size = size;
  if (size)
    memcpy(d->data, data, size);
  d->next = all->datagrams;
  if (d->next)
    d->next->previous = d;
  all->datagrams = d;
  netmcu__deadline_set(&all->datagram_deadlines, &d->deadline, ms);
}

bool netmcu__fault_datagram(netmcu__object *socket, uint16_t own_port, netmcu__deliver deliver,
                            const netmcu_address *peer, const void *data, size_t size)
{
  netmcu__faults *all = netmcu__faults_of(socket->ctx);
  char ip[NETMCU_IP_SIZE];

  netmcu_ip_format(peer, ip);
  for (unsigned i = 0; i < all->count; i++) {
    netmcu__fault_rule *rule = &all->rules[i];
    bool applies = netmcu__fault_fits(rule, ip, peer->port) || netmcu__fault_fits(rule, ip, own_port);
    if (!applies || rule->has_after || rule->kind == FAULT_CUT || (rule->kind == FAULT_DELAY && deliver == NULL))
      continue;
    if (!netmcu__fault_happens(socket->ctx, rule, ip))
      continue;
    netmcu__fault_met(rule);
    if (netmcu__is_traced(socket->ctx))
      netmcu__fault_report(socket, rule);
    if (rule->kind == FAULT_DELAY)
      delay(socket, deliver, rule->ms, peer, data, size);
    return true;
  }
  return false;
}

void netmcu__fault_forget_datagrams(netmcu__object *socket)
{
  netmcu__faults *all = netmcu__faults_of(socket->ctx);

  for (netmcu__late *d = all ? all->datagrams : NULL, *next; d; d = next) {
    next = d->next;
    if (d->socket != socket)
      continue;
    unlink_late(all, d);
    netmcu__release(socket->ctx, d);
  }
}
