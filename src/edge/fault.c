/* What goes wrong on purpose (netmcu_set_fault): the rules in force, and which of them are met. What they do to a stream is
 * in fault_stream.c, to a datagram in fault_datagram.c.
 *
 * While something is delayed or stalled the loop has something to wait for, as it would have on a slow network. */
#include <stdio.h>

#include "edge/fault.h"

/* ---- the rules ------------------------------------------------------------------------------------------------- */

static void end_all(netmcu_t *ctx)
{
  struct netmcu__faults *all = netmcu__parts(ctx)->faults;

  netmcu__edge_of(ctx)->set &= ~(unsigned)NETMCU__FAULTY;
  if (all == NULL)
    return;
  all->count = 0;
  netmcu__fault_cure_streams(all);
}

static void begin_deadlines(netmcu__deadlines *deadlines, netmcu_t *ctx,
                            void (*expired)(netmcu_t *, netmcu__deadline *))
{
  netmcu__deadlines_init(deadlines, ctx, expired);
  uv_ref((uv_handle_t *)&deadlines->timer);
}

static struct netmcu__faults *get_faults(netmcu_t *ctx)
{
  struct netmcu__parts *parts = netmcu__parts(ctx);

  if (parts->faults == NULL) {
    parts->faults = netmcu__allocate(ctx, sizeof(*parts->faults));
    if (parts->faults == NULL)
      return NULL;
    begin_deadlines(&parts->faults->stream_deadlines, ctx, netmcu__fault_stream_expired);
    begin_deadlines(&parts->faults->datagram_deadlines, ctx, netmcu__fault_datagram_expired);
  }
  return parts->faults;
}

int netmcu_set_fault(netmcu_t *ctx, const char *text)
{
  netmcu__fault_rule rule;

  if (text == NULL) {
    end_all(ctx);
    return 0;
  }
  int error = netmcu__read_fault_rule(ctx, text, &rule);
  if (error)
    return error;
  struct netmcu__faults *all = get_faults(ctx);
  if (all == NULL)
    return NETMCU_ENOMEM;
  if (all->count == NETMCU__FAULT_RULES)
    return netmcu__rule_wrong(ctx, text, "", "there are 64 faults already");
  all->rules[all->count++] = rule;
  netmcu__edge_of(ctx)->set |= NETMCU__FAULTY;
  return 0;
}

void netmcu__faults_close(netmcu_t *ctx)
{
  struct netmcu__faults *all = netmcu__parts(ctx)->faults;

  end_all(ctx);
  if (all == NULL)
    return;
  netmcu__deadlines_close(&all->stream_deadlines);
  netmcu__deadlines_close(&all->datagram_deadlines);
}

/* ---- chance ------------------------------------------------------------------------------------------------------ */

/* SplitMix64 (Steele, Lea and Flood, 2014). */
uint64_t netmcu__fault_random(uint64_t *state)
{
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

bool netmcu__fault_happens(netmcu__fault_rule *rule)
{
  return rule->probability >= FAULT_CERTAIN || netmcu__fault_random(&rule->seed) % FAULT_CERTAIN < rule->probability;
}

/* ---- what they say ------------------------------------------------------------------------------------------------ */

bool netmcu__fault_fits(const netmcu__fault_rule *rule, const char *peer, uint16_t port)
{
  if (rule->kind == FAULT_DNS || (rule->port && rule->port != port))
    return false;
  return rule->peer[0] == '\0' || netmcu__matches(rule->peer, peer);
}

void netmcu__fault_report(const netmcu__object *object, const netmcu__fault_rule *rule)
{
  char text[64];

  if (object == NULL || !netmcu__is_traced(object->ctx))
    return;
  if (rule->has_after)
    snprintf(text, sizeof(text), "%s after %llu bytes", netmcu__fault_names[rule->kind],
             (unsigned long long)rule->after);
  else if (rule->ms)
    snprintf(text, sizeof(text), "%s of %u ms", netmcu__fault_names[rule->kind], (unsigned)rule->ms);
  else if (rule->size)
    snprintf(text, sizeof(text), "%s into %zu bytes", netmcu__fault_names[rule->kind], rule->size);
  else
    snprintf(text, sizeof(text), "%s", netmcu__fault_names[rule->kind]);
  netmcu__trace(object, (netmcu_trace_event){.what = "fault", .detail = text});
}

/* ---- lookups --------------------------------------------------------------------------------------------------------- */

bool netmcu__fault_lookup(netmcu_t *ctx, const char *host)
{
  struct netmcu__faults *all = netmcu__parts(ctx)->faults;
  bool fails = false;

  for (unsigned i = 0; i < all->count; i++) {
    netmcu__fault_rule *rule = &all->rules[i];
    if (rule->kind == FAULT_DNS && (rule->peer[0] == '\0' || netmcu__matches(rule->peer, host)))
      fails = netmcu__fault_happens(rule) || fails;
  }
  return fails;
}
