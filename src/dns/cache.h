/* The answers of the DNS servers, kept for their time to live as on the device. */
#ifndef NETMCU_DNS_CACHE_H
#define NETMCU_DNS_CACHE_H

#include "base/context.h"

/* The device has room for four names. */
#define NETMCU__CACHE_ENTRIES 64

/* All zero at first. */
typedef struct netmcu__cache {
  struct netmcu__cache_entry {
    uint64_t end; /* the clock's `now` from which the answer is too old */
    uint32_t hash;
    uint8_t ip[4];
    char *name; /* NULL: the entry is empty */
  } entries[NETMCU__CACHE_ENTRIES];
  unsigned oldest; /* index of the entry that is overwritten next */
} netmcu__cache;

bool netmcu__cache_find(netmcu__cache *cache, const char *name, uint64_t now, uint8_t ip[4]);

/* Keeps an answer for `ttl` seconds, but at most for a week. If memory runs out, it is not kept. */
void netmcu__cache_add(netmcu__cache *cache, netmcu_t *ctx, const char *name, const uint8_t ip[4], uint32_t ttl,
                       uint64_t now);
void netmcu__cache_clear(netmcu__cache *cache, netmcu_t *ctx);

#endif
