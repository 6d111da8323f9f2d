/* What a script sees of the network interfaces. Number 0 is the interface with the default route.
 * The others follow in the order of the stack. Loopback interfaces are left out, unless there are
 * no others. */
#include <string.h>

#include "base/address.h"
#include "stack/stack.h"

#define ROUTES 16 /* default routes that are looked at: a machine has one or two */

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
  bool is_internal;
  const char *name, *left_out;
  unsigned index;
  netmcu_interface *result;
  bool is_found;
} search;

static void fill(netmcu_interface *to, const netmcu__interface_address *from)
{
  size_t size = strlen(from->name);

  *to = (netmcu_interface){.name = ""};
  memcpy(to->name, from->name, size < sizeof(to->name) ? size : sizeof(to->name) - 1);
  netmcu_ip_format(&from->ip, to->ip);
  netmcu_ip_format(&from->netmask, to->netmask);
  memcpy(to->hwaddr, from->hwaddr, sizeof(to->hwaddr));
}

/* An interface with several addresses counts once, with its first address. */
static bool examine(const netmcu__interface_address *address, void *data)
{
  search *s = data;

  if (address->ip.family != NETMCU_IPV4 || !address->is_first || address->is_internal != s->is_internal)
    return false;
  if (s->name ? strcmp(address->name, s->name) != 0 : s->left_out && strcmp(address->name, s->left_out) == 0)
    return false;
  if (s->index-- > 0)
    return false;
  fill(s->result, address);
  s->is_found = true;
  return true;
}

/* Returns 0, NETMCU_ENOTFOUND, or the stack's error. */
static int run_search(netmcu_t *ctx, search s)
{
  netmcu__stack *stack = netmcu__stack_of(ctx);

  int error = stack->interfaces->visit(stack, examine, &s);
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

static void fill_lease(netmcu__stack *stack, netmcu_interface *to)
{
  netmcu__lease lease;

  if (!stack->interfaces->get_lease(stack, to->name, to->ip, &lease))
    return;
  to->has_dhcp = 1;
  memcpy(to->dhcp_server, lease.server, sizeof(lease.server));
  memcpy(to->dhcp_client, lease.client, sizeof(lease.client));
  memcpy(to->dhcp_ntp, lease.ntp, sizeof(lease.ntp));
}

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
    memcpy(found.gateway, route->gateway, sizeof(found.gateway));
  fill_lease(stack, &found);
  *interface_info = found;
  return 0;
}
