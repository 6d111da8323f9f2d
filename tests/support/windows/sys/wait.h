/* Windows has no fork: tests skip before they use it. */
#ifndef TEST_WAIT_H
#define TEST_WAIT_H

#define fork()                          (-1)
#define waitpid(child, status, options) (*(status) = 1, -1)
#define WIFEXITED(status)               ((status) == 0)
#define WEXITSTATUS(status)             (status)

#endif
