/* The system's datagrams, by libuv. Where the system can, one call receives or sends many of
 * them. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sendmmsg */
#endif
#include <errno.h>
#include <string.h>

#include "base/address.h"
#include "base/error.h"
#include "base/memory.h"
#include "stack/system_datagram.h"

/* libuv 1.40 and later report the end of a batch. */
#define HAS_BATCHES (UV_VERSION_HEX >= ((1 << 16) | (40 << 8)))

#if HAS_BATCHES && (defined(__linux__) || defined(__FreeBSD__))
#define HAS_SENDMMSG 1
#else
#define HAS_SENDMMSG 0
#endif

/* libuv receives as many datagrams at once as slots of 64 KiB fit into the buffer, but not more
 * than 20. */
#define BATCH_BUFFER_SIZE (NETMCU__BATCH * 64 * 1024)

/* What the calls for many datagrams need. All sockets share it, as none of them uses it after its
 * call. */
struct netmcu__batch {
#if HAS_SENDMMSG
  struct mmsghdr messages[NETMCU__BATCH]; /* to send, each with the address and the part below */
  netmcu__sockaddr addresses[NETMCU__BATCH];
  struct iovec parts[NETMCU__BATCH];
#endif
  char buffer[BATCH_BUFFER_SIZE]; /* to receive */
};

static netmcu_t *context_of(const netmcu__stack_socket *s)
{
  return s->group->stack->ctx;
}

/* ---- opening and closing --------------------------------------------------------------------- */

static int init_socket(netmcu__datagram_group *group, netmcu__stack_socket *s, uint16_t family)
{
  unsigned flags = family == NETMCU_IPV4 ? AF_INET : AF_INET6;

#if HAS_BATCHES
  flags |= UV_UDP_RECVMMSG;
#endif
  int error = uv_udp_init_ex(netmcu_get_loop(group->stack->ctx), &s->handle, flags);
  s->is_ipv6 = family != NETMCU_IPV4;
  return error;
}

static int open_socket(netmcu__datagram_group *group, netmcu__stack_socket *s, uint16_t family)
{
  bool is_any = family == NETMCU__ANY_FAMILY;
  int error = init_socket(group, s, is_any && !NETMCU__HAS_DUAL_SOCKETS ? NETMCU_IPV4 : family);

  if (is_any && netmcu__has_no_ipv6(error))
    error = init_socket(group, s, NETMCU_IPV4);
  if (error)
    return netmcu__error(error);
  netmcu__handle_opened(group->stack->ctx);
  s->group = group;
  netmcu__system_datagram_own_groups_only(s);
  if (s->is_ipv6) {
    const int is_ipv6_only = family == NETMCU_IPV6;
    netmcu__system_datagram_set_option(s, IPPROTO_IPV6, IPV6_V6ONLY, &is_ipv6_only, sizeof(is_ipv6_only));
  }
  return 0;
}

static int bind_socket(netmcu__stack_socket *s, netmcu_address *address, bool is_shared)
{
  if (address->family == NETMCU__ANY_FAMILY && !s->is_ipv6)
    address->family = NETMCU_IPV4;
  netmcu__sockaddr sockaddr = netmcu__sockaddr_of(address);
  int size = sizeof(sockaddr);

#ifdef _WIN32 /* Windows binds to no group; joining it has the same effect. */
  if (netmcu__is_group(address) && s->is_ipv6)
    sockaddr.ipv6.sin6_addr = in6addr_any;
  else if (netmcu__is_group(address))
    sockaddr.ipv4.sin_addr.s_addr = INADDR_ANY;
#endif
  int error = uv_udp_bind(&s->handle, &sockaddr.any, is_shared ? UV_UDP_REUSEADDR : 0);
  if (error == 0)
    error = uv_udp_set_broadcast(&s->handle, 1);
  if (error == 0)
    error = uv_udp_getsockname(&s->handle, &sockaddr.any, &size);
  if (error)
    return netmcu__error(error);
  netmcu_address bound = netmcu__address(&sockaddr.any);
  if (address->family == NETMCU__ANY_FAMILY)
    bound.family = NETMCU__ANY_FAMILY;
  *address = bound;
  return 0;
}

static int connect_socket(netmcu__stack_socket *s, const netmcu_address *to)
{
  netmcu__sockaddr sockaddr = netmcu__sockaddr_of(to);
  int error = uv_udp_connect(&s->handle, &sockaddr.any);

  s->is_connected = error == 0;
  return netmcu__error(error);
}

static void on_close(uv_handle_t *handle)
{
  netmcu__stack_socket *s = netmcu__container(handle, netmcu__stack_socket, handle);
  netmcu_t *ctx = context_of(s);

  s->group->events->closed(s);
  netmcu__handle_closed(ctx);
}

/* libuv would go on to deliver a batch in the middle of which the socket is closed. */
static void close_socket(netmcu__stack_socket *s)
{
  uv_udp_recv_stop(&s->handle);
  uv_close((uv_handle_t *)&s->handle, on_close);
}

/* ---- receiving ------------------------------------------------------------------------------- */

#if HAS_BATCHES

/* Only the pages of the buffer that datagrams reach are ever touched, so it must not be zeroed. */
static struct netmcu__batch *new_batch(netmcu_t *ctx)
{
  struct netmcu__batch *batch = netmcu__resize(ctx, NULL, sizeof(*batch));

#if HAS_SENDMMSG
  for (unsigned i = 0; batch && i < NETMCU__BATCH; i++) {
    batch->messages[i].msg_hdr = (struct msghdr){.msg_iov = &batch->parts[i], .msg_iovlen = 1};
  }
#endif
  return batch;
}

static char *batch_buffer(netmcu__stack_socket *s)
{
  netmcu__system *system = netmcu__system_of(s->group->stack);

  if (!uv_udp_using_recvmmsg(&s->handle))
    return NULL;
  if (system->batch == NULL)
    system->batch = new_batch(context_of(s));
  return system->batch ? system->batch->buffer : NULL;
}

#else

static char *batch_buffer(netmcu__stack_socket *s)
{
  (void)s;
  return NULL;
}

#endif

/* Without any memory libuv calls on_receive with UV_ENOBUFS, and the datagrams stay in the
 * system. */
static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
  netmcu__stack_socket *s = netmcu__container(handle, netmcu__stack_socket, handle);

  (void)suggested;
  *buffer = uv_buf_init(batch_buffer(s), BATCH_BUFFER_SIZE);
  if (buffer->base == NULL)
    *buffer = uv_buf_init(netmcu__buffer(context_of(s)), NETMCU__BUFFER_SIZE);
}

/* `from` is NULL for an error, at the end of a batch, and when no datagram is left. A socket that
 * stops receiving in the middle of a batch loses the rest of it. */
static void on_receive(uv_udp_t *handle, ssize_t size, const uv_buf_t *buffer, const struct sockaddr *from,
                       unsigned flags)
{
  netmcu__stack_socket *s = netmcu__container(handle, netmcu__stack_socket, handle);
  const netmcu__datagram_events *events = s->group->events;

  if (from == NULL) {
    if (size < 0 && size != UV_ENOBUFS && s->is_connected)
      events->failed(s);
    else
      events->batch_ended(s);
    return;
  }
  netmcu_address address = netmcu__address(from);
#if HAS_SENDMMSG
  bool in_batch = (flags & UV_UDP_MMSG_CHUNK) != 0;
#else
  bool in_batch = false;
  (void)flags;
#endif
  events->received(s, buffer->base, (size_t)size, &address, in_batch);
#ifdef _WIN32 /* libuv reads one datagram at a time, and does not say when none is left. */
  if (uv_is_active((const uv_handle_t *)handle))
    events->batch_ended(s);
#endif
}

static int start_receiving(netmcu__stack_socket *s)
{
  return netmcu__error(uv_udp_recv_start(&s->handle, on_allocate, on_receive));
}

static void stop_receiving(netmcu__stack_socket *s)
{
  uv_udp_recv_stop(&s->handle);
}

/* ---- sending --------------------------------------------------------------------------------- */

/* libuv's buffers and the system's are not const, because they serve for receiving too. */
static void *without_const(const void *data)
{
  union {
    const void *given;
    void *taken;
  } pointer = {data};

  return pointer.taken;
}

/* An IPv6 socket knows an IPv4 address as ::ffff:192.0.2.1. */
static netmcu__sockaddr sockaddr_for(const netmcu__stack_socket *s, const netmcu_address *to)
{
  netmcu_address mapped = {.port = to->port, .family = NETMCU_IPV6};

  if (!netmcu__rarely(s->is_ipv6) || to->family != NETMCU_IPV4)
    return netmcu__sockaddr_of(to);
  netmcu__get_ipv6(to, mapped.ip);
  return netmcu__sockaddr_of(&mapped);
}

static int send_one(netmcu__stack_socket *s, const netmcu__datagram *datagram)
{
  netmcu__sockaddr to = sockaddr_for(s, &datagram->to);
  uv_buf_t buffer = uv_buf_init(without_const(datagram->data), (unsigned)datagram->size);

  int error = uv_udp_try_send(&s->handle, &buffer, 1, s->is_connected ? NULL : &to.any);
  if (error == UV_EAGAIN)
    return 0;
  return error < 0 ? netmcu__error(error) : 1;
}

#if HAS_SENDMMSG

static void set_address(struct msghdr *header, const netmcu__stack_socket *s, const netmcu_address *to,
                        netmcu__sockaddr *sockaddr)
{
  header->msg_name = s->is_connected ? NULL : sockaddr;
  header->msg_namelen = 0;
  if (s->is_connected)
    return;
  *sockaddr = sockaddr_for(s, to);
  header->msg_namelen = sockaddr->any.sa_family == AF_INET ? sizeof(sockaddr->ipv4) : sizeof(sockaddr->ipv6);
}

static int send_together(netmcu__stack_socket *s, struct netmcu__batch *batch, const netmcu__datagram *datagrams,
                         unsigned count)
{
  uv_os_fd_t fd;
  int sent;

  for (unsigned i = 0; i < count; i++) {
    set_address(&batch->messages[i].msg_hdr, s, &datagrams[i].to, &batch->addresses[i]);
    batch->parts[i].iov_base = without_const(datagrams[i].data);
    batch->parts[i].iov_len = datagrams[i].size;
  }
  uv_fileno((const uv_handle_t *)&s->handle, &fd);
  do
    sent = sendmmsg(fd, batch->messages, count, 0);
  while (sent < 0 && errno == EINTR);
  if (sent >= 0)
    return sent;
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS ? 0 : netmcu__socket_error();
}

#endif

static int send_one_by_one(netmcu__stack_socket *s, const netmcu__datagram *datagrams, unsigned count)
{
  unsigned sent = 0;

  while (sent < count) {
    int result = send_one(s, &datagrams[sent]);
    if (result <= 0)
      return sent ? (int)sent : result;
    sent++;
  }
  return (int)sent;
}

static int send_datagrams(netmcu__stack_socket *s, const netmcu__datagram *datagrams, unsigned count)
{
#if HAS_SENDMMSG
  struct netmcu__batch *batch = netmcu__system_of(s->group->stack)->batch;

  if (count > 1 && batch) /* What waits in libuv's queue goes first. */
    return uv_udp_get_send_queue_count(&s->handle) ? 0 : send_together(s, batch, datagrams, count);
#endif
  return send_one_by_one(s, datagrams, count);
}

static void on_sent(uv_udp_send_t *request, int status)
{
  netmcu__stack_socket *s = netmcu__container(request->handle, netmcu__stack_socket, handle);

  (void)status; /* Datagrams may be lost. */
  s->group->events->sent(s, request);
}

static int send_later(netmcu__stack_socket *s, void *request, const netmcu__datagram *datagram)
{
  netmcu__sockaddr to = sockaddr_for(s, &datagram->to);
  uv_buf_t buffer = uv_buf_init(without_const(datagram->data), (unsigned)datagram->size);

  return netmcu__error(uv_udp_send(request, &s->handle, &buffer, 1, s->is_connected ? NULL : &to.any, on_sent));
}

const netmcu__datagram_operations netmcu__system_datagrams = {
    .socket_size = sizeof(netmcu__stack_socket),
    .request_size = sizeof(uv_udp_send_t),
    .open = open_socket,
    .bind = bind_socket,
    .connect = connect_socket,
    .start_receiving = start_receiving,
    .stop_receiving = stop_receiving,
    .send = send_datagrams,
    .send_later = send_later,
    .close = close_socket,
    .ttl = netmcu__system_datagram_ttl,
    .set_membership = netmcu__system_datagram_set_membership,
    .set_multicast_interface = netmcu__system_datagram_set_interface,
};
