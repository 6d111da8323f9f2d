/* The queue of events. The next ones are in a heap. Those of the seconds after that wait in lists, one
 * for each second, as on the wheel of a clock, and those that are further away wait in a second heap.
 * With thousands of hosts, an event that waits for a minute is not in the processor's cache, and a
 * heap would touch it several times. */
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

static bool is_distant(const netmcu_sim *world, const netmcu__sim_event *event)
{
  return second_of(event) >= world->open + SECONDS;
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

static void insert(netmcu_sim *world, netmcu__sim_event *event)
{
  if (is_distant(world, event))
    netmcu__heap_insert(&world->distant, &event->node, is_earlier);
  else if (is_later(world, event))
    append(world, event);
  else
    netmcu__heap_insert(&world->events, &event->node, is_earlier);
}

/* Puts the events of this second into the heap. The wheel then reaches further. */
static void open_second(netmcu_sim *world, uint64_t second)
{
  netmcu__heap_node *node;

  world->open = second + 1;
  while ((node = world->later[second % SECONDS]) != NULL) {
    take(world, netmcu__sim_event_of(node));
    netmcu__heap_insert(&world->events, node, is_earlier);
  }
  while ((node = world->distant) != NULL && !is_distant(world, netmcu__sim_event_of(node))) {
    netmcu__heap_remove(&world->distant, node, is_earlier);
    insert(world, netmcu__sim_event_of(node));
  }
}

/* The heap is only empty if there are no events. With an empty wheel, the time jumps. */
static void fill(netmcu_sim *world)
{
  while (world->events == NULL && world->later_count > 0)
    open_second(world, world->open);
  if (world->events == NULL && world->distant)
    open_second(world, second_of(netmcu__sim_event_of(world->distant)));
}

/* ---- events ------------------------------------------------------------------------------------ */

void netmcu__sim_clear(netmcu_sim *world, netmcu__sim_event *event)
{
  if (!netmcu__heap_has(&event->node))
    return;
  if (is_distant(world, event))
    netmcu__heap_remove(&world->distant, &event->node, is_earlier);
  else if (is_later(world, event))
    take(world, event);
  else
    netmcu__heap_remove(&world->events, &event->node, is_earlier);
  fill(world);
}

void netmcu__sim_set(netmcu_sim *world, netmcu__sim_event *event, uint64_t when)
{
  netmcu__sim_catch_up(world);
  netmcu__sim_clear(world, event);
  event->when = when > world->now ? when : world->now;
  event->sequence = world->sequence++;
  if (world->events == NULL && is_later(world, event))
    world->open = second_of(event) + 1;
  insert(world, event);
  if (world->pace && !world->is_running)
    netmcu__sim_follow_pace(world);
}
