/* What comes to a UDP socket: many datagrams with one call of the system, where libuv can. See socket_private.h. */
#include "udp/socket_private.h"

/* libuv receives as many datagrams at once as slots of 64 KiB fit in the buffer, and 20 at the most. Only the pages
 * that datagrams reach are ever touched. */
#define BATCH_SIZE (20 * 64 * 1024)

static char *batch_buffer(udp_socket *s)
{
#if NETMCU__UDP_BATCHES
  struct netmcu__datagrams *d = datagrams_of(s);

  if (!uv_udp_using_recvmmsg(&s->handle))
    return NULL;
  if (d->buffer == NULL)
    d->buffer = netmcu__resize(s->ctx, NULL, BATCH_SIZE);
  return d->buffer;
#else
  (void)s;
  return NULL;
#endif
}

/* Without any memory libuv calls `received` with UV_ENOBUFS, and the datagrams wait in the system. */
static void provide_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
  udp_socket *s = netmcu__container(handle, udp_socket, handle);

  (void)suggested;
  *buffer = uv_buf_init(batch_buffer(s), BATCH_SIZE);
  if (buffer->base == NULL)
    *buffer = uv_buf_init(netmcu__buffer(s->ctx), NETMCU__BUFFER_SIZE);
}

/* `from` is NULL for an error, for the end of what there is, and for the end of a batch, whose buffer is the context's
 * to keep. A socket that is abandoned in the middle of a batch has stopped receiving: libuv drops the rest. */
static void received(uv_udp_t *handle, ssize_t size, const uv_buf_t *buffer, const struct sockaddr *from,
                     unsigned flags)
{
  udp_socket *s = netmcu__container(handle, udp_socket, handle);
  struct netmcu__datagrams *d = datagrams_of(s);

  if (from == NULL)
    netmcu__udp_batch_ended(d);
  if (size < 0 || from == NULL || s->owner == NULL)
    return;
  netmcu_address address = netmcu__address((const struct sockaddr_in *)(const void *)from);
  if (d->own && netmcu__own_returned(s->ctx, d->own, &address, s->address.port, buffer->base, (size_t)size))
    return;
  batch_goes_on(s, d, &address, flags);
  netmcu__udp_received(s->owner, buffer->base, (size_t)size, &address);
}

int netmcu__udp_start_receiving(udp_socket *s)
{
  return uv_udp_recv_start(&s->handle, provide_buffer, received);
}
