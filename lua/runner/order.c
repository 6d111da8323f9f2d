/* The order in which the objects of a Lua state were created. Lua's own order of traversal depends
 * on addresses and on a random seed; lua/runner/order.lua replaces it, with the numbers from here.
 *
 * Lua says what it allocates a block for. Each block has a header in front, which is found again
 * from the address that lua_topointer returns: a few words before it, for userdata and threads. The
 * header is small, because there may be ten thousand states. */
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#include "runner/runner.h"

typedef struct header {
  uint32_t mark; /* made from the address, so that no other words look like it */
  uint32_t number;
} header;

/* What a state creates before its script depends on the build. */
#define FIRST_OF_SCRIPT 4096

#define DISTANCE (64 * sizeof(void *)) /* the most bytes between a block and what lua_topointer returns */

static uint32_t mark_of(const header *h)
{
  return (uint32_t)((uint64_t)(uintptr_t)h * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

/* ---- memory ------------------------------------------------------------------------------------ */

/* Lua says how large a block is that it returns, so small blocks need no header of malloc. All states
 * share the lists of free blocks, one for each size. Larger blocks, which are mostly texts of any
 * length, are malloc's: what is freed in one length is needed in another. A sanitizer sees each block
 * by itself. */
#ifdef RUNNER_SANITIZED
#define MOST 0
#else
#define MOST 512 /* bytes of a small block */
#endif
#define GRAIN         8 /* the alignment that Lua needs */
#define FIRST_CHUNK   65536
#define LARGEST_CHUNK 2097152 /* of a huge page, which the processor finds sooner than 512 small ones */

typedef struct free_block {
  struct free_block *next;
} free_block;

static free_block *free_blocks[MOST / GRAIN + 1];
static free_block *chunks; /* all of them, so that a tool for memory finds them */
static char *rest;         /* of the newest one */
static size_t rest_size, chunk_size = FIRST_CHUNK;

static size_t round_up(size_t size)
{
  return (size + GRAIN - 1) / GRAIN * GRAIN;
}

/* Each chunk is twice as large as the one before. */
static free_block *new_chunk(void)
{
  free_block *chunk = NULL;

#ifdef MADV_HUGEPAGE
  if (chunk_size == LARGEST_CHUNK) {
    void *memory = NULL;
    if (posix_memalign(&memory, LARGEST_CHUNK, LARGEST_CHUNK) == 0)
      madvise(chunk = memory, LARGEST_CHUNK, MADV_HUGEPAGE);
  } else
#endif
    chunk = malloc(chunk_size);
  if (chunk == NULL)
    return NULL;
  rest = (char *)(chunk + 1);
  rest_size = chunk_size - sizeof(*chunk);
  if (chunk_size < LARGEST_CHUNK)
    chunk_size *= 2;
  return chunk;
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
    free_block *chunk = new_chunk();
    if (chunk == NULL)
      return NULL;
    chunk->next = chunks;
    chunks = chunk;
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

/* The size of the userdata in which Lua's library keeps a long text while it makes it. A text is long
 * from 512 or 1024 bytes on, which depends on the system. */
static size_t box_size;

/* An object of such a size may be one of the script, such as a file, or a box. It is counted
 * separately, so that boxes do not change the numbers of all other objects. */
static uint32_t new_number(runner_order *order, size_t tag, size_t size)
{
  if (tag == LUA_TUSERDATA && (box_size == 0 || size == box_size)) {
    box_size = size; /* the first userdata of all is the box of make_box */
    return RUNNER_BOXES + ++order->boxes;
  }
  return is_object(tag) ? ++order->objects : 0;
}

static void *allocate(void *data, void *block, size_t old_size, size_t size)
{
  header *old = block ? (header *)block - 1 : NULL;

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
    h->number = new_number(data, old_size, size);
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

/* The first box of a state also creates a table. */
static int make_box(lua_State *L)
{
  luaL_Buffer buffer;

  luaL_buffinitsize(L, &buffer, LUAL_BUFFERSIZE + 1);
  luaL_pushresultsize(&buffer, 0);
  return 0;
}

lua_State *runner_order_new_state(runner_order *order)
{
  *order = (runner_order){0, 0};
  lua_State *L = runner_blocks_new_state(allocate, order);
  if (L == NULL)
    return NULL;
  lua_pushcfunction(L, make_box);
  if (lua_pcall(L, 0, 0, 0) == LUA_OK)
    return L;
  lua_close(L);
  return NULL;
}

void runner_order_begin(runner_order *order)
{
  if (order->objects < FIRST_OF_SCRIPT)
    order->objects = FIRST_OF_SCRIPT;
}

/* Whether string.format has something to print that has an address. */
static bool has_address(lua_State *L)
{
  const char *format = lua_type(L, 1) == LUA_TSTRING ? lua_tostring(L, 1) : "";

  for (int i = lua_gettop(L); i > 1; i--)
    if (lua_type(L, i) >= LUA_TTABLE || lua_type(L, i) == LUA_TLIGHTUSERDATA)
      return true;
  return strchr(format, 'p') != NULL && strchr(format, '%') != NULL;
}

static lua_CFunction original_format;
static const char replacer_key = 0; /* of the registry: the function of order.lua that replaces objects by texts */

/* string.format. It has no upvalues, like the original: other wrappers rely on it. */
static int format(lua_State *L)
{
  if (has_address(L)) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &replacer_key);
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  }
  return original_format(L);
}

/* new_format(string.format, replacer) */
static int new_format(lua_State *L)
{
  original_format = lua_tocfunction(L, 1);
  lua_settop(L, 2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &replacer_key);
  lua_pushcfunction(L, format);
  return 1;
}

void runner_order_push_functions(lua_State *L)
{
  lua_pushcfunction(L, push_number);
  lua_pushcfunction(L, new_format);
}
