/* See queue.h. */
#include <string.h>

#include "base/memory.h"
#include "tcp/queue.h"

struct netmcu__chunk {
  netmcu__chunk *next;
  size_t size, written;
  unsigned sends; /* that end with it */
  char data[];
};

void netmcu__data_copy(char *to, const netmcu__data *data, size_t skipped)
{
  for (unsigned i = 0; i < data->count; i++) {
    const netmcu_piece *piece = &data->pieces[i];
    size_t skips = skipped < piece->size ? skipped : piece->size, size = piece->size - skips;
    if (size > 0)
      memcpy(to, (const char *)piece->data + skips, size);
    skipped -= skips;
    to += size;
  }
}

int netmcu__output_append(netmcu_t *ctx, netmcu__output *output, const netmcu__data *data, size_t skipped,
                          unsigned sends)
{
  size_t size = data->size - skipped;

  if (size > SIZE_MAX - sizeof(netmcu__chunk))
    return NETMCU_ENOMEM;
  netmcu__chunk *chunk = netmcu__resize(ctx, NULL, sizeof(*chunk) + size);
  if (chunk == NULL)
    return NETMCU_ENOMEM;
  chunk->next = NULL;
  chunk->size = size;
  chunk->written = 0;
  chunk->sends = sends;
  netmcu__data_copy(chunk->data, data, skipped);
  if (output->last)
    output->last->next = chunk;
  else
    output->first = chunk;
  output->last = chunk;
  output->bytes += size;
  return 0;
}

static unsigned drop_first(netmcu_t *ctx, netmcu__output *output)
{
  netmcu__chunk *chunk = output->first;
  unsigned sends = chunk->sends;

  output->first = chunk->next;
  if (output->first == NULL)
    output->last = NULL;
  output->bytes -= chunk->size - chunk->written;
  netmcu__release(ctx, chunk);
  return sends;
}

static unsigned gather(const netmcu__output *output, netmcu_piece pieces[], unsigned most)
{
  unsigned count = 0;

  for (const netmcu__chunk *chunk = output->first; chunk && count < most; chunk = chunk->next) {
    size_t left = chunk->size - chunk->written;
    pieces[count++] =
        (netmcu_piece){chunk->data + chunk->written, left < NETMCU__PIECE_SIZE ? left : NETMCU__PIECE_SIZE};
    if (left > NETMCU__PIECE_SIZE)
      break;
  }
  return count;
}

/* Drops `size` written bytes from the front. Returns the number of sends that ended with them. */
static unsigned consume(netmcu_t *ctx, netmcu__output *output, size_t size)
{
  unsigned sends = 0;

  while (size > 0) {
    netmcu__chunk *chunk = output->first;
    size_t left = chunk->size - chunk->written;
    if (size < left) {
      chunk->written += size;
      output->bytes -= size;
      break;
    }
    size -= left;
    sends += drop_first(ctx, output);
  }
  return sends;
}

/* Waits for a few chunks only, because libuv copies more than four buffers to the heap. The other
 * chunks are written when the wait is over. */
int netmcu__output_wait(netmcu__output *output, const netmcu__target *target)
{
  netmcu_piece pieces[4];
  unsigned count = gather(output, pieces, 4);
  int error = target->operations->write_later(target->stream, target->request, pieces, count);

  output->waiting = error == 0;
  output->outstanding = count;
  return error;
}

netmcu__written netmcu__output_flush(netmcu_t *ctx, netmcu__output *output, const netmcu__target *target)
{
  netmcu__written written = {0, 0};

  while (output->first && !output->waiting && written.error == 0) {
    netmcu_piece pieces[NETMCU__PIECES];
    unsigned count = gather(output, pieces, NETMCU__PIECES);
    ptrdiff_t size = target->operations->write(target->stream, pieces, count, false);
    if (size > 0)
      written.sends += consume(ctx, output, (size_t)size);
    else
      written.error = size < 0 ? (int)size : netmcu__output_wait(output, target);
  }
  return written;
}

unsigned netmcu__output_done(netmcu_t *ctx, netmcu__output *output)
{
  unsigned sends = 0;

  output->waiting = false;
  for (; output->outstanding > 0; output->outstanding--) {
    netmcu__chunk *chunk = output->first;
    if (chunk->size - chunk->written > NETMCU__PIECE_SIZE) {
      chunk->written += NETMCU__PIECE_SIZE;
      output->bytes -= NETMCU__PIECE_SIZE;
    } else {
      sends += drop_first(ctx, output);
    }
  }
  return sends;
}

void netmcu__output_clear(netmcu_t *ctx, netmcu__output *output)
{
  if (output->waiting)
    return;
  while (output->first)
    drop_first(ctx, output);
  output->outstanding = 0;
}
