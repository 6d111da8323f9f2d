/* ICMP echo without a network: a test sees each request and chooses which replies arrive, and when.
 * It stands on the clock of fake.h. */
#ifndef TEST_FAKE_ECHO_H
#define TEST_FAKE_ECHO_H

#include "netmcu.h"

/* Replaces the echo requests of a context of fake_begin that has not pinged yet. */
void fake_echo_begin(netmcu_t *ctx);
void fake_echo_fail_open(int error); /* the next time that the access to ICMP echo is opened */

unsigned fake_echo_requests(void); /* number of requests that were sent */

/* The reply to request number `request` (0: the first) arrives. It stays in the socket until the loop
 * runs, or until the pings look for it. */
void fake_echo_reply(unsigned request);
void fake_echo_keep_loop_busy(bool busy); /* a script computes: only the pings themselves look */

bool fake_echo_is_receiving(void);

#endif
