/* Bytes that tell where in a stream they belong, and a checksum of any. */
#ifndef TEST_BYTES_H
#define TEST_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes from `offset` on of the stream that begins with `seed`. */
void bytes_fill(void *to, size_t size, uint64_t offset, unsigned seed);
bool bytes_are(const void *data, size_t size, uint64_t offset, unsigned seed);

/* FNV-1a, begun with BYTES_SUM_INIT and fed in pieces of any size. */
#define BYTES_SUM_INIT UINT64_C(14695981039346656037)
uint64_t bytes_sum(uint64_t sum, const void *data, size_t size);

/* Of the first `size` bytes of a stream. */
uint64_t bytes_stream_sum(uint64_t size, unsigned seed);

#endif
