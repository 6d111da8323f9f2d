/* The memory of a simulated host. With thousands of hosts, an event finds nothing of its host in the
 * processor's caches, and each page that it touches costs as much as several lines of one page. So
 * each host has a region, in which everything lies that its events touch again and again: the host,
 * its context with the objects, and both ends of the connections that it opens.
 *
 * A region has two pieces. The first one is a part of the host's block, and has room for an idle
 * context. The second one is added with the first object, and has room for a connection by name, a
 * timer, and the server's side of the connection. Freed blocks wait in a list for a request of their
 * size. Whatever does not fit comes from malloc, and so do packets and bytes that wait. No address
 * influences what happens in the world. */
#include <stddef.h>

#include "stack/sim_tcp.h"

typedef struct netmcu__sim_block {
  union {
    netmcu_sim_host *host;          /* whose region contains it; NULL: it is from malloc */
    struct netmcu__sim_block *next; /* in the list of freed blocks */
  };
  size_t size; /* with this head */
  _Alignas(max_align_t) char data[];
} block;

#define UNIT         _Alignof(max_align_t)
#define WHOLE(size)  ((sizeof(block) + (size) + UNIT - 1) / UNIT * UNIT)
#define FIRST_PIECE  (148 * sizeof(void *))
#define SECOND_PIECE (320 * sizeof(void *))

/* A sanitizer sees each block by itself. */
#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED true
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED false
#endif

static block *block_of(void *data)
{
  return netmcu__container(data, block, data);
}

/* ---- regions ----------------------------------------------------------------------------------- */

typedef struct home {
  netmcu_sim_host host; /* first */
  _Alignas(max_align_t) char piece[FIRST_PIECE];
} home;

netmcu_sim_host *netmcu__sim_host_allocate(void)
{
  home *h = calloc(1, sizeof(*h));

  if (h == NULL)
    return NULL;
  h->host.memory.rest = h->piece;
  h->host.memory.room = sizeof(h->piece);
  return &h->host;
}

void netmcu__sim_host_release(netmcu_sim_host *host)
{
  free(host->memory.second);
  free(host);
}

static block *take_freed(netmcu__sim_memory *memory, size_t size)
{
  block **place = &memory->freed;

  while (*place && (*place)->size != size)
    place = &(*place)->next;
  block *found = *place;
  if (found)
    *place = found->next;
  return found;
}

static void add_second_piece(netmcu__sim_memory *memory)
{
  memory->second = malloc(SECOND_PIECE);
  if (memory->second) {
    memory->rest = memory->second;
    memory->room = SECOND_PIECE;
  }
}

/* A block that is larger than a connection is rarely in use for long. */
static block *cut(netmcu__sim_memory *memory, size_t size)
{
  bool is_small = size <= WHOLE(sizeof(sim_tcp));

  if (is_small && size > memory->room && memory->second == NULL)
    add_second_piece(memory);
  if (size > memory->room || (memory->second && !is_small))
    return NULL;
  block *b = (block *)(void *)memory->rest;
  memory->rest += size;
  memory->room -= size;
  return b;
}

static block *take(netmcu__sim_memory *memory, size_t size)
{
  if (IS_SANITIZED)
    return NULL;
  block *b = take_freed(memory, size);
  return b ? b : cut(memory, size);
}

/* ---- blocks ------------------------------------------------------------------------------------ */

static void *allocate_for(netmcu_sim_host *host, size_t size)
{
  if (size > SIZE_MAX - WHOLE(UNIT))
    return NULL;
  size_t whole = WHOLE(size);
  block *inside = take(&host->memory, whole), *b = inside ? inside : malloc(whole);
  if (b == NULL)
    return NULL;
  b->host = inside ? host : NULL;
  b->size = whole;
  return b->data;
}

void *netmcu__sim_allocate(netmcu_sim_host *host, size_t size)
{
  void *data = allocate_for(host, size);

  return data ? memset(data, 0, size) : NULL;
}

void netmcu__sim_release(void *data)
{
  block *b = block_of(data);
  netmcu_sim_host *host = b->host;

  if (host == NULL) {
    free(b);
    return;
  }
  b->next = host->memory.freed;
  host->memory.freed = b;
}

/* ---- the allocator of contexts without one of their own ------------------------------------------ */

static void *allocate(size_t size, void *data)
{
  netmcu_sim_host *host = data, *client = host->world->client;

  return allocate_for(client ? client : host, size);
}

static void release(void *old, void *data)
{
  (void)data;
  if (old)
    netmcu__sim_release(old);
}

static size_t size_of(void *data)
{
  return block_of(data)->size;
}

static void *resize(void *old, size_t size, void *data)
{
  void *resized = allocate(size, data);
  size_t old_size = old ? size_of(old) - sizeof(block) : 0;

  if (resized && old) {
    memcpy(resized, old, old_size < size ? old_size : size);
    netmcu__sim_release(old);
  }
  return resized;
}

const netmcu__memory netmcu__sim_host_memory = {{allocate, resize, release, NULL}, size_of};
