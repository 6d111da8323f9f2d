/* See queue.h. */
#include <string.h>

#include "tcp/queue.h"

struct netmcu__chunk {
  netmcu__chunk *next;
  size_t size, written;
  unsigned sends; /* that end with it */
  char data[];
};

/* Chunks in one write. Linux takes 1024 (UIO_MAXIOV); more than a few dozen gains nothing measurable. */
#define GATHER 64

int netmcu__output_append(netmcu_t *ctx, netmcu__output *output, const char *data, size_t size, unsigned sends)
{
  if (size > SIZE_MAX - sizeof(netmcu__chunk))
    return NETMCU_ENOMEM;
  netmcu__chunk *chunk = netmcu__resize(ctx, NULL, sizeof(*chunk) + size);
  if (chunk == NULL)
    return NETMCU_ENOMEM;
  chunk->next = NULL;
  chunk->size = size;
  chunk->written = 0;
  chunk->sends = sends;
  memcpy(chunk->data, data, size);
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

/* A uv_buf_t's length is 32 bits on Windows, and a huge write gains nothing: what is beyond waits for the next one. */
#define WRITE_SIZE ((size_t)1 << 30)

static unsigned gather(const netmcu__output *output, uv_buf_t bufs[], unsigned most)
{
  unsigned count = 0;

  for (netmcu__chunk *chunk = output->first; chunk && count < most; chunk = chunk->next) {
    size_t left = chunk->size - chunk->written;
    bufs[count++] = uv_buf_init(chunk->data + chunk->written, (unsigned)(left < WRITE_SIZE ? left : WRITE_SIZE));
    if (left > WRITE_SIZE)
      break;
  }
  return count;
}

/* The system took `size` bytes from the front: returns the number of sends that ended. */
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

/* Few chunks at a time: libuv copies more than four buffers to the heap, and what follows is tried anew anyway. */
int netmcu__output_wait(netmcu__output *output, uv_stream_t *stream, uv_write_cb done)
{
  uv_buf_t bufs[4];
  unsigned count = gather(output, bufs, 4);
  int error = uv_write(&output->request, stream, bufs, count, done);

  output->waiting = error == 0;
  output->outstanding = count;
  return error;
}

netmcu__written netmcu__output_flush(netmcu_t *ctx, netmcu__output *output, uv_stream_t *stream, uv_write_cb done)
{
  netmcu__written written = {0, 0};

  while (output->first && !output->waiting) {
    uv_buf_t bufs[GATHER];
    int size = uv_try_write(stream, bufs, gather(output, bufs, GATHER));
    if (size > 0)
      written.sends += consume(ctx, output, (size_t)size);
    else if (size == UV_EAGAIN || size == 0)
      written.error = netmcu__output_wait(output, stream, done);
    else
      written.error = size;
    if (written.error)
      break;
  }
  return written;
}

unsigned netmcu__output_done(netmcu_t *ctx, netmcu__output *output)
{
  unsigned sends = 0;

  output->waiting = false;
  for (; output->outstanding > 0; output->outstanding--) {
    netmcu__chunk *chunk = output->first;
    size_t left = chunk->size - chunk->written;
    if (left > WRITE_SIZE) {
      chunk->written += WRITE_SIZE;
      output->bytes -= WRITE_SIZE;
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
