/* See stream.h. A message is preceded by its size in two bytes. */
#include "dns/stream.h"

#include <string.h>

#include "base/memory.h"
#include "dns/message.h"

struct netmcu__dns_stream {
  uv_tcp_t handle;
  uv_connect_t connecting;
  uv_write_t writing;
  netmcu_t *ctx;
  netmcu__dns_stream_cb cb; /* NULL: closed */
  void *data;
  uint8_t *answer; /* NULL until its size is known */
  size_t wanted, received;
  uint8_t size[2];
  uint8_t question[2 + NETMCU__QUESTION_SIZE];
  unsigned question_size;
};

static void on_closed(uv_handle_t *handle)
{
  netmcu__dns_stream *s = netmcu__container(handle, netmcu__dns_stream, handle);
  netmcu_t *ctx = s->ctx;

  netmcu__release(ctx, s->answer);
  netmcu__release(ctx, s);
  netmcu__handle_closed(ctx);
}

void netmcu__dns_stream_close(netmcu__dns_stream *s)
{
  s->cb = NULL;
  uv_close((uv_handle_t *)&s->handle, on_closed);
}

/* The memory stays until libuv has closed the handle. */
static void finish(netmcu__dns_stream *s, const uint8_t *message, size_t size)
{
  netmcu__dns_stream_cb cb = s->cb;

  netmcu__dns_stream_close(s);
  cb(s->data, message, size);
}

/* First the two bytes of the size, then exactly the message. */
static void provide_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
  netmcu__dns_stream *s = netmcu__container(handle, netmcu__dns_stream, handle);
  uint8_t *to = s->answer ? s->answer : s->size;

  (void)suggested;
  *buffer = uv_buf_init((char *)to + s->received, (unsigned)(s->wanted - s->received));
}

static bool begin_answer(netmcu__dns_stream *s)
{
  s->wanted = (size_t)s->size[0] << 8 | s->size[1];
  s->received = 0;
  s->answer = s->wanted ? netmcu__allocate(s->ctx, s->wanted) : NULL;
  return s->answer != NULL;
}

static void on_read(uv_stream_t *handle, ssize_t size, const uv_buf_t *buffer)
{
  netmcu__dns_stream *s = netmcu__container(handle, netmcu__dns_stream, handle);

  (void)buffer;
  if (size < 0) {
    finish(s, NULL, 0);
    return;
  }
  s->received += (size_t)size;
  if (s->received < s->wanted)
    return;
  if (s->answer)
    finish(s, s->answer, s->received);
  else if (!begin_answer(s))
    finish(s, NULL, 0);
}

static void on_written(uv_write_t *writing, int status)
{
  netmcu__dns_stream *s = netmcu__container(writing, netmcu__dns_stream, writing);

  if (status < 0 && s->cb)
    finish(s, NULL, 0);
}

static void on_connected(uv_connect_t *connecting, int status)
{
  netmcu__dns_stream *s = netmcu__container(connecting, netmcu__dns_stream, connecting);
  uv_buf_t buffer = uv_buf_init((char *)s->question, s->question_size);

  if (s->cb == NULL)
    return;
  if (status == 0)
    status = uv_write(&s->writing, (uv_stream_t *)&s->handle, &buffer, 1, on_written);
  if (status == 0)
    status = uv_read_start((uv_stream_t *)&s->handle, provide_buffer, on_read);
  if (status)
    finish(s, NULL, 0);
}

netmcu__dns_stream *netmcu__dns_stream_open(netmcu_t *ctx, const netmcu__server_address *address,
                                            const uint8_t *question, size_t size, netmcu__dns_stream_cb cb, void *data)
{
  netmcu__dns_stream *s = netmcu__allocate(ctx, sizeof(*s));

  if (s == NULL || uv_tcp_init(netmcu_loop(ctx), &s->handle)) {
    netmcu__release(ctx, s);
    return NULL;
  }
  netmcu__handle_opened(ctx);
  s->ctx = ctx;
  s->cb = cb;
  s->data = data;
  s->wanted = sizeof(s->size);
  s->question[0] = (uint8_t)(size >> 8);
  s->question[1] = (uint8_t)size;
  memcpy(s->question + 2, question, size);
  s->question_size = (unsigned)(2 + size);
  if (uv_tcp_connect(&s->connecting, &s->handle, &address->any, on_connected)) {
    netmcu__dns_stream_close(s);
    return NULL;
  }
  return s;
}
