/* A socket that is bound to a multicast group must not take what is sent to a single host. Windows
 * refuses such a bind. */
#include "winsock.h"

static SOCKET bind_shared(const struct sockaddr_in *address)
{
  const int on = 1;
  const DWORD patience = 1000;
  SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);

  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, (const char *)&on, sizeof(on));
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (const char *)&patience, sizeof(patience));
  check(bind(s, (const struct sockaddr *)address, sizeof(*address)) == 0, "bind");
  return s;
}

int main(void)
{
  struct sockaddr_in group = loopback(), host = loopback();
  int size = sizeof(group);
  char byte;

  start_winsock();
  inet_pton(AF_INET, "239.77.0.1", &group.sin_addr);
  SOCKET member = bind_shared(&group);
  check(getsockname(member, (struct sockaddr *)&group, &size) == 0, "getsockname");
  host.sin_port = group.sin_port;
  check(sendto(member, "x", 1, 0, (struct sockaddr *)&host, sizeof(host)) == 1, "sendto");
  int received = recv(member, &byte, 1, 0);
  return report(received == 1, "a socket that is bound to a group takes datagrams to a single host");
}
