/* Two hosts for one test, in network namespaces of Linux: netmcu is on the host "here"; the other
 * is "there". Two cables connect them, and both have a loopback:
 *
 *   here  left0 10.77.1.1/24 ────── left1  10.77.1.2/24  there
 *         right0 10.77.2.1/24 ───── right1 10.77.2.2/24
 *
 * A socket belongs to the host where it was created, so switch before you create one. */
#ifndef TEST_NAMESPACE_H
#define TEST_NAMESPACE_H

#include <stdbool.h>
#include <sys/socket.h>

/* Options of Linux, which a test uses only after namespaces_begin has returned true. */
#ifndef __linux__
#undef IP_TRANSPARENT
#define IP_TRANSPARENT (-1)
#define SO_TIMESTAMPNS (-1)
#endif

/* Creates the hosts and switches to "here". Returns false, and prints the reason, if that is not
 * allowed. The test then calls skip(). */
bool namespaces_begin(void);
void namespaces_end(void);

void namespace_here(void);
void namespace_there(void);

/* Runs a shell command. Fails the test if the command fails. */
void namespace_run(const char *command);

#endif
