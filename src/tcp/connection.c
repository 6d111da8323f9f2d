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
#include "tcp/connection_private.h"

const netmcu_connection_events netmcu__no_connection_events;

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

/* ---- life ------------------------------------------------------------------------------------ */

netmcu_connection *netmcu_connection_new(netmcu_t *ctx)
{
  netmcu_connection *c = netmcu__allocate(ctx, sizeof(*c));

  if (c == NULL)
    return NULL;
  c->events = &netmcu__no_connection_events;
  netmcu__object_add(&c->object, ctx, &connection_class);
  return c;
}

/* Ends what the user has to do with the stream. */
static void let_go(netmcu_connection *c)
{
  netmcu__stream *stream = stream_of(c);

  if (netmcu__is_traced(c->object.ctx))
    netmcu__connection_trace_event(c, '>', "close", 0);
  if (!is_filtered(c) || filter_of(c)->class->finish(filter_of(c)))
    netmcu__stream_finish(stream);
  *place_of_stream(c) = NULL;
}

void netmcu_connection_free(netmcu_connection *c)
{
  if (c == NULL || c->object.freed)
    return;
  c->events = &netmcu__no_connection_events;
  if (stream_of(c))
    let_go(c);
  netmcu__filter *filter = netmcu__connection_filter(c);
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

  return state == NETMCU_OPEN && is_filtered(c) && !filter_of(c)->class->is_open(filter_of(c)) ? NETMCU_CONNECTING
                                                                                               : state;
}

void netmcu_connection_on(netmcu_connection *c, const netmcu_connection_events *events)
{
  c->events = events ? events : &netmcu__no_connection_events;
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
  if (error == 0 && is_filtered(c))
    error = filter_of(c)->class->begin(filter_of(c), host);
  if (error)
    return error;
  error = is_path ? netmcu__stream_connect_path(ctx, c, host, place_of_stream(c))
                  : netmcu__stream_connect(ctx, c, local, port, host, place_of_stream(c));
  if (error == 0 && netmcu__is_traced(ctx))
    netmcu__connection_trace_connect(c, host);
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
  if (is_filtered(c))
    return NETMCU_ENOTSUP;
  int error = netmcu__streams_check_number(ctx);
  return error ? error : netmcu__stream_adopt(ctx, c, descriptor, place_of_stream(c));
}

#define DEVICE_SEND_BUFFER 2920 /* bytes that the device takes from one connection; strict mode keeps this limit */

static int check_send(netmcu_connection *c, size_t size)
{
  netmcu_t *ctx = c->object.ctx;
  size_t before = netmcu__stream_unacknowledged(stream_of(c));

  if (is_filtered(c))
    before += filter_of(c)->class->pending(filter_of(c));
  if (netmcu__stream_state(stream_of(c)) == NETMCU_RESOLVING)
    return netmcu_diverge(ctx, NETMCU_D_SEND_RESOLVING, 0);
  if (size > DEVICE_SEND_BUFFER)
    return netmcu_diverge(ctx, NETMCU_D_SEND_SIZE, (long)size);
  if (before + size > DEVICE_SEND_BUFFER)
    return netmcu_diverge(ctx, NETMCU_D_SEND_BUFFERED, (long)before);
  return 0;
}

void netmcu__connection_note_sent(netmcu_connection *c, const netmcu__data *data)
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
  if (is_filtered(c))
    return filter_of(c)->class->send(filter_of(c), data);
  netmcu__connection_note_sent(c, data);
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
  return netmcu__stream_pending(stream_of(c)) + (is_filtered(c) ? filter_of(c)->class->pending(filter_of(c)) : 0);
}

/* On the chip, a hold keeps back nothing that arrives, but closes the window, except with TLS. */
static int set_hold(netmcu_connection *c, bool held)
{
  if (stream_of(c) == NULL)
    return NETMCU_ENOTCONN;
  if (is_filtered(c))
    filter_of(c)->class->set_hold(filter_of(c), held);
  else if (held && netmcu__is_chip(netmcu_connection_get_context(c)))
    netmcu__stream_withhold(stream_of(c));
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
  if (!is_filtered(c) || !filter_of(c)->class->set_idle_timeout(filter_of(c), timeout))
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
    netmcu__connection_trace_event(c, '>', "abort", 0);
  if (is_filtered(c))
    filter_of(c)->class->drop(filter_of(c));
  *place_of_stream(c) = NULL;
  netmcu__stream_abort(stream);
  return 0;
}
