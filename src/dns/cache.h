/* The answers of the DNS servers, kept for their time to live as on the device. */
#ifndef NETMCU_DNS_CACHE_H
#define NETMCU_DNS_CACHE_H

#include "base/context.h"

/* The device has room for four names. */
#define NETMCU__CACHE_ENTRIES 64

/* All zero at first. */
typedef struct netmcu__cache {
  struct netmcu__cache_entry *entries; /* grows as names come */
  unsigned count, room;
  unsigned oldest; /* index of the entry that is overwritten next, once there are NETMCU__CACHE_ENTRIES */
} netmcu__cache;

/* Returns the addresses of a name, or NULL. They are valid until the cache changes. */
const netmcu_address *netmcu__cache_find(netmcu__cache *cache, const char *name, uint64_t now, unsigned *count);

/* Keeps an answer for `ttl` seconds, but at most for a week. If memory runs out, it is not kept. */
void netmcu__cache_add(netmcu__cache *cache, netmcu_t *ctx, const char *name, const netmcu_address *addresses,
                       unsigned count, uint32_t ttl, uint64_t now);
void netmcu__cache_clear(netmcu__cache *cache, netmcu_t *ctx);

#endif
