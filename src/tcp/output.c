/* What goes out: directly, gathered, or queued; and "sent". See stream_private.h. */
#ifndef _WIN32
#include <sys/socket.h>
#endif
#include <string.h>

#include "tcp/stream_private.h"

static void write_done(uv_write_t *request, int status);

/* Nothing more can be written. What the peer sent before may still be there to read, and the end behind it, unless the owner
 * holds the stream: it may wait for this very output. */
static void write_failed(netmcu__stream *stream, int error)
{
  stream->extra->write_error = error;
  netmcu__output_clear(context_of(stream), &stream->extra->output);
  if (!stream->owned)
    netmcu__stream_close_handle(stream);
  else if (stream->state == ENDING)
    netmcu__stream_end(stream, 0);
  else if (stream->held)
    netmcu__stream_make_due(stream);
}

static void flush(netmcu__stream *stream)
{
  if (!has_output(stream) || stream->state < OPEN || stream->state == CLOSED || is_stopped(stream))
    return;
  netmcu__written result =
      netmcu__output_flush(context_of(stream), &stream->extra->output, (uv_stream_t *)&stream->tcp, write_done);
  if (result.sends) {
    stream->unreported += result.sends;
    stream->active = now(stream);
  }
  if (result.error)
    write_failed(stream, result.error);
}

/* Those written by now: what their handlers send is reported in a turn of its own, after the network had its own. */
void netmcu__stream_report(netmcu__stream *stream)
{
  if (stream->unreported == 0)
    return;
  stream->unreported_bytes = 0;
  netmcu__stream_cork(stream);
  for (uint32_t n = stream->unreported; n > 0 && stream->owned && stream->unreported > 0; n--) {
    stream->unreported--;
    netmcu__connection_sent(owner_of(stream));
  }
  netmcu__stream_uncork(stream);
}

void netmcu__stream_progress(netmcu__stream *stream)
{
  flush(stream);
  if (stream->owned)
    netmcu__stream_report(stream);
  if (!has_output(stream))
    netmcu__stream_output_written(stream);
}

static void write_done(uv_write_t *request, int status)
{
  extra *x = netmcu__container(request, extra, output.request);
  netmcu__stream *stream = netmcu__container(request->handle, netmcu__stream, tcp);

  if (stream->state == CLOSED)
    return;
  if (status < 0) {
    x->output.waiting = false;
    write_failed(stream, status);
    return;
  }
  stream->unreported += netmcu__output_done(context_of(stream), &x->output);
  stream->active = now(stream);
  netmcu__stream_progress(stream);
}

static void written(netmcu__stream *stream, size_t size, unsigned sends)
{
  stream->active = now(stream);
  stream->unreported += sends;
  stream->unreported_bytes += (uint32_t)size;
  if (streams_of(stream)->corked != stream)
    netmcu__stream_make_due(stream);
}

/* Behind what is queued; where nothing is and `full` says that the system takes no more now, it waits for that. */
static int queue(netmcu__stream *stream, const char *data, size_t size, unsigned sends, bool full)
{
  if (netmcu__stream_get_extra(stream) == NULL ||
      netmcu__output_append(context_of(stream), &stream->extra->output, data, size, sends))
    return NETMCU_ENOMEM;
  if (full && !stream->extra->output.waiting)
    netmcu__output_wait(&stream->extra->output, (uv_stream_t *)&stream->tcp, write_done);
  if (stream->state >= OPEN && !stream->extra->output.waiting)
    netmcu__stream_make_due(stream); /* an error of the wait is met again there */
  return 0;
}

/* Bytes taken at once; 0 also for an error, which the queue will meet. */
static size_t try_write(netmcu__stream *stream, const char *data, size_t size)
{
  uv_buf_t buf = uv_buf_init((char *)(uintptr_t)data, (unsigned)(size < INT32_MAX ? size : INT32_MAX));
  int result = uv_try_write((uv_stream_t *)&stream->tcp, &buf, 1);

  return result > 0 ? (size_t)result : 0;
}

/* As try_write, of the last bytes before the FIN: they share its packet where the system can be told. */
static size_t try_write_last(netmcu__stream *stream, const char *data, size_t size)
{
#ifdef MSG_MORE
  uv_os_fd_t fd;

  if (uv_fileno((uv_handle_t *)&stream->tcp, &fd) == 0) {
    ssize_t result = send(fd, data, size, MSG_MORE | MSG_NOSIGNAL | MSG_DONTWAIT);
    return result > 0 ? (size_t)result : 0;
  }
#endif
  return try_write(stream, data, size);
}

void netmcu__stream_flush_cork(struct netmcu__streams *streams, netmcu__stream *stream, bool last)
{
  size_t size = streams->cork_size;
  unsigned sends = streams->cork_sends;

  streams->cork_size = streams->cork_sends = 0;
  if (size == 0 || stream->torn)
    return;
  size_t done = last ? try_write_last(stream, streams->cork, size) : try_write(stream, streams->cork, size);
  if (done == size)
    written(stream, size, sends);
  else if (queue(stream, streams->cork + done, size - done, sends, true))
    stream->torn = true;
}

void netmcu__stream_cork(netmcu__stream *stream)
{
  streams_of(stream)->corked = stream;
}

/* The end of an event. Where nobody wants to be told that all is written, no turn is spent on it. */
void netmcu__stream_uncork(netmcu__stream *stream)
{
  struct netmcu__streams *streams = streams_of(stream);

  netmcu__stream_flush_cork(streams, stream, false);
  streams->corked = NULL;
  if (stream->unreported == 0 && !stream->torn)
    return;
  if (!stream->torn && stream->owned && stream->state == OPEN && !netmcu__connection_wants_sent(owner_of(stream)))
    stream->unreported = stream->unreported_bytes = 0;
  else
    netmcu__stream_make_due(stream);
}

/* Gathered for the end of the event, if it is small and nothing must go before it; or given up, where part of what is before it
 * is lost. */
static bool add_to_cork(struct netmcu__streams *streams, netmcu__stream *stream, const char *data, size_t size)
{
  if (streams->cork_size + size > CORK_SIZE || size > CORK_MOST)
    netmcu__stream_flush_cork(streams, stream, false);
  if (stream->torn)
    return true;
  if (size > CORK_MOST || has_output(stream))
    return false;
  memcpy(streams->cork + streams->cork_size, data, size);
  streams->cork_size += size;
  streams->cork_sends++;
  return true;
}

/* What may not pass stays queued, as if the network did not take it. */
NETMCU__RARE static int send_faulty(netmcu__stream *stream, const char *data, size_t size)
{
  if (stream->state == OPEN)
    flush(stream);
  if (stream->extra->write_error)
    return 0;
  size_t most = netmcu__fault_pass(stream->extra->fault, '>', size), done = 0;
  if (most > 0 && most < size && stream->state == OPEN && !has_output(stream))
    done = try_write(stream, data, most);
  if (queue(stream, data + done, size - done, 1, false)) {
    stream->torn = done > 0;
    return done > 0 ? 0 : NETMCU_ENOMEM;
  }
  if (stream->state >= OPEN)
    netmcu__stream_make_due(stream);
  return 0;
}

int netmcu__stream_send(netmcu__stream *stream, const char *data, size_t size)
{
  struct netmcu__streams *streams = streams_of(stream);
  bool open = stream->state == OPEN || stream->state == ENDING, corked = open && streams->corked == stream;

  if (stream->torn || (stream->extra && stream->extra->write_error))
    return 0; /* the end is near */
  if (netmcu__rarely(has_fault(stream)))
    return send_faulty(stream, data, size);
  if (corked && !has_output(stream) && add_to_cork(streams, stream, data, size))
    return 0;
  /* Outside of its events the first of a turn goes out at once, without a copy, and more are gathered until it ends. */
  bool at_once = open && !has_output(stream) && (corked || stream->unreported == 0);
  size_t done = at_once ? try_write(stream, data, size) : 0;
  if (done == size) {
    written(stream, size, 1);
    return 0;
  }
  if (queue(stream, data + done, size - done, 1, at_once) == 0)
    return 0;
  if (done == 0)
    return NETMCU_ENOMEM;
  stream->torn = true; /* half of it went out */
  netmcu__stream_make_due(stream);
  return 0;
}

size_t netmcu__stream_pending(const netmcu__stream *stream)
{
  const struct netmcu__streams *streams = streams_of(stream);

  return (streams->corked == stream ? streams->cork_size : 0) + (stream->extra ? stream->extra->output.bytes : 0);
}

size_t netmcu__stream_unacknowledged(const netmcu__stream *stream)
{
  return netmcu__stream_pending(stream) + stream->unreported_bytes;
}
