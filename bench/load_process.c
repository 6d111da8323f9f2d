/* Runs in which another program is the load: HTTP by wrk, and the start of the contender itself. */
#define _GNU_SOURCE
#include "load.h"
#include "load_socket.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

static uint64_t read_wrk(FILE *wrk)
{
  unsigned long long requests = 0;
  char line[512];

  while (fgets(line, sizeof line, wrk) != NULL) {
    if (strstr(line, "Socket errors") != NULL || strstr(line, "Non-2xx") != NULL)
      load_fail("wrk: %s", line);
    sscanf(line, " %llu requests in", &requests);
  }
  return requests;
}

void load_http(load *l)
{
  char command[160];
  int seconds = l->seconds < 1 ? 1 : (int)(l->seconds + 0.5);
  FILE *wrk;

  load_start_listener(l);
  snprintf(command, sizeof command, "wrk -t1 -c%d -d%ds http://127.0.0.1:%u/ 2>&1", l->connections, seconds,
           (unsigned)l->port);
  load_begin(l);
  wrk = popen(command, "r");
  if (wrk == NULL)
    load_fail("wrk cannot be run");
  l->count = read_wrk(wrk);
  if (pclose(wrk) != 0 || l->count == 0)
    load_fail("wrk reported no requests");
  load_end(l);
}

static double cpu_of_children(void)
{
  struct rusage usage;

  getrusage(RUSAGE_CHILDREN, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static reading read_children(const load *l)
{
  return (reading){.wall = load_now(), .cpu = cpu_of_children(), .count = l->count};
}

static void run_once(load *l)
{
  int status;

  load_spawn_server(l, true);
  if (waitpid(l->server, &status, 0) < 0 || status != 0)
    load_fail("the program ended with wait status %d", status);
  l->count++;
}

void load_startup(load *l)
{
  run_once(l);
  l->begin = read_children(l);
  while (load_now() - l->begin.wall < l->seconds)
    run_once(l);
  l->end = read_children(l);
}
