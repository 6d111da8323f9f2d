/* Receives datagrams for a UDP socket. */
#include "udp/udp_private.h"

void netmcu__udp_on_received(netmcu__stack_socket *socket, const char *data, size_t size, const netmcu_address *from,
                             bool in_batch)
{
  udp_socket *s = udp_socket_of(socket);

  if (s->owner == NULL)
    return;
  if (sockets_of(s)->loopback && netmcu__loopback_returned(s, from, data, size))
    return;
  if (in_batch)
    netmcu__answers_expect(s, from);
  netmcu__udp_received(s->owner, data, size, from);
}

void netmcu__udp_on_batch_ended(netmcu__stack_socket *socket)
{
  netmcu__answers_end(sockets_of(udp_socket_of(socket)));
}
