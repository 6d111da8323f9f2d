/* Decides where a script really listens, and remembers its listeners. See route.h. */
#include <stdio.h>
#include <uv.h>

#include "base/address.h"
#include "edge/route_private.h"
#include "stack/stack.h"

#define PRIVILEGED  1024
#define AUTO_OFFSET 8000

/* Turns the address that is to be listened on into the one that the rules give. */
static void apply_port_rules(const netmcu__routes *r, bool udp, netmcu_address *address)
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

  if (!netmcu__routes_of(ctx)->automatic || netmcu_uv_error(error) != UV_EACCES || address->port == 0 ||
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
  netmcu__routes *r = netmcu__routes_of(ctx);
  bool bound = r->bound && netmcu__same_ip(real, &r->bind);
  netmcu__opened *items = r->opened.items, added = {udp, bound, asked ? asked : real->port, *real};

  size_t kept = 0;
  for (size_t i = 0; i < r->opened.count; i++)
    if (items[i].udp != udp || (items[i].real.port != real->port && items[i].asked != added.asked))
      items[kept++] = items[i];
  r->opened.count = kept;
  if (bound || added.asked != real->port)
    netmcu__routes_append(ctx, &r->opened, &added, sizeof(added));
}

int netmcu__route_listen(netmcu_t *ctx, bool udp, netmcu_address asked,
                         int (*listen)(void *data, netmcu_address *address), void *data)
{
  netmcu_address real = asked;

  if (!netmcu__is_routed(ctx))
    return listen(data, &real);
  apply_port_rules(netmcu__routes_of(ctx), udp, &real);
  int error = listen(data, &real);
  if (error && choose_other_port(ctx, udp, error, &real))
    error = listen(data, &real);
  if (error == 0)
    note_opened(ctx, udp, asked.port, &real);
  return error;
}

static const netmcu__opened *find_opened(const netmcu__routes *r, bool udp, uint16_t asked)
{
  const netmcu__opened *items = r->opened.items;

  for (size_t i = 0; i < r->opened.count; i++)
    if (items[i].udp == udp && items[i].asked == asked)
      return &items[i];
  return NULL;
}

bool netmcu__route_to_own(netmcu_t *ctx, bool udp, netmcu_address *address)
{
  const netmcu__routes *r = netmcu__routes_of(ctx);
  const netmcu__opened *own = find_opened(r, udp, address->port);

  if (own == NULL || !netmcu__is_own_ip(netmcu__stack_of(ctx), address))
    return false;
  if (own->bound)
    *address = own->real;
  address->port = own->real.port;
  return true;
}

void netmcu__route_own(netmcu_t *ctx, bool udp, netmcu_address *address)
{
  const netmcu__routes *r = netmcu__routes_of(ctx);
  const netmcu__opened *items = r->opened.items;

  for (size_t i = 0; i < r->opened.count; i++)
    if (items[i].udp == udp && items[i].real.port == address->port) {
      address->port = items[i].asked;
      return;
    }
}

uint16_t netmcu_get_mapped_port(netmcu_t *ctx, int udp, uint16_t port)
{
  const netmcu__routes *r = netmcu__routes_of(ctx);
  const netmcu__opened *found = r ? find_opened(r, udp != 0, port) : NULL;

  return found ? found->real.port : port;
}
