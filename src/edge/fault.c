/* The faults in force (netmcu_set_fault) and which of them apply. fault_stream.c has what they do
 * to a stream, fault_datagram.c what they do to a datagram.
 *
 * While something is delayed or stalled, the loop has something to wait for, as it would have on a
 * slow network. */
#include <stdio.h>

#include "base/random.h"
#include "edge/fault_private.h"
#include "edge/trace.h"

/* ---- the rules ------------------------------------------------------------------------------- */

static void end_all(netmcu_t *ctx, void *part)
{
  netmcu__faults *all = part;

  netmcu__head_of(ctx)->edge &= ~(unsigned)NETMCU__FAULTY;
  if (all == NULL)
    return;
  all->count = 0;
  netmcu__fault_cure_streams(all);
}

static bool begin_faults(netmcu_t *ctx, void *part)
{
  netmcu__faults *all = part;

  netmcu__deadlines_init(&all->stream_deadlines, ctx, netmcu__fault_stream_expired, true);
  netmcu__deadlines_init(&all->datagram_deadlines, ctx, netmcu__fault_datagram_expired, true);
  return true;
}

static const netmcu__part_class faults_class = {
    .size = sizeof(netmcu__faults), .begin = begin_faults, .close = end_all};

/* In a simulation, the seed of the world chooses what a rule without seed= draws. */
static void draw_seed(netmcu__stack *stack, netmcu__fault_rule *rule)
{
  if (stack->allows)
    stack->clock->random(stack, &rule->seed, sizeof(rule->seed));
}

int netmcu_set_fault(netmcu_t *ctx, const char *text)
{
  netmcu__fault_rule rule;

  if (text == NULL) {
    end_all(ctx, netmcu__faults_of(ctx));
    return 0;
  }
  int error = netmcu__read_fault_rule(ctx, text, &rule);
  if (error)
    return error;
  netmcu__faults *all = netmcu__part_get(ctx, NETMCU__FAULTS, &faults_class);
  if (all == NULL)
    return NETMCU_ENOMEM;
  if (all->count == NETMCU__FAULT_RULES)
    return netmcu__rule_wrong(ctx, text, "", "there are 64 faults already");
  netmcu__stack *stack = netmcu__head_of(ctx)->stack;
  if (!rule.is_random)
    draw_seed(stack, &rule);
  if (stack->expect && !rule.is_optional && (rule.effects = stack->expect(stack, text)) == NULL)
    return NETMCU_ENOMEM;
  all->rules[all->count++] = rule;
  netmcu__head_of(ctx)->edge |= NETMCU__FAULTY;
  return 0;
}

/* ---- chance ---------------------------------------------------------------------------------- */

static void describe(const netmcu__fault_rule *rule, char *text, size_t size)
{
  const char *name = netmcu__fault_names[rule->kind];

  if (rule->has_after)
    snprintf(text, size, "%s after %llu bytes", name, (unsigned long long)rule->after);
  else if (rule->ms)
    snprintf(text, size, "%s of %u ms", name, (unsigned)rule->ms);
  else if (rule->size)
    snprintf(text, size, "%s into %zu bytes", name, rule->size);
  else
    snprintf(text, size, "%s", name);
}

static bool is_drawn(netmcu__fault_rule *rule)
{
  return rule->probability >= FAULT_CERTAIN || netmcu__random_next(&rule->seed) % FAULT_CERTAIN < rule->probability;
}

void netmcu__fault_met(const netmcu__fault_rule *rule)
{
  if (rule->effects)
    ++*rule->effects;
}

/* These faults depend on the bytes that pass, so they take effect later, or never. */
static bool is_for_later(const netmcu__fault_rule *rule)
{
  return rule->kind == FAULT_RESET || rule->kind == FAULT_STALL || rule->kind == FAULT_CUT;
}

static bool happens(netmcu_t *ctx, netmcu__fault_rule *rule, const char *peer)
{
  netmcu__stack *stack = netmcu__head_of(ctx)->stack;
  char kind[64], text[320];

  if (!is_drawn(rule))
    return false;
  if (stack->allows == NULL)
    return true;
  describe(rule, kind, sizeof(kind));
  snprintf(text, sizeof(text), "%s: %s", kind, peer);
  return stack->allows(stack, text);
}

/* A fault counts as met even if chance or --shrink has left it out. */
bool netmcu__fault_happens(netmcu_t *ctx, netmcu__fault_rule *rule, const char *peer)
{
  bool it_happens = happens(ctx, rule, peer);

  if (!it_happens || !is_for_later(rule))
    netmcu__fault_met(rule);
  return it_happens;
}

/* ---- when they apply, and the trace ---------------------------------------------------------- */

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
  describe(rule, text, sizeof(text));
  netmcu__trace(object, (netmcu_trace_event){.what = "fault", .detail = text});
}

/* ---- lookups --------------------------------------------------------------------------------- */

bool netmcu__fault_lookup(netmcu_t *ctx, const char *host)
{
  netmcu__faults *all = netmcu__faults_of(ctx);
  bool fails = false;

  for (unsigned i = 0; i < all->count; i++) {
    netmcu__fault_rule *rule = &all->rules[i];
    if (rule->kind == FAULT_DNS && (rule->peer[0] == '\0' || netmcu__matches(rule->peer, host)))
      fails = netmcu__fault_happens(ctx, rule, host) || fails;
  }
  return fails;
}
