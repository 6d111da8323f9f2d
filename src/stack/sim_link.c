/* The way of a packet from its sender to its receiver. The state of a link between two hosts, a
 * "path" for each direction, is created when it is needed. */
#include "stack/sim.h"

#define LOOPBACK_LATENCY (10 * MICROSECOND) /* not 0, so that a host that talks to itself lets time pass */

/* The link from one host to another. */
struct netmcu__sim_path {
  netmcu__sim_entry entry;
  netmcu__sim_path *next;
  netmcu__sim_rule *rule; /* of its own, or NULL */
  netmcu__sim_rule *hold; /* or NULL */
  netmcu__sim_queue held;
  uint64_t free_at; /* when everything that waits for the bandwidth is sent */
  uint64_t last;    /* the latest arrival */
};

/* ---- paths ------------------------------------------------------------------------------------- */

static uint64_t key_of(const netmcu_sim_host *from, const netmcu_sim_host *to)
{
  return (uint64_t)from->number << 32 | to->number;
}

static netmcu__sim_path *find_path(const netmcu_sim_host *from, const netmcu_sim_host *to)
{
  netmcu__sim_entry *entry = netmcu__sim_table_find(&from->world->paths, NULL, key_of(from, to));

  return entry ? netmcu__container(entry, netmcu__sim_path, entry) : NULL;
}

static netmcu__sim_path *get_path(const netmcu_sim_host *from, const netmcu_sim_host *to)
{
  netmcu_sim *world = from->world;
  netmcu__sim_path *path = find_path(from, to);

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

/* The rule of a path: its own, or that of all links of one of its hosts, or the default. */
static netmcu__sim_rule *rule_of(const netmcu_sim_host *from, const netmcu_sim_host *to, const netmcu__sim_path *path)
{
  if (path && path->rule)
    return path->rule;
  if (from->rule || to->rule)
    return from->rule ? from->rule : to->rule;
  return from->world->default_rule;
}

static int set_path(netmcu_sim_host *from, netmcu_sim_host *to, netmcu__sim_rule *rule)
{
  if (from && to) {
    netmcu__sim_path *path = get_path(from, to);
    if (path == NULL)
      return NETMCU_ENOMEM;
    path->rule = rule;
  } else {
    (from ? from : to)->rule = rule;
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

static netmcu__sim_rule *partition_between(const netmcu_sim_host *a, const netmcu_sim_host *b)
{
  if (a->partition == b->partition)
    return NULL;
  return a->partition ? a->partition : b->partition;
}

int netmcu_sim_get_path(const netmcu_sim_host *from, const netmcu_sim_host *to, netmcu_sim_link *link)
{
  const netmcu__sim_path *path = find_path(from, to);

  *link = rule_of(from, to, path)->link;
  if (partition_between(from, to))
    return NETMCU_SIM_SEPARATED;
  return path && path->hold ? NETMCU_SIM_HELD : NETMCU_SIM_SENT;
}

unsigned netmcu__sim_mtu(netmcu_sim_host *from, const netmcu_address *ip)
{
  netmcu_sim_host *to = netmcu__sim_host_at(from->world, ip);

  if (to == NULL || netmcu__sim_is_own(from, ip))
    return 1500;
  return rule_of(from, to, find_path(from, to))->link.mtu;
}

/* ---- arrival ----------------------------------------------------------------------------------- */

static void deliver(netmcu_sim_host *host, netmcu__sim_packet *packet)
{
  switch (packet->protocol) {
  case NETMCU_SIM_TCP: netmcu__sim_tcp_arrived(host, packet); break;
  case NETMCU_SIM_UDP: netmcu__sim_datagram_arrived(host, packet); break;
  default: netmcu__sim_icmp_arrived(host, packet);
  }
}

static bool is_for_all(const netmcu_address *ip)
{
  return netmcu__is_group(ip) || netmcu__is_broadcast_ip(ip) ||
         (netmcu__sim_is_local(ip) && ip->ip[1] == 255 && ip->ip[2] == 255 && ip->ip[3] == 255);
}

static void on_arrival(netmcu__sim_event *event)
{
  netmcu__sim_packet *packet = netmcu__container(event, netmcu__sim_packet, arrival);
  netmcu_sim_host *host = packet->to;

  if (host->is_up && (is_for_all(&packet->destination) || netmcu__sim_is_own(host, &packet->destination)))
    deliver(host, packet);
  else
    free(packet);
}

static void arrive_at(netmcu_sim *world, netmcu__sim_packet *packet, uint64_t when)
{
  packet->arrival.run = on_arrival;
  netmcu__sim_set(world, &packet->arrival, when);
}

/* ---- the way ----------------------------------------------------------------------------------- */

static void lose(netmcu__sim_packet *packet, int fate)
{
  netmcu__sim_observe(packet, fate);
  free(packet);
}

/* Returns when the packet has left the sender, or NEVER if the queue for the bandwidth is full. */
static uint64_t leave(const netmcu_sim_link *link, netmcu__sim_path *path, const netmcu__sim_packet *packet)
{
  uint64_t now = packet->from->world->now, start = path->free_at > now ? path->free_at : now;
  uint64_t waiting = (start - now) / MICROSECOND * link->bandwidth / 1000000;

  if (waiting > link->queue)
    return NEVER;
  path->free_at = start + netmcu__sim_packet_size(packet) * SECOND / link->bandwidth;
  return path->free_at;
}

static uint64_t draw_jitter(netmcu_sim *world, const netmcu_sim_link *link)
{
  return link->jitter ? netmcu_sim_random(world) % (link->jitter * MICROSECOND + 1) : 0;
}

/* Draws whether a fault of this probability happens to the packet. */
static bool strikes(const netmcu__sim_packet *packet, uint64_t threshold, const char *what)
{
  return netmcu__sim_chance(packet->from->world, threshold) && netmcu__sim_packet_fault(packet, what);
}

/* A reordered packet takes twice as long, and does not hold up those behind it. */
static uint64_t arrival_of(const netmcu__sim_packet *packet, const netmcu__sim_rule *rule, netmcu__sim_path *path,
                           uint64_t left)
{
  uint64_t way = rule->link.latency * MICROSECOND, when = left + way + draw_jitter(packet->from->world, &rule->link);

  if (strikes(packet, rule->reordering, "reordered"))
    return when + way + MILLISECOND;
  if (path) {
    when = when > path->last ? when : path->last;
    path->last = when;
  }
  return when;
}

static void duplicate(const netmcu__sim_packet *packet, uint64_t when)
{
  netmcu__sim_packet *copy = netmcu__sim_packet_copy(packet);

  if (copy)
    arrive_at(packet->from->world, copy, when);
}

/* Fragments are lost one by one, but the datagram only as a whole. */
static bool is_lost(const netmcu__sim_rule *rule, const netmcu__sim_packet *packet)
{
  size_t size = netmcu__sim_packet_size(packet), fragments = (size + rule->link.mtu - 1) / rule->link.mtu;
  bool lost = false;

  if (fragments > 1 && (packet->protocol == NETMCU_SIM_TCP || packet->from->profile->is_device))
    return true;
  for (size_t i = 0; i < fragments; i++)
    lost = strikes(packet, rule->loss, "lost") || lost;
  return lost;
}

static void pass(netmcu__sim_packet *packet, netmcu__sim_rule *rule, netmcu__sim_path *path)
{
  netmcu_sim *world = packet->from->world;
  uint64_t left = world->now;

  rule->packets++;
  if (is_lost(rule, packet)) {
    lose(packet, NETMCU_SIM_LOST);
    return;
  }
  if (rule->link.bandwidth && path)
    left = leave(&rule->link, path, packet);
  if (left == NEVER) {
    lose(packet, NETMCU_SIM_LOST);
    return;
  }
  bool twice = strikes(packet, rule->duplication, "doubled");
  netmcu__sim_observe(packet, twice ? NETMCU_SIM_DUPLICATED : NETMCU_SIM_SENT);
  if (twice)
    duplicate(packet, arrival_of(packet, rule, NULL, left));
  arrive_at(world, packet, arrival_of(packet, rule, path, left));
}

static void transmit(netmcu__sim_packet *packet)
{
  netmcu_sim_host *from = packet->from, *to = packet->to;
  netmcu__sim_rule *partition = partition_between(from, to);
  netmcu__sim_path *path = find_path(from, to);
  netmcu__sim_rule *rule = rule_of(from, to, path);

  if (partition) {
    partition->packets++;
    lose(packet, NETMCU_SIM_SEPARATED);
  } else if (path && path->hold) {
    path->hold->packets++;
    netmcu__sim_observe(packet, NETMCU_SIM_HELD);
    netmcu__sim_queue_append(&path->held, packet);
  } else {
    if (path == NULL && (rule->link.jitter || rule->link.bandwidth))
      path = get_path(from, to);
    pass(packet, rule, path);
  }
}

/* Sends a copy to each host of the network that could receive it, the sender included. */
static void send_to_all(netmcu__sim_packet *packet)
{
  for (netmcu_sim_host *host = packet->from->world->hosts; host; host = host->next) {
    netmcu__sim_packet *copy = host->sockets && host != packet->from ? netmcu__sim_packet_copy(packet) : NULL;
    if (copy == NULL)
      continue;
    copy->to = host;
    transmit(copy);
  }
  packet->to = packet->from;
  arrive_at(packet->from->world, packet, packet->from->world->now + LOOPBACK_LATENCY);
}

static bool takes(const netmcu_sim_host *host, const netmcu__sim_packet *packet)
{
  switch (packet->protocol) {
  case NETMCU_SIM_TCP: return netmcu__sim_tcp_takes(host, packet);
  case NETMCU_SIM_UDP: return netmcu__sim_datagram_takes(host, packet);
  default: return true;
  }
}

/* Of two hosts with one loopback, the one that has the port open. */
static netmcu_sim_host *receiver_of_own(netmcu_sim_host *from, const netmcu__sim_packet *packet)
{
  netmcu_sim_host *other = packet->destination.ip[0] == 127 ? from->neighbour : NULL;

  return other && !takes(from, packet) && takes(other, packet) ? other : from;
}

/* `to` may be where the last packet of the connection went, which saves the search. */
static netmcu_sim_host *find_receiver(const netmcu__sim_packet *packet)
{
  if (packet->to && netmcu__same_ip(&packet->to->ip, &packet->destination))
    return packet->to;
  return netmcu__sim_host_at(packet->from->world, &packet->destination);
}

void netmcu__sim_send(netmcu__sim_packet *packet)
{
  netmcu_sim_host *from = packet->from;

  if (!from->is_up) {
    free(packet);
    return;
  }
  packet->to = netmcu__sim_is_own(from, &packet->destination) ? receiver_of_own(from, packet)
                                                              : find_receiver(packet);
  if (is_for_all(&packet->destination)) {
    send_to_all(packet);
  } else if (netmcu__sim_is_own(from, &packet->destination)) {
    netmcu__sim_observe(packet, NETMCU_SIM_SENT);
    arrive_at(from->world, packet, from->world->now + LOOPBACK_LATENCY);
  } else if (packet->to) {
    transmit(packet);
  } else {
    netmcu__sim_host_unreachable(packet);
    lose(packet, NETMCU_SIM_UNREACHABLE);
  }
}

/* ---- partitions and holds ---------------------------------------------------------------------- */

/* Asks the program whether the fault happens. One that does not happen need not take effect. */
static bool happens(netmcu_sim *world, netmcu__sim_rule *rule)
{
  bool answer = netmcu_sim_fault(world, rule->text);

  rule->is_expected = rule->is_expected && answer;
  return answer;
}

int netmcu_sim_partition(netmcu_sim *world, netmcu_sim_host *const *hosts, unsigned count)
{
  if (count == 0)
    return NETMCU_EARGUMENT;
  netmcu__sim_rule *rule =
      netmcu__sim_rule_add(world, "partition of", hosts[0], count > 1 ? ", " : "", count > 1 ? hosts[1] : NULL);
  if (rule == NULL)
    return NETMCU_ENOMEM;
  if (!happens(world, rule))
    return 0;
  for (unsigned i = 0; i < count; i++)
    hosts[i]->partition = rule;
  return 0;
}

void netmcu_sim_repair(netmcu_sim *world)
{
  for (netmcu_sim_host *host = world->hosts; host; host = host->next)
    host->partition = NULL;
}

int netmcu_sim_hold(netmcu_sim *world, netmcu_sim_host *a, netmcu_sim_host *b)
{
  netmcu__sim_path *there = get_path(a, b), *back = get_path(b, a);
  netmcu__sim_rule *rule = there && back ? netmcu__sim_rule_add(world, "hold", a, " - ", b) : NULL;

  if (rule == NULL)
    return NETMCU_ENOMEM;
  if (happens(world, rule))
    there->hold = back->hold = rule;
  return 0;
}

static void release_path(const netmcu_sim_host *from, const netmcu_sim_host *to)
{
  netmcu__sim_path *path = find_path(from, to);

  if (path == NULL)
    return;
  path->hold = NULL;
  while (path->held.first)
    transmit(netmcu__sim_queue_take(&path->held));
}

void netmcu_sim_release(netmcu_sim *world, netmcu_sim_host *a, netmcu_sim_host *b)
{
  (void)world;
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
