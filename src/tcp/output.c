/* Output: written directly, gathered, or queued; and "sent". See stream_private.h. */
#include <string.h>

#include "tcp/stream_private.h"

/* Handles a failed write. Data that the peer sent earlier may still be unread, so reading continues
 * until the peer's end. A held stream ends now, because its owner may be waiting for this
 * output. */
static void handle_failed_write(netmcu__stream *stream, int error)
{
  stream->extra->write_error = error;
  netmcu__output_clear(context_of(stream), &stream->extra->output);
  if (stream->owner == NULL)
    netmcu__stream_close_handle(stream);
  else if (stream->state == ENDING)
    netmcu__stream_end(stream, 0);
  else if (stream->held)
    netmcu__stream_make_due(stream);
}

static netmcu__target target_of(const netmcu__stream *stream)
{
  return (netmcu__target){stack_of(stream), below(stream), stream->extra->request};
}

/* Notes that sends are written, unless the stack reports acknowledgements. */
static void count_sends(netmcu__stream *stream, unsigned sends, size_t direct_bytes)
{
  if (stack_of(stream)->reports_acknowledgements)
    return;
  size_t most = UINT16_MAX - stream->direct_bytes;
  stream->unreported += sends;
  stream->direct_bytes = (uint16_t)(stream->direct_bytes + (direct_bytes < most ? direct_bytes : most));
}

static void flush(netmcu__stream *stream)
{
  if (!has_output(stream) || stream->state < OPEN || stream->state == CLOSED || is_stopped(stream))
    return;
  netmcu__target target = target_of(stream);
  netmcu__written result = netmcu__output_flush(context_of(stream), &stream->extra->output, &target);
  if (result.sends) {
    count_sends(stream, result.sends, 0);
    stream->active = now(stream);
  }
  if (result.error)
    handle_failed_write(stream, result.error);
}

/* Whether all that was sent is written and reported. */
static bool is_drained(const netmcu__stream *stream)
{
  return stream->owner && stream->unreported == 0 && !stream->torn && !has_write_error(stream) &&
         netmcu__stream_pending(stream) == 0;
}

/* Output that is still queued here exceeds what the device takes. It is reported as "sent" by an
 * acknowledgement that comes after the stack has taken all of it. */
void netmcu__stream_on_acknowledged(netmcu__stack_stream *below)
{
  netmcu__stream *stream = stream_above(below);

  if (stream->owner == NULL || has_output(stream) || is_stopped(stream))
    return;
  netmcu__stream_cork(stream);
  netmcu__connection_sent(stream->owner);
  if (is_drained(stream))
    netmcu__connection_drained(stream->owner);
  netmcu__stream_uncork(stream);
}

/* Reports the sends that are written by now. What their handlers send is reported in a later turn,
 * so that it does not starve the network. */
void netmcu__stream_report(netmcu__stream *stream)
{
  if (stream->unreported == 0)
    return;
  stream->direct_bytes = 0;
  netmcu__stream_cork(stream);
  for (uint32_t n = stream->unreported; n > 0 && stream->owner && stream->unreported > 0; n--) {
    stream->unreported--;
    netmcu__connection_sent(stream->owner);
  }
  if (is_drained(stream))
    netmcu__connection_drained(stream->owner);
  netmcu__stream_uncork(stream);
}

void netmcu__stream_progress(netmcu__stream *stream)
{
  flush(stream);
  if (stream->owner)
    netmcu__stream_report(stream);
  if (!has_output(stream))
    netmcu__stream_finish_writing(stream);
}

void netmcu__stream_on_written(netmcu__stack_stream *below, int error)
{
  netmcu__stream *stream = stream_above(below);

  if (error) {
    stream->extra->output.waiting = false;
    handle_failed_write(stream, error);
    return;
  }
  count_sends(stream, netmcu__output_done(context_of(stream), &stream->extra->output), 0);
  stream->active = now(stream);
  netmcu__stream_progress(stream);
}

/* Notes what was written without having been queued. */
static void note_written(netmcu__stream *stream, size_t size, unsigned sends)
{
  stream->active = now(stream);
  if (sends == 0)
    return;
  count_sends(stream, sends, size);
  if (streams_of(stream)->corked != stream)
    netmcu__stream_make_due(stream);
}

/* Queues all but the first `skipped` bytes of the data. `full`: the stack is known to take nothing
 * now, so the queue waits for it to take more. */
static int enqueue(netmcu__stream *stream, const netmcu__data *data, size_t skipped, unsigned sends, bool full)
{
  if (netmcu__stream_get_extra(stream) == NULL ||
      netmcu__output_append(context_of(stream), &stream->extra->output, data, skipped, sends))
    return NETMCU_ENOMEM;
  netmcu__target target = target_of(stream);
  if (full && !stream->extra->output.waiting)
    netmcu__output_wait(&stream->extra->output, &target);
  if (stream->state >= OPEN && !stream->extra->output.waiting)
    netmcu__stream_make_due(stream); /* in which the error of the wait occurs again */
  return 0;
}

/* Returns how many bytes the stack takes at once. An error counts as 0, because the queue will get
 * it again. `last`: a FIN follows. */
static size_t write_now(const netmcu__stream *stream, const netmcu_piece *pieces, unsigned count, bool last)
{
  ptrdiff_t result = stack_of(stream)->write(below(stream), pieces, count, last);

  return result > 0 ? (size_t)result : 0;
}

/* The same for all pieces, as far as one write can take them. */
static size_t try_write(const netmcu__stream *stream, const netmcu__data *data)
{
  netmcu_piece pieces[NETMCU__PIECES];
  unsigned count = 0;

  while (count < data->count && count < NETMCU__PIECES) {
    pieces[count] = data->pieces[count];
    if (pieces[count++].size > NETMCU__PIECE_SIZE) {
      pieces[count - 1].size = NETMCU__PIECE_SIZE;
      break;
    }
  }
  return write_now(stream, pieces, count, false);
}

void netmcu__stream_drop_cork(netmcu__streams *streams)
{
  streams->cork_size = streams->cork_sends = 0;
}

void netmcu__stream_flush_cork(netmcu__streams *streams, netmcu__stream *stream, bool last)
{
  netmcu_piece piece = {streams->cork, streams->cork_size};
  unsigned sends = streams->cork_sends;

  netmcu__stream_drop_cork(streams);
  if (piece.size == 0 || stream->torn)
    return;
  size_t done = write_now(stream, &piece, 1, last);
  if (done == piece.size)
    note_written(stream, done, sends);
  else if (enqueue(stream, &(netmcu__data){&piece, 1, piece.size, 0}, done, sends, true))
    stream->torn = true;
}

void netmcu__stream_cork(netmcu__stream *stream)
{
  streams_of(stream)->corked = stream;
}

/* Ends an event. If nobody listens for "sent", no turn is spent on it. */
void netmcu__stream_uncork(netmcu__stream *stream)
{
  netmcu__streams *streams = streams_of(stream);

  netmcu__stream_flush_cork(streams, stream, false);
  streams->corked = NULL;
  if (!stream->torn && (stream->owner == NULL || stream->unreported == 0))
    return;
  if (!stream->torn && stream->state == OPEN && !netmcu__connection_wants_sent(stream->owner))
    stream->unreported = stream->direct_bytes = 0;
  else
    netmcu__stream_make_due(stream);
}

bool netmcu__streams_make_cork(netmcu__streams *streams)
{
  if (netmcu__rarely(streams->cork == NULL))
    streams->cork = netmcu__resize(streams->ctx, NULL, CORK_SIZE);
  return streams->cork != NULL;
}

/* Gathers data for the end of the event, if it is small and nothing queued must go before it. Drops
 * it if part of what goes before it is lost. Returns false if it did neither. */
static bool add_to_cork(netmcu__streams *streams, netmcu__stream *stream, const netmcu__data *data)
{
  if (streams->cork_size + data->size > CORK_SIZE || data->size > CORK_MOST)
    netmcu__stream_flush_cork(streams, stream, false);
  if (stream->torn)
    return true;
  if (data->size > CORK_MOST || has_output(stream))
    return false;
  if (!netmcu__streams_make_cork(streams))
    return false;
  if (data->count == 1) /* as usual */
    memcpy(streams->cork + streams->cork_size, data->pieces->data, data->size);
  else
    netmcu__data_copy(streams->cork + streams->cork_size, data, 0);
  streams->cork_size += data->size;
  streams->cork_sends += data->sends;
  return true;
}

/* Writes what the stack takes of the first `most` bytes. */
static size_t write_beginning(netmcu__stream *stream, const netmcu__data *data, size_t most)
{
  size_t done = 0, left = most, taken;

  for (unsigned i = 0; i < data->count && left > 0; i++) {
    netmcu_piece piece = data->pieces[i];
    if (piece.size > left)
      piece.size = left;
    taken = try_write(stream, &(netmcu__data){&piece, 1, piece.size, 0});
    done += taken;
    left = taken == piece.size ? left - taken : 0;
  }
  return done;
}

/* Data that a fault does not let pass stays queued, as if the network did not take it. */
NETMCU__RARE static int send_faulty(netmcu__stream *stream, const netmcu__data *data)
{
  if (stream->state == OPEN)
    flush(stream);
  if (has_write_error(stream))
    return 0;
  size_t most = netmcu__fault_pass(stream->extra->fault, '>', data->size), done = 0;
  if (most > 0 && most < data->size && stream->state == OPEN && !has_output(stream))
    done = write_beginning(stream, data, most);
  if (enqueue(stream, data, done, data->sends, false)) {
    stream->torn = done > 0;
    return done > 0 ? 0 : NETMCU_ENOMEM;
  }
  if (stream->state >= OPEN)
    netmcu__stream_make_due(stream);
  return 0;
}

int netmcu__stream_send(netmcu__stream *stream, const netmcu__data *data)
{
  netmcu__streams *streams = streams_of(stream);
  bool open = stream->state == OPEN || stream->state == ENDING, corked = open && streams->corked == stream;

  if (stream->torn || has_write_error(stream))
    return 0; /* its end is about to be reported */
  if (netmcu__rarely(fault_of(stream) != NULL))
    return send_faulty(stream, data);
  if (corked && !has_output(stream) && add_to_cork(streams, stream, data))
    return 0;
  /* Outside of its events, the first send of an iteration goes out at once, without a copy. More
   * are queued until it ends. */
  bool at_once = open && !has_output(stream) && (corked || stream->unreported == 0);
  size_t done = at_once ? try_write(stream, data) : 0;
  if (done == data->size) {
    note_written(stream, done, data->sends);
    return 0;
  }
  if (enqueue(stream, data, done, data->sends, at_once) == 0)
    return 0;
  if (done == 0)
    return NETMCU_ENOMEM;
  stream->torn = true;
  netmcu__stream_make_due(stream);
  return 0;
}

size_t netmcu__stream_pending(const netmcu__stream *stream)
{
  const netmcu__streams *streams = streams_of(stream);

  return (streams->corked == stream ? streams->cork_size : 0) + (stream->has_extra ? stream->extra->output.bytes : 0);
}

size_t netmcu__stream_unacknowledged(const netmcu__stream *stream)
{
  size_t pending = netmcu__stream_pending(stream);

  if (stream->state >= OPEN && stack_of(stream)->reports_acknowledgements)
    return pending + stack_of(stream)->unacknowledged(below(stream));
  return pending + stream->direct_bytes;
}
