/* The data of an object of the network: its first and its last bytes, in the pieces in which they
 * came and went. Both are in rings of fixed size, because a script may transfer GBs. */
#include <stdlib.h>
#include <string.h>

#include "runner/page.h"

#define BYTES  16384 /* that a ring keeps */
#define PIECES 64    /* that a ring keeps */
#define PIECE  4096  /* bytes of a piece that are kept */

/* The data of one event. */
typedef struct piece {
  uint64_t time;
  size_t size, kept;
  char direction;
} piece;

struct page_ring {
  piece pieces[PIECES];
  unsigned first, count; /* of the pieces */
  size_t begin, size;    /* of the bytes */
  char bytes[BYTES];
};

static bool has_room(const page_ring *r, size_t kept)
{
  return r == NULL || (r->count < PIECES && r->size + kept <= BYTES);
}

static page_ring *new_ring(void)
{
  page_ring *r = malloc(sizeof(*r));

  if (r) {
    r->first = r->count = 0;
    r->begin = r->size = 0;
  }
  return r;
}

/* Returns the size of the piece. */
static size_t drop_first(page_ring *r)
{
  const piece *dropped = &r->pieces[r->first];

  r->first = (r->first + 1) % PIECES;
  r->count--;
  r->begin = (r->begin + dropped->kept) % BYTES;
  r->size -= dropped->kept;
  return dropped->size;
}

static void append(page_ring *r, piece new, const char *bytes)
{
  size_t at = (r->begin + r->size) % BYTES, before_end = new.kept < BYTES - at ? new.kept : BYTES - at;

  memcpy(r->bytes + at, bytes, before_end);
  memcpy(r->bytes, bytes + before_end, new.kept - before_end);
  r->pieces[(r->first + r->count) % PIECES] = new;
  r->count++;
  r->size += new.kept;
}

void runner_page_data_add(page_data *d, const netmcu_trace_event *event)
{
  size_t kept = event->size < PIECE ? event->size : PIECE;
  page_ring **ring = d->tail == NULL && has_room(d->head, kept) ? &d->head : &d->tail;

  *(event->direction == '<' ? &d->received : &d->sent) += event->size;
  if (*ring == NULL)
    *ring = new_ring();
  if (*ring == NULL) {
    d->dropped += event->size;
    return;
  }
  while (!has_room(*ring, kept))
    d->dropped += drop_first(*ring);
  append(*ring, (piece){event->time, event->size, kept, event->direction}, event->data);
}

void runner_page_data_free(page_data *d)
{
  free(d->head);
  free(d->tail);
}

void runner_page_set_seconds(lua_State *L, const char *name, uint64_t time)
{
  lua_pushnumber(L, (lua_Number)time / 1e9);
  lua_setfield(L, -2, name);
}

static void add_piece(lua_State *L, const piece *p)
{
  lua_createtable(L, 0, 4);
  runner_page_set_seconds(L, "time", p->time);
  netmcu_set_integer(L, "size", (lua_Integer)p->size);
  netmcu_set_integer(L, "kept", (lua_Integer)p->kept);
  lua_pushlstring(L, &p->direction, 1);
  lua_setfield(L, -2, "direction");
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

static void add_pieces(lua_State *L, const page_ring *r)
{
  for (unsigned i = 0; r && i < r->count; i++)
    add_piece(L, &r->pieces[(r->first + i) % PIECES]);
}

static void add_bytes(luaL_Buffer *buffer, const page_ring *r)
{
  if (r == NULL)
    return;
  size_t before_end = r->size < BYTES - r->begin ? r->size : BYTES - r->begin;
  luaL_addlstring(buffer, r->bytes + r->begin, before_end);
  luaL_addlstring(buffer, r->bytes, r->size - before_end);
}

void runner_page_data_push(lua_State *L, const page_data *d)
{
  luaL_Buffer buffer;

  lua_newtable(L);
  add_pieces(L, d->head);
  if (d->dropped > 0)
    add_piece(L, &(piece){.size = d->dropped, .direction = ' '});
  add_pieces(L, d->tail);
  luaL_buffinit(L, &buffer);
  add_bytes(&buffer, d->head);
  add_bytes(&buffer, d->tail);
  luaL_pushresult(&buffer);
}
