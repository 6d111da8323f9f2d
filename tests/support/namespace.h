/* Two hosts of the test's own, in network namespaces of Linux: "here", where netmcu is, and "there". Two cables:
 *
 *   here  left0 10.77.1.1/24 ────── left1  10.77.1.2/24  there
 *         right0 10.77.2.1/24 ───── right1 10.77.2.2/24
 *
 * and loopback in both. A socket belongs to where it was made: switch before making one. */
#ifndef TEST_NAMESPACE_H
#define TEST_NAMESPACE_H

#include <stdbool.h>

/* Makes them and is here then. False, with a reason printed, where that is not allowed: the test says skip(). */
bool namespaces_begin(void);
void namespaces_end(void);

void namespace_here(void);
void namespace_there(void);

/* Runs a command of the shell; fails the test when it fails. */
void namespace_run(const char *command);

#endif
