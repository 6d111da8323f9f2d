/* What the trace shows of a connection. See connection_private.h. */
#include "base/address.h"
#include "tcp/connection_private.h"

NETMCU__RARE void netmcu__connection_trace_event(netmcu_connection *c, char direction, const char *what, int error)
{
  netmcu__trace(&c->object, (netmcu_trace_event){.direction = direction, .what = what, .error = error});
}

NETMCU__RARE void netmcu__connection_trace_data(netmcu_connection *c, char direction, const char *what,
                                                const void *data, size_t size)
{
  netmcu__trace(&c->object, (netmcu_trace_event){.direction = direction, .what = what, .data = data, .size = size});
}

NETMCU__RARE void netmcu__connection_trace_connect(netmcu_connection *c, const char *host)
{
  netmcu_address peer = {.port = 0};
  bool is_literal = netmcu_ip_parse(host, &peer) == 0;

  netmcu__stream_getpeer(stream_of(c), &peer);
  netmcu__trace(&c->object, (netmcu_trace_event){
                                .direction = '>', .what = "connect", .peer = &peer, .name = is_literal ? "" : host});
}

NETMCU__RARE void netmcu__connection_trace_opened(netmcu_connection *c, const char *what)
{
  netmcu_address peer = {.port = 0};
  const char *host = netmcu__stream_path(stream_of(c));

  netmcu__stream_getpeer(stream_of(c), &peer);
  if (peer.family == NETMCU_UNIX && host == NULL)
    host = "unix:";
  netmcu__trace(&c->object, (netmcu_trace_event){.direction = '<', .what = what, .peer = &peer, .name = host});
}
