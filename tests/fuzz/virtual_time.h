/* The time of the loop, which passes only when the loop would wait or a test says so: minutes of time-outs take no time, and
 * an input does the same whenever it is run. The clock and the wait of the system are replaced for the whole program. */
#ifndef FUZZ_VIRTUAL_TIME_H
#define FUZZ_VIRTUAL_TIME_H

#include <stdbool.h>

void time_pass(unsigned milliseconds);

/* Whether a wait without an end, for what never comes, is a failure. */
void time_must_end(bool must);

/* The next so many times that libuv or the library sends a datagram, the system has no room for it. */
void datagrams_find_no_room(unsigned times);

#endif
