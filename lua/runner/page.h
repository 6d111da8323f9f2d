/* netmcu --page: what the page shows, for the files page_*.c. All of it is bounded: old content makes
 * room for new, and what was dropped is counted. */
#ifndef NETMCU_PAGE_H
#define NETMCU_PAGE_H

#include "runner/runner.h"

/* ---- the console (page_console.c): the latest output of the program --------------------------- */

#define PAGE_NOTE '\036' /* stands in front of a line of standard error */

/* Adds text; a note is a line without its end. */
void runner_page_console_add(const char *text, size_t size, bool is_note);
void runner_page_console_free(void);
/* console(from, most): returns a text of up to `most` bytes from this position in the output, or
 * from the first one that is kept, the positions of its beginning and its end, and that of the end
 * of the output. */
int runner_page_console(lua_State *L);

/* ---- the data of an object of the network (page_data.c) ---------------------------------------- */

typedef struct page_ring page_ring;

typedef struct page_data {
  uint64_t received, sent;
  page_ring *head, *tail; /* the first and the last pieces; NULL: none */
  size_t dropped;         /* bytes between the two */
} page_data;

void runner_page_data_add(page_data *d, const netmcu_trace_event *event);
void runner_page_data_free(page_data *d);
/* Pushes the list of pieces, and the joined bytes that are kept of them. The bytes that are missing
 * between the first and the last ones are a piece without a direction. */
void runner_page_data_push(lua_State *L, const page_data *d);
/* Sets a field of the table on top of the stack to a time in ns. */
void runner_page_set_seconds(lua_State *L, const char *name, uint64_t time);

/* ---- the network (page_network.c): sockets, lookups, pings and warnings ------------------------ */

extern const netmcu_observer runner_page_observer;

/* The objects of an earlier run are over. */
void runner_page_network_begin(const netmcu_host *host);
void runner_page_network_free(void);
/* network(since): returns the list of objects that have changed since this version, the version
 * now, the keys of all that are kept, and how many objects were dropped. */
int runner_page_network(lua_State *L);
/* pieces(key): returns the list of pieces of the object's data, the joined bytes that are kept of
 * them, and its warnings. */
int runner_page_pieces(lua_State *L);

#endif
