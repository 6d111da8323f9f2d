/* What a stream is, and its settings. See stream_private.h. */
#include "base/address.h"
#include "edge/route.h"
#include "tcp/stream_private.h"

bool netmcu__stream_is_delivering(const netmcu__stream *stream)
{
  return stream->delivering;
}

/* A literal address and a path are resolved from the beginning. */
netmcu_connection_state netmcu__stream_state(const netmcu__stream *stream)
{
  if (stream->state == RESOLVING)
    return netmcu__is_unresolved(&stream->extra->peer) ? NETMCU_RESOLVING : NETMCU_CONNECTING;
  return stream->state == CONNECTING ? NETMCU_CONNECTING : NETMCU_OPEN;
}

const char *netmcu__stream_path(const netmcu__stream *stream)
{
  return stream->has_extra ? stream->extra->host : NULL;
}

int netmcu__stream_getpeer(const netmcu__stream *stream, netmcu_address *address)
{
  if (stream->state == RESOLVING || stream->state == CONNECTING || (stream->has_extra && stream->extra->routed)) {
    *address = stream->extra->peer;
    return 0;
  }
  return stack_of(stream)->get_peer(below(stream), address);
}

int netmcu__stream_getaddr(const netmcu__stream *stream, netmcu_address *address)
{
  int error = stack_of(stream)->get_address(below(stream), address);

  if (error == 0 && netmcu__is_routed(context_of(stream)))
    netmcu__route_own(context_of(stream), false, address);
  return error;
}

int netmcu__stream_ttl(const netmcu__stream *stream, int *ttl)
{
  return stack_of(stream)->ttl(below(stream), ttl);
}

/* ---- settings -------------------------------------------------------------------------------- */

int netmcu__stream_set_keepalive(netmcu__stream *stream, uint16_t seconds)
{
  if (stream->state >= OPEN)
    return stack_of(stream)->set_keepalive(below(stream), seconds);
  stream->extra->keepalive = seconds;
  return 0;
}

int netmcu__stream_set_nodelay(netmcu__stream *stream, bool nodelay)
{
  if (stream->state >= OPEN)
    return stack_of(stream)->set_nodelay(below(stream), nodelay);
  stream->extra->delayed = !nodelay;
  return 0;
}

/* Other states have deadlines of their own. */
void netmcu__stream_set_idle_timeout(netmcu__stream *stream, unsigned timeout)
{
  stream->idle_timeout = timeout;
  if (stream->state != OPEN)
    return;
  stream->expiring = false;
  if (timeout)
    set_deadline(stream, timeout);
  else
    clear_deadline(stream);
}
