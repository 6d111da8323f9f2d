/* What the files of the stateful target share: fuzz_api.c (the course of an input), fuzz_deeds.c
 * and fuzz_edge.c (calls of the library), fuzz_events.c (its callbacks and their invariants),
 * fuzz_peers.c (the other ends: plain sockets).
 *
 * Every sender of a stream sends the same endless sequence of bytes from its start. Every receiver
 * can therefore check that it got the next bytes. */
#ifndef FUZZ_API_H
#define FUZZ_API_H

#include <netmcu_device.h>
#include <uv.h>

#include "bytes.h"

/* ---- fuzz_api.c: the input ------------------------------------------------------------------- */

extern netmcu_t *ctx;    /* NULL if the context is closed or closing */
extern bool own_loop;    /* the loop belongs to the context */
extern bool in_callback; /* inside a callback of the library */
extern bool in_call;     /* inside a function that must not call back */

bool is_over(void); /* the input is used up */
/* The next byte as a number of 0 … limit - 1; 0 if the input is used up. */
unsigned below(unsigned limit);
void run_turn(void);
void close_context(void);

/* No function calls back before it has returned. */
#define CALL(expression) (in_call = true, last_result = (expression), in_call = false, last_result)
#define DO(statement)                                                                                                  \
  do {                                                                                                                 \
    in_call = true;                                                                                                    \
    statement;                                                                                                         \
    in_call = false;                                                                                                   \
  } while (0)
extern int last_result;

extern size_t blocks;                  /* blocks that the library has allocated */
void fail_allocation(unsigned number); /* counted from now; 0: no failure */
const netmcu_allocator *the_allocator(void);

/* ---- fuzz_events.c: what is known of the objects --------------------------------------------- */

enum { CONNECTIONS = 8, SERVERS = 3, UDPS = 3, TIMERS = 3, LOOKUPS = 4 };
enum { SENDS = 64 }; /* of a connection, with their sizes */

typedef struct connection {
  netmcu_connection *c; /* NULL: it has been freed */
  bool used, opened, lossy, resolved;
  unsigned sends, sents;
  size_t ends[SENDS]; /* what had been sent after each send */
  size_t sent, received;
} connection;

typedef struct server {
  netmcu_server *s;
  bool listening;
  uint16_t port;
} server;

typedef struct udp {
  netmcu_udp *u;
  bool bound;
  unsigned sends, sents;
  uint16_t port;
} udp;

typedef struct timer {
  netmcu_timer *t;
  bool running, repeats;
} timer;

typedef struct lookup {
  netmcu_lookup *l;
  bool waiting;
} lookup;

extern connection *connections[CONNECTIONS];
extern server servers[SERVERS];
extern udp udps[UDPS];
extern timer *timers[TIMERS];
extern lookup *lookups[LOOKUPS];
#define PINGS 4
extern netmcu_ping_t *pings[PINGS]; /* NULL: not under way */

void forget_all(void); /* after the context is closed: its objects must not call back any more */
connection *new_connection_record(void);
timer *new_timer_record(void);
lookup *new_lookup_record(void);
void connection_begins(connection *r);

extern const netmcu_connection_events connection_tables[4];
extern const netmcu_udp_events udp_tables[2];
extern const netmcu_ping_events ping_table;
void on_accept(netmcu_server *s, netmcu_connection *client);
void on_timer(netmcu_timer *t, void *data);
void on_lookup(void *data, int error, const netmcu_address *addresses, size_t count);
void on_post(void *data);

/* ---- fuzz_deeds.c ---------------------------------------------------------------------------- */

void act(void); /* one action, of the library or of a peer */

/* ---- fuzz_edge.c ----------------------------------------------------------------------------- */

void act_on_edge(void);

/* ---- fuzz_peers.c ---------------------------------------------------------------------------- */

char sequence_byte(size_t at);
const char *sequence(size_t at, size_t size); /* `size` is at most 300000 */

void peers_begin(void); /* once */
void peers_act(void);
void peers_leave(void); /* each of them, at the end of an input */
/* 0: a port that the input may accept on; 1: a port that never accepts; 2: a port where nobody
 * listens. */
uint16_t peers_port(unsigned which);
uint16_t peers_dns_port(void);
uint16_t peers_udp_port(void);

#endif
