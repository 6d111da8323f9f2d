/* The map of --page --sim: the hosts of the world. Of many hosts the page gets the busiest ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/page_world.h"

enum { ROUTER, OWN }; /* the numbers of the first nodes */

/* ---- hosts ------------------------------------------------------------------------------------- */

/* Pushes a userdata with room for all hosts, which Lua frees even after an error. */
static page_map new_map(lua_State *L)
{
  size_t count = 2; /* the router and the script */

  for (const runner_host *h = runner_host_after(NULL); h; h = runner_host_after(h))
    count++;
  return (page_map){lua_newuserdatauv(L, count * sizeof(page_node), 0), 0};
}

static void add_node(page_map *m, const netmcu_sim_host *place, const char *state, bool has_device)
{
  m->nodes[m->count] = (page_node){.place = place, .state = state, .number = (unsigned)m->count, .has_device = has_device};
  m->count++;
}

static int compare_places(const void *a, const void *b)
{
  uintptr_t one = (uintptr_t)((const page_node *)a)->place, other = (uintptr_t)((const page_node *)b)->place;

  return (one > other) - (one < other);
}

static int compare_numbers(const void *a, const void *b)
{
  return (int)((const page_node *)a)->number - (int)((const page_node *)b)->number;
}

/* The selected host comes first, then those that do not run, then the busiest. */
static int compare_importance(const void *a, const void *b)
{
  const page_node *one = a, *other = b;
  int selected = (other->place == runner_page.place) - (one->place == runner_page.place);
  int down = (strcmp(other->state, "running") != 0) - (strcmp(one->state, "running") != 0);

  if (selected || down)
    return selected ? selected : down;
  if (one->packets != other->packets)
    return one->packets < other->packets ? 1 : -1;
  return compare_numbers(a, b);
}

page_node *runner_page_find_node(const page_map *m, const netmcu_sim_host *place)
{
  return bsearch(&(page_node){.place = place}, m->nodes, m->count, sizeof(page_node), compare_places);
}

static void count_packets(page_map *m)
{
  for (size_t i = 0; i < runner_page_traffic.size; i++) {
    const page_flow *f = &runner_page_traffic.flows[i];
    page_node *from = f->from ? runner_page_find_node(m, f->from) : NULL, *to = f->from ? runner_page_find_node(m, f->to) : NULL;
    if (from)
      from->packets += f->packets;
    if (to)
      to->packets += f->packets;
  }
}

/* The router is never part of a partition. */
static void find_separated(const page_map *m, const netmcu_sim_host *router)
{
  netmcu_sim_link link;

  for (size_t i = 0; i < m->count; i++)
    m->nodes[i].is_separated = netmcu_sim_get_path(m->nodes[i].place, router, &link) == NETMCU_SIM_SEPARATED;
}

/* The script that builds a world is on the map once it has sent something. */
static page_map push_map(lua_State *L)
{
  netmcu_sim_host *own = runner_world_place(), *router = netmcu_sim_host_find(netmcu_sim_of(own), "router");
  const char *own_state = runner_page.script ? "running" : runner_page.state;
  page_map m = new_map(L);

  add_node(&m, router, "running", false);
  add_node(&m, own, own_state, false);
  for (runner_host *h = runner_host_after(NULL); h; h = runner_host_after(h))
    add_node(&m, runner_host_place(h), runner_host_state(h), true);
  qsort(m.nodes, m.count, sizeof(page_node), compare_places);
  count_packets(&m);
  find_separated(&m, router);
  return m;
}

static bool is_listed(const page_node *n)
{
  return n->packets > 0 || n->number != OWN || runner_host_after(NULL) == NULL;
}

static const char *state_of(const page_node *n)
{
  return n->is_separated && strcmp(n->state, "running") == 0 ? "separated" : n->state;
}

static bool matches(const page_node *n, const char *filter)
{
  char ip[NETMCU_ADDRESS_SIZE], text[160];
  netmcu_address address = netmcu_sim_host_address(n->place);

  snprintf(text, sizeof(text), "%s %s %s", netmcu_sim_host_name(n->place), netmcu_ip_format(&address, ip), state_of(n));
  return strstr(text, filter) != NULL;
}

/* Shows up to `most` of the hosts that match. Afterwards the nodes are in the order of their places
 * again. Returns how many match. */
static lua_Integer choose_nodes(const page_map *m, const char *filter, lua_Integer most)
{
  lua_Integer matching = 0;

  qsort(m->nodes, m->count, sizeof(page_node), compare_importance);
  for (size_t i = 0; i < m->count; i++) {
    page_node *n = &m->nodes[i];
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

static void push_node(lua_State *L, const page_node *n)
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

static void push_nodes(lua_State *L, const page_map *m)
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
static void push_states(lua_State *L, const page_map *m)
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

int runner_page_world(lua_State *L)
{
  const char *filter = luaL_checkstring(L, 1);
  lua_Integer most = luaL_checkinteger(L, 2);

  if (runner_world_place() == NULL)
    return 0;
  page_map m = push_map(L);
  lua_Integer matching = choose_nodes(&m, filter, most);
  lua_createtable(L, 0, 8);
  qsort(m.nodes, m.count, sizeof(page_node), compare_numbers);
  push_nodes(L, &m);
  lua_setfield(L, -2, "hosts");
  push_states(L, &m);
  lua_setfield(L, -2, "states");
  qsort(m.nodes, m.count, sizeof(page_node), compare_places);
  runner_page_set_links(L, &m);
  netmcu_set_integer(L, "matching", matching);
  set_count(L, "packets", runner_page_traffic.packets);
  set_count(L, "lost", runner_page_traffic.lost);
  return 1;
}
