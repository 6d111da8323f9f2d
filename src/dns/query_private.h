/* Queries and their channel from the inside:
 *
 *   query.c    a query: its id, its attempts, its answer
 *   channel.c  the sockets, and the queue of the questions */
#ifndef NETMCU_QUERY_PRIVATE_H
#define NETMCU_QUERY_PRIVATE_H

#include "base/memory.h"
#include "dns/query.h"

#define BUCKETS 256 /* of the table of ids */
#define SPARE   64  /* random numbers that are fetched from the system at a time */

/* A socket that is connected to one server. */
typedef struct server_socket {
  netmcu__channel *channel;
  size_t server; /* its index */
  /* The stack's part follows. */
} server_socket;

struct netmcu__channel {
  netmcu_t *ctx;
  netmcu__channels *channels;
  netmcu__name_servers servers;
  server_socket *sockets[NETMCU_DNS_SERVERS]; /* NULL: not open */
  unsigned queries;
  unsigned credit; /* questions that may go out now */
  netmcu__deadline pause;
  netmcu__task send_task, tidy_task;
  netmcu__link waiting; /* queries to be sent, in order */
  netmcu__link mark;    /* among them: where send_waiting stops */
  netmcu__query *by_id[BUCKETS];
  unsigned ids;
  uint16_t spare[SPARE];
  unsigned spares;
};

/* ---- lists ----------------------------------------------------------------------------------- */

static inline void link_before(netmcu__link *place, netmcu__link *link)
{
  link->next = place;
  link->previous = place->previous;
  place->previous->next = link;
  place->previous = link;
}

static inline void unlink_link(netmcu__link *link)
{
  if (link->next == NULL)
    return;
  link->previous->next = link->next;
  link->next->previous = link->previous;
  link->next = link->previous = NULL;
}

static inline netmcu__query *query_of(netmcu__link *link)
{
  return netmcu__container(link, netmcu__query, waiting);
}

/* ---- query.c --------------------------------------------------------------------------------- */

static inline unsigned server_of(const netmcu__query *q)
{
  return q->attempt % q->channel->servers.count;
}

/* Whether the query waits for a datagram of this server. */
static inline bool is_asking(const netmcu__query *q, size_t server)
{
  return server_of(q) == server && q->waiting.next == NULL && q->stream == NULL;
}

netmcu__query *netmcu__query_find(const netmcu__channel *c, uint16_t id); /* or NULL */
int netmcu__query_give_id(netmcu__query *q);
/* The server has failed. If no other one is left to ask, the query ends with `error`. */
void netmcu__query_fail_attempt(netmcu__query *q, int error);
/* Takes a message with the id of the query from a server that it has asked. */
void netmcu__query_take_answer(netmcu__query *q, size_t server, const uint8_t *message, size_t size);
void netmcu__query_expired(netmcu_t *ctx, netmcu__deadline *deadline);

#endif
