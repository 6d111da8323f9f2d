/* A bad cable between the two hosts of namespace.h. It loses packets, delays them, and lets some
 * overtake others. The cable is the kernel's netem, or for kernels without netem, two TUN devices
 * and a thread:
 *
 *   here  bad0 10.77.3.1 ──── thread ──── bad1 10.77.3.2  there */
#ifndef TEST_LOSSY_H
#define TEST_LOSSY_H

#include <stdbool.h>

typedef enum lossy_kind { LOSSY_NETEM, LOSSY_THREAD } lossy_kind;

#define LOSSY_LOSS  2  /* % of the packets, in each direction */
#define LOSSY_DELAY 10 /* ms */
#define LOSSY_EARLY 5  /* % that arrive earlier, before others */

/* Creates the namespaces and the cable. Returns false, and prints the reason, if that is not
 * possible. The test then calls skip(). */
bool lossy_begin(lossy_kind kind);
void lossy_end(void);

/* Lets no packet arrive early. To be called before lossy_begin. */
void lossy_keep_order(void);

/* Returns the address of the host there. */
const char *lossy_host(void);

#endif
