/* What every room knows about a context. */
#ifndef NETMCU_CONTEXT_H
#define NETMCU_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netmcu_device.h"

/* Evaluates to the struct that contains the member. */
#define netmcu__container(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* Mark conditions and functions that are rare, so that the compiler keeps them out of the fast
 * path. */
#if defined(__GNUC__)
#define netmcu__rarely(condition) __builtin_expect((condition), 0)
#define NETMCU__RARE              __attribute__((noinline, cold))
#else
#define netmcu__rarely(condition) (condition)
#define NETMCU__RARE
#endif

typedef struct netmcu__object netmcu__object; /* object.h */
typedef struct netmcu__memory netmcu__memory; /* memory.h */

/* ---- parts ----------------------------------------------------------------------------------- */

/* A part is the state that a room keeps in a context. It is created when the room first needs it,
 * and registers with these functions how it ends. Each of them may be NULL. */
typedef struct netmcu__part_class {
  size_t size;
  bool (*begin)(netmcu_t *ctx, void *part); /* prepares a zeroed part; false if memory runs out */
  void (*close)(netmcu_t *ctx, void *part); /* called when all objects are freed: closes what the part has open */
  void (*end)(netmcu_t *ctx, void *part);   /* called when nothing is open: releases what the part points to */
  void (*options_changed)(netmcu_t *ctx, void *part);
} netmcu__part_class;

/* The places of the parts, so that a room finds its own with one load. A context ends them in this
 * order. */
typedef enum netmcu__place {
  NETMCU__PINGER,
  NETMCU__RESOLVER,
  NETMCU__GROUPS,
  NETMCU__DATAGRAMS,
  NETMCU__STREAMS,
  NETMCU__TLS,
  NETMCU__TIMERS,
  NETMCU__FAULTS,
  NETMCU__ROUTES,
  NETMCU__TRACER,
  NETMCU__RULES,
  NETMCU__PLACES
} netmcu__place;

/* Returns the part, which is created if it is not there yet; NULL if memory runs out. */
void *netmcu__part_get(netmcu_t *ctx, netmcu__place place, const netmcu__part_class *class);

/* ---- the head of a context ------------------------------------------------------------------- */

/* The beginning of a netmcu_t: the fields that are read too often to be worth a call. */
typedef struct netmcu__head {
  unsigned edge;      /* flags of the edge, 0 in a usual context (edge/edge.h) */
  unsigned callbacks; /* functions of the program that are running now */
  unsigned closing;   /* connections that their users closed and that still have something to send */
  bool is_device; /* its stack behaves like the device's, and enforces the device's limits itself */
  bool is_strict;
  struct netmcu__stack *stack;
  uint64_t bytes_received, bytes_sent, events;
  void *parts[NETMCU__PLACES];
  void (*forget)(const netmcu__object *object); /* called when an object is removed; NULL if nobody needs to know */
  netmcu_warning_cb warning;
  void *warning_data;
  char *buffer; /* memory.h */
  size_t memory; /* allocated bytes, if that can be known */
  netmcu_options options; /* last, so that a longer struct moves no field: test_struct_growth relies on that */
} netmcu__head;

static inline netmcu__head *netmcu__head_of(const netmcu_t *ctx)
{
  return (netmcu__head *)(uintptr_t)ctx;
}

/* True if the context is to behave like the chip in every respect. */
static inline bool netmcu__is_chip(const netmcu_t *ctx)
{
  return netmcu__head_of(ctx)->is_device && netmcu__head_of(ctx)->is_strict;
}

/* The part, or NULL if it was not created. */
static inline void *netmcu__part(const netmcu_t *ctx, netmcu__place place)
{
  return netmcu__head_of(ctx)->parts[place];
}

/* ---- life ------------------------------------------------------------------------------------ */

/* How the stack begins and ends (stack/stack.h). */
typedef struct netmcu__stack_class {
  struct netmcu__stack *(*begin)(netmcu_t *ctx, void *data); /* NULL if memory runs out */
  void (*close)(struct netmcu__stack *stack);                /* called when everything else is closed */
  void (*end)(struct netmcu__stack *stack);
  void (*look_at_clock)(
      struct netmcu__stack *stack); /* called after a function of the program that may have taken long */
  /* For a stack with events of its own in place of libuv's; otherwise NULL. */
  int (*run)(struct netmcu__stack *stack, bool once); /* as uv_run */
  void (*stop)(struct netmcu__stack *stack);          /* as uv_stop */
  void (*wake)(struct netmcu__stack *stack);          /* a task was posted: netmcu__tasks_run is due */
  const netmcu__memory *memory; /* for contexts without an allocator; NULL: that of the C library */
} netmcu__stack_class;

/* As netmcu_new, with a stack. `data` is for its `begin` and its `memory`. */
netmcu_t *netmcu__context_new(uv_loop_t *loop, const netmcu_options *options, const netmcu__stack_class *stack,
                              void *data);

/* Counts what has to be closed before the context can end. netmcu__handle_closed comes last in a
 * callback: the context may be gone afterwards. */
void netmcu__handle_opened(netmcu_t *ctx);
void netmcu__handle_closed(netmcu_t *ctx);

/* True once netmcu_close was called. Whatever has lost its owner should then finish quickly. */
bool netmcu__is_closing(const netmcu_t *ctx);

/* To be called around every call of a function of the program, except in the events of objects
 * (object.h). While such a function runs, the loop cannot be run again. */
static inline void netmcu__callback_begins(netmcu_t *ctx)
{
  netmcu__head_of(ctx)->callbacks++;
}

static inline void netmcu__callback_ended(netmcu_t *ctx)
{
  netmcu__head_of(ctx)->callbacks--;
}

/* ---- counters -------------------------------------------------------------------------------- */

static inline void netmcu__count_event(netmcu_t *ctx)
{
  netmcu__head_of(ctx)->events++;
}

static inline void netmcu__count_received(netmcu_t *ctx, size_t size)
{
  netmcu__head_of(ctx)->events++;
  netmcu__head_of(ctx)->bytes_received += size;
}

static inline void netmcu__count_sent(netmcu_t *ctx, size_t size)
{
  netmcu__head_of(ctx)->bytes_sent += size;
}

#endif
