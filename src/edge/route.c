/* See route.h. The objects keep what the script asked for; this file decides what becomes of it.
 *
 * A lookup has no port, and scripts connect or send to the address that it gave. If a rule changes
 * the port of a name, the lookup therefore gives an address of 198.18.0.0/15, which no network uses
 * (RFC 2544) and which stands for the name. */
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "base/address.h"
#include "base/memory.h"
#include "edge/route_private.h"
#include "stack/stack.h"

#define PRIVILEGED  1024
#define AUTO_OFFSET 8000

typedef struct list {
  void *items;
  size_t count;
} list;

/* The real address behind a port that a script listens on. The entry remains after the listener is
 * closed. */
typedef struct opened {
  bool udp;
  bool bound; /* to the address of netmcu_bind_to */
  uint16_t asked;
  netmcu_address real;
} opened;

typedef struct stand_in {
  char host[256];
} stand_in;

/* The number of addresses that are remembered for the answers to datagrams: as many as a script
 * talks to at a time. */
#define SENT 32

typedef struct sent {
  netmcu_address asked, real;
} sent;

typedef struct routes {
  list ports, hosts, opened, stand_ins;
  sent sent[SENT];
  unsigned next_sent;
  bool automatic, bound;
  netmcu_address bind;
} routes;

static routes *routes_of(const netmcu_t *ctx)
{
  return netmcu__part(ctx, NETMCU__ROUTES);
}

static int append(netmcu_t *ctx, list *l, const void *item, size_t size)
{
  char *items = netmcu__resize(ctx, l->items, (l->count + 1) * size);

  if (items == NULL)
    return NETMCU_ENOMEM;
  memcpy(items + l->count * size, item, size);
  l->items = items;
  l->count++;
  return 0;
}

static void clear(netmcu_t *ctx, list *l)
{
  netmcu__release(ctx, l->items);
  *l = (list){NULL, 0};
}

static void end_routes(netmcu_t *ctx, void *part)
{
  routes *r = part;

  clear(ctx, &r->ports);
  clear(ctx, &r->hosts);
  clear(ctx, &r->opened);
  clear(ctx, &r->stand_ins);
}

static routes *get_routes(netmcu_t *ctx)
{
  static const netmcu__part_class routes_class = {.size = sizeof(routes), .end = end_routes};
  routes *r = netmcu__part_get(ctx, NETMCU__ROUTES, &routes_class);

  if (r)
    netmcu__head_of(ctx)->edge |= NETMCU__ROUTED;
  return r;
}

/* ---- setting them ------------------------------------------------------------------------------------------- */

int netmcu_map_port(netmcu_t *ctx, const char *text)
{
  routes *r = get_routes(ctx);
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
  return error ? error : append(ctx, &r->ports, &rule, sizeof(rule));
}

int netmcu_map_host(netmcu_t *ctx, const char *text)
{
  routes *r = get_routes(ctx);
  netmcu__host_rule rule;

  if (r == NULL)
    return NETMCU_ENOMEM;
  if (text == NULL) {
    clear(ctx, &r->hosts);
    return 0;
  }
  int error = netmcu__read_host_rule(ctx, text, &rule);
  return error ? error : append(ctx, &r->hosts, &rule, sizeof(rule));
}

int netmcu_bind_to(netmcu_t *ctx, const char *ip)
{
  routes *r = get_routes(ctx);
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
static bool is_target(const routes *r, const netmcu_address *address)
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
static const netmcu__host_rule *find_rule(const routes *r, const char *name, const netmcu_address *literal,
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

static const char *name_of_stand_in(const routes *r, const netmcu_address *address)
{
  const stand_in *items = r->stand_ins.items;
  uint32_t n = netmcu__ipv4_number(address) - BEFORE_STAND_INS;

  return address->family == NETMCU_IPV4 && n > 0 && n <= r->stand_ins.count ? items[n - 1].host : NULL;
}

/* An address stands for a name, not for a rule: a later rule for the same name redirects it. */
static int get_stand_in(netmcu_t *ctx, const char *host, netmcu_address *address)
{
  routes *r = routes_of(ctx);
  const stand_in *items = r->stand_ins.items;
  stand_in added;

  for (size_t i = 0; i < r->stand_ins.count; i++)
    if (netmcu__same_name(items[i].host, host)) {
      *address = stand_in_address(i);
      return 0;
    }
  if (r->stand_ins.count >= 0x1fffe)
    return NETMCU_ENOMEM;
  snprintf(added.host, sizeof(added.host), "%s", host);
  *address = stand_in_address(r->stand_ins.count);
  return append(ctx, &r->stand_ins, &added, sizeof(added));
}

static bool is_port_changed(const routes *r, const char *host)
{
  const netmcu__host_rule *rules = r->hosts.items;

  for (size_t i = 0; i < r->hosts.count; i++)
    if (rules[i].to.port && rules[i].to.port != rules[i].port && is_rule_for(&rules[i], host, NULL, 0))
      return true;
  return false;
}

int netmcu__route_lookup(netmcu_t *ctx, const char *host, uint16_t port, netmcu_address *address)
{
  const routes *r = routes_of(ctx);
  const netmcu__host_rule *rule = find_rule(r, host, NULL, port);

  if (rule == NULL)
    return NETMCU_ENOTFOUND;
  if (is_port_changed(r, host))
    return get_stand_in(ctx, host, address);
  netmcu__set_ip(address, &rule->to);
  return 0;
}

static const opened *find_opened(const routes *r, bool udp, uint16_t asked)
{
  const opened *items = r->opened.items;

  for (size_t i = 0; i < r->opened.count; i++)
    if (items[i].udp == udp && items[i].asked == asked)
      return &items[i];
  return NULL;
}

/* A script that connects to its own address reaches its own listener, wherever that really is. */
static bool route_to_own(netmcu_t *ctx, bool udp, netmcu_address *address)
{
  const routes *r = routes_of(ctx);
  const opened *own = find_opened(r, udp, address->port);

  if (own == NULL || !netmcu__is_own_ip(netmcu__stack_of(ctx), address))
    return false;
  if (own->bound)
    *address = own->real;
  address->port = own->real.port;
  return true;
}

static bool route(netmcu_t *ctx, bool udp, netmcu_address *address)
{
  const routes *r = routes_of(ctx);
  const char *name = name_of_stand_in(r, address);
  const netmcu__host_rule *rule = find_rule(r, name, name ? NULL : address, address->port);

  if (rule == NULL && name) { /* a rule for another port at least has the address */
    rule = find_rule(r, name, NULL, 0);
    if (rule)
      netmcu__set_ip(address, &rule->to);
    return rule != NULL;
  }
  if (rule == NULL)
    return route_to_own(ctx, udp, address);
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
  routes *r = routes_of(ctx);
  sent s = {.asked = *to, .real = *to};

  if (!route(ctx, true, &s.real))
    return false;
  *to = s.real;
  for (unsigned i = 0; i < SENT; i++)
    if (netmcu__same_address(&r->sent[i].real, &s.real)) {
      r->sent[i] = s;
      return true;
    }
  r->sent[r->next_sent++ % SENT] = s;
  return true;
}

void netmcu__route_from(netmcu_t *ctx, netmcu_address *address)
{
  const routes *r = routes_of(ctx);

  for (unsigned i = 0; i < SENT; i++)
    if (r->sent[i].real.port && netmcu__same_address(&r->sent[i].real, address)) {
      *address = r->sent[i].asked;
      return;
    }
  netmcu_address own = *address;
  netmcu__route_own(ctx, true, &own);
  if (own.port != address->port && netmcu__is_own_ip(netmcu__stack_of(ctx), address))
    *address = own;
}

/* ---- listening --------------------------------------------------------------------------------------------------- */

/* Turns the address that is to be listened on into the one that the rules give. */
static void apply_port_rules(const routes *r, bool udp, netmcu_address *address)
{
  const netmcu__port_rule *rules = r->ports.items;
  uint16_t asked = address->port;

  if (r->bound && netmcu__is_any_ip(address))
    netmcu__set_ip(address, &r->bind);
  for (size_t i = 0; i < r->ports.count; i++) {
    const netmcu__port_rule *rule = &rules[i];
    if ((udp ? rule->udp : rule->tcp) && asked >= rule->first && asked <= rule->last)
      address->port = rule->to ? (uint16_t)(rule->to + (asked - rule->first)) : 0;
  }
}

/* Sets another port to try if the rule "auto" is in force and the system refused this one. */
static bool choose_other_port(netmcu_t *ctx, bool udp, int error, netmcu_address *address)
{
  const netmcu__head *head = netmcu__head_of(ctx);
  char text[96];

  if (!routes_of(ctx)->automatic || netmcu_uv_error(error) != UV_EACCES || address->port == 0 ||
      address->port >= PRIVILEGED)
    return false;
  snprintf(text, sizeof(text), "%s port %u needs a privilege: listening on %u", udp ? "UDP" : "TCP",
           (unsigned)address->port, (unsigned)address->port + AUTO_OFFSET);
  address->port = (uint16_t)(address->port + AUTO_OFFSET);
  if (head->warning)
    head->warning(ctx, NETMCU_NOTICE, text, head->warning_data);
  return true;
}

/* A port of the system stands for the one port that was asked for last. If memory runs out, scripts
 * see the real port. */
static void note_opened(netmcu_t *ctx, bool udp, uint16_t asked, const netmcu_address *real)
{
  routes *r = routes_of(ctx);
  bool bound = r->bound && netmcu__same_ip(real, &r->bind);
  opened *items = r->opened.items, added = {udp, bound, asked ? asked : real->port, *real};

  size_t kept = 0;
  for (size_t i = 0; i < r->opened.count; i++)
    if (items[i].udp != udp || (items[i].real.port != real->port && items[i].asked != added.asked))
      items[kept++] = items[i];
  r->opened.count = kept;
  if (bound || added.asked != real->port)
    append(ctx, &r->opened, &added, sizeof(added));
}

int netmcu__route_listen(netmcu_t *ctx, bool udp, netmcu_address asked,
                         int (*listen)(void *data, netmcu_address *address), void *data)
{
  netmcu_address real = asked;

  if (!netmcu__is_routed(ctx))
    return listen(data, &real);
  apply_port_rules(routes_of(ctx), udp, &real);
  int error = listen(data, &real);
  if (error && choose_other_port(ctx, udp, error, &real))
    error = listen(data, &real);
  if (error == 0)
    note_opened(ctx, udp, asked.port, &real);
  return error;
}

void netmcu__route_own(netmcu_t *ctx, bool udp, netmcu_address *address)
{
  const routes *r = routes_of(ctx);
  const opened *items = r->opened.items;

  for (size_t i = 0; i < r->opened.count; i++)
    if (items[i].udp == udp && items[i].real.port == address->port) {
      address->port = items[i].asked;
      return;
    }
}

uint16_t netmcu_get_mapped_port(netmcu_t *ctx, int udp, uint16_t port)
{
  const routes *r = routes_of(ctx);
  const opened *found = r ? find_opened(r, udp != 0, port) : NULL;

  return found ? found->real.port : port;
}
