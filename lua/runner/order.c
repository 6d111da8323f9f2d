/* The order in which the objects of a Lua state were created. Lua's own order of traversal depends
 * on addresses and on a random seed; lua/runner/order.lua replaces it, with the numbers from here.
 *
 * Lua says what it allocates a block for. Each block has a header in front, which is found again
 * from the address that lua_topointer returns: a few words before it, for userdata and threads. The
 * header is small, because there may be ten thousand states. */
#include <stdlib.h>
#include <string.h>

#include "runner/runner.h"

typedef struct header {
  uint32_t mark; /* made from the address, so that no other words look like it */
  uint32_t number;
} header;

#define DISTANCE (64 * sizeof(void *)) /* the most bytes between a block and what lua_topointer returns */

static uint32_t mark_of(const header *h)
{
  return (uint32_t)((uint64_t)(uintptr_t)h * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

/* ---- memory ------------------------------------------------------------------------------------ */

/* Lua says how large a block is that it returns, so small blocks need no header of malloc. All states
 * share the lists of free blocks, one for each size. A sanitizer sees each block by itself. */
#if defined(__SANITIZE_ADDRESS__)
#define MOST 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MOST 0
#endif
#endif
#ifndef MOST
#define MOST 512 /* bytes of a small block */
#endif
#define GRAIN 8 /* the alignment that Lua needs */
#define CHUNK 65536

typedef struct free_block {
  struct free_block *next;
} free_block;

static free_block *free_blocks[MOST / GRAIN + 1];
static free_block *chunks; /* all of them, so that a tool for memory finds them */
static char *rest;         /* of the newest one */
static size_t rest_size;

static size_t round_up(size_t size)
{
  return (size + GRAIN - 1) / GRAIN * GRAIN;
}

static void *take_block(size_t size)
{
  if (size > MOST)
    return malloc(size);
  free_block **list = &free_blocks[size / GRAIN], *block = *list;
  if (block) {
    *list = block->next;
    return block;
  }
  if (rest_size < size) { /* what is left of the old chunk, less than a block, stays unused */
    free_block *chunk = malloc(CHUNK);
    if (chunk == NULL)
      return NULL;
    chunk->next = chunks;
    chunks = chunk;
    rest = (char *)(chunk + 1);
    rest_size = CHUNK - sizeof(*chunk);
  }
  rest_size -= size;
  return rest + rest_size;
}

static void give_back(void *block, size_t size)
{
  free_block *freed = block;

  if (size > MOST) {
    free(block);
  } else if (freed) {
    freed->next = free_blocks[size / GRAIN];
    free_blocks[size / GRAIN] = freed;
  }
}

static void *resize_block(void *block, size_t old_size, size_t size)
{
  if (old_size == size)
    return block;
  if (old_size > MOST && size > MOST)
    return realloc(block, size);
  void *moved = take_block(size);
  if (moved) {
    memcpy(moved, block, old_size < size ? old_size : size);
    give_back(block, old_size);
  }
  return moved;
}

/* ---- the order --------------------------------------------------------------------------------- */

static bool is_object(size_t tag)
{
  return tag == LUA_TTABLE || tag == LUA_TFUNCTION || tag == LUA_TUSERDATA || tag == LUA_TTHREAD;
}

static void *allocate(void *data, void *block, size_t old_size, size_t size)
{
  header *old = block ? (header *)block - 1 : NULL;
  uint32_t *objects = data;

  size_t whole = round_up(sizeof(header) + size), old_whole = round_up(sizeof(header) + old_size);
  if (size == 0) {
    if (old)
      give_back(old, old_whole);
    return NULL;
  }
  header *h = old ? resize_block(old, old_whole, whole) : take_block(whole);
  if (h == NULL)
    return NULL;
  if (block == NULL)
    h->number = is_object(old_size) ? ++*objects : 0;
  h->mark = mark_of(h);
  return h + 1;
}

/* number(object): in the order of creation; 0 for anything that is not an
 * object of its own, such as a C function. */
static int push_number(lua_State *L)
{
  const char *address = lua_topointer(L, 1);
  bool is_block = lua_type(L, 1) != LUA_TLIGHTUSERDATA && !(lua_iscfunction(L, 1) && !lua_getupvalue(L, 1, 1));
  uint64_t number = 0;

  for (size_t distance = 0; address && is_block && distance <= DISTANCE; distance += sizeof(void *)) {
    const header *h = (const header *)(const void *)(address - distance) - 1;
    if (h->mark == mark_of(h)) {
      number = h->number;
      break;
    }
  }
  lua_pushinteger(L, (lua_Integer)number);
  return 1;
}

static void warn(void *data, const char *text, int to_be_continued)
{
  (void)data;
  if (*text != '@')
    runner_write_raw(2, text);
  if (*text != '@' && !to_be_continued)
    runner_write_raw(2, "\n");
}

lua_State *runner_order_new_state(uint32_t *objects)
{
  *objects = 0;
  lua_State *L = lua_newstate(allocate, objects);
  if (L)
    lua_setwarnf(L, warn, NULL);
  return L;
}

void runner_order_push_number(lua_State *L)
{
  lua_pushcfunction(L, push_number);
}
