/* The streams of a context, the creation and the end of one, and the turn in which it progresses.
 * See stream_private.h. */
#include "tcp/filter.h"
#include "tcp/stream_private.h"

/* ---- the streams of a context ---------------------------------------------------------------- */

static void run_turns(netmcu__task *task);
static void on_closed(netmcu__stack_stream *below);

static const netmcu__stream_events events = {
    .connected = netmcu__stream_on_connected,
    .received = netmcu__stream_on_received,
    .finished = netmcu__stream_on_finished,
    .failed = netmcu__stream_on_failed,
    .written = netmcu__stream_on_written,
    .acknowledged = netmcu__stream_on_acknowledged,
    .closed = on_closed,
    .client = netmcu__listener_on_client,
    .listener_closed = netmcu__listener_on_closed,
};

static bool begin_streams(netmcu_t *ctx, void *part)
{
  netmcu__streams *streams = part;
  netmcu__stack *stack = netmcu__stack_of(ctx);

  streams->group = (netmcu__stream_group){stack, stack->streams, &events};
  streams->ctx = ctx;
  /* On the system's network, a context has its buffers from the beginning, so that it can send small
   * data if memory runs out. A simulated device stays small. */
  if (stack->streams->reads_into_buffer && !netmcu__streams_make_cork(streams))
    return false;
  streams->task.run = run_turns;
  netmcu__deadlines_init(&streams->deadlines, ctx, netmcu__stream_expired, false);
  netmcu__deadlines_init(&streams->looks, ctx, netmcu__stream_expired, true);
  return true;
}

static void close_streams(netmcu_t *ctx, void *part)
{
  netmcu__streams *streams = part;

  (void)ctx;
  netmcu__deadlines_reset(&streams->deadlines, netmcu__stream_hurry);
  netmcu__deadlines_reset(&streams->looks, netmcu__stream_hurry);
}

static void end_streams(netmcu_t *ctx, void *part)
{
  netmcu__release(ctx, ((netmcu__streams *)part)->cork);
}

/* Clients that wait because of strict mode may be accepted once it has ended. */
static void on_options_changed(netmcu_t *ctx, void *part)
{
  (void)ctx;
  netmcu__listeners_resume(part);
}

netmcu__streams *netmcu__streams_get(netmcu_t *ctx)
{
  static const netmcu__part_class streams_class = {sizeof(netmcu__streams), begin_streams, close_streams, end_streams,
                                                   on_options_changed};

  return netmcu__part_get(ctx, NETMCU__STREAMS, &streams_class);
}

#define DEVICE_CONNECTIONS 5

int netmcu__streams_check_number(netmcu_t *ctx)
{
  const netmcu__streams *streams = netmcu__part(ctx, NETMCU__STREAMS);
  unsigned open = streams ? streams->owned : 0;

  return open >= DEVICE_CONNECTIONS ? netmcu_diverge(ctx, NETMCU_D_CONNECTIONS, (long)open + 1) : 0;
}

/* ---- creation and end ------------------------------------------------------------------------ */

netmcu__stream *netmcu__stream_create(netmcu_t *ctx)
{
  netmcu__streams *streams = netmcu__streams_get(ctx);

  if (streams == NULL || (streams->group.operations->reads_into_buffer && netmcu__buffer(ctx) == NULL))
    return NULL;
  netmcu__stream *stream = netmcu__allocate(ctx, sizeof(*stream) + streams->group.operations->stream_size);
  if (stream)
    streams->alive++;
  return stream;
}

/* The last one leaves no turns behind. */
void netmcu__stream_discard(netmcu_t *ctx, netmcu__stream *stream)
{
  netmcu__streams *streams = netmcu__part(ctx, NETMCU__STREAMS);

  netmcu__release(ctx, stream);
  if (--streams->alive == 0)
    netmcu__task_cancel(ctx, &streams->task);
}

static void release_extra(netmcu__stream *stream)
{
  netmcu_t *ctx = context_of(stream);
  extra *x = extra_of(stream);

  if (x == NULL)
    return;
  netmcu__fault_end(x->fault);
  x->output.waiting = false;
  netmcu__output_clear(ctx, &x->output);
  netmcu__release(ctx, x->held);
  netmcu__release(ctx, x->others);
  stream->has_extra = false;
  stream->next_due = x->next_due;
  netmcu__release(ctx, x);
}

void netmcu__stream_release_extra_when_idle(netmcu__stream *stream)
{
  const extra *x = extra_of(stream);

  if (x && stream->state >= OPEN && x->output.first == NULL && x->held == NULL && x->write_error == 0 &&
      x->fault == NULL && !x->routed && x->host == NULL)
    release_extra(stream);
}

extra *netmcu__stream_add_extra(netmcu__streams *streams, netmcu__stream *stream, size_t size)
{
  extra *x = netmcu__allocate(streams->ctx, sizeof(*x) + streams->group.operations->request_size + size);

  if (x == NULL)
    return NULL;
  x->next_due = stream->next_due;
  stream->extra = x;
  stream->has_extra = true;
  return x;
}

extra *netmcu__stream_get_extra(netmcu__stream *stream)
{
  return stream->has_extra ? stream->extra : netmcu__stream_add_extra(streams_of(stream), stream, 0);
}

static void free_stream(netmcu__stream *stream)
{
  netmcu_t *ctx = context_of(stream);

  release_extra(stream);
  netmcu__stream_discard(ctx, stream);
}

static void on_closed(netmcu__stack_stream *below)
{
  netmcu__stream *stream = stream_above(below);

  if (stream->state == CONNECTING && netmcu__stream_reopen(stream))
    return;
  if (stream->due) {
    stream->handle_gone = true;
    netmcu__handle_opened(context_of(stream)); /* until its turn */
  } else {
    free_stream(stream);
  }
}

void netmcu__stream_let_go_of_owner(netmcu__stream *stream)
{
  netmcu__streams *streams = streams_of(stream);

  stream->owner = NULL;
  stream->held = stream->resume = false;
  stream->unreported = 0;
  if (stream->has_extra) {
    netmcu__release(streams->ctx, stream->extra->held);
    stream->extra->held = NULL;
  }
  streams->owned--;
  netmcu__head_of(streams->ctx)->closing++;
  netmcu__listeners_resume(streams);
}

static void close_handle(netmcu__stream *stream, bool reset)
{
  stream->state = CLOSED;
  clear_deadline(stream);
  netmcu__head_of(context_of(stream))->closing--;
  const extra *x = extra_of(stream);
  if (x && x->lookup)
    netmcu_lookup_cancel(x->lookup);
  if (x == NULL || !x->is_reopening)
    stack_of(stream)->close(below(stream), reset);
}

/* A peer that has not got everything must not see an orderly end. */
static bool is_incomplete(const netmcu__stream *stream)
{
  return stream->state >= OPEN && has_output(stream);
}

void netmcu__stream_close_handle(netmcu__stream *stream)
{
  if (stream->state != CLOSED)
    close_handle(stream, is_stopped(stream) || is_incomplete(stream));
}

void netmcu__stream_abort(netmcu__stream *stream)
{
  if (streams_of(stream)->corked == stream)
    netmcu__stream_drop_cork(streams_of(stream));
  netmcu__stream_let_go_of_owner(stream);
  close_handle(stream, true);
}

void netmcu__stream_end(netmcu__stream *stream, int error)
{
  netmcu_connection *owner = stream->owner;

  if (owner)
    netmcu__stream_let_go_of_owner(stream);
  netmcu__stream_close_handle(stream);
  if (owner)
    netmcu__connection_ended(owner, error);
}

void netmcu__stream_make_due(netmcu__stream *stream)
{
  netmcu__streams *streams = streams_of(stream);

  if (stream->due)
    return;
  stream->due = true;
  *next_due_of(stream) = NULL;
  if (streams->first_due)
    *next_due_of(streams->last_due) = stream;
  else
    streams->first_due = stream;
  streams->last_due = stream;
  netmcu__task_post(streams->ctx, &streams->task);
}

/* ---- the turn -------------------------------------------------------------------------------- */

static bool is_between(const netmcu__stream *stream, enum state first, enum state last)
{
  return stream->state >= first && stream->state <= last;
}

static bool may_connect(const netmcu__stream *stream)
{
  const extra *x = stream->extra;

  return !x->connecting && !x->is_reopening && !netmcu__fault_never_opens(x->fault) &&
         !netmcu__fault_is_delaying(x->fault);
}

/* The steps and their order are in stream_private.h. */
static void run_turn(netmcu__stream *stream)
{
  bool stops = is_between(stream, OPEN, LINGERING) && is_stopped(stream);

  if (stops)
    netmcu__fault_trace_stop(fault_of(stream));
  if (stops && netmcu__fault_resets(fault_of(stream)))
    netmcu__stream_break(stream, NETMCU_ERESET);
  else if (stream->torn && stream->owner)
    netmcu__stream_end(stream, NETMCU_ENOMEM);
  else if (stream->held && has_write_error(stream))
    netmcu__stream_break(stream, stream->extra->write_error);
  else if (is_between(stream, OPEN, LINGERING))
    netmcu__stream_progress(stream);

  if (stream->state == OPEN && stream->input_ended)
    netmcu__stream_finish_reading(stream);
  else if (stream->state == OPEN && stream->resume)
    netmcu__stream_resume(stream);
  else if (stream->state == CONNECTING && stream->adopted)
    netmcu__stream_on_connected(below(stream), 0);
  else if (stream->state == RESOLVING)
    netmcu__stream_connect_to_peer(stream);
  else if (stream->state == CONNECTING && may_connect(stream))
    netmcu__stream_start_connecting(stream);
}

static void run_turns(netmcu__task *task)
{
  netmcu__streams *streams = netmcu__container(task, netmcu__streams, task);
  netmcu__stream *stream = streams->first_due, *next;
  netmcu_t *ctx = streams->ctx;

  streams->first_due = NULL;
  for (; stream; stream = next) {
    next = *next_due_of(stream);
    stream->due = false;
    if (!stream->handle_gone) {
      run_turn(stream);
      continue;
    }
    free_stream(stream);
    netmcu__handle_closed(ctx);
  }
}

/* ---- for a filter ---------------------------------------------------------------------------- */

void netmcu__stream_tear(netmcu__stream *stream)
{
  stream->torn = true;
  netmcu__stream_make_due(stream);
}

void netmcu__stream_end_input(netmcu__stream *stream)
{
  stream->input_ended = true;
  netmcu__stream_stop_reading(stream);
  netmcu__stream_make_due(stream);
}

unsigned netmcu__stream_idle_timeout(const netmcu__stream *stream)
{
  return stream->idle_timeout;
}

bool netmcu__stream_has_begun(const netmcu__stream *stream)
{
  return stream->begun;
}
