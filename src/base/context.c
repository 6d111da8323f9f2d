/* The context: a loop (its own or the caller's), the options, the live objects, and an orderly end.
 *
 *   OPEN ──netmcu_close──▶ CLOSING (objects freed, handles closing) ──last handle closed──▶ gone
 */
#include <signal.h>
#include <string.h>

#include "base/context_private.h"

const char *netmcu_version(void)
{
#define QUOTED(x) #x
#define NUMBER(x) QUOTED(x)
  return NUMBER(NETMCU_VERSION_MAJOR) "." NUMBER(NETMCU_VERSION_MINOR) "." NUMBER(NETMCU_VERSION_PATCH);
#undef NUMBER
#undef QUOTED
}

/* ---- options ------------------------------------------------------------------------------------------ */

/* The size of netmcu_options in the library's first version. */
#define FIRST_SIZE sizeof(netmcu_options)

static int read_options(netmcu_options *to, const netmcu_options *from)
{
  if (from == NULL)
    return 0;
  if (from->size < FIRST_SIZE || from->size > sizeof(*to))
    return NETMCU_EVALUE;
  memcpy(to, from, from->size);
  to->size = sizeof(*to);
  return 0;
}

const netmcu_options *netmcu_get_options(const netmcu_t *ctx)
{
  return &ctx->options;
}

int netmcu_set_options(netmcu_t *ctx, const netmcu_options *options)
{
  netmcu_allocator allocator = ctx->options.allocator;

  netmcu__servers_resume(ctx); /* who waits because of strict mode may be let in when that ends */
  int error = read_options(&ctx->options, options);

  ctx->options.allocator = allocator;
  return error;
}

uv_loop_t *netmcu_loop(const netmcu_t *ctx)
{
  return ctx->loop;
}

struct netmcu__parts *netmcu__parts(netmcu_t *ctx)
{
  return &ctx->parts;
}

bool netmcu__is_closing(const netmcu_t *ctx)
{
  return ctx->closing;
}

char *netmcu__rule_text(netmcu_t *ctx)
{
  return ctx->rule_text;
}

const char *netmcu_rule_error(const netmcu_t *ctx)
{
  return ctx->rule_text;
}

/* ---- begin -------------------------------------------------------------------------------------------- */

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

/* All three or none. */
static bool complete_allocator(netmcu_allocator *allocator)
{
  int given = !!allocator->allocate + !!allocator->resize + !!allocator->release;

  if (given == 0)
    *allocator = netmcu__default_allocator;
  return given == 0 || given == 3;
}

netmcu_t *netmcu_new(uv_loop_t *loop, const netmcu_options *options)
{
  netmcu_options effective = NETMCU_OPTIONS_INIT;

  if (read_options(&effective, options) || !complete_allocator(&effective.allocator))
    return NULL;
  netmcu_t *ctx = effective.allocator.allocate(sizeof(*ctx), effective.allocator.data);
  if (ctx == NULL)
    return NULL;
  memset(ctx, 0, sizeof(*ctx));
  ctx->options = effective;
  ctx->edge.memory = netmcu__size_of(ctx, ctx);
  if (loop == NULL && uv_loop_init(&ctx->own_loop)) {
    netmcu__release(ctx, ctx);
    return NULL;
  }
  ctx->loop = loop ? loop : &ctx->own_loop;
  ctx->objects.next = ctx->objects.previous = &ctx->objects;
  ctx->edge.started = uv_hrtime();
  netmcu__tasks_init(ctx);
  ignore_sigpipe();
  return ctx;
}

uint64_t netmcu_time(const netmcu_t *ctx)
{
  return uv_hrtime() - ctx->edge.started;
}

/* ---- run ---------------------------------------------------------------------------------------------- */

static int run(netmcu_t *ctx, uv_run_mode mode)
{
  bool exists = true;

  if (ctx->running)
    return NETMCU_EINPROGRESS;
  ctx->running = &exists;
  int more = uv_run(ctx->loop, mode);
  if (exists)
    ctx->running = NULL;
  return more != 0;
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
  uv_stop(ctx->loop);
}

void netmcu__handle_opened(netmcu_t *ctx)
{
  ctx->handles++;
}

/* ---- end ---------------------------------------------------------------------------------------------- */

static void release_everything(netmcu_t *ctx)
{
  netmcu__routes_close(ctx);
  netmcu__tracer_close(ctx);
  netmcu__release(ctx, ctx->parts.streams);
  netmcu__release(ctx, ctx->parts.resolver);
  netmcu__release(ctx, ctx->parts.groups);
  netmcu__release(ctx, ctx->parts.datagrams);
  netmcu__release(ctx, ctx->parts.pinger);
  netmcu__release(ctx, ctx->parts.routes);
  netmcu__release(ctx, ctx->parts.tracer);
  netmcu__release(ctx, ctx->parts.faults);
  netmcu__release(ctx, ctx->buffer);
  netmcu__release(ctx, ctx);
}

static void finish(netmcu_t *ctx)
{
  netmcu_close_cb cb = ctx->close_cb;
  void *data = ctx->close_data;

  if (ctx->running)
    *ctx->running = false;
  if (ctx->loop == &ctx->own_loop)
    uv_loop_close(&ctx->own_loop);
  release_everything(ctx);
  if (cb)
    cb(data);
}

static void turn_closed(uv_handle_t *turn_handle)
{
  netmcu__handle_closed(netmcu__container(turn_handle, netmcu_t, turn));
}

/* The turn closes last: what closes before it may still post. */
static void close_turn_when_last(netmcu_t *ctx)
{
  if (!ctx->closing || ctx->handles > 1 || uv_is_closing((uv_handle_t *)&ctx->turn))
    return;
  uv_close((uv_handle_t *)&ctx->turn, turn_closed);
}

void netmcu__handle_closed(netmcu_t *ctx)
{
  ctx->handles--;
  close_turn_when_last(ctx);
  if (ctx->handles == 0 && ctx->loop != &ctx->own_loop)
    finish(ctx);
}

static void begin_close(netmcu_t *ctx)
{
  ctx->closing = true;
  netmcu__tasks_drop_posts(ctx);
  while (ctx->objects.next != &ctx->objects)
    netmcu__class_of(ctx->objects.next)->free(ctx->objects.next);
  netmcu__pinger_close(ctx);
  netmcu__resolver_close(ctx);
  netmcu__groups_close(ctx);
  netmcu__datagrams_close(ctx);
  netmcu__streams_close(ctx);
  netmcu__faults_close(ctx);
  close_turn_when_last(ctx);
}

int netmcu_close(netmcu_t *ctx, netmcu_close_cb cb, void *data)
{
  bool own = ctx->loop == &ctx->own_loop;

  if (ctx->closing || (own && ctx->running))
    return NETMCU_EINPROGRESS;
  ctx->close_cb = cb;
  ctx->close_data = data;
  begin_close(ctx);
  if (own) {
    while (ctx->handles > 0)
      uv_run(ctx->loop, UV_RUN_DEFAULT);
    uv_run(ctx->loop, UV_RUN_NOWAIT); /* for handles of the program that are closing */
    finish(ctx);
  }
  return 0;
}
