/* The sockets of Windows under the names of POSIX, as far as the tests use them. Descriptors are
 * ints, and errors are in errno. The headers with POSIX names in this folder include this one; the
 * library itself does not see them. */
#ifndef TEST_POSIX_H
#define TEST_POSIX_H

/* The order matters: winsock2.h must come first, and unistd.h declares functions that get other
 * names below. */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#undef NOERROR /* the tests use this name themselves */

#define SHUT_RD   SD_RECEIVE
#define SHUT_WR   SD_SEND
#define SHUT_RDWR SD_BOTH

int posix_socket(int family, int type, int protocol);
int posix_close(int fd); /* for sockets; the tests close nothing else */
int posix_pipe(int fds[2]);
int posix_accept(int fd, struct sockaddr *address, socklen_t *size);
int posix_connect(int fd, const struct sockaddr *address, socklen_t size);
ssize_t posix_recv(int fd, void *to, size_t size, int flags);
ssize_t posix_recvfrom(int fd, void *to, size_t size, int flags, struct sockaddr *address, socklen_t *address_size);
ssize_t posix_send(int fd, const void *data, size_t size, int flags);
ssize_t posix_sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *address,
                     socklen_t address_size);
int posix_setsockopt(int fd, int level, int option, const void *value, socklen_t size);
int posix_getsockopt(int fd, int level, int option, void *value, socklen_t *size);

#define SO_REUSEPORT SO_REUSEADDR /* means the same here */

struct posix_pollfd {
  int fd; /* negative: not polled */
  short events, revents;
};
int posix_poll(struct posix_pollfd *fds, unsigned count, int milliseconds);
#define pollfd posix_pollfd
#define poll   posix_poll

#define O_NONBLOCK 1
#define F_SETFL    1
int posix_fcntl(int fd, int command, int flags);

#define socket     posix_socket
#define close      posix_close
#define pipe       posix_pipe
#define accept     posix_accept
#define connect    posix_connect
#define recv       posix_recv
#define recvfrom   posix_recvfrom
#define send       posix_send
#define sendto     posix_sendto
#define setsockopt posix_setsockopt
#define fcntl      posix_fcntl
/* libuv returns a handle. */
#define getsockopt(fd, level, option, value, size) posix_getsockopt((int)(intptr_t)(fd), level, option, value, size)
/* A pipe is a pair of sockets. */
#define read(fd, to, size)    posix_recv(fd, to, size, 0)
#define write(fd, data, size) posix_send(fd, data, size, 0)
/* These take the same types as those of POSIX. */
#define bind(fd, address, size)        bind((SOCKET)(fd), address, size)
#define listen(fd, backlog)            listen((SOCKET)(fd), backlog)
#define shutdown(fd, how)              shutdown((SOCKET)(fd), how)
#define getsockname(fd, address, size) getsockname((SOCKET)(fd), address, size)

#endif
