/* Tells the program what happens, one event at a time (netmcu_set_trace). Objects have numbers, in the order in which they
 * are first heard of, and the peer and name of an earlier event are known for the later ones: a table of what is heard of,
 * so that the objects themselves carry nothing of it. */
#include <string.h>
#include <uv.h>

#include "edge/edge.h"

typedef struct known {
  const netmcu__object *object; /* NULL: free */
  unsigned number;
  netmcu_address peer;
  char name[64]; /* longer ones are cut: they are for people to read */
} known;

struct netmcu__tracer {
  netmcu_trace_cb cb;
  void *data;
  known *table; /* open addressing, at most half full */
  size_t capacity, used;
  unsigned numbers;
};

static struct netmcu__tracer *tracer_of(netmcu_t *ctx)
{
  return netmcu__parts(ctx)->tracer;
}

int netmcu_set_trace(netmcu_t *ctx, netmcu_trace_cb cb, void *data)
{
  struct netmcu__parts *parts = netmcu__parts(ctx);

  if (cb == NULL) {
    netmcu__tracer_close(ctx); /* objects that go from now on are not heard of */
    return 0;
  }
  if (parts->tracer == NULL)
    parts->tracer = netmcu__allocate(ctx, sizeof(*parts->tracer));
  if (parts->tracer == NULL)
    return NETMCU_ENOMEM;
  parts->tracer->cb = cb;
  parts->tracer->data = data;
  netmcu__edge_of(ctx)->set |= NETMCU__TRACED;
  return 0;
}

void netmcu__tracer_close(netmcu_t *ctx)
{
  struct netmcu__tracer *t = tracer_of(ctx);

  netmcu__edge_of(ctx)->set &= ~(unsigned)NETMCU__TRACED;
  if (t == NULL)
    return;
  netmcu__release(ctx, t->table);
  t->table = NULL;
  t->capacity = t->used = 0;
}

/* ---- what is known of objects ------------------------------------------------------------------------------ */

static size_t home_of(const struct netmcu__tracer *t, const netmcu__object *object)
{
  return (size_t)(((uintptr_t)object >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (t->capacity - 1);
}

static known *find(const struct netmcu__tracer *t, const netmcu__object *object)
{
  size_t i = home_of(t, object);

  while (t->table[i].object && t->table[i].object != object)
    i = (i + 1) & (t->capacity - 1);
  return &t->table[i];
}

static bool grow(netmcu_t *ctx, struct netmcu__tracer *t)
{
  struct netmcu__tracer larger = *t;

  larger.capacity = t->capacity ? 2 * t->capacity : 16;
  larger.table = netmcu__allocate(ctx, larger.capacity * sizeof(*larger.table));
  if (larger.table == NULL)
    return false;
  for (size_t i = 0; i < t->capacity; i++)
    if (t->table[i].object)
      *find(&larger, t->table[i].object) = t->table[i];
  netmcu__release(ctx, t->table);
  *t = larger;
  return true;
}

static known *learn(const netmcu__object *object)
{
  struct netmcu__tracer *t = tracer_of(object->ctx);

  if (2 * (t->used + 1) > t->capacity && !grow(object->ctx, t))
    return NULL;
  known *k = find(t, object);
  if (k->object == NULL) {
    *k = (known){.object = object, .number = ++t->numbers};
    t->used++;
  }
  return k;
}

/* Moves up what follows, so that no gap interrupts a search. */
void netmcu__trace_forget(const netmcu__object *object)
{
  struct netmcu__tracer *t = tracer_of(object->ctx);

  if (t == NULL || t->capacity == 0 || find(t, object)->object == NULL)
    return;
  size_t mask = t->capacity - 1, gap = (size_t)(find(t, object) - t->table);
  for (size_t i = (gap + 1) & mask; t->table[i].object; i = (i + 1) & mask) {
    size_t home = home_of(t, t->table[i].object);
    if (((i - home) & mask) >= ((i - gap) & mask)) {
      t->table[gap] = t->table[i];
      gap = i;
    }
  }
  t->table[gap].object = NULL;
  t->used--;
}

/* ---- events ---------------------------------------------------------------------------------------------------- */

static void remember(known *k, const netmcu_trace_event *event)
{
  if (event->peer)
    k->peer = *event->peer;
  if (event->name) {
    size_t length = strlen(event->name);
    length = length < sizeof(k->name) ? length : sizeof(k->name) - 1;
    memcpy(k->name, event->name, length);
    k->name[length] = '\0';
  }
}

void netmcu__trace(const netmcu__object *object, netmcu_trace_event event)
{
  netmcu_t *ctx = object->ctx;
  struct netmcu__tracer *t = tracer_of(ctx);
  known *k = learn(object);
  netmcu_address peer;
  char name[sizeof(k->name)];

  if (k == NULL)
    return;
  remember(k, &event);
  peer = k->peer;
  memcpy(name, k->name, sizeof(name));
  event.time = netmcu_time(ctx);
  event.object = netmcu__class_of(object)->name;
  event.number = k->number;
  event.peer = peer.port || !netmcu__is_any_ip(&peer) ? &peer : NULL;
  event.name = name[0] ? name : NULL;
  t->cb(ctx, &event, t->data);
}
