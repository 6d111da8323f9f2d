/* Multicast memberships. They belong to the context, as to the device's stack, while the system's belong to a socket:
 * each one is applied to every UDP socket that is bound now or later, until the group is left. */
#include "udp/udp.h"

typedef struct membership membership;

struct membership {
  membership *next;
  netmcu_address interface_ip; /* 0.0.0.0: every interface */
  netmcu_address group;
};

struct netmcu__groups {
  membership *first;
};

bool netmcu__groups_any(netmcu_t *ctx)
{
  struct netmcu__groups *groups = netmcu__parts(ctx)->groups;

  return groups && groups->first;
}

void netmcu__groups_close(netmcu_t *ctx)
{
  struct netmcu__groups *groups = netmcu__parts(ctx)->groups;

  while (groups && groups->first) {
    membership *m = groups->first;
    groups->first = m->next;
    netmcu__release(ctx, m);
  }
}

/* ---- one socket ----------------------------------------------------------------------------------------- */

/* A second membership of the same interface, or leaving one that it has not, is the state that was wanted. */
static int set_on_interface(uv_udp_t *handle, const netmcu_address *group, const netmcu_address *interface_ip,
                            uv_membership set)
{
  char group_text[NETMCU_IP_SIZE], interface_text[NETMCU_IP_SIZE];
  int error = uv_udp_set_membership(handle, netmcu_ip_text(group, group_text),
                                    netmcu_ip_text(interface_ip, interface_text), set);

  return error == UV_EADDRINUSE || error == UV_EADDRNOTAVAIL ? 0 : error;
}

/* Succeeds where one interface does: which of them can multicast is not known before. */
static int set_on_every_interface(uv_udp_t *handle, const netmcu_address *group, uv_membership set)
{
  uv_interface_address_t *interfaces;
  int count, result = UV_ENODEV;

  int error = uv_interface_addresses(&interfaces, &count);
  if (error)
    return error;
  for (int i = 0; i < count; i++) {
    if (interfaces[i].address.address4.sin_family != AF_INET)
      continue;
    netmcu_address interface_ip = netmcu__address(&interfaces[i].address.address4);
    error = set_on_interface(handle, group, &interface_ip, set);
    result = result == 0 ? 0 : error;
  }
  uv_free_interface_addresses(interfaces, count);
  return result;
}

/* What is sent to groups goes to the interface that was named last, where one was: the device has one only. */
static int join(uv_udp_t *handle, const membership *m)
{
  char interface_ip[NETMCU_IP_SIZE];

  if (netmcu__is_any_ip(&m->interface_ip))
    return set_on_every_interface(handle, &m->group, UV_JOIN_GROUP);
  int error = set_on_interface(handle, &m->group, &m->interface_ip, UV_JOIN_GROUP);
  return error ? error : uv_udp_set_multicast_interface(handle, netmcu_ip_text(&m->interface_ip, interface_ip));
}

static void leave(uv_udp_t *handle, const membership *m)
{
  if (netmcu__is_any_ip(&m->interface_ip))
    set_on_every_interface(handle, &m->group, UV_LEAVE_GROUP);
  else
    set_on_interface(handle, &m->group, &m->interface_ip, UV_LEAVE_GROUP);
}

/* Of every group, or of one only. Returns how many there are. */
static unsigned join_all(netmcu_t *ctx, uv_udp_t *handle, const netmcu_address *only)
{
  struct netmcu__groups *groups = netmcu__parts(ctx)->groups;
  unsigned joined = 0;

  for (const membership *m = groups ? groups->first : NULL; m; m = m->next) {
    if (only && !netmcu__same_ip(&m->group, only))
      continue;
    join(handle, m);
    joined++;
  }
  return joined;
}

void netmcu__groups_apply(netmcu_t *ctx, uv_udp_t *handle, const netmcu_address *bound)
{
  if (!netmcu__is_group(bound))
    join_all(ctx, handle, NULL);
  else if (join_all(ctx, handle, bound) == 0)
    set_on_every_interface(handle, bound, UV_JOIN_GROUP);
}

/* ---- all sockets ---------------------------------------------------------------------------------------- */

typedef struct change {
  netmcu_t *ctx;
  membership membership;
  int error;
} change;

static bool concerns(const membership *m, const netmcu_address *bound)
{
  return !netmcu__is_group(bound) || netmcu__same_ip(&m->group, bound);
}

static void join_socket(uv_udp_t *handle, const netmcu_address *bound, void *data)
{
  change *c = data;

  if (!concerns(&c->membership, bound))
    return;
  int error = join(handle, &c->membership);
  if (error)
    c->error = error;
}

/* Another membership of the group may include an interface that was just left. */
static void leave_socket(uv_udp_t *handle, const netmcu_address *bound, void *data)
{
  change *c = data;

  if (!concerns(&c->membership, bound))
    return;
  leave(handle, &c->membership);
  join_all(c->ctx, handle, &c->membership.group);
}

/* ---- the context's memberships -------------------------------------------------------------------------- */

static bool is_interface(const netmcu_address *address)
{
  uv_interface_address_t *interfaces;
  int count;
  bool found = false;

  if (uv_interface_addresses(&interfaces, &count))
    return false;
  for (int i = 0; i < count; i++) {
    netmcu_address interface_ip = netmcu__address(&interfaces[i].address.address4);
    if (interfaces[i].address.address4.sin_family == AF_INET && netmcu__same_ip(&interface_ip, address))
      found = true;
  }
  uv_free_interface_addresses(interfaces, count);
  return found;
}

static int read_membership(const char *interface_ip, const char *group, membership *m)
{
  *m = (membership){.next = NULL};
  if (interface_ip && netmcu_ip_parse(interface_ip, &m->interface_ip))
    return NETMCU_EVALUE;
  if (group == NULL || netmcu_ip_parse(group, &m->group) || !netmcu__is_group(&m->group))
    return NETMCU_EVALUE;
  return 0;
}

/* The place of a membership in the list, or the end of the list. */
static membership **find_membership(struct netmcu__groups *groups, const membership *wanted)
{
  membership **place = &groups->first;

  while (*place && !(netmcu__same_ip(&(*place)->interface_ip, &wanted->interface_ip) &&
                     netmcu__same_ip(&(*place)->group, &wanted->group)))
    place = &(*place)->next;
  return place;
}

static int add(netmcu_t *ctx, struct netmcu__groups *groups, change *c)
{
  membership *m = netmcu__allocate(ctx, sizeof(*m));

  if (m == NULL)
    return NETMCU_ENOMEM;
  netmcu__udp_each(ctx, join_socket, c);
  if (c->error) {
    netmcu__udp_each(ctx, leave_socket, c);
    netmcu__release(ctx, m);
    return netmcu__error(c->error);
  }
  *m = c->membership;
  *find_membership(groups, m) = m;
  return 0;
}

int netmcu_multicast_join(netmcu_t *ctx, const char *interface_ip, const char *group)
{
  struct netmcu__parts *parts = netmcu__parts(ctx);
  change c = {.ctx = ctx};

  int error = read_membership(interface_ip, group, &c.membership);
  if (error)
    return error;
  if (!netmcu__is_any_ip(&c.membership.interface_ip) && !is_interface(&c.membership.interface_ip))
    return NETMCU_ENETIF;
  if (parts->groups == NULL)
    parts->groups = netmcu__allocate(ctx, sizeof(*parts->groups));
  if (parts->groups == NULL)
    return NETMCU_ENOMEM;
  return *find_membership(parts->groups, &c.membership) ? 0 : add(ctx, parts->groups, &c);
}

/* Returns false if the context is not a member. */
static bool remove_membership(netmcu_t *ctx, struct netmcu__groups *groups, const membership *wanted)
{
  membership **place = find_membership(groups, wanted);
  membership *left = *place;
  change c = {.ctx = ctx, .membership = *wanted};

  if (left == NULL)
    return false;
  *place = left->next;
  netmcu__release(ctx, left);
  netmcu__udp_each(ctx, leave_socket, &c);
  return true;
}

/* Every interface of a group that was joined on named interfaces only. */
static bool remove_named(netmcu_t *ctx, struct netmcu__groups *groups, const membership *wanted)
{
  bool removed = false;

  for (membership *m = groups->first, *next; m; m = next) {
    membership named = *m;
    next = m->next;
    if (netmcu__same_ip(&named.group, &wanted->group))
      removed = remove_membership(ctx, groups, &named);
  }
  return removed;
}

/* The device counts memberships per interface: leaving a group on every interface ends the one that was joined so, or else
 * those of single interfaces. */
int netmcu_multicast_leave(netmcu_t *ctx, const char *interface_ip, const char *group)
{
  struct netmcu__groups *groups = netmcu__parts(ctx)->groups;
  membership wanted;

  int error = read_membership(interface_ip, group, &wanted);
  if (error)
    return error;
  if (groups == NULL)
    return NETMCU_EVALUE;
  bool left = remove_membership(ctx, groups, &wanted);
  if (!left && netmcu__is_any_ip(&wanted.interface_ip))
    left = remove_named(ctx, groups, &wanted);
  return left ? 0 : NETMCU_EVALUE;
}
