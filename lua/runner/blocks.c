/* The memory of a Lua state. A script on a real network gets its data in frames of 1460 bytes, as on
 * the chip. Such a string is just too long for the fast lists of glibc's malloc, so this allocator
 * keeps a list of its own for blocks of that size. A sanitizer sees each block by itself. */
#include <stdlib.h>
#include <string.h>

#include "runner/runner.h"

#define LEAST 1025
#define MOST  1536 /* the size of every block on the list */

#ifdef RUNNER_SANITIZED
#define KEPT 0
#else
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

/* Prints a warning of Lua, such as an error in a finalizer. It comes in pieces. A single one that
 * begins with '@' is for this function: after warn "@off", nothing is printed until warn "@on". */
static void warn(void *data, const char *text, int to_be_continued)
{
  static bool is_continued, is_off;

  (void)data;
  bool is_control = !is_continued && !to_be_continued && *text == '@';
  if (is_control)
    is_off = strcmp(text, "@off") == 0 || (is_off && strcmp(text, "@on") != 0);
  if (!is_control && !is_off) {
    runner_write_raw(2, is_continued ? "" : "netmcu: warning: ");
    runner_write_raw(2, text);
    runner_write_raw(2, to_be_continued ? "" : "\n");
  }
  is_continued = to_be_continued;
}

/* Lua ends the program after this. (`panic` is a function of macOS.) */
static int report_panic(lua_State *L)
{
  const char *message = lua_tostring(L, -1);

  runner_write_raw(2, "netmcu: error outside of any script: ");
  runner_write_raw(2, message ? message : "not a text");
  runner_write_raw(2, "\n");
  return 0;
}

lua_State *runner_blocks_new_state(lua_Alloc allocator, void *data)
{
  lua_State *L = lua_newstate(allocator ? allocator : allocate, data);

  if (L) {
    lua_setwarnf(L, warn, NULL);
    lua_atpanic(L, report_panic);
  }
  return L;
}
