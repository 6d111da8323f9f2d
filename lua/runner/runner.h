/* The `netmcu` program, in parts:
 *   main.c          main: runs states one after the other, exit status
 *   signal.c   signals, the time-out; signal_unix.c and signal_windows.c: how they come
 *   options.c  the command line
 *   standard.c standard input and output
 *   state.c    a Lua state with the device's globals, and the script in it
 *   missing.c  what is said about a module that the desktop has not
 *   prompt.c   -i: the device's prompt on the terminal
 *   files.c    looks at files
 *   written.c  --watch: what the script itself writes
 *   watch.c    --watch: what changes below the script's folder
 *   test.c     --test: test files, each in a state of its own */
#ifndef NETMCU_RUNNER_H
#define NETMCU_RUNNER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "net/net.h"

#define EXIT_USAGE   2
#define EXIT_TIMEOUT 124 /* as timeout(1) */

/* ---- main.c ------------------------------------------------------------------------------------------------------ */

typedef struct runner runner;

/* Prints what the script prints. */
void runner_print(const char *text, size_t size);
/* Takes what the program has on the loop of a state off it, before the state is closed. */
void runner_end_state(runner *r);

/* ---- options.c ---------------------------------------------------------------------------------------------- */

typedef struct runner_step {
  const char *kind; /* "e": a statement; "l": a module; else the function of netmcu.host that takes the text */
  const char *text;
} runner_step;

typedef struct runner_options {
  runner_step *steps; /* -e, -l and the controls of the network, in order */
  int step_count;
  const char *script;   /* "-" is standard input; NULL: only the steps */
  const char *root;     /* the folder that stands for the flash */
  char *script_in_root; /* of `netmcu DIR` */
  const char *trace;    /* "text", "json", NULL: none */
  bool strict, quiet, once, globals, interactive, watch, test, trace_data, stats;
  long frame_size;    /* -1: the default */
  long wifi_delay;    /* ms; -1: the default */
  double timeout;     /* s; 0: none */
  int first_argument; /* of the script, in argv; of the test files */
  char **argv;
  int argc;
} runner_options;

/* Reads the command line. Returns -1 to go on, or the exit status when everything is said (help, version, wrong usage). */
int runner_read_options(runner_options *options, int argc, char **argv);
void runner_free_options(runner_options *options);

/* ---- standard.c ---------------------------------------------------------------------------------------------- */

/* Opens those of the three that are closed, and makes all of them blocking. */
void runner_open_standard(void);
/* All of standard input, which is read at the first call and kept for a restart. Returns NULL and sets errno if that fails;
 * a signal that ends the run is EINTR. */
const char *runner_read_input(size_t *size);
/* Writes to standard output at once. Returns false if nobody reads it any more. */
bool runner_write(const char *text, size_t size);
/* Returns the exit status of the program: `status`, or EXIT_FAILURE if standard output is incomplete. A reader that left
 * early counts as a failure only if `needs_reader` is set. */
int runner_finish_output(int status, bool needs_reader);
/* Writes a line to standard error; runner_say formats it and puts "netmcu: " in front. */
void runner_note(const char *line);
void runner_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* May be called in a signal handler. */
void runner_write_raw(int fd, const char *text);

/* ---- state.c ------------------------------------------------------------------------------------------------- */

struct runner {
  const runner_options *options;
  lua_State *L;
  netmcu_host *host;
  uv_async_t wake;    /* leaves the loop's wait, from a signal handler */
  const char *boot;   /* why it starts: NULL at first, "restart", "sleep", "error" */
  char *startup;      /* node.startupcommand's, kept from state to state; or NULL */
  const char *file;   /* --test: the file of this state */
  bool changed;       /* --watch: a file has, and that is why the run ends */
  bool reading_rules; /* of the command line, for the network: what fails then is wrong usage */
  bool unread;        /* standard output has no reader any more */
  bool interrupted;   /* Ctrl-C has ended a chunk of the prompt */
  uint64_t sleep;     /* µs, how long the state that ended wants to sleep */
};

/* Makes the folder that --root names if it is not there. Returns false if it cannot be the flash, and says why. */
bool runner_make_root(const runner_options *options);
/* Fills a fresh Lua state with the device's globals; raises. */
void runner_prepare(runner *r);
/* Runs what the command line names, in the state; raises. */
void runner_start_script(runner *r);
/* netmcu.host.startup, before the state goes. */
void runner_keep_startup(runner *r);
/* The folder of the script, or of --root: it stands for the flash. Written to `folder`, cut where it is too long. */
void runner_root(const runner *r, char *folder, size_t size);
/* Prints an error as the program does; returns its exit status. */
int runner_report(const char *message);

/* ---- signal.c ------------------------------------------------------------------------------------------------- */

#define RUNNER_TIME_OUT (-1)

extern runner *volatile runner_current;           /* what a signal interrupts */
extern volatile sig_atomic_t runner_signal;       /* the one that came: SIGINT, SIGTERM, RUNNER_TIME_OUT; or 0 */
extern volatile sig_atomic_t runner_stats_wanted; /* SIGUSR1 */

void runner_start_deadline(double seconds, bool is_test);

/* For signal_*.c, from a signal handler. */
void runner_report_overdue(void);
void runner_interrupt(int why);
void runner_wake(void);

/* ---- signal_unix.c, signal_windows.c -------------------------------------------------------------------- */

void runner_catch_signals(bool stats);
/* Calls runner_interrupt(RUNNER_TIME_OUT), and ends the program a second after that; 0: does not. */
void runner_set_alarm(double seconds);
/* Nothing but a signal ends it sooner. */
void runner_pause(uint64_t us);

/* ---- missing.c ------------------------------------------------------------------------------------------------ */

/* After the error's message. */
void runner_explain_missing(const char *message);

/* ---- prompt.c ------------------------------------------------------------------------------------------------- */

void runner_prompt_open(runner *r); /* raises */
void runner_prompt_close(void);
/* Ctrl-C: true when it has only dropped what was being typed. */
bool runner_prompt_interrupt(runner *r);
/* Whether there is a terminal whose reader can see a restart. */
bool runner_prompt_is_terminal(void);

/* ---- files.c --------------------------------------------------------------------------------------------------- */

#define RUNNER_PATH 4096 /* bytes of the longest path */

typedef struct runner_file {
  bool exists, is_folder;
  uint64_t device, number, size;
  uv_timespec_t changed;
} runner_file;

/* Does not follow a link. */
runner_file runner_look_at(const char *path);
bool runner_is_same_file(const runner_file *one, const runner_file *other);
bool runner_is_unchanged(const runner_file *before, const runner_file *now);
/* Follows links. */
bool runner_is_folder(const char *path);
/* Writes the path without links, "." and "..". They return false if it is too long or not there; a file itself may be gone. */
bool runner_real_folder(const char *path, char *real, size_t size);
bool runner_real_file(const char *path, char *real, size_t size);

/* ---- written.c ------------------------------------------------------------------------------------------------- */

/* Notes what the script of this state writes, renames and removes in its flash; raises. */
int runner_watch_writes(lua_State *L);
/* True if the file, by its real path, is as the script left it, or open in the script. */
bool runner_is_own_file(const char *path);
void runner_forget_writes(void);

/* ---- watch.c --------------------------------------------------------------------------------------------------- */

/* Begins to watch the folder and those below it. */
int runner_watch_open(const char *folder);
void runner_watch_close(void);
/* Ends the run of this state when something changes; after that, or a run that ended by itself, detach. */
void runner_watch_attach(runner *r);
void runner_watch_detach(void);
/* Waits for a change, at most `limit` ms (0: without limit), and for the end of a series of them. False when the limit or
 * a signal came first. */
bool runner_watch_wait(uint64_t limit);
/* From a signal handler. */
void runner_watch_wake(void);

/* ---- test.c ----------------------------------------------------------------------------------------------------- */

/* Runs this state's test file; raises where the file cannot be run at all. */
void runner_test_file(runner *r);
/* After all files. Returns the exit status. */
int runner_test_finish(void);

#endif
