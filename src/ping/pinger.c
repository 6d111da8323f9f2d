/* What all pings of a context share: the access to ICMP echo, and one deadline. */
#include <string.h>

#include "base/address.h"
#include "base/memory.h"
#include "ping/ping_private.h"

/* ---- requests -------------------------------------------------------------------------------- */

static ping *find_earliest(const netmcu__pinger *all)
{
  ping *found = NULL;

  for (ping *p = all->first; p; p = p->next)
    if (p->has_begun && (found == NULL || p->due < found->due))
      found = p;
  return found;
}

/* Replies that arrived while a script kept the loop busy do not count as lost. */
static void on_deadline(netmcu_t *ctx, netmcu__deadline *deadline)
{
  netmcu__pinger *all = netmcu__container(deadline, netmcu__pinger, next_end);
  uint64_t now = netmcu__now(all->user.stack);

  (void)ctx;
  for (int i = 0; i < 2; i++)
    if (all->echoes[i])
      all->user.operations->receive(all->echoes[i]);
  for (ping *p = find_earliest(all); p && p->due <= now; p = find_earliest(all))
    netmcu__ping_end_request(p);
  netmcu__pinger_set_deadline(all);
}

void netmcu__pinger_set_deadline(netmcu__pinger *all)
{
  const ping *next = find_earliest(all);

  if (next)
    netmcu__deadline_set_at(&all->deadlines, &all->next_end, next->due);
  else
    netmcu__deadline_clear(&all->deadlines, &all->next_end);
  for (int i = 0; i < 2; i++)
    if (all->echoes[i])
      (next ? all->user.operations->start : all->user.operations->stop)(all->echoes[i]);
}

static ping *find_request(const netmcu__pinger *all, const netmcu_address *from, uint16_t sequence,
                          const uint8_t *payload)
{
  ping *p = all->first;

  while (p && !(p->is_outstanding && p->sequence == sequence && netmcu__same_ip(&p->real, from) &&
                memcmp(p->payload, payload, sizeof(p->payload)) == 0))
    p = p->next;
  return p;
}

static void on_replied(netmcu__stack_echo *echo, const netmcu_address *from, uint16_t sequence, const uint8_t *payload,
                       uint64_t age)
{
  ping *p = find_request((netmcu__pinger *)netmcu__echo_user_of(echo), from, sequence, payload);

  if (p)
    netmcu__ping_replied(p, age);
}

/* ---- the part of the context ----------------------------------------------------------------- */

static void on_closed(netmcu__stack_echo *echo)
{
  netmcu__release(netmcu__echo_user_of(echo)->stack->ctx, echo);
}

static bool begin_pinger(netmcu_t *ctx, void *part)
{
  static const netmcu__echo_events events = {on_replied, on_closed};
  netmcu__stack *stack = netmcu__stack_of(ctx);
  netmcu__pinger *all = part;

  all->user = (netmcu__echo_user){stack, stack->echo, &events};
  netmcu__deadlines_init(&all->deadlines, ctx, on_deadline, true);
  return true;
}

static void close_pinger(netmcu_t *ctx, void *part)
{
  netmcu__pinger *all = part;

  (void)ctx;
  for (int i = 0; i < 2; i++) {
    if (all->echoes[i])
      all->user.operations->close(all->echoes[i]);
    all->echoes[i] = NULL;
  }
}

netmcu__pinger *netmcu__pinger_get(netmcu_t *ctx)
{
  static const netmcu__part_class pinger_class = {
      .size = sizeof(netmcu__pinger), .begin = begin_pinger, .close = close_pinger};

  return netmcu__part_get(ctx, NETMCU__PINGER, &pinger_class);
}

int netmcu__pinger_open(netmcu__pinger *all, uint16_t family)
{
  netmcu_t *ctx = all->user.stack->ctx;

  if (all->echoes[family])
    return 0;
  netmcu__stack_echo *echo = netmcu__allocate(ctx, all->user.operations->size);
  if (echo == NULL)
    return NETMCU_ENOMEM;
  int error = all->user.operations->open(&all->user, echo, family);
  if (error)
    netmcu__release(ctx, echo);
  else
    all->echoes[family] = echo;
  return error;
}
