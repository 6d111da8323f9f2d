/* The interfaces of a simulated host: the loopback, and one in the network of the world. */
#include "stack/sim.h"

static int visit_interfaces(netmcu__stack *stack, netmcu__interface_visit visit, void *data)
{
  const netmcu_sim_host *host = netmcu__sim_host_of(stack);
  netmcu__interface_address loopback = {
      .name = "lo", .ip = {.ip = {127, 0, 0, 1}}, .netmask = {.ip = {255}}, .is_internal = true, .is_first = true};
  netmcu__interface_address station = {.name = "wlan0",
                                       .ip = host->ip,
                                       .netmask = {.ip = {255}},
                                       .hwaddr = {2, 0, host->ip.ip[0], host->ip.ip[1], host->ip.ip[2], host->ip.ip[3]},
                                       .is_first = true};

  if (!visit(&loopback, data))
    visit(&station, data);
  return 0;
}

static unsigned get_routes(netmcu__stack *stack, netmcu__default_route *routes, unsigned capacity)
{
  if (capacity == 0)
    return 0;
  routes[0] = (netmcu__default_route){.name = "wlan0"};
  netmcu_ip_format(&netmcu__sim_host_of(stack)->world->router->ip, routes[0].gateway);
  return 1;
}

static bool get_lease(netmcu__stack *stack, const char *name, const char *ip, netmcu__lease *lease)
{
  *lease = (netmcu__lease){.ntp = ""};
  netmcu_ip_format(&netmcu__sim_host_of(stack)->world->router->ip, lease->server);
  snprintf(lease->client, sizeof(lease->client), "%s", ip);
  return strcmp(name, "wlan0") == 0;
}

static const netmcu__name_servers *get_name_servers(netmcu__stack *stack)
{
  netmcu__name_servers *servers = &netmcu__sim_stack_of(stack)->name_servers;

  servers->servers[0] = netmcu__sim_host_of(stack)->world->router->ip;
  servers->servers[0].port = 53;
  servers->count = 1;
  return servers;
}

static bool get_source(netmcu__stack *stack, const netmcu_address *to, netmcu_address *source)
{
  *source = netmcu__sim_source(netmcu__sim_host_of(stack), to, 0);
  return to->family == NETMCU_IPV4;
}

const netmcu__interface_operations netmcu__sim_interfaces = {.visit = visit_interfaces,
                                                             .get_routes = get_routes,
                                                             .get_lease = get_lease,
                                                             .get_source = get_source,
                                                             .get_name_servers = get_name_servers};
