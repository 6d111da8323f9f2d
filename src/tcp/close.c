/* The end of a stream, orderly or late, and what each state waits for at the most. See stream_private.h. */
#ifdef __linux__
#include <linux/sockios.h>
#include <sys/ioctl.h>
#endif
#ifndef _WIN32
#include <sys/socket.h>
#endif

#include "tcp/stream_private.h"

/* ---- the end --------------------------------------------------------------------------------------------- */

unsigned netmcu__stream_linger_timeout(const netmcu__stream *stream)
{
  return netmcu_get_options(context_of(stream))->linger_timeout;
}

/* Half closed by the peer, who may still read: what was sent, and what "sent" handlers send, goes out before the end. */
void netmcu__stream_peer_finished(netmcu__stream *stream)
{
  stream->peer_done = true;
  netmcu__stream_stop_reading(stream);
  if (stream->state == OPEN) {
    if (stream->extra && stream->extra->write_error) {
      netmcu__stream_broken(stream, stream->extra->write_error);
      return;
    }
    stream->state = ENDING;
    set_deadline(stream, netmcu__stream_linger_timeout(stream));
    netmcu__stream_progress(stream);
  } else if (stream->state == LINGERING) {
    netmcu__stream_close_handle(stream);
  }
}

/* Bytes, the FIN included, that the peer's system has not acknowledged; 0 where this system does not tell. */
static uint32_t unacknowledged(const netmcu__stream *stream)
{
#if defined(SIOCOUTQ) || defined(SO_NWRITE)
  uv_os_fd_t fd;
  int bytes;

  if (uv_fileno((const uv_handle_t *)&stream->tcp, &fd))
    return 0;
#ifdef SIOCOUTQ
  if (ioctl(fd, SIOCOUTQ, &bytes) == 0)
    return (uint32_t)bytes;
#else
  socklen_t size = sizeof(bytes);
  if (getsockopt(fd, SOL_SOCKET, SO_NWRITE, &bytes, &size) == 0)
    return (uint32_t)bytes;
#endif
#else
  (void)stream;
#endif
  return 0;
}

/* What the system has for a slow peer is as good as what is queued here: it moves while the peer takes of it, which may
 * show in large steps only, those in which its window opens. */
static void watch_peer_take(netmcu__stream *stream)
{
  uint32_t left = unacknowledged(stream), before = stream->unreported_bytes;

  stream->unreported_bytes = left;
  if (left > 0 && left < before)
    stream->active = now(stream);
}

static bool delivers(const netmcu__stream *stream)
{
  return stream->state == DRAINING || (stream->state == LINGERING && stream->unreported_bytes > 0);
}

/* No uv_shutdown: the queue is empty here, and it would cost a request and a turn of the loop. */
static void send_fin(netmcu__stream *stream)
{
  uv_os_fd_t fd;

  if (stream->peer_done || uv_fileno((uv_handle_t *)&stream->tcp, &fd)) {
    netmcu__stream_close_handle(stream);
    return;
  }
#ifdef _WIN32
  int error = shutdown((SOCKET)fd, SD_SEND);
#else
  int error = shutdown(fd, SHUT_WR);
#endif
  if (error) {
    netmcu__stream_close_handle(stream);
    return;
  }
  stream->state = LINGERING;
  stream->active = now(stream);
  stream->unreported_bytes = UINT32_MAX;
  set_deadline(stream, netmcu__stream_linger_timeout(stream));
}

/* Everything is written. */
void netmcu__stream_output_written(netmcu__stream *stream)
{
  netmcu__stream_release_extra_when_idle(stream);
  if (stream->state == DRAINING)
    send_fin(stream);
  else if (stream->state == ENDING && stream->unreported == 0)
    netmcu__stream_end(stream, 0);
}

void netmcu__stream_drain(netmcu__stream *stream)
{
  if (streams_of(stream)->corked == stream)
    netmcu__stream_flush_cork(streams_of(stream), stream, !has_output(stream));
  stream->state = DRAINING;
  stream->active = now(stream);
  /* One that a fault has stopped would neither read the peer's end nor keep the loop alive until its deadline. */
  if (stream->torn || (stream->extra && stream->extra->write_error) || is_stopped(stream)) {
    netmcu__stream_close_handle(stream);
    return;
  }
  netmcu__stream_progress(stream);
  if (stream->state == DRAINING)
    set_deadline(stream, netmcu__stream_linger_timeout(stream));
  if (stream->state != CLOSED && !stream->peer_done)
    netmcu__stream_start_reading(stream);
}

/* Not open yet, with output to deliver once it is. */
static void go_on_alone(netmcu__stream *stream)
{
  if (stream->extra->lookup)
    netmcu__lookup_outlive(stream->extra->lookup);
  if (stream->state == RESOLVING || netmcu__is_closing(context_of(stream)))
    set_deadline(stream, netmcu__stream_linger_timeout(stream));
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

/* ---- deadlines ------------------------------------------------------------------------------------------- */

/* Closes an idle client orderly, unless output that it does not take is what makes it idle. */
static void close_idle(netmcu__stream *stream)
{
  netmcu_connection *owner = owner_of(stream);

  netmcu__stream_let_go_of_owner(stream);
  if (has_output(stream))
    netmcu__stream_close_handle(stream);
  else
    netmcu__stream_drain(stream);
  netmcu__connection_ended(owner, NETMCU_EABORTED);
}

/* A callback may have taken longer than the time-out: what came meanwhile is read first. */
static void look_once_more(netmcu__stream *stream)
{
  stream->expiring = true;
  set_deadline(stream, 1);
}

/* The peer has finished and does not take what is left: the owner need not wait for that. */
static void stop_waiting(netmcu__stream *stream)
{
  netmcu_connection *owner = owner_of(stream);

  netmcu__stream_let_go_of_owner(stream);
  netmcu__stream_drain(stream);
  netmcu__connection_ended(owner, 0);
}

/* How long the state may last after the last byte moved. */
static unsigned patience(const netmcu__stream *stream)
{
  if (stream->state == OPEN)
    return stream->deadline.period;
  if (delivers(stream) && !netmcu__is_closing(context_of(stream)))
    return DRAIN_TIMEOUT;
  return netmcu__stream_linger_timeout(stream);
}

/* Activity moves no deadline: it is looked at when the deadline comes, which is then set anew for what is left. */
static bool set_again(netmcu__stream *stream)
{
  uint32_t silent = now(stream) - stream->active;
  unsigned patient = patience(stream);

  if (silent >= patient)
    return false;
  stream->expiring = false;
  /* One that delivers looks more often: its context may begin to close. */
  unsigned left = patient - silent, check = netmcu__stream_linger_timeout(stream);
  set_deadline(stream, delivers(stream) && check < left ? check : left);
  return true;
}

void netmcu__stream_expired(netmcu_t *ctx, netmcu__deadline *deadline)
{
  netmcu__stream *stream = netmcu__container(deadline, netmcu__stream, deadline);

  if (stream->state == LINGERING)
    watch_peer_take(stream);
  if (stream->state >= OPEN && set_again(stream))
    return;
  if (stream->state == RESOLVING && !netmcu__is_closing(ctx)) {
    set_deadline(stream, netmcu__stream_linger_timeout(stream)); /* looks again whether the context closes */
    return;
  }
  if ((stream->state == OPEN || stream->state == CONNECTING) && !stream->expiring)
    look_once_more(stream); /* what came in a long callback is read, or found connected, before that */
  else if (stream->state == OPEN)
    close_idle(stream);
  else if (stream->state == ENDING)
    stop_waiting(stream);
  else if (stream->state == CONNECTING)
    netmcu__stream_end(stream, NETMCU_EABORTED);
  else
    netmcu__stream_close_handle(stream);
}
