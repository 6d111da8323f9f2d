/* c-ares' state for a set of servers, driven by the loop: its sockets are polled, a timer ticks while queries run; nothing is
 * active when there are none. It is torn down when it is stale and its last query has ended, in a turn of its own, since
 * c-ares must not be torn down inside its own callbacks. */
#ifndef NETMCU_DNS_CHANNEL_H
#define NETMCU_DNS_CHANNEL_H

#include <ares.h>

#include "base/internal.h"

typedef struct netmcu__channel {
  netmcu_t *ctx;
  ares_channel ares;
  uv_timer_t tick;
  netmcu__task tidy;
  struct poller *pollers;
  unsigned queries, wanted; /* that c-ares has; that are not cancelled */
  bool stale;               /* to be torn down when no query is left */
  bool torn_down;
} netmcu__channel;

/* c-ares counts its initialisations, but not for several threads: once for the process, and never undone. */
bool netmcu__ares_is_ready(void);

/* `servers` as netmcu__dns_servers_list writes them. NULL when there is no memory. */
netmcu__channel *netmcu__channel_new(netmcu_t *ctx, const char *servers);
void netmcu__channel_retire(netmcu__channel *c);
/* Around each query of c-ares that a lookup makes. */
void netmcu__channel_query_begins(netmcu__channel *c);
void netmcu__channel_query_ended(netmcu__channel *c, bool was_wanted);

#endif
