/* See stream.h. The size of a message precedes it, in two bytes. */
#include "dns/stream.h"

#include <string.h>

#include "base/memory.h"
#include "dns/message.h"

struct netmcu__dns_stream {
  netmcu__dns_stream_cb cb;
  void *data;
  uint8_t *answer; /* what has been received of it, with its size */
  size_t received;
  size_t question_size;
  uint8_t question[2 + NETMCU__QUESTION_SIZE + 7]; /* a multiple of 8 bytes */
  /* The stack's part and the memory for its request follow. */
};

static netmcu__stack_stream *stack_stream_of(netmcu__dns_stream *s)
{
  return (netmcu__stack_stream *)(void *)(s + 1);
}

static netmcu__dns_stream *dns_stream_of(netmcu__stack_stream *stream)
{
  return (netmcu__dns_stream *)(void *)stream - 1;
}

static netmcu_t *context_of(netmcu__dns_stream *s)
{
  return netmcu__group_of(stack_stream_of(s))->stack->ctx;
}

static void on_closed(netmcu__stack_stream *stream)
{
  netmcu__dns_stream *s = dns_stream_of(stream);
  netmcu_t *ctx = context_of(s);

  netmcu__release(ctx, s->answer);
  netmcu__release(ctx, s);
}

void netmcu__dns_stream_close(netmcu__dns_stream *s)
{
  netmcu__group_of(stack_stream_of(s))->operations->close(stack_stream_of(s), false);
}

static void finish(netmcu__dns_stream *s, const uint8_t *message, size_t size)
{
  netmcu__dns_stream_close(s);
  s->cb(s->data, message, size);
}

static void on_failed(netmcu__stack_stream *stream, int error)
{
  (void)error;
  finish(dns_stream_of(stream), NULL, 0);
}

static void on_finished(netmcu__stack_stream *stream)
{
  on_failed(stream, 0);
}

static void on_received(netmcu__stack_stream *stream, char *data, size_t size)
{
  netmcu__dns_stream *s = dns_stream_of(stream);
  uint8_t *answer = netmcu__resize(context_of(s), s->answer, s->received + size);

  if (answer == NULL) {
    finish(s, NULL, 0);
    return;
  }
  memcpy(answer + s->received, data, size);
  s->answer = answer;
  s->received += size;
  if (s->received < 2)
    return;
  size_t wanted = (size_t)answer[0] << 8 | answer[1];
  if (s->received >= 2 + wanted)
    finish(s, answer + 2, wanted);
}

/* A new connection has room for the whole question. */
static void on_connected(netmcu__stack_stream *stream, int error)
{
  const netmcu__stream_operations *operations = netmcu__group_of(stream)->operations;
  netmcu__dns_stream *s = dns_stream_of(stream);
  netmcu_piece piece = {(const char *)s->question, s->question_size};

  if (error || operations->write(stream, &piece, 1, false) != (ptrdiff_t)piece.size)
    finish(s, NULL, 0);
  else
    operations->start_reading(stream);
}

netmcu__stream_group netmcu__dns_stream_group(netmcu__stack *stack)
{
  static const netmcu__stream_events events = {.connected = on_connected,
                                               .received = on_received,
                                               .finished = on_finished,
                                               .failed = on_failed,
                                               .closed = on_closed};

  return (netmcu__stream_group){stack, stack->streams, &events};
}

netmcu__dns_stream *netmcu__dns_stream_open(netmcu__stream_group *group, const netmcu_address *server,
                                            const uint8_t *question, size_t size, netmcu__dns_stream_cb cb, void *data)
{
  const netmcu__stream_operations *operations = group->operations;
  netmcu_t *ctx = group->stack->ctx;
  netmcu__dns_stream *s = netmcu__allocate(ctx, sizeof(*s) + operations->stream_size + operations->request_size);

  if (s == NULL || operations->open(group, stack_stream_of(s), server->family)) {
    netmcu__release(ctx, s);
    return NULL;
  }
  s->cb = cb;
  s->data = data;
  s->question[0] = (uint8_t)(size >> 8);
  s->question[1] = (uint8_t)size;
  memcpy(s->question + 2, question, size);
  s->question_size = 2 + size;
  if (operations->connect(stack_stream_of(s), (char *)(s + 1) + operations->stream_size, server)) {
    netmcu__dns_stream_close(s);
    return NULL;
  }
  return s;
}
