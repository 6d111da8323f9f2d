/* What the files behind the system's interfaces share: system_interface.c (addresses),
 * system_interface_linux.c, system_interface_bsd.c and system_interface_windows.c (routes and
 * leases), lease_file.c (the files of DHCP clients), system_servers_unix.c and
 * system_servers_windows.c (name servers). */
#ifndef NETMCU_SYSTEM_INTERFACE_H
#define NETMCU_SYSTEM_INTERFACE_H

#include "stack/system.h"

/* ---- system_interface_linux.c, system_interface_bsd.c, system_interface_windows.c ------------ */

/* get_routes and get_lease of netmcu__interface_operations. */
unsigned netmcu__system_routes(netmcu__stack *stack, netmcu__default_route *routes, unsigned capacity);
bool netmcu__system_lease(netmcu__stack *stack, const char *name, const char *ip, netmcu__lease *lease);

/* ---- system_servers_unix.c, system_servers_windows.c ----------------------------------------- */

/* get_name_servers of netmcu__interface_operations. */
const netmcu__name_servers *netmcu__system_name_servers(netmcu__stack *stack);

/* Appends a server, given as text, if there is room for it and `ip` is an address
 * (system_interface.c). */
void netmcu__name_servers_append(netmcu__name_servers *list, const char *ip);

/* ---- system_interface_linux.c: for tests ----------------------------------------------------- */

/* Reads a line of /proc/net/route. Returns false if it is not a default route that is up. */
bool netmcu__route_read(const char *line, netmcu__default_route *route);

/* Searches the places where DHCP clients of Linux leave their leases, below `root` ("" outside of
 * tests). */
bool netmcu__lease_find(const char *root, const char *name, unsigned index, const char *ip, netmcu__lease *lease);

/* ---- lease_file.c ---------------------------------------------------------------------------- */

/* Read the two kinds of text, which nobody has checked: "KEY=value" lines (systemd-networkd,
 * NetworkManager), and dhclient's log of "lease { … }" blocks, of which the last one for the
 * interface `name` and the address `ip` counts. */
bool netmcu__lease_read_keys(const char *text, netmcu__lease *lease);
bool netmcu__lease_read_log(const char *text, const char *name, const char *ip, netmcu__lease *lease);

/* Reads the end of a file, 64 KiB at most: a log if `name` is given, or else "KEY=value" lines.
 * A lease for another address than `ip` is an old one and does not count. NULL accepts any
 * address. */
bool netmcu__lease_read_file(const char *path, const char *name, const char *ip, netmcu__lease *lease);

#endif
