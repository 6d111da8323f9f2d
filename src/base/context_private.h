/* A context from the inside, for the files that make it up:
 *
 *   context.c     options, parts, beginning, running, orderly end
 *   memory.c      the allocator, the shared buffer
 *   object.c      what lives in a context
 *   task.c        what is posted for the next iteration of the loop
 *   divergence.c  what the device would do differently */
#ifndef NETMCU_CONTEXT_PRIVATE_H
#define NETMCU_CONTEXT_PRIVATE_H

#include <uv.h>

#include "base/context.h"
#include "base/memory.h"
#include "base/object.h"
#include "base/task.h"

struct netmcu {
  netmcu__head head; /* first: context.h */
  const netmcu__stack_class *stack_class;
  const netmcu__memory *memory; /* NULL: the program has given an allocator */
  netmcu__task posted, current; /* heads of rings: for the next iteration, and of the one that runs */
  uv_loop_t *loop;
  uv_loop_t *own_loop;    /* NULL: the loop is the caller's */
  netmcu_t *next_on_loop; /* a ring of all contexts on this loop */
  const netmcu__part_class *part_classes[NETMCU__PLACES];
  netmcu__object objects;          /* the head of a ring */
  const netmcu__class *classes[8]; /* of all objects that have been added */
  uv_idle_t turn;                  /* active while something is posted, so that the loop does not wait */
  unsigned handles;                /* not yet closed */
  bool *running; /* set in netmcu_run and netmcu_run_once: becomes false if the context ends meanwhile */
  bool closing;
  bool stack_closing;
  netmcu_close_cb close_cb;
  void *close_data;
  bool has_diverged;
  char divergence_text[160]; /* of the last divergence; empty until somebody reads it */
  int divergence;
  long divergence_number;
};

/* ---- memory.c -------------------------------------------------------------------------------- */

extern const netmcu__memory netmcu__default_memory;
size_t netmcu__size_of(const netmcu_t *ctx, void *block); /* for the statistics; 0 if that cannot be known */

/* ---- task.c ---------------------------------------------------------------------------------- */

void netmcu__tasks_init(netmcu_t *ctx);
void netmcu__tasks_drop_posts(netmcu_t *ctx); /* those of the user; the tasks of objects end with their objects */

#endif
