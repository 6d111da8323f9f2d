/* Lookups for the other objects. */
#ifndef NETMCU_LOOKUP_H
#define NETMCU_LOOKUP_H

#include "base/address.h"
#include "base/context.h"

/* As netmcu_resolve, for a connect to `port` (0: none), on which the rules of netmcu_map_host may
 * depend. */
int netmcu__resolve(netmcu_t *ctx, const char *host, uint16_t port, netmcu_lookup_cb cb, void *data,
                    netmcu_lookup **lookup);

/* Whether the host is an address, of a family that the context uses. Leaves address->port alone. */
bool netmcu__read_literal(const netmcu_t *ctx, const char *host, netmcu_address *address);

/* The family of the addresses that lookups give: IPv4, or NETMCU__ANY_FAMILY. */
static inline uint16_t netmcu__family_of_names(const netmcu_t *ctx)
{
  return netmcu__head_of(ctx)->options.families == NETMCU_IPV4_ONLY ? NETMCU_IPV4 : NETMCU__ANY_FAMILY;
}

/* Takes the lookup out of the context's objects, so that netmcu_close does not cancel it but waits
 * for its callback. */
void netmcu__lookup_outlive(netmcu_lookup *lookup);

#endif
