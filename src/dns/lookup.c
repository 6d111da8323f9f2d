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
#include "dns/lookup.h"
#include "dns/order.h"
#include "dns/resolver.h"
#include "edge/fault.h"
#include "edge/route.h"
#include "edge/trace.h"

#define DEVICE_QUERIES 4

struct netmcu_lookup {
  netmcu__object object;
  netmcu__task task; /* posted when the answer is there and could not be given at once */
  netmcu_lookup_cb cb;
  void *data;
  netmcu__query queries[2]; /* for IPv4 and for IPv6 */
  int error;
  uint32_t ttl; /* of the answers of servers */
  unsigned count;
  netmcu_address addresses[NETMCU__MOST_ADDRESSES];
  char host[];
};

static uint64_t now(netmcu_t *ctx)
{
  return netmcu__now(netmcu__stack_of(ctx));
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
  netmcu_address literal = {.port = 0};
  char ip[NETMCU_IP_SIZE];

  if (!netmcu__read_literal(lookup->object.ctx, lookup->host, &literal))
    netmcu__trace(&lookup->object,
                  (netmcu_trace_event){.direction = '<',
                                       .what = "answer",
                                       .name = lookup->host,
                                       .detail = lookup->error ? NULL : netmcu_ip_format(lookup->addresses, ip),
                                       .error = lookup->error});
}

/* The device knows one address of a name. */
static void answer(netmcu_lookup *lookup)
{
  netmcu_t *ctx = lookup->object.ctx;
  bool has_all = netmcu__head_of(ctx)->options.families != NETMCU_IPV4_ONLY;
  unsigned count = lookup->error ? 0 : has_all ? lookup->count : 1;

  netmcu__count_event(ctx);
  if (netmcu__is_traced(ctx))
    trace_answer(lookup);
  netmcu__object_remove(&lookup->object);
  netmcu__callback_begins(ctx);
  lookup->cb(lookup->data, lookup->error, count ? lookup->addresses : NULL, count);
  netmcu__callback_ended(ctx);
  netmcu__release(ctx, lookup);
}

static void run_answer(netmcu__task *task)
{
  answer(netmcu__container(task, netmcu_lookup, task));
}

static void begin_query(netmcu_lookup *lookup, netmcu__channel *channel, netmcu_family family);

static bool is_asking(const netmcu_lookup *lookup)
{
  return lookup->queries[0].channel || lookup->queries[1].channel;
}

/* Addresses of one family keep the order of the answer. */
static void sort_addresses(netmcu_lookup *lookup)
{
  netmcu_t *ctx = lookup->object.ctx;

  if (lookup->count > 1 && netmcu__head_of(ctx)->options.families == NETMCU_ANY_FAMILY)
    netmcu__order(netmcu__stack_of(ctx), lookup->addresses, lookup->count);
}

/* The answers of a retired channel are not kept, because other servers are in force. */
static void finish(netmcu_lookup *lookup, const netmcu__channel *asked)
{
  netmcu_t *ctx = lookup->object.ctx;
  struct netmcu__resolver *r = netmcu__resolver_get(ctx);

  sort_addresses(lookup);
  if (lookup->count > 0)
    lookup->error = 0;
  if (lookup->count > 0 && asked == r->channels.current)
    netmcu__cache_add(&r->cache, ctx, lookup->host, lookup->addresses, lookup->count, lookup->ttl, now(ctx));
  answer(lookup);
}

/* A time-out counts more than the answer that there is no address of the other family. */
static void take_record(netmcu_lookup *lookup, int error, const netmcu__dns_record *record)
{
  if (error) {
    if (lookup->error == 0 || lookup->error == NETMCU_ENOTFOUND)
      lookup->error = error;
    return;
  }
  for (unsigned i = 0; i < record->count; i++)
    lookup->addresses[lookup->count++] = record->addresses[i];
  if (record->ttl < lookup->ttl)
    lookup->ttl = record->ttl;
}

static void on_query_ended(netmcu__query *query, netmcu__channel *asked, int error, const netmcu__dns_record *record)
{
  netmcu__query *first = query - (query->family == NETMCU_IPV6);
  netmcu_lookup *lookup = netmcu__container(first, netmcu_lookup, queries);
  bool is_ipv4_first = netmcu__head_of(lookup->object.ctx)->options.families == NETMCU_IPV4_FIRST;

  take_record(lookup, error, record);
  if (is_asking(lookup))
    return;
  if (error == NETMCU_ENOTFOUND && is_ipv4_first && query == first)
    begin_query(lookup, asked, NETMCU_IPV6);
  else
    finish(lookup, asked);
}

static void begin_query(netmcu_lookup *lookup, netmcu__channel *channel, netmcu_family family)
{
  netmcu__query *query = &lookup->queries[family == NETMCU_IPV6];

  *query = (netmcu__query){.name = lookup->host, .family = family, .ended = on_query_ended};
  netmcu__query_begin(query, channel);
}

static int ask(netmcu_lookup *lookup)
{
  netmcu_t *ctx = lookup->object.ctx;
  struct netmcu__resolver *r = netmcu__resolver_get(ctx);

  unsigned queries = netmcu__channel_queries(&r->channels);
  int error = queries >= DEVICE_QUERIES ? netmcu_diverge(ctx, NETMCU_D_DNS_QUERIES, (long)queries + 1) : 0;
  if (error)
    return error;
  netmcu__channel *channel = netmcu__channel_get(&r->channels, &r->asked);
  if (channel == NULL)
    return NETMCU_ENOMEM;
  lookup->ttl = UINT32_MAX;
  begin_query(lookup, channel, NETMCU_IPV4);
  if (netmcu__head_of(ctx)->options.families == NETMCU_ANY_FAMILY)
    begin_query(lookup, channel, NETMCU_IPV6);
  return 0;
}

/* Answers in the next iteration of the loop. */
static int answer_soon(netmcu_lookup *lookup)
{
  netmcu__task_post(lookup->object.ctx, &lookup->task);
  return 0;
}

/* Applies the faults and routes. Like answer_from_hosts and answer_from_cache, this function answers
 * without a query, or returns NETMCU_ENOTFOUND. */
static int answer_at_the_edge(netmcu_lookup *lookup, uint16_t port)
{
  netmcu_t *ctx = lookup->object.ctx;
  int error = NETMCU_ENOTFOUND;

  if (netmcu__is_faulty(ctx) && netmcu__fault_lookup(ctx, lookup->host)) {
    if (netmcu__is_traced(ctx))
      netmcu__trace(&lookup->object, (netmcu_trace_event){.what = "fault", .name = lookup->host, .detail = "dns"});
    lookup->error = NETMCU_ENOTFOUND;
    error = 0;
  } else if (netmcu__is_routed(ctx)) {
    error = netmcu__route_lookup(ctx, lookup->host, port, lookup->addresses);
    lookup->count = 1;
  }
  return error ? error : answer_soon(lookup);
}

static int find_in_hosts(netmcu_lookup *lookup, netmcu__hosts *hosts, uint16_t family)
{
  return netmcu__hosts_find(hosts, lookup->host, family, lookup->addresses, NETMCU__MOST_ADDRESSES, &lookup->count);
}

/* Servers are not asked for the names of Tor's services either (RFC 7686). */
static int answer_from_hosts(netmcu_lookup *lookup)
{
  netmcu_t *ctx = lookup->object.ctx;
  struct netmcu__resolver *r = netmcu__resolver_get(ctx);
  bool is_ipv4_first = netmcu__head_of(ctx)->options.families == NETMCU_IPV4_FIRST;
  uint16_t family = is_ipv4_first ? NETMCU_IPV4 : netmcu__family_of_names(ctx);

  if (r && r->hosts == NULL)
    r->hosts = netmcu__hosts_new(ctx, netmcu__stack_of(ctx)->hosts_file);
  if (r == NULL || r->hosts == NULL)
    return NETMCU_ENOMEM;
  int error = find_in_hosts(lookup, r->hosts, family);
  if (error == NETMCU_ENOTFOUND && is_ipv4_first)
    error = find_in_hosts(lookup, r->hosts, NETMCU_IPV6);
  if (error == 0)
    sort_addresses(lookup);
  if (error == NETMCU_ENOTFOUND && netmcu__is_under(lookup->host, "onion")) {
    lookup->error = NETMCU_ENOTFOUND;
    error = 0;
  }
  return error ? error : answer_soon(lookup);
}

static int answer_from_cache(netmcu_lookup *lookup)
{
  netmcu_t *ctx = lookup->object.ctx;
  struct netmcu__resolver *r = netmcu__resolver_get(ctx);

  netmcu__resolver_follow_servers(r, ctx);
  const netmcu_address *found = netmcu__cache_find(&r->cache, lookup->host, now(ctx), &lookup->count);
  if (found == NULL)
    return NETMCU_ENOTFOUND;
  memcpy(lookup->addresses, found, lookup->count * sizeof(*found));
  return answer_soon(lookup);
}

bool netmcu__read_literal(const netmcu_t *ctx, const char *host, netmcu_address *address)
{
  netmcu_address found = {.port = address->port};

  if (netmcu_ip_parse(host, &found) || (found.family == NETMCU_IPV6 && netmcu__family_of_names(ctx) == NETMCU_IPV4))
    return false;
  *address = found;
  return true;
}

static int begin_lookup(netmcu_lookup *lookup, uint16_t port)
{
  trace_query(lookup);
  int error = answer_at_the_edge(lookup, port);
  if (error == NETMCU_ENOTFOUND)
    error = answer_from_hosts(lookup);
  if (error == NETMCU_ENOTFOUND)
    error = answer_from_cache(lookup);
  return error == NETMCU_ENOTFOUND ? ask(lookup) : error;
}

static int begin_literal(netmcu_lookup *lookup, const netmcu_address *literal)
{
  lookup->addresses[0] = *literal;
  lookup->count = 1;
  return answer_soon(lookup);
}

int netmcu_resolve(netmcu_t *ctx, const char *host, netmcu_lookup_cb cb, void *data, netmcu_lookup **out)
{
  return netmcu__resolve(ctx, host, 0, cb, data, out);
}

int netmcu__resolve(netmcu_t *ctx, const char *host, uint16_t port, netmcu_lookup_cb cb, void *data,
                    netmcu_lookup **out)
{
  netmcu_address literal = {.port = 0};
  bool is_literal = host && netmcu__read_literal(ctx, host, &literal);

  if (cb == NULL || host == NULL || !(is_literal || netmcu__is_host_name(host)))
    return NETMCU_EARGUMENT;
  netmcu_lookup *lookup = netmcu__allocate(ctx, sizeof(*lookup) + strlen(host) + 1);
  if (lookup == NULL)
    return NETMCU_ENOMEM;
  strcpy(lookup->host, host);
  lookup->cb = cb;
  lookup->data = data;
  lookup->task.run = run_answer;
  netmcu__object_add(&lookup->object, ctx, &lookup_class);
  int error = is_literal ? begin_literal(lookup, &literal) : begin_lookup(lookup, port);
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
  for (int i = 0; i < 2; i++)
    if (lookup->queries[i].channel)
      netmcu__query_cancel(&lookup->queries[i]);
  netmcu__release(ctx, lookup);
}

void netmcu__lookup_outlive(netmcu_lookup *lookup)
{
  netmcu__object_remove(&lookup->object);
  lookup->object.next = lookup->object.previous = &lookup->object;
}
