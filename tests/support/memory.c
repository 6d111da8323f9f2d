/* An allocator that counts blocks and fails on demand. Each block starts with its size. */
#include "memory.h"
#include "loop.h"

typedef union header {
  size_t size;
  max_align_t align;
} header;

static struct {
  size_t blocks, bytes, peak, allocations;
  size_t until_failure; /* 0: no failure is due */
  bool onwards;
} memory;

static bool fails(void)
{
  memory.allocations++;
  if (memory.until_failure == 0 || --memory.until_failure > 0)
    return false;
  if (memory.onwards)
    memory.until_failure = 1;
  return true;
}

static void count(size_t size)
{
  memory.blocks++;
  memory.bytes += size;
  if (memory.bytes > memory.peak)
    memory.peak = memory.bytes;
}

static void uncount(const header *block)
{
  memory.blocks--;
  memory.bytes -= block->size;
}

static void *allocate(size_t size, void *data)
{
  (void)data;
  if (fails())
    return NULL;
  header *block = malloc(sizeof(header) + size);
  if (!block)
    return NULL;
  block->size = size;
  count(size);
  /* Fills new memory with garbage, to find code that relies on zeroed memory without asking for
   * it. */
  memset(block + 1, 0xA5, size);
  return block + 1;
}

static void *resize(void *old, size_t size, void *data)
{
  if (!old)
    return allocate(size, data);
  if (fails())
    return NULL;
  header *before = (header *)old - 1;
  size_t old_size = before->size;
  header *block = realloc(before, sizeof(header) + size);
  if (!block)
    return NULL;
  memory.blocks--;
  memory.bytes -= old_size;
  block->size = size;
  count(size);
  return block + 1;
}

static void release(void *block, void *data)
{
  (void)data;
  if (!block)
    return;
  header *head = (header *)block - 1;
  uncount(head);
  memset(block, 0x5A, head->size);
  free(head);
}

netmcu_allocator memory_allocator(void)
{
  return (netmcu_allocator){allocate, resize, release, NULL};
}

void memory_reset(void)
{
  memset(&memory, 0, sizeof memory);
}

size_t loop_blocks(void)
{
  return memory.blocks;
}

size_t loop_bytes(void)
{
  return memory.bytes;
}

size_t loop_peak_bytes(void)
{
  return memory.peak;
}

size_t loop_allocations(void)
{
  return memory.allocations;
}

void loop_fail_allocation(size_t nth, bool onwards)
{
  memory.until_failure = nth;
  memory.onwards = onwards;
}
