/* The C library's system() must leave errno alone if it runs the command. Lua's os.execute takes an
 * errno for a failure, and then does not return the exit status of the command. */
#include "winsock.h"

#include <errno.h>

int main(void)
{
  errno = 0;
  int status = system("exit 3");
  return report(status == 3 && errno != 0, "system() sets errno although the command has run");
}
