/* The map of --page --sim: the hosts of the world, and the links that they use. Of many hosts the
 * page gets the busiest ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/page.h"

#define MOST_LINKS 150 /* that the page gets at once */

/* ---- hosts ------------------------------------------------------------------------------------- */

typedef struct node {
  const netmcu_sim_host *place;
  const char *state;
  unsigned number; /* in the order of creation */
  bool has_device; /* that the page can show */
  uint64_t packets;
  bool is_separated, is_shown;
} node;

typedef struct map {
  node *nodes;
  size_t count;
} map;

/* Pushes a userdata with room for all hosts, which Lua frees even after an error. */
static map new_map(lua_State *L)
{
  size_t count = 2; /* the router and the script */

  for (const runner_host *h = runner_host_after(NULL); h; h = runner_host_after(h))
    count++;
  return (map){lua_newuserdatauv(L, count * sizeof(node), 0), 0};
}

static void add_node(map *m, const netmcu_sim_host *place, const char *state, bool has_device)
{
  m->nodes[m->count] = (node){.place = place, .state = state, .number = (unsigned)m->count, .has_device = has_device};
  m->count++;
}

static int compare_places(const void *a, const void *b)
{
  uintptr_t one = (uintptr_t)((const node *)a)->place, other = (uintptr_t)((const node *)b)->place;

  return (one > other) - (one < other);
}

static int compare_numbers(const void *a, const void *b)
{
  return (int)((const node *)a)->number - (int)((const node *)b)->number;
}

/* The selected host comes first, then those that do not run, then the busiest. */
static int compare_importance(const void *a, const void *b)
{
  const node *one = a, *other = b;
  int selected = (other->place == runner_page.place) - (one->place == runner_page.place);
  int down = (strcmp(other->state, "running") != 0) - (strcmp(one->state, "running") != 0);

  if (selected || down)
    return selected ? selected : down;
  if (one->packets != other->packets)
    return one->packets < other->packets ? 1 : -1;
  return compare_numbers(a, b);
}

static node *find_node(const map *m, const netmcu_sim_host *place)
{
  return bsearch(&(node){.place = place}, m->nodes, m->count, sizeof(node), compare_places);
}

static void count_packets(map *m)
{
  for (size_t i = 0; i < runner_page_traffic.size; i++) {
    const page_flow *f = &runner_page_traffic.flows[i];
    node *from = f->from ? find_node(m, f->from) : NULL, *to = f->from ? find_node(m, f->to) : NULL;
    if (from)
      from->packets += f->packets;
    if (to)
      to->packets += f->packets;
  }
}

/* The router is never part of a partition. */
static void find_separated(const map *m, const netmcu_sim_host *router)
{
  netmcu_sim_link link;

  for (size_t i = 0; i < m->count; i++)
    m->nodes[i].is_separated = netmcu_sim_get_path(m->nodes[i].place, router, &link) == NETMCU_SIM_SEPARATED;
}

/* The script that builds a world, and the router, are on the map once they have sent something. */
static map push_map(lua_State *L)
{
  netmcu_sim_host *own = runner_world_place(), *router = netmcu_sim_host_find(netmcu_sim_of(own), "router");
  const char *own_state = runner_page.script ? "running" : runner_page.state;
  map m = new_map(L);

  add_node(&m, router, "running", false);
  add_node(&m, own, own_state, false);
  for (runner_host *h = runner_host_after(NULL); h; h = runner_host_after(h))
    add_node(&m, runner_host_place(h), runner_host_state(h), true);
  qsort(m.nodes, m.count, sizeof(node), compare_places);
  count_packets(&m);
  find_separated(&m, router);
  return m;
}

static bool is_listed(const node *n)
{
  return n->packets > 0 || n->number > 1 || (n->number == 1 && runner_host_after(NULL) == NULL);
}

static const char *state_of(const node *n)
{
  return n->is_separated && strcmp(n->state, "running") == 0 ? "separated" : n->state;
}

static bool matches(const node *n, const char *filter)
{
  char ip[NETMCU_ADDRESS_SIZE], text[160];
  netmcu_address address = netmcu_sim_host_address(n->place);

  snprintf(text, sizeof(text), "%s %s %s", netmcu_sim_host_name(n->place), netmcu_ip_format(&address, ip), state_of(n));
  return strstr(text, filter) != NULL;
}

/* Shows up to `most` of the hosts that match. Afterwards the nodes are in the order of their places
 * again. Returns how many match. */
static lua_Integer choose_nodes(const map *m, const char *filter, lua_Integer most)
{
  lua_Integer matching = 0;

  qsort(m->nodes, m->count, sizeof(node), compare_importance);
  for (size_t i = 0; i < m->count; i++) {
    node *n = &m->nodes[i];
    n->is_shown = is_listed(n) && matches(n, filter) && matching++ < most;
  }
  return matching;
}

/* ---- for the page ------------------------------------------------------------------------------ */

static void set_text(lua_State *L, const char *name, const char *text)
{
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}

static void set_count(lua_State *L, const char *name, uint64_t count)
{
  netmcu_set_integer(L, name, (lua_Integer)count);
}

static void push_node(lua_State *L, const node *n)
{
  char ip[NETMCU_ADDRESS_SIZE];
  netmcu_address address = netmcu_sim_host_address(n->place);

  lua_createtable(L, 0, 5);
  set_text(L, "name", netmcu_sim_host_name(n->place));
  set_text(L, "ip", netmcu_ip_format(&address, ip));
  set_text(L, "state", state_of(n));
  set_count(L, "packets", n->packets);
  lua_pushboolean(L, n->has_device);
  lua_setfield(L, -2, "has_device");
}

static void push_nodes(lua_State *L, const map *m)
{
  lua_Integer count = 0;

  lua_newtable(L);
  for (size_t i = 0; i < m->count; i++) {
    if (!m->nodes[i].is_shown)
      continue;
    push_node(L, &m->nodes[i]);
    lua_rawseti(L, -2, ++count);
  }
}

/* Pushes the number of hosts in each state. */
static void push_states(lua_State *L, const map *m)
{
  lua_newtable(L);
  for (size_t i = 0; i < m->count; i++) {
    if (!is_listed(&m->nodes[i]))
      continue;
    lua_getfield(L, -1, state_of(&m->nodes[i]));
    lua_Integer count = lua_tointeger(L, -1);
    lua_pop(L, 1);
    netmcu_set_integer(L, state_of(&m->nodes[i]), count + 1);
  }
}

static void push_path(lua_State *L, const netmcu_sim_host *from, const netmcu_sim_host *to)
{
  static const char *const states[] = {
      [NETMCU_SIM_SENT] = "open", [NETMCU_SIM_SEPARATED] = "separated", [NETMCU_SIM_HELD] = "held"};
  netmcu_sim_link link;
  int fate = netmcu_sim_get_path(from, to, &link);

  lua_createtable(L, 0, 8);
  set_text(L, "state", states[fate]);
  lua_pushnumber(L, (lua_Number)link.latency / 1000);
  lua_setfield(L, -2, "latency");
  lua_pushnumber(L, (lua_Number)link.jitter / 1000);
  lua_setfield(L, -2, "jitter");
  lua_pushnumber(L, link.loss);
  lua_setfield(L, -2, "loss");
  lua_pushnumber(L, link.duplication);
  lua_setfield(L, -2, "duplication");
  lua_pushnumber(L, link.reordering);
  lua_setfield(L, -2, "reordering");
  set_count(L, "bandwidth", link.bandwidth);
  set_count(L, "mtu", link.mtu);
}

/* A pair of hosts that have exchanged packets. */
typedef struct pair {
  const node *a, *b;
  uint64_t packets, bytes, lost;
} pair;

static int compare_pairs(const void *a, const void *b)
{
  const pair *one = a, *other = b;

  if (one->packets != other->packets)
    return one->packets < other->packets ? 1 : -1;
  if (one->a->number != other->a->number)
    return one->a->number < other->a->number ? -1 : 1;
  return (one->b->number > other->b->number) - (one->b->number < other->b->number);
}

/* Returns the pair that this flow stands for; without hosts if they are not shown, or if the flow in
 * the other direction stands for it. */
static pair pair_of(const map *m, const page_flow *there)
{
  const node *a = there->from ? find_node(m, there->from) : NULL, *b = a ? find_node(m, there->to) : NULL;
  const page_flow *back = b ? runner_page_find_flow(there->to, there->from) : NULL;

  if (back == NULL || !a->is_shown || !b->is_shown || (a->number > b->number && back->from))
    return (pair){.a = NULL};
  uint64_t packets = there->packets + back->packets, bytes = there->bytes + back->bytes;
  return (pair){.a = a->number < b->number ? a : b,
                .b = a->number < b->number ? b : a,
                .packets = packets,
                .bytes = bytes,
                .lost = there->lost + back->lost};
}

static void push_pair(lua_State *L, const pair *p)
{
  lua_createtable(L, 0, 7);
  set_text(L, "a", netmcu_sim_host_name(p->a->place));
  set_text(L, "b", netmcu_sim_host_name(p->b->place));
  set_count(L, "packets", p->packets);
  set_count(L, "bytes", p->bytes);
  set_count(L, "lost", p->lost);
  push_path(L, p->a->place, p->b->place);
  lua_setfield(L, -2, "there");
  push_path(L, p->b->place, p->a->place);
  lua_setfield(L, -2, "back");
}

/* Sets the links between the hosts that are shown, the busiest first, and their number. */
static void set_links(lua_State *L, const map *m)
{
  pair *pairs = lua_newuserdatauv(L, (runner_page_traffic.count + 1) * sizeof(pair), 0);
  size_t count = 0;

  lua_newtable(L);
  for (size_t i = 0; i < runner_page_traffic.size; i++) {
    pairs[count] = pair_of(m, &runner_page_traffic.flows[i]);
    count += pairs[count].a != NULL;
  }
  qsort(pairs, count, sizeof(pair), compare_pairs);
  for (size_t i = 0; i < count && i < MOST_LINKS; i++) {
    push_pair(L, &pairs[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -3, "links");
  lua_pop(L, 1);
  set_count(L, "link_count", count);
}

int runner_page_world(lua_State *L)
{
  const char *filter = luaL_checkstring(L, 1);
  lua_Integer most = luaL_checkinteger(L, 2);

  if (runner_world_place() == NULL)
    return 0;
  map m = push_map(L);
  lua_Integer matching = choose_nodes(&m, filter, most);
  lua_createtable(L, 0, 8);
  qsort(m.nodes, m.count, sizeof(node), compare_numbers);
  push_nodes(L, &m);
  lua_setfield(L, -2, "hosts");
  push_states(L, &m);
  lua_setfield(L, -2, "states");
  qsort(m.nodes, m.count, sizeof(node), compare_places);
  set_links(L, &m);
  netmcu_set_integer(L, "matching", matching);
  set_count(L, "packets", runner_page_traffic.packets);
  set_count(L, "lost", runner_page_traffic.lost);
  return 1;
}
