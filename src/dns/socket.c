/* See socket.h. */
#include "dns/socket.h"

#include "base/memory.h"

struct netmcu__dns_socket {
  uv_udp_t handle;
  netmcu_t *ctx;
  unsigned server;
  netmcu__dns_socket_cb cb;
  void *data;
};

/* Without memory the datagrams wait in the system. */
static void provide_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
  netmcu__dns_socket *s = netmcu__container(handle, netmcu__dns_socket, handle);

  (void)suggested;
  *buffer = uv_buf_init(netmcu__buffer(s->ctx), NETMCU__BUFFER_SIZE);
}

/* `from` is NULL if there was nothing to read, or an error. */
static void on_datagram(uv_udp_t *handle, ssize_t size, const uv_buf_t *buffer, const struct sockaddr *from,
                        unsigned flags)
{
  netmcu__dns_socket *s = netmcu__container(handle, netmcu__dns_socket, handle);

  (void)flags;
  if (size < 0 && size != UV_ENOBUFS)
    s->cb(s->data, s->server, NULL, 0);
  else if (size >= 0 && from)
    s->cb(s->data, s->server, (const uint8_t *)buffer->base, (size_t)size);
}

static void on_closed(uv_handle_t *handle)
{
  netmcu__dns_socket *s = netmcu__container(handle, netmcu__dns_socket, handle);
  netmcu_t *ctx = s->ctx;

  netmcu__release(ctx, s);
  netmcu__handle_closed(ctx);
}

netmcu__dns_socket *netmcu__dns_socket_open(netmcu_t *ctx, const netmcu__server_address *address, unsigned server,
                                            netmcu__dns_socket_cb cb, void *data, int *error)
{
  netmcu__dns_socket *s = netmcu__allocate(ctx, sizeof(*s));

  *error = s ? uv_udp_init(netmcu_loop(ctx), &s->handle) : UV_ENOMEM;
  if (*error) {
    netmcu__release(ctx, s);
    return NULL;
  }
  s->ctx = ctx;
  s->server = server;
  s->cb = cb;
  s->data = data;
  netmcu__handle_opened(ctx);
  *error = uv_udp_connect(&s->handle, &address->any);
  if (*error == 0)
    *error = uv_udp_recv_start(&s->handle, provide_buffer, on_datagram);
  if (*error) {
    netmcu__dns_socket_close(s);
    return NULL;
  }
  return s;
}

int netmcu__dns_socket_send(netmcu__dns_socket *s, uint8_t *message, size_t size)
{
  uv_buf_t buffer = uv_buf_init((char *)message, (unsigned)size);
  int sent = uv_udp_try_send(&s->handle, &buffer, 1, NULL);

  return sent < 0 ? sent : 0;
}

void netmcu__dns_socket_close(netmcu__dns_socket *s)
{
  uv_close((uv_handle_t *)&s->handle, on_closed);
}
