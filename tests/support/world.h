/* A simulated world for a test: two hosts, "a" and "b", with a context each, and a record of the
 * packets between them.
 *
 *   world_begin(NETMCU_SIM_DEVICE, NETMCU_SIM_DESKTOP);
 *   …                                   // world.a, world.b are contexts
 *   netmcu_sim_run(world.sim, 1000000);
 *   expect_journal("connection, …");
 *   world_end();                        // fails on open objects and leaked memory
 */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include "loop.h"
#include "netmcu_sim.h"

#define MS 1000 /* in the µs of a world */
#define S  1000000

extern struct world {
  netmcu_sim *sim;
  netmcu_sim_host *host_a, *host_b;
  netmcu_t *a, *b;
} world;

void world_begin(int profile_a, int profile_b);
void world_end(void);
netmcu_t *world_context(netmcu_sim_host *host); /* with the counting allocator */

/* The packets since the last call, such as "a SYN, b SYN ACK, a ACK 5"; the number is the size of
 * the payload. What did not arrive is in brackets: "(a ACK 5)". Leaves out other protocols than
 * TCP. */
const char *world_packets(void);
/* The same, with the time in ms before each packet. */
const char *world_timed_packets(void);

/* A server on host b, port 80, whose clients have these events, and a client on a. */
netmcu_server *world_serve(const netmcu_connection_events *events);
netmcu_connection *world_connect(const netmcu_connection_events *events);
extern netmcu_connection *world_client; /* of the server: the last one */
/* Frees the client, the server and its client, and ends the world. */
void world_end_connection(netmcu_connection *client, netmcu_server *server);

/* Sets the link between a and b. */
void world_link(uint64_t latency, double loss);

#endif
