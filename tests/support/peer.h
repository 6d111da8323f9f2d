/* The other end of a TCP connection: plain blocking sockets in a thread, knowing nothing of libuv or netmcu.
 *
 *   static void greet(peer *p)              // runs in the thread, connected
 *   {
 *     peer_send(p, "hello", 5);
 *     peer_read_to_end(p);
 *   }
 *   peer *p = peer_listen(greet, NULL);     // accepts one connection on peer_port(p)
 *   …
 *   peer_end(p, NULL);                      // joins; fails when the script said peer_fail
 */
#ifndef TEST_PEER_H
#define TEST_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct peer peer;
typedef void (*peer_script)(peer *p);

/* What the thread got, for the test to look at afterwards. */
typedef struct peer_result {
  uint64_t received; /* bytes */
  uint64_t sum;      /* bytes_sum of them */
  bool ended;        /* a FIN came */
  bool reset;        /* a RST came, when reading or writing */
  bool connected;
} peer_result;

/* ---- for the test ---------------------------------------------------------------------------------------- */

peer *peer_listen(peer_script script, void *data);                            /* listening when this returns */
peer *peer_listen_many(peer_script script, void *data, unsigned connections); /* one after the other */
peer *peer_connect(uint16_t port, peer_script script, void *data); /* connected when this returns */
uint16_t peer_port(const peer *p);
bool peer_is_done(void *p); /* a loop_predicate */
/* Lets a script that is in peer_wait go on. */
void peer_go(peer *p);
void peer_end(peer *p, peer_result *result);

/* A port of loopback where nothing listens, and one where connections are never answered (a full backlog). */
uint16_t peer_closed_port(void);
typedef struct peer_deaf {
  int listener, fillers[16];
  uint16_t port;
} peer_deaf;
void peer_deaf_begin(peer_deaf *deaf);
void peer_deaf_end(peer_deaf *deaf);

/* ---- for the script -------------------------------------------------------------------------------------- */

void *peer_data(const peer *p);
void peer_send(peer *p, const void *data, size_t size); /* a reset while sending is noted, no failure */
void peer_send_stream(peer *p, uint64_t size, unsigned seed);
size_t peer_read(peer *p, void *to, size_t size); /* less than size only at the end; `to` NULL: only counted */
void peer_read_to_end(peer *p);
void peer_read_slowly(peer *p, size_t piece, unsigned pause); /* to the end, `pause` ms after each piece */
void peer_finish(peer *p);                                    /* half-close: FIN */
void peer_reset(peer *p);                                     /* RST */
void peer_wait(peer *p);                                      /* for peer_go */
void peer_small_window(peer *p);                              /* a small receive buffer */
peer_result peer_so_far(const peer *p);
void peer_fail(peer *p, const char *why); /* the first reason is kept */
void peer_sleep(unsigned milliseconds);

/* A ready script: reads to the end and goes. */
void peer_sink(peer *p);
/* Sends back all that comes. */
void peer_echo(peer *p);

#endif
