/* The time of the loop passes only when the loop would wait, or when a test says so. Minutes of
 * timeouts take no time, and an input has the same effect in each run. This replaces the system's
 * clock and wait for the whole program. */
#ifndef FUZZ_VIRTUAL_TIME_H
#define FUZZ_VIRTUAL_TIME_H

#include <stdbool.h>

void time_pass(unsigned milliseconds);

/* Whether it is a failure to wait without a limit for something that never comes. */
void time_must_end(bool must);

/* Lets the next `count` sends of datagrams, by libuv or the library, fail because the system has no
 * room. */
void datagrams_find_no_room(unsigned times);

#endif
