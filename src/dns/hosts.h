/* The hosts file: names for which no server is asked. */
#ifndef NETMCU_HOSTS_H
#define NETMCU_HOSTS_H

#include "base/context.h"

typedef struct netmcu__hosts netmcu__hosts;

/* Returns NULL if memory runs out. `path` is not copied; NULL stands for an empty file. */
netmcu__hosts *netmcu__hosts_new(netmcu_t *ctx, const char *path);
void netmcu__hosts_free(netmcu__hosts *hosts);

/* Gets the addresses that the file has for `name`, in its order, those of one family or of
 * NETMCU__ANY_FAMILY. Sets *count to their number, at most to `most`. localhost and the names in it
 * (RFC 6761, section 6.3) are ::1 and 127.0.0.1 if the file does not have them. Returns
 * NETMCU_ENOTFOUND or NETMCU_ENOMEM. A file that has changed is read again (stack/file.h). */
int netmcu__hosts_find(netmcu__hosts *hosts, const char *name, uint16_t family, netmcu_address *addresses,
                       unsigned most, unsigned *count);

/* Whether `name` is the domain, which is in small letters, or a name in it. The case of `name` and
 * a dot at its end do not matter. */
bool netmcu__is_under(const char *name, const char *domain);

#endif
