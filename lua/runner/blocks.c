/* The memory of a Lua state. A script on a real network gets its data in frames of 1460 bytes, as on
 * the chip. Such a string is just too long for the fast lists of glibc's malloc, so this allocator
 * keeps a list of its own for blocks of that size. A sanitizer sees each block by itself. */
#include <stdlib.h>

#include "runner/runner.h"

#define LEAST 1025
#define MOST  1536 /* the size of every block on the list */

#if defined(__SANITIZE_ADDRESS__)
#define KEPT 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KEPT 0
#endif
#endif
#ifndef KEPT
#define KEPT 256 /* the most blocks on the list */
#endif

typedef struct kept_block {
  struct kept_block *next;
} kept_block;

static kept_block *kept; /* of all states */
static int kept_count;

/* Lua says how large a block is that it returns. */
static size_t real_size(size_t size)
{
  return size >= LEAST && size <= MOST ? MOST : size;
}

static void *take(size_t size)
{
  kept_block *block = kept;

  if (real_size(size) != MOST || block == NULL)
    return malloc(real_size(size));
  kept = block->next;
  kept_count--;
  return block;
}

static void give_back(void *memory, size_t size)
{
  kept_block *block = memory;

  if (block == NULL || real_size(size) != MOST || kept_count >= KEPT) {
    free(block);
    return;
  }
  block->next = kept;
  kept = block;
  kept_count++;
}

/* A lua_Alloc. Without a block, `old_size` is the type of the object that Lua creates. */
static void *allocate(void *data, void *block, size_t old_size, size_t size)
{
  (void)data;
  if (size == 0) {
    give_back(block, old_size);
    return NULL;
  }
  if (block == NULL)
    return take(size);
  return real_size(old_size) == real_size(size) ? block : realloc(block, real_size(size));
}

/* Prints a warning of Lua, such as an error in a finalizer. It comes in pieces. */
static void warn(void *data, const char *text, int to_be_continued)
{
  static bool is_continued;

  (void)data;
  if (!is_continued && *text == '@') /* a control message, as of warn "@on" */
    return;
  if (!is_continued)
    runner_write_raw(2, "netmcu: warning: ");
  runner_write_raw(2, text);
  if (!to_be_continued)
    runner_write_raw(2, "\n");
  is_continued = to_be_continued;
}

lua_State *runner_blocks_new_state(lua_Alloc allocator, void *data)
{
  lua_State *L = lua_newstate(allocator ? allocator : allocate, data);

  if (L)
    lua_setwarnf(L, warn, NULL);
  return L;
}
