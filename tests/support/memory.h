/* The counting allocator behind loop.h. */
#ifndef TEST_MEMORY_H
#define TEST_MEMORY_H

#include "netmcu.h"

netmcu_allocator memory_allocator(void);
void memory_reset(void);

#endif
