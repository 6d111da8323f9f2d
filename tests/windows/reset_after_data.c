/* A reset that comes after data must not look like the end of the stream: a reader that waits in an
 * overlapped read gets the data, then WSAECONNRESET. */
#include "winsock.h"

int main(void)
{
  SOCKET ends[2];
  char byte;

  start_winsock();
  start_pair(ends);
  send(ends[1], "x", 1, 0);
  reset(ends[1]);
  Sleep(200);
  int first = recv(ends[0], &byte, 1, 0), second = first == 1 ? recv(ends[0], &byte, 1, 0) : first;
  return report(second == 0, "a reset after data is read as the end of the stream");
}
