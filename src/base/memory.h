/* The memory of a context: its allocator, and the buffer that all its sockets share. */
#ifndef NETMCU_MEMORY_H
#define NETMCU_MEMORY_H

#include "base/context.h"

/* An allocator for contexts without one of their own, whose blocks have a known size. */
typedef struct netmcu__memory {
  netmcu_allocator allocator;
  size_t (*size_of)(void *block);
} netmcu__memory;

void *netmcu__allocate(netmcu_t *ctx, size_t size); /* zeroed; NULL if memory runs out */
void *netmcu__resize(netmcu_t *ctx, void *block, size_t size);
void netmcu__release(netmcu_t *ctx, void *block);

/* The receive buffer of all sockets: its contents are valid from a read to the end of the callback.
 * Its size is twice what libuv suggests for a read, so that bulk data takes half as many system
 * calls, and more than the largest datagram. NULL if memory runs out. */
#define NETMCU__BUFFER_SIZE (128 * 1024)
char *netmcu__buffer(netmcu_t *ctx);

#endif
