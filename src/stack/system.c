/* The system's stack, by libuv. netmcu_new is here because it puts a context on top of it. */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "stack/deadline.h"
#include "stack/system.h"

#if defined(_WIN32)
#define HOSTS_FILE "C:\\Windows\\System32\\drivers\\etc\\hosts"
#elif defined(__ANDROID__)
#define HOSTS_FILE "/system/etc/hosts"
#else
#define HOSTS_FILE "/etc/hosts"
#endif

/* ---- the clock ------------------------------------------------------------------------------- */

static uint64_t now(netmcu__stack *stack)
{
  return uv_now(netmcu__system_loop(stack));
}

static uint64_t time_of_call(netmcu__stack *stack)
{
  (void)stack;
  return uv_hrtime();
}

static void update(netmcu__stack *stack)
{
  uv_update_time(netmcu__system_loop(stack));
}

static void on_timer(uv_timer_t *timer)
{
  netmcu__deadlines_expire(&netmcu__container(timer, netmcu__system, timer)->stack);
}

static void set_timer(netmcu__stack *stack, uint64_t timeout)
{
  uv_timer_start(&netmcu__system_of(stack)->timer, on_timer, timeout, 0);
}

static void stop_timer(netmcu__stack *stack)
{
  uv_timer_stop(&netmcu__system_of(stack)->timer);
}

static void keep_alive(netmcu__stack *stack, bool keep_alive)
{
  uv_handle_t *timer = (uv_handle_t *)&netmcu__system_of(stack)->timer;

  if (keep_alive)
    uv_ref(timer);
  else
    uv_unref(timer);
}

static int get_random(netmcu__stack *stack, void *buffer, size_t size)
{
  (void)stack;
  return netmcu__error(uv_random(NULL, NULL, buffer, size, 0, NULL));
}

static const netmcu__clock system_clock = {now, time_of_call, update, set_timer, stop_timer, keep_alive, get_random};

/* ---- sockets --------------------------------------------------------------------------------- */

int netmcu__socket_error(void)
{
#ifdef _WIN32
  return netmcu__error(uv_translate_sys_error(WSAGetLastError()));
#else
  return netmcu__error(uv_translate_sys_error(errno));
#endif
}

/* An IPv6 socket may have peers of both families. */
int netmcu__socket_ttl(const uv_handle_t *handle, int *ttl)
{
  uv_os_fd_t fd;
  netmcu__sockaddr name = {.any = {.sa_family = AF_INET}};
  socklen_t name_size = sizeof(name), size = sizeof(*ttl);

  if (*ttl == 0 || *ttl < -1 || *ttl > 255)
    return NETMCU_EVALUE;
  int error = uv_fileno(handle, &fd);
  if (error)
    return error == UV_EBADF ? NETMCU_ENOTCONN : netmcu__error(error);
  uv_os_sock_t socket = (uv_os_sock_t)fd;
  getsockname(socket, &name.any, &name_size);
  bool is_ipv6 = name.any.sa_family == AF_INET6;
  if (*ttl > 0 && setsockopt(socket, IPPROTO_IP, IP_TTL, (const void *)ttl, size) && !is_ipv6)
    return NETMCU_EVALUE;
  if (*ttl > 0 && is_ipv6 && setsockopt(socket, IPPROTO_IPV6, IPV6_UNICAST_HOPS, (const void *)ttl, size))
    return NETMCU_EVALUE;
  error = is_ipv6 ? getsockopt(socket, IPPROTO_IPV6, IPV6_UNICAST_HOPS, (void *)ttl, &size)
                  : getsockopt(socket, IPPROTO_IP, IP_TTL, (void *)ttl, &size);
  return error ? NETMCU_EVALUE : 0;
}

/* ---- the stack ------------------------------------------------------------------------------- */

static netmcu__stack *begin(netmcu_t *ctx, void *data)
{
  netmcu__system *system = netmcu__allocate(ctx, sizeof(*system));

  (void)data;
  if (system == NULL)
    return NULL;
  system->stack = (netmcu__stack){.ctx = ctx,
                                  .clock = &system_clock,
                                  .streams = &netmcu__system_streams,
                                  .datagrams = &netmcu__system_datagrams,
                                  .echo = &netmcu__system_echo,
                                  .interfaces = &netmcu__system_interfaces,
                                  .hosts_file = HOSTS_FILE,
                                  .started = uv_hrtime()};
  system->loop = netmcu_get_loop(ctx);
  uv_timer_init(system->loop, &system->timer);
  uv_unref((uv_handle_t *)&system->timer);
  return &system->stack;
}

static void on_timer_closed(uv_handle_t *timer)
{
  netmcu__handle_closed(netmcu__container(timer, netmcu__system, timer)->stack.ctx);
}

static void close_system(netmcu__stack *stack)
{
  netmcu__handle_opened(stack->ctx);
  uv_close((uv_handle_t *)&netmcu__system_of(stack)->timer, on_timer_closed);
}

static void end(netmcu__stack *stack)
{
  netmcu__release(stack->ctx, netmcu__system_of(stack)->batch);
  netmcu__release(stack->ctx, netmcu__system_of(stack)->unacknowledged);
  netmcu__release(stack->ctx, stack);
}

netmcu_t *netmcu_new(uv_loop_t *loop, const netmcu_options *options)
{
  static const netmcu__stack_class system_stack = {
      .begin = begin, .close = close_system, .end = end, .look_at_clock = netmcu__look_at_clock};

  return netmcu__context_new(loop, options, &system_stack, NULL);
}
