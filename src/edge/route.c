/* See route.h. The objects keep what the script asked for; this file decides what becomes of it.
 *
 * A lookup has no port, and scripts connect or send to the address that it gave. If a rule changes
 * the port of a name, the lookup therefore gives an address of 198.18.0.0/15, which no network uses
 * (RFC 2544) and which stands for the name. */
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/memory.h"
#include "edge/route_private.h"
#include "stack/stack.h"

int netmcu__routes_append(netmcu_t *ctx, netmcu__route_list *l, const void *item, size_t size)
{
  char *items = netmcu__resize(ctx, l->items, (l->count + 1) * size);

  if (items == NULL)
    return NETMCU_ENOMEM;
  memcpy(items + l->count * size, item, size);
  l->items = items;
  l->count++;
  return 0;
}

static void clear(netmcu_t *ctx, netmcu__route_list *l)
{
  netmcu__release(ctx, l->items);
  *l = (netmcu__route_list){NULL, 0};
}

static void end_routes(netmcu_t *ctx, void *part)
{
  netmcu__routes *r = part;

  clear(ctx, &r->ports);
  clear(ctx, &r->hosts);
  clear(ctx, &r->opened);
  clear(ctx, &r->stand_ins);
}

static netmcu__routes *get_routes(netmcu_t *ctx)
{
  static const netmcu__part_class routes_class = {.size = sizeof(netmcu__routes), .end = end_routes};
  netmcu__routes *r = netmcu__part_get(ctx, NETMCU__ROUTES, &routes_class);

  if (r)
    netmcu__head_of(ctx)->edge |= NETMCU__ROUTED;
  return r;
}

/* ---- setting them ------------------------------------------------------------------------------------------- */

int netmcu_map_port(netmcu_t *ctx, const char *text)
{
  netmcu__routes *r = get_routes(ctx);
  netmcu__port_rule rule;

  if (r == NULL)
    return NETMCU_ENOMEM;
  if (text == NULL) {
    clear(ctx, &r->ports);
    r->automatic = false;
    return 0;
  }
  if (strcmp(text, "auto") == 0) {
    r->automatic = true;
    return 0;
  }
  int error = netmcu__read_port_rule(ctx, text, &rule);
  return error ? error : netmcu__routes_append(ctx, &r->ports, &rule, sizeof(rule));
}

int netmcu_map_host(netmcu_t *ctx, const char *text)
{
  netmcu__routes *r = get_routes(ctx);
  netmcu__host_rule rule;

  if (r == NULL)
    return NETMCU_ENOMEM;
  if (text == NULL) {
    clear(ctx, &r->hosts);
    return 0;
  }
  int error = netmcu__read_host_rule(ctx, text, &rule);
  return error ? error : netmcu__routes_append(ctx, &r->hosts, &rule, sizeof(rule));
}

int netmcu_bind_to(netmcu_t *ctx, const char *ip)
{
  netmcu__routes *r = get_routes(ctx);
  netmcu_address address = {.port = 0};

  if (r == NULL)
    return NETMCU_ENOMEM;
  if (ip && (strchr(ip, ' ') || netmcu_ip_parse(ip, &address) || address.family != NETMCU_IPV4))
    return netmcu__rule_wrong(ctx, ip, "", "an IPv4 address of this machine expected");
  r->bound = ip != NULL;
  r->bind = address;
  return 0;
}

/* ---- hosts ---------------------------------------------------------------------------------------------------- */

/* A wildcard does not match groups and broadcasts. */
static bool is_single_host(const netmcu_address *address)
{
  return !netmcu__is_group(address) && (address->family != NETMCU_IPV4 || address->ip[0] < 240);
}

/* A wildcard does not redirect the target of a rule: a script may connect to the address that a
 * lookup gave. */
static bool is_target(const netmcu__routes *r, const netmcu_address *address)
{
  const netmcu__host_rule *rules = r->hosts.items;

  for (size_t i = 0; i < r->hosts.count; i++)
    if (netmcu__same_ip(&rules[i].to, address))
      return true;
  return false;
}

static bool is_rule_for(const netmcu__host_rule *rule, const char *name, const netmcu_address *literal, uint16_t port)
{
  if (rule->port && port && rule->port != port)
    return false;
  if (rule->literal)
    return literal && netmcu__same_ip(&rule->address, literal);
  if (literal)
    return strcmp(rule->host, "*") == 0 && is_single_host(literal);
  return rule->host[0] == '*' ? netmcu__matches(rule->host, name) : netmcu__same_name(rule->host, name);
}

/* The more specific a rule is, the more it counts. */
static size_t weight(const netmcu__host_rule *rule)
{
  size_t exact = rule->host[0] == '*' ? 0 : 1024;

  return 2 * (exact + strlen(rule->host)) + (rule->port ? 1 : 0);
}

/* Takes the last of the rules that are equally specific. */
static const netmcu__host_rule *find_rule(const netmcu__routes *r, const char *name, const netmcu_address *literal,
                                          uint16_t port)
{
  const netmcu__host_rule *rules = r->hosts.items, *found = NULL;
  bool exact = literal && is_target(r, literal);

  for (size_t i = 0; i < r->hosts.count; i++)
    if (!(exact && !rules[i].literal) && is_rule_for(&rules[i], name, literal, port) &&
        (found == NULL || weight(&rules[i]) >= weight(found)))
      found = &rules[i];
  return found;
}

/* 198.18.0.0, as a number. The stand-ins follow it in the order of the list. */
#define BEFORE_STAND_INS UINT32_C(0xc6120000)

static netmcu_address stand_in_address(size_t index)
{
  return netmcu__ipv4_address(BEFORE_STAND_INS + 1 + (uint32_t)index);
}

static const char *name_of_stand_in(const netmcu__routes *r, const netmcu_address *address)
{
  const netmcu__stand_in *items = r->stand_ins.items;
  uint32_t n = netmcu__ipv4_number(address) - BEFORE_STAND_INS;

  return address->family == NETMCU_IPV4 && n > 0 && n <= r->stand_ins.count ? items[n - 1].host : NULL;
}

/* An address stands for a name, not for a rule: a later rule for the same name redirects it. */
static int get_stand_in(netmcu_t *ctx, const char *host, netmcu_address *address)
{
  netmcu__routes *r = netmcu__routes_of(ctx);
  const netmcu__stand_in *items = r->stand_ins.items;
  netmcu__stand_in added;

  for (size_t i = 0; i < r->stand_ins.count; i++)
    if (netmcu__same_name(items[i].host, host)) {
      *address = stand_in_address(i);
      return 0;
    }
  if (r->stand_ins.count >= 0x1fffe)
    return NETMCU_ENOMEM;
  snprintf(added.host, sizeof(added.host), "%s", host);
  *address = stand_in_address(r->stand_ins.count);
  return netmcu__routes_append(ctx, &r->stand_ins, &added, sizeof(added));
}

static bool is_port_changed(const netmcu__routes *r, const char *host)
{
  const netmcu__host_rule *rules = r->hosts.items;

  for (size_t i = 0; i < r->hosts.count; i++)
    if (rules[i].to.port && rules[i].to.port != rules[i].port && is_rule_for(&rules[i], host, NULL, 0))
      return true;
  return false;
}

int netmcu__route_lookup(netmcu_t *ctx, const char *host, uint16_t port, netmcu_address *address)
{
  const netmcu__routes *r = netmcu__routes_of(ctx);
  const netmcu__host_rule *rule = find_rule(r, host, NULL, port);

  if (rule == NULL)
    return NETMCU_ENOTFOUND;
  if (is_port_changed(r, host))
    return get_stand_in(ctx, host, address);
  netmcu__set_ip(address, &rule->to);
  return 0;
}

static bool route(netmcu_t *ctx, bool udp, netmcu_address *address)
{
  const netmcu__routes *r = netmcu__routes_of(ctx);
  const char *name = name_of_stand_in(r, address);
  const netmcu__host_rule *rule = find_rule(r, name, name ? NULL : address, address->port);

  if (rule == NULL && name) { /* a rule for another port at least has the address */
    rule = find_rule(r, name, NULL, 0);
    if (rule)
      netmcu__set_ip(address, &rule->to);
    return rule != NULL;
  }
  if (rule == NULL)
    return netmcu__route_to_own(ctx, udp, address);
  uint16_t asked = address->port;
  *address = rule->to;
  if (address->port == 0)
    address->port = asked;
  return true;
}

bool netmcu__route_to(netmcu_t *ctx, netmcu_address *address)
{
  return route(ctx, false, address);
}

/* ---- datagrams -------------------------------------------------------------------------------------------------- */

bool netmcu__route_datagram(netmcu_t *ctx, netmcu_address *to)
{
  netmcu__routes *r = netmcu__routes_of(ctx);
  netmcu__sent s = {.asked = *to, .real = *to};

  if (!route(ctx, true, &s.real))
    return false;
  *to = s.real;
  for (unsigned i = 0; i < NETMCU__SENT; i++)
    if (netmcu__same_address(&r->sent[i].real, &s.real)) {
      r->sent[i] = s;
      return true;
    }
  r->sent[r->next_sent++ % NETMCU__SENT] = s;
  return true;
}

void netmcu__route_from(netmcu_t *ctx, netmcu_address *address)
{
  const netmcu__routes *r = netmcu__routes_of(ctx);

  for (unsigned i = 0; i < NETMCU__SENT; i++)
    if (r->sent[i].real.port && netmcu__same_address(&r->sent[i].real, address)) {
      *address = r->sent[i].asked;
      return;
    }
  netmcu_address own = *address;
  netmcu__route_own(ctx, true, &own);
  if (own.port != address->port && netmcu__is_own_ip(netmcu__stack_of(ctx), address))
    *address = own;
}
