/* Lookups. A literal address is its own answer. A name is searched in the hosts
 * file, then among the answers that are still fresh (cache.h), and then the servers are asked for
 * it (query.h). Only the reading of files blocks.
 *
 * A lookup lives from netmcu_resolve to its callback or to its cancellation. */
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/memory.h"
#include "base/object.h"
#include "dns/cache.h"
#include "dns/query.h"
#include "dns/hosts.h"
#include "dns/lookup.h"
#include "dns/servers.h"
#include "edge/fault.h"
#include "edge/route.h"
#include "edge/trace.h"

#define DEVICE_QUERIES 4

struct netmcu_lookup {
  netmcu__object object;
  netmcu__task task; /* posted when the answer is there and could not be given at once */
  netmcu_lookup_cb cb;
  void *data;
  netmcu__query query;
  int error;
  netmcu_address address;
  char host[];
};

struct netmcu__resolver {
  netmcu__hosts *hosts;
  netmcu__dns_servers servers;
  netmcu__name_servers asked; /* the servers of the channel and of the answers in the cache */
  netmcu__channel *channel;   /* NULL until the first query */
  netmcu__channels channels;
  netmcu__cache cache;
};

static uint64_t now(netmcu_t *ctx)
{
  return netmcu__now(netmcu__stack_of(ctx));
}

static bool begin_resolver(netmcu_t *ctx, void *part)
{
  netmcu__channels_init(&((struct netmcu__resolver *)part)->channels, ctx);
  return true;
}

static void close_resolver(netmcu_t *ctx, void *part);

static struct netmcu__resolver *get_resolver(netmcu_t *ctx)
{
  static const netmcu__part_class resolver_class = {
      .size = sizeof(struct netmcu__resolver), .begin = begin_resolver, .close = close_resolver};

  return netmcu__part_get(ctx, NETMCU__RESOLVER, &resolver_class);
}

int netmcu_dns_set_server(netmcu_t *ctx, int index, const char *server)
{
  struct netmcu__resolver *r = get_resolver(ctx);

  return r ? netmcu__dns_servers_set(&r->servers, index, server) : NETMCU_ENOMEM;
}

int netmcu_dns_get_server(netmcu_t *ctx, int index, netmcu_address *address)
{
  struct netmcu__resolver *r = get_resolver(ctx);

  return r ? netmcu__dns_servers_get(&r->servers, netmcu__stack_of(ctx), index, address) : NETMCU_ENOMEM;
}

static void object_free(netmcu__object *object)
{
  netmcu_lookup_cancel((netmcu_lookup *)object);
}

static bool is_open(const netmcu__object *object)
{
  (void)object;
  return true;
}

static void describe(const netmcu__object *object, char *text, size_t size)
{
  snprintf(text, size, "DNS lookup (%s)", ((const netmcu_lookup *)object)->host);
}

static const netmcu__class lookup_class = {"lookup", object_free, is_open, describe};

/* The trace leaves out the lookups of literal addresses. */
static void trace_query(const netmcu_lookup *lookup)
{
  if (netmcu__is_traced(lookup->object.ctx))
    netmcu__trace(&lookup->object, (netmcu_trace_event){.direction = '>', .what = "query", .name = lookup->host});
}

static void trace_answer(const netmcu_lookup *lookup)
{
  netmcu_address literal;
  char ip[NETMCU_IP_SIZE];

  if (netmcu_ip_parse(lookup->host, &literal))
    netmcu__trace(&lookup->object,
                  (netmcu_trace_event){.direction = '<',
                                       .what = "answer",
                                       .name = lookup->host,
                                       .detail = lookup->error ? NULL : netmcu_ip_format(&lookup->address, ip),
                                       .error = lookup->error});
}

static void answer(netmcu_lookup *lookup)
{
  netmcu_t *ctx = lookup->object.ctx;
  netmcu_lookup_cb cb = lookup->cb;
  void *data = lookup->data;
  int error = lookup->error;
  netmcu_address address = lookup->address;

  netmcu__count_event(ctx);
  if (netmcu__is_traced(ctx))
    trace_answer(lookup);
  netmcu__object_remove(&lookup->object);
  netmcu__release(ctx, lookup);
  netmcu__callback_begins(ctx);
  cb(data, error, error ? NULL : &address, error ? 0 : 1);
  netmcu__callback_ended(ctx);
}

static void run_answer(netmcu__task *task)
{
  answer(netmcu__container(task, netmcu_lookup, task));
}

/* The answer of a retired channel is not kept, because other servers are in force. */
static void on_query_ended(netmcu__query *query, netmcu__channel *asked, int error, const netmcu__dns_record *record)
{
  netmcu_lookup *lookup = netmcu__container(query, netmcu_lookup, query);
  netmcu_t *ctx = lookup->object.ctx;
  struct netmcu__resolver *r = get_resolver(ctx);

  lookup->error = error;
  if (error == 0) {
    memcpy(lookup->address.ip, record->ip, sizeof(record->ip));
    if (asked == r->channel)
      netmcu__cache_add(&r->cache, ctx, lookup->host, record->ip, record->ttl, now(ctx));
  }
  answer(lookup);
}

/* Running queries keep their servers. The answers of the former servers are forgotten. */
static void forget_servers(netmcu_t *ctx, struct netmcu__resolver *r)
{
  if (r->channel)
    netmcu__channel_retire(r->channel);
  r->channel = NULL;
  netmcu__cache_clear(&r->cache, ctx);
}

static void follow_servers(netmcu_t *ctx, struct netmcu__resolver *r)
{
  netmcu__name_servers servers = netmcu__dns_servers_list(&r->servers, netmcu__stack_of(ctx));

  if (memcmp(&servers, &r->asked, sizeof(servers)) == 0)
    return;
  forget_servers(ctx, r);
  r->asked = servers;
}

static int ask(netmcu_lookup *lookup)
{
  netmcu_t *ctx = lookup->object.ctx;
  struct netmcu__resolver *r = get_resolver(ctx);

  if (r->channel == NULL)
    r->channel = netmcu__channel_new(&r->channels, &r->asked);
  if (r->channel == NULL)
    return NETMCU_ENOMEM;
  unsigned queries = netmcu__channel_queries(r->channel);
  int error = queries >= DEVICE_QUERIES ? netmcu_diverge(ctx, NETMCU_D_DNS_QUERIES, (long)queries + 1) : 0;
  if (error)
    return error;
  lookup->query.name = lookup->host;
  lookup->query.ended = on_query_ended;
  netmcu__query_begin(&lookup->query, r->channel);
  return 0;
}

/* Answers in the next iteration of the loop, with lookup->error or else with the address. */
static int answer_soon(netmcu_lookup *lookup, const netmcu_address *address)
{
  lookup->address = *address;
  netmcu__task_post(lookup->object.ctx, &lookup->task);
  return 0;
}

/* This function and the next two answer without a query. They return NETMCU_ENOTFOUND if they
 * cannot. This one applies the faults and routes. */
static int answer_at_the_edge(netmcu_lookup *lookup, uint16_t port)
{
  netmcu_t *ctx = lookup->object.ctx;
  netmcu_address address = {.port = 0};
  int error = NETMCU_ENOTFOUND;

  if (netmcu__is_faulty(ctx) && netmcu__fault_lookup(ctx, lookup->host)) {
    if (netmcu__is_traced(ctx))
      netmcu__trace(&lookup->object, (netmcu_trace_event){.what = "fault", .name = lookup->host, .detail = "dns"});
    lookup->error = NETMCU_ENOTFOUND;
    error = 0;
  } else if (netmcu__is_routed(ctx)) {
    error = netmcu__route_lookup(ctx, lookup->host, port, &address);
  }
  return error ? error : answer_soon(lookup, &address);
}

/* Servers are not asked for the names of Tor's services either (RFC 7686). */
static int answer_from_hosts(netmcu_lookup *lookup)
{
  netmcu_t *ctx = lookup->object.ctx;
  struct netmcu__resolver *r = get_resolver(ctx);
  netmcu_address address = {.port = 0};

  if (r && r->hosts == NULL)
    r->hosts = netmcu__hosts_new(ctx, netmcu__stack_of(ctx)->hosts_file);
  if (r == NULL || r->hosts == NULL)
    return NETMCU_ENOMEM;
  int error = netmcu__hosts_find(r->hosts, lookup->host, &address);
  if (error == NETMCU_ENOTFOUND && netmcu__is_under(lookup->host, "onion")) {
    lookup->error = NETMCU_ENOTFOUND;
    error = 0;
  }
  return error ? error : answer_soon(lookup, &address);
}

static int answer_from_cache(netmcu_lookup *lookup)
{
  netmcu_t *ctx = lookup->object.ctx;
  struct netmcu__resolver *r = get_resolver(ctx);
  netmcu_address address = {.port = 0};

  follow_servers(ctx, r);
  if (!netmcu__cache_find(&r->cache, lookup->host, now(ctx), address.ip))
    return NETMCU_ENOTFOUND;
  return answer_soon(lookup, &address);
}

int netmcu_resolve(netmcu_t *ctx, const char *host, netmcu_lookup_cb cb, void *data, netmcu_lookup **out)
{
  return netmcu__resolve(ctx, host, 0, cb, data, out);
}

int netmcu__resolve(netmcu_t *ctx, const char *host, uint16_t port, netmcu_lookup_cb cb, void *data,
                    netmcu_lookup **out)
{
  netmcu_address literal = {.port = 0};

  if (cb == NULL || !netmcu__is_host(host))
    return NETMCU_EARGUMENT;
  netmcu_lookup *lookup = netmcu__allocate(ctx, sizeof(*lookup) + strlen(host) + 1);
  if (lookup == NULL)
    return NETMCU_ENOMEM;
  strcpy(lookup->host, host);
  lookup->cb = cb;
  lookup->data = data;
  lookup->task.run = run_answer;
  netmcu__object_add(&lookup->object, ctx, &lookup_class);
  int error = 0;
  if (netmcu_ip_parse(host, &literal) == 0) {
    answer_soon(lookup, &literal);
  } else {
    trace_query(lookup);
    error = answer_at_the_edge(lookup, port);
    if (error == NETMCU_ENOTFOUND)
      error = answer_from_hosts(lookup);
    if (error == NETMCU_ENOTFOUND)
      error = answer_from_cache(lookup);
    if (error == NETMCU_ENOTFOUND)
      error = ask(lookup);
  }
  if (error) {
    netmcu__object_remove(&lookup->object);
    netmcu__release(ctx, lookup);
    return error;
  }
  if (out)
    *out = lookup;
  return 0;
}

void netmcu_lookup_cancel(netmcu_lookup *lookup)
{
  netmcu_t *ctx = lookup->object.ctx;

  netmcu__object_remove(&lookup->object);
  netmcu__task_cancel(ctx, &lookup->task);
  if (lookup->query.channel)
    netmcu__query_cancel(&lookup->query);
  netmcu__release(ctx, lookup);
}

void netmcu__lookup_outlive(netmcu_lookup *lookup)
{
  netmcu__object_remove(&lookup->object);
  lookup->object.next = lookup->object.previous = &lookup->object;
}

static void close_resolver(netmcu_t *ctx, void *part)
{
  struct netmcu__resolver *r = part;

  forget_servers(ctx, r);
  netmcu__hosts_free(r->hosts);
  r->hosts = NULL;
}
