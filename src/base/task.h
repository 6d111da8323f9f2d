/* Tasks: what has to happen not now, but in the loop's next iteration, before it waits for the
 * network. */
#ifndef NETMCU_TASK_H
#define NETMCU_TASK_H

#include "base/context.h"

/* Part of the object that posts it. */
typedef struct netmcu__task netmcu__task;
struct netmcu__task {
  netmcu__task *next, *previous; /* NULL while it is not posted */
  void (*run)(netmcu__task *task);
};

void netmcu__task_post(netmcu_t *ctx, netmcu__task *task);   /* no effect if it is posted already */
void netmcu__task_cancel(netmcu_t *ctx, netmcu__task *task); /* no effect if it is not posted */

/* Runs what is posted now, for a stack with events of its own. Returns whether more was posted meanwhile. */
bool netmcu__tasks_run(netmcu_t *ctx);

#endif
