/* The objects of a context: a ring of all objects, and the functions that list and count the open
 * ones. */
#include <stdio.h>
#include <string.h>

#include "base/context_private.h"
#include "base/sized.h"

static uint8_t class_index(netmcu_t *ctx, const netmcu__class *class)
{
  uint8_t index = 0;

  while (ctx->classes[index] && ctx->classes[index] != class)
    index++;
  ctx->classes[index] = class;
  return index;
}

const netmcu__class *netmcu__class_of(const netmcu__object *object)
{
  return object->ctx->classes[object->class];
}

void netmcu__object_add(netmcu__object *object, netmcu_t *ctx, const netmcu__class *class)
{
  netmcu__object *head = &ctx->objects;

  object->ctx = ctx;
  object->class = class_index(ctx, class);
  object->next = head;
  object->previous = head->previous;
  head->previous->next = object;
  head->previous = object;
}

void netmcu__object_remove(netmcu__object *object)
{
  if (netmcu__rarely(object->ctx->head.forget != NULL))
    object->ctx->head.forget(object);
  object->previous->next = object->next;
  object->next->previous = object->previous;
}

void netmcu__object_enter(netmcu__object *object)
{
  object->emitting++;
  object->ctx->head.callbacks++;
}

void netmcu__object_leave(netmcu__object *object)
{
  object->ctx->head.callbacks--;
  if (--object->emitting == 0 && object->freed)
    netmcu__release(object->ctx, object);
}

void netmcu__object_release(netmcu__object *object)
{
  object->freed = true;
  netmcu__object_remove(object);
  if (object->emitting == 0)
    netmcu__release(object->ctx, object);
}

void netmcu_walk(netmcu_t *ctx, netmcu_visit_cb visit, void *data)
{
  unsigned closing = ctx->head.closing;
  char text[320];

  for (const netmcu__object *object = ctx->objects.next; object != &ctx->objects; object = object->next) {
    const netmcu__class *class = netmcu__class_of(object);
    if (!class->is_open(object))
      continue;
    class->describe(object, text, sizeof(text));
    visit(text, data);
  }
  if (closing) {
    snprintf(text, sizeof(text), "%u closed connection%s (sending what is left, or waiting for the peer's end)",
             closing, closing == 1 ? "" : "s");
    visit(text, data);
  }
}

/* ---- statistics ----------------------------------------------------------------------------------- */

static void count_if_open(const netmcu__object *object, netmcu_statistics *s)
{
  const netmcu__class *class = netmcu__class_of(object);
  const struct {
    const char *name;
    unsigned *counter;
  } kinds[] = {{"net.socket", &s->connections}, {"net.server", &s->servers}, {"net.udpsocket", &s->udp_sockets},
               {"timer", &s->timers},           {"lookup", &s->lookups},     {"net.ping", &s->pings}};

  if (!class->is_open(object))
    return;
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
    if (strcmp(kinds[i].name, class->name) == 0)
      ++*kinds[i].counter;
}

/* The size in version 0.2.0, which never changes. */
#define FIRST_SIZE netmcu__size_until(netmcu_statistics, memory)

int netmcu_get_statistics(netmcu_t *ctx, netmcu_statistics *statistics)
{
  const netmcu__head *head = &ctx->head;
  netmcu_statistics s = {.bytes_received = head->bytes_received,
                         .bytes_sent = head->bytes_sent,
                         .events = head->events,
                         .memory = head->memory,
                         .closing = head->closing};

  for (const netmcu__object *object = ctx->objects.next; object != &ctx->objects; object = object->next)
    count_if_open(object, &s);
  return netmcu__write_sized(statistics, &s, sizeof(s), FIRST_SIZE);
}
