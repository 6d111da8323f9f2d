/* Lookups for the other objects. */
#ifndef NETMCU_LOOKUP_H
#define NETMCU_LOOKUP_H

#include "base/context.h"

/* As netmcu_resolve, for a connect to `port` (0: none), on which the rules of netmcu_map_host may
 * depend. */
int netmcu__resolve(netmcu_t *ctx, const char *host, uint16_t port, netmcu_lookup_cb cb, void *data,
                    netmcu_lookup **lookup);

/* Takes the lookup out of the context's objects, so that netmcu_close does not cancel it but waits
 * for its callback. */
void netmcu__lookup_outlive(netmcu_lookup *lookup);

#endif
