/* What the files of this room share:
 *
 *   ping.c    a ping: its requests, one after the other, and its events
 *   pinger.c  what all pings of a context share: the access to ICMP echo, and one deadline */
#ifndef NETMCU_PING_PRIVATE_H
#define NETMCU_PING_PRIVATE_H

#include "base/object.h"
#include "stack/deadline.h"
#include "stack/stack.h"

typedef struct netmcu_ping_t ping;

struct netmcu_ping_t {
  netmcu__object object;
  ping *next;
  const netmcu_ping_events *events;
  void *data;
  netmcu_lookup *lookup;
  netmcu_address address; /* as asked for, … */
  netmcu_address real;    /* … and what the rules make of it */
  unsigned count, transmitted, lost;
  size_t bytes;
  uint64_t started; /* ns of the clock */
  uint64_t due;     /* ms of the clock: when the request ends */
  uint64_t sent;    /* ns of the clock: when it was sent */
  uint16_t sequence;
  uint8_t payload[NETMCU__ECHO_PAYLOAD];
  bool has_begun;      /* The name is resolved. */
  bool is_outstanding; /* the request has no reply yet */
  bool is_silent;      /* its reply is ignored */
  bool is_silenced;    /* so are the replies to later requests */
  char host[];
};

/* The part of a context. */
typedef struct netmcu__pinger {
  netmcu__echo_user user;
  netmcu__stack_echo *echoes[2]; /* by family; NULL while it is not open */
  netmcu__deadlines deadlines;
  netmcu__deadline next_end; /* when the first of the requests ends */
  ping *first;               /* oldest first */
  uint16_t sequence;
} netmcu__pinger;

/* ---- pinger.c -------------------------------------------------------------------------------- */

netmcu__pinger *netmcu__pinger_get(netmcu_t *ctx); /* NULL if memory runs out */
/* Opens the access to ICMP echo, if it is not open. */
int netmcu__pinger_open(netmcu__pinger *all, uint16_t family);
/* While pings run, the deadline keeps the loop running and replies are received. */
void netmcu__pinger_set_deadline(netmcu__pinger *all);

/* ---- ping.c ---------------------------------------------------------------------------------- */

/* The time for the reply is over. */
void netmcu__ping_end_request(ping *p);
/* The reply to the request has arrived; it has waited for `age` ns. */
void netmcu__ping_replied(ping *p, uint64_t age);

#endif
