/* See cache.h. */
#include "dns/cache.h"

#include <string.h>

#include "base/address.h"
#include "base/memory.h"
#include "edge/rule.h"

#define LONGEST_TTL (7 * 24 * 60 * 60) /* lwIP's DNS_MAX_TTL */

typedef struct netmcu__cache_entry entry;

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

static entry *find_entry(netmcu__cache *cache, const char *name, uint32_t hash)
{
  for (entry *e = cache->entries; e < cache->entries + NETMCU__CACHE_ENTRIES; e++)
    if (e->hash == hash && e->name && netmcu__same_name(e->name, name))
      return e;
  return NULL;
}

bool netmcu__cache_find(netmcu__cache *cache, const char *name, uint64_t now, uint8_t ip[4])
{
  size_t size = name_size(name);
  const entry *e = find_entry(cache, name, hash_name(name, size));

  if (e == NULL || now >= e->end)
    return false;
  memcpy(ip, e->ip, sizeof(e->ip));
  return true;
}

static entry *replace_oldest(netmcu__cache *cache, netmcu_t *ctx, const char *name, size_t size)
{
  entry *e = &cache->entries[cache->oldest];
  char *copy = netmcu__resize(ctx, e->name, size + 1);

  if (copy == NULL)
    return NULL;
  memcpy(copy, name, size);
  copy[size] = '\0';
  e->name = copy;
  cache->oldest = (cache->oldest + 1) % NETMCU__CACHE_ENTRIES;
  return e;
}

void netmcu__cache_add(netmcu__cache *cache, netmcu_t *ctx, const char *name, const uint8_t ip[4], uint32_t ttl,
                       uint64_t now)
{
  size_t size = name_size(name);
  uint32_t hash = hash_name(name, size);

  if (ttl == 0)
    return;
  entry *e = find_entry(cache, name, hash);
  if (e == NULL)
    e = replace_oldest(cache, ctx, name, size);
  if (e == NULL)
    return;
  e->hash = hash;
  memcpy(e->ip, ip, sizeof(e->ip));
  e->end = now + UINT64_C(1000) * (ttl < LONGEST_TTL ? ttl : LONGEST_TTL);
}

void netmcu__cache_clear(netmcu__cache *cache, netmcu_t *ctx)
{
  for (entry *e = cache->entries; e < cache->entries + NETMCU__CACHE_ENTRIES; e++)
    netmcu__release(ctx, e->name);
  memset(cache, 0, sizeof(*cache));
}
