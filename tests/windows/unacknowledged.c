/* SIO_TCP_INFO must report how much of the output the peer has not acknowledged. */
#include "winsock.h"

#include <mstcpip.h>

#ifndef SIO_TCP_INFO
#define SIO_TCP_INFO _WSAIORW(IOC_VENDOR, 39)
#endif

int main(void)
{
  SOCKET ends[2];
  DWORD version = 0, size = 0;
  char info[256];

  start_winsock();
  start_pair(ends);
  int result = WSAIoctl(ends[0], SIO_TCP_INFO, &version, sizeof(version), info, sizeof(info), &size, NULL, NULL);
  return report(result != 0 && WSAGetLastError() == WSAEOPNOTSUPP, "SIO_TCP_INFO is not supported");
}
