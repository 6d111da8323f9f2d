/* The end of a stream, and how long each state waits for it. See stream_private.h. */
#include "dns/lookup.h"
#include "tcp/filter.h"
#include "tcp/stream_private.h"

/* ---- the end --------------------------------------------------------------------------------- */

unsigned netmcu__stream_linger_timeout(const netmcu__stream *stream)
{
  return netmcu__head_of(context_of(stream))->options.linger_timeout;
}

/* The peer may still read. Everything that was sent, and everything that "sent" handlers send,
 * therefore goes out before the end. */
void netmcu__stream_finish_reading(netmcu__stream *stream)
{
  stream->peer_done = true;
  netmcu__stream_stop_reading(stream);
  if (stream->state == OPEN) {
    if (has_write_error(stream)) {
      netmcu__stream_break(stream, stream->extra->write_error);
      return;
    }
    stream->state = ENDING;
    set_deadline(stream, netmcu__stream_linger_timeout(stream));
    netmcu__stream_progress(stream);
  } else if (stream->state == LINGERING) {
    netmcu__stream_close_handle(stream);
  }
}

/* Looks at how much the peer's system has taken. Output that this system keeps for a slow peer
 * counts like output that is queued here: the stream is active as long as the peer takes some of
 * it. This may show only in large steps, because the peer's window opens in large steps. */
static void watch_peer_take(netmcu__stream *stream)
{
  uint32_t left = stack_of(stream)->unacknowledged(below(stream)), before = stream->unacknowledged;

  stream->unacknowledged = left;
  if (left > 0 && left < before)
    stream->active = now(stream);
}

/* Whether the peer still has output to take. */
static bool is_delivering_output(const netmcu__stream *stream)
{
  return stream->state == DRAINING || (stream->state == LINGERING && stream->unacknowledged > 0);
}

/* The time in ms in which a peer on this machine answers a FIN with its own. */
#define LOOK_DELAY 1

/* A server that greets and closes has not begun to read. Watching such a stream for its peer's end
 * costs more than looking once, so we watch it only if the peer has not ended by then. */
static void await_end(netmcu__stream *stream)
{
  clear_deadline(stream); /* which may be set for the other reason */
  stream->looking = !stream->begun && stack_of(stream)->has_ended;
  set_deadline(stream, stream->looking ? LOOK_DELAY : netmcu__stream_linger_timeout(stream));
}

static void look_for_end(netmcu__stream *stream)
{
  stream->looking = false;
  if (stack_of(stream)->has_ended(below(stream))) {
    netmcu__stream_close_handle(stream);
    return;
  }
  set_deadline(stream, netmcu__stream_linger_timeout(stream));
  netmcu__stream_start_reading(stream);
}

static void send_fin(netmcu__stream *stream)
{
  if (stream->peer_done || stack_of(stream)->shut_down(below(stream))) {
    netmcu__stream_close_handle(stream);
    return;
  }
  stream->state = LINGERING;
  stream->active = now(stream);
  stream->unacknowledged = UINT32_MAX; /* not known yet */
  await_end(stream);
}

/* A filter may have something to add, such as the end mark of TLS. */
static void end_if_finished(netmcu__stream *stream)
{
  netmcu__connection_finishing(stream->owner);
  if (!has_output(stream))
    netmcu__stream_end(stream, 0);
}

void netmcu__stream_finish_writing(netmcu__stream *stream)
{
  netmcu__stream_release_extra_when_idle(stream);
  if (stream->state == DRAINING)
    send_fin(stream);
  else if (stream->state == ENDING && stream->unreported == 0)
    end_if_finished(stream);
}

void netmcu__stream_drain(netmcu__stream *stream)
{
  if (streams_of(stream)->corked == stream)
    netmcu__stream_flush_cork(streams_of(stream), stream, !has_output(stream));
  stream->state = DRAINING;
  stream->active = now(stream);
  /* A stream that a fault has stopped would neither read the peer's end nor keep the loop alive
   * until its deadline. */
  if (stream->torn || has_write_error(stream) || is_stopped(stream)) {
    netmcu__stream_close_handle(stream);
    return;
  }
  netmcu__stream_progress(stream);
  if (stream->state == DRAINING)
    set_deadline(stream, netmcu__stream_linger_timeout(stream));
  if (stream->state != CLOSED && !stream->peer_done && !stream->looking)
    netmcu__stream_start_reading(stream);
}

/* The time in ms without progress after which a stream without an owner gives up its output. */
#define DRAIN_TIMEOUT 60000

/* Lets a stream that is not open yet continue without an owner, because it has output to
 * deliver. */
static void go_on_alone(netmcu__stream *stream)
{
  if (stream->extra->lookup)
    netmcu__lookup_outlive(stream->extra->lookup);
  if (netmcu__is_closing(context_of(stream)))
    set_deadline(stream, netmcu__stream_linger_timeout(stream));
  else if (stream->state == RESOLVING)
    set_deadline(stream, DRAIN_TIMEOUT);
}

void netmcu__stream_finish(netmcu__stream *stream)
{
  netmcu__stream_let_go_of_owner(stream);
  if (is_stopped(stream))
    netmcu__stream_close_handle(stream);
  else if (stream->state == OPEN || stream->state == ENDING)
    netmcu__stream_drain(stream);
  else if (!has_output(stream))
    netmcu__stream_close_handle(stream);
  else
    go_on_alone(stream);
}

bool netmcu__stream_hand_over(netmcu__stream *stream, netmcu_connection *heir)
{
  if (is_stopped(stream))
    return false;
  stream->owner = heir;
  stream->held = false;
  if (stream->state < OPEN)
    go_on_alone(stream);
  return true;
}

/* ---- deadlines ------------------------------------------------------------------------------- */

/* The shortest time in ms between two looks at what the peer has taken. */
#define LOOK_INTERVAL 250

/* Closes an idle client in an orderly way, unless it is idle because it does not take its
 * output. */
static void close_idle(netmcu__stream *stream)
{
  netmcu_connection *owner = stream->owner;

  netmcu__stream_let_go_of_owner(stream);
  if (has_output(stream))
    netmcu__stream_close_handle(stream);
  else
    netmcu__stream_drain(stream);
  netmcu__connection_ended(owner, NETMCU_EABORTED);
}

/* A callback may have taken longer than the timeout. Data that arrived meanwhile is read, and a
 * connection that succeeded meanwhile is found, before the end. */
static void look_once_more(netmcu__stream *stream)
{
  stream->expiring = true;
  set_deadline(stream, 1);
}

/* The peer has finished and does not take the remaining output, so the owner stops waiting for
 * it. */
static void stop_waiting(netmcu__stream *stream)
{
  netmcu_connection *owner = stream->owner;

  netmcu__stream_let_go_of_owner(stream);
  netmcu__stream_drain(stream);
  netmcu__connection_ended(owner, 0);
}

/* Returns how long the state may last after the last byte moved. In a context that closes, a stream
 * that is still open belongs to an heir (filter.h). */
static unsigned patience_of(const netmcu__stream *stream)
{
  if (stream->state == OPEN && !netmcu__is_closing(context_of(stream)))
    return stream->idle_timeout;
  if (is_delivering_output(stream) && !netmcu__is_closing(context_of(stream)))
    return DRAIN_TIMEOUT;
  return netmcu__stream_linger_timeout(stream);
}

/* Traffic does not move the deadline. When it expires, we compare it with the time of the last byte
 * and re-arm it for the remainder. Returns false if no time remains. */
static bool rearm(netmcu__stream *stream)
{
  uint32_t silent = now(stream) - stream->active;
  unsigned patience = patience_of(stream), look = netmcu__stream_linger_timeout(stream);

  if (silent >= patience)
    return false;
  stream->expiring = false;
  unsigned left = patience - silent;
  if (look < LOOK_INTERVAL)
    look = LOOK_INTERVAL;
  set_deadline(stream, stream->state == LINGERING && look < left ? look : left);
  return true;
}

void netmcu__stream_expired(netmcu_t *ctx, netmcu__deadline *deadline)
{
  netmcu__stream *stream = netmcu__container(deadline, netmcu__stream, deadline);

  if (stream->looking) {
    look_for_end(stream);
    return;
  }
  if (stream->state == LINGERING)
    watch_peer_take(stream);
  if (stream->state >= OPEN && rearm(stream))
    return;
  if (stream->state == RESOLVING && !netmcu__is_closing(ctx))
    set_deadline(stream, DRAIN_TIMEOUT); /* the lookup ends by itself */
  else if ((stream->state == OPEN || stream->state == CONNECTING) && !stream->expiring)
    look_once_more(stream);
  else if (stream->state == OPEN)
    close_idle(stream);
  else if (stream->state == ENDING)
    stop_waiting(stream);
  else if (stream->state == CONNECTING)
    netmcu__stream_try_next_or_end(stream, NETMCU_EABORTED);
  else
    netmcu__stream_close_handle(stream);
}

/* Once the context closes, streams wait only for linger_timeout without progress. */
void netmcu__stream_hurry(netmcu__deadline *deadline)
{
  netmcu__stream *stream = netmcu__container(deadline, netmcu__stream, deadline);

  if (stream->state < OPEN)
    set_deadline(stream, netmcu__stream_linger_timeout(stream));
  else
    netmcu__stream_expired(context_of(stream), deadline);
}
