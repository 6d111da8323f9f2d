/* What the files behind a simulated host share: host.c (its life) and host_output.c (what it prints). */
#ifndef NETMCU_RUNNER_HOST_H
#define NETMCU_RUNNER_HOST_H

#include "runner/runner.h"

typedef struct text {
  char *bytes;
  size_t size;
} text;

struct runner_host {
  runner r; /* first */
  runner_options options;
  runner_host *next;
  char *script, *root;
  netmcu_sim *world;
  bool is_desktop;
  bool is_done;         /* the state is about to be closed */
  bool crashes;         /* because of runner_host_crash or runner_host_restart */
  bool restarts;        /* because of the latter */
  const char *state;    /* for the page */
  uint64_t due;         /* ns: when the host boots, or its state is closed; 0: never */
  text line;            /* of the output, as far as the script has written it */
  text output;          /* the end of all of it */
  text errors;          /* each with a zero byte at its end; empty once they were read */
  unsigned error_count; /* that nobody has read */
};

/* Writes the output of the script, line by line. */
void runner_host_print(void *data, const char *bytes, size_t size);
/* Writes the last line, which may lack its end. */
void runner_host_end_line(runner_host *h);
/* Writes lines of netmcu itself. */
void runner_host_note(void *data, const char *lines);
/* Writes an error, and keeps it for runner_host_push_errors. NULL: it is not a text. */
void runner_host_report(runner_host *h, const char *message);
void runner_host_forget_output(runner_host *h);

#endif
