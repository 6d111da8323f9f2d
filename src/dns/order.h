/* The order in which to try the addresses of a name (RFC 6724, section 6). */
#ifndef NETMCU_DNS_ORDER_H
#define NETMCU_DNS_ORDER_H

#include "stack/stack.h"

/* The most addresses that a lookup gives, of both families together. */
#define NETMCU__MOST_ADDRESSES 8

void netmcu__order(netmcu__stack *stack, netmcu_address *addresses, unsigned count);

#endif
