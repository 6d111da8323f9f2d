/* Standard input, output and error of the `netmcu` program. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "runner/runner.h"

/* A socket must not become what a closed descriptor was: what is printed would go to its peer. */
void runner_open_standard(void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
      return;
}

/* Nobody reads what the script prints: as soon as it is back in the loop, the run ends as after Ctrl-C. (SIGPIPE is ignored, for
 * the sake of the network's peers.) */
static void end_unread(runner *r)
{
  if (r == NULL || r->file)
    return;
  r->unread = true;
  r->host->leave = "end";
  netmcu_stop(r->host->ctx);
}

void runner_write(const char *text, size_t size)
{
  errno = 0; /* what fwrite returns does not tell: it may have dropped a line, and have no error */
  fwrite(text, 1, size, stdout);
  fflush(stdout);
  if (errno == EPIPE)
    end_unread(runner_current);
}
