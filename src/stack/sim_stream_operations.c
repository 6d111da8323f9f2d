/* What a program does with a stream. See sim_stream.h. */
#include "stack/sim_stream.h"

void netmcu__sim_stream_open(netmcu__stream_group *group, netmcu__stack_stream *s, sim_tcp *tcp)
{
  s->group = group;
  s->turn.run = netmcu__sim_stream_turn;
  s->ttl = s->nodelay = -1;
  s->tcp = tcp;
  netmcu__handle_opened(group->stack->ctx);
}

static int open_stream(netmcu__stream_group *group, netmcu__stack_stream *s, uint16_t family)
{
  if (family == NETMCU_IPV6)
    return NETMCU_ENOTSUP;
  netmcu__sim_stream_open(group, s, NULL);
  return 0;
}

/* Files and descriptors of the system are no part of a simulation. */
static void open_path(netmcu__stream_group *group, netmcu__stack_stream *s)
{
  netmcu__sim_stream_open(group, s, NULL);
}

static int connect_path(netmcu__stack_stream *s, void *memory, const char *path)
{
  (void)s;
  (void)memory;
  (void)path;
  return NETMCU_ENOTSUP;
}

static int adopt(netmcu__stream_group *group, netmcu__stack_stream *s, intptr_t descriptor)
{
  (void)descriptor;
  netmcu__sim_stream_open(group, s, NULL);
  return NETMCU_ENOTSUP;
}

static void apply_options(netmcu__stack_stream *s)
{
  if (s->tcp == NULL || s->tcp->state == SIM_CLOSED)
    return;
  if (s->nodelay >= 0)
    s->tcp->nodelay = s->nodelay;
  if (s->ttl > 0)
    s->tcp->ttl = (uint8_t)s->ttl;
  s->tcp->keepalive = s->keepalive;
  netmcu__sim_tcp_watch_peer(s->tcp);
}

static int set_keepalive(netmcu__stack_stream *s, unsigned seconds)
{
  s->keepalive = seconds;
  apply_options(s);
  return 0;
}

static int set_nodelay(netmcu__stack_stream *s, bool nodelay)
{
  s->nodelay = nodelay;
  apply_options(s);
  return 0;
}

static int bind_stream(netmcu__stack_stream *s, const netmcu_address *own)
{
  const netmcu_sim_host *host = sim_stream_stack(s)->host;

  if (!netmcu__is_any_ip(own) && !netmcu__sim_is_own(host, own))
    return NETMCU_EVALUE;
  if (own->port && netmcu__sim_tcp_is_port_used(host, own->port))
    return NETMCU_EADDRINUSE;
  s->own = *own;
  return 0;
}

/* 0.0.0.0 is this machine, as on Linux. */
static int connect_stream(netmcu__stack_stream *s, void *memory, const netmcu_address *to)
{
  netmcu_address peer = *to;
  int error = netmcu__sim_check_family(&peer);

  (void)memory;
  if (netmcu__is_any_ip(&peer))
    peer.ip[0] = 127, peer.ip[3] = 1;
  if (error == 0)
    error = netmcu__sim_tcp_connect(sim_stream_stack(s)->host, &s->own, &peer, s, &s->tcp);
  s->is_connecting = error == 0;
  sim_stream_keep_alive(s);
  if (error == 0)
    apply_options(s);
  return error;
}

/* During an event of the connection, the segment is sent at the end of the event. */
static void open_window_again(const netmcu__stack_stream *s)
{
  if (s->tcp->withheld == 0)
    return;
  s->tcp->withheld = 0;
  netmcu__sim_tcp_open_window(s->tcp);
}

static void withhold(netmcu__stack_stream *s, bool withheld)
{
  bool ends = s->is_withholding && !withheld;

  s->is_withholding = withheld;
  if (ends && s->tcp)
    open_window_again(s);
}

static void start_reading(netmcu__stack_stream *s)
{
  s->is_reading = true;
  sim_stream_keep_alive(s);
  if (s->tcp == NULL)
    return;
  if (!s->is_withholding)
    open_window_again(s);
  if (!s->has_ended && (s->tcp->input.size > 0 || s->tcp->peer_finished || s->tcp->state == SIM_CLOSED))
    sim_stream_post(s);
}

static void stop_reading(netmcu__stack_stream *s)
{
  s->is_reading = false;
  sim_stream_keep_alive(s);
}

static ptrdiff_t write_pieces(netmcu__stack_stream *s, const netmcu_piece *pieces, unsigned count, bool last)
{
  sim_tcp *tcp = s->tcp;

  if (tcp == NULL || tcp->state == SIM_CLOSED || sim_has_finished(tcp))
    return tcp && tcp->state == SIM_CLOSED ? netmcu__sim_stream_error(tcp) : NETMCU_ERESET;
  if (s->waiting)
    return 0;
  size_t size = netmcu__sim_stream_take(tcp, pieces, count);
  if (!last)
    netmcu__sim_stream_send(tcp);
  return (ptrdiff_t)size;
}

static int write_later(netmcu__stack_stream *s, void *memory, const netmcu_piece *pieces, unsigned count)
{
  s->waiting = memory;
  memcpy(s->waiting->pieces, pieces, count * sizeof(*pieces));
  s->waiting_count = count;
  sim_stream_keep_alive(s);
  sim_stream_post(s);
  return 0;
}

static int shut_down(netmcu__stack_stream *s)
{
  if (s->tcp == NULL || s->tcp->state < SIM_ESTABLISHED)
    return NETMCU_ENOTCONN;
  netmcu__sim_tcp_finish(s->tcp);
  return 0;
}

static void close_stream(netmcu__stack_stream *s, bool reset)
{
  sim_tcp *tcp = s->tcp;

  s->is_closed = true;
  sim_stream_keep_alive(s);
  sim_stream_post(s);
  if (tcp == NULL)
    return;
  netmcu__sim_tcp_enter(tcp);
  s->tcp = NULL;
  tcp->stream = NULL;
  if (reset && tcp->state != SIM_CLOSED)
    netmcu__sim_tcp_reset(tcp);
  netmcu__sim_tcp_leave(tcp);
  netmcu__sim_tcp_exit(tcp);
}

static int get_peer(const netmcu__stack_stream *s, netmcu_address *address)
{
  if (s->tcp == NULL || s->tcp->state < SIM_ESTABLISHED)
    return NETMCU_ENOTCONN;
  *address = s->tcp->remote;
  return 0;
}

static int get_address(const netmcu__stack_stream *s, netmcu_address *address)
{
  *address = s->tcp ? s->tcp->local : (netmcu_address){.port = 0};
  return 0;
}

static int ttl_of_stream(const netmcu__stack_stream *const_stream, int *ttl)
{
  netmcu__stack_stream *s = (netmcu__stack_stream *)(uintptr_t)const_stream;

  if (*ttl > 255)
    return NETMCU_EVALUE;
  if (*ttl > 0)
    s->ttl = *ttl;
  apply_options(s);
  *ttl = s->ttl > 0 ? s->ttl : sim_stream_stack(s)->host->profile->ttl;
  return 0;
}

static uint32_t unacknowledged(const netmcu__stack_stream *s)
{
  const sim_tcp *tcp = s->tcp;

  if (tcp == NULL || tcp->state < SIM_ESTABLISHED)
    return 0;
  return (uint32_t)tcp->output.size + (tcp->has_fin && tcp->state != SIM_FIN_WAIT_2 && tcp->state != SIM_TIME_WAIT);
}

static int end_reason(const netmcu__stack_stream *s)
{
  return s->tcp ? s->tcp->error : 0;
}

#define OPERATIONS                                                                                                     \
  .stream_size = sizeof(netmcu__stack_stream), .listener_size = sizeof(netmcu__stack_listener),                        \
  .request_size = sizeof(sim_stream_request), .open = open_stream, .bind = bind_stream, .connect = connect_stream,     \
  .open_path = open_path, .connect_path = connect_path, .listen_path = netmcu__sim_listener_listen_path,               \
  .adopt = adopt, .start_reading = start_reading, .stop_reading = stop_reading, .write = write_pieces,                 \
  .write_later = write_later, .shut_down = shut_down, .close = close_stream, .get_peer = get_peer,                     \
  .get_address = get_address, .set_keepalive = set_keepalive, .set_nodelay = set_nodelay, .ttl = ttl_of_stream,        \
  .unacknowledged = unacknowledged, .end_reason = end_reason, .open_listener = netmcu__sim_listener_open,              \
  .listen = netmcu__sim_listener_listen, .adopt_listener = netmcu__sim_listener_adopt,                                 \
  .get_listener_address = netmcu__sim_listener_address, .accept = netmcu__sim_listener_accept,                         \
  .refuse = netmcu__sim_listener_refuse, .close_listener = netmcu__sim_listener_close

const netmcu__stream_operations netmcu__sim_device_streams = {OPERATIONS, .withhold = withhold,
                                                              .reports_acknowledgements = true};
const netmcu__stream_operations netmcu__sim_desktop_streams = {OPERATIONS};
