/* The load generator: starts one server, keeps it busy for a fixed time, prints what was done at
 * what cost.
 *
 *   bench_load [-s SECONDS] [-c CONNECTIONS] [-m BYTES] [-n MESSAGES] SCENARIO COMMAND [ARGUMENT ...]
 *   bench_load_tls …                                     the same for servers with TLS
 *
 * The server is run as COMMAND ARGUMENT... SCENARIO PORT. It is pinned to one core, the load to
 * another, and the load spins instead of sleeping, because a load generator that has to be woken up
 * is slower than a good server. Output is one line of NAME=NUMBER pairs.
 */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t running_server;

_Noreturn void load_fail(const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  fputs("bench_load: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  load_stop_server();
  exit(1);
}

static double seconds_of(clockid_t clock)
{
  struct timespec t;

  if (clock_gettime(clock, &t) != 0)
    load_fail("the server's CPU clock cannot be read: %s", strerror(errno));
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double load_now(void)
{
  return seconds_of(CLOCK_MONOTONIC);
}

static reading read_clocks(const load *l)
{
  return (reading){.wall = load_now(), .cpu = seconds_of(l->server_clock), .count = l->count};
}

void load_begin(load *l)
{
  l->begin = read_clocks(l);
  l->deadline = l->begin.wall + l->seconds;
  l->warm = true;
}

void load_end(load *l)
{
  load_check_server(l);
  l->end = read_clocks(l);
  l->resident_last = load_resident(l);
}

bool load_running(load *l)
{
  double now = load_now();

  if (l->deadline == 0)
    l->deadline = now + l->warmup;
  if (now < l->deadline)
    return true;
  if (!l->warm) {
    load_begin(l);
    return true;
  }
  load_end(l);
  return false;
}

/* smaps_rollup counts page by page; VmRSS of status lags behind by up to 64 pages for each
 * thread. */
long load_resident(const load *l)
{
  char path[64], line[256];
  long kilobytes = 0;
  FILE *file;

  snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", (long)l->server);
  file = fopen(path, "r");
  if (file == NULL)
    return 0;
  while (fgets(line, sizeof line, file) != NULL)
    if (sscanf(line, "Rss: %ld kB", &kilobytes) == 1)
      break;
  fclose(file);
  return kilobytes * 1024;
}

/* Returns the state letter of /proc/PID/stat, which follows the name in parentheses. */
static char state_of_server(const load *l)
{
  char path[64], line[256] = "";
  FILE *file;

  snprintf(path, sizeof path, "/proc/%ld/stat", (long)l->server);
  file = fopen(path, "r");
  if (file == NULL || fgets(line, sizeof line, file) == NULL)
    load_fail("%s: %s", path, strerror(errno));
  fclose(file);
  const char *end = strrchr(line, ')');
  return end && end[1] ? end[2] : 0;
}

static void await_state(const load *l, char state)
{
  double give_up = load_now() + 60;

  while (state_of_server(l) != state) {
    load_check_server(l);
    if (load_now() > give_up)
      load_fail("the server does not get into state %c", state);
    sched_yield();
  }
}

void load_stop_idle_server(const load *l)
{
  await_state(l, 'S');
  kill(l->server, SIGSTOP);
  await_state(l, 'T');
}

void load_continue_server(const load *l)
{
  kill(l->server, SIGCONT);
}

void load_check_server(const load *l)
{
  int status;

  if (waitpid(l->server, &status, WNOHANG) == 0)
    return;
  running_server = 0;
  load_fail("the server ended by itself (wait status %d)", status);
}

static void pin(int core)
{
  cpu_set_t set;

  CPU_ZERO(&set);
  CPU_SET((size_t)core, &set);
  sched_setaffinity(0, sizeof set, &set);
}

static void exec_server(const load *l, bool quiet)
{
  size_t length = 0;
  char port[8];
  char **arguments;

  while (l->command[length] != NULL)
    length++;
  arguments = calloc(length + 3, sizeof *arguments);
  if (arguments == NULL)
    _exit(127);
  memcpy(arguments, l->command, length * sizeof *arguments);
  snprintf(port, sizeof port, "%u", (unsigned)l->port);
  if (l->server_scenario != NULL) {
    arguments[length] = strdup(l->server_scenario);
    arguments[length + 1] = port;
  }
  if (quiet && freopen("/dev/null", "w", stdout) == NULL)
    _exit(127);
  execvp(arguments[0], arguments);
  perror(arguments[0]);
  _exit(127);
}

void load_spawn_server(load *l, bool quiet)
{
  l->server = fork();
  if (l->server < 0)
    load_fail("fork: %s", strerror(errno));
  if (l->server == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pin(l->server_core);
    exec_server(l, quiet);
  }
}

void load_start_server(load *l)
{
  load_spawn_server(l, false);
  running_server = l->server;
  if (clock_getcpuclockid(l->server, &l->server_clock) != 0)
    load_fail("the server has no CPU clock");
}

static void end_server(int signal_number)
{
  pid_t server = running_server;

  if (server <= 0)
    return;
  running_server = 0;
  kill(server, signal_number);
  waitpid(server, NULL, 0);
}

void load_stop_server(void)
{
  end_server(SIGKILL);
}

void load_end_server(void)
{
  end_server(SIGTERM);
}

static const struct scenario {
  const char *name, *server_scenario;
  void (*run)(load *l);
  int connections;
  size_t message;
} scenarios[] = {
#ifdef LOAD_TLS
    {"sink", "sink", load_tls_sink, 8, 0},
    {"source", "source", load_tls_source, 8, 0},
    {"greet", "greet", load_tls_greet, 8, 0},
    {"idle", "idle", load_tls_idle, 300, 1},
#else
    {"echo", "echo", load_echo, 50, 64},     {"sink", "sink", load_sink, 8, 1 << 18},
    {"source", "source", load_source, 8, 0}, {"greet", "greet", load_greet, 50, 0},
    {"http", "http", load_http, 50, 0},      {"udp", "udp", load_udp, 64, 64},
    {"idle", "idle", load_idle, 10000, 1},   {"dns", "dns", load_dns, 100, 0},
    {"churn", "echo", load_churn, 1, 1},     {"count", "echo", load_count, 1, 64},
    {"startup", NULL, load_startup, 0, 0},   {"count_udp", "udp", load_count_udp, 1, 64},
#endif
};

static _Noreturn void usage(void)
{
  fputs("usage: bench_load [-s SECONDS] [-c CONNECTIONS] [-m BYTES] [-n MESSAGES] SCENARIO COMMAND [ARGUMENT ...]\n"
        "scenarios:",
        stderr);
  for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
    fprintf(stderr, " %s", scenarios[i].name);
  fputc('\n', stderr);
  exit(2);
}

static const struct scenario *find_scenario(const char *name)
{
  for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
    if (strcmp(scenarios[i].name, name) == 0)
      return &scenarios[i];
  usage();
}

static const struct scenario *read_arguments(load *l, int argc, char **argv)
{
  const struct scenario *scenario;
  int option;

  while ((option = getopt(argc, argv, "+s:c:m:n:")) != -1) {
    switch (option) {
    case 's': l->seconds = atof(optarg); break;
    case 'c': l->connections = atoi(optarg); break;
    case 'm': l->message = (size_t)atol(optarg); break;
    case 'n': l->messages = (uint64_t)atoll(optarg); break;
    default: usage();
    }
  }
  if (argc - optind < 2)
    usage();
  scenario = find_scenario(argv[optind]);
  l->command = argv + optind + 1;
  l->server_scenario = scenario->server_scenario;
  if (l->connections <= 0)
    l->connections = scenario->connections;
  if (l->message == 0)
    l->message = scenario->message;
  return scenario;
}

/* The last two cores that this process may use. If there is only one, it serves both. */
static void choose_cores(load *l)
{
  cpu_set_t set;

  sched_getaffinity(0, sizeof set, &set);
  l->server_core = l->load_core = -1;
  for (int core = CPU_SETSIZE - 1; core >= 0 && l->server_core < 0; core--) {
    if (!CPU_ISSET((size_t)core, &set))
      continue;
    if (l->load_core < 0)
      l->load_core = core;
    else
      l->server_core = core;
  }
  if (l->server_core < 0)
    l->server_core = l->load_core;
}

static void raise_descriptor_limit(void)
{
  struct rlimit limit;

  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static void print_result(const load *l)
{
  printf("count=%llu seconds=%.6f cpu=%.6f resident_first=%ld resident=%ld connections=%d\n",
         (unsigned long long)(l->end.count - l->begin.count), l->end.wall - l->begin.wall, l->end.cpu - l->begin.cpu,
         l->resident_first, l->resident_last, l->connections);
}

int main(int argc, char **argv)
{
  load l = {.seconds = 1, .warmup = 0.2, .messages = 1000};
  const struct scenario *scenario = read_arguments(&l, argc, argv);

  signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  choose_cores(&l);
  pin(l.load_core);
  scenario->run(&l);
  print_result(&l);
  load_stop_server();
  return 0;
}
