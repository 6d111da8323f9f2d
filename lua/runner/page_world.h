/* netmcu --page --sim: what page_world.c and page_links.c share. */
#ifndef NETMCU_PAGE_WORLD_H
#define NETMCU_PAGE_WORLD_H

#include "runner/page.h"

/* A host on the map. */
typedef struct page_node {
  const netmcu_sim_host *place;
  const char *state;
  unsigned number; /* in the order of creation; that of the router is 0 */
  bool has_device; /* that the page can show */
  uint64_t packets;
  bool is_separated, is_shown;
} page_node;

typedef struct page_map {
  page_node *nodes;
  size_t count;
} page_map;

/* Finds the node of this place in a map whose nodes are in the order of their places, or NULL. */
page_node *runner_page_find_node(const page_map *m, const netmcu_sim_host *place);
/* Sets the fields links and link_count of the table on top of the stack: the links between the hosts
 * that are shown, the busiest first, and their number. */
void runner_page_set_links(lua_State *L, const page_map *m);

#endif
