/* Servers of the system, by libuv. See stack.h. */
#include "base/error.h"
#include "stack/system_stream.h"

int netmcu__system_listener_open(netmcu__stream_group *group, netmcu__stack_listener *listener)
{
  return netmcu__system_stream_init_socket(group, &listener->tcp, NETMCU__ANY_FAMILY);
}

static void on_client(uv_stream_t *stream, int status)
{
  if (status == 0)
    events_of(stream)->client((netmcu__stack_listener *)(void *)stream);
}

/* On Windows, libuv would otherwise take up to 32 clients that nobody has accepted yet. Elsewhere,
 * it takes the next client when the one before is accepted, which server.c relies on. */
static void take_one_at_a_time(netmcu__stack_listener *listener)
{
#ifdef _WIN32
  if (is_tcp(&listener->tcp))
    uv_tcp_simultaneous_accepts(&listener->tcp, 0);
#else
  (void)listener;
#endif
}

static int start_listening(netmcu__stack_listener *listener, int backlog)
{
  take_one_at_a_time(listener);
  int error = uv_listen((uv_stream_t *)&listener->tcp, backlog, on_client);

  if (error == 0 && is_tcp(&listener->tcp))
    uv_tcp_nodelay(&listener->tcp, 1); /* its clients inherit it */
  return netmcu__error(error);
}

/* Without this flag, libuv makes an IPv6 socket take IPv4 as well. */
static int bind_listener(netmcu__stack_listener *listener, const netmcu_address *address)
{
  const netmcu_address of_ipv4 = {.port = address->port};
  bool is_any = address->family == NETMCU__ANY_FAMILY;
  netmcu__sockaddr sockaddr = netmcu__sockaddr_of(is_any && !NETMCU__HAS_DUAL_SOCKETS ? &of_ipv4 : address);
  int error = uv_tcp_bind(&listener->tcp, &sockaddr.any, address->family == NETMCU_IPV6 ? UV_TCP_IPV6ONLY : 0);

  if (is_any && netmcu__has_no_ipv6(error)) {
    sockaddr = netmcu__sockaddr_of(&of_ipv4);
    error = uv_tcp_bind(&listener->tcp, &sockaddr.any, 0);
  }
  return error;
}

int netmcu__system_listener_listen(netmcu__stack_listener *listener, const netmcu_address *address, int backlog)
{
  int error = bind_listener(listener, address);

  return error ? netmcu__error(error) : start_listening(listener, backlog);
}

int netmcu__system_listener_listen_path(netmcu__stream_group *group, netmcu__stack_listener *listener, const char *path,
                                        int backlog)
{
  netmcu__system_stream_init_path(group, &listener->tcp);
  int error = netmcu__path_bind((uv_stream_t *)&listener->tcp, path, &listener->file);
  return error ? error : start_listening(listener, backlog);
}

int netmcu__system_listener_adopt(netmcu__stream_group *group, netmcu__stack_listener *listener, intptr_t descriptor,
                                  int backlog)
{
  uv_os_sock_t socket = (uv_os_sock_t)descriptor;

  netmcu__system_stream_init(group, &listener->tcp);
  int error = netmcu__system_stream_check(socket, false);
  if (error == 0 && listen(socket, backlog))
    error = netmcu__socket_error(); /* before libuv owns the descriptor */
  if (error == 0)
    error = netmcu__error(uv_tcp_open(&listener->tcp, socket));
  return error ? error : start_listening(listener, backlog);
}

int netmcu__system_listener_get_address(const netmcu__stack_listener *listener, netmcu_address *address)
{
  return netmcu__system_stream_name(uv_tcp_getsockname, &listener->tcp, address);
}

static void init_client(const netmcu__stack_listener *listener, netmcu__stream_group *group,
                        netmcu__stack_stream *stream)
{
  if (is_tcp(&listener->tcp))
    netmcu__system_stream_init(group, &stream->tcp);
  else
    netmcu__system_stream_init_path(group, &stream->tcp);
}

int netmcu__system_listener_accept(netmcu__stack_listener *listener, netmcu__stream_group *group,
                                   netmcu__stack_stream *stream)
{
  init_client(listener, group, stream);
  return netmcu__error(uv_accept((uv_stream_t *)&listener->tcp, (uv_stream_t *)&stream->tcp));
}

static void end_listener(netmcu__stack_listener *listener)
{
  if (listener->closed && !listener->refusing)
    events_of(listener)->listener_closed(listener);
}

static void on_listener_closed(uv_handle_t *handle)
{
  netmcu__stack_listener *listener = netmcu__container(handle, netmcu__stack_listener, tcp);
  netmcu_t *ctx = netmcu__group_of(handle)->stack->ctx;

  listener->closed = true;
  end_listener(listener);
  netmcu__handle_closed(ctx);
}

static void on_refused_closed(uv_handle_t *handle)
{
  netmcu__stack_listener *listener = netmcu__container(handle, netmcu__stack_listener, refused);
  netmcu_t *ctx = netmcu__group_of(handle)->stack->ctx;

  listener->refusing = false;
  if (!uv_is_closing((uv_handle_t *)&listener->tcp) && listener->another)
    events_of(listener)->client(listener);
  end_listener(listener);
  netmcu__handle_closed(ctx);
}

/* libuv takes no further client before this one is accepted. */
void netmcu__system_listener_refuse(netmcu__stack_listener *listener)
{
  listener->another = listener->refusing;
  if (listener->refusing)
    return;
  init_client(listener, netmcu__group_of(listener), &listener->refused);
  listener->refusing = true;
  uv_accept((uv_stream_t *)&listener->tcp, (uv_stream_t *)&listener->refused.tcp);
  uv_close((uv_handle_t *)&listener->refused.tcp, on_refused_closed);
}

void netmcu__system_listener_close(netmcu__stack_listener *listener)
{
  netmcu__path_remove(&listener->file); /* while it still listens, so nobody takes the file for a stale one */
  uv_close((uv_handle_t *)&listener->tcp, on_listener_closed);
}
