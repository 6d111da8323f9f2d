/* A file of the system's configuration. Its owner reads it again after it has changed. */
#ifndef NETMCU_FILE_H
#define NETMCU_FILE_H

#include <uv.h>

#include "base/context.h"

typedef struct netmcu__file {
  const char *path; /* NULL: there is no file */
  uint64_t looked;  /* the clock's `now` at the last look */
  bool is_read;     /* set by the owner when it has read the file */
  struct netmcu__file_version {
    uint64_t device, inode, size;
    uv_timespec_t modified, changed;
  } version; /* all zero if there is no regular file, and so nothing to read */
} netmcu__file;

/* Returns true if the owner has to read the file, because it never did or because the file has
 * changed since. Looks at the file once per millisecond of the clock. */
bool netmcu__file_is_new(netmcu__file *file, uint64_t now);

#endif
