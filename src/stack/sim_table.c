/* Tables of the simulated network: chained, and doubled when they are full. The order of entries is
 * never visible outside, except among those with equal keys: there it is that of adding. */
#include "stack/sim.h"

#define FEW 4 /* entries need no buckets */

/* The finalizer of MurmurHash3, which mixes all bits of a key. */
static uint64_t mix(uint64_t key)
{
  key = (key ^ key >> 33) * UINT64_C(0xff51afd7ed558ccd);
  key = (key ^ key >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
  return key ^ key >> 33;
}

static netmcu__sim_entry **first_of(netmcu__sim_table *table, uint64_t key)
{
  return table->buckets ? &table->buckets[mix(key) & (table->size - 1)] : &table->few;
}

static void append(netmcu__sim_table *table, netmcu__sim_entry *entry)
{
  netmcu__sim_entry **place = first_of(table, entry->key);

  while (*place)
    place = &(*place)->next;
  entry->next = NULL;
  *place = entry;
}

static void move(netmcu__sim_table *to, netmcu__sim_entry *entry)
{
  for (netmcu__sim_entry *next; entry; entry = next) {
    next = entry->next;
    append(to, entry);
  }
}

/* If memory runs out, the table works as well, but slower. */
static void grow(netmcu__sim_table *table)
{
  netmcu__sim_table old = *table, larger = {.size = table->size ? 2 * table->size : 2 * FEW, .count = table->count};

  larger.buckets = calloc(larger.size, sizeof(netmcu__sim_entry *));
  if (larger.buckets == NULL)
    return;
  *table = larger;
  move(table, old.few);
  for (uint32_t i = 0; i < old.size; i++)
    move(table, old.buckets[i]);
  free(old.buckets);
}

void netmcu__sim_table_add(netmcu__sim_table *table, netmcu__sim_entry *entry, uint64_t key)
{
  if (table->count >= (table->size ? table->size : FEW))
    grow(table);
  entry->key = key;
  append(table, entry);
  table->count++;
}

void netmcu__sim_table_remove(netmcu__sim_table *table, netmcu__sim_entry *entry)
{
  netmcu__sim_entry **place = first_of(table, entry->key);

  while (*place != entry)
    place = &(*place)->next;
  *place = entry->next;
  table->count--;
}

netmcu__sim_entry *netmcu__sim_table_find(const netmcu__sim_table *table, const netmcu__sim_entry *after, uint64_t key)
{
  netmcu__sim_entry *entry = after ? after->next : *first_of((netmcu__sim_table *)(uintptr_t)table, key);

  while (entry && entry->key != key)
    entry = entry->next;
  return entry;
}

netmcu__sim_entry *netmcu__sim_table_take(netmcu__sim_table *table)
{
  while (table->size > 0 && table->buckets[table->size - 1] == NULL)
    table->size--;
  netmcu__sim_entry **first = table->size > 0 ? &table->buckets[table->size - 1] : &table->few;
  netmcu__sim_entry *entry = *first;
  if (entry)
    *first = entry->next;
  return entry;
}

void netmcu__sim_table_end(netmcu__sim_table *table)
{
  free(table->buckets);
  *table = (netmcu__sim_table){.size = 0};
}
