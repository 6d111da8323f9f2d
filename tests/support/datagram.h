/* The other end of UDP: plain sockets of loopback, blocking for a few seconds at most, knowing nothing of libuv or
 * netmcu. */
#ifndef TEST_DATAGRAM_H
#define TEST_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int datagram_socket(uint16_t *port);                    /* on a free port of 127.0.0.1 */
int datagram_socket_on(const char *ip, uint16_t *port); /* *port 0: a free one, else shared as groups' are */
bool datagram_join(int fd, const char *ip, const char *group);
void datagram_send(int fd, const char *ip, uint16_t port, const void *data, size_t size);
size_t datagram_receive(int fd, void *to, size_t size, uint16_t *from); /* fails the test when nothing comes */
bool datagram_is_waiting(int fd);
uint16_t datagram_free_port(void);

#endif
