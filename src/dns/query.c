/* See query.h. */
#include "dns/query.h"

#include "base/memory.h"
#include "dns/stream.h"

/* How long each attempt waits for its answer, in ms. Two servers are asked for 2 + 2 + 4 + 4 s in
 * all; the device gives up after 14 s. An attempt that needs TCP gets no more time. */
#define FIRST_TIMEOUT 2000u
#define ROUNDS        2

/* LOT questions are sent at once. Each datagram that arrives allows another question. The buffers
 * of sockets, ours and the server's, have room for some 250 datagrams and drop the rest. If nothing
 * arrives, the next lot follows after PAUSE ms, so that a silent server delays no query long. */
#define LOT   100
#define PAUSE 250

/* The most queries that have an id at a time. The others wait for one, at most as long as an
 * attempt takes. */
#define MOST_IDS 8192
#define BUCKETS  256 /* of the table of ids */
#define SPARE    64  /* random numbers that are fetched from the system at a time */

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
  bool retired;
  netmcu__deadline pause;
  netmcu__task send_task, tidy_task;
  netmcu__link waiting; /* queries to be sent, in order */
  netmcu__link mark;    /* among them: where send_waiting stops */
  netmcu__query *by_id[BUCKETS];
  unsigned ids;
  uint16_t spare[SPARE];
  unsigned spares;
};

/* ---- lists ---- */

static void link_before(netmcu__link *place, netmcu__link *link)
{
  link->next = place;
  link->previous = place->previous;
  place->previous->next = link;
  place->previous = link;
}

static void unlink_link(netmcu__link *link)
{
  if (link->next == NULL)
    return;
  link->previous->next = link->next;
  link->next->previous = link->previous;
  link->next = link->previous = NULL;
}

static netmcu__query *query_of(netmcu__link *link)
{
  return netmcu__container(link, netmcu__query, waiting);
}

static netmcu__query *find_query(const netmcu__channel *c, uint16_t id)
{
  netmcu__query *q = c->by_id[id % BUCKETS];

  while (q && q->id != id)
    q = q->next_with_id;
  return q;
}

/* Without random numbers nothing is asked: whoever guesses an id can forge its answer. */
static int give_id(netmcu__query *q)
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
  while (find_query(c, q->id))
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

/* ---- the life of a query ---- */

static unsigned server_of(const netmcu__query *q)
{
  return q->attempt % q->channel->servers.count;
}

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

static void fail_attempt(netmcu__query *q, int error)
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

/* ---- answers ---- */

static bool is_asking(const netmcu__query *q, size_t server)
{
  return server_of(q) == server && q->waiting.next == NULL && q->stream == NULL;
}

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
    fail_attempt(q, NETMCU_ENOTFOUND);
}

static void ask_by_stream(netmcu__query *q)
{
  netmcu__channel *c = q->channel;
  uint8_t question[NETMCU__QUESTION_SIZE];
  size_t size = netmcu__question_write(question, q->id, q->name, q->family);

  q->stream = netmcu__dns_stream_open(&c->channels->streams, &c->servers.servers[server_of(q)], question, size,
                                      on_stream_answer, q);
  if (q->stream == NULL)
    fail_attempt(q, NETMCU_ENOTFOUND);
}

/* A server that was asked before may still answer. Only the failure of the one that is asked now
 * counts. */
static void take_answer(netmcu__query *q, size_t server, const uint8_t *message, size_t size)
{
  netmcu__dns_record record;

  switch (netmcu__answer_read(message, size, q->name, q->family, &record)) {
  case NETMCU__DNS_ADDRESS: end_query(q, 0, &record); break;
  case NETMCU__DNS_NOTHING: end_query(q, NETMCU_ENOTFOUND, NULL); break;
  case NETMCU__DNS_FAILURE:
    if (is_asking(q, server))
      fail_attempt(q, NETMCU_ENOTFOUND);
    break;
  case NETMCU__DNS_TRUNCATED:
    if (is_asking(q, server))
      ask_by_stream(q);
    break;
  case NETMCU__DNS_INVALID: break;
  }
}

/* ---- sockets ---- */

static netmcu__stack_socket *stack_socket_of(server_socket *s)
{
  return (netmcu__stack_socket *)(void *)(s + 1);
}

static server_socket *server_socket_of(netmcu__stack_socket *socket)
{
  return (server_socket *)(void *)socket - 1;
}

static void close_socket(netmcu__channel *c, size_t server)
{
  if (c->sockets[server])
    c->channels->sockets.operations->close(stack_socket_of(c->sockets[server]));
  c->sockets[server] = NULL;
}

static int open_socket(netmcu__channel *c, size_t server)
{
  netmcu__datagram_group *group = &c->channels->sockets;
  server_socket *s = netmcu__allocate(c->ctx, sizeof(*s) + group->operations->socket_size);

  int error = s ? group->operations->open(group, stack_socket_of(s), c->servers.servers[server].family) : NETMCU_ENOMEM;
  if (error) {
    netmcu__release(c->ctx, s);
    return error;
  }
  *s = (server_socket){c, server};
  c->sockets[server] = s;
  error = group->operations->connect(stack_socket_of(s), &c->servers.servers[server]);
  if (error == 0)
    error = group->operations->start_receiving(stack_socket_of(s));
  if (error)
    close_socket(c, server);
  return error;
}

static void on_closed(netmcu__stack_socket *socket)
{
  netmcu__release(netmcu__datagram_group_of(socket)->stack->ctx, server_socket_of(socket));
}

/* Callbacks may cancel queries, so we first collect those that are asking this server. A query that
 * is cancelled leaves the list. */
static void lose_server(netmcu__channel *c, size_t server, int error)
{
  netmcu__link lost = {&lost, &lost};

  close_socket(c, server);
  for (unsigned i = 0; i < BUCKETS; i++)
    for (netmcu__query *q = c->by_id[i]; q; q = q->next_with_id)
      if (is_asking(q, server))
        link_before(&lost, &q->waiting);
  while (lost.next != &lost)
    fail_attempt(query_of(lost.next), error);
}

static void on_failed(netmcu__stack_socket *socket)
{
  const server_socket *s = server_socket_of(socket);

  lose_server(s->channel, s->server, NETMCU_ENOTFOUND);
}

static void on_received(netmcu__stack_socket *socket, const char *data, size_t size, const netmcu_address *from,
                        bool in_batch)
{
  const server_socket *s = server_socket_of(socket);
  netmcu__channel *c = s->channel;
  const uint8_t *message = (const uint8_t *)data;
  uint16_t id;

  (void)from; /* The socket is connected. */
  (void)in_batch;
  if (c->credit < LOT)
    c->credit++;
  netmcu__query *q = netmcu__answer_id(message, size, &id) ? find_query(c, id) : NULL;
  if (q && s->server <= q->attempt)
    take_answer(q, s->server, message, size);
}

/* ---- questions ---- */

/* Questions for one server that go out together. */
typedef struct batch {
  unsigned count;
  netmcu__query *queries[NETMCU__BATCH];
  netmcu__datagram datagrams[NETMCU__BATCH];
  uint8_t questions[NETMCU__BATCH][NETMCU__QUESTION_SIZE];
} batch;

static int add_to_batch(batch *b, netmcu__query *q)
{
  int error = q->has_id ? 0 : give_id(q);

  if (error)
    return error;
  uint8_t *question = b->questions[b->count];
  size_t size = netmcu__question_write(question, q->id, q->name, q->family);
  b->datagrams[b->count] = (netmcu__datagram){.data = question, .size = size};
  b->queries[b->count++] = q;
  return 0;
}

static bool may_ask(const netmcu__channel *c, const batch *b)
{
  return b->count < NETMCU__BATCH && b->count < c->credit && c->ids < MOST_IDS;
}

/* Gathers the questions at the head of the queue, up to the first one for another server. The error is
 * that of the first question. */
static int gather(netmcu__channel *c, size_t server, batch *b)
{
  int error = c->sockets[server] ? 0 : open_socket(c, server);

  b->count = 0;
  for (netmcu__link *link = c->waiting.next; error == 0 && link != &c->mark && may_ask(c, b); link = link->next) {
    if (server_of(query_of(link)) != server)
      break;
    error = add_to_batch(b, query_of(link));
  }
  return b->count > 0 ? 0 : error;
}

/* Returns how many questions were sent, which is 0 if the system has no room now, or an error. */
static int send_batch(netmcu__channel *c, size_t server, batch *b)
{
  int error = gather(c, server, b);

  if (error)
    return error;
  int sent = c->channels->sockets.operations->send(stack_socket_of(c->sockets[server]), b->datagrams, b->count);
  return sent == NETMCU_EBUFFER ? 0 : sent;
}

static void fail_question(netmcu__channel *c, netmcu__query *q, int error)
{
  int reported = error == NETMCU_ENOMEM ? NETMCU_ENOMEM : NETMCU_ENOTFOUND;
  size_t server = server_of(q);

  unlink_link(&q->waiting);
  c->credit--;
  if (q->has_id)
    lose_server(c, server, reported);
  else
    fail_attempt(q, reported);
}

static void send_questions(netmcu__channel *c)
{
  netmcu__query *first = query_of(c->waiting.next);
  batch b;
  int sent = send_batch(c, server_of(first), &b);

  if (sent < 0)
    fail_question(c, first, sent);
  else if (sent == 0)
    c->credit = 0;
  for (int i = 0; i < sent; i++) {
    unlink_link(&b.queries[i]->waiting);
    c->credit--;
  }
}

/* Queries that callbacks begin in here wait for the next iteration of the loop, so that they do not
 * starve the network. */
static void send_waiting(netmcu__channel *c)
{
  if (c->waiting.next == &c->waiting)
    return;
  link_before(&c->waiting, &c->mark);
  while (c->waiting.next != &c->mark && c->credit > 0 && c->ids < MOST_IDS)
    send_questions(c);
  unlink_link(&c->mark);
  if (c->waiting.next != &c->waiting && !netmcu__deadline_is_set(&c->pause))
    netmcu__deadline_set(&c->channels->pauses, &c->pause, PAUSE);
}

static void on_batch_ended(netmcu__stack_socket *socket)
{
  send_waiting(server_socket_of(socket)->channel);
}

static void run_send(netmcu__task *task)
{
  send_waiting(netmcu__container(task, netmcu__channel, send_task));
}

/* In an iteration of the loop, timers come before the network. After a callback that took seconds,
 * the answer may have arrived without having been read; the next iteration reads it. */
static void on_query_expired(netmcu_t *ctx, netmcu__deadline *deadline)
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

static void on_pause_ended(netmcu_t *ctx, netmcu__deadline *deadline)
{
  netmcu__channel *c = netmcu__container(deadline, netmcu__channel, pause);

  (void)ctx;
  c->credit = LOT;
  send_waiting(c);
}

/* ---- the channel ---- */

void netmcu__channels_init(netmcu__channels *channels, netmcu_t *ctx)
{
  static const netmcu__datagram_events events = {
      .received = on_received, .batch_ended = on_batch_ended, .closed = on_closed, .failed = on_failed};
  netmcu__stack *stack = netmcu__stack_of(ctx);

  channels->sockets = (netmcu__datagram_group){stack, stack->datagrams, &events};
  channels->streams = netmcu__dns_stream_group(stack);
  netmcu__deadlines_init(&channels->deadlines, ctx, on_query_expired, false);
  netmcu__deadlines_init(&channels->pauses, ctx, on_pause_ended, false);
}

/* A task, so that no function of the channel is being called. */
static void run_tidy(netmcu__task *task)
{
  netmcu__channel *c = netmcu__container(task, netmcu__channel, tidy_task);
  netmcu_t *ctx = c->ctx;

  if (c->queries > 0)
    return;
  for (size_t i = 0; i < NETMCU_DNS_SERVERS; i++)
    close_socket(c, i);
  if (!c->retired)
    return;
  netmcu__task_cancel(ctx, &c->send_task);
  netmcu__deadline_clear(&c->channels->pauses, &c->pause);
  netmcu__release(ctx, c);
  netmcu__handle_closed(ctx);
}

netmcu__channel *netmcu__channel_new(netmcu__channels *channels, const netmcu__name_servers *servers)
{
  netmcu_t *ctx = channels->sockets.stack->ctx;
  netmcu__channel *c = netmcu__allocate(ctx, sizeof(*c));

  if (c == NULL)
    return NULL;
  netmcu__handle_opened(ctx); /* the context waits for its end */
  c->ctx = ctx;
  c->channels = channels;
  c->servers = *servers;
  c->credit = LOT;
  c->send_task.run = run_send;
  c->tidy_task.run = run_tidy;
  c->waiting.next = c->waiting.previous = &c->waiting;
  return c;
}

void netmcu__channel_retire(netmcu__channel *c)
{
  c->retired = true;
  if (c->queries == 0)
    netmcu__task_post(c->ctx, &c->tidy_task);
}

unsigned netmcu__channel_queries(const netmcu__channel *c)
{
  return c->queries;
}
