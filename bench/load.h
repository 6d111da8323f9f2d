/* What the parts of the load generator share: the measured server process, the clock of one run,
 * and sockets.
 *
 * A run is: start the server as a child on its own core, warm up, then count finished units of work
 * (messages, connections, datagrams, answers, bytes) between two readings of the wall clock and of
 * the server's CPU clock.
 */
#ifndef NETMCU_BENCH_LOAD_H
#define NETMCU_BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

typedef struct reading {
  double wall;    /* seconds */
  double cpu;     /* user and system time of all threads of the server, in seconds */
  uint64_t count; /* finished units of work */
} reading;

typedef struct load {
  const char *server_scenario; /* the scenario on the server's command line */
  size_t message;              /* bytes in one message */
  int connections;             /* connections, or outstanding datagrams */
  /* Of a run with a fixed number of messages instead of a fixed time. */
  uint64_t messages;
  double seconds, warmup;
  int server_core, load_core;
  uint16_t port;
  char **command; /* the command line of the server; scenario and port are appended */

  pid_t server;
  clockid_t server_clock;
  uint64_t count;
  reading begin, end;
  double deadline;
  bool warm;
  /* Bytes, after the first batch of connections and at the end. */
  long resident_first, resident_last;
} load;

/* Prints the reason, ends the server, and exits with status 1. */
_Noreturn void load_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

double load_now(void);
/* False when the measured time is over; call it once in each loop iteration. */
bool load_running(load *l);
void load_begin(load *l); /* takes the first reading now, for a run without a fixed time */
void load_end(load *l);
long load_resident(const load *l);
void load_check_server(const load *l);
/* Stop the server once it sleeps, and let it go on. It then finds all that has arrived by then. */
void load_stop_idle_server(const load *l);
void load_continue_server(const load *l);

void load_start_server(load *l);
void load_stop_server(void);
/* Asks the server to end, so that a tool around it can write its report. */
void load_end_server(void);
void load_spawn_server(load *l, bool quiet);

/* load_tcp.c */
void load_echo(load *l);
void load_idle(load *l);
void load_sink(load *l);
void load_source(load *l);
void load_greet(load *l);
void load_churn(load *l);
void load_count(load *l);

/* load_udp.c */
void load_udp(load *l);
void load_count_udp(load *l);
void load_dns(load *l);

/* load_tls.c */
void load_tls_sink(load *l);
void load_tls_source(load *l);
void load_tls_greet(load *l);
void load_tls_idle(load *l);

/* load_process.c */
void load_http(load *l);
void load_startup(load *l);

#endif
