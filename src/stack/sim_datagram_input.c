/* Which sockets take a datagram that has arrived. See sim_datagram.h. */
#include "stack/sim_datagram.h"

void netmcu__sim_socket_deliver(netmcu__stack_socket *s)
{
  netmcu__sim_packet *packet;

  while (s->is_receiving && !s->is_closed && (packet = netmcu__sim_queue_take(&s->inbox)) != NULL) {
    s->group->events->received(s, packet->data, packet->size, &packet->source, false);
    free(packet);
    if (!s->is_closed)
      s->group->events->batch_ended(s);
  }
}

static bool has_joined(const netmcu__stack_socket *s, const netmcu_address *group)
{
  for (unsigned i = 0; i < s->memberships; i++)
    if (netmcu__same_ip(&s->groups[i], group))
      return true;
  return false;
}

static bool takes(const netmcu__stack_socket *s, const netmcu__sim_packet *packet)
{
  const netmcu_address *to = &packet->destination;

  if (s->local.port != to->port || (s->is_connected && !netmcu__same_address(&s->peer, &packet->source)))
    return false;
  if (netmcu__is_group(to) && !has_joined(s, to))
    return false;
  return netmcu__is_any_ip(&s->local) || netmcu__same_ip(&s->local, to);
}

static bool has_room(const netmcu__stack_socket *s, const netmcu__sim_packet *packet)
{
  return s->inbox.bytes + packet->size <= sim_socket_host_of(s)->profile->datagram_queue || s->inbox.first == NULL;
}

/* The more a socket asks for, the earlier it gets a datagram that only one of them gets. */
static netmcu__stack_socket *find_best(const netmcu_sim_host *host, const netmcu__sim_packet *packet)
{
  netmcu__stack_socket *best = NULL;
  int most = 0;

  for (netmcu__stack_socket *s = host->sockets; s; s = s->next) {
    int value = takes(s, packet) ? 1 + 2 * s->is_connected + !netmcu__is_any_ip(&s->local) : 0;
    if (value > most) {
      best = s;
      most = value;
    }
  }
  return best;
}

static void give_to_all(netmcu_sim_host *host, const netmcu__sim_packet *packet)
{
  for (netmcu__stack_socket *s = host->sockets; s; s = s->next) {
    netmcu__sim_packet *copy = takes(s, packet) && has_room(s, packet) ? netmcu__sim_packet_copy(packet) : NULL;
    if (copy == NULL)
      continue;
    netmcu__sim_queue_append(&s->inbox, copy);
    netmcu__task_post(s->group->stack->ctx, &s->turn);
  }
}

static void give_to(netmcu__stack_socket *s, netmcu__sim_packet *packet)
{
  if (!has_room(s, packet)) {
    free(packet);
    return;
  }
  netmcu__sim_queue_append(&s->inbox, packet);
  netmcu__sim_socket_deliver(s);
}

void netmcu__sim_datagram_arrived(netmcu_sim_host *host, netmcu__sim_packet *packet)
{
  bool is_for_one = netmcu__sim_is_own(host, &packet->destination);
  netmcu__stack_socket *best = is_for_one ? find_best(host, packet) : NULL;

  if (best) {
    give_to(best, packet);
    return;
  }
  if (!is_for_one)
    give_to_all(host, packet);
  else if (host == host->world->router && packet->destination.port == 53)
    netmcu__sim_name_server_arrived(host, packet);
  else
    netmcu__sim_port_unreachable(host, packet);
  free(packet);
}

void netmcu__sim_datagram_unreachable(netmcu_sim_host *host, const netmcu__sim_packet *lost)
{
  netmcu__stack_socket *s = host->sockets;

  while (s &&
         !(s->is_connected && s->local.port == lost->source.port && netmcu__same_address(&s->peer, &lost->destination)))
    s = s->next;
  if (s && s->is_receiving)
    s->group->events->failed(s);
}
