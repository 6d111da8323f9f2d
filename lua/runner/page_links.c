/* The links on the map of --page --sim, and the faults that somebody causes there. */
#include <stdlib.h>
#include <string.h>

#include "runner/page_world.h"

#define MOST_LINKS 150 /* that the page gets at once */

/* ---- cuts -------------------------------------------------------------------------------------- */

/* One direction of a link that was cut or repaired on the page: what it did before the cut, if that
 * is not over. */
typedef struct cut {
  struct cut *next;
  netmcu_sim_host *from, *to;
  netmcu_sim_link before;
  bool is_over;
} cut;

static cut *cuts;

static bool is_cut(const netmcu_sim_link *link)
{
  return link->loss >= 1;
}

/* Somebody who tries a fault by hand does not make the scenario fail. */
static void set_path(netmcu_sim_host *from, netmcu_sim_host *to, const netmcu_sim_link *link)
{
  netmcu_sim_expect_effects(netmcu_sim_of(from), 0);
  netmcu_sim_set_path(netmcu_sim_of(from), from, to, link);
  netmcu_sim_expect_effects(netmcu_sim_of(from), 1);
}

static cut *find_cut(const netmcu_sim_host *from, const netmcu_sim_host *to)
{
  cut *c = cuts;

  while (c && (c->from != from || c->to != to))
    c = c->next;
  return c;
}

/* Returns the cut of this path, which is new if there was none; NULL without memory. */
static cut *add_cut(netmcu_sim_host *from, netmcu_sim_host *to)
{
  cut *c = find_cut(from, to);

  if (c == NULL && (c = malloc(sizeof(*c)))) {
    *c = (cut){.next = cuts, .from = from, .to = to, .is_over = true};
    cuts = c;
  }
  return c;
}

/* The script may have set the link since an earlier cut: what it set last is kept. */
static void cut_path(netmcu_sim_host *from, netmcu_sim_host *to)
{
  netmcu_sim_link link;

  netmcu_sim_get_path(from, to, &link);
  cut *c = is_cut(&link) ? NULL : add_cut(from, to);
  if (c == NULL)
    return;
  c->before = link;
  c->is_over = false;
  link.loss = 1;
  set_path(from, to, &link);
}

/* Gives the path its earlier settings, unless the script has set it since. A path that the script itself
 * has cut loses nothing afterwards. */
static void repair_path(netmcu_sim_host *from, netmcu_sim_host *to)
{
  cut *c = add_cut(from, to);
  netmcu_sim_link link;

  netmcu_sim_get_path(from, to, &link);
  bool was_cut = is_cut(&link);
  link.loss = 0;
  if (c && !c->is_over)
    link = c->before;
  if (c)
    c->is_over = true;
  if (was_cut)
    set_path(from, to, &link);
}

void runner_page_forget_cuts(void)
{
  while (cuts) {
    cut *next = cuts->next;
    free(cuts);
    cuts = next;
  }
}

static netmcu_sim *check_world(lua_State *L)
{
  if (runner_world_place() == NULL)
    luaL_error(L, "there is no simulated network");
  runner_page_clock_catch_up();
  return netmcu_sim_of(runner_world_place());
}

static netmcu_sim_host *check_host(lua_State *L, int index)
{
  netmcu_sim_host *host = netmcu_sim_host_find(check_world(L), luaL_checkstring(L, index));

  if (host == NULL)
    luaL_error(L, "there is no such host");
  return host;
}

int runner_page_cut(lua_State *L)
{
  netmcu_sim_host *a = check_host(L, 1), *b = check_host(L, 2);
  void (*change)(netmcu_sim_host *, netmcu_sim_host *) = lua_toboolean(L, 3) ? cut_path : repair_path;

  change(a, b);
  change(b, a);
  return 0;
}

int runner_page_separate(lua_State *L)
{
  netmcu_sim_host *host = check_host(L, 1);

  netmcu_sim_expect_effects(netmcu_sim_of(host), 0);
  netmcu_sim_partition(netmcu_sim_of(host), &host, 1);
  netmcu_sim_expect_effects(netmcu_sim_of(host), 1);
  return 0;
}

int runner_page_repair(lua_State *L)
{
  netmcu_sim *world = check_world(L);

  netmcu_sim_expect_effects(world, 0);
  netmcu_sim_repair(world);
  netmcu_sim_expect_effects(world, 1);
  for (cut *c = cuts; c; c = c->next)
    if (!c->is_over)
      repair_path(c->from, c->to);
  return 0;
}

/* ---- links ------------------------------------------------------------------------------------- */

static void push_path(lua_State *L, const netmcu_sim_host *from, const netmcu_sim_host *to)
{
  static const char *const states[] = {
      [NETMCU_SIM_SENT] = "open", [NETMCU_SIM_SEPARATED] = "separated", [NETMCU_SIM_HELD] = "held"};
  netmcu_sim_link link;
  int fate = netmcu_sim_get_path(from, to, &link);

  lua_createtable(L, 0, 8);
  lua_pushstring(L, fate == NETMCU_SIM_SENT && is_cut(&link) ? "cut" : states[fate]);
  lua_setfield(L, -2, "state");
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
  netmcu_set_integer(L, "bandwidth", (lua_Integer)link.bandwidth);
  netmcu_set_integer(L, "mtu", (lua_Integer)link.mtu);
}

/* Two hosts with a link. */
typedef struct pair {
  const page_node *a, *b;
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
static pair pair_of(const page_map *m, const page_flow *there)
{
  const page_node *a = there->from ? runner_page_find_node(m, there->from) : NULL,
                  *b = a ? runner_page_find_node(m, there->to) : NULL;
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
  lua_pushstring(L, netmcu_sim_host_name(p->a->place));
  lua_setfield(L, -2, "a");
  lua_pushstring(L, netmcu_sim_host_name(p->b->place));
  lua_setfield(L, -2, "b");
  netmcu_set_integer(L, "packets", (lua_Integer)p->packets);
  netmcu_set_integer(L, "bytes", (lua_Integer)p->bytes);
  netmcu_set_integer(L, "lost", (lua_Integer)p->lost);
  push_path(L, p->a->place, p->b->place);
  lua_setfield(L, -2, "there");
  push_path(L, p->b->place, p->a->place);
  lua_setfield(L, -2, "back");
}

static bool is_same_link(const netmcu_sim_link *a, const netmcu_sim_link *b)
{
  return a->latency == b->latency && a->jitter == b->jitter && a->loss == b->loss && a->duplication == b->duplication &&
         a->reordering == b->reordering && a->bandwidth == b->bandwidth && a->queue == b->queue && a->mtu == b->mtu;
}

/* Whether a path has settings of its own: the others are as one of the hosts has them for everybody,
 * and therefore for the router. */
static bool is_special(const netmcu_sim_host *from, const netmcu_sim_host *to, const netmcu_sim_host *router)
{
  netmcu_sim_link link, there, back;

  if (netmcu_sim_get_path(from, to, &link) == NETMCU_SIM_HELD)
    return true;
  netmcu_sim_get_path(from, router, &there);
  netmcu_sim_get_path(router, to, &back);
  return !is_same_link(&link, &there) && !is_same_link(&link, &back);
}

/* Whether the map shows a link that no packet has used yet: that of a host with the router, and those
 * that the scenario or somebody on the page has set. Without this, each host would have a line to every
 * other one. */
static bool is_shown_idle(const page_node *a, const page_node *b, const netmcu_sim_host *router)
{
  const netmcu_sim_host *one = a->place, *other = b->place;

  if (runner_page_find_flow(one, other)->from || runner_page_find_flow(other, one)->from)
    return false;
  return one == router || other == router || find_cut(one, other) || is_special(one, other, router) ||
         is_special(other, one, router);
}

static size_t add_used_pairs(const page_map *m, pair *pairs)
{
  size_t count = 0;

  for (size_t i = 0; i < runner_page_traffic.size; i++) {
    pairs[count] = pair_of(m, &runner_page_traffic.flows[i]);
    count += pairs[count].a != NULL;
  }
  return count;
}

static size_t add_idle_pairs(const page_map *m, pair *pairs)
{
  const netmcu_sim_host *router = netmcu_sim_host_find(netmcu_sim_of(runner_world_place()), "router");
  size_t count = 0;

  for (size_t i = 0; i < m->count; i++)
    for (size_t k = i + 1; m->nodes[i].is_shown && k < m->count; k++) {
      const page_node *a = &m->nodes[i], *b = &m->nodes[k];
      if (b->is_shown && is_shown_idle(a, b, router))
        pairs[count++] = a->number < b->number ? (pair){.a = a, .b = b} : (pair){.a = b, .b = a};
    }
  return count;
}

static size_t count_shown(const page_map *m)
{
  size_t count = 0;

  for (size_t i = 0; i < m->count; i++)
    count += m->nodes[i].is_shown;
  return count;
}

void runner_page_set_links(lua_State *L, const page_map *m)
{
  size_t shown = count_shown(m), most = runner_page_traffic.count + 1 + shown * shown / 2;
  pair *pairs = lua_newuserdatauv(L, most * sizeof(pair), 0);
  size_t count = add_used_pairs(m, pairs);

  count += add_idle_pairs(m, pairs + count);
  qsort(pairs, count, sizeof(pair), compare_pairs);
  lua_newtable(L);
  for (size_t i = 0; i < count && i < MOST_LINKS; i++) {
    push_pair(L, &pairs[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -3, "links");
  lua_pop(L, 1);
  netmcu_set_integer(L, "link_count", (lua_Integer)count);
}
