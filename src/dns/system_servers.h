/* The name servers that the system is configured to ask. */
#ifndef NETMCU_DNS_SYSTEM_SERVERS_H
#define NETMCU_DNS_SYSTEM_SERVERS_H

#include "dns/file.h"

#define NETMCU__DNS_PORT 53

typedef union netmcu__server_address {
  struct sockaddr any;
  struct sockaddr_in ipv4;
  struct sockaddr_in6 ipv6;
} netmcu__server_address;

typedef struct netmcu__server_list {
  netmcu__server_address servers[NETMCU_DNS_SERVERS];
  unsigned count;
} netmcu__server_list;

typedef struct netmcu__system_servers {
  netmcu__file file;        /* Unix: /etc/resolv.conf, or what a test has in its place */
  uint64_t read;            /* Windows: the loop's time */
  netmcu__server_list list; /* as read last */
} netmcu__system_servers;

/* The system's first servers, none if it has no network. Changes of the system's configuration
 * are noticed. */
const netmcu__server_list *netmcu__system_servers_get(netmcu__system_servers *s, uint64_t now);

/* Appends a server at port 53, given as text, if there is room and `ip` is an address. */
void netmcu__server_list_append(netmcu__server_list *list, const char *ip);

#endif
