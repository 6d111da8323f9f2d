/* A query: its id, its attempts, its answer. See query_private.h. */
#include "dns/query_private.h"

#include "dns/stream.h"

/* How long each attempt waits for its answer, in ms. Two servers are asked for 2 + 2 + 4 + 4 s in
 * all; the device gives up after 14 s. An attempt that needs TCP gets no more time. */
#define FIRST_TIMEOUT 2000u
#define ROUNDS        2

/* ---- ids ------------------------------------------------------------------------------------- */

netmcu__query *netmcu__query_find(const netmcu__channel *c, uint16_t id)
{
  netmcu__query *q = c->by_id[id % BUCKETS];

  while (q && q->id != id)
    q = q->next_with_id;
  return q;
}

/* Without random numbers, we ask nothing: anyone who guesses an id can forge its answer. */
int netmcu__query_give_id(netmcu__query *q)
{
  netmcu__channel *c = q->channel;

  if (c->spares == 0) {
    netmcu__stack *stack = netmcu__stack_of(c->ctx);
    int error = stack->clock->random(stack, c->spare, sizeof(c->spare));
    if (error)
      return error;
    c->spares = SPARE;
  }
  q->id = c->spare[--c->spares];
  while (netmcu__query_find(c, q->id))
    q->id++;
  q->next_with_id = c->by_id[q->id % BUCKETS];
  c->by_id[q->id % BUCKETS] = q;
  q->has_id = true;
  c->ids++;
  return 0;
}

static void take_id(netmcu__query *q)
{
  netmcu__channel *c = q->channel;
  netmcu__query **at = &c->by_id[q->id % BUCKETS];

  if (!q->has_id)
    return;
  while (*at != q)
    at = &(*at)->next_with_id;
  *at = q->next_with_id;
  q->has_id = false;
  c->ids--;
}

/* ---- the life of a query --------------------------------------------------------------------- */

static bool has_attempts(const netmcu__query *q)
{
  return q->attempt < ROUNDS * q->channel->servers.count;
}

static void close_stream(netmcu__query *q)
{
  if (q->stream)
    netmcu__dns_stream_close(q->stream);
  q->stream = NULL;
}

void netmcu__query_cancel(netmcu__query *q)
{
  netmcu__channel *c = q->channel;

  netmcu__deadline_clear(&c->channels->deadlines, &q->deadline);
  unlink_link(&q->waiting);
  take_id(q);
  close_stream(q);
  q->channel = NULL;
  if (--c->queries == 0)
    netmcu__task_post(c->ctx, &c->tidy_task);
}

static void end_query(netmcu__query *q, int error, const netmcu__dns_record *record)
{
  netmcu__channel *c = q->channel;

  netmcu__query_cancel(q);
  q->ended(q, c, error, record);
}

static void begin_attempt(netmcu__query *q)
{
  netmcu__channel *c = q->channel;
  uint32_t timeout = FIRST_TIMEOUT << (q->attempt / c->servers.count);

  q->is_overdue = false;
  netmcu__deadline_set(&c->channels->deadlines, &q->deadline, timeout);
  link_before(&c->waiting, &q->waiting);
  netmcu__task_post(c->ctx, &c->send_task);
}

/* If no server is left to ask, the query ends with `error`. */
static void end_attempt(netmcu__query *q, int error)
{
  unlink_link(&q->waiting);
  close_stream(q);
  do
    q->attempt++;
  while (has_attempts(q) && (q->failed & 1u << server_of(q)));
  if (has_attempts(q))
    begin_attempt(q);
  else
    end_query(q, error, NULL);
}

void netmcu__query_fail_attempt(netmcu__query *q, int error)
{
  q->failed |= (uint8_t)(1u << server_of(q));
  end_attempt(q, error);
}

void netmcu__query_begin(netmcu__query *q, netmcu__channel *c)
{
  q->channel = c;
  c->queries++;
  begin_attempt(q);
}

/* ---- answers --------------------------------------------------------------------------------- */

static void on_stream_answer(void *data, const uint8_t *message, size_t size)
{
  netmcu__query *q = data;
  netmcu__dns_record record;
  netmcu__dns_verdict verdict = NETMCU__DNS_INVALID;
  uint16_t id;

  q->stream = NULL;
  if (message && netmcu__answer_id(message, size, &id) && id == q->id)
    verdict = netmcu__answer_read(message, size, q->name, q->family, &record);
  if (verdict == NETMCU__DNS_ADDRESS)
    end_query(q, 0, &record);
  else if (verdict == NETMCU__DNS_NOTHING)
    end_query(q, NETMCU_ENOTFOUND, NULL);
  else
    netmcu__query_fail_attempt(q, NETMCU_ENOTFOUND);
}

static void ask_by_stream(netmcu__query *q)
{
  netmcu__channel *c = q->channel;
  uint8_t question[NETMCU__QUESTION_SIZE];
  size_t size = netmcu__question_write(question, q->id, q->name, q->family);

  q->stream = netmcu__dns_stream_open(&c->channels->streams, &c->servers.servers[server_of(q)], question, size,
                                      on_stream_answer, q);
  if (q->stream == NULL)
    netmcu__query_fail_attempt(q, NETMCU_ENOTFOUND);
}

/* A server that was asked before may still answer. Only the failure of the one that is asked now
 * counts. */
void netmcu__query_take_answer(netmcu__query *q, size_t server, const uint8_t *message, size_t size)
{
  netmcu__dns_record record;

  switch (netmcu__answer_read(message, size, q->name, q->family, &record)) {
  case NETMCU__DNS_ADDRESS: end_query(q, 0, &record); break;
  case NETMCU__DNS_NOTHING: end_query(q, NETMCU_ENOTFOUND, NULL); break;
  case NETMCU__DNS_FAILURE:
    if (is_asking(q, server))
      netmcu__query_fail_attempt(q, NETMCU_ENOTFOUND);
    break;
  case NETMCU__DNS_TRUNCATED:
    if (is_asking(q, server))
      ask_by_stream(q);
    break;
  case NETMCU__DNS_INVALID: break;
  }
}

/* In an iteration of the loop, timers come before the network. After a callback that took seconds,
 * the answer may have arrived without having been read; the next iteration reads it. */
void netmcu__query_expired(netmcu_t *ctx, netmcu__deadline *deadline)
{
  netmcu__query *q = netmcu__container(deadline, netmcu__query, deadline);

  (void)ctx;
  if (q->is_overdue) {
    end_attempt(q, NETMCU_ETIMEOUT);
    return;
  }
  q->is_overdue = true;
  netmcu__deadline_set(&q->channel->channels->deadlines, &q->deadline, 1);
}
