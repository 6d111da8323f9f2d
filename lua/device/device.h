/* The C parts of the device, for what the Lua files of lua/device/ cannot do themselves. Each
 * module has the name beside its opener. A module whose library was absent at build time still
 * opens: its table then has the field `missing`, a sentence that names what to install.
 */
#ifndef NETMCU_LUA_DEVICE_H
#define NETMCU_LUA_DEVICE_H

#include <lua.h>

int luaopen_netmcu_argument(lua_State *L); /* "netmcu.device.argument": checks of arguments */
int luaopen_netmcu_folder(lua_State *L);   /* "netmcu.folder": the folder that stands for the flash */
int luaopen_netmcu_truncate(lua_State *L); /* "netmcu.truncate": fractions where Lua 5.4 wants integers */
int luaopen_netmcu_hash(lua_State *L);     /* "netmcu.hash": digests, AES, base64 (nettle) */
int luaopen_netmcu_json(lua_State *L);     /* "netmcu.json": a decoder for JSON (json-c) */
int luaopen_netmcu_tls(lua_State *L);      /* "netmcu.tls": TLS for net.socket (mbedTLS) */

/* Pushes a file of a folder as a file of Lua's io library, or nil and a message. Returns how many
 * values these are (folder.c). */
struct netmcu_folder;
int netmcu_folder_push_file(lua_State *L, const struct netmcu_folder *folder, const char *name, const char *mode);
/* Pushes a list of the names in an inner folder. */
void netmcu_folder_push_entries(lua_State *L, const struct netmcu_folder *folder, const char *name);

#endif
