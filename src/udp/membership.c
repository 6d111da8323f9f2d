/* Multicast memberships. They belong to the context, as they do on the device, while those of the
 * system belong to a socket. Each membership is applied to every UDP socket that is bound now or
 * later, until the group is left. */
#include "udp/udp_private.h"

typedef struct membership membership;

struct membership {
  membership *next;
  netmcu_address interface_ip; /* 0.0.0.0 or :: for every interface; for IPv6, the scope is its index */
  netmcu_address group;
};

/* The part of a context. */
typedef struct memberships {
  membership *first;
} memberships;

static void end_memberships(netmcu_t *ctx, void *part)
{
  memberships *all = part;

  while (all->first) {
    membership *m = all->first;
    all->first = m->next;
    netmcu__release(ctx, m);
  }
}

static const netmcu__part_class memberships_class = {.size = sizeof(memberships), .end = end_memberships};

static membership *first_membership(netmcu_t *ctx)
{
  const memberships *all = netmcu__part(ctx, NETMCU__GROUPS);

  return all ? all->first : NULL;
}

bool netmcu__has_memberships(netmcu_t *ctx)
{
  return first_membership(ctx) != NULL;
}

/* ---- one socket ------------------------------------------------------------------------------ */

typedef struct change {
  udp_socket *socket;
  const netmcu_address *group;
  bool is_member;
  bool is_done; /* on one interface at least */
  int error;
} change;

static bool change_on_interface(const netmcu__interface_address *address, void *data)
{
  change *c = data;
  const netmcu__datagram_operations *operations = sockets_of(c->socket)->group.operations;
  netmcu_address ip = address->ip;

  if (ip.family != c->group->family)
    return false;
  if (ip.family == NETMCU_IPV6)
    ip.scope = address->index;
  int error = operations->set_membership(stack_socket_of(c->socket), c->group, &ip, c->is_member);
  if (error)
    c->error = error;
  else
    c->is_done = true;
  return false;
}

/* Succeeds if any interface does, because it is not known beforehand which of them can
 * multicast. */
static int change_on_every_interface(udp_socket *s, const netmcu_address *group, bool is_member)
{
  netmcu__stack *stack = sockets_of(s)->group.stack;
  change c = {.socket = s, .group = group, .is_member = is_member, .error = NETMCU_ENETIF};

  int error = stack->interfaces->visit(stack, change_on_interface, &c);
  if (error)
    return error;
  return c.is_done ? 0 : c.error;
}

static int change_socket(udp_socket *s, const membership *m, bool is_member)
{
  if (netmcu__is_any_ip(&m->interface_ip))
    return change_on_every_interface(s, &m->group, is_member);
  return sockets_of(s)->group.operations->set_membership(stack_socket_of(s), &m->group, &m->interface_ip, is_member);
}

/* Datagrams to groups are sent on the interface that was named last, because the device has only
 * one. */
static int join_socket(udp_socket *s, const membership *m)
{
  int error = change_socket(s, m, true);

  if (error || netmcu__is_any_ip(&m->interface_ip))
    return error;
  return sockets_of(s)->group.operations->set_multicast_interface(stack_socket_of(s), &m->interface_ip);
}

static bool concerns(const membership *m, const udp_socket *s)
{
  if (netmcu__is_group(&s->address))
    return netmcu__same_ip(&m->group, &s->address);
  return s->address.family == NETMCU__ANY_FAMILY || s->address.family == m->group.family;
}

/* Joins every group, or only one of them. Returns the number of memberships. */
static unsigned join_all(netmcu_t *ctx, udp_socket *s, const netmcu_address *only)
{
  unsigned joined = 0;

  for (const membership *m = first_membership(ctx); m; m = m->next) {
    if (!concerns(m, s) || (only && !netmcu__same_ip(&m->group, only)))
      continue;
    join_socket(s, m);
    joined++;
  }
  return joined;
}

void netmcu__memberships_apply(netmcu_t *ctx, udp_socket *s, const netmcu_address *address)
{
  if (!netmcu__is_group(address))
    join_all(ctx, s, NULL);
  else if (join_all(ctx, s, address) == 0)
    change_on_every_interface(s, address, true);
}

/* ---- all sockets ----------------------------------------------------------------------------- */

/* Returns the last error. */
static int join_sockets(netmcu_t *ctx, const membership *m)
{
  int result = 0;

  for (udp_socket *s = netmcu__udp_first(ctx); s; s = s->next) {
    int error = concerns(m, s) ? join_socket(s, m) : 0;
    result = error ? error : result;
  }
  return result;
}

/* Another membership of the group may include an interface that was just left. */
static void leave_sockets(netmcu_t *ctx, const membership *m)
{
  for (udp_socket *s = netmcu__udp_first(ctx); s; s = s->next)
    if (concerns(m, s)) {
      change_socket(s, m, false);
      join_all(ctx, s, &m->group);
    }
}

/* ---- joining and leaving --------------------------------------------------------------------- */

/* Returns NETMCU_EVALUE, or NETMCU_ENETIF if there is no such interface. */
static int read_membership(netmcu_t *ctx, const char *interface_ip, const char *group, membership *m)
{
  uint32_t index;

  *m = (membership){.next = NULL};
  if (interface_ip && netmcu_ip_parse(interface_ip, &m->interface_ip))
    return NETMCU_EVALUE;
  if (group == NULL || netmcu_ip_parse(group, &m->group) || !netmcu__is_group(&m->group))
    return NETMCU_EVALUE;
  bool is_every = netmcu__is_any_ip(&m->interface_ip);
  if (is_every)
    m->interface_ip.family = m->group.family;
  if (m->interface_ip.family != m->group.family)
    return NETMCU_EVALUE;
  if (!is_every && !netmcu__find_own_ip(netmcu__stack_of(ctx), &m->interface_ip, &index))
    return NETMCU_ENETIF;
  if (!is_every && m->group.family == NETMCU_IPV6)
    m->interface_ip.scope = index;
  return 0;
}

/* The place of a membership in the list, or the end of the list. */
static membership **find_membership(memberships *all, const membership *wanted)
{
  membership **place = &all->first;

  while (*place && !(netmcu__same_ip(&(*place)->interface_ip, &wanted->interface_ip) &&
                     netmcu__same_ip(&(*place)->group, &wanted->group)))
    place = &(*place)->next;
  return place;
}

static int add_membership(netmcu_t *ctx, memberships *all, const membership *wanted)
{
  membership *m = netmcu__allocate(ctx, sizeof(*m));

  if (m == NULL)
    return NETMCU_ENOMEM;
  int error = join_sockets(ctx, wanted);
  if (error) {
    leave_sockets(ctx, wanted);
    netmcu__release(ctx, m);
    return error;
  }
  *m = *wanted;
  *find_membership(all, m) = m;
  return 0;
}

int netmcu_multicast_join(netmcu_t *ctx, const char *interface_ip, const char *group)
{
  membership wanted;

  int error = read_membership(ctx, interface_ip, group, &wanted);
  if (error)
    return error;
  memberships *all = netmcu__part_get(ctx, NETMCU__GROUPS, &memberships_class);
  if (all == NULL)
    return NETMCU_ENOMEM;
  return *find_membership(all, &wanted) ? 0 : add_membership(ctx, all, &wanted);
}

/* Returns false if the context is not a member. */
static bool remove_membership(netmcu_t *ctx, memberships *all, const membership *wanted)
{
  membership **place = find_membership(all, wanted);
  membership *left = *place;

  if (left == NULL)
    return false;
  *place = left->next;
  netmcu__release(ctx, left);
  leave_sockets(ctx, wanted);
  return true;
}

/* Ends the memberships of single interfaces. */
static bool remove_named(netmcu_t *ctx, memberships *all, const netmcu_address *group)
{
  bool is_removed = false;

  for (membership *m = all->first, *next; m; m = next) {
    membership named = *m;
    next = m->next;
    if (netmcu__same_ip(&named.group, group))
      is_removed = remove_membership(ctx, all, &named);
  }
  return is_removed;
}

/* The device counts memberships per interface: leaving a group on every interface ends the
 * membership of every interface. If the context has no such membership of the group, leaving it ends
 * the memberships of single interfaces. */
int netmcu_multicast_leave(netmcu_t *ctx, const char *interface_ip, const char *group)
{
  memberships *all = netmcu__part(ctx, NETMCU__GROUPS);
  membership wanted;

  int error = read_membership(ctx, interface_ip, group, &wanted);
  if (error)
    return error;
  bool is_left = all && remove_membership(ctx, all, &wanted);
  if (all && !is_left && netmcu__is_any_ip(&wanted.interface_ip))
    is_left = remove_named(ctx, all, &wanted.group);
  return is_left ? 0 : NETMCU_EVALUE;
}
