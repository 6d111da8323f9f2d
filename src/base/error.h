/* The one place where errors of the system become netmcu's. */
#ifndef NETMCU_ERROR_H
#define NETMCU_ERROR_H

#include "netmcu.h"

/* Returns netmcu's code for one of libuv; 0 if that is not negative. */
int netmcu__error(int uv_error);

#endif
