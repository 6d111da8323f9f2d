/* A context from the inside, for the files that make it up:
 *
 *   context.c     options, beginning, running, orderly end
 *   memory.c      the allocator, the shared buffer
 *   object.c      what lives in a context
 *   task.c        what is posted for the next turn
 *   divergence.c  what the device would do otherwise */
#ifndef NETMCU_CONTEXT_PRIVATE_H
#define NETMCU_CONTEXT_PRIVATE_H

#include "edge/edge.h"

struct netmcu {
  netmcu__edge edge; /* first: edge.h */
  uv_loop_t *loop;
  uv_loop_t own_loop;
  netmcu_options options;
  netmcu__object objects;          /* the head of a ring */
  const netmcu__class *classes[8]; /* of the objects there have been: an index is shorter than a pointer */
  netmcu__task posted, current;    /* heads of rings: for the next turn, and of the turn that runs */
  uv_idle_t turn;                  /* active while something is posted: the loop then does not wait */
  netmcu__task refresh_time;
  struct netmcu__parts parts;
  char *buffer;
  unsigned handles; /* libuv handles not yet closed */
  bool *running;    /* in netmcu_run and netmcu_run_once: set to false when the context is gone */
  bool closing;
  netmcu_close_cb close_cb;
  void *close_data;
  char divergence_text[160]; /* empty, or of the last divergence: */
  int divergence;
  long divergence_number;
  char rule_text[NETMCU__RULE_TEXT_SIZE];
};

/* ---- memory.c ---- */

extern const netmcu_allocator netmcu__default_allocator;
size_t netmcu__size_of(const netmcu_t *ctx, void *block); /* for the statistics; 0 where nobody knows */

/* ---- task.c ---- */

void netmcu__tasks_init(netmcu_t *ctx);
void netmcu__tasks_drop_posts(netmcu_t *ctx); /* the user's; those of objects go with them */

#endif
