/* Sockets of the load generator: blocking and non-blocking clients of the server under test. */
#ifndef NETMCU_BENCH_LOAD_SOCKET_H
#define NETMCU_BENCH_LOAD_SOCKET_H

#include "load.h"

#include <netinet/in.h>

struct sockaddr_in load_address(uint16_t port);
uint16_t load_free_port(int type);     /* SOCK_STREAM or SOCK_DGRAM */
void load_start_listener(load *l);     /* starts the server and waits until it accepts */
int load_connect(const load *l);       /* blocking connect, TCP_NODELAY set, then made non-blocking */
int load_connect_begin(const load *l); /* the same without waiting for the connection */

/* The address and port of the scripted DNS server. Port 53, because that is where a device's scripts can ask; an
 * address of its own, because a resolver of the system may have 127.0.0.1. */
#define LOAD_DNS_ADDRESS "127.0.0.2"
#define LOAD_DNS_PORT    53

#endif
