#include "bytes.h"

static uint8_t byte_at(uint64_t offset, unsigned seed)
{
  /* Uses the high bits as well, so that a repeated, lost or swapped block is noticed. */
  return (uint8_t)(offset * 31 + (offset >> 8) * 7 + (offset >> 16) * 3 + seed * 17);
}

void bytes_fill(void *to, size_t size, uint64_t offset, unsigned seed)
{
  uint8_t *bytes = to;
  for (size_t i = 0; i < size; i++)
    bytes[i] = byte_at(offset + i, seed);
}

bool bytes_are(const void *data, size_t size, uint64_t offset, unsigned seed)
{
  const uint8_t *bytes = data;
  for (size_t i = 0; i < size; i++)
    if (bytes[i] != byte_at(offset + i, seed))
      return false;
  return true;
}

uint64_t bytes_sum(uint64_t sum, const void *data, size_t size)
{
  const uint8_t *bytes = data;
  for (size_t i = 0; i < size; i++)
    sum = (sum ^ bytes[i]) * UINT64_C(1099511628211);
  return sum;
}

uint64_t bytes_stream_sum(uint64_t size, unsigned seed)
{
  uint64_t sum = BYTES_SUM_INIT;
  for (uint64_t i = 0; i < size; i++) {
    uint8_t byte = byte_at(i, seed);
    sum = bytes_sum(sum, &byte, 1);
  }
  return sum;
}
