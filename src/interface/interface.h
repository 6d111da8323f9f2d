/* What the files behind netmcu_interface_get share: interface.c (the list), system_linux.c, system_bsd.c and
 * system_windows.c (what only that system knows), lease.c (readers of lease files). */
#ifndef NETMCU_INTERFACE_H
#define NETMCU_INTERFACE_H

#include "base/internal.h"

typedef struct netmcu__route {
  char name[64];
  char gateway[NETMCU_IP_SIZE]; /* empty for a link that needs none */
  uint32_t metric;
} netmcu__route;

/* A DHCP lease; texts are empty where the file does not say. */
typedef struct netmcu__lease {
  char server[NETMCU_IP_SIZE];
  char client[NETMCU_IP_SIZE];
  char ntp[NETMCU_IP_SIZE];
} netmcu__lease;

/* ---- system_linux.c, system_bsd.c, system_windows.c -------------------------------------------- */

/* The default routes, in any order. Returns how many, at most `capacity`. */
unsigned netmcu__system_routes(netmcu_t *ctx, netmcu__route *routes, unsigned capacity);

/* The lease of an interface with this address. */
bool netmcu__system_lease(netmcu_t *ctx, const char *name, const char *ip, netmcu__lease *lease);

/* ---- system_linux.c: for tests ----------------------------------------------------------------------- */

/* A line of /proc/net/route; false when it is no default route that is up. */
bool netmcu__route_read(const char *line, netmcu__route *route);

/* Looks where the DHCP clients of Linux leave their leases, below `root` ("" outside of tests). */
bool netmcu__lease_find(const char *root, const char *name, unsigned index, const char *ip, netmcu__lease *lease);

/* ---- lease.c ---------------------------------------------------------------------------------- */

/* The two kinds of text, which may be of anyone's making: "KEY=value" lines (systemd-networkd, NetworkManager), and
 * dhclient's log of "lease { … }", where the last one of `interface` for the address `ip` counts. */
bool netmcu__lease_read_keys(const char *text, netmcu__lease *lease);
bool netmcu__lease_read_log(const char *text, const char *name, const char *ip, netmcu__lease *lease);

/* Reads the end of a file, of 64 KiB at most, with one of them; `interface` NULL: with the first. A lease that is not
 * for `ip` is an old one and does not count, unless `ip` is NULL. */
bool netmcu__lease_read_file(const char *path, const char *name, const char *ip, netmcu__lease *lease);

#endif
