/* Tables of the simulated network: chained, and doubled when they are full. The order of entries is
 * never visible outside, except among those with equal keys: there it is that of adding. */
#include "stack/sim.h"

/* The finalizer of MurmurHash3, which mixes all bits of a key. */
static size_t bucket_of(uint64_t key, size_t size)
{
  key = (key ^ key >> 33) * UINT64_C(0xff51afd7ed558ccd);
  key = (key ^ key >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
  return (size_t)(key ^ key >> 33) & (size - 1);
}

static void append(netmcu__sim_table *table, netmcu__sim_entry *entry)
{
  netmcu__sim_entry **place = &table->buckets[bucket_of(entry->key, table->size)];

  while (*place)
    place = &(*place)->next;
  entry->next = NULL;
  *place = entry;
}

static bool grow(netmcu__sim_table *table)
{
  netmcu__sim_table larger = {.size = table->size ? 2 * table->size : 8, .count = table->count};

  larger.buckets = calloc(larger.size, sizeof(netmcu__sim_entry *));
  if (larger.buckets == NULL)
    return table->size > 0; /* a full table works, too */
  for (size_t i = 0; i < table->size; i++)
    for (netmcu__sim_entry *entry = table->buckets[i], *next; entry; entry = next) {
      next = entry->next;
      append(&larger, entry);
    }
  free(table->buckets);
  *table = larger;
  return true;
}

bool netmcu__sim_table_add(netmcu__sim_table *table, netmcu__sim_entry *entry, uint64_t key)
{
  if (table->count >= table->size && !grow(table))
    return false;
  entry->key = key;
  append(table, entry);
  table->count++;
  return true;
}

void netmcu__sim_table_remove(netmcu__sim_table *table, netmcu__sim_entry *entry)
{
  netmcu__sim_entry **place = &table->buckets[bucket_of(entry->key, table->size)];

  while (*place != entry)
    place = &(*place)->next;
  *place = entry->next;
  table->count--;
}

netmcu__sim_entry *netmcu__sim_table_find(const netmcu__sim_table *table, const netmcu__sim_entry *after, uint64_t key)
{
  netmcu__sim_entry *entry = after ? after->next : table->size ? table->buckets[bucket_of(key, table->size)] : NULL;

  while (entry && entry->key != key)
    entry = entry->next;
  return entry;
}

void netmcu__sim_table_end(netmcu__sim_table *table)
{
  free(table->buckets);
  *table = (netmcu__sim_table){.size = 0};
}
