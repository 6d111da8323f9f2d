/* The queries that are under way to one list of servers.
 *
 * A query asks the first server, then the second one, and then both again with more patience
 * (query.c has the times). A server that refuses, fails or is not there is not asked again. What
 * does not answer the query is ignored: neither garbage nor a forged datagram ends it. An answer
 * that does not fit in a datagram is asked for again over TCP, by a connection for this query
 * alone.
 *
 * Against forged answers (RFC 5452), an answer counts only if it comes from the server that was
 * asked, to the unpredictable port from which it was asked, with the query's random id and its
 * question.
 *
 * All queries to a server share one socket. A channel and its sockets are there while there are
 * queries. When the servers change, the channel is retired: new queries get another one. */
#ifndef NETMCU_DNS_QUERY_H
#define NETMCU_DNS_QUERY_H

#include "base/task.h"
#include "dns/message.h"
#include "stack/deadline.h"

typedef struct netmcu__channel netmcu__channel;
typedef struct netmcu__query netmcu__query;

/* A place in a list. Without neighbours it is in no list. */
typedef struct netmcu__link {
  struct netmcu__link *next, *previous;
} netmcu__link;

/* Part of a lookup. */
struct netmcu__query {
  netmcu__channel *channel; /* NULL: the query is not under way */
  const char *name;         /* set by the owner, like `family` and `ended` */
  netmcu_family family;     /* of the addresses that are asked for */
  void (*ended)(netmcu__query *query, netmcu__channel *asked, int error, const netmcu__dns_record *record);
  netmcu__deadline deadline;         /* of the attempt */
  netmcu__link waiting;              /* to be sent */
  struct netmcu__dns_stream *stream; /* NULL: the question was asked by a datagram, or waits */
  netmcu__query *next_with_id;       /* in the same bucket */
  uint16_t id;
  uint8_t attempt; /* 0: the first server, 1: the second one (if there is one), … */
  uint8_t failed;  /* a bit for each server that is not to be asked again */
  bool has_id;
  bool is_overdue; /* The deadline has passed. An answer that has arrived already still counts. */
};

/* What the channels of a resolver share. */
typedef struct netmcu__channels {
  netmcu__channel *current; /* that new queries use, or NULL */
  netmcu__datagram_group sockets;
  netmcu__stream_group streams;
  netmcu__deadlines deadlines; /* of attempts */
  netmcu__deadlines pauses;
} netmcu__channels;

void netmcu__channels_init(netmcu__channels *channels, netmcu_t *ctx);

/* Returns the current channel, and creates it if necessary. Returns NULL if memory runs out. */
netmcu__channel *netmcu__channel_get(netmcu__channels *channels, const netmcu__name_servers *servers);
void netmcu__channel_retire(netmcu__channels *channels); /* the current one */
unsigned netmcu__channel_queries(const netmcu__channels *channels);

/* Begins a query. It ends by `ended`, never inside this call, unless it is cancelled. */
void netmcu__query_begin(netmcu__query *query, netmcu__channel *c);
void netmcu__query_cancel(netmcu__query *query);

#endif
