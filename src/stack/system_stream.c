/* TCP of the system, by libuv. See stack.h. */
#ifdef __linux__
#include <linux/sockios.h>
#include <sys/ioctl.h>
#endif
#ifndef _WIN32
#include <sys/socket.h>
#endif

#include "base/error.h"
#include "base/memory.h"
#include "stack/system_stream.h"

typedef union request {
  uv_connect_t connect;
  uv_write_t write;
} request;

/* ---- for streams and listeners --------------------------------------------------------------- */

void netmcu__system_stream_init(netmcu__stream_group *group, uv_tcp_t *tcp)
{
  uv_tcp_init(netmcu__system_loop(group->stack), tcp);
  tcp->data = group;
  netmcu__handle_opened(group->stack->ctx);
}

void netmcu__system_stream_init_path(netmcu__stream_group *group, uv_tcp_t *tcp)
{
#ifdef _WIN32
  uv_pipe_init(netmcu__system_loop(group->stack), (uv_pipe_t *)(void *)tcp, 0);
  tcp->data = group;
  netmcu__handle_opened(group->stack->ctx);
#else
  netmcu__system_stream_init(group, tcp);
#endif
}

/* Creates the socket at once if the family is known, so that this call fails if no descriptor is
 * left. */
int netmcu__system_stream_init_socket(netmcu__stream_group *group, uv_tcp_t *tcp, uint16_t family)
{
  unsigned of_system = family == NETMCU_IPV4 ? AF_INET : family == NETMCU_IPV6 ? AF_INET6 : AF_UNSPEC;
  int error = uv_tcp_init_ex(netmcu__system_loop(group->stack), tcp, of_system);

  if (error)
    return netmcu__error(error);
  tcp->data = group;
  netmcu__handle_opened(group->stack->ctx);
  return 0;
}

/* libuv does not check what a descriptor is. */
int netmcu__system_stream_check(uv_os_sock_t socket, bool is_connected)
{
  struct sockaddr_storage peer;
  int type = 0;
  socklen_t size = sizeof(type), peer_size = sizeof(peer);

  if (getsockopt(socket, SOL_SOCKET, SO_TYPE, (void *)&type, &size) ||
      (is_connected && getpeername(socket, (struct sockaddr *)&peer, &peer_size)))
    return netmcu__socket_error();
  return type == SOCK_STREAM ? 0 : NETMCU_EVALUE;
}

int netmcu__system_stream_name(int (*get)(const uv_tcp_t *, struct sockaddr *, int *), const uv_tcp_t *tcp,
                               netmcu_address *address)
{
  netmcu__sockaddr sockaddr = {.any = {.sa_family = AF_UNIX}};
  int size = sizeof(sockaddr);
  int error = is_tcp(tcp) ? get(tcp, &sockaddr.any, &size) : 0;

  if (error)
    return netmcu__error(error);
  *address = netmcu__address(&sockaddr.any);
  return 0;
}

/* ---- connecting ------------------------------------------------------------------------------ */

/* Output is gathered above, so Nagle's algorithm would only delay it. */
static int open_stream(netmcu__stream_group *group, netmcu__stack_stream *stream, uint16_t family)
{
  int error = netmcu__system_stream_init_socket(group, &stream->tcp, family);

  if (error == 0)
    uv_tcp_nodelay(&stream->tcp, 1);
  return error;
}

static void on_connected(uv_connect_t *connect, int status)
{
  netmcu__stack_stream *stream = stream_of(connect->handle);

  if (!uv_is_closing((uv_handle_t *)&stream->tcp))
    events_of(stream)->connected(stream, netmcu__error(status));
}

static int bind_stream(netmcu__stack_stream *stream, const netmcu_address *own)
{
  netmcu__sockaddr sockaddr = netmcu__sockaddr_of(own);

  return netmcu__error(uv_tcp_bind(&stream->tcp, &sockaddr.any, 0));
}

static int connect_stream(netmcu__stack_stream *stream, void *memory, const netmcu_address *to)
{
  netmcu__sockaddr sockaddr = netmcu__sockaddr_of(to);

  return netmcu__error(uv_tcp_connect(&((request *)memory)->connect, &stream->tcp, &sockaddr.any, on_connected));
}

static void open_path(netmcu__stream_group *group, netmcu__stack_stream *stream)
{
  netmcu__system_stream_init_path(group, &stream->tcp);
}

static int connect_path(netmcu__stack_stream *stream, void *memory, const char *path)
{
  return netmcu__path_connect((uv_stream_t *)&stream->tcp, &((request *)memory)->connect, path, on_connected);
}

static int adopt(netmcu__stream_group *group, netmcu__stack_stream *stream, intptr_t descriptor)
{
  uv_os_sock_t socket = (uv_os_sock_t)descriptor;

  netmcu__system_stream_init(group, &stream->tcp);
  int error = netmcu__system_stream_check(socket, true);
  if (error == 0)
    error = netmcu__error(uv_tcp_open(&stream->tcp, socket));
  if (error == 0)
    uv_tcp_nodelay(&stream->tcp, 1);
  return error;
}

/* ---- reading --------------------------------------------------------------------------------- */

static void on_buffer_wanted(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
  (void)suggested;
  *buf = uv_buf_init(netmcu__buffer(netmcu__group_of(handle)->stack->ctx), NETMCU__BUFFER_SIZE);
}

static void on_read(uv_stream_t *handle, ssize_t size, const uv_buf_t *buf)
{
  netmcu__stack_stream *stream = stream_of(handle);

  if (size > 0)
    events_of(stream)->received(stream, buf->base, (size_t)size);
  else if (size == UV_EOF)
    events_of(stream)->finished(stream);
  else if (size < 0)
    events_of(stream)->failed(stream, netmcu__error((int)size));
}

static void start_reading(netmcu__stack_stream *stream)
{
  uv_read_start((uv_stream_t *)&stream->tcp, on_buffer_wanted, on_read);
}

static void stop_reading(netmcu__stack_stream *stream)
{
  uv_read_stop((uv_stream_t *)&stream->tcp);
}

/* What libuv takes for the peer's FIN may be a reset that came together with the last data. The
 * socket knows. */
static int end_reason(const netmcu__stack_stream *stream)
{
  int error = 0;
#ifndef _WIN32
  socklen_t size = sizeof(error);
  uv_os_fd_t fd;

  if (uv_fileno((const uv_handle_t *)&stream->tcp, &fd) || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
    return 0;
#else
  (void)stream;
#endif
  return error ? netmcu__error(uv_translate_sys_error(error)) : 0;
}

#ifdef MSG_DONTWAIT
static bool has_ended(const netmcu__stack_stream *stream)
{
  uv_os_fd_t fd;
  char byte;

  return uv_fileno((const uv_handle_t *)&stream->tcp, &fd) == 0 && recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}
#endif

/* ---- writing --------------------------------------------------------------------------------- */

static void to_bufs(uv_buf_t *bufs, const netmcu_piece *pieces, unsigned count)
{
  for (unsigned i = 0; i < count; i++)
    bufs[i] = uv_buf_init((char *)(uintptr_t)pieces[i].data, (unsigned)pieces[i].size);
}

#ifdef MSG_MORE
/* The last bytes before the FIN share its packet if the system is told. */
static ptrdiff_t write_last(netmcu__stack_stream *stream, const netmcu_piece *piece)
{
  uv_os_fd_t fd;

  if (uv_fileno((uv_handle_t *)&stream->tcp, &fd))
    return 0;
  ssize_t size = send(fd, piece->data, piece->size, MSG_MORE | MSG_NOSIGNAL | MSG_DONTWAIT);
  return size > 0 ? size : 0; /* the next write returns the error again */
}
#endif

static ptrdiff_t write_pieces(netmcu__stack_stream *stream, const netmcu_piece *pieces, unsigned count, bool last)
{
  uv_buf_t bufs[NETMCU__PIECES];

#ifdef MSG_MORE
  if (last)
    return write_last(stream, pieces);
#endif
  (void)last;
  to_bufs(bufs, pieces, count);
  int size = uv_try_write((uv_stream_t *)&stream->tcp, bufs, count);
  return size >= 0 ? size : size == UV_EAGAIN ? 0 : netmcu__error(size);
}

static void on_written(uv_write_t *write, int status)
{
  netmcu__stack_stream *stream = stream_of(write->handle);

  if (!uv_is_closing((uv_handle_t *)&stream->tcp))
    events_of(stream)->written(stream, netmcu__error(status));
}

static int write_later(netmcu__stack_stream *stream, void *memory, const netmcu_piece *pieces, unsigned count)
{
  uv_buf_t bufs[NETMCU__PIECES];

  to_bufs(bufs, pieces, count);
  return netmcu__error(uv_write(&((request *)memory)->write, (uv_stream_t *)&stream->tcp, bufs, count, on_written));
}

/* ---- the end --------------------------------------------------------------------------------- */

/* Does not use uv_shutdown: nothing is queued here, and it would cost a request and a loop
 * iteration. */
static int shut_down(netmcu__stack_stream *stream)
{
  uv_os_fd_t fd;
  int error = uv_fileno((uv_handle_t *)&stream->tcp, &fd);

  if (error)
    return netmcu__error(error);
#ifdef _WIN32
  return shutdown((SOCKET)fd, SD_SEND) ? NETMCU_ENOTCONN : 0;
#else
  return shutdown(fd, SHUT_WR) ? NETMCU_ENOTCONN : 0;
#endif
}

static void on_closed(uv_handle_t *handle)
{
  netmcu_t *ctx = netmcu__group_of(handle)->stack->ctx;

  events_of(handle)->closed(stream_of(handle));
  netmcu__handle_closed(ctx);
}

static void close_stream(netmcu__stack_stream *stream, bool reset)
{
  if (!reset || !is_tcp(&stream->tcp) || uv_tcp_close_reset(&stream->tcp, on_closed))
    uv_close((uv_handle_t *)&stream->tcp, on_closed);
}

/* ---- what it is ------------------------------------------------------------------------------ */

static int get_peer(const netmcu__stack_stream *stream, netmcu_address *address)
{
  return netmcu__system_stream_name(uv_tcp_getpeername, &stream->tcp, address);
}

static int get_address(const netmcu__stack_stream *stream, netmcu_address *address)
{
  return netmcu__system_stream_name(uv_tcp_getsockname, &stream->tcp, address);
}

static int ttl_of_stream(const netmcu__stack_stream *stream, int *ttl)
{
  return netmcu__socket_ttl((const uv_handle_t *)&stream->tcp, ttl);
}

/* Settings of TCP have no effect on a Unix-domain socket. */
static int setting_error(int error)
{
  return error == UV_ENOTSUP ? 0 : netmcu__error(error);
}

static int set_keepalive(netmcu__stack_stream *stream, unsigned seconds)
{
  return is_tcp(&stream->tcp) ? setting_error(uv_tcp_keepalive(&stream->tcp, seconds > 0, seconds)) : 0;
}

static int set_nodelay(netmcu__stack_stream *stream, bool nodelay)
{
  return is_tcp(&stream->tcp) ? setting_error(uv_tcp_nodelay(&stream->tcp, nodelay)) : 0;
}

#ifdef _WIN32
static uint32_t unacknowledged(const netmcu__stack_stream *stream)
{
  netmcu_address own, peer;

  return is_tcp(&stream->tcp) && get_address(stream, &own) == 0 && get_peer(stream, &peer) == 0 &&
         netmcu__system_is_unacknowledged(netmcu__group_of(stream)->stack, &own, &peer);
}
#else
static uint32_t unacknowledged(const netmcu__stack_stream *stream)
{
#if defined(SIOCOUTQ) || defined(SO_NWRITE)
  uv_os_fd_t fd;
  int bytes;

  if (uv_fileno((const uv_handle_t *)&stream->tcp, &fd))
    return 0;
#ifdef SIOCOUTQ
  if (ioctl(fd, SIOCOUTQ, &bytes) == 0)
    return (uint32_t)bytes;
#else
  socklen_t size = sizeof(bytes);
  if (getsockopt(fd, SOL_SOCKET, SO_NWRITE, &bytes, &size) == 0)
    return (uint32_t)bytes;
#endif
#else
  (void)stream;
#endif
  return 0;
}
#endif

const netmcu__stream_operations netmcu__system_streams = {
    .stream_size = sizeof(netmcu__stack_stream),
    .listener_size = sizeof(netmcu__stack_listener),
    .request_size = sizeof(request),
    .reads_into_buffer = true,
    .open = open_stream,
    .bind = bind_stream,
    .connect = connect_stream,
    .start_reading = start_reading,
    .stop_reading = stop_reading,
    .write = write_pieces,
    .write_later = write_later,
    .shut_down = shut_down,
    .close = close_stream,
    .get_peer = get_peer,
    .get_address = get_address,
    .ttl = ttl_of_stream,
    .set_keepalive = set_keepalive,
    .set_nodelay = set_nodelay,
    .unacknowledged = unacknowledged,
    .end_reason = end_reason,
#ifdef MSG_DONTWAIT
    .has_ended = has_ended,
#endif
    .open_listener = netmcu__system_listener_open,
    .listen = netmcu__system_listener_listen,
    .open_path = open_path,
    .connect_path = connect_path,
    .listen_path = netmcu__system_listener_listen_path,
    .adopt = adopt,
    .adopt_listener = netmcu__system_listener_adopt,
    .get_listener_address = netmcu__system_listener_get_address,
    .accept = netmcu__system_listener_accept,
    .refuse = netmcu__system_listener_refuse,
    .close_listener = netmcu__system_listener_close,
};
