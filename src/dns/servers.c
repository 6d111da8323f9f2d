/* See servers.h. */
#include "dns/servers.h"

#include <stdio.h>
#include <string.h>

#include "base/address.h"

/* If the user has set the first server only, the system's second server, which goes with the
 * system's first one, is not asked. */
netmcu__name_servers netmcu__dns_servers_list(const netmcu__dns_servers *s, netmcu__stack *stack)
{
  netmcu__name_servers list = *stack->interfaces->get_name_servers(stack);

  if (s->set[0].port)
    list = (netmcu__name_servers){{s->set[0]}, 1};
  else if (list.count == 0) /* the device's default, of OpenDNS */
    list = (netmcu__name_servers){{{{208, 67, 222, 222}, 53}}, 1};
  if (s->set[1].port) {
    list.servers[1] = s->set[1];
    list.count = 2;
  }
  return list;
}

static int parse_server(const char *text, netmcu_address *server)
{
  const char *colon = strchr(text, ':');
  char ip[64];
  unsigned port = 53;
  char more;

  snprintf(ip, sizeof(ip), "%.*s", (int)(colon ? colon - text : (ptrdiff_t)strlen(text)), text);
  if (netmcu_ip_parse(ip, server))
    return NETMCU_EVALUE;
  if (colon && (strspn(colon + 1, "0123456789") != strlen(colon + 1) || sscanf(colon + 1, "%5u%c", &port, &more) != 1 ||
                port == 0 || port > UINT16_MAX))
    return NETMCU_EVALUE;
  if (netmcu__is_any_ip(server) || netmcu__is_broadcast_ip(server))
    return NETMCU_EVALUE;
  server->port = (uint16_t)port;
  return 0;
}

int netmcu__dns_servers_set(netmcu__dns_servers *s, int index, const char *server)
{
  netmcu_address address = {{0}, 0};

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
