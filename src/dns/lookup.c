/* Lookups of IPv4 addresses: literals, the hosts file (hosts.c), else c-ares (channel.h). No thread, no blocking call
 * but the reading of the hosts file.
 *
 * A lookup lives from netmcu_resolve to its callback. One that is cancelled while c-ares has its query stays, unseen, until
 * c-ares is done with it. The channel is replaced when the servers change. */
#include <ares.h>
#include <stdio.h>
#include <string.h>

#include "dns/channel.h"
#include "dns/servers.h"
#include "edge/edge.h"
#include "dns/hosts.h"

#define DEVICE_QUERIES 4

/* RFC 1035, 3.2 */
#define CLASS_IN 1
#define TYPE_A   1

struct netmcu_lookup {
  netmcu__object object;
  netmcu__task task; /* posted when the answer is there and could not be given at once */
  netmcu_lookup_cb cb;
  void *data;
  netmcu__channel *channel; /* while c-ares has its query */
  bool starting, cancelled;
  int error;
  char ip[NETMCU_IP_SIZE];
  char host[];
};

struct netmcu__resolver {
  netmcu__hosts *hosts;
  netmcu__channel *current;
  netmcu__dns_servers servers;
};

static struct netmcu__resolver *get_resolver(netmcu_t *ctx)
{
  struct netmcu__parts *parts = netmcu__parts(ctx);

  if (parts->resolver == NULL)
    parts->resolver = netmcu__allocate(ctx, sizeof(*parts->resolver));
  return parts->resolver;
}

int netmcu_dns_set_server(netmcu_t *ctx, int index, const char *server)
{
  struct netmcu__resolver *r = get_resolver(ctx);
  int error = r ? netmcu__dns_servers_set(&r->servers, index, server) : NETMCU_ENOMEM;

  if (error == 0 && r->current) {
    netmcu__channel_retire(r->current); /* what it was asked goes on; the next lookup makes a new one */
    r->current = NULL;
  }
  return error;
}

int netmcu_dns_get_server(netmcu_t *ctx, int index, netmcu_address *address)
{
  struct netmcu__resolver *r = get_resolver(ctx);

  return r ? netmcu__dns_servers_get(&r->servers, index, address) : NETMCU_ENOMEM;
}

static void object_free(netmcu__object *object)
{
  netmcu_lookup_cancel((netmcu_lookup *)object);
}

static bool object_describe(const netmcu__object *object, char *text, size_t size)
{
  snprintf(text, size, "DNS lookup (%s)", ((const netmcu_lookup *)object)->host);
  return true;
}

static const netmcu__class lookup_class = {"lookup", object_free, object_describe};

/* Literal addresses are no lookups to speak of. */
static void trace_query(const netmcu_lookup *lookup)
{
  if (netmcu__is_traced(lookup->object.ctx))
    netmcu__trace(&lookup->object, (netmcu_trace_event){.direction = '>', .what = "query", .name = lookup->host});
}

static void trace_answer(const netmcu_lookup *lookup)
{
  netmcu_address literal;

  if (netmcu_ip_parse(lookup->host, &literal))
    netmcu__trace(&lookup->object, (netmcu_trace_event){.direction = '<',
                                                        .what = "answer",
                                                        .name = lookup->host,
                                                        .detail = lookup->error ? NULL : lookup->ip,
                                                        .error = lookup->error});
}

static void answer(netmcu_lookup *lookup)
{
  netmcu_t *ctx = lookup->object.ctx;
  netmcu_lookup copy = *lookup;

  netmcu__count_event(ctx);
  if (netmcu__is_traced(ctx))
    trace_answer(lookup);
  netmcu__object_remove(&lookup->object);
  netmcu__release(ctx, lookup);
  copy.cb(copy.data, copy.error, copy.error ? NULL : copy.ip);
}

static void run_answer(netmcu__task *task)
{
  answer(netmcu__container(task, netmcu_lookup, task));
}

static int take_address(netmcu_lookup *lookup, const unsigned char *message, int length)
{
  struct ares_addrttl record;
  netmcu_address address;
  int count = 1;
  int error = netmcu__resolver_error(ares_parse_a_reply(message, length, NULL, &record, &count));

  if (error || count == 0)
    return error ? error : NETMCU_ENOTFOUND;
  memcpy(address.ip, &record.ipaddr, sizeof(address.ip));
  netmcu_ip_text(&address, lookup->ip);
  return 0;
}

static void on_answer(void *data, int status, int timeouts, unsigned char *message, int length)
{
  netmcu_lookup *lookup = data;
  netmcu__channel *c = lookup->channel;
  bool wanted = !lookup->cancelled;

  (void)timeouts;
  lookup->channel = NULL;
  lookup->error = netmcu__resolver_error(status);
  if (lookup->error == 0)
    lookup->error = take_address(lookup, message, length);
  netmcu__channel_query_ended(c, wanted);
  if (!wanted)
    netmcu__release(c->ctx, lookup);
  else if (lookup->starting)
    netmcu__task_post(c->ctx, &lookup->task);
  else
    answer(lookup);
}

static netmcu__channel *new_channel(netmcu_t *ctx, struct netmcu__resolver *r)
{
  char servers[NETMCU__DNS_SERVERS_TEXT];

  netmcu__dns_servers_list(&r->servers, servers, sizeof(servers));
  return netmcu__channel_new(ctx, servers);
}

static int ask(netmcu_lookup *lookup)
{
  netmcu_t *ctx = lookup->object.ctx;
  struct netmcu__resolver *r = get_resolver(ctx);

  if (r && r->current == NULL)
    r->current = new_channel(ctx, r);
  if (r == NULL || r->current == NULL)
    return NETMCU_ENOMEM;
  netmcu__channel *c = r->current;
  int error = c->wanted >= DEVICE_QUERIES ? netmcu_diverge(ctx, NETMCU_D_DNS_QUERIES, (long)c->wanted + 1) : 0;
  if (error)
    return error;
  netmcu__channel_query_begins(c);
  lookup->channel = c;
  lookup->starting = true;
  ares_query(c->ares, lookup->host, CLASS_IN, TYPE_A, on_answer, lookup);
  lookup->starting = false;
  return 0;
}

/* In the loop's next turn; the address counts where lookup->error does not say otherwise. */
static int answer_soon(netmcu_lookup *lookup, const netmcu_address *address)
{
  netmcu_ip_text(address, lookup->ip);
  netmcu__task_post(lookup->object.ctx, &lookup->task);
  return 0;
}

/* Answers what needs no query: NETMCU_ENOTFOUND is no answer. */
static int answer_at_the_edge(netmcu_lookup *lookup, uint16_t port)
{
  netmcu_t *ctx = lookup->object.ctx;
  netmcu_address address = {{0}, 0};
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

int netmcu__resolver_use_hosts(netmcu_t *ctx, const char *path)
{
  struct netmcu__resolver *r = get_resolver(ctx);

  if (r == NULL)
    return NETMCU_ENOMEM;
  netmcu__hosts_free(r->hosts);
  r->hosts = netmcu__hosts_new(ctx, path);
  return r->hosts ? 0 : NETMCU_ENOMEM;
}

/* The same from the hosts file. The names of Tor's services are not for the servers either (RFC 7686). */
static int answer_from_hosts(netmcu_lookup *lookup)
{
  netmcu_t *ctx = lookup->object.ctx;
  struct netmcu__resolver *r = get_resolver(ctx);
  netmcu_address address = {{0}, 0};

  if (r == NULL || (r->hosts == NULL && netmcu__resolver_use_hosts(ctx, netmcu__hosts_path)))
    return NETMCU_ENOMEM;
  int error = netmcu__hosts_find(r->hosts, lookup->host, &address);
  if (error == NETMCU_ENOTFOUND && netmcu__is_under(lookup->host, "onion")) {
    lookup->error = NETMCU_ENOTFOUND;
    error = 0;
  }
  return error ? error : answer_soon(lookup, &address);
}

int netmcu_resolve(netmcu_t *ctx, const char *host, netmcu_lookup_cb cb, void *data, netmcu_lookup **out)
{
  return netmcu__resolve(ctx, host, 0, cb, data, out);
}

int netmcu__resolve(netmcu_t *ctx, const char *host, uint16_t port, netmcu_lookup_cb cb, void *data,
                    netmcu_lookup **out)
{
  netmcu_address literal;

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
  if (lookup->channel == NULL) {
    netmcu__release(ctx, lookup);
    return;
  }
  lookup->cancelled = true;
  if (--lookup->channel->wanted == 0)
    netmcu__task_post(ctx, &lookup->channel->tidy);
}

void netmcu__lookup_outlive(netmcu_lookup *lookup)
{
  netmcu__object_remove(&lookup->object);
  lookup->object.next = lookup->object.previous = &lookup->object;
}

void netmcu__resolver_close(netmcu_t *ctx)
{
  struct netmcu__resolver *r = netmcu__parts(ctx)->resolver;

  if (r == NULL)
    return;
  if (r->current)
    netmcu__channel_retire(r->current);
  r->current = NULL;
  netmcu__hosts_free(r->hosts);
  r->hosts = NULL;
}
