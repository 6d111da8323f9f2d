/* Sockets of the load generator: blocking and non-blocking clients of the measured server. */
#ifndef NETMCU_BENCH_LOAD_SOCKET_H
#define NETMCU_BENCH_LOAD_SOCKET_H

#include "load.h"

#include <netinet/in.h>

struct sockaddr_in load_address(uint16_t port);
uint16_t load_free_port(int type); /* SOCK_STREAM or SOCK_DGRAM */
void load_start_listener(load *l); /* starts the server and waits until it accepts */
/* Connects, sets TCP_NODELAY, then makes the socket non-blocking. */
int load_connect(const load *l);
int load_connect_begin(const load *l); /* the same, but does not wait for the connection */

/* The address and port of the scripted DNS server. A device's script can only query port 53. The
 * server has its own address, because a resolver of the system may use 127.0.0.1. */
#define LOAD_DNS_ADDRESS "127.0.0.2"
#define LOAD_DNS_PORT    53
/* Limits the data in flight, so that an earlier delay of the server matters less. This does not make
 * the figures steady: other work on the machine still changes them by a factor of two. */
void load_bound_buffers(int fd);

#endif
