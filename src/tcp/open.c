/* The beginning of a stream: lookup and connect, or accept. See stream_private.h. */
#include "tcp/stream_private.h"

void netmcu__stream_begin(netmcu__stream *stream)
{
  if (stream->extra && stream->extra->fault)
    netmcu__fault_tell(stream->extra->fault);
  netmcu__stream_cork(stream);
  if (stream->owned && stream->state == OPEN)
    netmcu__connection_opened(owner_of(stream));
  netmcu__stream_uncork(stream);
  if (stream->state != OPEN)
    return;
  if (!stream->owned) {
    netmcu__stream_drain(stream);
    return;
  }
  if (stream->deadline.period)
    set_deadline(stream, stream->deadline.period);
  if (!stream->held && !stream->resume)
    netmcu__stream_start_reading(stream);
  if (has_output(stream) || is_stopped(stream))
    netmcu__stream_make_due(stream);
}

static void on_connected(uv_connect_t *request, int status)
{
  netmcu__stream *stream = netmcu__container(request->handle, netmcu__stream, tcp);

  if (stream->state == CLOSED)
    return;
  clear_deadline(stream);
  if (status < 0) {
    netmcu__stream_end(stream, netmcu__error(status));
    return;
  }
  stream->state = OPEN;
  stream->expiring = false;
  stream->active = now(stream);
  netmcu__stream_release_extra_when_idle(stream);
  netmcu__stream_begin(stream);
}

static unsigned connect_timeout(const netmcu__stream *stream)
{
  netmcu_t *ctx = context_of(stream);

  return netmcu__is_closing(ctx) ? netmcu__stream_linger_timeout(stream) : netmcu_get_options(ctx)->connect_timeout;
}

void netmcu__stream_start_connecting(netmcu__stream *stream)
{
  extra *x = stream->extra;
  netmcu_address to = x->peer;

  if (netmcu__is_routed(context_of(stream)))
    x->routed = netmcu__route_to(context_of(stream), &to);
  struct sockaddr_in sockaddr = netmcu__sockaddr(&to);
  x->connecting = true;
  int error = uv_tcp_connect(&x->connect, &stream->tcp, (const struct sockaddr *)&sockaddr, on_connected);
  if (error)
    netmcu__stream_end(stream, netmcu__error(error));
}

/* Of rules for the peer's address, behind those for its name, and what all of them do to a connect. */
static bool is_connect_faulty(netmcu__stream *stream)
{
  extra *x = stream->extra;
  char ip[NETMCU_IP_SIZE];

  netmcu__fault_begin(context_of(stream), stream, netmcu_ip_text(&x->peer, ip), x->peer.port, &x->fault);
  if (netmcu__fault_never_opens(x->fault) && !netmcu__fault_refuses(x->fault))
    netmcu__fault_tell_stop(x->fault);
  if (netmcu__fault_refuses(x->fault)) {
    netmcu__fault_tell(x->fault);
    netmcu__stream_end(stream, NETMCU_ERESET);
    return true;
  }
  return netmcu__fault_never_opens(x->fault) ? netmcu__fault_stalls(x->fault) : netmcu__fault_delays(x->fault);
}

static void connect_to_peer(netmcu__stream *stream)
{
  stream->state = CONNECTING;
  set_deadline(stream, connect_timeout(stream));
  if (netmcu__is_faulty(context_of(stream)) && is_connect_faulty(stream))
    return;
  netmcu__stream_start_connecting(stream);
}

static void on_resolved(void *data, int error, const char *ip)
{
  netmcu__stream *stream = data;

  stream->extra->lookup = NULL;
  if (ip)
    netmcu_ip_parse(ip, &stream->extra->peer);
  if (stream->owned)
    netmcu__connection_resolved(owner_of(stream), ip);
  if (stream->state == CLOSED)
    return;
  if (ip)
    connect_to_peer(stream);
  else
    netmcu__stream_end(stream, error == NETMCU_ENOMEM ? error : NETMCU_EABORTED);
}

void netmcu__stream_own(netmcu__stream *stream, netmcu_connection *owner, unsigned idle_timeout)
{
  struct netmcu__streams *streams = streams_of(stream);

  stream->tcp.data = owner;
  stream->owned = true;
  streams->owned++;
  streams->closing--;
  stream->deadline.period = idle_timeout; /* for netmcu__stream_begin */
}

void netmcu__stream_abandon(netmcu__stream *stream)
{
  netmcu__stream_close_handle(stream);
}

static int init_handle(netmcu_t *ctx, netmcu__stream *stream, unsigned family)
{
  int error = uv_tcp_init_ex(netmcu_loop(ctx), &stream->tcp, family);

  if (error) {
    netmcu__stream_release_extra(stream);
    netmcu__stream_discard(ctx, stream);
    return netmcu__error(error);
  }
  netmcu__handle_opened(ctx);
  netmcu__parts(ctx)->streams->closing++;
  return 0;
}

int netmcu__stream_connect(netmcu_t *ctx, netmcu_connection *owner, uint16_t port, const char *host,
                           netmcu__stream **out)
{
  netmcu__stream *stream = netmcu__stream_create(ctx);

  if (stream == NULL)
    return NETMCU_ENOMEM;
  stream->tcp.data = ctx;
  if (netmcu__stream_get_extra(stream) == NULL) {
    netmcu__stream_discard(ctx, stream);
    return NETMCU_ENOMEM;
  }
  int error = init_handle(ctx, stream, AF_INET);
  if (error)
    return error;
  stream->state = RESOLVING;
  stream->extra->peer.port = port;
  netmcu_ip_parse(host, &stream->extra->peer);
  uv_tcp_nodelay(&stream->tcp, 1); /* output is gathered here: Nagle's algorithm would only delay it */
  error = netmcu__resolve(ctx, host, port, on_resolved, stream, &stream->extra->lookup);
  if (error) {
    netmcu__stream_close_handle(stream);
    return error;
  }
  netmcu__stream_own(stream, owner, 0);
  if (netmcu__is_faulty(ctx))
    netmcu__fault_begin(ctx, stream, host, port, &stream->extra->fault);
  *out = stream;
  return 0;
}

/* Of a client, whose peer and own port the rules look at. */
static void begin_fault(netmcu_t *ctx, netmcu__stream *stream)
{
  netmcu_address peer, own;
  char ip[NETMCU_IP_SIZE];
  netmcu__fault *fault = NULL;

  if (netmcu__stream_getpeer(stream, &peer) || netmcu__stream_getaddr(stream, &own))
    return;
  netmcu__fault_begin(ctx, stream, netmcu_ip_text(&peer, ip), own.port, &fault);
  if (fault && netmcu__stream_get_extra(stream))
    stream->extra->fault = fault;
  else
    netmcu__fault_end(fault);
}

bool netmcu__stream_is_refused(const netmcu__stream *stream)
{
  return stream->extra && netmcu__fault_refuses(stream->extra->fault);
}

int netmcu__stream_accept(netmcu_t *ctx, uv_stream_t *listener, netmcu__stream **out)
{
  netmcu__stream *stream = netmcu__stream_create(ctx);

  if (stream == NULL)
    return NETMCU_ENOMEM;
  int error = init_handle(ctx, stream, AF_UNSPEC);
  if (error)
    return error;
  stream->tcp.data = ctx;
  stream->state = OPEN;
  stream->active = now(stream);
  error = uv_accept(listener, (uv_stream_t *)&stream->tcp);
  if (error) {
    netmcu__stream_close_handle(stream);
    return netmcu__error(error);
  }
  if (netmcu__is_faulty(ctx))
    begin_fault(ctx, stream);
  *out = stream;
  return 0;
}
