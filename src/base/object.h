/* The head of each object that a user holds: connection, server, UDP socket, timer, lookup, ping.
 * When a context closes, it frees the objects that the user has not freed. */
#ifndef NETMCU_OBJECT_H
#define NETMCU_OBJECT_H

#include "base/context.h"

typedef struct netmcu__class {
  const char *name; /* as in netmcu_walk, in traces and statistics */
  void (*free)(netmcu__object *object);
  bool (*is_open)(const netmcu__object *object);                           /* whether it keeps the loop running */
  void (*describe)(const netmcu__object *object, char *text, size_t size); /* for netmcu_walk, of an open object */
} netmcu__class;

struct netmcu__object {
  netmcu__object *next, *previous;
  netmcu_t *ctx;
  uint8_t class;     /* index among the classes of the context, which is shorter than a pointer */
  bool freed;        /* its user freed it inside one of its events: the memory stays until the event has returned */
  uint16_t emitting; /* events under way */
  bool flag;         /* for its class; takes no memory, because the struct has room here */
};

void netmcu__object_add(netmcu__object *object, netmcu_t *ctx, const netmcu__class *class);
void netmcu__object_remove(netmcu__object *object);
const netmcu__class *netmcu__class_of(const netmcu__object *object);

/* To be called around each event of an object. */
void netmcu__object_enter(netmcu__object *object);
void netmcu__object_leave(netmcu__object *object);

/* Removes an object, and releases its memory as soon as none of its events is under way. */
void netmcu__object_release(netmcu__object *object);

#endif
