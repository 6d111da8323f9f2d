/* The objects of the network that the page lists: the latest OBJECTS of them, each with the first and
 * the last bytes of its data. If there is no room, the oldest one that is over goes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/page.h"

#define OBJECTS 500
#define MARKS   8 /* warnings of an object that are kept */

typedef struct mark {
  uint64_t time;
  char text[240];
} mark;

typedef struct object {
  lua_Integer key; /* the run and the object's number in it */
  uint64_t version, begun, heard, ended;
  bool is_over;
  char kind[16], state[16], name[64], detail[64];
  netmcu_address peer;
  bool has_peer;
  bool is_opening; /* it has asked for a connection, and nothing has answered yet */
  bool is_refused;
  int error;
  page_data data;
  mark *marks;
  unsigned mark_count;
} object;

static struct {
  object *objects[OBJECTS]; /* in the order of their first events */
  unsigned count;
  object *latest;
  uint64_t version, dropped;
  const netmcu_host *host;
  lua_Integer run;
  mark waiting; /* a warning whose event may follow in the same call */
  unsigned call;
  unsigned warnings;
} network;

/* ---- objects --------------------------------------------------------------------------------- */

static void free_object(object *o)
{
  runner_page_data_free(&o->data);
  free(o->marks);
  free(o);
}

static void make_room(void)
{
  unsigned victim = 0;

  if (network.count < OBJECTS)
    return;
  while (victim < network.count && !network.objects[victim]->is_over)
    victim++;
  if (victim == network.count)
    victim = 0;
  if (network.latest == network.objects[victim])
    network.latest = NULL;
  free_object(network.objects[victim]);
  network.count--;
  memmove(&network.objects[victim], &network.objects[victim + 1],
          (network.count - victim) * sizeof(network.objects[0]));
  network.dropped++;
}

static object *find_object(lua_Integer key)
{
  if (network.latest && network.latest->key == key)
    return network.latest;
  for (unsigned i = network.count; i > 0; i--)
    if (network.objects[i - 1]->key == key)
      return network.latest = network.objects[i - 1];
  return NULL;
}

static object *add_object(lua_Integer key, const char *kind, uint64_t time)
{
  object *o = calloc(1, sizeof(*o));

  if (o == NULL)
    return NULL;
  make_room();
  o->key = key;
  o->begun = o->heard = time;
  snprintf(o->kind, sizeof(o->kind), "%s", strncmp(kind, "net.", 4) == 0 ? kind + 4 : kind);
  network.objects[network.count++] = o;
  network.latest = o;
  return o;
}

static void touch(object *o)
{
  o->version = ++network.version;
}

static void end_object(object *o, uint64_t time)
{
  if (!o->is_over)
    o->ended = time;
  o->is_over = true;
}

/* ---- events ---------------------------------------------------------------------------------- */

static void add_mark(object *o, const mark *m)
{
  mark *larger = o->mark_count < MARKS ? realloc(o->marks, (o->mark_count + 1) * sizeof(*m)) : NULL;

  if (larger) {
    o->marks = larger;
    o->marks[o->mark_count] = *m;
  }
  if (larger || o->mark_count >= MARKS)
    o->mark_count++;
}

/* A warning that belongs to no object has a line of its own. */
static void place_waiting(void)
{
  if (network.waiting.text[0] == '\0')
    return;
  object *o = add_object(network.run << 32 | 1 << 30 | ++network.warnings, "warning", network.waiting.time);
  if (o) {
    add_mark(o, &network.waiting);
    snprintf(o->state, sizeof(o->state), "warning");
    end_object(o, network.waiting.time);
    touch(o);
  }
  network.waiting.text[0] = '\0';
}

static const struct {
  const char *what, *state;
  bool is_end;
} states[] = {{"connect", "connecting", false}, {"accept", "open", false},  {"connection", "open", false},
              {"listen", "listening", false},   {"query", "asking", false}, {"request", "waiting", false},
              {"reply", "answered", false},     {"loss", "lost", false},    {"answer", "answered", true},
              {"disconnection", "ended", true}, {"close", "closed", true},  {"abort", "aborted", true}};

static void set_state(object *o, const netmcu_trace_event *event)
{
  for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
    if (strcmp(event->what, states[i].what) != 0)
      continue;
    snprintf(o->state, sizeof(o->state), "%s", event->error ? "failed" : states[i].state);
    if (states[i].is_end)
      end_object(o, event->time);
    else
      o->is_over = false; /* a socket may connect again */
  }
}

static void describe(object *o, const netmcu_trace_event *event)
{
  if (event->name && strcmp(o->name, event->name) != 0)
    snprintf(o->name, sizeof(o->name), "%s", event->name);
  if (event->peer) {
    o->peer = *event->peer;
    o->has_peer = true;
  }
  if (event->detail)
    snprintf(o->detail, sizeof(o->detail), "%s", event->detail);
}

/* True for an event that shows that the peer has accepted the connection. A script may send before. */
static bool is_of_open_connection(const netmcu_trace_event *event)
{
  return strcmp(event->what, "receive") == 0 || strcmp(event->what, "connection") == 0 ||
         strcmp(event->what, "open") == 0;
}

/* The device reports a refused connection as it reports a reset one. */
static void set_error(object *o, const netmcu_trace_event *event)
{
  if (strcmp(event->what, "connect") == 0) {
    o->error = 0;
    o->is_opening = true;
  } else if (event->error) {
    o->error = event->error;
    o->is_refused = o->is_opening && event->error == NETMCU_ERESET;
  } else if (is_of_open_connection(event)) {
    o->is_opening = false;
  }
}

static void mark_event(object *o, const netmcu_trace_event *event)
{
  if (network.waiting.text[0] && network.call == netmcu_host_calls(network.host)) {
    add_mark(o, &network.waiting);
    network.waiting.text[0] = '\0';
  }
  if (event->data == NULL && strcmp(event->what, "fault") == 0) {
    mark m = {.time = event->time};
    snprintf(m.text, sizeof(m.text), "fault: %s", event->detail ? event->detail : "");
    add_mark(o, &m);
  }
}

static void on_event(const netmcu_trace_event *event, void *data)
{
  lua_Integer key = network.run << 32 | event->number;
  object *o = find_object(key);

  (void)data;
  if (o == NULL)
    o = add_object(key, strcmp(event->what, "accept") == 0 ? "client" : event->object, event->time);
  if (o == NULL)
    return;
  describe(o, event);
  set_error(o, event);
  if (event->data)
    runner_page_data_add(&o->data, event);
  else
    set_state(o, event);
  mark_event(o, event);
  o->heard = event->time;
  touch(o);
}

static void on_warning(const char *text, const char *source, int line, void *data)
{
  (void)data;
  place_waiting();
  network.waiting.time = netmcu_get_time(netmcu_host_context(network.host));
  network.call = netmcu_host_calls(network.host);
  if (line > 0)
    snprintf(network.waiting.text, sizeof(network.waiting.text), "%.80s:%d: %s", source, line, text);
  else
    snprintf(network.waiting.text, sizeof(network.waiting.text), "%s", text);
}

const netmcu_observer runner_page_observer = {on_event, on_warning, NULL};

void runner_page_network_begin(const netmcu_host *host)
{
  network.host = host;
  network.run++;
}

void runner_page_network_end(void)
{
  uint64_t now = netmcu_get_time(netmcu_host_context(network.host));

  place_waiting();
  for (unsigned i = 0; i < network.count; i++) {
    object *o = network.objects[i];
    if (o->is_over)
      continue;
    snprintf(o->state, sizeof(o->state), "closed");
    end_object(o, now);
    touch(o);
  }
}

void runner_page_network_free(void)
{
  while (network.count > 0)
    free_object(network.objects[--network.count]);
  network.latest = NULL;
  network.waiting.text[0] = '\0';
}

/* ---- for the page ---------------------------------------------------------------------------- */

static void set_text(lua_State *L, const char *name, const char *text)
{
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}

static void set_peer(lua_State *L, const object *o)
{
  char text[NETMCU_ADDRESS_SIZE] = "";

  if (o->has_peer)
    (o->peer.port ? netmcu_address_format : netmcu_ip_format)(&o->peer, text);
  set_text(L, "peer", text);
}

static const char *describe_error(const object *o)
{
  if (o->error == 0)
    return "";
  return o->is_refused ? "connection refused" : netmcu_strerror(o->error);
}

static void push_object(lua_State *L, const object *o)
{
  lua_createtable(L, 0, 16);
  netmcu_set_integer(L, "key", o->key);
  netmcu_set_integer(L, "run", o->key >> 32);
  set_text(L, "kind", o->kind);
  set_text(L, "state", o->state);
  set_text(L, "name", o->name);
  set_peer(L, o);
  set_text(L, "detail", o->detail);
  set_text(L, "error", describe_error(o));
  runner_page_set_seconds(L, "begun", o->begun);
  runner_page_set_seconds(L, "heard", o->heard);
  if (o->is_over)
    runner_page_set_seconds(L, "ended", o->ended);
  netmcu_set_integer(L, "received", (lua_Integer)o->data.received);
  netmcu_set_integer(L, "sent", (lua_Integer)o->data.sent);
  netmcu_set_integer(L, "marks", (lua_Integer)o->mark_count);
  set_text(L, "mark", o->marks ? o->marks[0].text : "");
}

int runner_page_network(lua_State *L)
{
  lua_Integer since = luaL_checkinteger(L, 1), changed = 0;

  place_waiting();
  lua_newtable(L);
  lua_pushinteger(L, (lua_Integer)network.version);
  lua_createtable(L, (int)network.count, 0);
  for (unsigned i = 0; i < network.count; i++) {
    const object *o = network.objects[i];
    if ((lua_Integer)o->version > since) {
      push_object(L, o);
      lua_rawseti(L, 2, ++changed);
    }
    lua_pushinteger(L, o->key);
    lua_rawseti(L, 4, (lua_Integer)i + 1);
  }
  lua_pushinteger(L, (lua_Integer)network.dropped);
  return 4;
}

static void push_marks(lua_State *L, const object *o)
{
  lua_newtable(L);
  for (unsigned i = 0; i < o->mark_count && i < MARKS; i++) {
    lua_createtable(L, 0, 2);
    runner_page_set_seconds(L, "time", o->marks[i].time);
    set_text(L, "text", o->marks[i].text);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

int runner_page_pieces(lua_State *L)
{
  const object *o = find_object(luaL_checkinteger(L, 1));

  if (o == NULL)
    return 0;
  runner_page_data_push(L, &o->data);
  push_marks(L, o);
  return 3;
}
