/* What goes wrong with datagrams on purpose. They have no connection: each rule is tried for each of them. One that comes late
 * is copied, and waits. */
#include <string.h>

#include "edge/fault.h"

struct netmcu__late {
  netmcu__deadline deadline;
  uint32_t due;
  netmcu_udp *to;
  netmcu__late *next; /* the one that came before */
  netmcu_address from;
  size_t size;
  char data[];
};

static netmcu__late *take_oldest(struct netmcu__faults *all, uint32_t due)
{
  netmcu__late **oldest = NULL;

  for (netmcu__late **place = &all->datagrams; *place; place = &(*place)->next)
    if ((*place)->due == due)
      oldest = place;
  if (oldest == NULL)
    return NULL;
  netmcu__late *d = *oldest;
  *oldest = d->next;
  netmcu__deadline_clear(&all->datagram_deadlines, &d->deadline);
  return d;
}

/* All that are due together, in the order in which they came: deadlines of one time have none. */
void netmcu__fault_datagram_expired(netmcu_t *ctx, netmcu__deadline *deadline)
{
  struct netmcu__faults *all = netmcu__parts(ctx)->faults;
  uint32_t due = netmcu__container(deadline, netmcu__late, deadline)->due;

  for (netmcu__late *d; (d = take_oldest(all, due)) != NULL;) {
    netmcu__udp_deliver(d->to, d->data, d->size, &d->from);
    netmcu__release(ctx, d);
  }
}

/* Without memory it is lost, as datagrams may be. */
static void delay(netmcu_udp *u, uint32_t ms, const netmcu_address *from, const void *data, size_t size)
{
  netmcu_t *ctx = netmcu_udp_context(u);
  struct netmcu__faults *all = netmcu__parts(ctx)->faults;
  netmcu__late *d = netmcu__allocate(ctx, sizeof(*d) + size);

  if (d == NULL)
    return;
  d->to = u;
  d->from = *from;
  d->size = size;
  if (size)
    memcpy(d->data, data, size);
  d->next = all->datagrams;
  all->datagrams = d;
  netmcu__deadline_set(&all->datagram_deadlines, &d->deadline, ms);
  d->due = d->deadline.when;
}

bool netmcu__fault_datagram(netmcu_udp *u, char direction, const netmcu_address *peer, const void *data, size_t size)
{
  netmcu_t *ctx = netmcu_udp_context(u);
  struct netmcu__faults *all = netmcu__parts(ctx)->faults;
  netmcu_address own = {{0}, 0};
  char ip[NETMCU_IP_SIZE];

  netmcu_udp_getaddr(u, &own);
  netmcu_ip_text(peer, ip);
  for (unsigned i = 0; i < all->count; i++) {
    netmcu__fault_rule *rule = &all->rules[i];
    bool is_there = netmcu__fault_fits(rule, ip, peer->port) || netmcu__fault_fits(rule, ip, own.port);
    if (!is_there || rule->has_after || rule->kind == FAULT_CUT || (rule->kind == FAULT_DELAY && direction == '>'))
      continue;
    if (!netmcu__fault_happens(rule))
      continue;
    if (netmcu__is_traced(ctx))
      netmcu__fault_report((const netmcu__object *)u, rule);
    if (rule->kind == FAULT_DELAY)
      delay(u, rule->ms, peer, data, size);
    return true;
  }
  return false;
}

void netmcu__fault_forget_udp(netmcu_udp *u)
{
  netmcu_t *ctx = netmcu_udp_context(u);
  struct netmcu__faults *all = netmcu__parts(ctx)->faults;
  netmcu__late **place = all ? &all->datagrams : NULL;

  while (place && *place) {
    netmcu__late *d = *place;
    if (d->to != u) {
      place = &d->next;
      continue;
    }
    *place = d->next;
    netmcu__deadline_clear(&all->datagram_deadlines, &d->deadline);
    netmcu__release(ctx, d);
  }
}
