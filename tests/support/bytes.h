/* A stream of bytes in which each byte shows its position, and a checksum of any bytes. */
#ifndef TEST_BYTES_H
#define TEST_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fills in the bytes from `offset` on of the stream with this `seed`. */
void bytes_fill(void *to, size_t size, uint64_t offset, unsigned seed);
bool bytes_are(const void *data, size_t size, uint64_t offset, unsigned seed);

/* FNV-1a. It starts with BYTES_SUM_INIT and accepts pieces of any size. */
#define BYTES_SUM_INIT UINT64_C(14695981039346656037)
uint64_t bytes_sum(uint64_t sum, const void *data, size_t size);

/* Returns the checksum of the first `size` bytes of a stream. */
uint64_t bytes_stream_sum(uint64_t size, unsigned seed);

#endif
