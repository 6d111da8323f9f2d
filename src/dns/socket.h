/* A UDP socket that is connected to one name server: the system passes on nothing but what this
 * server sends. */
#ifndef NETMCU_DNS_SOCKET_H
#define NETMCU_DNS_SOCKET_H

#include "dns/system_servers.h"

typedef struct netmcu__dns_socket netmcu__dns_socket;

/* A datagram, valid during the call; NULL if the server's machine says that nobody listens
 * there. */
typedef void (*netmcu__dns_socket_cb)(void *data, unsigned server, const uint8_t *message, size_t size);

/* `server` is given to `cb`. NULL if the socket cannot be opened; `error` is then libuv's. */
netmcu__dns_socket *netmcu__dns_socket_open(netmcu_t *ctx, const netmcu__server_address *address, unsigned server,
                                            netmcu__dns_socket_cb cb, void *data, int *error);

/* 0 or libuv's error: UV_EAGAIN if the system has no room now. */
int netmcu__dns_socket_send(netmcu__dns_socket *s, uint8_t *message, size_t size);
void netmcu__dns_socket_close(netmcu__dns_socket *s);

#endif
