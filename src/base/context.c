/* The context: a loop (its own or the caller's), the options, the parts, and an orderly end.
 *
 *   OPEN ──netmcu_close──▶ CLOSING (objects freed, handles closing) ──last handle closed──▶ gone
 */
#include <signal.h>
#include <string.h>

#include "base/context_private.h"
#include "base/sized.h"

const char *netmcu_version(void)
{
#define QUOTED(x) #x
#define NUMBER(x) QUOTED(x)
  return NUMBER(NETMCU_VERSION_MAJOR) "." NUMBER(NETMCU_VERSION_MINOR) "." NUMBER(NETMCU_VERSION_PATCH);
#undef NUMBER
#undef QUOTED
}

/* ---- options --------------------------------------------------------------------------------- */

/* The size in version 0.2.0, which never changes. */
#define FIRST_SIZE netmcu__size_until(netmcu_options, allocator)

static int read_options(netmcu_options *to, const netmcu_options *from)
{
  netmcu_options read = *to;
  int error = from ? netmcu__read_sized(&read, sizeof(read), from, FIRST_SIZE) : 0;

  if (error || read.families < NETMCU_ANY_FAMILY || read.families > NETMCU_IPV4_FIRST)
    return NETMCU_EVALUE;
  *to = read;
  return 0;
}

/* A program may use these options for another context, so they do not name the allocator of a stack. */
int netmcu_get_options(const netmcu_t *ctx, netmcu_options *options)
{
  netmcu_options in_force = ctx->head.options;

  if (ctx->memory)
    in_force.allocator = netmcu__default_memory.allocator;
  return netmcu__write_sized(options, &in_force, sizeof(in_force), FIRST_SIZE);
}

static void report_change(netmcu_t *ctx)
{
  for (int place = 0; place < NETMCU__PLACES; place++)
    if (ctx->head.parts[place] && ctx->part_classes[place]->options_changed)
      ctx->part_classes[place]->options_changed(ctx, ctx->head.parts[place]);
}

int netmcu_set_options(netmcu_t *ctx, const netmcu_options *options)
{
  netmcu_allocator allocator = ctx->head.options.allocator;
  int error = read_options(&ctx->head.options, options);

  ctx->head.options.allocator = allocator;
  report_change(ctx);
  return error;
}

void netmcu_set_strict(netmcu_t *ctx, int strict)
{
  ctx->head.is_strict = strict != 0;
  report_change(ctx);
}

int netmcu_is_strict(const netmcu_t *ctx)
{
  return ctx->head.is_strict;
}

void netmcu_set_warning(netmcu_t *ctx, netmcu_warning_cb cb, void *data)
{
  ctx->head.warning = cb;
  ctx->head.warning_data = data;
}

uv_loop_t *netmcu_get_loop(const netmcu_t *ctx)
{
  return ctx->loop;
}

bool netmcu__is_closing(const netmcu_t *ctx)
{
  return ctx->closing;
}

/* ---- parts ----------------------------------------------------------------------------------- */

void *netmcu__part_get(netmcu_t *ctx, netmcu__place place, const netmcu__part_class *class)
{
  if (ctx->head.parts[place])
    return ctx->head.parts[place];
  void *part = netmcu__allocate(ctx, class->size);
  if (part && class->begin && !class->begin(ctx, part)) {
    netmcu__release(ctx, part);
    return NULL;
  }
  ctx->head.parts[place] = part;
  ctx->part_classes[place] = class;
  return part;
}

static void close_parts(netmcu_t *ctx)
{
  for (int place = 0; place < NETMCU__PLACES; place++)
    if (ctx->head.parts[place] && ctx->part_classes[place]->close)
      ctx->part_classes[place]->close(ctx, ctx->head.parts[place]);
}

static void end_parts(netmcu_t *ctx)
{
  for (int place = 0; place < NETMCU__PLACES; place++) {
    if (ctx->head.parts[place] && ctx->part_classes[place]->end)
      ctx->part_classes[place]->end(ctx, ctx->head.parts[place]);
    netmcu__release(ctx, ctx->head.parts[place]);
  }
}

/* ---- contexts that share a loop -------------------------------------------------------------- */

/* The data of each context's idle handle, by which the contexts of a loop find each other. */
static const char is_context;

static void join_ring(uv_handle_t *handle, void *data)
{
  netmcu_t *ctx = data, *other;

  if (handle->type != UV_IDLE || handle->data != &is_context)
    return;
  if (handle == (uv_handle_t *)&ctx->turn || ctx->next_on_loop != ctx)
    return;
  other = netmcu__container(handle, netmcu_t, turn);
  ctx->next_on_loop = other->next_on_loop;
  other->next_on_loop = ctx;
}

static void leave_ring(netmcu_t *ctx)
{
  netmcu_t *other = ctx;

  while (other->next_on_loop != ctx)
    other = other->next_on_loop;
  other->next_on_loop = ctx->next_on_loop;
}

/* True inside netmcu_run and inside every callback, of this context or of another one on its
 * loop. */
static bool is_loop_running(const netmcu_t *ctx)
{
  const netmcu_t *other = ctx;

  do {
    if (other->running || other->head.callbacks > 0)
      return true;
    other = other->next_on_loop;
  } while (other != ctx);
  return false;
}

/* ---- begin ----------------------------------------------------------------------------------- */

static void ignore_sigpipe(void)
{
#ifndef _WIN32
  struct sigaction action;

  if (sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL) {
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
  }
#endif
}

/* Accepts all three functions or none. In place of none, the allocator is that of `memory`. */
static bool complete_allocator(netmcu_allocator *allocator, const netmcu__memory **memory, void *data)
{
  int given = !!allocator->allocate + !!allocator->resize + !!allocator->release;

  if (given == 0) {
    *allocator = (*memory)->allocator;
    allocator->data = data;
  } else {
    *memory = NULL;
  }
  return given == 0 || given == 3;
}

/* Not a part of the context: a simulated one has none, and it is larger than the context. */
static uv_loop_t *begin_own_loop(netmcu_t *ctx)
{
  uv_loop_t *loop = netmcu__allocate(ctx, sizeof(*loop));

  if (loop && uv_loop_init(loop) == 0)
    ctx->own_loop = loop;
  else
    netmcu__release(ctx, loop);
  return ctx->own_loop;
}

static void end_own_loop(netmcu_t *ctx)
{
  if (ctx->own_loop)
    uv_loop_close(ctx->own_loop);
  netmcu__release(ctx, ctx->own_loop);
}

static void release_new(netmcu_t *ctx)
{
  end_own_loop(ctx);
  netmcu__release(ctx, ctx);
}

netmcu_t *netmcu__context_new(uv_loop_t *loop, const netmcu_options *options, const netmcu__stack_class *stack,
                              void *data)
{
  netmcu_options effective = NETMCU_OPTIONS_INIT;
  const netmcu__memory *memory = stack->memory ? stack->memory : &netmcu__default_memory;

  if (read_options(&effective, options) || !complete_allocator(&effective.allocator, &memory, data))
    return NULL;
  netmcu_t *ctx = effective.allocator.allocate(sizeof(*ctx), effective.allocator.data);
  if (ctx == NULL)
    return NULL;
  memset(ctx, 0, sizeof(*ctx));
  ctx->head.options = effective;
  ctx->memory = memory;
  ctx->head.memory = netmcu__size_of(ctx, ctx);
  ctx->loop = loop ? loop : begin_own_loop(ctx);
  if (ctx->loop == NULL) {
    netmcu__release(ctx, ctx);
    return NULL;
  }
  ctx->objects.next = ctx->objects.previous = &ctx->objects;
  ctx->next_on_loop = ctx;
  ctx->stack_class = stack;
  ctx->head.stack = stack->begin(ctx, data);
  if (ctx->head.stack == NULL) {
    release_new(ctx);
    return NULL;
  }
  netmcu__tasks_init(ctx);
  ctx->turn.data = (void *)(uintptr_t)&is_context;
  if (loop && !stack->run)
    uv_walk(loop, join_ring, ctx);
  ignore_sigpipe();
  return ctx;
}

/* ---- run ------------------------------------------------------------------------------------- */

static int run(netmcu_t *ctx, uv_run_mode mode)
{
  bool exists = true;

  if (is_loop_running(ctx))
    return NETMCU_EINPROGRESS;
  ctx->running = &exists;
  int more = ctx->stack_class->run ? ctx->stack_class->run(ctx->head.stack, mode == UV_RUN_ONCE)
                                   : uv_run(ctx->loop, mode);
  if (exists)
    ctx->running = NULL;
  return more < 0 ? more : more != 0;
}

int netmcu_run(netmcu_t *ctx)
{
  int result = run(ctx, UV_RUN_DEFAULT);

  return result < 0 ? result : 0;
}

int netmcu_run_once(netmcu_t *ctx)
{
  return run(ctx, UV_RUN_ONCE);
}

void netmcu_stop(netmcu_t *ctx)
{
  if (ctx->stack_class->stop)
    ctx->stack_class->stop(ctx->head.stack);
  else
    uv_stop(ctx->loop);
}

void netmcu__handle_opened(netmcu_t *ctx)
{
  ctx->handles++;
}

/* ---- end ------------------------------------------------------------------------------------- */

static void release_everything(netmcu_t *ctx)
{
  end_own_loop(ctx);
  end_parts(ctx);
  ctx->stack_class->end(ctx->head.stack);
  netmcu__release(ctx, ctx->head.buffer);
  netmcu__release(ctx, ctx);
}

static void finish(netmcu_t *ctx)
{
  netmcu_close_cb cb = ctx->close_cb;
  void *data = ctx->close_data;

  if (ctx->running)
    *ctx->running = false;
  leave_ring(ctx);
  release_everything(ctx);
  if (cb)
    cb(data);
}

static void on_turn_closed(uv_handle_t *turn_handle)
{
  netmcu__handle_closed(netmcu__container(turn_handle, netmcu_t, turn));
}

/* The stack and the turn close last, because everything else may post tasks and use the clock until
 * it is closed. */
static void close_stack_and_turn_when_last(netmcu_t *ctx)
{
  if (!ctx->closing || ctx->handles > 1 || ctx->stack_closing)
    return;
  ctx->stack_closing = true;
  if (!ctx->stack_class->wake)
    uv_close((uv_handle_t *)&ctx->turn, on_turn_closed);
  ctx->stack_class->close(ctx->head.stack);
}

void netmcu__handle_closed(netmcu_t *ctx)
{
  ctx->handles--;
  close_stack_and_turn_when_last(ctx);
  if (ctx->handles == 0 && ctx->own_loop == NULL)
    finish(ctx);
}

static void begin_close(netmcu_t *ctx)
{
  ctx->closing = true;
  netmcu__tasks_drop_posts(ctx);
  while (ctx->objects.next != &ctx->objects)
    netmcu__class_of(ctx->objects.next)->free(ctx->objects.next);
  close_parts(ctx);
  close_stack_and_turn_when_last(ctx);
}

int netmcu_close(netmcu_t *ctx, netmcu_close_cb cb, void *data)
{
  if (ctx->closing || (ctx->own_loop && is_loop_running(ctx)))
    return NETMCU_EINPROGRESS;
  ctx->close_cb = cb;
  ctx->close_data = data;
  begin_close(ctx);
  if (ctx->own_loop) {
    while (ctx->handles > 0)
      uv_run(ctx->loop, UV_RUN_DEFAULT);
    uv_run(ctx->loop, UV_RUN_NOWAIT); /* for handles of the program that are closing */
    finish(ctx);
  }
  return 0;
}
