/* See servers.h. */
#include "dns/servers.h"

#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "stack/system.h"

void netmcu__server_list_append(netmcu__server_list *list, const char *ip)
{
  netmcu__server_address server;

  if (list->count == NETMCU_DNS_SERVERS)
    return;
  memset(&server, 0, sizeof(server));
  int error = strchr(ip, ':') ? uv_ip6_addr(ip, NETMCU__DNS_PORT, &server.ipv6)
                              : uv_ip4_addr(ip, NETMCU__DNS_PORT, &server.ipv4);
  if (error == 0)
    list->servers[list->count++] = server;
}

static void append_address(netmcu__server_list *list, const netmcu_address *address)
{
  if (address->port && list->count < NETMCU_DNS_SERVERS)
    list->servers[list->count++].ipv4 = netmcu__sockaddr(address);
}

void netmcu__dns_servers_list(netmcu__dns_servers *s, uint64_t now, netmcu__server_list *list)
{
  memset(list, 0, sizeof(*list));
  if (s->set[0].port == 0) {
    *list = *netmcu__system_servers_get(&s->system, now);
    if (list->count == 0)
      netmcu__server_list_append(list, "208.67.222.222"); /* the device's default, of OpenDNS */
    if (s->set[1].port) {
      memset(&list->servers[1], 0, sizeof(list->servers[1]));
      list->count = 1;
    }
  }
  append_address(list, &s->set[0]);
  append_address(list, &s->set[1]);
}

static int parse_server(const char *text, netmcu_address *server)
{
  const char *colon = strchr(text, ':');
  char ip[64];
  unsigned port = NETMCU__DNS_PORT;
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

/* Only what is set or listed in IPv4 can be given back. The second of the system goes with its
 * first. */
int netmcu__dns_servers_get(netmcu__dns_servers *s, int index, uint64_t now, netmcu_address *address)
{
  netmcu__server_list list;

  if (index < 0 || index >= NETMCU_DNS_SERVERS)
    return NETMCU_EARGUMENT;
  netmcu__dns_servers_list(s, now, &list);
  if ((unsigned)index >= list.count || list.servers[index].any.sa_family != AF_INET)
    return NETMCU_ENOTFOUND;
  *address = netmcu__address(&list.servers[index].ipv4);
  return 0;
}
