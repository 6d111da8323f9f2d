/* What a script sees of the network interfaces. Number 0 is the interface with the default route.
 * The others follow in the order of the stack. Loopback interfaces are left out, unless there are
 * no others. */
#include <string.h>

#include "base/address.h"
#include "base/sized.h"
#include "stack/stack.h"

#define ROUTES 16 /* the most default routes that we look at: a machine has one or two */

typedef struct routes {
  netmcu__default_route list[ROUTES];
  unsigned count;
} routes;

/* Returns the best route of an interface, or of all interfaces if `name` is NULL. */
static const netmcu__default_route *find_best_route(const routes *all, const char *name)
{
  const netmcu__default_route *best = NULL;

  for (unsigned i = 0; i < all->count; i++) {
    const netmcu__default_route *route = &all->list[i];
    if ((name == NULL || strcmp(route->name, name) == 0) && (best == NULL || route->metric < best->metric))
      best = route;
  }
  return best;
}

/* ---- search ---------------------------------------------------------------------------------- */

/* A search for an interface by its name, or by its index among the interfaces other than
 * `left_out`. */
typedef struct search {
  netmcu__stack *stack;
  bool is_internal, is_ipv4_only;
  const char *name, *left_out;
  unsigned index;
  netmcu_interface *result;
  bool is_found;
} search;

static void fill(netmcu_interface *to, const netmcu__interface_address *from)
{
  size_t size = strlen(from->name);

  *to = (netmcu_interface){.size = sizeof(*to)};
  memcpy(to->name, from->name, size < sizeof(to->name) ? size : sizeof(to->name) - 1);
  memcpy(to->hwaddr, from->hwaddr, sizeof(to->hwaddr));
  if (from->ip.family != NETMCU_IPV4)
    return;
  to->ip = from->ip;
  to->netmask = from->netmask;
}

static bool is_of_ipv4(const netmcu__interface_address *address, void *data)
{
  search *s = data;

  s->is_found = address->ip.family == NETMCU_IPV4 && strcmp(address->name, s->name) == 0;
  return s->is_found;
}

/* An interface counts once: with its first IPv4 address or, without one, with its first IPv6
 * address. */
static bool counts(const search *s, const netmcu__interface_address *address)
{
  search other = {.name = address->name};

  if (!address->is_first || address->is_internal != s->is_internal)
    return false;
  if (address->ip.family == NETMCU_IPV4)
    return true;
  if (s->is_ipv4_only)
    return false;
  s->stack->interfaces->visit(s->stack, is_of_ipv4, &other);
  return !other.is_found;
}

static bool examine(const netmcu__interface_address *address, void *data)
{
  search *s = data;

  if (!counts(s, address))
    return false;
  if (s->name ? strcmp(address->name, s->name) != 0 : s->left_out && strcmp(address->name, s->left_out) == 0)
    return false;
  if (s->index-- > 0)
    return false;
  fill(s->result, address);
  s->is_found = true;
  return true;
}

static bool add_ipv6(const netmcu__interface_address *address, void *data)
{
  netmcu_interface *to = data;

  if (address->ip.family == NETMCU_IPV6 && strcmp(address->name, to->name) == 0)
    to->ipv6[to->ipv6_count++] = address->ip;
  return to->ipv6_count == NETMCU_INTERFACE_IPV6;
}

/* Returns 0, NETMCU_ENOTFOUND, or the stack's error. */
static int run_search(netmcu_t *ctx, search s)
{
  s.stack = netmcu__stack_of(ctx);
  s.is_ipv4_only = netmcu__head_of(ctx)->options.families == NETMCU_IPV4_ONLY;
  int error = s.stack->interfaces->visit(s.stack, examine, &s);
  if (error)
    return error;
  return s.is_found ? 0 : NETMCU_ENOTFOUND;
}

static int find_interface(netmcu_t *ctx, const routes *all, unsigned index, netmcu_interface *result)
{
  const netmcu__default_route *route = find_best_route(all, NULL);
  bool has_first = route && run_search(ctx, (search){.result = result, .name = route->name}) == 0;

  if (has_first && index == 0)
    return 0;
  search others = {
      .result = result, .left_out = has_first ? route->name : NULL, .index = has_first ? index - 1 : index};
  int error = run_search(ctx, others);
  if (error != NETMCU_ENOTFOUND || has_first || index > 0)
    return error;
  return run_search(ctx, (search){.result = result, .is_internal = true});
}

/* ---- the interface --------------------------------------------------------------------------- */

/* The stack gives the addresses of a lease as texts, which are empty if it does not know them. */
static void fill_lease(netmcu__stack *stack, netmcu_interface *to)
{
  netmcu__lease lease;
  char ip[NETMCU_IP_SIZE];

  if (!stack->interfaces->get_lease(stack, to->name, netmcu_ip_format(&to->ip, ip), &lease))
    return;
  to->has_dhcp = 1;
  netmcu_ip_parse(lease.server, &to->dhcp_server);
  netmcu_ip_parse(lease.client, &to->dhcp_client);
  netmcu_ip_parse(lease.ntp, &to->dhcp_ntp);
}

/* The size in version 0.2.0, which never changes. */
#define FIRST_SIZE netmcu__size_until(netmcu_interface, hwaddr)

int netmcu_get_interface(netmcu_t *ctx, unsigned index, netmcu_interface *interface_info)
{
  netmcu__stack *stack = netmcu__stack_of(ctx);
  netmcu_interface found;
  routes all;

  all.count = stack->interfaces->get_routes(stack, all.list, ROUTES);
  int error = find_interface(ctx, &all, index, &found);
  if (error)
    return error;
  const netmcu__default_route *route = find_best_route(&all, found.name);
  if (route)
    netmcu_ip_parse(route->gateway, &found.gateway);
  fill_lease(stack, &found);
  stack->interfaces->visit(stack, add_ipv6, &found);
  return netmcu__write_sized(interface_info, &found, sizeof(found), FIRST_SIZE);
}
