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

static bool is_object(size_t tag)
{
  return tag == LUA_TTABLE || tag == LUA_TFUNCTION || tag == LUA_TUSERDATA || tag == LUA_TTHREAD;
}

static void *allocate(void *data, void *block, size_t old_size, size_t size)
{
  header *old = block ? (header *)block - 1 : NULL;
  uint32_t *objects = data;

  if (size == 0) {
    free(old);
    return NULL;
  }
  header *h = realloc(old, sizeof(*h) + size);
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
