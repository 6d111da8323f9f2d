/* The shim: what stands behind a Lua state. The host of the state owns the context and decides what
 * happens with errors and warnings; netmcu_enter is the only way from the core into Lua. The rooms
 * above use these functions to give the core's objects to scripts. */
#ifndef NETMCU_SHIM_H
#define NETMCU_SHIM_H

#include <stdbool.h>
#include <lauxlib.h>
#include <lua.h>
#include <netmcu_device.h>
#include <netmcu_lua.h>
#include <netmcu_sim.h>

/* ---- the host of a Lua state (host.c) -------------------------------------------------------- */

typedef struct netmcu_host netmcu_host;

/* Returns the host of this state and leaves its userdata on the stack. Creates the host if there is
 * none. */
netmcu_host *netmcu_host_push(lua_State *L);
/* Returns the host, or NULL if the state has no host. Leaves nothing on the stack. */
netmcu_host *netmcu_host_find(lua_State *L);
/* Creates the host on a loop, or on a loop of its own for NULL; otherwise as netmcu_host_push.
 * The state must not have a host yet. */
netmcu_host *netmcu_host_create(lua_State *L, uv_loop_t *loop, const netmcu_options *options);

/* As netmcu_host_create, on a host of a simulated world. */
netmcu_host *netmcu_host_create_in(lua_State *L, netmcu_sim_host *place);

#define NETMCU_FRAME_SIZE 1460 /* bytes of one "receive" event, unless the program sets another size */

/* The host is the first upvalue of every function that the functions below register. */
#define netmcu_host_of(L) ((netmcu_host *)lua_touserdata(L, lua_upvalueindex(1)))
/* As netmcu_host_of, but raises an error if the state is being closed: finalizers of a script may
 * call any function. */
netmcu_host *netmcu_host_check(lua_State *L);
/* Adds functions to the table on top of the stack. */
void netmcu_host_add_functions(lua_State *L, const luaL_Reg *functions);
/* Pushes a table with these functions. */
void netmcu_host_new_library(lua_State *L, const luaL_Reg *functions);
/* Creates the metatable for a kind of userdata, which is its own __index. Does nothing if it
 * exists: a library is opened twice, for the script and for netmcu's own modules. */
void netmcu_host_new_class(lua_State *L, const char *name, const luaL_Reg *methods, const luaL_Reg *metamethods);
/* Sets a field of the table on top of the stack. */
void netmcu_set_integer(lua_State *L, const char *name, lua_Integer value);

/* The context, or NULL while the state is being closed. */
netmcu_t *netmcu_host_context(const netmcu_host *host);
/* The µs since the host was created. This time does not advance once the context is NULL. */
uint64_t netmcu_host_elapsed(const netmcu_host *host);
/* The same, for a script. In a simulated world, computing takes no time, so that a loop which waits
 * for a later time would never end: after many looks at the same time, each further one takes some. */
uint64_t netmcu_host_look_at_time(netmcu_host *host);

/* The time of day in µs since 1970; random bits; and a wait in which nothing else happens. In a
 * simulated world, all of them are the world's. `delay` does nothing outside of one, and returns
 * false. */
uint64_t netmcu_host_clock(const netmcu_host *host);
uint64_t netmcu_host_random(const netmcu_host *host);
bool netmcu_host_delay(netmcu_host *host, uint64_t us);

/* Whether the state is a chip in all respects: strict, in a simulated world. */
bool netmcu_host_is_chip(const netmcu_host *host);

/* Sets the callback for errors that occur while the program runs the loop, as netmcu_lua_on_error
 * does. */
void netmcu_host_on_error(netmcu_host *host, netmcu_lua_error_cb cb, void *data);
/* The end of the state runs the loop until nothing of netmcu is left on it: afterwards this code
 * may be unloaded. */
void netmcu_host_clear_loop_at_end(netmcu_host *host);

/* ---- errors and warnings (host_warning.c) ---------------------------------------------------- */

/* Raises the device's text for an error of the core. */
int netmcu_raise(lua_State *L, netmcu_host *host, int error);
/* Reports a divergence at the script's line. Raises an error under strict. */
void netmcu_host_diverge(lua_State *L, netmcu_host *host, int divergence, long number);
/* Prints a line that is not a divergence, once per run and unless warnings are off. */
void netmcu_host_remark(netmcu_host *host, const char *text);
/* Prints a line to standard error. `line` comes without its end. */
void netmcu_host_note(const netmcu_host *host, const char *line);

/* Evaluates a call of the core, and returns its result. A divergence that the core reports
 * meanwhile gets the line of the script that `L` runs. */
#define netmcu_call(L, host, call) netmcu_host_end_call(host, (netmcu_host_begin_call(host, L), (call)))
void netmcu_host_begin_call(netmcu_host *host, lua_State *L);
int netmcu_host_end_call(netmcu_host *host, int result);

/* ---- running (host_run.c) -------------------------------------------------------------------- */

/* Why a script ends the run. What a restart and a sleep mean is up to the program that runs the
 * state. */
typedef enum netmcu_leave { NETMCU_STAY, NETMCU_LEAVE_END, NETMCU_LEAVE_RESTART, NETMCU_LEAVE_SLEEP } netmcu_leave;

/* Ends the run after the current callback. `sleep` is the time of a sleep in µs. */
void netmcu_host_leave(netmcu_host *host, netmcu_leave reason, uint64_t sleep);
netmcu_leave netmcu_host_leaving(const netmcu_host *host);
uint64_t netmcu_host_sleep_time(const netmcu_host *host);

/* Runs the loop until nothing is left to happen, unless the run is over already. */
void netmcu_host_run(netmcu_host *host);
/* Whether a callback has failed, and its error waits for the call that runs the loop. */
bool netmcu_host_failed(const netmcu_host *host);
/* Pushes that error. */
void netmcu_host_push_error(lua_State *L);

/* ---- for a program around the state (host.c) ------------------------------------------------- */

/* The program reports errors: nobody else prints them, and after one no further event reaches the
 * script. */
void netmcu_host_supervise(netmcu_host *host);
void netmcu_host_set_quiet(netmcu_host *host, bool quiet); /* whether warnings are left out */
/* What a program does for the state. A NULL stands for what is in brackets. */
typedef struct netmcu_program {
  void (*output)(void *data, const char *text, size_t size); /* takes the script's output [stdout] */
  void (*note)(void *data, const char *line);                /* takes a line for standard error [stderr] */
  /* A callback has failed, and the error is on top of the stack. Returns whether the program has taken
   * it; the script goes on then. [keeps it, for the call that runs the loop] */
  bool (*failed)(void *data, lua_State *L);
  /* The script has failed, or has asked for its end. Called inside its callback. [stops the loop] */
  void (*over)(void *data);
} netmcu_program;

/* `program` must stay valid. */
void netmcu_host_set_program(netmcu_host *host, const netmcu_program *program, void *data);
/* Delivers standard input line by line: what follows a line that ends the run waits for the next
 * state. */
void netmcu_host_read_lines(netmcu_host *host);

/* ---- for a program that watches the state (host_edge.c) --------------------------------------- */

typedef struct netmcu_observer {
  void (*event)(const netmcu_trace_event *event, void *data);
  /* Called with a divergence from the device, at this line of the script; line 0 is unknown. */
  void (*warning)(const char *text, const char *source, int line, void *data);
  void *data;
} netmcu_observer;

/* Lets the observer see the events of the network and all divergences, whatever else is traced or
 * reported. NULL ends this. The caller owns the observer. Returns an error of the core. */
int netmcu_host_observe(netmcu_host *host, const netmcu_observer *observer);
/* Returns the number of calls into the core. A divergence and the event of the same call have the
 * same number. */
unsigned netmcu_host_calls(const netmcu_host *host);
/* Reports a divergence to the observer, with the line of the function at this level. */
void netmcu_host_show_observer(const netmcu_host *host, lua_State *L, int level, const char *text);

/* ---- netmcu's own Lua modules, which do not share the script's globals (modules.c) ----------- */

/* Pushes the module, as the modules' own `require` does. */
void netmcu_require(lua_State *L, const char *name);
/* Adds modules in C to those that this `require` finds. An opener may run once more for
 * the script. */
void netmcu_modules_add(lua_State *L, const luaL_Reg *openers);
/* Sets what pushes the compiled Lua module of a name, or returns false. Without it they are files
 * on package.path. */
void netmcu_modules_find_with(netmcu_host *host, bool (*find)(lua_State *L, const char *name));

/* ---- the entry from the core into Lua (callback.c) ------------------------------------------- */

/* Runs `body` in the main thread, protected, with `argument` as a light userdata. `body` may raise
 * errors. `event` and `object` (either may be NULL) say in the text of an error where it happened:
 * "'receive'", the socket. The function of node.setonerror gets an error first, then the call that
 * runs the loop. Returns false if there was an error. */
bool netmcu_enter(netmcu_host *host, lua_CFunction body, void *argument, const char *event, const void *object);
/* Sets the function that pushes a description of such an object. */
void netmcu_host_describe_objects(netmcu_host *host, void (*push)(lua_State *L, const void *object));
/* Leaves the object, which is about to go, out of the text of an error. */
void netmcu_host_forget_object(netmcu_host *host, const void *object);
/* Whether the script has failed, or has asked for its end: the program gets no further events of
 * this turn then. */
bool netmcu_is_over(const netmcu_host *host);
/* A message handler for lua_pcall: adds the traceback. */
int netmcu_traceback(lua_State *L);

/* ---- functions that are called once (pending.c) ---------------------------------------------- */

/* A function that waits to be called. */
typedef struct netmcu_pending netmcu_pending;

/* Keeps the function at the index. May raise an error. */
netmcu_pending *netmcu_pending_new(lua_State *L, netmcu_host *host, int index);
netmcu_host *netmcu_pending_host(const netmcu_pending *p);
/* Pushes the function, and frees what kept it. */
void netmcu_pending_push(lua_State *L, netmcu_pending *p);
void netmcu_pending_free(lua_State *L, netmcu_pending *p);

/* ---- the module netmcu.host ------------------------------------------------------------------ */

int luaopen_netmcu_host(lua_State *L);

#endif
