/* A bad cable between the two hosts of namespace.h: it loses packets, delays them, and lets some overtake others.
 * Either the kernel's netem, or one of the test's own, of two TUN devices and a thread, for kernels without netem:
 *
 *   here  bad0 10.77.3.1 ──── thread ──── bad1 10.77.3.2  there */
#ifndef TEST_LOSSY_H
#define TEST_LOSSY_H

#include <stdbool.h>

typedef enum lossy_kind { LOSSY_NETEM, LOSSY_THREAD } lossy_kind;

#define LOSSY_LOSS  2  /* % of the packets, in each direction */
#define LOSSY_DELAY 10 /* ms */
#define LOSSY_EARLY 5  /* % that come sooner, before others */

/* Makes the namespaces and the cable. False, with a reason printed, where that is not possible: the test says skip(). */
bool lossy_begin(lossy_kind kind);
void lossy_end(void);

/* The address of the host there. */
const char *lossy_host(void);

#endif
