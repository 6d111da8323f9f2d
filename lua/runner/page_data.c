/* The data of an object of the network: its first and its last bytes, in the pieces in which they
 * came and went. */
#include <stdlib.h>
#include <string.h>

#include "runner/page.h"

#define PART   16384 /* bytes that are kept at the beginning, and as many at the end */
#define PIECES 64    /* and how many pieces */
#define PIECE  4096  /* bytes of a piece that are kept */

/* The data of one event. */
struct page_piece {
  page_piece *next;
  uint64_t time;
  size_t size, kept;
  char direction;
  char bytes[];
};

static bool has_room(const page_part *p, size_t kept)
{
  return p->count < PIECES && p->bytes + kept <= PART;
}

static void append(page_part *p, page_piece *new)
{
  if (p->last)
    p->last->next = new;
  else
    p->first = new;
  p->last = new;
  p->count++;
  p->bytes += new->kept;
}

static void drop_first(page_data *d)
{
  page_piece *first = d->tail.first;

  d->tail.first = first->next;
  if (first->next == NULL)
    d->tail.last = NULL;
  d->tail.count--;
  d->tail.bytes -= first->kept;
  d->dropped += first->size;
  free(first);
}

void runner_page_data_add(page_data *d, const netmcu_trace_event *event)
{
  size_t kept = event->size < PIECE ? event->size : PIECE;
  page_piece *new = malloc(sizeof(*new) + kept);

  *(event->direction == '<' ? &d->received : &d->sent) += event->size;
  if (new == NULL) {
    d->dropped += event->size;
    return;
  }
  *new = (page_piece){.time = event->time, .size = event->size, .kept = kept, .direction = event->direction};
  memcpy(new->bytes, event->data, kept);
  if (d->tail.count == 0 && has_room(&d->head, kept)) {
    append(&d->head, new);
    return;
  }
  while (d->tail.first && !has_room(&d->tail, kept))
    drop_first(d);
  append(&d->tail, new);
}

static void free_pieces(page_part *p)
{
  while (p->first) {
    page_piece *next = p->first->next;
    free(p->first);
    p->first = next;
  }
}

void runner_page_data_free(page_data *d)
{
  free_pieces(&d->head);
  free_pieces(&d->tail);
}

void runner_page_set_seconds(lua_State *L, const char *name, uint64_t time)
{
  lua_pushnumber(L, (lua_Number)time / 1e9);
  lua_setfield(L, -2, name);
}

static void add_piece(lua_State *L, const page_piece *p)
{
  lua_createtable(L, 0, 4);
  runner_page_set_seconds(L, "time", p->time);
  netmcu_set_integer(L, "size", (lua_Integer)p->size);
  netmcu_set_integer(L, "kept", (lua_Integer)p->kept);
  lua_pushlstring(L, &p->direction, 1);
  lua_setfield(L, -2, "direction");
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

/* The bytes that are missing between the two parts are a piece without a direction. */
static void push_pieces(lua_State *L, const page_data *d)
{
  page_piece gap = {.size = d->dropped, .direction = ' '};

  lua_newtable(L);
  for (const page_piece *p = d->head.first; p; p = p->next)
    add_piece(L, p);
  if (gap.size > 0)
    add_piece(L, &gap);
  for (const page_piece *p = d->tail.first; p; p = p->next)
    add_piece(L, p);
}

static void add_bytes(luaL_Buffer *bytes, const page_part *p)
{
  for (const page_piece *q = p->first; q; q = q->next)
    luaL_addlstring(bytes, q->bytes, q->kept);
}

void runner_page_data_push(lua_State *L, const page_data *d)
{
  luaL_Buffer bytes;

  push_pieces(L, d);
  luaL_buffinit(L, &bytes);
  add_bytes(&bytes, &d->head);
  add_bytes(&bytes, &d->tail);
  luaL_pushresult(&bytes);
}
