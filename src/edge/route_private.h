/* What the files behind routes share: route.c (hosts, and the rules in force), route_listen.c (ports)
 * and route_rules.c (reading the rules). */
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

typedef struct netmcu__route_list {
  void *items;
  size_t count;
} netmcu__route_list;

/* The real address behind a port that a script listens on. The entry remains after the listener is
 * closed. */
typedef struct netmcu__opened {
  bool udp;
  bool bound; /* to the address of netmcu_bind_to */
  uint16_t asked;
  netmcu_address real;
} netmcu__opened;

/* A name that an address stands for. */
typedef struct netmcu__stand_in {
  char host[256];
} netmcu__stand_in;

/* The number of addresses that are remembered for the answers to datagrams: as many as a script
 * talks to at a time. */
#define NETMCU__SENT 32

typedef struct netmcu__sent {
  netmcu_address asked, real;
} netmcu__sent;

typedef struct netmcu__routes {
  netmcu__route_list ports, hosts, opened, stand_ins;
  netmcu__sent sent[NETMCU__SENT];
  unsigned next_sent;
  bool automatic, bound;
  netmcu_address bind;
} netmcu__routes;

static inline netmcu__routes *netmcu__routes_of(const netmcu_t *ctx)
{
  return netmcu__part(ctx, NETMCU__ROUTES);
}

/* Returns 0 or NETMCU_ENOMEM. */
int netmcu__routes_append(netmcu_t *ctx, netmcu__route_list *list, const void *item, size_t size);
/* A script that connects to its own address reaches its own listener, wherever that really is.
 * Returns false if this is another address. */
bool netmcu__route_to_own(netmcu_t *ctx, bool udp, netmcu_address *address);
/* Return 0, or NETMCU_EVALUE with the reason in netmcu_get_rule_error. */
int netmcu__read_port_rule(netmcu_t *ctx, const char *text, netmcu__port_rule *rule);
int netmcu__read_host_rule(netmcu_t *ctx, const char *text, netmcu__host_rule *rule);

#endif
