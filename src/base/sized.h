/* Structs that begin with their size, and that later versions extend at their end. The caller's
 * struct may be smaller than the library's, if the program is older, or larger, if it is newer.
 *
 * A struct may not end in padding, because a later field could take its place, and what an older
 * program has there is undefined. */
#ifndef NETMCU_SIZED_H
#define NETMCU_SIZED_H

#include <stddef.h>

/* The size of a struct whose last field was `member`. */
#define netmcu__size_until(type, member) (offsetof(type, member) + sizeof(((type *)NULL)->member))

/* Copies the caller's struct `from` over the first bytes of `to`, which has `known` bytes. Returns
 * NETMCU_EVALUE if `from` has less than `first` bytes, or if a byte beyond `known` is not 0. */
int netmcu__read_sized(void *to, size_t known, const void *from, size_t first);

/* Copies `from`, which has `known` bytes, to the caller's struct `to`, except for its size, and
 * zeroes the rest of it. Returns NETMCU_EVALUE if `to` has less than `first` bytes. */
int netmcu__write_sized(void *to, const void *from, size_t known, size_t first);

#endif
