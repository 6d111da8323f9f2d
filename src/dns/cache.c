/* See cache.h. */
#include "dns/cache.h"

#include <string.h>

#include "base/address.h"
#include "base/memory.h"
#include "edge/rule.h"

#define LONGEST_TTL (7 * 24 * 60 * 60) /* lwIP's DNS_MAX_TTL */

typedef struct netmcu__cache_entry {
  uint64_t end; /* the clock's `now` from which the answer is too old */
  uint32_t hash;
  unsigned count;
  netmcu_address *addresses; /* The name follows them. */
} entry;

/* Returns the length without the root's dot. */
static size_t name_size(const char *name)
{
  size_t size = strlen(name);

  return size > 0 && name[size - 1] == '.' ? size - 1 : size;
}

/* FNV-1a */
static uint32_t hash_name(const char *name, size_t size)
{
  uint32_t hash = 2166136261u;

  for (size_t i = 0; i < size; i++)
    hash = (hash ^ (uint8_t)netmcu__lower(name[i])) * 16777619u;
  return hash;
}

static char *name_of(const entry *e)
{
  return (char *)(e->addresses + e->count);
}

static entry *find_entry(netmcu__cache *cache, const char *name, uint32_t hash)
{
  for (unsigned i = 0; i < cache->count; i++) {
    entry *e = &cache->entries[i];
    if (e->hash == hash && netmcu__same_name(name_of(e), name))
      return e;
  }
  return NULL;
}

const netmcu_address *netmcu__cache_find(netmcu__cache *cache, const char *name, uint64_t now, unsigned *count)
{
  const entry *e = find_entry(cache, name, hash_name(name, name_size(name)));

  if (e == NULL || now >= e->end)
    return NULL;
  *count = e->count;
  return e->addresses;
}

static entry *replace_oldest(netmcu__cache *cache)
{
  entry *e = &cache->entries[cache->oldest];

  cache->oldest = (cache->oldest + 1) % NETMCU__CACHE_ENTRIES;
  return e;
}

/* Doubles the room if it is used up. Returns false if memory runs out. */
static bool make_room(netmcu__cache *cache, netmcu_t *ctx)
{
  unsigned room = cache->room ? 2 * cache->room : 2;

  if (cache->count < cache->room)
    return true;
  entry *entries = netmcu__resize(ctx, cache->entries, room * sizeof(*entries));
  if (entries == NULL)
    return false;
  cache->entries = entries;
  cache->room = room;
  return true;
}

/* Returns an entry without addresses, or the oldest one, or NULL if memory runs out. */
static entry *get_place(netmcu__cache *cache, netmcu_t *ctx)
{
  if (cache->count == NETMCU__CACHE_ENTRIES)
    return replace_oldest(cache);
  if (!make_room(cache, ctx))
    return NULL;
  cache->entries[cache->count] = (entry){.addresses = NULL};
  return &cache->entries[cache->count];
}

static bool fill_entry(entry *e, netmcu_t *ctx, const char *name, size_t size, const netmcu_address *addresses,
                       unsigned count)
{
  netmcu_address *block = netmcu__resize(ctx, e->addresses, count * sizeof(*addresses) + size + 1);

  if (block == NULL)
    return false;
  memcpy(block, addresses, count * sizeof(*addresses));
  e->addresses = block;
  e->count = count;
  memcpy(name_of(e), name, size);
  name_of(e)[size] = '\0';
  return true;
}

void netmcu__cache_add(netmcu__cache *cache, netmcu_t *ctx, const char *name, const netmcu_address *addresses,
                       unsigned count, uint32_t ttl, uint64_t now)
{
  size_t size = name_size(name);
  uint32_t hash = hash_name(name, size);

  if (ttl == 0)
    return;
  entry *e = find_entry(cache, name, hash);
  if (e == NULL)
    e = get_place(cache, ctx);
  if (e == NULL || !fill_entry(e, ctx, name, size, addresses, count))
    return;
  if (e == cache->entries + cache->count)
    cache->count++;
  e->hash = hash;
  e->end = now + UINT64_C(1000) * (ttl < LONGEST_TTL ? ttl : LONGEST_TTL);
}

void netmcu__cache_clear(netmcu__cache *cache, netmcu_t *ctx)
{
  for (unsigned i = 0; i < cache->count; i++)
    netmcu__release(ctx, cache->entries[i].addresses);
  netmcu__release(ctx, cache->entries);
  memset(cache, 0, sizeof(*cache));
}
