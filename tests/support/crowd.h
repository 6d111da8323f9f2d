/* Thousands of peers. They live in a child process, because their sockets would count against the
 * limit of the test's own process. The child is created before anything is open, and gets its
 * orders through a pipe. */
#ifndef TEST_CROWD_H
#define TEST_CROWD_H

#include <stdbool.h>
#include <stdint.h>

typedef struct crowd crowd;

/* Runs in the child. Returns the exit status of the child: 0 if all went well. */
typedef int (*crowd_script)(crowd *c, unsigned count);

crowd *crowd_begin(crowd_script script, unsigned count);
bool crowd_has_spoken(void *c); /* a loop_predicate; reports each message once */
uint32_t crowd_message(const crowd *c);
void crowd_end(crowd *c); /* fails if the exit status is not 0 */

/* For both sides. */
void crowd_tell(crowd *c, uint32_t message);

/* For the script: waits for an order. Returns 0 when the test has ended. */
uint32_t crowd_hear(crowd *c);

/* Raises the limit of this process so that it can open `count` files and a few more. Returns how
 * many it may really open. */
unsigned crowd_raise_limit(unsigned count);

/* Sockets for scripts; -1 on failure. */
int crowd_connect(uint16_t port);
int crowd_listen(uint16_t *port);

#endif
