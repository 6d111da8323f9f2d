/* For programs that use only Winsock, and show which faults are wine's. Each of them exits with 0 if
 * the fault is there, and with 1 on a system without it. */
#ifndef TEST_WINSOCK_H
#define TEST_WINSOCK_H

#include <stdio.h>
#include <stdlib.h>
#include <winsock2.h>
#include <ws2tcpip.h>

static inline void check(int is_true, const char *what)
{
  if (!is_true) {
    printf("%s: error %d\n", what, WSAGetLastError());
    exit(2);
  }
}

static inline struct sockaddr_in loopback(void)
{
  return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static inline void start_winsock(void)
{
  WSADATA data;

  check(WSAStartup(MAKEWORD(2, 2), &data) == 0, "WSAStartup");
}

static inline SOCKET start_listening(struct sockaddr_in *address)
{
  int size = sizeof(*address);
  SOCKET listener = socket(AF_INET, SOCK_STREAM, 0);

  *address = loopback();
  check(bind(listener, (struct sockaddr *)address, size) == 0, "bind");
  check(listen(listener, 200) == 0, "listen");
  check(getsockname(listener, (struct sockaddr *)address, &size) == 0, "getsockname");
  return listener;
}

static inline SOCKET start_connection(const struct sockaddr_in *address)
{
  SOCKET s = socket(AF_INET, SOCK_STREAM, 0);

  check(connect(s, (const struct sockaddr *)address, sizeof(*address)) == 0, "connect");
  return s;
}

/* Opens both ends of a connection. */
static inline void start_pair(SOCKET ends[2])
{
  struct sockaddr_in address;
  SOCKET listener = start_listening(&address);

  ends[0] = start_connection(&address);
  ends[1] = accept(listener, NULL, NULL);
  check(ends[1] != INVALID_SOCKET, "accept");
  closesocket(listener);
}

/* The next close of the socket is a reset. */
static inline void reset(SOCKET s)
{
  struct linger linger = {.l_onoff = 1};

  setsockopt(s, SOL_SOCKET, SO_LINGER, (const char *)&linger, sizeof(linger));
  closesocket(s);
}

static inline int report(int has_fault, const char *fault)
{
  printf("%s: %s\n", has_fault ? "the fault is there" : "no fault", fault);
  return has_fault ? 0 : 1;
}

#endif
