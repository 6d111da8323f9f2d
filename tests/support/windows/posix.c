/* Sockets of Windows for tests; see posix.h. */
#include "posix.h"

#include <string.h>

#undef pollfd
#undef socket
#undef accept
#undef connect
#undef recv
#undef recvfrom
#undef send
#undef sendto
#undef setsockopt
#undef getsockopt

/* Sets errno for a failed call. Returns the result of the call. */
static int result(int returned)
{
  if (returned != SOCKET_ERROR)
    return returned;
  switch (WSAGetLastError()) {
  case WSAEINTR: errno = EINTR; break;
  case WSAEWOULDBLOCK: errno = EAGAIN; break;
  case WSAESHUTDOWN: errno = EPIPE; break;
  case WSAECONNRESET:
  case WSAECONNABORTED: errno = ECONNRESET; break;
  default: errno = EIO; break;
  }
  return -1;
}

static int descriptor(SOCKET s)
{
  return s == INVALID_SOCKET ? result(SOCKET_ERROR) : (int)s;
}

int posix_socket(int family, int type, int protocol)
{
  return descriptor(socket(family, type, protocol));
}

int posix_close(int fd)
{
  return result(closesocket((SOCKET)fd));
}

int posix_accept(int fd, struct sockaddr *address, socklen_t *size)
{
  return descriptor(accept((SOCKET)fd, address, size));
}

int posix_connect(int fd, const struct sockaddr *address, socklen_t size)
{
  return result(connect((SOCKET)fd, address, size));
}

static int connect_pair(int listener, int fds[2])
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 1) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) != 0)
    return -1;
  fds[1] = posix_socket(AF_INET, SOCK_STREAM, 0);
  if (posix_connect(fds[1], (struct sockaddr *)&address, size) != 0)
    return -1;
  fds[0] = posix_accept(listener, NULL, NULL);
  return fds[0] < 0 ? -1 : 0;
}

int posix_pipe(int fds[2])
{
  int listener = posix_socket(AF_INET, SOCK_STREAM, 0);
  int status = connect_pair(listener, fds);
  posix_close(listener);
  return status;
}

ssize_t posix_recv(int fd, void *to, size_t size, int flags)
{
  return result(recv((SOCKET)fd, to, (int)size, flags));
}

ssize_t posix_recvfrom(int fd, void *to, size_t size, int flags, struct sockaddr *address, socklen_t *address_size)
{
  return result(recvfrom((SOCKET)fd, to, (int)size, flags, address, address_size));
}

ssize_t posix_send(int fd, const void *data, size_t size, int flags)
{
  return result(send((SOCKET)fd, data, (int)size, flags));
}

ssize_t posix_sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *address,
                     socklen_t address_size)
{
  return result(sendto((SOCKET)fd, data, (int)size, flags, address, address_size));
}

/* On Windows, such times are in milliseconds. */
int posix_setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
  DWORD milliseconds;
  if (level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO)) {
    struct timeval time;
    memcpy(&time, value, sizeof time);
    milliseconds = (DWORD)(time.tv_sec * 1000 + time.tv_usec / 1000);
    value = &milliseconds;
    size = sizeof milliseconds;
  }
  return result(setsockopt((SOCKET)fd, level, option, value, size));
}

int posix_getsockopt(int fd, int level, int option, void *value, socklen_t *size)
{
  return result(getsockopt((SOCKET)fd, level, option, value, size));
}

int posix_fcntl(int fd, int command, int flags)
{
  u_long on = (flags & O_NONBLOCK) != 0;
  (void)command;
  return result(ioctlsocket((SOCKET)fd, (long)FIONBIO, &on));
}

#define POLLED 16

int posix_poll(struct posix_pollfd *fds, unsigned count, int milliseconds)
{
  WSAPOLLFD polled[POLLED];
  if (count > POLLED) {
    errno = EINVAL;
    return -1;
  }
  for (unsigned i = 0; i < count; i++)
    polled[i] = (WSAPOLLFD){.fd = fds[i].fd < 0 ? INVALID_SOCKET : (SOCKET)fds[i].fd, .events = fds[i].events};
  int ready = result(WSAPoll(polled, count, milliseconds));
  for (unsigned i = 0; i < count; i++)
    fds[i].revents = fds[i].fd < 0 ? 0 : polled[i].revents;
  return ready;
}
