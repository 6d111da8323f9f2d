/* A filter stands between a connection and its stream and changes the bytes on their way, as TLS
 * does. The connection tells the filter about its user's actions and its stream's events; the
 * filter calls the stream, and reports to the connection's user with the functions below. Whatever
 * acts on the stream (faults, routes, the trace) therefore sees the filtered bytes. */
#ifndef NETMCU_FILTER_H
#define NETMCU_FILTER_H

#include "tcp/stream.h"

typedef struct netmcu__filter netmcu__filter;

typedef struct netmcu__filter_class {
  /* Prepares a connect to `host`, or returns the error that prevents it. */
  int (*begin)(netmcu__filter *filter, const char *host);
  /* The user has closed the connection. Returns false if the filter has handed the stream over to
   * an heir, because it cannot send yet what the user has sent. */
  bool (*finish)(netmcu__filter *filter);
  void (*drop)(netmcu__filter *filter); /* the user has aborted the connection */
  void (*free)(netmcu__filter *filter);

  /* What the user asks for, while there is a stream. */
  int (*send)(netmcu__filter *filter, const netmcu__data *data);
  void (*set_hold)(netmcu__filter *filter, bool held);
  size_t (*next_frame)(netmcu__filter *filter, const char **data);
  /* Returns false if the time-out is to be set in the stream. */
  bool (*set_idle_timeout)(netmcu__filter *filter, unsigned timeout);
  bool (*is_open)(const netmcu__filter *filter);   /* of an open stream: whether the user may send */
  size_t (*pending)(const netmcu__filter *filter); /* bytes that did not reach the stream yet */

  /* What happens to the stream. */
  void (*opened)(netmcu__filter *filter);
  void (*received)(netmcu__filter *filter, const char *data, size_t size);
  void (*resumed)(netmcu__filter *filter);   /* after a hold, before the stream delivers more */
  void (*finishing)(netmcu__filter *filter); /* the stream ends once everything is written: the last chance to send */
  /* The stream has ended. May replace the error. Returns false if the user is not to be told. */
  bool (*ended)(netmcu__filter *filter, int *error);
} netmcu__filter_class;

struct netmcu__filter {
  const netmcu__filter_class *class;
  netmcu__stream *stream; /* kept by the connection */
};

/* ---- connection_filter.c, connection_events.c ------------------------------------------------ */

/* The filter, or NULL. The connection frees its filter. */
netmcu__filter *netmcu__connection_filter(const netmcu_connection *c);
void netmcu__connection_set_filter(netmcu_connection *c, netmcu__filter *filter);
netmcu__stream *netmcu__connection_stream(const netmcu_connection *c);

/* Sends filtered bytes, which contain the last bytes of `sends` sends of the user. If memory runs
 * out, the connection ends with NETMCU_ENOMEM. */
void netmcu__connection_write(netmcu_connection *c, const char *data, size_t size, unsigned sends);
/* Takes the next frame of the bytes that the stream is delivering. Returns 0 if no frame is left. */
size_t netmcu__connection_take(netmcu_connection *c, const char **data);

/* Report events to the user, who may close or free the connection. */
void netmcu__connection_report_opened(netmcu_connection *c);
void netmcu__connection_report_received(netmcu_connection *c, const char *data, size_t size);
void netmcu__connection_trace(netmcu_connection *c, const char *what, const char *name, const char *detail);
void netmcu__connection_trace_data(netmcu_connection *c, char direction, const char *what, const void *data,
                                   size_t size);
/* Closes the stream in an orderly way and reports the end of the connection. */
void netmcu__connection_fail(netmcu_connection *c, int error);

/* An heir is a connection without a user. It takes over the stream of a connection that its user
 * has closed, sends what is left, and frees itself. Returns NULL if memory runs out. */
netmcu_connection *netmcu__connection_new_heir(const netmcu_connection *c);
void netmcu__connection_free_heir(netmcu_connection *heir); /* and its filter */
void netmcu__connection_end_heir(netmcu_connection *heir);  /* which has sent everything */
/* Returns false if a fault has stopped the stream, so that nothing can be sent any more. */
bool netmcu__connection_hand_over(netmcu_connection *c, netmcu_connection *heir);

/* ---- stream.c -------------------------------------------------------------------------------- */

/* Ends the stream in its next turn, with NETMCU_ENOMEM. */
void netmcu__stream_tear(netmcu__stream *stream);
/* Ends the input, because the filter has read the peer's end. The next turn handles it like a FIN. */
void netmcu__stream_end_input(netmcu__stream *stream);
unsigned netmcu__stream_idle_timeout(const netmcu__stream *stream);
/* Whether "connection" was reported, or is being reported. */
bool netmcu__stream_has_begun(const netmcu__stream *stream);
/* Changes the owner of a stream whose user has closed it. */
bool netmcu__stream_hand_over(netmcu__stream *stream, netmcu_connection *heir);

#endif
