/* Thousands of peers: a child process, since their sockets would count against the limit of the test's own. It is made
 * before anything is open, and told over a pipe what to do. */
#ifndef TEST_CROWD_H
#define TEST_CROWD_H

#include <stdbool.h>
#include <stdint.h>

typedef struct crowd crowd;

/* Runs in the child. The returned number is its exit status: 0 when all was well. */
typedef int (*crowd_script)(crowd *c, unsigned count);

crowd *crowd_begin(crowd_script script, unsigned count);
bool crowd_has_spoken(void *c); /* a loop_predicate; each message is heard once */
uint32_t crowd_message(const crowd *c);
void crowd_end(crowd *c); /* fails when its exit status is not 0 */

/* For both sides. */
void crowd_tell(crowd *c, uint32_t message);

/* For the script: waits; 0 when the test has ended. */
uint32_t crowd_hear(crowd *c);

/* Lets this process open `count` files and some more: how many of them it may open in fact. */
unsigned crowd_raise_limit(unsigned count);

/* Sockets for scripts, -1 on failure. */
int crowd_connect(uint16_t port);
int crowd_listen(uint16_t *port);

#endif
