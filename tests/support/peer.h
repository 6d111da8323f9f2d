/* The other end of a TCP connection: plain blocking sockets in a thread that know nothing of libuv
 * or netmcu.
 *
 *   static void greet(peer *p)              // runs in the thread, connected
 *   {
 *     peer_send(p, "hello", 5);
 *     peer_read_to_end(p);
 *   }
 *   peer *p = peer_listen(greet, NULL);     // accepts one connection on peer_port(p)
 *   …
 *   peer_end(p, NULL);                      // joins; fails if the script has called peer_fail
 */
#ifndef TEST_PEER_H
#define TEST_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct peer peer;
typedef void (*peer_script)(peer *p);

/* The results of the thread, for the test to check afterwards. */
typedef struct peer_result {
  uint64_t received; /* bytes */
  uint64_t sum;      /* their bytes_sum */
  bool ended;        /* a FIN has arrived */
  bool reset;        /* a RST has arrived, while reading or writing */
  bool connected;
} peer_result;

/* ---- for the test ---------------------------------------------------------------------------- */

/* Starts a peer, which is listening when this returns. */
peer *peer_listen(peer_script script, void *data);
/* Starts a peer that accepts connections one after the other. */
peer *peer_listen_many(peer_script script, void *data, unsigned connections);
/* Starts a peer, which is connected when this returns. */
peer *peer_connect(uint16_t port, peer_script script, void *data);
uint16_t peer_port(const peer *p);
bool peer_is_done(void *p); /* a loop_predicate */
/* Lets a script in peer_wait continue. */
void peer_go(peer *p);
void peer_end(peer *p, peer_result *result);

/* A port where nobody listens. It is no port that was free a moment ago: another test may get that
 * one, and would take our connects for those of its own program. */
#define PEER_CLOSED_PORT 1

/* A port of the loopback that never answers connects: its backlog is full. */
typedef struct peer_deaf {
  int listener, fillers[16];
  uint16_t port;
} peer_deaf;
void peer_deaf_begin(peer_deaf *deaf);
void peer_deaf_end(peer_deaf *deaf);

/* ---- for the script -------------------------------------------------------------------------- */

void *peer_data(const peer *p);
/* Notes a reset while sending; this is not a failure. */
void peer_send(peer *p, const void *data, size_t size);
void peer_send_stream(peer *p, uint64_t size, unsigned seed);
/* Returns less than `size` only at the end; `to` NULL: counts only. */
size_t peer_read(peer *p, void *to, size_t size);
void peer_read_to_end(peer *p);
/* Reads to the end, with a `pause` of ms after each piece. */
void peer_read_slowly(peer *p, size_t piece, unsigned pause);
void peer_finish(peer *p);                                    /* sends a FIN, but still reads */
void peer_reset(peer *p);                                     /* RST */
void peer_wait(peer *p);                                      /* waits for peer_go */
void peer_small_window(peer *p);                              /* sets a small receive buffer */
peer_result peer_so_far(const peer *p);
void peer_fail(peer *p, const char *why); /* keeps the first reason */
void peer_sleep(unsigned milliseconds);

/* A ready script: reads to the end. */
void peer_sink(peer *p);
/* A ready script: sends back everything. */
void peer_echo(peer *p);

#endif
