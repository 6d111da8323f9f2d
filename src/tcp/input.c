/* Input: reads, frames, hold. See stream_private.h. */
#include <string.h>

#include "tcp/stream_private.h"

/* The most bytes of one event without a frame size. For longer strings, glibc would get memory from
 * the system and return it each time, which makes a script slow. */
#define MOST_AS_READ (64 * 1024)

static void keep(netmcu__stream *stream, const char *data, size_t size)
{
  netmcu_t *ctx = context_of(stream);
  char *copy = netmcu__stream_get_extra(stream) ? netmcu__resize(ctx, NULL, size) : NULL;

  if (copy == NULL) {
    netmcu__stream_end(stream, NETMCU_ENOMEM);
    return;
  }
  memcpy(copy, data, size);
  stream->extra->held = copy;
  stream->extra->held_size = size;
}

/* Returns how many bytes of a frame a fault lets pass: 0 if nothing passes any more. */
NETMCU__RARE static size_t faulty_frame(netmcu__stream *stream, size_t most)
{
  netmcu__fault *fault = stream->extra->fault;
  size_t frame = netmcu__fault_pass(fault, '<', netmcu__fault_frame(fault, most));

  if (is_stopped(stream)) {
    netmcu__stream_stop_reading(stream);
    netmcu__stream_make_due(stream);
  }
  return frame;
}

/* The rest of the data belongs to the context for as long as it is being delivered. */
static size_t next_frame(netmcu__streams *streams, netmcu__stream *stream, const char **data)
{
  if (streams->rest_size == 0 || stream->owner == NULL || stream->held)
    return 0;
  size_t size = netmcu__head_of(streams->ctx)->options.frame_size, most = size ? size : MOST_AS_READ;
  size_t frame = most < streams->rest_size ? most : streams->rest_size;
  if (netmcu__rarely(fault_of(stream) != NULL))
    frame = faulty_frame(stream, frame);
  *data = streams->rest;
  streams->rest += frame;
  streams->rest_size -= frame;
  return frame;
}

size_t netmcu__stream_next_frame(netmcu__stream *stream, const char **data)
{
  return stream->delivering ? next_frame(streams_of(stream), stream, data) : 0;
}

/* Delivers data in frames, as the device's network does, for as long as the owner takes them. */
static void deliver(netmcu__stream *stream, const char *data, size_t size)
{
  netmcu__streams *streams = streams_of(stream);

  netmcu__stream_cork(stream);
  stream->delivering = true;
  streams->rest = data;
  streams->rest_size = size;
  while ((size = next_frame(streams, stream, &data)) > 0)
    netmcu__connection_received(stream->owner, data, size);
  stream->delivering = false;
  netmcu__stream_uncork(stream);
  if (streams->rest_size > 0 && stream->owner)
    keep(stream, streams->rest, streams->rest_size);
}

/* True if a fault delays what was read until on_delay_ended. */
static bool is_delayed(netmcu__stream *stream)
{
  return netmcu__rarely(fault_of(stream) != NULL) && netmcu__fault_delays(stream->extra->fault);
}

static void deliver_held(netmcu__stream *stream)
{
  netmcu_t *ctx = context_of(stream);
  char *held = stream->extra->held;

  stream->extra->held = NULL;
  deliver(stream, held, stream->extra->held_size);
  netmcu__release(ctx, held);
}

void netmcu__stream_break(netmcu__stream *stream, int error)
{
  if (stream->owner)
    netmcu__stream_report(stream);
  netmcu__stream_end(stream, error);
}

void netmcu__stream_on_received(netmcu__stack_stream *below, char *data, size_t size)
{
  netmcu__stream *stream = stream_above(below);

  if (stream->owner == NULL) /* what comes after a close is dropped */
    return;
  stream->active = now(stream);
  if (!is_delayed(stream)) {
    deliver(stream, data, size);
    return;
  }
  netmcu__stream_stop_reading(stream);
  keep(stream, data, size);
}

void netmcu__stream_on_finished(netmcu__stack_stream *below)
{
  netmcu__stream *stream = stream_above(below);
  int error = stream->owner ? stack_of(stream)->end_reason(below) : 0;

  if (error)
    netmcu__stream_break(stream, error);
  else
    netmcu__stream_finish_reading(stream);
}

void netmcu__stream_on_failed(netmcu__stack_stream *below, int error)
{
  netmcu__stream_break(stream_above(below), error);
}

void netmcu__stream_start_reading(netmcu__stream *stream)
{
  if (is_stopped(stream))
    return;
  stack_of(stream)->start_reading(below(stream));
}

void netmcu__stream_stop_reading(netmcu__stream *stream)
{
  stack_of(stream)->stop_reading(below(stream));
}

void netmcu__stream_withhold(netmcu__stream *stream)
{
  stack_of(stream)->withhold(below(stream), true);
}

void netmcu__stream_hold(netmcu__stream *stream)
{
  stream->held = true;
  netmcu__stream_stop_reading(stream);
  if (has_write_error(stream))
    netmcu__stream_make_due(stream);
}

void netmcu__stream_unhold(netmcu__stream *stream)
{
  if (stack_of(stream)->withhold)
    stack_of(stream)->withhold(below(stream), false);
  if (!stream->held)
    return;
  stream->held = false;
  if (stream->state < OPEN)
    return; /* it reads from its opening on */
  stream->resume = true;
  netmcu__stream_make_due(stream);
}

void netmcu__stream_resume(netmcu__stream *stream)
{
  stream->resume = false;
  if (netmcu__fault_is_delaying(fault_of(stream)))
    return;
  netmcu__stream_cork(stream);
  netmcu__connection_resumed(stream->owner);
  netmcu__stream_uncork(stream);
  if (stream->has_extra && stream->extra->held && !stream->held)
    deliver_held(stream);
  if (stream->owner && !stream->held && stream->state == OPEN)
    netmcu__stream_start_reading(stream);
}
