/* What is set for packets and may never meet one: links, partitions, holds, failures of the name
 * server; and other faults. Whoever expects a fault wants to know if it has never taken effect. */
#include "stack/sim.h"

static const char *name_of(const netmcu_sim_host *host)
{
  return host ? host->name : "*";
}

static netmcu__sim_rule *new_rule(netmcu_sim *world, const char *text)
{
  netmcu__sim_rule *rule = calloc(1, sizeof(*rule) + strlen(text) + 1);

  if (rule == NULL)
    return NULL;
  strcpy(rule->text, text);
  rule->is_expected = !world->accepts_unmet;
  rule->begun = world->now;
  if (world->last_rule)
    world->last_rule->next = rule;
  else
    world->rules = rule;
  world->last_rule = rule;
  return rule;
}

netmcu__sim_rule *netmcu__sim_rule_add(netmcu_sim *world, const char *kind, const netmcu_sim_host *a,
                                       const char *between, const netmcu_sim_host *b)
{
  char text[160];

  snprintf(text, sizeof(text), "%s %s%s%s", kind, name_of(a), between, b || *between ? name_of(b) : "");
  return new_rule(world, text);
}

/* A test sets a rule for its own host and for the device at once. It is enough if one of the two
 * meets it. */
uint64_t *netmcu__sim_expect(netmcu_sim *world, const char *text)
{
  netmcu__sim_rule *rule = world->last_rule;

  if (rule->begun != world->now || strcmp(rule->text, text) != 0)
    rule = new_rule(world, text);
  return rule ? &rule->packets : NULL;
}

static bool is_share(double value)
{
  return value >= 0 && value <= 1;
}

bool netmcu__sim_link_is_valid(const netmcu_sim_link *link)
{
  uint64_t most = 86400 * UINT64_C(1000000);

  return link && link->size == sizeof(*link) && is_share(link->loss) && is_share(link->duplication) &&
         is_share(link->reordering) && link->latency <= most && link->jitter <= most && link->mtu >= 68;
}

void netmcu__sim_rule_set_link(netmcu__sim_rule *rule, const netmcu_sim_link *link)
{
  rule->link = *link;
  rule->loss = netmcu__sim_threshold(link->loss);
  rule->duplication = netmcu__sim_threshold(link->duplication);
  rule->reordering = netmcu__sim_threshold(link->reordering);
}

void netmcu__sim_rule_met(netmcu__sim_rule *rule)
{
  if (rule)
    rule->packets++;
}

void netmcu__sim_rule_excuse(const netmcu_sim *world, netmcu__sim_rule *rule)
{
  if (rule && world->accepts_unmet)
    rule->is_expected = false;
}

unsigned netmcu_sim_unmet(const netmcu_sim *world, void (*visit)(const char *text, void *data), void *data)
{
  unsigned count = 0;

  for (const netmcu__sim_rule *rule = world->rules; rule; rule = rule->next) {
    if (!rule->is_expected || rule->packets > 0)
      continue;
    count++;
    if (visit)
      visit(rule->text, data);
  }
  return count;
}

void netmcu_sim_accept_unmet(netmcu_sim *world)
{
  for (netmcu__sim_rule *rule = world->rules; rule; rule = rule->next)
    rule->is_expected = rule->is_expected && rule->packets > 0;
}

void netmcu_sim_expect_effects(netmcu_sim *world, int expected)
{
  world->accepts_unmet = !expected;
}

void netmcu__sim_rules_end(netmcu_sim *world)
{
  while (world->rules) {
    netmcu__sim_rule *rule = world->rules;
    world->rules = rule->next;
    free(rule);
  }
}
