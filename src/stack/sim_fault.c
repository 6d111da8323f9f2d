/* Faults, one by one. A program that looks for the cause of a failure can leave some of them out:
 * netmcu_sim_on_fault asks it before each. */
#include <stdarg.h>

#include "stack/sim.h"

void netmcu_sim_on_fault(netmcu_sim *world, int (*decide)(const char *text, void *data), void *data)
{
  world->decide = decide;
  world->decide_data = data;
}

int netmcu_sim_fault(netmcu_sim *world, const char *text)
{
  return world->decide == NULL || world->decide(text, world->decide_data);
}

static const char *flags_of(const netmcu__sim_packet *packet)
{
  if (packet->protocol != NETMCU_SIM_TCP)
    return packet->protocol == NETMCU_SIM_UDP ? " UDP" : " ICMP";
  if (packet->flags & NETMCU_SIM_SYN)
    return packet->flags & NETMCU_SIM_ACK ? " SYN ACK" : " SYN";
  if (packet->flags & NETMCU_SIM_FIN)
    return " FIN";
  return packet->flags & NETMCU_SIM_RST ? " RST" : "";
}

bool netmcu__sim_packet_fault(const netmcu__sim_packet *packet, const char *what)
{
  char text[256];

  if (packet->from->world->decide == NULL)
    return true;
  snprintf(text, sizeof(text), "%s: %s:%u to %s:%u%s, %zu bytes", what, packet->from->name, packet->source.port,
           packet->to->name, packet->destination.port, flags_of(packet), packet->size);
  return netmcu_sim_fault(packet->from->world, text);
}
