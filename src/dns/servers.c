/* See servers.h. */
#include "dns/servers.h"

#include "base/address.h"

/* If the user has set the first server only, the system's second server, which goes with the
 * system's first one, is not asked. */
netmcu__name_servers netmcu__dns_servers_list(const netmcu__dns_servers *s, netmcu__stack *stack)
{
  netmcu__name_servers list = *stack->interfaces->get_name_servers(stack);

  if (s->set[0].port)
    list = (netmcu__name_servers){.servers = {s->set[0]}, .count = 1};
  else if (list.count == 0) /* the device's default, of OpenDNS */
    list = (netmcu__name_servers){.servers = {{.ip = {208, 67, 222, 222}, .port = 53}}, .count = 1};
  if (s->set[1].port) {
    list.servers[1] = s->set[1];
    list.count = 2;
  }
  return list;
}

static int parse_server(const char *text, netmcu_address *server)
{
  server->port = 53;
  if (netmcu_address_parse(text, server) || netmcu__is_any_ip(server) || netmcu__is_broadcast_ip(server))
    return NETMCU_EVALUE;
  return 0;
}

int netmcu__dns_servers_set(netmcu__dns_servers *s, int index, const char *server)
{
  netmcu_address address = {.port = 0};

  if (server && parse_server(server, &address))
    return NETMCU_EVALUE;
  if (index < 0 || index >= NETMCU_DNS_SERVERS)
    return NETMCU_EARGUMENT;
  s->set[index] = address;
  return 0;
}

int netmcu__dns_servers_get(const netmcu__dns_servers *s, netmcu__stack *stack, int index, netmcu_address *address)
{
  if (index < 0 || index >= NETMCU_DNS_SERVERS)
    return NETMCU_EARGUMENT;
  netmcu__name_servers list = netmcu__dns_servers_list(s, stack);
  if ((unsigned)index >= list.count)
    return NETMCU_ENOTFOUND;
  *address = list.servers[index];
  return 0;
}
