/* What comes in: reads, frames, hold. See stream_private.h. */
#ifndef _WIN32
#include <sys/socket.h>
#endif
#include <string.h>

#include "tcp/stream_private.h"

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

/* Of a stream with a fault, which says how much of it may pass: 0 for nothing more. */
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

/* What is left of it is the streams' for as long as it is delivered. */
static size_t next_frame(struct netmcu__streams *streams, netmcu__stream *stream, const char **data)
{
  if (streams->rest_size == 0 || !stream->owned || stream->held)
    return 0;
  size_t most = netmcu_get_options(streams->ctx)->frame_size;
  size_t frame = most && most < streams->rest_size ? most : streams->rest_size;
  if (netmcu__rarely(has_fault(stream)))
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

/* In frames, as the device's network does, for as long as the owner listens. */
static void deliver(netmcu__stream *stream, const char *data, size_t size)
{
  struct netmcu__streams *streams = streams_of(stream);

  netmcu__stream_cork(stream);
  stream->delivering = true;
  streams->rest = data;
  streams->rest_size = size;
  while ((size = next_frame(streams, stream, &data)) > 0)
    netmcu__connection_received(owner_of(stream), data, size);
  stream->delivering = false;
  netmcu__stream_uncork(stream);
  if (streams->rest_size > 0 && stream->owned)
    keep(stream, streams->rest, streams->rest_size);
}

/* By a fault: what was read waits until netmcu__stream_delayed. */
static bool is_delayed(netmcu__stream *stream)
{
  return netmcu__rarely(has_fault(stream)) && netmcu__fault_delays(stream->extra->fault);
}

static void deliver_held(netmcu__stream *stream)
{
  netmcu_t *ctx = context_of(stream);
  char *held = stream->extra->held;

  stream->extra->held = NULL;
  deliver(stream, held, stream->extra->held_size);
  netmcu__release(ctx, held);
}

static void allocate_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
  (void)suggested;
  *buf = uv_buf_init(netmcu__buffer(context_of(netmcu__container(handle, netmcu__stream, tcp))), NETMCU__BUFFER_SIZE);
}

void netmcu__stream_broken(netmcu__stream *stream, int error)
{
  if (stream->owned)
    netmcu__stream_report(stream);
  netmcu__stream_end(stream, netmcu__error(error));
}

/* What libuv takes for the peer's FIN may be a reset that came together with the last data: the socket knows. */
static int reset_behind_data(const netmcu__stream *stream)
{
  int error = 0;
#ifndef _WIN32
  socklen_t size = sizeof(error);
  uv_os_fd_t fd;

  if (uv_fileno((const uv_handle_t *)&stream->tcp, &fd) || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
    return 0;
#else
  (void)stream;
#endif
  return error ? uv_translate_sys_error(error) : 0;
}

static void on_read(uv_stream_t *handle, ssize_t size, const uv_buf_t *buf)
{
  netmcu__stream *stream = netmcu__container(handle, netmcu__stream, tcp);

  if (size == UV_EOF && stream->owned) {
    int error = reset_behind_data(stream);
    size = error ? error : UV_EOF;
  }
  if (size > 0 && stream->owned) {
    stream->active = now(stream);
    if (is_delayed(stream)) {
      netmcu__stream_stop_reading(stream);
      keep(stream, buf->base, (size_t)size);
    } else {
      deliver(stream, buf->base, (size_t)size);
    }
  } else if (size == UV_EOF) {
    netmcu__stream_peer_finished(stream);
  } else if (size < 0) {
    netmcu__stream_broken(stream, (int)size);
  }
}

void netmcu__stream_start_reading(netmcu__stream *stream)
{
  if (is_stopped(stream))
    return;
  uv_read_start((uv_stream_t *)&stream->tcp, allocate_buffer, on_read);
}

void netmcu__stream_stop_reading(netmcu__stream *stream)
{
  uv_read_stop((uv_stream_t *)&stream->tcp);
}

void netmcu__stream_hold(netmcu__stream *stream)
{
  stream->held = true;
  netmcu__stream_stop_reading(stream);
  if (stream->extra && stream->extra->write_error)
    netmcu__stream_make_due(stream);
}

void netmcu__stream_unhold(netmcu__stream *stream)
{
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
  if (has_fault(stream) && netmcu__fault_is_delaying(stream->extra->fault))
    return;
  if (stream->extra && stream->extra->held)
    deliver_held(stream);
  if (stream->owned && !stream->held && stream->state == OPEN)
    netmcu__stream_start_reading(stream);
}
