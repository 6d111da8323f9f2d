/* How much there is of everything (netmcu_get_statistics). */
#include <string.h>

#include "edge/edge.h"

static void count(const netmcu__object *object, void *data)
{
  netmcu_statistics *s = data;
  const netmcu__class *class = netmcu__class_of(object);
  char text[320];
  const struct {
    const char *name;
    unsigned *counter;
  } kinds[] = {{"net.socket", &s->connections}, {"net.server", &s->servers}, {"net.udpsocket", &s->udp_sockets},
               {"timer", &s->timers},           {"lookup", &s->lookups},     {"net.ping", &s->pings}};

  if (!class->describe(object, text, sizeof(text)))
    return;
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
    if (strcmp(kinds[i].name, class->name) == 0)
      ++*kinds[i].counter;
}

void netmcu_get_statistics(netmcu_t *ctx, netmcu_statistics *s)
{
  const netmcu__edge *edge = netmcu__edge_of(ctx);

  *s = (netmcu_statistics){.bytes_received = edge->bytes_received,
                           .bytes_sent = edge->bytes_sent,
                           .events = edge->events,
                           .memory = edge->memory,
                           .closing = netmcu__streams_closing(ctx)};
  netmcu__objects_visit(ctx, count, s);
}
