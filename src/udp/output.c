/* What a UDP socket sends: at once if there is room, or else later, in order. */
#include <string.h>

#include "udp/udp_private.h"

/* The most memory that waiting datagrams take: peers may ask for answers faster than the network
 * takes them. */
#define QUEUE_SIZE ((size_t)4 << 20)

/* A datagram that waits for room. The stack's request and the data follow. */
typedef struct waiting {
  _Alignas(max_align_t) size_t size; /* of the whole block */
} waiting;

void netmcu__udp_on_sent(netmcu__stack_socket *socket, void *request)
{
  udp_socket *s = udp_socket_of(socket);
  waiting *w = (waiting *)request - 1;

  s->queued--;
  s->queued_bytes -= w->size;
  netmcu__release(context_of(s), w);
  if (s->is_closing)
    return;
  if (s->owner && s->inherited > 0)
    s->inherited--;
  else if (s->owner)
    netmcu__udp_sent(s->owner);
  else if (s->queued == 0)
    netmcu__udp_close(s);
  else
    netmcu__udp_limit_draining(s);
}

int netmcu__udp_enqueue(udp_socket *s, const netmcu__datagram *datagram)
{
  const netmcu__datagram_operations *operations = sockets_of(s)->group.operations;
  size_t size = sizeof(waiting) + operations->request_size + datagram->size;
  waiting *w = size <= QUEUE_SIZE - s->queued_bytes ? netmcu__allocate(context_of(s), size) : NULL;
  netmcu__datagram copy = *datagram;

  if (w == NULL)
    return NETMCU_ENOMEM;
  w->size = size;
  char *data = (char *)(w + 1) + operations->request_size;
  copy.data = data;
  if (copy.size)
    memcpy(data, datagram->data, copy.size);
  int error = operations->send_later(stack_socket_of(s), w + 1, &copy);
  if (error) {
    netmcu__release(context_of(s), w);
    return error;
  }
  s->queued++;
  s->queued_bytes += size;
  return 0;
}

static int send_now(udp_socket *s, const netmcu__datagram *datagram)
{
  int sent = sockets_of(s)->group.operations->send(stack_socket_of(s), datagram, 1);

  if (sent == 0)
    return netmcu__udp_enqueue(s, datagram);
  if (sent < 0)
    return sent;
  netmcu__udp_sent(s->owner);
  return 0;
}

int netmcu__udp_send(udp_socket *s, const netmcu_address *to, const void *data, size_t size)
{
  netmcu__datagram datagram = {*to, data, size};

  int error = netmcu__answers_take(s, &datagram) ? 0 : send_now(s, &datagram);
  if (error == 0)
    netmcu__loopback_sent(s, &datagram);
  return error;
}
