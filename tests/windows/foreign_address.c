/* A bind to an address that the machine does not have must fail with WSAEADDRNOTAVAIL. */
#include "winsock.h"

int main(void)
{
  struct sockaddr_in address = loopback();

  start_winsock();
  inet_pton(AF_INET, "203.0.113.7", &address.sin_addr);
  SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
  int result = bind(s, (struct sockaddr *)&address, sizeof(address));
  return report(result == 0, "a socket can be bound to an address that the machine does not have");
}
