/* See memory.h. Counts the memory in use, for the statistics. */
#include <stdlib.h>
#include <string.h>
#if defined(__APPLE__)
#include <malloc/malloc.h>
#elif defined(_WIN32) || defined(__linux__)
#include <malloc.h>
#elif defined(__FreeBSD__)
#include <malloc_np.h>
#endif

#include "base/context_private.h"

static void *default_allocate(size_t size, void *data)
{
  (void)data;
  return malloc(size);
}

static void *default_resize(void *block, size_t size, void *data)
{
  (void)data;
  return realloc(block, size);
}

static void default_release(void *block, void *data)
{
  (void)data;
  free(block);
}

static size_t default_size_of(void *block)
{
#if defined(_WIN32)
  return _msize(block);
#elif defined(__APPLE__)
  return malloc_size(block);
#elif defined(__linux__) || defined(__FreeBSD__)
  return malloc_usable_size(block);
#else
  (void)block;
  return 0;
#endif
}

const netmcu__memory netmcu__default_memory = {{default_allocate, default_resize, default_release, NULL},
                                               default_size_of};

/* Returns the bytes that a block takes of the heap. The allocator of a program does not
 * report them. */
size_t netmcu__size_of(const netmcu_t *ctx, void *block)
{
  return block && ctx->memory ? ctx->memory->size_of(block) : 0;
}

void *netmcu__allocate(netmcu_t *ctx, size_t size)
{
  const netmcu_allocator *allocator = &ctx->head.options.allocator;
  void *block = allocator->allocate(size, allocator->data);

  ctx->head.memory += netmcu__size_of(ctx, block);
  return block ? memset(block, 0, size) : NULL;
}

void *netmcu__resize(netmcu_t *ctx, void *block, size_t size)
{
  size_t before = netmcu__size_of(ctx, block);
  void *resized = ctx->head.options.allocator.resize(block, size, ctx->head.options.allocator.data);

  if (resized)
    ctx->head.memory += netmcu__size_of(ctx, resized) - before;
  return resized;
}

void netmcu__release(netmcu_t *ctx, void *block)
{
  if (block == NULL)
    return;
  ctx->head.memory -= netmcu__size_of(ctx, block);
  ctx->head.options.allocator.release(block, ctx->head.options.allocator.data);
}

static char *make_buffer(netmcu_t *ctx)
{
  ctx->head.buffer = netmcu__resize(ctx, NULL, NETMCU__BUFFER_SIZE);
  return ctx->head.buffer;
}

/* Called for each read. */
char *netmcu__buffer(netmcu_t *ctx)
{
  return netmcu__rarely(ctx->head.buffer == NULL) ? make_buffer(ctx) : ctx->head.buffer;
}
