/* What the stream of a program learns of its connection, and what it writes. See sim_stream.h. */
#include "stack/sim_stream.h"

static bool is_open(const netmcu__stack_stream *s, const sim_tcp *tcp)
{
  return !s->is_closed && s->tcp == tcp;
}

static void connected(netmcu__stack_stream *s, int error)
{
  s->is_connecting = false;
  sim_stream_keep_alive(s);
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
  if (is_open(s, tcp) && s->is_reading && !s->is_withholding)
    tcp->withheld = 0;
  netmcu__sim_tcp_open_window(tcp);
}

static void report_end(netmcu__stack_stream *s, const sim_tcp *tcp)
{
  int error = tcp->error;

  s->has_ended = true;
  sim_stream_keep_alive(s);
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

size_t netmcu__sim_stream_take(sim_tcp *tcp, const netmcu_piece *pieces, unsigned count)
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

int netmcu__sim_stream_error(const sim_tcp *tcp)
{
  return tcp->error ? tcp->error : NETMCU_ERESET;
}

static void written(netmcu__stack_stream *s, int error)
{
  s->waiting = NULL;
  sim_stream_keep_alive(s);
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

void netmcu__sim_stream_send(sim_tcp *tcp)
{
  if (tcp->busy == 0) /* otherwise, the function that keeps it busy sends */
    send_alone(tcp);
}

static void progress_write(netmcu__stack_stream *s, sim_tcp *tcp)
{
  if (!is_open(s, tcp) || s->waiting == NULL)
    return;
  if (tcp->state == SIM_CLOSED) {
    written(s, netmcu__sim_stream_error(tcp));
    return;
  }
  drop_waiting(s, netmcu__sim_stream_take(tcp, s->waiting->pieces, s->waiting_count));
  netmcu__sim_stream_send(tcp);
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
  sim_stream_post(tcp->stream);
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

void netmcu__sim_stream_turn(netmcu__task *task)
{
  netmcu__stack_stream *s = netmcu__container(task, netmcu__stack_stream, turn);

  if (s->is_closed)
    close_now(s);
  else if (s->is_connecting && s->tcp->state == SIM_CLOSED)
    connected(s, netmcu__sim_stream_error(s->tcp));
  else if (s->tcp)
    progress_alone(s->tcp);
}
