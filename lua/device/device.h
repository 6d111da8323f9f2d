/* The C parts of the device: what the Lua files of lua/device/ cannot do by themselves. Each is required
 * under the name beside its opener. Those of libraries that were absent at build time still open;
 * their table is empty but for `missing`, a sentence that says what to install.
 */
#ifndef NETMCU_BOARD_H
#define NETMCU_BOARD_H

#include <lua.h>

int luaopen_netmcu_folder(lua_State *L);   /* "netmcu.folder": the folder that stands for the flash */
int luaopen_netmcu_truncate(lua_State *L); /* "netmcu.truncate": fractions where Lua 5.4 wants integers */
int luaopen_netmcu_clock(lua_State *L);    /* "netmcu.clock": the time of day */
int luaopen_netmcu_hash(lua_State *L);     /* "netmcu.hash": digests, AES, base64 (nettle) */
int luaopen_netmcu_json(lua_State *L);     /* "netmcu.json": JSON (json-c) */

int netmcu_json_encode(lua_State *L); /* a function of netmcu.json, in a file of its own */

#endif
