/* The objects of a context: a ring of all that users hold, and what they are. */
#include <stdio.h>

#include "base/context_private.h"

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
  if (netmcu__is_traced(object->ctx))
    netmcu__trace_forget(object);
  object->previous->next = object->next;
  object->next->previous = object->previous;
}

void netmcu__object_enter(netmcu__object *object)
{
  object->emitting++;
}

void netmcu__object_leave(netmcu__object *object)
{
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

void netmcu__objects_each(netmcu_t *ctx, const netmcu__class *class, void (*visit)(netmcu__object *object))
{
  for (netmcu__object *object = ctx->objects.next; object != &ctx->objects; object = object->next)
    if (netmcu__class_of(object) == class)
      visit(object);
}

void netmcu__objects_visit(netmcu_t *ctx, void (*visit)(const netmcu__object *object, void *data), void *data)
{
  for (const netmcu__object *object = ctx->objects.next; object != &ctx->objects; object = object->next)
    visit(object, data);
}

void netmcu_walk(netmcu_t *ctx, netmcu_visit_cb visit, void *data)
{
  char text[320];

  for (const netmcu__object *object = ctx->objects.next; object != &ctx->objects; object = object->next)
    if (netmcu__class_of(object)->describe(object, text, sizeof(text)))
      visit(text, data);
  unsigned closing = netmcu__streams_closing(ctx);
  if (closing) {
    snprintf(text, sizeof(text), "%u closed connection%s (sending what is left, or waiting for the peer's end)",
             closing, closing == 1 ? "" : "s");
    visit(text, data);
  }
}
