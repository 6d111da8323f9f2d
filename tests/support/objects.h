/* The few lines with which most tests start. */
#ifndef TEST_OBJECTS_H
#define TEST_OBJECTS_H

#include "loop.h"

/* Connects to 127.0.0.1. */
netmcu_connection *open_connection(netmcu_t *ctx, const netmcu_connection_events *events, uint16_t port);

/* Listens on a free port of 127.0.0.1. */
netmcu_server *open_server(netmcu_t *ctx, netmcu_accept_cb accept, uint16_t *port);

/* Listens on a free port of this address. */
netmcu_server *open_server_at(netmcu_t *ctx, const char *ip, netmcu_accept_cb accept, uint16_t *port);

/* Skips the test, with the reason, on a system without ::1. The context ends then. */
void need_ipv6(netmcu_t *ctx);

/* An accept callback that sets journal_events. */
void accept_journal(netmcu_server *server, netmcu_connection *client);

#endif
