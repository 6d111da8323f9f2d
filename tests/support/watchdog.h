/* Ends the program, with what is open, when a test hangs. */
#ifndef TEST_WATCHDOG_H
#define TEST_WATCHDOG_H

#include "netmcu.h"

void watchdog_start(void);
void watchdog_stop(void);
/* The contexts it looks at. */
void watchdog_watch(netmcu_t *ctx);
void watchdog_forget(netmcu_t *ctx);
/* For tests that are long by nature. */
void watchdog_extend(unsigned seconds);

#endif
