/* What all lookups of a context share: the hosts file, the servers, the channels to them, and their
 * answers. */
#ifndef NETMCU_RESOLVER_H
#define NETMCU_RESOLVER_H

#include "dns/cache.h"
#include "dns/hosts.h"
#include "dns/query.h"
#include "dns/servers.h"

struct netmcu__resolver {
  netmcu__hosts *hosts;
  netmcu__dns_servers servers;
  netmcu__name_servers asked; /* the servers of the channel and of the answers in the cache */
  int families;               /* of these answers */
  netmcu__channels channels;
  netmcu__cache cache;
};

struct netmcu__resolver *netmcu__resolver_get(netmcu_t *ctx); /* NULL if memory runs out */
/* Looks for other servers in the configuration, and forgets the answers of the former ones. */
void netmcu__resolver_follow_servers(struct netmcu__resolver *r, netmcu_t *ctx);

#endif
