/* Streams on the simulated TCP: what a program does with a connection, and what it learns. */
#include "stack/sim_tcp.h"

typedef struct request {
  netmcu_piece pieces[NETMCU__PIECES];
} request;

struct netmcu__stack_stream {
  netmcu__stream_group *group; /* first */
  sim_tcp *tcp;                /* NULL before connect */
  request *waiting;            /* of write_later, or NULL */
  unsigned waiting_count;
  bool is_reading, is_closed, is_connecting, is_alive;
  bool has_ended;    /* `finished` or `failed` was reported */
  netmcu__task turn; /* for what must not happen inside an operation */
  int ttl;           /* -1: that of the system */
  int nodelay;       /* -1: as the system does */
  unsigned keepalive;
  netmcu_address own; /* of bind */
};

static netmcu__sim_stack *stack_of(const netmcu__stack_stream *s)
{
  return netmcu__sim_stack_of(s->group->stack);
}

static void keep_alive(netmcu__stack_stream *s)
{
  bool alive = !s->is_closed && (s->is_connecting || s->waiting || (s->is_reading && !s->has_ended));

  if (alive != s->is_alive)
    stack_of(s)->alive += alive ? 1 : UINT_MAX;
  s->is_alive = alive;
}

static void post(netmcu__stack_stream *s)
{
  netmcu__task_post(s->group->stack->ctx, &s->turn);
}

/* ---- what the program learns ------------------------------------------------------------------- */

static bool is_open(const netmcu__stack_stream *s, const sim_tcp *tcp)
{
  return !s->is_closed && s->tcp == tcp;
}

static void connected(netmcu__stack_stream *s, int error)
{
  s->is_connecting = false;
  keep_alive(s);
  s->group->events->connected(s, error);
}

void netmcu__sim_stream_connected(sim_tcp *tcp)
{
  if (tcp->stream && tcp->stream->is_connecting)
    connected(tcp->stream, 0);
}

void netmcu__sim_stream_acknowledged(sim_tcp *tcp)
{
  if (tcp->stream && tcp->stream->group->operations->reports_acknowledgements)
    tcp->stream->group->events->acknowledged(tcp->stream);
}

/* On the device, a delivery opens the window when it is over, except while the stream is held. */
static void deliver(netmcu__stack_stream *s, sim_tcp *tcp)
{
  netmcu__sim_bytes bytes = tcp->input;

  tcp->input = (netmcu__sim_bytes){.size = 0};
  if (tcp->profile->is_device)
    tcp->withheld += (uint32_t)bytes.size;
  s->group->events->received(s, bytes.data + bytes.start, bytes.size);
  netmcu__sim_bytes_clear(&bytes);
  if (is_open(s, tcp) && s->is_reading)
    tcp->withheld = 0;
  netmcu__sim_tcp_open_window(tcp);
}

static void report_end(netmcu__stack_stream *s, const sim_tcp *tcp)
{
  int error = tcp->error;

  s->has_ended = true;
  keep_alive(s);
  if (error)
    s->group->events->failed(s, error);
  else
    s->group->events->finished(s);
}

static void read_input(netmcu__stack_stream *s, sim_tcp *tcp)
{
  while (is_open(s, tcp) && s->is_reading && tcp->input.size > 0)
    deliver(s, tcp);
  if (is_open(s, tcp) && s->is_reading && !s->has_ended && (tcp->peer_finished || tcp->state == SIM_CLOSED))
    report_end(s, tcp);
}

/* Returns the number of bytes that were taken. */
static size_t take(sim_tcp *tcp, const netmcu_piece *piece)
{
  size_t room = netmcu__sim_tcp_room(tcp), size = piece->size < room ? piece->size : room;

  return netmcu__sim_bytes_append(&tcp->output, piece->data, size) ? size : 0;
}

static size_t take_pieces(sim_tcp *tcp, const netmcu_piece *pieces, unsigned count)
{
  size_t total = 0;

  for (unsigned i = 0; i < count; i++) {
    size_t size = take(tcp, &pieces[i]);
    total += size;
    if (size < pieces[i].size)
      break;
  }
  return total;
}

/* Drops `size` bytes from the front of the pieces that wait. */
static void drop_waiting(netmcu__stack_stream *s, size_t size)
{
  netmcu_piece *pieces = s->waiting->pieces;
  unsigned done = 0;

  while (done < s->waiting_count && pieces[done].size <= size)
    size -= pieces[done++].size;
  s->waiting_count -= done;
  memmove(pieces, pieces + done, s->waiting_count * sizeof(*pieces));
  if (s->waiting_count > 0) {
    pieces->data = (const char *)pieces->data + size;
    pieces->size -= size;
  }
}

static int error_of(const sim_tcp *tcp)
{
  return tcp->error ? tcp->error : NETMCU_ERESET;
}

static void written(netmcu__stack_stream *s, int error)
{
  s->waiting = NULL;
  keep_alive(s);
  s->group->events->written(s, error);
}

/* The device sends what was written outside of a connection's own events with its next tick. */
static void send_alone(sim_tcp *tcp)
{
  if (tcp->state < SIM_ESTABLISHED)
    return;
  if (!tcp->profile->is_device)
    netmcu__sim_tcp_output(tcp);
  else if (tcp->due[SIM_OUTPUT] == NEVER)
    netmcu__sim_tcp_set_timer(tcp, SIM_OUTPUT, 0);
}

static void send_output(sim_tcp *tcp)
{
  if (tcp->busy == 0) /* otherwise, the function that keeps it busy sends */
    send_alone(tcp);
}

static void progress_write(netmcu__stack_stream *s, sim_tcp *tcp)
{
  if (!is_open(s, tcp) || s->waiting == NULL)
    return;
  if (tcp->state == SIM_CLOSED) {
    written(s, error_of(tcp));
    return;
  }
  drop_waiting(s, take_pieces(tcp, s->waiting->pieces, s->waiting_count));
  send_output(tcp);
  if (s->waiting_count == 0)
    written(s, 0);
}

void netmcu__sim_stream_progress(sim_tcp *tcp)
{
  netmcu__stack_stream *s = tcp->stream;

  if (s == NULL)
    return;
  netmcu__sim_tcp_enter(tcp);
  progress_write(s, tcp);
  read_input(s, tcp);
  netmcu__sim_tcp_exit(tcp);
}

void netmcu__sim_stream_ended(sim_tcp *tcp)
{
  post(tcp->stream);
}

static void close_now(netmcu__stack_stream *s)
{
  netmcu_t *ctx = s->group->stack->ctx;

  s->group->events->closed(s);
  netmcu__handle_closed(ctx);
}

static bool has_unsent_output(const sim_tcp *tcp)
{
  return tcp->next_sequence - tcp->unacknowledged < tcp->output.size + tcp->has_fin;
}

/* Outside of a connection's own events, an acknowledgement of what was read is sent at once. The
 * events of the program may have written an answer. */
static void progress_alone(sim_tcp *tcp)
{
  netmcu__sim_tcp_enter(tcp);
  netmcu__sim_stream_progress(tcp);
  if (tcp->acknowledge_now)
    netmcu__sim_tcp_output(tcp);
  else if (has_unsent_output(tcp))
    send_alone(tcp);
  netmcu__sim_tcp_exit(tcp);
}

static void run_turn(netmcu__task *task)
{
  netmcu__stack_stream *s = netmcu__container(task, netmcu__stack_stream, turn);

  if (s->is_closed)
    close_now(s);
  else if (s->is_connecting && s->tcp->state == SIM_CLOSED)
    connected(s, error_of(s->tcp));
  else if (s->tcp)
    progress_alone(s->tcp);
}

/* ---- operations -------------------------------------------------------------------------------- */

void netmcu__sim_stream_open(netmcu__stream_group *group, netmcu__stack_stream *s, sim_tcp *tcp)
{
  s->group = group;
  s->turn.run = run_turn;
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
  const netmcu_sim_host *host = stack_of(s)->host;

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
    error = netmcu__sim_tcp_connect(stack_of(s)->host, &s->own, &peer, s, &s->tcp);
  s->is_connecting = error == 0;
  keep_alive(s);
  if (error == 0)
    apply_options(s);
  return error;
}

static void start_reading(netmcu__stack_stream *s)
{
  s->is_reading = true;
  keep_alive(s);
  if (s->tcp == NULL)
    return;
  if (s->tcp->busy == 0 && s->tcp->withheld > 0) {
    s->tcp->withheld = 0;
    netmcu__sim_tcp_open_window(s->tcp);
  }
  if (!s->has_ended && (s->tcp->input.size > 0 || s->tcp->peer_finished || s->tcp->state == SIM_CLOSED))
    post(s);
}

static void stop_reading(netmcu__stack_stream *s)
{
  s->is_reading = false;
  keep_alive(s);
}

static ptrdiff_t write_pieces(netmcu__stack_stream *s, const netmcu_piece *pieces, unsigned count, bool last)
{
  sim_tcp *tcp = s->tcp;

  if (tcp == NULL || tcp->state == SIM_CLOSED || sim_has_finished(tcp))
    return tcp && tcp->state == SIM_CLOSED ? error_of(tcp) : NETMCU_ERESET;
  if (s->waiting)
    return 0;
  size_t size = take_pieces(tcp, pieces, count);
  if (!last)
    send_output(tcp);
  return (ptrdiff_t)size;
}

static int write_later(netmcu__stack_stream *s, void *memory, const netmcu_piece *pieces, unsigned count)
{
  s->waiting = memory;
  memcpy(s->waiting->pieces, pieces, count * sizeof(*pieces));
  s->waiting_count = count;
  keep_alive(s);
  post(s);
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
  keep_alive(s);
  post(s);
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

  if (*ttl == 0 || *ttl < -1 || *ttl > 255)
    return NETMCU_EVALUE;
  if (*ttl > 0)
    s->ttl = *ttl;
  apply_options(s);
  *ttl = s->ttl > 0 ? s->ttl : stack_of(s)->host->profile->ttl;
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
  .request_size = sizeof(request), .open = open_stream, .bind = bind_stream, .connect = connect_stream,                \
  .open_path = open_path, .connect_path = connect_path, .listen_path = netmcu__sim_listener_listen_path,               \
  .adopt = adopt, .start_reading = start_reading, .stop_reading = stop_reading, .write = write_pieces,                 \
  .write_later = write_later, .shut_down = shut_down, .close = close_stream, .get_peer = get_peer,                     \
  .get_address = get_address, .set_keepalive = set_keepalive, .set_nodelay = set_nodelay, .ttl = ttl_of_stream,        \
  .unacknowledged = unacknowledged, .end_reason = end_reason, .open_listener = netmcu__sim_listener_open,              \
  .listen = netmcu__sim_listener_listen, .adopt_listener = netmcu__sim_listener_adopt,                                 \
  .get_listener_address = netmcu__sim_listener_address, .accept = netmcu__sim_listener_accept,                         \
  .refuse = netmcu__sim_listener_refuse, .close_listener = netmcu__sim_listener_close

const netmcu__stream_operations netmcu__sim_device_streams = {OPERATIONS, .reports_acknowledgements = true};
const netmcu__stream_operations netmcu__sim_desktop_streams = {OPERATIONS};
