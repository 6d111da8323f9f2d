/* The Lua files below lua/, inside the runner, so that the program works without them.
 *
 * The array is made at build time from the files and ends with an entry whose name is NULL. A name is what a
 * script requires: lua/desktop/netmcu.lua is "netmcu", lua/device/gpio.lua is "netmcu.device.gpio".
 */
#ifndef NETMCU_EMBEDDED_H
#define NETMCU_EMBEDDED_H

#include <stddef.h>

struct netmcu_embedded {
  const char *name;
  const unsigned char *source; /* Lua source text, not terminated; or bytecode */
  size_t size;                 /* in bytes */
};

extern const struct netmcu_embedded netmcu_embedded[];

/* Those that every start needs once more, as bytecode of the Lua that the runner was built with: compiling them would be
 * most of a start. None where the build cannot make it. */
extern const struct netmcu_embedded netmcu_compiled[];
extern const char netmcu_compiled_by[]; /* "Lua 5.4.4" */

#endif
