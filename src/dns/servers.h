/* The two servers that lookups ask: those set by the user, else the system's first two, else the
 * device's default. */
#ifndef NETMCU_DNS_SERVERS_H
#define NETMCU_DNS_SERVERS_H

#include "dns/system_servers.h"

/* Part of the resolver. All zero but for the path of the system's configuration. */
typedef struct netmcu__dns_servers {
  netmcu_address set[NETMCU_DNS_SERVERS]; /* by the user; port 0: not set */
  netmcu__system_servers system;
} netmcu__dns_servers;

/* netmcu_dns_set_server and netmcu_dns_get_server; `now` is the loop's time. */
int netmcu__dns_servers_set(netmcu__dns_servers *s, int index, const char *server);
int netmcu__dns_servers_get(netmcu__dns_servers *s, int index, uint64_t now, netmcu_address *address);

/* Sets `list` to the servers in force, of which there is always one. Equal lists have equal
 * bytes. */
void netmcu__dns_servers_list(netmcu__dns_servers *s, uint64_t now, netmcu__server_list *list);

#endif
