/* The two servers that lookups ask: those set by the user, or else the first two of the stack, or
 * else the device's default. */
#ifndef NETMCU_DNS_SERVERS_H
#define NETMCU_DNS_SERVERS_H

#include "stack/stack.h"

/* Part of the resolver. All zero at first. */
typedef struct netmcu__dns_servers {
  netmcu_address set[NETMCU_DNS_SERVERS]; /* by the user; port 0: not set */
} netmcu__dns_servers;

/* netmcu_dns_set_server and netmcu_dns_get_server. */
int netmcu__dns_servers_set(netmcu__dns_servers *s, int index, const char *server);
int netmcu__dns_servers_get(const netmcu__dns_servers *s, netmcu__stack *stack, int index, netmcu_address *address);

/* Returns the servers in force. There is always at least one. Equal lists have equal bytes. */
netmcu__name_servers netmcu__dns_servers_list(const netmcu__dns_servers *s, netmcu__stack *stack);

#endif
