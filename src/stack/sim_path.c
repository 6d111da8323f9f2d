/* What is between two hosts: links, partitions and holds. The state of a link, a "path" for each
 * direction, is created when it is needed. */
#include "stack/sim.h"

/* ---- paths ------------------------------------------------------------------------------------- */

static uint64_t key_of(const netmcu_sim_host *from, const netmcu_sim_host *to)
{
  return (uint64_t)from->number << 32 | to->number;
}

netmcu__sim_path *netmcu__sim_path_find(const netmcu_sim_host *from, const netmcu_sim_host *to)
{
  netmcu__sim_entry *entry = netmcu__sim_table_find(&from->world->paths, NULL, key_of(from, to));

  return entry ? netmcu__container(entry, netmcu__sim_path, entry) : NULL;
}

netmcu__sim_path *netmcu__sim_path_get(const netmcu_sim_host *from, const netmcu_sim_host *to)
{
  netmcu_sim *world = from->world;
  netmcu__sim_path *path = netmcu__sim_path_find(from, to);

  if (path)
    return path;
  path = calloc(1, sizeof(*path));
  if (path == NULL)
    return NULL;
  netmcu__sim_table_add(&world->paths, &path->entry, key_of(from, to));
  path->next = world->all_paths;
  world->all_paths = path;
  return path;
}

netmcu__sim_rule *netmcu__sim_path_rule(const netmcu_sim_host *from, const netmcu_sim_host *to,
                                        const netmcu__sim_path *path)
{
  if (path && path->rule)
    return path->rule;
  if (from->out || to->in)
    return from->out ? from->out : to->in;
  return from->world->default_rule;
}

static int set_path(netmcu_sim_host *from, netmcu_sim_host *to, netmcu__sim_rule *rule)
{
  if (from && to) {
    netmcu__sim_path *path = netmcu__sim_path_get(from, to);
    if (path == NULL)
      return NETMCU_ENOMEM;
    netmcu__sim_rule_excuse(from->world, netmcu__sim_path_rule(from, to, path));
    path->rule = rule;
  } else if (from) {
    from->out = rule;
  } else {
    to->in = rule;
  }
  return 0;
}

static int set_link(netmcu_sim *world, netmcu_sim_host *a, netmcu_sim_host *b, const netmcu_sim_link *link, bool both)
{
  if (!netmcu__sim_link_is_valid(link))
    return NETMCU_EVALUE;
  netmcu__sim_rule *rule = netmcu__sim_rule_add(world, "link", a, both ? " - " : " to ", b);
  if (rule == NULL)
    return NETMCU_ENOMEM;
  netmcu__sim_rule_set_link(rule, link);
  if (a == NULL && b == NULL) {
    world->default_rule = rule;
    rule->is_expected = false; /* nobody has to use the default */
    return 0;
  }
  int error = set_path(a, b, rule);
  return error == 0 && both ? set_path(b, a, rule) : error;
}

int netmcu_sim_set_link(netmcu_sim *world, netmcu_sim_host *a, netmcu_sim_host *b, const netmcu_sim_link *link)
{
  return set_link(world, a, b, link, true);
}

int netmcu_sim_set_path(netmcu_sim *world, netmcu_sim_host *from, netmcu_sim_host *to, const netmcu_sim_link *link)
{
  return set_link(world, from, to, link, false);
}

netmcu__sim_rule *netmcu__sim_partition_between(const netmcu_sim_host *a, const netmcu_sim_host *b)
{
  if (a->partition == b->partition)
    return NULL;
  return a->partition ? a->partition : b->partition;
}

int netmcu_sim_get_path(const netmcu_sim_host *from, const netmcu_sim_host *to, netmcu_sim_link *link)
{
  const netmcu__sim_path *path = netmcu__sim_path_find(from, to);

  *link = netmcu__sim_path_rule(from, to, path)->link;
  if (netmcu__sim_partition_between(from, to))
    return NETMCU_SIM_SEPARATED;
  return path && path->hold ? NETMCU_SIM_HELD : NETMCU_SIM_SENT;
}

unsigned netmcu__sim_mtu(netmcu_sim_host *from, const netmcu_address *ip)
{
  netmcu_sim_host *to = netmcu__sim_host_at(from->world, ip);

  if (to == NULL || netmcu__sim_is_own(from, ip))
    return 1500;
  return netmcu__sim_path_rule(from, to, netmcu__sim_path_find(from, to))->link.mtu;
}

/* ---- partitions and holds ---------------------------------------------------------------------- */

/* Asks the program whether the fault happens. One that does not happen need not take effect. */
static bool happens(netmcu_sim *world, netmcu__sim_rule *rule)
{
  bool answer = netmcu_sim_fault(world, rule->text);

  rule->is_expected = rule->is_expected && answer;
  return answer;
}

static void set_partition(netmcu_sim_host *host, netmcu__sim_rule *rule)
{
  netmcu__sim_rule_excuse(host->world, host->partition);
  host->partition = rule;
}

int netmcu_sim_partition(netmcu_sim *world, netmcu_sim_host *const *hosts, unsigned count)
{
  if (count == 0)
    return NETMCU_EARGUMENT;
  for (unsigned i = 0; i < count; i++)
    if (hosts[i] == NULL)
      return NETMCU_EARGUMENT;
  netmcu__sim_rule *rule =
      netmcu__sim_rule_add(world, "partition of", hosts[0], count > 1 ? ", " : "", count > 1 ? hosts[1] : NULL);
  if (rule == NULL)
    return NETMCU_ENOMEM;
  if (!happens(world, rule))
    return 0;
  for (unsigned i = 0; i < count; i++)
    set_partition(hosts[i], rule);
  return 0;
}

void netmcu_sim_repair(netmcu_sim *world)
{
  for (netmcu_sim_host *host = world->hosts; host; host = host->next)
    set_partition(host, NULL);
}

int netmcu_sim_hold(netmcu_sim *world, netmcu_sim_host *a, netmcu_sim_host *b)
{
  if (a == NULL || b == NULL)
    return NETMCU_EARGUMENT;
  netmcu__sim_path *there = netmcu__sim_path_get(a, b), *back = netmcu__sim_path_get(b, a);
  netmcu__sim_rule *rule = there && back ? netmcu__sim_rule_add(world, "hold", a, " - ", b) : NULL;

  if (rule == NULL)
    return NETMCU_ENOMEM;
  if (happens(world, rule))
    there->hold = back->hold = rule;
  return 0;
}

static void release_path(const netmcu_sim_host *from, const netmcu_sim_host *to)
{
  netmcu__sim_path *path = netmcu__sim_path_find(from, to);

  if (path == NULL)
    return;
  path->hold = NULL;
  while (path->held.first)
    netmcu__sim_transmit(netmcu__sim_queue_take(&path->held));
}

void netmcu_sim_release(netmcu_sim *world, netmcu_sim_host *a, netmcu_sim_host *b)
{
  (void)world;
  if (a == NULL || b == NULL)
    return;
  release_path(a, b);
  release_path(b, a);
}

/* ---- beginning and end ------------------------------------------------------------------------- */

bool netmcu__sim_links_begin(netmcu_sim *world)
{
  netmcu_sim_link link = NETMCU_SIM_LINK_INIT;

  return netmcu_sim_set_link(world, NULL, NULL, &link) == 0;
}

void netmcu__sim_links_end(netmcu_sim *world)
{
  while (world->all_paths) {
    netmcu__sim_path *path = world->all_paths;
    world->all_paths = path->next;
    netmcu__sim_queue_clear(&path->held);
    free(path);
  }
  netmcu__sim_table_end(&world->paths);
  netmcu__sim_rules_end(world);
}
