/* What a filter needs of its connection, and its heirs. See filter.h. */
#include "base/memory.h"
#include "tcp/connection_private.h"

netmcu__filter *netmcu__connection_filter(const netmcu_connection *c)
{
  return is_filtered(c) ? c->below.filter : NULL;
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

  netmcu__connection_note_sent(c, &all);
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
  heir->events = &netmcu__no_connection_events;
  heir->object.ctx = c->object.ctx;
  heir->object.class = c->object.class;
  return heir;
}

void netmcu__connection_free_heir(netmcu_connection *heir)
{
  netmcu__filter *filter = filter_of(heir);
  const netmcu__head *head = netmcu__head_of(heir->object.ctx);

  if (netmcu__rarely(head->forget != NULL))
    head->forget(&heir->object);
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
