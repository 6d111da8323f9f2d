/* See task.h. An idle handle is active while there are tasks, so that the loop does not wait for
 * the network. */
#include "base/context_private.h"

static void task_unlink(netmcu__task *task)
{
  task->previous->next = task->next;
  task->next->previous = task->previous;
  task->next = task->previous = NULL;
}

static void task_append(netmcu__task *ring, netmcu__task *task)
{
  task->next = ring;
  task->previous = ring->previous;
  ring->previous->next = task;
  ring->previous = task;
}

static bool is_empty(const netmcu__task *ring)
{
  return ring->next == ring;
}

/* Tasks that are posted by tasks wait for the next iteration, so that they never starve the
 * network. */
bool netmcu__tasks_run(netmcu_t *ctx)
{
  while (!is_empty(&ctx->posted)) {
    netmcu__task *task = ctx->posted.next;
    task_unlink(task);
    task_append(&ctx->current, task);
  }
  while (!is_empty(&ctx->current)) {
    netmcu__task *task = ctx->current.next;
    task_unlink(task);
    task->run(task);
  }
  return !is_empty(&ctx->posted);
}

static void run_turn(uv_idle_t *idle)
{
  if (!netmcu__tasks_run(netmcu__container(idle, netmcu_t, turn)))
    uv_idle_stop(idle);
}

static void wake(netmcu_t *ctx)
{
  if (ctx->stack_class->wake)
    ctx->stack_class->wake(ctx->head.stack);
  else if (!uv_is_closing((uv_handle_t *)&ctx->turn))
    uv_idle_start(&ctx->turn, run_turn);
}

void netmcu__task_post(netmcu_t *ctx, netmcu__task *task)
{
  if (task->next)
    return;
  task_append(&ctx->posted, task);
  wake(ctx);
}

void netmcu__task_cancel(netmcu_t *ctx, netmcu__task *task)
{
  if (task->next == NULL)
    return;
  task_unlink(task);
  if (is_empty(&ctx->posted) && is_empty(&ctx->current) && !ctx->stack_class->wake)
    uv_idle_stop(&ctx->turn);
}

typedef struct post {
  netmcu__task task;
  netmcu_t *ctx;
  netmcu_post_cb cb;
  void *data;
} post;

static void run_post(netmcu__task *task)
{
  post copy = *netmcu__container(task, post, task);

  netmcu__release(copy.ctx, task);
  netmcu__callback_begins(copy.ctx);
  copy.cb(copy.data);
  netmcu__callback_ended(copy.ctx);
  copy.ctx->stack_class->look_at_clock(copy.ctx->head.stack);
}

int netmcu_post(netmcu_t *ctx, netmcu_post_cb cb, void *data)
{
  post *p = cb ? netmcu__allocate(ctx, sizeof(*p)) : NULL;

  if (p == NULL)
    return cb ? NETMCU_ENOMEM : NETMCU_EARGUMENT;
  *p = (post){.task = {.run = run_post}, .ctx = ctx, .cb = cb, .data = data};
  netmcu__task_post(ctx, &p->task);
  return 0;
}

/* The tasks of objects stay: some objects still have something to do. */
static void drop_posts(netmcu_t *ctx, netmcu__task *ring)
{
  for (netmcu__task *task = ring->next, *next; task != ring; task = next) {
    next = task->next;
    if (task->run == run_post) {
      task_unlink(task);
      netmcu__release(ctx, task);
    }
  }
}

void netmcu__tasks_drop_posts(netmcu_t *ctx)
{
  drop_posts(ctx, &ctx->posted);
  drop_posts(ctx, &ctx->current);
}

void netmcu__tasks_init(netmcu_t *ctx)
{
  ctx->posted.next = ctx->posted.previous = &ctx->posted;
  ctx->current.next = ctx->current.previous = &ctx->current;
  if (!ctx->stack_class->wake)
    uv_idle_init(ctx->loop, &ctx->turn);
  netmcu__handle_opened(ctx);
}
