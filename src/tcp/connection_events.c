/* The events of a connection, called by its stream. See connection_private.h. */
#include "tcp/connection_private.h"

void netmcu__connection_resolved(netmcu_connection *c, const netmcu_address *address)
{
  netmcu__count_event(c->object.ctx);
  if (c->events->dns == NULL)
    return;
  netmcu__object_enter(&c->object);
  c->events->dns(c, address);
  netmcu__object_leave(&c->object);
}

/* Calls the user's handler of an event, if there is one. */
static void call(netmcu_connection *c, void (*handler)(netmcu_connection *))
{
  if (handler == NULL)
    return;
  netmcu__object_enter(&c->object);
  handler(c);
  netmcu__object_leave(&c->object);
}

void netmcu__connection_report_opened(netmcu_connection *c)
{
  netmcu__count_event(c->object.ctx);
  if (netmcu__is_traced(c->object.ctx))
    netmcu__connection_trace_opened(c, "connection");
  call(c, c->events->connection);
}

void netmcu__connection_opened(netmcu_connection *c)
{
  if (!is_filtered(c)) {
    netmcu__connection_report_opened(c);
    return;
  }
  if (netmcu__is_traced(c->object.ctx))
    netmcu__connection_trace_event(c, 0, "open", 0);
  filter_of(c)->class->opened(filter_of(c));
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
  size_t frame =
      is_filtered(c) ? filter_of(c)->class->next_frame(filter_of(c), data) : netmcu__connection_take(c, data);

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
  if (is_filtered(c))
    filter_of(c)->class->received(filter_of(c), data, size);
  else
    netmcu__connection_report_received(c, data, size);
}

void netmcu__connection_resumed(netmcu_connection *c)
{
  if (is_filtered(c))
    filter_of(c)->class->resumed(filter_of(c));
}

void netmcu__connection_sent(netmcu_connection *c)
{
  netmcu__count_event(c->object.ctx);
  if (netmcu__is_traced(c->object.ctx))
    netmcu__connection_trace_event(c, 0, "sent", 0);
  call(c, c->events->sent);
}

void netmcu__connection_drained(netmcu_connection *c)
{
  if (c->events->drained)
    netmcu__count_event(c->object.ctx);
  call(c, c->events->drained);
}

bool netmcu__connection_wants_sent(const netmcu_connection *c)
{
  return c->events->sent || c->events->drained;
}

void netmcu__connection_finishing(netmcu_connection *c)
{
  if (is_filtered(c))
    filter_of(c)->class->finishing(filter_of(c));
}

void netmcu__connection_ended(netmcu_connection *c, int error)
{
  *place_of_stream(c) = NULL;
  if (is_filtered(c) && !filter_of(c)->class->ended(filter_of(c), &error))
    return;
  void (*ended)(netmcu_connection *, int) =
      error && c->events->reconnection ? c->events->reconnection : c->events->disconnection;
  netmcu__count_event(c->object.ctx);
  if (netmcu__is_traced(c->object.ctx))
    netmcu__connection_trace_event(c, '<', "disconnection", error);
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
      netmcu__connection_trace_opened(c, "accept");
  }
  return c;
}
