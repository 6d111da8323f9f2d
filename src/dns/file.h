/* A file of the system's configuration that is read again after it has changed. */
#ifndef NETMCU_DNS_FILE_H
#define NETMCU_DNS_FILE_H

#include <uv.h>

#include "base/context.h"

typedef struct netmcu__file {
  const char *path;
  uint64_t looked; /* the loop's time of the last look */
  bool is_read;    /* set by the owner when it has read the file */
  struct netmcu__file_version {
    uint64_t device, inode, size;
    uv_timespec_t modified, changed;
  } version; /* all zero if there is no regular file: nothing is to be read then */
} netmcu__file;

/* True if the owner has to read the file: it never did, or the file has changed since. Looks at
 * the file once per millisecond of the loop's time. */
bool netmcu__file_is_new(netmcu__file *file, uint64_t now);

#endif
