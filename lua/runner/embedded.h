/* The Lua files below lua/, inside the program, so that it works without them.
 *
 * The arrays are made from the files at build time. A name is what a script requires:
 * lua/desktop/netmcu.lua is "netmcu", lua/device/gpio.lua is "netmcu.device.gpio". The tables contain
 * no pointers: the dynamic linker would have to write each of them at every start. */
#ifndef NETMCU_EMBEDDED_H
#define NETMCU_EMBEDDED_H

struct netmcu_embedded {
  char name[48];        /* empty in the last entry */
  unsigned start, size; /* of the Lua source text or bytecode in the array of bytes */
};

extern const struct netmcu_embedded netmcu_embedded[];
extern const unsigned char netmcu_embedded_bytes[];

/* The files that every start needs, also as bytecode of the Lua that the program was built with:
 * compiling them would take most of the time of a start. The table is empty if the build cannot
 * make bytecode. */
extern const struct netmcu_embedded netmcu_compiled[];
extern const unsigned char netmcu_compiled_bytes[];
extern const char netmcu_compiled_by[]; /* "Lua 5.4.4" */

#endif
