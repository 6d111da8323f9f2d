/* What a UDP socket sends: at once where the system has room, else queued; answers to a batch are gathered and go out
 * together. See socket_private.h. */
#include <string.h>

#include "udp/socket_private.h"

/* ---- queueing ------------------------------------------------------------------------------------------- */

/* What waits for room takes no more memory than this: peers that make us answer may do so faster than the network takes it. */
#define QUEUE_SIZE ((size_t)4 << 20)

typedef struct sending {
  uv_udp_send_t request;
  size_t size; /* of all this */
  char data[];
} sending;

static void queue_sent(uv_udp_send_t *request, int status)
{
  udp_socket *s = netmcu__container(request->handle, udp_socket, handle);

  (void)status; /* datagrams may be lost */
  sending *copy = netmcu__container(request, sending, request);
  s->queued--;
  s->queued_bytes -= copy->size;
  netmcu__release(s->ctx, copy);
  if (uv_is_closing((uv_handle_t *)&s->handle))
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

static int queue(udp_socket *s, const struct sockaddr_in *to, const void *data, size_t size)
{
  size_t whole = sizeof(sending) + size;
  sending *copy = whole <= QUEUE_SIZE - s->queued_bytes ? netmcu__allocate(s->ctx, whole) : NULL;

  if (copy == NULL)
    return NETMCU_ENOMEM;
  copy->size = whole;
  if (size)
    memcpy(copy->data, data, size);
  uv_buf_t buffer = uv_buf_init(copy->data, (unsigned)size);
  int error = uv_udp_send(&copy->request, &s->handle, &buffer, 1, (const struct sockaddr *)to, queue_sent);
  if (error) {
    netmcu__release(s->ctx, copy);
    return netmcu__error(error);
  }
  s->queued++;
  s->queued_bytes += whole;
  return 0;
}

/* ---- answering in batches ------------------------------------------------------------------------------- */

#if NETMCU__UDP_GATHERS

/* What has to wait is copied once more; without memory it is lost, as datagrams may be. */
static void send_later(udp_socket *s, const netmcu__gathered *datagram)
{
  int error = queue(s, &datagram->to, datagram->data, datagram->size);

  if (error && s->owner)
    netmcu__udp_sent(s->owner);
}

void netmcu__udp_flush(struct netmcu__datagrams *d)
{
  udp_socket *s = d->batch;
  uv_os_fd_t fd;

  if (s == NULL || d->gather == NULL || netmcu__gather_count(d->gather) == 0)
    return;
  uv_fileno((const uv_handle_t *)&s->handle, &fd);
  unsigned done = netmcu__gather_send(d->gather, fd);
  for (unsigned i = 0; i < done && s->owner; i++)
    netmcu__udp_sent(s->owner);
  for (unsigned i = done; i < netmcu__gather_count(d->gather); i++) {
    netmcu__gathered datagram;
    netmcu__gather_get(d->gather, i, &datagram);
    send_later(s, &datagram);
  }
  netmcu__gather_clear(d->gather);
}

void netmcu__udp_batch_ended(struct netmcu__datagrams *d)
{
  netmcu__udp_flush(d);
  d->batch = NULL;
  d->handled = 0;
}

/* Answers only: elsewhere an error of the network is the caller's to know. */
static bool is_answer(const udp_socket *s, const struct netmcu__datagrams *d, const netmcu_address *to)
{
  return d->batch == s && s->queued == 0 && netmcu__same_address(to, &d->heard);
}

static bool gather(udp_socket *s, const netmcu_address *to, const struct sockaddr_in *sockaddr, const void *data,
                   size_t size)
{
  struct netmcu__datagrams *d = datagrams_of(s);

  if (!is_answer(s, d, to)) {
    netmcu__udp_flush(d);
    return false;
  }
  if (d->gather == NULL)
    d->gather = netmcu__gather_new(s->ctx);
  if (d->gather == NULL)
    return false;
  if (netmcu__gather_add(d->gather, sockaddr, data, size))
    return true;
  netmcu__udp_flush(d);
  return s->queued == 0 && netmcu__gather_add(d->gather, sockaddr, data, size);
}

#else

void netmcu__udp_flush(struct netmcu__datagrams *d)
{
  (void)d;
}

void netmcu__udp_batch_ended(struct netmcu__datagrams *d)
{
  (void)d;
}

#define gather(s, to, sockaddr, data, size) false

#endif

/* ---- sending -------------------------------------------------------------------------------------------- */

/* libuv's buffers are not const, since they serve for receiving too. */
static uv_buf_t buffer_of(const void *data, size_t size)
{
  union {
    const void *given;
    char *taken;
  } base = {data};

  return uv_buf_init(base.taken, (unsigned)size);
}

static int send_now(udp_socket *s, const struct sockaddr_in *to, const void *data, size_t size)
{
  uv_buf_t buffer = buffer_of(data, size);

  int error = uv_udp_try_send(&s->handle, &buffer, 1, (const struct sockaddr *)to);
  if (error == UV_EAGAIN)
    return queue(s, to, data, size);
  if (error < 0)
    return netmcu__error(error);
  netmcu__udp_sent(s->owner);
  return 0;
}

int netmcu__udp_send(udp_socket *s, const netmcu_address *to, const void *data, size_t size)
{
  struct sockaddr_in sockaddr = netmcu__sockaddr(to);

  int error = gather(s, to, &sockaddr, data, size) ? 0 : send_now(s, &sockaddr, data, size);
  if (error < 0)
    return error;
  netmcu__own_sent(s->ctx, &datagrams_of(s)->own, to, s->address.port, data, size);
  return 0;
}
