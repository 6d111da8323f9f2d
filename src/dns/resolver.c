/* See resolver.h. */
#include <string.h>

#include "base/context.h"
#include "dns/resolver.h"

static bool begin_resolver(netmcu_t *ctx, void *part)
{
  netmcu__channels_init(&((struct netmcu__resolver *)part)->channels, ctx);
  return true;
}

/* Running queries keep their servers. The answers of the former servers are forgotten. */
static void forget_servers(netmcu_t *ctx, struct netmcu__resolver *r)
{
  netmcu__channel_retire(&r->channels);
  netmcu__cache_clear(&r->cache, ctx);
}

void netmcu__resolver_follow_servers(struct netmcu__resolver *r, netmcu_t *ctx)
{
  netmcu__name_servers servers = netmcu__dns_servers_list(&r->servers, netmcu__stack_of(ctx));
  int families = netmcu__head_of(ctx)->options.families;

  if (memcmp(&servers, &r->asked, sizeof(servers)) == 0 && r->families == families)
    return;
  forget_servers(ctx, r);
  r->asked = servers;
  r->families = families;
}

static void close_resolver(netmcu_t *ctx, void *part)
{
  struct netmcu__resolver *r = part;

  forget_servers(ctx, r);
  netmcu__hosts_free(r->hosts);
  r->hosts = NULL;
}

struct netmcu__resolver *netmcu__resolver_get(netmcu_t *ctx)
{
  static const netmcu__part_class resolver_class = {
      .size = sizeof(struct netmcu__resolver), .begin = begin_resolver, .close = close_resolver};

  return netmcu__part_get(ctx, NETMCU__RESOLVER, &resolver_class);
}

int netmcu_dns_set_server(netmcu_t *ctx, int index, const char *server)
{
  struct netmcu__resolver *r = netmcu__resolver_get(ctx);

  return r ? netmcu__dns_servers_set(&r->servers, index, server) : NETMCU_ENOMEM;
}

int netmcu_dns_get_server(netmcu_t *ctx, int index, netmcu_address *address)
{
  struct netmcu__resolver *r = netmcu__resolver_get(ctx);

  return r ? netmcu__dns_servers_get(&r->servers, netmcu__stack_of(ctx), index, address) : NETMCU_ENOMEM;
}
