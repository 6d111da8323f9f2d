/* netmcu_lua: the Lua modules net, tmr and netmcu in a C program that embeds Lua 5.4 and runs a
 * loop of its own.
 *
 * By default, a Lua state that requires `net` gets a context with its own loop, and the script runs
 * that loop (netmcu.run). A program that already runs a libuv loop first gives it to the state:
 *
 *   lua_State *L = luaL_newstate();
 *   luaL_openlibs(L);
 *   if (netmcu_lua_open(L, loop, NULL) == NULL)
 *     return fprintf(stderr, "no memory\n"), 1;
 *   if (luaL_dofile(L, "script.lua"))                   // local net = require "net" …
 *     fprintf(stderr, "%s\n", lua_tostring(L, -1));
 *   uv_run(loop, UV_RUN_DEFAULT);                       // the program's events and the script's
 *   lua_close(L);
 *   uv_run(loop, UV_RUN_DEFAULT);                       // delivers output; Lua is no longer called
 *
 * Link the static library netmcu-lua beside the program's own Lua. Use
 * `pkg-config --libs netmcu-lua lua5.4`, or the target netmcu::lua of CMake's find_package(netmcu).
 * Threads and errors follow the rules of <netmcu.h>: a state, its context and its loop belong to
 * one thread. Any number of states may share a loop.
 */
#ifndef NETMCU_LUA_H
#define NETMCU_LUA_H

#include <lua.h>
#include <netmcu.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Creates the context of this Lua state on `loop`, or on a loop of its own if `loop` is NULL.
 * `require` then finds the modules net and tmr. The module netmcu is a Lua file; `require` finds it
 * through package.path once it is installed. `options` has the meaning that it has for netmcu_new.
 * If it sets no `warning`, divergences from the device are printed on standard error with the
 * script's line.
 *
 * The state owns the context. lua_close frees everything that the script has left open and ends the
 * context, so do not call netmcu_close. On the program's loop, the context ends only while the loop
 * runs on. lua_close may be called inside a callback of the program, but not of the script.
 *
 * Returns NULL if the state already has a context, if memory runs out, or if the loop cannot be
 * created. A state has a context after an earlier call, or after a script has required `net`. */
netmcu_t *netmcu_lua_open(lua_State *L, uv_loop_t *loop, const netmcu_options *options);

/* Returns the context of this state, or NULL if it has none. The program can use it to set rules
 * and faults, or to inspect what is open. It is valid as long as the state. */
netmcu_t *netmcu_lua_context(lua_State *L);

/* Called with an error that a callback of the script did not catch. `message` includes the
 * traceback and is valid until the function returns. The function may stop the loop. It must not
 * close the state or raise an error. */
typedef void (*netmcu_lua_error_cb)(lua_State *L, const char *message, void *data);

/* Sets the function that receives errors while the program runs its loop. NULL, the default, prints
 * them on standard error. The loop continues in both cases. If the script itself runs the loop,
 * with netmcu.run or netmcu.wait, that call raises the error instead. Does nothing if the state has
 * no context. */
void netmcu_lua_on_error(lua_State *L, netmcu_lua_error_cb cb, void *data);

/* Opens the module net, for programs that load their libraries with luaL_requiref. After
 * netmcu_lua_open this is not necessary, because `require` finds the module. */
int luaopen_net(lua_State *L);

#ifdef __cplusplus
}
#endif

#endif
