/* A read after the peer's reset must fail with WSAECONNRESET. */
#include "winsock.h"

int main(void)
{
  SOCKET ends[2];
  char byte;

  start_winsock();
  start_pair(ends);
  reset(ends[1]);
  Sleep(200);
  int size = recv(ends[0], &byte, 1, 0);
  return report(size == 0, "a read after the peer's reset returns the end of the stream");
}
