/* Where connects, lookups and listens really go, by the rules of netmcu_map_host, netmcu_map_port
 * and netmcu_bind_to. */
#ifndef NETMCU_ROUTE_H
#define NETMCU_ROUTE_H

#include "edge/edge.h"

/* Gets the address that a rule gives `host`, for a connect to `port` or, if that is 0, for any
 * lookup. If the rule changes the port, the address is one of 198.18.0.0/15, which stand for names,
 * so that a later connect to it knows where to go. Returns NETMCU_ENOTFOUND if there is no rule,
 * NETMCU_ENOMEM. */
int netmcu__route_lookup(netmcu_t *ctx, const char *host, uint16_t port, netmcu_address *address);

/* Turns the address that was asked for into the one to connect or send to. Returns false if no rule
 * changes it. */
bool netmcu__route_to(netmcu_t *ctx, netmcu_address *address);

/* The same for datagrams, and the reverse for those that come back from an address to which one was
 * sent. */
bool netmcu__route_datagram(netmcu_t *ctx, netmcu_address *to);
void netmcu__route_from(netmcu_t *ctx, netmcu_address *address);

/* Listens or binds at the address that the rules give instead of `asked`, by calling `listen`,
 * which may be called a second time with another port. `listen` sets *address to the address it
 * got. Notes which port stands for which. */
int netmcu__route_listen(netmcu_t *ctx, bool udp, netmcu_address asked,
                         int (*listen)(void *data, netmcu_address *address), void *data);

/* Gives an own address the port that was asked for. */
void netmcu__route_own(netmcu_t *ctx, bool udp, netmcu_address *address);

#endif
