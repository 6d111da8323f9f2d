/* The beginning of a stream: lookup and connect, or accept. See stream_private.h. */
#include <string.h>

#include "base/address.h"
#include "dns/lookup.h"
#include "edge/route.h"
#include "tcp/stream_private.h"

void netmcu__stream_begin(netmcu__stream *stream)
{
  if (fault_of(stream))
    netmcu__fault_trace(fault_of(stream));
  netmcu__stream_cork(stream);
  stream->begun = true;
  if (stream->owner && stream->state == OPEN)
    netmcu__connection_opened(stream->owner);
  netmcu__stream_uncork(stream);
  if (stream->state != OPEN)
    return;
  if (stream->owner == NULL) {
    netmcu__stream_drain(stream);
    return;
  }
  if (stream->idle_timeout)
    set_deadline(stream, stream->idle_timeout);
  if (!stream->held && !stream->resume)
    netmcu__stream_start_reading(stream);
  if (has_output(stream) || is_stopped(stream))
    netmcu__stream_make_due(stream);
}

/* Applies the settings that were made before the stream was open. */
static void apply_settings(netmcu__stream *stream)
{
  if (stream->extra->keepalive)
    stack_of(stream)->set_keepalive(below(stream), stream->extra->keepalive);
  if (stream->extra->delayed)
    stack_of(stream)->set_nodelay(below(stream), false);
}

/* Makes the next address of the peer the one to connect to. Returns false if no address is left, or
 * if a fault lets no connection to the peer open. */
static bool take_next_address(extra *x)
{
  if (x->others_count == 0 || netmcu__fault_bars_name(x->fault))
    return false;
  netmcu__set_ip(&x->peer, &x->others[--x->others_count]);
  return true;
}

/* The stream below cannot be connected again, so it is closed, and another one is opened. */
static bool try_next(netmcu__stream *stream)
{
  if (!take_next_address(stream->extra))
    return false;
  netmcu__fault_attempt_failed(stream->extra->fault);
  stream->extra->is_reopening = true;
  stream->expiring = false;
  stack_of(stream)->close(below(stream), false);
  return true;
}

void netmcu__stream_try_next_or_end(netmcu__stream *stream, int error)
{
  if (!try_next(stream))
    netmcu__stream_end(stream, error);
}

void netmcu__stream_on_connected(netmcu__stack_stream *below, int error)
{
  netmcu__stream *stream = stream_above(below);

  clear_deadline(stream);
  if (error) {
    netmcu__stream_try_next_or_end(stream, error);
    return;
  }
  stream->state = OPEN;
  stream->expiring = false;
  stream->active = now(stream);
  apply_settings(stream);
  netmcu__stream_release_extra_when_idle(stream);
  netmcu__stream_begin(stream);
}

static unsigned connect_timeout(const netmcu__stream *stream)
{
  netmcu_t *ctx = context_of(stream);

  return netmcu__is_closing(ctx) ? netmcu__stream_linger_timeout(stream)
                                 : netmcu__head_of(ctx)->options.connect_timeout;
}

static void connect_to_path(netmcu__stream *stream)
{
  extra *x = stream->extra;

  x->connecting = true;
  int error = stack_of(stream)->connect_path(below(stream), x->request, netmcu__path_of(x->host));
  if (error == NETMCU_EISCONN)
    netmcu__stream_on_connected(below(stream), 0);
  else if (error)
    netmcu__stream_end(stream, error);
}

static int bind_to_own(netmcu__stream *stream, uint16_t family)
{
  const netmcu_address *own = &stream->extra->own;

  return own->family == family ? stack_of(stream)->bind(below(stream), own) : NETMCU_EVALUE;
}

void netmcu__stream_start_connecting(netmcu__stream *stream)
{
  extra *x = stream->extra;
  netmcu_address to = x->peer;

  if (x->host) {
    connect_to_path(stream);
    return;
  }
  if (netmcu__is_routed(context_of(stream)))
    x->routed = netmcu__route_to(context_of(stream), &to);
  x->connecting = true;
  int error = x->has_own ? bind_to_own(stream, to.family) : 0;
  if (error == 0)
    error = stack_of(stream)->connect(below(stream), x->request, &to);
  if (error)
    netmcu__stream_try_next_or_end(stream, error);
}

/* The stream below begins with its group, which is needed even if it cannot be opened. */
static int open_again(netmcu__stream *stream)
{
  netmcu__stream_group *group = &streams_of(stream)->group;
  const void *first = group;

  memset(below(stream), 0, group->operations->stream_size);
  memcpy(below(stream), &first, sizeof(first));
  return group->operations->open(group, below(stream), stream->extra->peer.family);
}

bool netmcu__stream_reopen(netmcu__stream *stream)
{
  int error = open_again(stream);

  while (error && take_next_address(stream->extra))
    error = open_again(stream);
  if (error) {
    netmcu__stream_end(stream, error);
    return false;
  }
  stream->extra->is_reopening = stream->extra->connecting = false;
  netmcu__stream_connect_to_peer(stream);
  return true;
}

static const netmcu__object *object_of(const void *stream)
{
  return (const netmcu__object *)(const void *)((const netmcu__stream *)stream)->owner;
}

/* Continues what waited for the end of a delay, or of all faults. */
static void on_delay_ended(void *data)
{
  netmcu__stream *stream = data;

  if (stream->state == RESOLVING || stream->state == CLOSED)
    return;
  stream->resume = stream->owner && !stream->held && stream->state == OPEN;
  netmcu__stream_make_due(stream);
}

static void on_cured(void *data)
{
  ((netmcu__stream *)data)->extra->fault = NULL;
  on_delay_ended(data);
}

static const netmcu__fault_events fault_events = {on_delay_ended, on_cured, object_of};

/* Applies the fault rules for the peer's name and for this address of it to a connect. Returns true
 * if the connect must not be made now. */
static bool is_connect_faulty(netmcu__stream *stream)
{
  extra *x = stream->extra;

  netmcu__fault_try(context_of(stream), &fault_events, stream, &x->peer, &x->fault);
  if (netmcu__fault_never_opens(x->fault) && !netmcu__fault_refuses(x->fault))
    netmcu__fault_trace_stop(x->fault);
  if (netmcu__fault_refuses(x->fault)) {
    netmcu__fault_trace(x->fault);
    netmcu__stream_try_next_or_end(stream, NETMCU_ERESET);
    return true;
  }
  return netmcu__fault_never_opens(x->fault) ? netmcu__fault_stalls(x->fault) : netmcu__fault_delays(x->fault);
}

void netmcu__stream_connect_to_peer(netmcu__stream *stream)
{
  stream->state = CONNECTING;
  set_deadline(stream, connect_timeout(stream));
  if (netmcu__is_faulty(context_of(stream)) && is_connect_faulty(stream))
    return;
  netmcu__stream_start_connecting(stream);
}

/* Keeps the addresses after the first one, the next one last. Without memory, only the first one is
 * tried. */
static void keep_others(extra *x, netmcu_t *ctx, const netmcu_address *addresses, size_t count)
{
  x->others = count > 1 ? netmcu__allocate(ctx, (count - 1) * sizeof(*addresses)) : NULL;
  for (size_t i = count; x->others && i > 1; i--)
    x->others[x->others_count++] = addresses[i - 1];
}

static void on_resolved(void *data, int error, const netmcu_address *addresses, size_t count)
{
  netmcu__stream *stream = data;

  stream->extra->lookup = NULL;
  if (count > 0) {
    netmcu__set_ip(&stream->extra->peer, addresses);
    keep_others(stream->extra, context_of(stream), addresses, count);
  }
  if (stream->owner)
    netmcu__connection_resolved(stream->owner, count > 0 ? addresses : NULL);
  if (stream->state == CLOSED)
    return;
  if (count > 0)
    netmcu__stream_connect_to_peer(stream);
  else
    netmcu__stream_end(stream, error == NETMCU_ENOMEM ? error : NETMCU_EABORTED);
}

void netmcu__stream_own(netmcu__stream *stream, netmcu_connection *owner, unsigned idle_timeout)
{
  netmcu__streams *streams = streams_of(stream);

  stream->owner = owner;
  streams->owned++;
  netmcu__head_of(streams->ctx)->closing--;
  stream->idle_timeout = idle_timeout; /* for netmcu__stream_begin */
}

void netmcu__stream_abandon(netmcu__stream *stream)
{
  netmcu__stream_close_handle(stream);
}

int netmcu__stream_connect(netmcu_t *ctx, netmcu_connection *owner, const netmcu_address *own, uint16_t port,
                           const char *host, netmcu__stream **out)
{
  netmcu_address peer = {.port = port, .family = netmcu__family_of_names(ctx)};
  netmcu__stream *stream = netmcu__stream_create(ctx);

  if (stream == NULL)
    return NETMCU_ENOMEM;
  netmcu__read_literal(ctx, host, &peer);
  netmcu__streams *streams = netmcu__part(ctx, NETMCU__STREAMS);
  int error = streams->group.operations->open(&streams->group, below(stream), peer.family);
  if (error) {
    netmcu__stream_discard(ctx, stream);
    return error;
  }
  netmcu__head_of(ctx)->closing++; /* until it has an owner */
  stream->state = RESOLVING;
  if (netmcu__stream_get_extra(stream) == NULL) {
    netmcu__stream_close_handle(stream);
    return NETMCU_ENOMEM;
  }
  stream->extra->peer = peer;
  stream->extra->has_own = own != NULL;
  if (own)
    stream->extra->own = *own;
  if (peer.family == NETMCU__ANY_FAMILY)
    stream->extra->peer.family = NETMCU_IPV4;
  error = netmcu__resolve(ctx, host, port, on_resolved, stream, &stream->extra->lookup);
  if (error) {
    netmcu__stream_close_handle(stream);
    return error;
  }
  netmcu__stream_own(stream, owner, 0);
  if (netmcu__is_faulty(ctx))
    netmcu__fault_begin(ctx, &fault_events, stream, host, port, &stream->extra->fault);
  *out = stream;
  return 0;
}

static netmcu__stream *create_with_extra(netmcu_t *ctx, size_t size)
{
  netmcu__stream *stream = netmcu__stream_create(ctx);

  if (stream == NULL)
    return NULL;
  if (netmcu__stream_add_extra(netmcu__part(ctx, NETMCU__STREAMS), stream, size))
    return stream;
  netmcu__stream_discard(ctx, stream);
  return NULL;
}

/* Connects in the stream's turn: the outcome is known at once, but must be an event. */
int netmcu__stream_connect_path(netmcu_t *ctx, netmcu_connection *owner, const char *host, netmcu__stream **out)
{
  size_t size = strlen(host) + 1;
  netmcu__stream *stream = create_with_extra(ctx, size);

  if (stream == NULL)
    return NETMCU_ENOMEM;
  netmcu__streams *streams = netmcu__part(ctx, NETMCU__STREAMS);
  stream->extra->host = memcpy(stream->extra->request + streams->group.operations->request_size, host, size);
  streams->group.operations->open_path(&streams->group, below(stream));
  netmcu__head_of(ctx)->closing++; /* until it has an owner */
  stream->state = RESOLVING;
  stream->extra->peer.family = NETMCU_UNIX;
  netmcu__stream_own(stream, owner, 0);
  if (netmcu__is_faulty(ctx))
    netmcu__fault_begin(ctx, &fault_events, stream, host, 0, &stream->extra->fault);
  netmcu__stream_make_due(stream);
  *out = stream;
  return 0;
}

/* Does the rest in the stream's turn, because no event may come before the call has returned. */
int netmcu__stream_adopt(netmcu_t *ctx, netmcu_connection *owner, intptr_t descriptor, netmcu__stream **out)
{
  netmcu__stream *stream = create_with_extra(ctx, 0);

  if (stream == NULL)
    return NETMCU_ENOMEM;
  netmcu__streams *streams = netmcu__part(ctx, NETMCU__STREAMS);
  int error = streams->group.operations->adopt(&streams->group, below(stream), descriptor);
  netmcu__head_of(ctx)->closing++; /* until it has an owner */
  stream->state = CONNECTING;
  stream->adopted = true;
  if (error == 0)
    error = stack_of(stream)->get_peer(below(stream), &stream->extra->peer);
  if (error) {
    netmcu__stream_close_handle(stream);
    return error;
  }
  netmcu__stream_own(stream, owner, 0);
  netmcu__stream_make_due(stream);
  *out = stream;
  return 0;
}

/* Finds the faults of a client: the rules look at its peer and at its own port, or at the path. */
static void begin_fault(netmcu_t *ctx, netmcu__stream *stream, const char *host)
{
  netmcu_address peer, own;
  char ip[NETMCU_IP_SIZE];
  netmcu__fault *fault = NULL;

  if (netmcu__stream_getpeer(stream, &peer) || netmcu__stream_getaddr(stream, &own))
    return;
  netmcu__fault_begin(ctx, &fault_events, stream, host ? host : netmcu_ip_format(&peer, ip), own.port, &fault);
  if (fault && netmcu__stream_get_extra(stream))
    stream->extra->fault = fault;
  else
    netmcu__fault_end(fault);
}

bool netmcu__stream_is_refused(const netmcu__stream *stream)
{
  return netmcu__fault_refuses(fault_of(stream));
}

int netmcu__stream_accept(netmcu_t *ctx, netmcu__stack_listener *listener, const char *host, netmcu__stream **out)
{
  netmcu__stream *stream = netmcu__stream_create(ctx);

  if (stream == NULL)
    return NETMCU_ENOMEM;
  netmcu__streams *streams = netmcu__part(ctx, NETMCU__STREAMS);
  int error = streams->group.operations->accept(listener, &streams->group, below(stream));
  netmcu__head_of(ctx)->closing++;
  stream->state = OPEN;
  stream->active = now(stream);
  if (error) {
    netmcu__stream_close_handle(stream);
    return error;
  }
  if (netmcu__is_faulty(ctx))
    begin_fault(ctx, stream, host);
  *out = stream;
  return 0;
}
