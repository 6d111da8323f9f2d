/* Nobody is root on Windows. */
#ifndef TEST_UNISTD_H
#define TEST_UNISTD_H

#include_next <unistd.h>

#define getuid()      1
#define geteuid()     1
#define setuid(user)  (-1)
#define setgid(group) (-1)
#define seteuid(user) (-1)

typedef int uid_t;

#endif
