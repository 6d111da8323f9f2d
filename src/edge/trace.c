/* Reports what happens to the program, one event at a time (netmcu_set_trace). Objects have
 * numbers, in the order of their first events, and the peer and name of an earlier event are known
 * for the later ones. A table keeps all of this, so that the objects themselves carry none of
 * it. */
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/memory.h"
#include "edge/trace.h"

typedef struct known {
  const netmcu__object *object; /* NULL: free */
  unsigned number;
  netmcu_address peer;
  char name[64]; /* longer texts are cut, because only people read them */
} known;

typedef struct tracer {
  netmcu_trace_cb cb;
  void *data;
  known *table; /* open addressing, at most half full */
  size_t capacity, used;
  unsigned numbers;
} tracer;

static tracer *tracer_of(const netmcu_t *ctx)
{
  return netmcu__part(ctx, NETMCU__TRACER);
}

static void forget_all(netmcu_t *ctx, void *part)
{
  tracer *t = part;

  netmcu__release(ctx, t->table);
  t->table = NULL;
  t->capacity = t->used = 0;
}

static void forget(const netmcu__object *object);

/* Without a callback, nobody notices removed objects, so everything that is known of objects is
 * dropped. */
int netmcu_set_trace(netmcu_t *ctx, netmcu_trace_cb cb, void *data)
{
  static const netmcu__part_class tracer_class = {.size = sizeof(tracer), .end = forget_all};
  netmcu__head *head = netmcu__head_of(ctx);
  tracer *t = cb ? netmcu__part_get(ctx, NETMCU__TRACER, &tracer_class) : tracer_of(ctx);

  if (cb && t == NULL)
    return NETMCU_ENOMEM;
  head->forget = cb ? forget : NULL;
  head->edge = cb ? head->edge | NETMCU__TRACED : head->edge & ~(unsigned)NETMCU__TRACED;
  if (cb) {
    t->cb = cb;
    t->data = data;
  } else if (t) {
    forget_all(ctx, t);
  }
  return 0;
}

/* ---- what is known of objects ---------------------------------------------------------------- */

static size_t home_of(const tracer *t, const netmcu__object *object)
{
  return (size_t)(((uintptr_t)object >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (t->capacity - 1);
}

static known *find_known(const tracer *t, const netmcu__object *object)
{
  size_t i = home_of(t, object);

  while (t->table[i].object && t->table[i].object != object)
    i = (i + 1) & (t->capacity - 1);
  return &t->table[i];
}

static bool grow(netmcu_t *ctx, tracer *t)
{
  tracer larger = *t;

  larger.capacity = t->capacity ? 2 * t->capacity : 16;
  larger.table = netmcu__allocate(ctx, larger.capacity * sizeof(*larger.table));
  if (larger.table == NULL)
    return false;
  for (size_t i = 0; i < t->capacity; i++)
    if (t->table[i].object)
      *find_known(&larger, t->table[i].object) = t->table[i];
  netmcu__release(ctx, t->table);
  *t = larger;
  return true;
}

static known *learn(const netmcu__object *object)
{
  tracer *t = tracer_of(object->ctx);

  if (2 * (t->used + 1) > t->capacity && !grow(object->ctx, t))
    return NULL;
  known *k = find_known(t, object);
  if (k->object == NULL) {
    *k = (known){.object = object, .number = ++t->numbers};
    t->used++;
  }
  return k;
}

/* Moves up the entries that follow, so that no gap interrupts a search. */
static void forget(const netmcu__object *object)
{
  tracer *t = tracer_of(object->ctx);

  if (t->capacity == 0 || find_known(t, object)->object == NULL)
    return;
  size_t mask = t->capacity - 1, gap = (size_t)(find_known(t, object) - t->table);
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

/* ---- events ---------------------------------------------------------------------------------- */

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
  tracer *t = tracer_of(ctx);
  known *k = learn(object);
  netmcu_address peer;
  char name[sizeof(k->name)];

  if (k == NULL)
    return;
  remember(k, &event);
  peer = k->peer;
  memcpy(name, k->name, sizeof(name));
  event.time = netmcu_get_time(ctx);
  event.object = netmcu__class_of(object)->name;
  event.number = k->number;
  event.peer = peer.port || !netmcu__is_any_ip(&peer) ? &peer : NULL;
  event.name = name[0] ? name : NULL;
  t->cb(ctx, &event, t->data);
}

void netmcu__trace_listen(const netmcu__object *object, const netmcu_address *asked, const netmcu_address *real)
{
  char text[32];

  snprintf(text, sizeof(text), "really port %u", (unsigned)real->port);
  netmcu__trace(
      object, (netmcu_trace_event){.what = "listen", .peer = asked, .detail = asked->port == real->port ? NULL : text});
}
