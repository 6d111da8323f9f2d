/* The streams of a context, the creation and the end of one, and the turn in which it progresses. See stream_private.h. */
#include "tcp/stream_private.h"

/* ---- the streams of a context ---------------------------------------------------------------------------- */

static void run_due(netmcu__task *task);

static struct netmcu__streams *get_streams(netmcu_t *ctx)
{
  struct netmcu__parts *parts = netmcu__parts(ctx);

  if (parts->streams == NULL) {
    parts->streams = netmcu__allocate(ctx, sizeof(*parts->streams));
    if (parts->streams == NULL)
      return NULL;
    parts->streams->cork = netmcu__resize(ctx, NULL, CORK_SIZE);
    if (parts->streams->cork == NULL) {
      netmcu__release(ctx, parts->streams);
      parts->streams = NULL;
      return NULL;
    }
    parts->streams->ctx = ctx;
    parts->streams->task.run = run_due;
    netmcu__deadlines_init(&parts->streams->deadlines, ctx, netmcu__stream_expired);
  }
  return parts->streams;
}

static void close_when_empty(struct netmcu__streams *streams)
{
  if (streams->alive == 0 && netmcu__is_closing(streams->ctx) &&
      !uv_is_closing((uv_handle_t *)&streams->deadlines.timer)) {
    netmcu__task_cancel(streams->ctx, &streams->task);
    netmcu__release(streams->ctx, streams->cork);
    streams->cork = NULL;
    netmcu__deadlines_close(&streams->deadlines);
  }
}

void netmcu__streams_close(netmcu_t *ctx)
{
  if (netmcu__parts(ctx)->streams)
    close_when_empty(netmcu__parts(ctx)->streams);
}

unsigned netmcu__streams_closing(netmcu_t *ctx)
{
  const struct netmcu__streams *streams = netmcu__parts(ctx)->streams;

  return streams ? streams->closing : 0;
}

static unsigned streams_open(netmcu_t *ctx)
{
  const struct netmcu__streams *streams = netmcu__parts(ctx)->streams;

  return streams ? streams->owned : 0;
}

#define DEVICE_CONNECTIONS 5

int netmcu__streams_check_number(netmcu_t *ctx)
{
  unsigned open = streams_open(ctx);

  return open >= DEVICE_CONNECTIONS ? netmcu_diverge(ctx, NETMCU_D_CONNECTIONS, (long)open + 1) : 0;
}

/* ---- creation and end ------------------------------------------------------------------------------------ */

netmcu__stream *netmcu__stream_create(netmcu_t *ctx)
{
  struct netmcu__streams *streams = get_streams(ctx);

  if (streams == NULL || netmcu__buffer(ctx) == NULL)
    return NULL;
  netmcu__stream *stream = netmcu__allocate(ctx, sizeof(*stream));
  if (stream)
    streams->alive++;
  return stream;
}

void netmcu__stream_discard(netmcu_t *ctx, netmcu__stream *stream)
{
  struct netmcu__streams *streams = netmcu__parts(ctx)->streams;

  netmcu__release(ctx, stream);
  streams->alive--;
  close_when_empty(streams);
}

void netmcu__stream_release_extra(netmcu__stream *stream)
{
  netmcu_t *ctx = context_of(stream);

  if (stream->extra == NULL)
    return;
  netmcu__fault_end(stream->extra->fault);
  stream->extra->output.waiting = false;
  netmcu__output_clear(ctx, &stream->extra->output);
  netmcu__release(ctx, stream->extra->held);
  netmcu__release(ctx, stream->extra);
  stream->extra = NULL;
}

void netmcu__stream_release_extra_when_idle(netmcu__stream *stream)
{
  extra *x = stream->extra;

  if (x && stream->state >= OPEN && x->output.first == NULL && x->held == NULL && x->write_error == 0 &&
      x->fault == NULL && !x->routed)
    netmcu__stream_release_extra(stream);
}

extra *netmcu__stream_get_extra(netmcu__stream *stream)
{
  if (stream->extra == NULL)
    stream->extra = netmcu__allocate(context_of(stream), sizeof(*stream->extra));
  return stream->extra;
}

static void gone(netmcu__stream *stream)
{
  netmcu_t *ctx = context_of(stream);

  netmcu__stream_release_extra(stream);
  netmcu__stream_discard(ctx, stream);
  netmcu__handle_closed(ctx);
}

static void handle_closed(uv_handle_t *handle)
{
  netmcu__stream *stream = netmcu__container(handle, netmcu__stream, tcp);

  if (stream->due)
    stream->handle_gone = true;
  else
    gone(stream);
}

void netmcu__stream_let_go_of_owner(netmcu__stream *stream)
{
  netmcu_t *ctx = context_of(stream);
  struct netmcu__streams *streams = netmcu__parts(ctx)->streams;

  stream->tcp.data = ctx;
  stream->owned = stream->held = stream->resume = false;
  stream->unreported = 0;
  if (stream->extra) {
    netmcu__release(ctx, stream->extra->held);
    stream->extra->held = NULL;
  }
  streams->owned--;
  streams->closing++;
  netmcu__servers_resume(ctx);
}

/* Of a stream without owner. */
void netmcu__stream_close_handle(netmcu__stream *stream)
{
  if (stream->state == CLOSED)
    return;
  stream->state = CLOSED;
  clear_deadline(stream);
  streams_of(stream)->closing--;
  if (stream->extra && stream->extra->lookup)
    netmcu_lookup_cancel(stream->extra->lookup);
  if (!is_stopped(stream) || uv_tcp_close_reset(&stream->tcp, handle_closed))
    uv_close((uv_handle_t *)&stream->tcp, handle_closed);
}

void netmcu__stream_end(netmcu__stream *stream, int error)
{
  netmcu_connection *owner = stream->owned ? owner_of(stream) : NULL;

  if (owner)
    netmcu__stream_let_go_of_owner(stream);
  netmcu__stream_close_handle(stream);
  if (owner)
    netmcu__connection_ended(owner, error);
}

void netmcu__stream_make_due(netmcu__stream *stream)
{
  struct netmcu__streams *streams = streams_of(stream);

  if (stream->due)
    return;
  stream->due = true;
  stream->next_due = NULL;
  if (streams->first_due)
    streams->last_due->next_due = stream;
  else
    streams->first_due = stream;
  streams->last_due = stream;
  netmcu__task_post(streams->ctx, &streams->task);
}

/* ---- the turn -------------------------------------------------------------------------------------------- */

static void due(netmcu__stream *stream)
{
  if (is_stopped(stream))
    netmcu__fault_tell_stop(stream->extra->fault);
  if (is_stopped(stream) && netmcu__fault_resets(stream->extra->fault) && stream->state >= OPEN) {
    netmcu__stream_broken(stream, UV_ECONNRESET);
    return;
  }
  if (stream->torn && stream->owned) {
    netmcu__stream_end(stream, NETMCU_ENOMEM);
    return;
  }
  if (stream->held && stream->extra && stream->extra->write_error) {
    netmcu__stream_broken(stream, stream->extra->write_error);
    return;
  }
  if (stream->state >= OPEN && stream->state < CLOSED)
    netmcu__stream_progress(stream);
  if (stream->resume && stream->state == OPEN)
    netmcu__stream_resume(stream);
  if (stream->state == CONNECTING && !stream->extra->connecting && !netmcu__fault_never_opens(stream->extra->fault) &&
      !netmcu__fault_is_delaying(stream->extra->fault))
    netmcu__stream_start_connecting(stream);
}

/* A delay is over, or all faults are: what waited goes on. */
static void go_on(netmcu__stream *stream)
{
  if (stream->state == RESOLVING || stream->state == CLOSED)
    return;
  stream->resume = stream->owned && !stream->held && stream->state == OPEN;
  netmcu__stream_make_due(stream);
}

void netmcu__stream_delayed(netmcu__stream *stream)
{
  go_on(stream);
}

void netmcu__stream_cured(netmcu__stream *stream)
{
  stream->extra->fault = NULL;
  go_on(stream);
}

const netmcu__object *netmcu__stream_object(const netmcu__stream *stream)
{
  return stream->owned ? (const netmcu__object *)(const void *)owner_of(stream) : NULL;
}

static void run_due(netmcu__task *task)
{
  struct netmcu__streams *streams = netmcu__container(task, struct netmcu__streams, task);
  netmcu__stream *stream = streams->first_due, *next;

  streams->first_due = NULL;
  for (; stream; stream = next) {
    next = stream->next_due;
    stream->due = false;
    if (stream->handle_gone)
      gone(stream);
    else
      due(stream);
  }
}

/* ---- what it is ------------------------------------------------------------------------------------------ */

/* A literal address is resolved from the beginning, also when its event is still due. */
bool netmcu__stream_is_delivering(const netmcu__stream *stream)
{
  return stream->delivering;
}

netmcu_connection_state netmcu__stream_state(const netmcu__stream *stream)
{
  if (stream->state == RESOLVING)
    return netmcu__is_any_ip(&stream->extra->peer) ? NETMCU_RESOLVING : NETMCU_CONNECTING;
  return stream->state == CONNECTING ? NETMCU_CONNECTING : NETMCU_OPEN;
}

static int get_address(int (*get)(const uv_tcp_t *, struct sockaddr *, int *), const uv_tcp_t *tcp,
                       netmcu_address *address)
{
  struct sockaddr_in sockaddr;
  int size = sizeof(sockaddr);
  int error = get(tcp, (struct sockaddr *)&sockaddr, &size);

  if (error)
    return netmcu__error(error);
  *address = netmcu__address(&sockaddr);
  return 0;
}

int netmcu__stream_getpeer(const netmcu__stream *stream, netmcu_address *address)
{
  if (stream->state == RESOLVING || stream->state == CONNECTING || (stream->extra && stream->extra->routed)) {
    *address = stream->extra->peer;
    return 0;
  }
  return get_address(uv_tcp_getpeername, &stream->tcp, address);
}

int netmcu__stream_getaddr(const netmcu__stream *stream, netmcu_address *address)
{
  int error = get_address(uv_tcp_getsockname, &stream->tcp, address);

  if (error == 0 && netmcu__is_routed(context_of(stream)))
    netmcu__route_own(context_of(stream), false, address);
  return error;
}

int netmcu__stream_ttl(const netmcu__stream *stream, int *ttl)
{
  return netmcu__socket_ttl((const uv_handle_t *)&stream->tcp, IP_TTL, ttl);
}
