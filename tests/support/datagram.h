/* The other end of UDP: plain sockets on the loopback that know nothing of libuv or netmcu. They
 * block for a few seconds at most. */
#ifndef TEST_DATAGRAM_H
#define TEST_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int datagram_socket(uint16_t *port);                    /* on a free port of 127.0.0.1 */
/* *port 0: a free port; otherwise the port is shared, as for groups. */
int datagram_socket_on(const char *ip, uint16_t *port);
bool datagram_join(int fd, const char *ip, const char *group);
void datagram_send(int fd, const char *ip, uint16_t port, const void *data, size_t size);
/* Fails the test if nothing arrives. */
size_t datagram_receive(int fd, void *to, size_t size, uint16_t *from);
bool datagram_is_waiting(int fd);
uint16_t datagram_free_port(void);

#endif
