/* What a script sees of a network interface: the addresses are libuv's, the rest is the system's. */
#include <string.h>

#include "interface/interface.h"

#define ROUTES 16 /* default routes that are looked at: a machine has one or two */

typedef struct interfaces {
  uv_interface_address_t *list;
  int count;
  netmcu__route routes[ROUTES];
  unsigned route_count;
} interfaces;

static const netmcu__route *best_route(const interfaces *all, const char *name)
{
  const netmcu__route *best = NULL;

  for (unsigned i = 0; i < all->route_count; i++) {
    const netmcu__route *route = &all->routes[i];
    if ((name == NULL || strcmp(route->name, name) == 0) && (best == NULL || route->metric < best->metric))
      best = route;
  }
  return best;
}

static bool is_ipv4(const uv_interface_address_t *entry)
{
  return entry->address.address4.sin_family == AF_INET;
}

/* An interface with several addresses is one, with its first. */
static bool is_first_of_interface(const interfaces *all, int at)
{
  for (int i = 0; i < at; i++)
    if (is_ipv4(&all->list[i]) && strcmp(all->list[i].name, all->list[at].name) == 0)
      return false;
  return true;
}

static bool is_listed(const interfaces *all, int at, bool internal)
{
  const uv_interface_address_t *entry = &all->list[at];

  return is_ipv4(entry) && (entry->is_internal != 0) == internal && is_first_of_interface(all, at);
}

/* The places of interfaces in the list, -1 where there is none. */
static int find_named(const interfaces *all, const char *name)
{
  for (int i = 0; i < all->count; i++)
    if (is_listed(all, i, false) && strcmp(all->list[i].name, name) == 0)
      return i;
  return -1;
}

static int find_nth(const interfaces *all, unsigned index, bool internal, int left_out)
{
  for (int i = 0; i < all->count; i++)
    if (i != left_out && is_listed(all, i, internal) && index-- == 0)
      return i;
  return -1;
}

static int find(const interfaces *all, unsigned index)
{
  const netmcu__route *route = best_route(all, NULL);
  int first = route ? find_named(all, route->name) : -1;

  if (first >= 0)
    return index == 0 ? first : find_nth(all, index - 1, false, first);
  if (find_nth(all, 0, false, -1) < 0 && index == 0)
    return find_nth(all, 0, true, -1);
  return find_nth(all, index, false, -1);
}

static void write_ip(const struct sockaddr_in *sockaddr, char text[NETMCU_IP_SIZE])
{
  netmcu_address address = netmcu__address(sockaddr);

  netmcu_ip_text(&address, text);
}

static void copy_name(const char *name, char copy[64])
{
  size_t size = strlen(name);

  size = size < 63 ? size : 63;
  memcpy(copy, name, size);
  copy[size] = '\0';
}

static void fill_lease(netmcu_t *ctx, netmcu_interface *to)
{
  netmcu__lease lease;

  if (!netmcu__system_lease(ctx, to->name, to->ip, &lease))
    return;
  to->has_dhcp = 1;
  memcpy(to->dhcp_server, lease.server, sizeof(lease.server));
  memcpy(to->dhcp_client, lease.client, sizeof(lease.client));
  memcpy(to->dhcp_ntp, lease.ntp, sizeof(lease.ntp));
}

static void fill(netmcu_t *ctx, netmcu_interface *to, const uv_interface_address_t *from, const interfaces *all)
{
  *to = (netmcu_interface){.name = ""};
  copy_name(from->name, to->name);
  write_ip(&from->address.address4, to->ip);
  write_ip(&from->netmask.netmask4, to->netmask);
  memcpy(to->hwaddr, from->phys_addr, sizeof(to->hwaddr));
  const netmcu__route *route = best_route(all, from->name);
  if (route)
    memcpy(to->gateway, route->gateway, sizeof(to->gateway));
  if (!from->is_internal)
    fill_lease(ctx, to);
}

int netmcu_interface_get(netmcu_t *ctx, unsigned index, netmcu_interface *interface_info)
{
  interfaces all = {.route_count = 0};

  int error = uv_interface_addresses(&all.list, &all.count);
  if (error)
    return netmcu__error(error);
  all.route_count = netmcu__system_routes(ctx, all.routes, ROUTES);
  int found = find(&all, index);
  if (found >= 0)
    fill(ctx, interface_info, &all.list[found], &all);
  uv_free_interface_addresses(all.list, all.count);
  return found >= 0 ? 0 : NETMCU_ENOTFOUND;
}
