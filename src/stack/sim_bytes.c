/* Bytes that wait to be acknowledged or read. They are dropped at the front without being moved
 * each time. */
#include "stack/sim_tcp.h"

/* Makes room for `size` more bytes. */
static bool make_room(netmcu__sim_bytes *bytes, size_t size)
{
  size_t capacity = bytes->capacity ? bytes->capacity : 256;

  if (bytes->start > 0 && bytes->start >= bytes->size) {
    memmove(bytes->data, bytes->data + bytes->start, bytes->size);
    bytes->start = 0;
  }
  while (capacity < bytes->start + bytes->size + size)
    capacity *= 2;
  char *data = capacity > bytes->capacity ? realloc(bytes->data, capacity) : bytes->data;
  if (data == NULL)
    return false;
  bytes->data = data;
  bytes->capacity = (uint32_t)capacity;
  return true;
}

bool netmcu__sim_bytes_append(netmcu__sim_bytes *bytes, const char *data, size_t size)
{
  if (size == 0)
    return true;
  if (!make_room(bytes, size))
    return false;
  memcpy(bytes->data + bytes->start + bytes->size, data, size);
  bytes->size += (uint32_t)size;
  return true;
}

void netmcu__sim_bytes_drop(netmcu__sim_bytes *bytes, size_t size)
{
  bytes->start += (uint32_t)size;
  bytes->size -= (uint32_t)size;
  if (bytes->size == 0)
    netmcu__sim_bytes_clear(bytes);
}

void netmcu__sim_bytes_clear(netmcu__sim_bytes *bytes)
{
  free(bytes->data);
  *bytes = (netmcu__sim_bytes){.size = 0};
}
