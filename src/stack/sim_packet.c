/* Packets, queues of them, and what observes them. */
#include "stack/sim.h"

netmcu__sim_packet *netmcu__sim_packet_new(netmcu_sim_host *from, uint8_t protocol, size_t size)
{
  netmcu__sim_packet *packet = malloc(sizeof(*packet) + size);

  if (packet)
    *packet = (netmcu__sim_packet){
        .from = from, .protocol = protocol, .ttl = from->profile->ttl, .scale = NO_SCALE, .size = size};
  return packet;
}

netmcu__sim_packet *netmcu__sim_packet_copy(const netmcu__sim_packet *packet)
{
  netmcu__sim_packet *copy = malloc(sizeof(*copy) + packet->size);

  if (copy) {
    memcpy(copy, packet, sizeof(*copy) + packet->size);
    copy->arrival = (netmcu__sim_event){.run = NULL};
  }
  return copy;
}

#define IP_HEADER   20
#define TCP_HEADER  20
#define SYN_OPTIONS 8
#define UDP_HEADER  8 /* and that of ICMP */

size_t netmcu__sim_packet_size(const netmcu__sim_packet *packet)
{
  size_t header = packet->protocol != NETMCU_SIM_TCP ? UDP_HEADER : TCP_HEADER + (packet->mss ? SYN_OPTIONS : 0);

  return IP_HEADER + header + packet->size;
}

static netmcu_sim_packet description_of(const netmcu__sim_packet *packet, int fate)
{
  return (netmcu_sim_packet){.time = packet->from->world->now,
                             .from = packet->from,
                             .fate = fate,
                             .protocol = packet->protocol,
                             .source = packet->source,
                             .destination = packet->destination,
                             .flags = packet->flags,
                             .sequence = packet->sequence,
                             .acknowledgement = packet->acknowledgement,
                             .window = packet->window,
                             .data = packet->data,
                             .size = packet->size,
                             .to = packet->to};
}

void netmcu__sim_observe(const netmcu__sim_packet *packet, int fate)
{
  netmcu_sim *world = packet->from->world;

  if (world->pcap)
    netmcu__sim_pcap_write(world, packet, fate);
  if (world->observe) {
    netmcu_sim_packet description = description_of(packet, fate);
    world->observe(&description, world->observe_data);
  }
}

void netmcu_sim_on_packet(netmcu_sim *world, void (*call)(const netmcu_sim_packet *packet, void *data), void *data)
{
  world->observe = call;
  world->observe_data = data;
}

/* ---- queues ------------------------------------------------------------------------------------ */

void netmcu__sim_queue_append(netmcu__sim_queue *queue, netmcu__sim_packet *packet)
{
  packet->next = NULL;
  if (queue->first)
    queue->last->next = packet;
  else
    queue->first = packet;
  queue->last = packet;
  queue->bytes += packet->size;
}

netmcu__sim_packet *netmcu__sim_queue_take(netmcu__sim_queue *queue)
{
  netmcu__sim_packet *packet = queue->first;

  if (packet) {
    queue->first = packet->next;
    queue->bytes -= packet->size;
  }
  return packet;
}

void netmcu__sim_queue_clear(netmcu__sim_queue *queue)
{
  while (queue->first)
    free(netmcu__sim_queue_take(queue));
}
