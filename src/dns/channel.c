/* The channel of the queries: its sockets, and the queue of the questions. See query.h and
 * query_private.h. */
#include "dns/query_private.h"

#include "dns/stream.h"

/* LOT questions are sent at once. Each datagram that arrives allows another question. The buffers
 * of sockets, ours and the server's, have room for some 250 datagrams and drop the rest. If nothing
 * arrives, the next lot follows after PAUSE ms, so that a silent server delays no query long. */
#define LOT   100
#define PAUSE 250

/* The most queries that have an id at a time. The others wait for one, at most as long as an
 * attempt takes. */
#define MOST_IDS 8192

/* ---- sockets --------------------------------------------------------------------------------- */

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
    netmcu__query_fail_attempt(query_of(lost.next), error);
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
  netmcu__query *q = netmcu__answer_id(message, size, &id) ? netmcu__query_find(c, id) : NULL;
  if (q && s->server <= q->attempt)
    netmcu__query_take_answer(q, s->server, message, size);
}

/* ---- questions ------------------------------------------------------------------------------- */

/* Questions for one server that go out together. */
typedef struct batch {
  unsigned count;
  netmcu__query *queries[NETMCU__BATCH];
  netmcu__datagram datagrams[NETMCU__BATCH];
  uint8_t questions[NETMCU__BATCH][NETMCU__QUESTION_SIZE];
} batch;

static int add_to_batch(batch *b, netmcu__query *q)
{
  int error = q->has_id ? 0 : netmcu__query_give_id(q);

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
    netmcu__query_fail_attempt(q, reported);
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
  for (unsigned i = 0; i < b.count && (int)i < sent; i++) {
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

static void on_pause_ended(netmcu_t *ctx, netmcu__deadline *deadline)
{
  netmcu__channel *c = netmcu__container(deadline, netmcu__channel, pause);

  (void)ctx;
  c->credit = LOT;
  send_waiting(c);
}

/* ---- the channel ----------------------------------------------------------------------------- */

void netmcu__channels_init(netmcu__channels *channels, netmcu_t *ctx)
{
  static const netmcu__datagram_events events = {
      .received = on_received, .batch_ended = on_batch_ended, .closed = on_closed, .failed = on_failed};
  netmcu__stack *stack = netmcu__stack_of(ctx);

  channels->sockets = (netmcu__datagram_group){stack, stack->datagrams, &events};
  channels->streams = netmcu__dns_stream_group(stack);
  netmcu__deadlines_init(&channels->deadlines, ctx, netmcu__query_expired, false);
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
  if (c->channels->current == c)
    c->channels->current = NULL;
  netmcu__task_cancel(ctx, &c->send_task);
  netmcu__deadline_clear(&c->channels->pauses, &c->pause);
  netmcu__release(ctx, c);
  netmcu__handle_closed(ctx);
}

static netmcu__channel *new_channel(netmcu__channels *channels, const netmcu__name_servers *servers)
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

netmcu__channel *netmcu__channel_get(netmcu__channels *channels, const netmcu__name_servers *servers)
{
  if (channels->current == NULL)
    channels->current = new_channel(channels, servers);
  return channels->current;
}

/* A channel without queries is about to be closed. */
void netmcu__channel_retire(netmcu__channels *channels)
{
  channels->current = NULL;
}

unsigned netmcu__channel_queries(const netmcu__channels *channels)
{
  return channels->current ? channels->current->queries : 0;
}
