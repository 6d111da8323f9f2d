/* The output that the page shows: a ring of bytes. Positions count all bytes since the beginning. */
#include <stdlib.h>
#include <string.h>

#include "runner/page.h"

#define CAPACITY 1048576

static char *ring; /* allocated with the first output */
static uint64_t written;

static void add_bytes(const char *bytes, size_t size)
{
  if (size > CAPACITY) {
    written += size - CAPACITY;
    bytes += size - CAPACITY;
    size = CAPACITY;
  }
  size_t at = (size_t)(written % CAPACITY), first = size < CAPACITY - at ? size : CAPACITY - at;
  memcpy(ring + at, bytes, first);
  memcpy(ring, bytes + first, size - first);
  written += size;
}

/* A note starts a line, even if the script has not ended its own. It may have several lines, as an
 * error with its traceback has. */
static void add_note(const char *text, size_t size)
{
  const char *end = text + size;

  if (written > 0 && ring[(written - 1) % CAPACITY] != '\n')
    add_bytes("\n", 1);
  while (text < end) {
    const char *newline = memchr(text, '\n', (size_t)(end - text)), *next = newline ? newline : end;
    add_bytes((char[]){PAGE_NOTE}, 1);
    add_bytes(text, (size_t)(next - text));
    add_bytes("\n", 1);
    text = next + 1;
  }
}

void runner_page_console_add(const char *text, size_t size, bool is_note)
{
  if (ring == NULL && (ring = malloc(CAPACITY)) == NULL)
    return;
  if (is_note)
    add_note(text, size);
  else
    add_bytes(text, size);
}

void runner_page_console_free(void)
{
  free(ring);
  ring = NULL;
  written = 0;
}

static uint64_t clamp(lua_Integer position)
{
  uint64_t first = written > CAPACITY ? written - CAPACITY : 0;

  if (position < 0 || (uint64_t)position < first)
    return first;
  return (uint64_t)position < written ? (uint64_t)position : written;
}

int runner_page_console(lua_State *L)
{
  uint64_t from = clamp(luaL_checkinteger(L, 1)), size = written - from;
  lua_Integer most = luaL_checkinteger(L, 2);
  luaL_Buffer buffer;

  if (most < (lua_Integer)size)
    size = most > 0 ? (uint64_t)most : 0;
  char *to = luaL_buffinitsize(L, &buffer, (size_t)size);
  for (uint64_t copied = 0, part; copied < size; copied += part) {
    uint64_t at = (from + copied) % CAPACITY;
    part = size - copied < CAPACITY - at ? size - copied : CAPACITY - at;
    memcpy(to + copied, ring + at, (size_t)part);
  }
  luaL_pushresultsize(&buffer, (size_t)size);
  uint64_t end = from + size;
  lua_pushinteger(L, (lua_Integer)from);
  lua_pushinteger(L, (lua_Integer)end);
  lua_pushinteger(L, (lua_Integer)written);
  return 4;
}
