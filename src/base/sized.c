/* See sized.h. */
#include "base/sized.h"

#include <string.h>

#include "netmcu.h"

#define MOST 4096 /* The caller has forgotten to set a size that is larger. */

static size_t size_of(const void *sized)
{
  size_t size;

  memcpy(&size, sized, sizeof(size));
  return size;
}

int netmcu__read_sized(void *to, size_t known, const void *from, size_t first)
{
  size_t size = size_of(from);

  if (size < first || size > MOST)
    return NETMCU_EVALUE;
  for (size_t i = known; i < size; i++)
    if (((const char *)from)[i])
      return NETMCU_EVALUE;
  memcpy(to, from, size < known ? size : known);
  memcpy(to, &known, sizeof(known));
  return 0;
}

int netmcu__write_sized(void *to, const void *from, size_t known, size_t first)
{
  size_t size = size_of(to), copied = size < known ? size : known;

  if (size < first || size > MOST)
    return NETMCU_EVALUE;
  memcpy((char *)to + sizeof(size), (const char *)from + sizeof(size), copied - sizeof(size));
  memset((char *)to + copied, 0, size - copied);
  return 0;
}
