/* The parts of the `netmcu` program, each in a file of its name, from the lowest to the highest. A
 * part calls only those above it in this list, which test_runner_order checks. To notify a later
 * part, it calls a function that it was given.
 *
 *   progress   the progress of a long run, on a terminal
 *   standard   standard input, output and error
 *   files      looks at files
 *   options    the command line
 *   report     messages about errors
 *   signal     Ctrl-C, the other signals, the time-out; signal_unix and signal_windows receive them
 *   coroutine  coroutine.resume and wrap, which know what runs
 *   world      --sim: the simulated network, and what makes a script in it run the same each time
 *   blocks     the memory of a Lua state, and its warnings
 *   order      --sim: a fixed order of the objects in a Lua state
 *   memory     what a script stores for the next one
 *   flash      the flash of a simulated host: a folder that stays as it is
 *   root       the folders of this machine that stand for the flash and for the LFS image
 *   modules    the Lua modules in the program
 *   state      a Lua state with the device's globals, and the script in it
 *   bridge     calls between Lua states; bridge_wire has the values on their way
 *   host       a simulated host with a script
 *   scenario   netmcu.sim: a script that builds a world of such hosts
 *   page       --page: the page that shows the device; page_* collect what it shows
 *   written    --watch: which files the script itself writes
 *   watch      --watch: what changes below the script's folder
 *   editor     edits the lines of the prompt on a terminal
 *   prompt     -i: the device's prompt on the terminal
 *   shrink     --shrink: the smallest set of faults with which a test fails
 *   sums       --seeds: the last line of the results
 *   jobs       --jobs: seeds in several processes
 *   tested     --test --sim: the device that a test file tests
 *   test       --test: test files, each in a state of its own
 *   main       runs one state after the other, and chooses the exit status */
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

/* ---- progress -------------------------------------------------------------------------------- */

/* Begins a run of `total` seeds, or ns of virtual time; UINT64_MAX: without a known end. Without a
 * terminal on standard error, nothing is shown. */
void runner_progress_begin(uint64_t total);
void runner_progress_show(uint64_t done, uint64_t failures);
/* `passed` is the virtual time since the beginning of the run, `now` that of the world. */
void runner_progress_show_time(uint64_t passed, uint64_t now);
/* To be called before anything else is printed, and at the end. */
void runner_progress_clear(void);

/* ---- standard -------------------------------------------------------------------------------- */

/* The signal that ends the run: SIGINT, SIGTERM or RUNNER_TIME_OUT; or 0. Reading and writing do
 * not wait after it. */
extern volatile sig_atomic_t runner_signal;
#define RUNNER_TIME_OUT (-1)

/* Opens those of the three that are closed, and makes all of them blocking. */
void runner_open_standard(void);
/* Returns all of standard input, which is read at the first call and kept for a restart. Returns
 * NULL and sets errno if that fails, to EINTR after a signal that ends the run. */
const char *runner_read_input(size_t *size);
/* Writes to standard output at once. Returns false if nobody reads it any more. */
bool runner_write(const char *text, size_t size);
/* Called with all text that the program writes, and with lines for standard error (`is_note`), or
 * NULL. */
extern void (*runner_copy_output)(const char *text, size_t size, bool is_note);
/* Returns the exit status of the program: `status`, or EXIT_FAILURE if standard output is
 * incomplete. A reader that left early counts as a failure only if `needs_reader` is set. */
int runner_finish_output(int status, bool needs_reader);
/* Writes a line to standard error; runner_say formats it and puts "netmcu: " in front. */
void runner_note(const char *line);
void runner_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* While a run is repeated, whose lines are known, both write nothing. */
void runner_set_quiet(bool quiet);
/* May be called in a signal handler. */
void runner_write_raw(int fd, const char *text);

/* ---- files ----------------------------------------------------------------------------------- */

#define RUNNER_PATH 4096 /* bytes of the longest path */

typedef struct runner_file {
  bool exists, is_folder;
  uint64_t device, number, size;
  uv_timespec_t changed;
} runner_file;

/* Does not follow a link. */
runner_file runner_look_at(const char *path);
runner_file runner_look_at_open(int fd);
bool runner_is_same_file(const runner_file *one, const runner_file *other);
bool runner_is_unchanged(const runner_file *before, const runner_file *now);
/* Follows links. */
bool runner_is_folder(const char *path);
/* On Windows, replaces backslashes in the path, which it returns. */
char *runner_with_slashes(char *path);
/* Write the path without links, "." and "..". They return false if it is too long or not there; a
 * file itself may be gone. */
bool runner_real_folder(const char *path, char *real, size_t size);
bool runner_real_file(const char *path, char *real, size_t size);

/* ---- options --------------------------------------------------------------------------------- */

typedef struct runner_step {
  const char *kind; /* "e": a statement; "l": a module; else a function of netmcu */
  const char *text;
} runner_step;

typedef struct runner_options {
  runner_step *steps; /* -e, -l and the controls of the network, in order */
  int step_count;
  const char *script;   /* "-" is standard input; NULL: only the steps */
  const char *root;     /* the folder that stands for the flash */
  const char *lfs;      /* the folder that stands for the image in the flash */
  char *script_in_root; /* of `netmcu DIR` */
  const char *trace;    /* "text", "json", or NULL for none */
  bool strict, ipv6, quiet, once, globals, interactive, watch, test, trace_data, trace_tls, stats;
  bool page;
  long page_port;      /* 0: a free one */
  const char *page_ip; /* of --page-bind, or NULL */
  bool sim, has_seed, has_seeds, shrink;
  uint64_t seed, last_seed; /* of --sim and --seeds */
  long jobs;                /* processes */
  const char *pcap;         /* the file of --pcap, or NULL */
  const char *tls_check;    /* the server of --tls-check, or NULL */
  long frame_size;          /* -1: the default */
  long wifi_delay;          /* ms; -1: the default */
  double timeout;           /* s; 0: none */
  int end_of_options;       /* in argv */
  int first_argument;       /* of the script, in argv; of the test files */
  char **argv;
  int argc;
} runner_options;

/* Reads the command line. Returns -1 if the program is to go on, or the exit status after it has
 * said everything (help, version, wrong usage). */
int runner_read_options(runner_options *options, int argc, char **argv);
void runner_free_options(runner_options *options);

/* ---- report ---------------------------------------------------------------------------------- */

/* Prints the message of an error, and what is known about its cause. NULL stands for an error
 * object without a text. */
void runner_report(const char *message);

/* ---- signal ---------------------------------------------------------------------------------- */

extern volatile sig_atomic_t runner_stats_wanted;    /* SIGUSR1 has come */
extern volatile sig_atomic_t runner_has_interrupted; /* a signal has ended Lua code by an error */
extern volatile sig_atomic_t runner_events;          /* of simulated networks; counts round and round */

/* Sets what a signal interrupts: the code that this state runs, and the wait of the loop that
 * `wake` belongs to. Both may be NULL. */
void runner_interrupts(lua_State *L, uv_async_t *wake);
/* Sets what visits further states that a signal interrupts, for each part that has some; NULL: there
 * are none. It is called in a signal handler. */
enum runner_part { RUNNER_HOSTS, RUNNER_TESTED, RUNNER_PARTS };
typedef void runner_visitor(void (*visit)(lua_State *L));
void runner_interrupts_also(enum runner_part part, runner_visitor *visit_states);
/* Sets the coroutine that runs, or NULL. Returns the one that has run so far. */
lua_State *runner_switch(lua_State *co);
void runner_start_deadline(double seconds, bool is_test);

/* Called by signal_unix and signal_windows, in a signal handler. */
void runner_report_overdue(void);
void runner_interrupt(int why);
void runner_wake(void);
void runner_tick(void); /* after each second of computing */

/* In signal_unix and signal_windows. */
void runner_catch_signals(bool stats);
/* Calls runner_interrupt(RUNNER_TIME_OUT) after that time, and ends the program a second later. */
void runner_set_alarm(double seconds);
/* Calls runner_tick from now on. */
void runner_start_ticks(void);
/* Returns when the time is over, or a signal has come. */
void runner_pause(uint64_t us);

/* ---- coroutine ------------------------------------------------------------------------------- */

void runner_replace_coroutines(lua_State *L);

/* ---- world ----------------------------------------------------------------------------------- */

/* Creates the world. Returns false if that fails, and says why. */
bool runner_world_open(const runner_options *options, uint64_t seed);
/* From now on, an i386 computes what other processors compute. */
void runner_round_once(void);
/* Returns false if the file of --pcap is incomplete, and says so. */
bool runner_world_close(void);
/* The address of a test file, and of a scenario. */
#define RUNNER_OBSERVER "10.255.255.254"
/* The host of the script or of the test file; NULL without --sim. */
netmcu_sim_host *runner_world_place(void);
uint64_t runner_world_seed(void);
/* Lets the clocks and the random numbers of a new state come from the world. */
void runner_world_enter(lua_State *L);
/* Ends the handles that the state had on the loop of the world. */
void runner_world_leave(void);
/* A scenario leaves events in the world that must not run after it: the next state needs another
 * world, which renew() creates. */
void runner_world_use_up(void);
bool runner_world_renew(const runner_options *options);
/* take_unmet(): a list of the faults that have not taken effect, which count as intended from now on. */
int runner_world_take_unmet(lua_State *L);
/* As runner_pause, in the time of the world. */
void runner_world_pause(uint64_t us);

/* ---- blocks ---------------------------------------------------------------------------------- */

/* Defined if an address sanitizer watches each block. */
#if defined(__SANITIZE_ADDRESS__)
#define RUNNER_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RUNNER_SANITIZED
#endif
#endif

/* Creates a state that prints warnings. With NULL, it gets the allocator for a real network. */
lua_State *runner_blocks_new_state(lua_Alloc allocator, void *data);

/* ---- order ----------------------------------------------------------------------------------- */

/* Counts the objects of a state. Those that Lua's library may have created for itself have numbers of
 * their own, above RUNNER_BOXES. */
typedef struct runner_order {
  uint32_t objects, boxes;
} runner_order;

#define RUNNER_BOXES 0x80000000u

/* As luaL_newstate, with objects that know the order in which they were created. `order` must stay
 * valid. */
lua_State *runner_order_new_state(runner_order *order);
/* To be called before the script runs. */
void runner_order_begin(runner_order *order);
/* Pushes two functions for order.lua: one returns the number of an object, the other one makes
 * string.format. */
void runner_order_push_functions(lua_State *L);

/* ---- flash ----------------------------------------------------------------------------------- */

typedef struct runner_flash runner_flash;

/* Creates a flash with the content of the folder. Returns NULL if the folder cannot be read. */
runner_flash *runner_flash_new(const char *path);
void runner_flash_free(runner_flash *flash);
/* Pushes a function that returns the flash as an object, as netmcu.device.folder does for a folder. */
void runner_flash_push_opener(lua_State *L, runner_flash *flash);

/* ---- state ----------------------------------------------------------------------------------- */

#define RUNNER_RTC   128 /* words */
#define RUNNER_TEXTS 7   /* that are kept from state to state */

typedef struct runner_end runner_end;

typedef struct runner {
  const runner_options *options;
  lua_State *L;
  netmcu_host *host;
  netmcu_sim_host *place;        /* --sim: where the state is; or NULL */
  runner_flash *flash;           /* in place of a folder; or NULL */
  runner_end *bridge;            /* to other states; or NULL */
  const netmcu_program *program; /* NULL: runner_program */
  void *program_data;
  runner_order order;              /* counts the objects of the state */
  void (*open_more)(lua_State *L); /* adds modules for simulated networks; or NULL */
  void (*end)(struct runner *r);   /* clears the loop before os.exit closes the state; NULL afterwards */
  uv_async_t wake;                 /* leaves the loop's wait, from a signal handler */
  const char *boot;                /* why the state starts: NULL, "restart", "sleep" or "error" */
  char *startup;                   /* of node.startupcommand, kept from state to state; or NULL */
  char *texts[RUNNER_TEXTS];       /* see text_names, kept from state to state; or NULL */
  int32_t rtc[RUNNER_RTC];         /* the memory of rtcmem, kept from state to state */
  bool has_rtc;                    /* a script has used it */
  uint8_t adc_mode;                /* of adc.force_init_mode */
  const char *file;                /* --test: the file of this state */
  bool changed;                    /* --watch: a file has changed, which ends the run */
  bool reading_rules;              /* those of the command line: an error is wrong usage */
  bool unread;                     /* standard output has no reader any more */
  uint64_t sleep;                  /* µs, how long the state that ended wants to sleep */
  uint64_t age;                    /* µs, the time of the states that have ended, and of their sleep */
} runner;

/* Returns the runner of this state. */
static inline runner *runner_of(lua_State *L)
{
  return *(runner **)lua_getextraspace(L);
}

/* Creates r->L. Returns false if memory runs out. */
bool runner_new_state(runner *r);
/* Pushes the compiled Lua module of this name, or returns false. */
bool runner_find_module(lua_State *L, const char *name);
/* The same for a simulated host: thousands of states share the work of the compiler. */
bool runner_find_kept_module(lua_State *L, const char *name);
/* Returns an embedded file that is no module. */
const char *runner_find_text(const char *name, size_t *size);

/* Fills a fresh Lua state with the device's globals; raises. */
void runner_prepare(runner *r);
/* Runs what the command line names, in the state; raises. */
void runner_start_script(runner *r);
/* Runs the script, or what node.startupcommand has set in its place; raises. */
void runner_boot(runner *r);
/* Sets the fields of netmcu.host, which is on top of the stack, to what the runner keeps. */
void runner_push_memory(lua_State *L, const runner *r);

/* Lets the next run say again what was said about parts. */
void runner_forget_told(runner *r);

/* Frees the texts that the runner keeps. */
void runner_forget_texts(runner *r);

/* Keeps what the script has stored for the next state, before this one is closed. */
void runner_keep_memory(runner *r);
/* What the runner does for a state: prints what the script prints. */
extern const netmcu_program runner_program;

/* ---- root ------------------------------------------------------------------------------------ */

/* Makes the folder that --root names if it is not there. Returns false if it cannot be the flash,
 * and says why. */
bool runner_make_root(const runner_options *options);
/* Writes the path of the folder that stands for the flash, the script's or that of --root. A longer
 * path is cut. */
void runner_root(const runner *r, char *folder, size_t size);
/* Whether this run has made the folder. Then, file.format may empty it. */
bool runner_root_is_new(void);
/* Pushes the folder that stands for the LFS image: --lfs, or lfs/ beside the script. A test, and a run
 * without a script, take the one in the root. */
void runner_push_lfs(lua_State *L, const runner *r);

/* ---- bridge ---------------------------------------------------------------------------------- */

/* Lets other states know objects of r->L; raises. `name` is that of its host. */
void runner_bridge_open(runner *r, const char *name);
/* To be called before r->L is closed. */
void runner_bridge_close(runner *r);
/* Whether a call between this state and another one is on the C stack: it must not be closed then. */
bool runner_bridge_is_busy(const runner *r);
/* Pushes a proxy for the globals of the other state; raises. */
void runner_bridge_push_globals(lua_State *L, runner *other);

/* ---- host ------------------------------------------------------------------------------------ */

typedef struct runner_host runner_host;

/* Creates the Lua state of a host, which boots when the world runs. Takes `script`, a path, and
 * `root`, the folder of its flash; both are allocated. With `is_init`, the
 * script is the init.lua of the root. Returns NULL if memory runs out. */
runner_host *runner_host_new(netmcu_sim_host *place, bool is_desktop, const runner_options *options, char *script,
                             char *root, bool is_init);
netmcu_sim_host *runner_host_place(const runner_host *h);
/* Ends the script without a word to anyone; starts it, after a crash if it runs. */
void runner_host_crash(runner_host *h);
void runner_host_restart(runner_host *h);
/* Returns what it does: "running", "asleep", "restarting", "crashed", "failed" or "ended". */
const char *runner_host_state(const runner_host *h);
/* Returns its runner while it has a Lua state, or NULL. */
runner *runner_host_runner(runner_host *h);
/* Returns the host that was created after `h`, or NULL after the last one. NULL for `h` returns the
 * first host. */
runner_host *runner_host_after(const runner_host *h);
/* Called, unless NULL, when a host has a Lua state, before its script starts; and before that state is
 * closed. */
extern void (*runner_host_begins)(runner *r), (*runner_host_ends)(runner *r);
/* Push the globals of its state, its output, and a list of the errors that nobody has read. Raise. */
void runner_host_push_globals(lua_State *L, runner_host *h);
void runner_host_push_output(lua_State *L, const runner_host *h);
void runner_host_push_errors(lua_State *L, runner_host *h);
/* Leaves out what hosts print: the results of their test are JSON lines, or known already. */
void runner_hosts_set_quiet(bool quiet);
/* Whether their output has no reader any more. */
bool runner_hosts_are_unread(void);
/* Ends all hosts, and says which ones have failed. Returns their number. */
unsigned runner_hosts_close(void);

/* ---- scenario -------------------------------------------------------------------------------- */

/* Lets the state find the functions of netmcu.sim. */
void runner_scenario_add(lua_State *L);
/* Ends the scenario of this state, if it is one. Returns the exit status. */
int runner_scenario_close(runner *r, int status);

/* ---- page ------------------------------------------------------------------------------------ */

/* Opens the page if the options ask for it, and prints its address. Returns false if that fails, and
 * says why. */
bool runner_page_open(const runner_options *options);
void runner_page_close(void);
bool runner_page_is_open(void);
/* These do nothing without a page. While a script is attached, the page sees it, and keeps its loop
 * running. */
void runner_page_attach(runner *r);
void runner_page_detach(void);
/* The script itself has returned. That of a scenario has run its world: it is paused, so that it can be
 * looked at. */
void runner_page_started(void);
/* Serves the page until a restart is asked for, or a signal comes, while the hosts of a scenario that
 * has failed still have their states. Without hosts, this does nothing. */
void runner_page_look_back(void);
/* Lets this time of the world pass, while its device sleeps. Returns true if a restart was asked for
 * meanwhile. */
bool runner_page_sleep(uint64_t us);
/* Lets another loop serve the page, which keeps that loop running until leave(). */
void runner_page_listen_in(uv_loop_t *loop);
void runner_page_leave(void);
/* Shows why no script runs: "failed", "sleeping" for `limit` ms, or "waiting". */
void runner_page_say(const char *state, uint64_t limit);
/* Serves the page until a restart is asked for, which returns true, for `limit` ms (0: without
 * limit), or until a signal comes. */
bool runner_page_wait(const char *state, uint64_t limit);
/* Returns whether somebody has asked for a restart since the last call. */
bool runner_page_restarts(void);

/* ---- written --------------------------------------------------------------------------------- */

/* Notes what the script of this state writes, renames and removes in its flash; raises. Its argument
 * is the runner. */
int runner_watch_writes(lua_State *L);
/* True if the file, by its real path, is as the script left it. */
bool runner_is_own_file(const char *path);
void runner_forget_writes(void);

/* ---- watch ----------------------------------------------------------------------------------- */

/* Starts watching the folder and those below it. */
int runner_watch_open(const char *folder);
void runner_watch_close(void);
/* From here on a change ends the run of this state, until detach. */
void runner_watch_attach(runner *r);
void runner_watch_detach(void);
/* Waits for a change, at most `limit` ms (0: without limit), and for the end of a series of
 * changes. Returns false if the limit or a signal came first. */
bool runner_watch_wait(uint64_t limit);

/* ---- editor ---------------------------------------------------------------------------------- */

/* Whether there is a terminal, where somebody sees a restart. */
bool runner_editor_has_terminal(void);
/* Returns false if there is no editor, or no terminal to use it on. */
bool runner_editor_open(runner *r);
void runner_editor_close(void);
/* Handles Ctrl-C. Returns true if that has only dropped what was being typed. */
bool runner_editor_interrupt(runner *r);
/* show(text), for prompt.lua: shows the prompt, because it wants a line. */
int runner_editor_show(lua_State *L);

/* ---- prompt ---------------------------------------------------------------------------------- */

void runner_prompt_open(runner *r); /* raises */

/* ---- shrink ---------------------------------------------------------------------------------- */

/* Runs the test again, with the faults that are left. Returns whether it fails in the same way. */
typedef bool (*runner_fails)(void *data);

/* Counts the faults of a new world, and leaves out those that are not wanted. */
void runner_shrink_watch(netmcu_sim *world);
/* Looks for the smallest set of faults, after a run that has failed. Returns false if the test does
 * not fail again. Afterwards, runner_shrink_next returns the faults of the set one by one, then
 * NULL; *index is 0 at first. */
bool runner_shrink(runner_fails fails, void *data);
const char *runner_shrink_next(size_t *index);
size_t runner_shrink_count(void); /* faults of the whole run */
void runner_shrink_forget(void);

/* ---- sums ------------------------------------------------------------------------------------ */

/* What the test files of all seeds have given so far. */
extern struct runner_sums {
  uint64_t runs, tests, failed;
} runner_sums;

/* Prints them as the last JSON line, with the exit status. */
void runner_sums_print(const runner_options *options, int status);
/* Adds those of such a line. Returns false if it is another line. */
bool runner_sums_add(const char *line);

/* ---- jobs ------------------------------------------------------------------------------------ */

/* Runs all seeds in processes, prints their results, and adds to the sums. Returns the exit
 * status. */
int runner_run_jobs(const runner_options *options);

/* ---- tested ---------------------------------------------------------------------------------- */

/* A function of Lua: returns the globals of a new device. */
int runner_tested_new(lua_State *L);
/* Ends the device. To be called before r->L, the state of the test, is closed. */
void runner_tested_close(runner *r);

/* ---- test ------------------------------------------------------------------------------------ */

/* Runs a test file in a state of its own. Returns an exit status other than EXIT_SUCCESS if the
 * whole run has to end. */
typedef int (*runner_run)(const runner_options *options, const char *file, uint64_t seed);

/* Runs all files, with each seed. Returns the exit status. */
int runner_run_tests(const runner_options *options, runner_run run);
/* Runs the test file of this state; raises if the file cannot be run at all. */
void runner_test_file(runner *r);

#endif
