/* The hosts file: names that are looked up in no other place. */
#ifndef NETMCU_HOSTS_H
#define NETMCU_HOSTS_H

#include "base/context.h"

typedef struct netmcu__hosts netmcu__hosts;

extern const char netmcu__hosts_path[]; /* the system's */

/* NULL when there is no memory. `path` is not copied. */
netmcu__hosts *netmcu__hosts_new(netmcu_t *ctx, const char *path);
void netmcu__hosts_free(netmcu__hosts *hosts);

/* The first address that the file has for `name`; 127.0.0.1 for localhost and what is under it
 * (RFC 6761, 6.3) where it has none. Returns 0, NETMCU_ENOTFOUND, NETMCU_ENOMEM. A file that has
 * changed is read again: that is looked at once in a millisecond of the loop's time. */
int netmcu__hosts_find(netmcu__hosts *hosts, const char *name, netmcu_address *address);

/* Whether `name` is the domain, which is in small letters, or a name in it. Case and a last dot
 * do not matter. */
bool netmcu__is_under(const char *name, const char *domain);

/* lookup.c: another file for the context's lookups in place of the hosts file, or of
 * /etc/resolv.conf on Unix. */
int netmcu__resolver_use_hosts(netmcu_t *ctx, const char *path);
int netmcu__resolver_use_configuration(netmcu_t *ctx, const char *path);

#endif
