/* The queue of events. The next ones are in a heap; those of later seconds wait in lists, one for each
 * second, as on the wheel of a clock. With thousands of hosts, an event that waits for a minute is not
 * in the processor's cache, and a heap would touch it several times. */
#include "stack/sim.h"

#define SECONDS NETMCU__SIM_SECONDS

static uint64_t second_of(const netmcu__sim_event *event) /* of 2^30 ns */
{
  return event->when >> 30;
}

static bool is_later(const netmcu_sim *world, const netmcu__sim_event *event)
{
  return second_of(event) >= world->open;
}

static bool is_earlier(const netmcu__heap_node *a, const netmcu__heap_node *b)
{
  const netmcu__sim_event *first = netmcu__sim_event_of(a), *second = netmcu__sim_event_of(b);

  return first->when == second->when ? first->sequence < second->sequence : first->when < second->when;
}

/* ---- lists ------------------------------------------------------------------------------------- */

static netmcu__heap_node **list_of(netmcu_sim *world, const netmcu__sim_event *event)
{
  return &world->later[second_of(event) % SECONDS];
}

/* The first node of a list comes after itself. */
static void append(netmcu_sim *world, netmcu__sim_event *event)
{
  netmcu__heap_node **list = list_of(world, event), *node = &event->node;

  *node = (netmcu__heap_node){.next = *list, .previous = node};
  if (*list)
    (*list)->previous = node;
  *list = node;
  world->later_count++;
}

static void take(netmcu_sim *world, netmcu__sim_event *event)
{
  netmcu__heap_node *node = &event->node, *next = node->next, *previous = node->previous;

  if (previous == node)
    *list_of(world, event) = next;
  else
    previous->next = next;
  if (next)
    next->previous = previous == node ? next : previous;
  *node = (netmcu__heap_node){.child = NULL};
  world->later_count--;
}

/* ---- seconds ----------------------------------------------------------------------------------- */

/* Puts the events of this second into the heap. Those of later rounds of the wheel stay. */
static void open_second(netmcu_sim *world, uint64_t second)
{
  world->open = second + 1;
  for (netmcu__heap_node *node = world->later[second % SECONDS], *next; node; node = next) {
    netmcu__sim_event *event = netmcu__sim_event_of(node);
    next = node->next;
    if (second_of(event) != second)
      continue;
    take(world, event);
    netmcu__heap_insert(&world->events, node, is_earlier);
  }
}

static uint64_t first_second(const netmcu_sim *world)
{
  uint64_t first = NEVER;

  for (unsigned i = 0; i < SECONDS; i++)
    for (const netmcu__heap_node *node = world->later[i]; node; node = node->next)
      if (second_of(netmcu__sim_event_of(node)) < first)
        first = second_of(netmcu__sim_event_of(node));
  return first;
}

/* The heap is only empty if there are no events. After a round in vain, the time jumps. */
static void fill(netmcu_sim *world)
{
  for (unsigned i = 0; i < SECONDS && world->events == NULL && world->later_count > 0; i++)
    open_second(world, world->open);
  if (world->events == NULL && world->later_count > 0)
    open_second(world, first_second(world));
}

/* ---- events ------------------------------------------------------------------------------------ */

void netmcu__sim_clear(netmcu_sim *world, netmcu__sim_event *event)
{
  if (!netmcu__heap_has(&event->node))
    return;
  if (is_later(world, event))
    take(world, event);
  else
    netmcu__heap_remove(&world->events, &event->node, is_earlier);
  fill(world);
}

void netmcu__sim_set(netmcu_sim *world, netmcu__sim_event *event, uint64_t when)
{
  netmcu__sim_clear(world, event);
  event->when = when > world->now ? when : world->now;
  event->sequence = world->sequence++;
  if (world->events == NULL && is_later(world, event))
    world->open = second_of(event) + 1;
  if (is_later(world, event))
    append(world, event);
  else
    netmcu__heap_insert(&world->events, &event->node, is_earlier);
  if (world->pace && !world->is_running)
    netmcu__sim_follow_pace(world);
}
