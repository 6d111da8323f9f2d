/* What route.c and the reading of its rules (route_rules.c) share. */
#ifndef NETMCU_ROUTE_PRIVATE_H
#define NETMCU_ROUTE_PRIVATE_H

#include "edge/route.h"
#include "edge/rule.h"

typedef struct netmcu__port_rule {
  uint16_t first, last; /* what scripts listen on */
  uint16_t to;          /* what `first` is in the system; 0: a free port for each */
  bool tcp, udp;
} netmcu__port_rule;

typedef struct netmcu__host_rule {
  char host[256];         /* as it was written */
  netmcu_address address; /* of a literal */
  bool literal;
  uint16_t port;     /* 0: any */
  netmcu_address to; /* port 0: the one that was asked for */
} netmcu__host_rule;

/* Return 0, or NETMCU_EVALUE with the reason in netmcu_get_rule_error. */
int netmcu__read_port_rule(netmcu_t *ctx, const char *text, netmcu__port_rule *rule);
int netmcu__read_host_rule(netmcu_t *ctx, const char *text, netmcu__host_rule *rule);

#endif
