/* Random numbers for faults and simulations, which must be the same in each run with the same seed.
 * They are predictable, so nothing that a peer must not guess comes from here. */
#ifndef NETMCU_RANDOM_H
#define NETMCU_RANDOM_H

#include <stdint.h>

/* Returns the next number of the sequence that the first value of *state starts. SplitMix64
 * (Steele, Lea and Flood, 2014). */
uint64_t netmcu__random_next(uint64_t *state);

#endif
