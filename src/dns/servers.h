/* The two servers that lookups ask: those set by the user, else the system's first two, else the device's default. Part of
 * the resolver, all zero at first. */
#ifndef NETMCU_DNS_SERVERS_H
#define NETMCU_DNS_SERVERS_H

#include "base/internal.h"

#define NETMCU__DNS_SERVERS_TEXT 220

typedef struct netmcu__dns_servers {
  netmcu_address set[NETMCU_DNS_SERVERS];    /* by the user; port 0: not set */
  netmcu_address system[NETMCU_DNS_SERVERS]; /* port 0: none */
  bool system_known;
  char text[160]; /* the system's, as c-ares takes them, IPv6 servers included */
} netmcu__dns_servers;

/* netmcu_dns_set_server and netmcu_dns_get_server, without their effect on lookups. */
int netmcu__dns_servers_set(netmcu__dns_servers *s, int index, const char *server);
int netmcu__dns_servers_get(netmcu__dns_servers *s, int index, netmcu_address *address);

/* Writes those in force as c-ares takes them; NETMCU__DNS_SERVERS_TEXT bytes are enough. */
void netmcu__dns_servers_list(netmcu__dns_servers *s, char *text, size_t size);

#endif
