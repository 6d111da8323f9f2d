/* A connection from the inside, for the files of this room that make it up:
 *
 *   connection.c         what its user asks for
 *   connection_events.c  what its stream reports, passed on to the user
 *   connection_filter.c  what a filter between the two needs (filter.h)
 *   connection_trace.c   what the trace shows of it */
#ifndef NETMCU_CONNECTION_PRIVATE_H
#define NETMCU_CONNECTION_PRIVATE_H

#include "edge/trace.h"
#include "tcp/filter.h"

struct netmcu_connection {
  netmcu__object object;
  const netmcu_connection_events *events;
  void *data;
  union {
    netmcu__stream *stream; /* NULL: none */
    netmcu__filter *filter; /* if object.flag is set: it has the stream */
  } below;
};

/* Of a connection whose user has set none. */
extern const netmcu_connection_events netmcu__no_connection_events;

static inline bool is_filtered(const netmcu_connection *c)
{
  return netmcu__rarely(c->object.flag);
}

/* Only of a connection that is filtered. */
static inline netmcu__filter *filter_of(const netmcu_connection *c)
{
  return c->below.filter;
}

static inline netmcu__stream **place_of_stream(netmcu_connection *c)
{
  return is_filtered(c) ? &c->below.filter->stream : &c->below.stream;
}

static inline netmcu__stream *stream_of(const netmcu_connection *c)
{
  return is_filtered(c) ? c->below.filter->stream : c->below.stream;
}

/* Each may be called only if the context is traced. */
void netmcu__connection_trace_event(netmcu_connection *c, char direction, const char *what, int error);
void netmcu__connection_trace_connect(netmcu_connection *c, const char *host);
/* An event together with the peer, which was not known before. */
void netmcu__connection_trace_opened(netmcu_connection *c, const char *what);

/* Counts and traces what goes to the stream. */
void netmcu__connection_note_sent(netmcu_connection *c, const netmcu__data *data);

#endif
