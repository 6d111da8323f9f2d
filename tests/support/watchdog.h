/* Ends the program, and prints what is open, if a test hangs. */
#ifndef TEST_WATCHDOG_H
#define TEST_WATCHDOG_H

#include "netmcu_device.h"

void watchdog_start(void);
void watchdog_stop(void);
/* Adds or removes a context that the watchdog looks at. */
void watchdog_watch(netmcu_t *ctx);
void watchdog_forget(netmcu_t *ctx);
/* For tests that take long by nature. */
void watchdog_extend(unsigned seconds);

#endif
