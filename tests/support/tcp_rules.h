/* Checks the TCP segments of a simulated world, as netmcu_sim_on_packet shows them.
 *
 * These rules of RFC 9293 hold whatever the network does: a side sends no byte twice with another
 * place, none beyond the window of its peer, and none behind its FIN; it acknowledges nothing that
 * its peer has not sent; and neither its acknowledgements nor its window move back.
 *
 * In a calm world nothing is lost, and no round trip takes as long as a time-out. There, a side also
 * sends nothing again, and acknowledges data in time. */
#ifndef TEST_TCP_RULES_H
#define TEST_TCP_RULES_H

#include <stdbool.h>

#include "netmcu_sim.h"

/* Forgets all connections. `latency` in µs is that of all links of a calm world. */
void tcp_rules_begin(bool is_calm, uint64_t latency);

/* Returns the rule that the packet breaks, or NULL. */
const char *tcp_rules_check(const netmcu_sim_packet *packet);

/* Returns the rule that something missing breaks at this time, or NULL. */
const char *tcp_rules_end(uint64_t time);

#endif
