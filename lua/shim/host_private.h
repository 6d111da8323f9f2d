/* The host of a Lua state, for the files of this folder. */
#ifndef NETMCU_HOST_PRIVATE_H
#define NETMCU_HOST_PRIVATE_H

#include "shim/shim.h"

#define NETMCU_SITES 8

/* A place in a script that has caused a warning. */
typedef struct netmcu_site {
  const char *source; /* of the chunk, as lua_Debug has it; NULL in events */
  int line, divergence;
} netmcu_site;

struct netmcu_host {
  lua_State *L;       /* the main thread: callbacks run there */
  lua_State *calling; /* the thread that calls the core: a divergence names its line; else NULL */
  netmcu_t *ctx;      /* NULL while the state is being closed */
  netmcu_sim_host *place; /* in a simulated world, or NULL */
  uint64_t end;       /* how long the context has lived in µs; set when it is closed */
  uint64_t delayed;   /* the µs of all delays of the script */
  uint64_t looked_at; /* the time that the script has seen last */
  unsigned looks;     /* how many times in a row */

  bool running;    /* by netmcu.run, netmcu.wait or the program */
  bool failed;     /* an error is in the user value HOST_ERROR */
  bool quiet;      /* there are no warnings */
  bool supervised; /* the program reports errors */
  bool shared;     /* the loop belongs to the program or to luv, which runs it */
  bool clear_loop; /* netmcu_host_clear_loop_at_end */
  bool read_lines; /* netmcu_host_read_lines */
  netmcu_leave leaving;
  uint64_t sleep; /* µs, of NETMCU_LEAVE_SLEEP */

  const char *event;        /* the event that the script handles now, or NULL */
  const void *event_object; /* and its object, or NULL */
  void (*describe)(lua_State *L, const void *object);
  netmcu_lua_error_cb on_error; /* of a shared loop; or NULL */
  void *on_error_data;

  netmcu_site warned[NETMCU_SITES]; /* the latest places with a warning: these need no look-up */
  unsigned next_site;
  unsigned calls;    /* number of calls into the core */
  bool prints_trace; /* netmcu.trace is on */
  unsigned trace_flags;
  const netmcu_program *program;
  void *program_data;
  const netmcu_observer *observer; /* or NULL */
  bool (*find_module)(lua_State *L, const char *name); /* netmcu_modules_find_with */
  struct netmcu_stdin *input;
  struct netmcu_pending *pending; /* all functions that wait */
};

/* The user values of the host's userdata. */
enum {
  HOST_ERROR = 1,
  HOST_ONERROR,
  HOST_WARNED,
  HOST_STDIN,
  HOST_ENVIRONMENT, /* the globals of netmcu's Lua modules */
  HOST_MODULES,     /* those that are loaded, by name */
  HOST_OPENERS,     /* the functions that open those in C, by name */
  HOST_VALUES = HOST_OPENERS
};

extern const luaL_Reg netmcu_run_functions[], netmcu_edge_functions[]; /* host_run.c, host_edge.c */
int netmcu_host_options(lua_State *L);                                 /* host_options.c */
int netmcu_host_stdin(lua_State *L);                                   /* host_stdin.c */
void netmcu_host_close_stdin(netmcu_host *host);
int netmcu_host_traceback(lua_State *L); /* traceback.c */
int netmcu_host_warn(lua_State *L);      /* host_warning.c */
void netmcu_host_on_divergence(netmcu_t *ctx, int divergence, const char *text, void *host);

/* Creates the environment of netmcu's Lua modules for the host at the index (modules.c). */
void netmcu_modules_open(lua_State *L, int host_index);
/* Raises "<complaint> 'name'" if the table at index 1 has another key than these
 * (host_options.c). */
void netmcu_check_keys(lua_State *L, const char *const *keys, const char *complaint);
/* Finds the Lua function that runs at the level, or else the next one above (host_warning.c). */
bool netmcu_find_place(lua_State *L, int level, lua_Debug *ar);
/* Pushes the userdata of the host, which must exist (host.c). */
void netmcu_host_push_self(lua_State *L);
/* Ends the run after the current callback (host.c). */
void netmcu_host_end_run(netmcu_host *host);
/* Raises the error that a callback has left behind, if there is one (callback.c). */
void netmcu_raise_pending(lua_State *L, netmcu_host *host);
/* Pushes the message with a traceback, which leaves out netmcu's own functions (traceback.c). */
void netmcu_push_traceback(lua_State *L, const char *message, int level);

#endif
