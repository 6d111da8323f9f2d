/* netmcu --page: what the page shows, for the files page_*.c. All of it is bounded: old content makes
 * room for new, and what was dropped is counted. */
#ifndef NETMCU_PAGE_H
#define NETMCU_PAGE_H

#include "runner/runner.h"

/* ---- the page (page.c) -------------------------------------------------------------------------- */

/* What the page shows now. */
extern struct page_now {
  runner *script;         /* which the program runs; NULL between two states */
  netmcu_sim_host *place; /* the host that was chosen on the map, or NULL: the script */
  runner *shown;          /* the runner of that place; NULL while it has no state */
  const char *state;      /* of the script: "running", "ended", "failed", "sleeping", "waiting" */
  unsigned run;           /* counts the runners that were shown */
  uint64_t wakes;         /* when the sleep ends, in ms of the page's loop; or 0 */
  bool is_turning;        /* a question of the page is being answered */
} runner_page;

void runner_page_restart(void);
/* Shows this host, or the script for NULL. */
void runner_page_show(netmcu_sim_host *place);
/* The host at this place of the world, or NULL. */
runner_host *runner_page_host(const netmcu_sim_host *place);
uint64_t runner_page_sleep_left(void); /* s */

/* ---- the web server (page_server.c) -------------------------------------------------------------- */

/* Starts it in this loop, and prints its address. Returns false if that fails, and says why. */
bool runner_page_server_open(const runner_options *options, uv_loop_t *loop);
void runner_page_server_close(void);
/* The script of the runner that is shown is about to start. */
void runner_page_server_begin(void);

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

void runner_page_network_begin(const netmcu_host *host);
/* The run ends, and with it what is still open. Its host still exists. */
void runner_page_network_end(void);
void runner_page_network_free(void);
/* network(since): returns the list of objects that have changed since this version, the version
 * now, the keys of all that are kept, and how many objects were dropped. */
int runner_page_network(lua_State *L);
/* pieces(key): returns the list of pieces of the object's data, the joined bytes that are kept of
 * them, and its warnings. */
int runner_page_pieces(lua_State *L);

/* ---- the time of the world (page_clock.c) ------------------------------------------------------- */

/* From open() to close(), the world keeps the time that the page chooses. */
void runner_page_clock_open(void);
void runner_page_clock_close(void);
void runner_page_clock_pause(void);
/* What somebody does on the page happens at the time that is shown, not at that of the last event, and
 * at once, even in a paused world. Without a world, or outside of a question of the page, this does
 * nothing. */
void runner_page_clock_catch_up(void);
/* Sets the fields time, clock and speed of the table on top of the stack. */
void runner_page_clock_describe(lua_State *L);
/* clock(command, value): "run", "pause", "event", "second", or "speed", with a number. */
int runner_page_clock(lua_State *L);
/* connected(): starts the time, which waits for the first browser. */
int runner_page_connected(lua_State *L);

/* ---- the traffic of the world (page_traffic.c) -------------------------------------------------- */

/* The packets from one host to another. */
typedef struct page_flow {
  const netmcu_sim_host *from, *to; /* NULL: a free place of the table */
  uint64_t packets, bytes, lost;
} page_flow;

/* A table with open addressing, at most half full. */
extern struct page_traffic {
  page_flow *flows;
  size_t size, count;
  uint64_t packets, lost;
} runner_page_traffic;

/* Counts the packets of the present world. */
void runner_page_traffic_begin(void);
void runner_page_traffic_end(void);
/* Returns an empty flow if there was no packet. */
const page_flow *runner_page_find_flow(const netmcu_sim_host *from, const netmcu_sim_host *to);

/* ---- the map of the world (page_world.c) -------------------------------------------------------- */

/* world(filter, most): returns a table with up to `most` hosts whose name, address or state contains
 * the filter, and the links between them; nil without a world. */
int runner_page_world(lua_State *L);

/* ---- its links (page_links.c) ------------------------------------------------------------------- */

/* cut(a, b, is_cut): lets the link between two hosts lose all packets, or work again. */
int runner_page_cut(lua_State *L);
/* separate(name): separates the host from all others by a partition. */
int runner_page_separate(lua_State *L);
/* repair(): ends all partitions, and repairs the links that were cut on the page. */
int runner_page_repair(lua_State *L);
void runner_page_forget_cuts(void);

#endif
