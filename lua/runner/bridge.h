/* Values and calls between the Lua states of a simulation.
 *
 * Numbers, strings and booleans are copied. Any other object stays in its state, and another state
 * has a proxy for it: a table for a table, a function for a function, a userdata for the rest. An
 * operation on the proxy happens in the state of the object. A proxy that returns to this state
 * becomes the object again.
 *
 * An error of Lua must not leave a state for the other one. So a value travels in two steps: the
 * sender writes a `wire`, inside a protected call of its own, and the receiver reads it, in another
 * one. A string in a wire is kept by the sender's stack meanwhile. */
#ifndef NETMCU_RUNNER_BRIDGE_H
#define NETMCU_RUNNER_BRIDGE_H

#include "runner/runner.h"

/* The end of the bridge in a state. It outlives the state while there are proxies. */
struct runner_end {
  lua_State *main;    /* NULL once the state is closed */
  lua_State *calling; /* the thread that calls another state now, or NULL */
  const char *name;
  unsigned remotes, busy;
};

/* An object that other states know. */
typedef struct remote {
  runner_end *home;
  int type;       /* of the object */
  unsigned count; /* proxies, and wires on their way */
} remote;

typedef struct wire {
  int type; /* of Lua; that of the object for a remote */
  bool is_integer;
  union {
    lua_Number number;
    lua_Integer integer;
    bool boolean;
    void *pointer;
    struct {
      const char *bytes;
      size_t size;
    } text;
    remote *remote;
  } as;
} wire;

/* ---- bridge_wire.c ----------------------------------------------------------------------------- */

/* Frees the end of a state that is closed, once there are no proxies for its objects. */
void runner_end_free(runner_end *end);
/* Returns the remote that the value at the index is a proxy for, or NULL if it is no proxy. */
remote *runner_remote_find(lua_State *L, int index);
/* The index is not relative to the top. Pushes an error and returns false if memory runs out. */
bool runner_wire_write(lua_State *L, int index, wire *w);
void runner_wire_read(lua_State *L, const wire *w); /* pushes the value; raises */
void runner_wires_release(wire *wires, int count);
/* Makes the tables and classes of a state; raises. */
void runner_wires_open(lua_State *L, const luaL_Reg *metamethods);

/* ---- bridge.c ---------------------------------------------------------------------------------- */

/* The function of a proxy for a function. Its upvalue is what keeps the remote. */
int runner_remote_call(lua_State *L);

#endif
