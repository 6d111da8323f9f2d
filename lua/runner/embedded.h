/* The Lua files below lua/, inside the program, so that it works without them.
 *
 * The array is made from the files at build time. Its last entry has the name NULL. A name is what
 * a script requires: lua/desktop/netmcu.lua is "netmcu", lua/device/gpio.lua is
 * "netmcu.device.gpio". */
#ifndef NETMCU_EMBEDDED_H
#define NETMCU_EMBEDDED_H

#include <stddef.h>

struct netmcu_embedded {
  const char *name;
  const unsigned char *source; /* Lua source text, not terminated; or bytecode */
  size_t size;                 /* in bytes */
};

extern const struct netmcu_embedded netmcu_embedded[];

/* The files that every start needs, also as bytecode of the Lua that the program was built with:
 * compiling them would take most of the time of a start. The array is empty if the build cannot
 * make bytecode. */
extern const struct netmcu_embedded netmcu_compiled[];
extern const char netmcu_compiled_by[]; /* "Lua 5.4.4" */

#endif
