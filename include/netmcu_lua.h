/* netmcu_lua: the Lua modules net, tmr and netmcu in a C program that embeds Lua 5.4 and has a loop of its own.
 *
 * A Lua state that requires `net` by itself gets a context with a loop of its own, which the script runs (netmcu.run). A
 * program that runs a libuv loop gives it to the state before:
 *
 *   lua_State *L = luaL_newstate();
 *   luaL_openlibs(L);
 *   if (netmcu_lua_open(L, loop, NULL) == NULL)
 *     return fprintf(stderr, "no memory\n"), 1;
 *   if (luaL_dofile(L, "script.lua"))                   // local net = require "net" …
 *     fprintf(stderr, "%s\n", lua_tostring(L, -1));
 *   uv_run(loop, UV_RUN_DEFAULT);                       // what the program has there, and the script's sockets and timers
 *   lua_close(L);
 *   uv_run(loop, UV_RUN_DEFAULT);                       // what was sent still goes out; nothing calls Lua any more
 *
 * Link the static library netmcu-lua beside the program's own Lua: pkg-config --libs netmcu-lua lua5.4, or the target
 * netmcu::lua of CMake's find_package(netmcu). Threads and errors are as in <netmcu.h>: a state, its context and its loop
 * belong to one thread. Any number of states may live on one loop.
 */
#ifndef NETMCU_LUA_H
#define NETMCU_LUA_H

#include <lua.h>
#include <netmcu.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Creates the context of this Lua state, on `loop`, or on a loop of its own for NULL, and lets `require` find the modules net
 * and tmr (the Lua module netmcu is a file, found on package.path when it is installed). `options` are as for netmcu_new;
 * where they have no `warning`, what diverges from the device is printed on standard error with the script's line.
 *
 * The state owns the context: lua_close frees all that the script left open and ends the context, which must not be given to
 * netmcu_close. On the program's loop this is done when the loop has run on; lua_close may be called inside a callback of the
 * loop, but not inside one of the script.
 *
 * Returns NULL when the state has a context already (a second call, or `net` was required before), when there is no memory, or
 * when no loop can be made. */
netmcu_t *netmcu_lua_open(lua_State *L, uv_loop_t *loop, const netmcu_options *options);

/* The context of this state, to set rules or faults or to look at it, or NULL when it has none. Lives as long as the state. */
netmcu_t *netmcu_lua_context(lua_State *L);

/* Told an error that a callback of the script did not catch: `message` has the traceback and lives until it returns. It may
 * stop the loop, but must neither close the state nor raise an error. */
typedef void (*netmcu_lua_error_cb)(lua_State *L, const char *message, void *data);

/* Sets who is told of errors while the program runs its loop; NULL, as at first: they are printed on standard error. The loop
 * goes on in both cases. While the script itself runs the loop (netmcu.run, netmcu.wait), that call raises them as ever.
 * The state must have a context, else nothing happens. */
void netmcu_lua_on_error(lua_State *L, netmcu_lua_error_cb cb, void *data);

/* The module itself, for a program that opens its libraries by luaL_requiref. After netmcu_lua_open `require` finds it. */
int luaopen_net(lua_State *L);

#ifdef __cplusplus
}
#endif

#endif
