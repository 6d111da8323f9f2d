/* A TCP connection as its user sees it (net.socket): the events, the data, the rules. Its stream
 * (stream.h) does the work on the network. The connection owns the stream from connect or accept to
 * the end; the stream outlives it to send the remaining output.
 *
 *   IDLE (no stream) ──connect──▶ RESOLVING ──▶ CONNECTING ──▶ OPEN ──close, end──▶ IDLE
 *   any state ──free──▶ gone
 *
 * A connection that is freed inside one of its own events stays, closed, until that event has
 * returned. */
#include <stdio.h>

#include "base/address.h"
#include "base/memory.h"
#include "edge/trace.h"
#include "tcp/filter.h"

struct netmcu_connection {
  netmcu__object object;
  const netmcu_connection_events *events;
  void *data;
  union {
    netmcu__stream *stream; /* NULL: none */
    netmcu__filter *filter; /* of a connection that has one (object.flag): it has the stream */
  } below;
};

static const netmcu_connection_events no_events;

static netmcu__filter *filter_of(const netmcu_connection *c)
{
  return netmcu__rarely(c->object.flag) ? c->below.filter : NULL;
}

static netmcu__stream **place_of_stream(netmcu_connection *c)
{
  return netmcu__rarely(c->object.flag) ? &c->below.filter->stream : &c->below.stream;
}

static netmcu__stream *stream_of(const netmcu_connection *c)
{
  return netmcu__rarely(c->object.flag) ? c->below.filter->stream : c->below.stream;
}

#define DEVICE_SEND_BUFFER 2920 /* bytes that the device takes from one connection; strict mode keeps this limit */

static void free_object(netmcu__object *object)
{
  netmcu_connection_free((netmcu_connection *)object);
}

static bool is_open(const netmcu__object *object)
{
  return stream_of((const netmcu_connection *)object) != NULL;
}

static void describe(const netmcu__object *object, char *text, size_t size)
{
  static const char *const states[] = {"idle", "resolving", "connecting", "connected"};
  const netmcu_connection *c = (const netmcu_connection *)object;
  const char *host = netmcu__stream_path(stream_of(c));
  netmcu_address peer = {.port = 0};
  char address[NETMCU_ADDRESS_SIZE];

  netmcu__stream_getpeer(stream_of(c), &peer);
  snprintf(text, size, "net.socket (%s, %s)", states[netmcu_connection_get_state(c)],
           host ? host : netmcu_address_format(&peer, address));
}

static const netmcu__class connection_class = {"net.socket", free_object, is_open, describe};

/* ---- the trace ------------------------------------------------------------------------------- */

NETMCU__RARE static void trace(netmcu_connection *c, char direction, const char *what, int error)
{
  netmcu__trace(&c->object, (netmcu_trace_event){.direction = direction, .what = what, .error = error});
}

NETMCU__RARE void netmcu__connection_trace_data(netmcu_connection *c, char direction, const char *what,
                                                const void *data, size_t size)
{
  netmcu__trace(&c->object, (netmcu_trace_event){.direction = direction, .what = what, .data = data, .size = size});
}

NETMCU__RARE static void trace_connect(netmcu_connection *c, const char *host)
{
  netmcu_address peer = {.port = 0};
  bool is_literal = netmcu_ip_parse(host, &peer) == 0;

  netmcu__stream_getpeer(stream_of(c), &peer);
  netmcu__trace(&c->object, (netmcu_trace_event){
                                .direction = '>', .what = "connect", .peer = &peer, .name = is_literal ? "" : host});
}

/* Traces an event of a connection, together with its peer, which was not known before. */
NETMCU__RARE static void trace_opened(netmcu_connection *c, const char *what)
{
  netmcu_address peer = {.port = 0};
  const char *host = netmcu__stream_path(stream_of(c));

  netmcu__stream_getpeer(stream_of(c), &peer);
  if (peer.family == NETMCU_UNIX && host == NULL)
    host = "unix:";
  netmcu__trace(&c->object, (netmcu_trace_event){.direction = '<', .what = what, .peer = &peer, .name = host});
}

/* ---- life ------------------------------------------------------------------------------------ */

netmcu_connection *netmcu_connection_new(netmcu_t *ctx)
{
  netmcu_connection *c = netmcu__allocate(ctx, sizeof(*c));

  if (c == NULL)
    return NULL;
  c->events = &no_events;
  netmcu__object_add(&c->object, ctx, &connection_class);
  return c;
}

/* Ends what the user has to do with the stream. */
static void let_go(netmcu_connection *c)
{
  netmcu__stream *stream = stream_of(c);

  if (netmcu__is_traced(c->object.ctx))
    trace(c, '>', "close", 0);
  if (filter_of(c) == NULL || filter_of(c)->class->finish(filter_of(c)))
    netmcu__stream_finish(stream);
  *place_of_stream(c) = NULL;
}

void netmcu_connection_free(netmcu_connection *c)
{
  if (c == NULL || c->object.freed)
    return;
  c->events = &no_events;
  if (stream_of(c))
    let_go(c);
  netmcu__filter *filter = filter_of(c);
  if (filter) {
    netmcu__connection_set_filter(c, NULL);
    filter->class->free(filter);
  }
  netmcu__object_release(&c->object);
}

netmcu_t *netmcu_connection_get_context(const netmcu_connection *c)
{
  return c->object.ctx;
}

void netmcu_connection_set_data(netmcu_connection *c, void *data)
{
  c->data = data;
}

void *netmcu_connection_get_data(const netmcu_connection *c)
{
  return c->data;
}

netmcu_connection_state netmcu_connection_get_state(const netmcu_connection *c)
{
  netmcu_connection_state state = stream_of(c) ? netmcu__stream_state(stream_of(c)) : NETMCU_IDLE;

  return state == NETMCU_OPEN && filter_of(c) && !filter_of(c)->class->is_open(filter_of(c)) ? NETMCU_CONNECTING
                                                                                             : state;
}

void netmcu_connection_on(netmcu_connection *c, const netmcu_connection_events *events)
{
  c->events = events ? events : &no_events;
}

int netmcu_connection_connect_from(netmcu_connection *c, const netmcu_address *local, uint16_t port, const char *host)
{
  netmcu_t *ctx = c->object.ctx;

  if (stream_of(c))
    return NETMCU_EISCONN;
  bool is_path = netmcu__is_path(ctx, host);
  if (is_path ? local != NULL : port == 0 || !netmcu__is_host(host))
    return NETMCU_EARGUMENT;
  int error = netmcu__streams_check_number(ctx);
  if (error == 0 && filter_of(c))
    error = filter_of(c)->class->begin(filter_of(c), host);
  if (error)
    return error;
  error = is_path ? netmcu__stream_connect_path(ctx, c, host, place_of_stream(c))
                  : netmcu__stream_connect(ctx, c, local, port, host, place_of_stream(c));
  if (error == 0 && netmcu__is_traced(ctx))
    trace_connect(c, host);
  return error;
}

int netmcu_connection_connect(netmcu_connection *c, uint16_t port, const char *host)
{
  return netmcu_connection_connect_from(c, NULL, port, host);
}

int netmcu_connection_adopt(netmcu_connection *c, intptr_t descriptor)
{
  netmcu_t *ctx = c->object.ctx;

  if (stream_of(c))
    return NETMCU_EISCONN;
  if (filter_of(c))
    return NETMCU_ENOTSUP;
  int error = netmcu__streams_check_number(ctx);
  return error ? error : netmcu__stream_adopt(ctx, c, descriptor, place_of_stream(c));
}

static int check_send(netmcu_connection *c, size_t size)
{
  netmcu_t *ctx = c->object.ctx;
  size_t before = netmcu__stream_unacknowledged(stream_of(c));

  if (netmcu__rarely(filter_of(c) != NULL))
    before += filter_of(c)->class->pending(filter_of(c));
  if (netmcu__stream_state(stream_of(c)) == NETMCU_RESOLVING)
    return netmcu_diverge(ctx, NETMCU_D_SEND_RESOLVING, 0);
  if (size > DEVICE_SEND_BUFFER)
    return netmcu_diverge(ctx, NETMCU_D_SEND_SIZE, (long)size);
  if (before + size > DEVICE_SEND_BUFFER)
    return netmcu_diverge(ctx, NETMCU_D_SEND_BUFFERED, (long)before);
  return 0;
}

static void note_sent(netmcu_connection *c, const netmcu__data *data)
{
  netmcu__count_sent(c->object.ctx, data->size);
  if (netmcu__is_traced(c->object.ctx))
    for (unsigned i = 0; i < data->count; i++)
      netmcu__connection_trace_data(c, '>', "send", data->pieces[i].data, data->pieces[i].size);
}

static int send_data(netmcu_connection *c, const netmcu__data *data)
{
  if (data->size == 0)
    return NETMCU_EVALUE;
  if (stream_of(c) == NULL)
    return NETMCU_ENOTCONN;
  int error = check_send(c, data->size);
  if (error)
    return error;
  if (netmcu__rarely(filter_of(c) != NULL))
    return filter_of(c)->class->send(filter_of(c), data);
  note_sent(c, data);
  return netmcu__stream_send(stream_of(c), data);
}

int netmcu_connection_send(netmcu_connection *c, const void *data, size_t size)
{
  netmcu_piece piece = {data, size};

  return send_data(c, &(netmcu__data){&piece, 1, size, 1});
}

int netmcu_connection_send_pieces(netmcu_connection *c, const netmcu_piece *pieces, unsigned count)
{
  netmcu__data data = {pieces, count, 0, 1};

  for (unsigned i = 0; i < count; i++) {
    if (pieces[i].size > SIZE_MAX - data.size)
      return NETMCU_ENOMEM;
    data.size += pieces[i].size;
  }
  return send_data(c, &data);
}

size_t netmcu_connection_get_pending(const netmcu_connection *c)
{
  if (stream_of(c) == NULL)
    return 0;
  return netmcu__stream_pending(stream_of(c)) + (filter_of(c) ? filter_of(c)->class->pending(filter_of(c)) : 0);
}

static int set_hold(netmcu_connection *c, bool held)
{
  if (stream_of(c) == NULL)
    return NETMCU_ENOTCONN;
  if (filter_of(c))
    filter_of(c)->class->set_hold(filter_of(c), held);
  else if (held)
    netmcu__stream_hold(stream_of(c));
  else
    netmcu__stream_unhold(stream_of(c));
  return 0;
}

int netmcu_connection_hold(netmcu_connection *c)
{
  return set_hold(c, true);
}

int netmcu_connection_unhold(netmcu_connection *c)
{
  return set_hold(c, false);
}

int netmcu_connection_get_peer(const netmcu_connection *c, netmcu_address *address)
{
  return stream_of(c) ? netmcu__stream_getpeer(stream_of(c), address) : NETMCU_ENOTCONN;
}

int netmcu_connection_get_address(const netmcu_connection *c, netmcu_address *address)
{
  return stream_of(c) ? netmcu__stream_getaddr(stream_of(c), address) : NETMCU_ENOTCONN;
}

int netmcu_connection_set_ttl(netmcu_connection *c, int ttl)
{
  if (stream_of(c) == NULL)
    return NETMCU_ENOTCONN;
  return ttl > 0 ? netmcu__stream_ttl(stream_of(c), &ttl) : NETMCU_EVALUE;
}

int netmcu_connection_get_ttl(const netmcu_connection *c, int *ttl)
{
  *ttl = -1;
  return stream_of(c) ? netmcu__stream_ttl(stream_of(c), ttl) : NETMCU_ENOTCONN;
}

int netmcu_connection_set_idle_timeout(netmcu_connection *c, unsigned timeout)
{
  if (stream_of(c) == NULL)
    return NETMCU_ENOTCONN;
  if (filter_of(c) == NULL || !filter_of(c)->class->set_idle_timeout(filter_of(c), timeout))
    netmcu__stream_set_idle_timeout(stream_of(c), timeout);
  return 0;
}

#define MOST_KEEPALIVE 32767 /* seconds, on Linux */

int netmcu_connection_set_keepalive(netmcu_connection *c, unsigned timeout)
{
  unsigned seconds = timeout / 1000 + (timeout % 1000 > 0);

  if (stream_of(c) == NULL)
    return NETMCU_ENOTCONN;
  return seconds > MOST_KEEPALIVE ? NETMCU_EVALUE : netmcu__stream_set_keepalive(stream_of(c), (uint16_t)seconds);
}

int netmcu_connection_set_nodelay(netmcu_connection *c, int nodelay)
{
  return stream_of(c) ? netmcu__stream_set_nodelay(stream_of(c), nodelay) : NETMCU_ENOTCONN;
}

int netmcu_connection_close(netmcu_connection *c)
{
  netmcu__stream *stream = stream_of(c);

  if (stream == NULL)
    return NETMCU_ENOTCONN;
  if (netmcu__stream_is_delivering(stream) && netmcu__stream_unacknowledged(stream) > 0) {
    int error = netmcu_diverge(c->object.ctx, NETMCU_D_CLOSE_RECEIVE, 0);
    if (error)
      return error;
  }
  let_go(c);
  return 0;
}

int netmcu_connection_abort(netmcu_connection *c)
{
  netmcu__stream *stream = stream_of(c);

  if (stream == NULL)
    return NETMCU_ENOTCONN;
  if (netmcu__is_traced(c->object.ctx))
    trace(c, '>', "abort", 0);
  if (filter_of(c))
    filter_of(c)->class->drop(filter_of(c));
  *place_of_stream(c) = NULL;
  netmcu__stream_abort(stream);
  return 0;
}

/* ---- events, called by the stream ------------------------------------------------------------ */

void netmcu__connection_resolved(netmcu_connection *c, const netmcu_address *address)
{
  netmcu__count_event(c->object.ctx);
  if (c->events->dns == NULL)
    return;
  netmcu__object_enter(&c->object);
  c->events->dns(c, address);
  netmcu__object_leave(&c->object);
}

void netmcu__connection_report_opened(netmcu_connection *c)
{
  netmcu__count_event(c->object.ctx);
  if (netmcu__is_traced(c->object.ctx))
    trace_opened(c, "connection");
  if (c->events->connection == NULL)
    return;
  netmcu__object_enter(&c->object);
  c->events->connection(c);
  netmcu__object_leave(&c->object);
}

void netmcu__connection_opened(netmcu_connection *c)
{
  if (filter_of(c))
    filter_of(c)->class->opened(filter_of(c));
  else
    netmcu__connection_report_opened(c);
}

static void note_received(netmcu_connection *c, const char *data, size_t size)
{
  netmcu__count_received(c->object.ctx, size);
  if (netmcu__is_traced(c->object.ctx))
    netmcu__connection_trace_data(c, '<', "receive", data, size);
}

size_t netmcu__connection_take(netmcu_connection *c, const char **data)
{
  size_t frame = stream_of(c) ? netmcu__stream_next_frame(stream_of(c), data) : 0;

  if (frame)
    note_received(c, *data, frame);
  return frame;
}

int netmcu_connection_next_frame(netmcu_connection *c, const char **data, size_t *size)
{
  size_t frame = netmcu__rarely(filter_of(c) != NULL) ? filter_of(c)->class->next_frame(filter_of(c), data)
                                                      : netmcu__connection_take(c, data);

  if (frame == 0)
    return 0;
  *size = frame;
  return 1;
}

void netmcu__connection_report_received(netmcu_connection *c, const char *data, size_t size)
{
  if (c->events->receive == NULL)
    return;
  netmcu__object_enter(&c->object);
  c->events->receive(c, data, size);
  netmcu__object_leave(&c->object);
}

void netmcu__connection_received(netmcu_connection *c, const char *data, size_t size)
{
  note_received(c, data, size);
  if (netmcu__rarely(filter_of(c) != NULL))
    filter_of(c)->class->received(filter_of(c), data, size);
  else
    netmcu__connection_report_received(c, data, size);
}

void netmcu__connection_resumed(netmcu_connection *c)
{
  if (filter_of(c))
    filter_of(c)->class->resumed(filter_of(c));
}

void netmcu__connection_sent(netmcu_connection *c)
{
  netmcu__count_event(c->object.ctx);
  if (netmcu__is_traced(c->object.ctx))
    trace(c, 0, "sent", 0);
  if (c->events->sent == NULL)
    return;
  netmcu__object_enter(&c->object);
  c->events->sent(c);
  netmcu__object_leave(&c->object);
}

void netmcu__connection_drained(netmcu_connection *c)
{
  if (c->events->drained == NULL)
    return;
  netmcu__count_event(c->object.ctx);
  netmcu__object_enter(&c->object);
  c->events->drained(c);
  netmcu__object_leave(&c->object);
}

bool netmcu__connection_wants_sent(const netmcu_connection *c)
{
  return c->events->sent || c->events->drained;
}

void netmcu__connection_finishing(netmcu_connection *c)
{
  if (filter_of(c))
    filter_of(c)->class->finishing(filter_of(c));
}

void netmcu__connection_ended(netmcu_connection *c, int error)
{
  *place_of_stream(c) = NULL;
  if (filter_of(c) && !filter_of(c)->class->ended(filter_of(c), &error))
    return;
  void (*ended)(netmcu_connection *, int) =
      error && c->events->reconnection ? c->events->reconnection : c->events->disconnection;
  netmcu__count_event(c->object.ctx);
  if (netmcu__is_traced(c->object.ctx))
    trace(c, '<', "disconnection", error);
  if (ended == NULL)
    return;
  netmcu__object_enter(&c->object);
  ended(c, error);
  netmcu__object_leave(&c->object);
}

netmcu_connection *netmcu__connection_accepted(netmcu_t *ctx, netmcu__stream *stream, unsigned idle_timeout)
{
  netmcu_connection *c = netmcu_connection_new(ctx);

  if (c) {
    *place_of_stream(c) = stream;
    netmcu__stream_own(stream, c, idle_timeout);
    if (netmcu__is_traced(ctx))
      trace_opened(c, "accept");
  }
  return c;
}

/* ---- for a filter ---------------------------------------------------------------------------- */

netmcu__filter *netmcu__connection_filter(const netmcu_connection *c)
{
  return filter_of(c);
}

void netmcu__connection_set_filter(netmcu_connection *c, netmcu__filter *filter)
{
  netmcu__stream *stream = stream_of(c);

  c->object.flag = filter != NULL;
  if (filter)
    c->below.filter = filter;
  *place_of_stream(c) = stream;
}

netmcu__stream *netmcu__connection_stream(const netmcu_connection *c)
{
  return stream_of(c);
}

void netmcu__connection_write(netmcu_connection *c, const char *data, size_t size, unsigned sends)
{
  netmcu_piece piece = {data, size};
  netmcu__data all = {&piece, 1, size, sends};

  note_sent(c, &all);
  if (netmcu__stream_send(stream_of(c), &all))
    netmcu__stream_tear(stream_of(c));
}

void netmcu__connection_trace(netmcu_connection *c, const char *what, const char *name, const char *detail)
{
  netmcu__trace(&c->object, (netmcu_trace_event){.what = what, .name = name, .detail = detail});
}

void netmcu__connection_fail(netmcu_connection *c, int error)
{
  netmcu__stream_finish(stream_of(c));
  netmcu__connection_ended(c, error);
}

/* An heir is not in the list of objects, so a context that closes does not free it. */
netmcu_connection *netmcu__connection_new_heir(const netmcu_connection *c)
{
  netmcu_connection *heir = netmcu__allocate(c->object.ctx, sizeof(*heir));

  if (heir == NULL)
    return NULL;
  heir->events = &no_events;
  heir->object.ctx = c->object.ctx;
  heir->object.class = c->object.class;
  return heir;
}

void netmcu__connection_free_heir(netmcu_connection *heir)
{
  netmcu__filter *filter = filter_of(heir);

  netmcu__release(heir->object.ctx, heir);
  filter->class->free(filter);
}

void netmcu__connection_end_heir(netmcu_connection *heir)
{
  if (filter_of(heir)->class->finish(filter_of(heir)))
    netmcu__stream_finish(stream_of(heir));
  netmcu__connection_free_heir(heir);
}

bool netmcu__connection_hand_over(netmcu_connection *c, netmcu_connection *heir)
{
  if (!netmcu__stream_hand_over(stream_of(c), heir))
    return false;
  *place_of_stream(heir) = stream_of(c);
  return true;
}
