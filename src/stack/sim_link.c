/* The way of a packet from its sender to its receiver. */
#include "stack/sim.h"

#define LOOPBACK_LATENCY (10 * MICROSECOND) /* not 0, so that a host that talks to itself lets time pass */

/* ---- arrival ----------------------------------------------------------------------------------- */

static void deliver(netmcu_sim_host *host, netmcu__sim_packet *packet)
{
  switch (packet->protocol) {
  case NETMCU_SIM_TCP: netmcu__sim_tcp_arrived(host, packet); break;
  case NETMCU_SIM_UDP: netmcu__sim_datagram_arrived(host, packet); break;
  default: netmcu__sim_icmp_arrived(host, packet);
  }
}

bool netmcu__sim_is_for_all(const netmcu_address *ip)
{
  return netmcu__is_group(ip) || netmcu__is_broadcast_ip(ip) ||
         (netmcu__sim_is_local(ip) && ip->ip[1] == 255 && ip->ip[2] == 255 && ip->ip[3] == 255);
}

static void on_arrival(netmcu__sim_event *event)
{
  netmcu__sim_packet *packet = netmcu__container(event, netmcu__sim_packet, arrival);
  netmcu_sim_host *host = packet->to;

  if (host->is_up && (netmcu__sim_is_for_all(&packet->destination) || netmcu__sim_is_own(host, &packet->destination)))
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

void netmcu__sim_transmit(netmcu__sim_packet *packet)
{
  netmcu_sim_host *from = packet->from, *to = packet->to;
  netmcu__sim_rule *partition = netmcu__sim_partition_between(from, to);
  netmcu__sim_path *path = netmcu__sim_path_find(from, to);
  netmcu__sim_rule *rule = netmcu__sim_path_rule(from, to, path);

  if (partition) {
    partition->packets++;
    lose(packet, NETMCU_SIM_SEPARATED);
  } else if (path && path->hold) {
    path->hold->packets++;
    netmcu__sim_observe(packet, NETMCU_SIM_HELD);
    netmcu__sim_queue_append(&path->held, packet);
  } else {
    if (path == NULL && (rule->link.jitter || rule->link.bandwidth))
      path = netmcu__sim_path_get(from, to);
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
    netmcu__sim_transmit(copy);
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
  netmcu__sim_catch_up(from->world);
  packet->to = netmcu__sim_is_own(from, &packet->destination) ? receiver_of_own(from, packet) : find_receiver(packet);
  if (netmcu__sim_is_for_all(&packet->destination)) {
    send_to_all(packet);
  } else if (netmcu__sim_is_own(from, &packet->destination)) {
    netmcu__sim_observe(packet, NETMCU_SIM_SENT);
    arrive_at(from->world, packet, from->world->now + LOOPBACK_LATENCY);
  } else if (packet->to) {
    netmcu__sim_transmit(packet);
  } else {
    netmcu__sim_host_unreachable(packet);
    lose(packet, NETMCU_SIM_UNREACHABLE);
  }
}
