/* See fake.h. */
#include "base/memory.h"
#include "fake.h"
#include "loop_private.h"
#include "objects.h"

#define STREAMS 256

struct netmcu__stack_stream {
  netmcu__stream_group *group; /* first, as the stack's users expect */
  netmcu__task turn;           /* delivers what has arrived, and reports the close */
  unsigned index;
  netmcu_address peer, own; /* own: of bind */
  bool is_reading, is_closed, is_shut_down, is_connecting;
  char *inbox, *outbox;
  size_t inbox_size, outbox_size, room;
  bool is_finished;
  int end_error, read_error;
  uint32_t unacknowledged;
  unsigned keepalive;
  bool is_delayed;
  netmcu_piece waiting[NETMCU__PIECES]; /* of write_later */
  unsigned waiting_count;
};

struct netmcu__stack_listener {
  netmcu__stream_group *group;
  netmcu__task turn;
  netmcu_address address;
  bool is_closed;
};

/* Memory that `connect` and `write_later` must have until they have called back: they mark it, and
 * it must stay marked. */
typedef struct request {
  unsigned mark;
} request;

#define MARK 0x5ca1ab1eu

static struct {
  netmcu__stack stack;
  bool is_open;
  struct {
    unsigned nth;
    int error;
  } failures[FAKE_OPERATIONS];
  fake_stream_t *streams[STREAMS];
  unsigned opened, resets, refused, clients;
  netmcu__stack_listener *listener;
} fake;

void fake_fail(fake_operation operation, unsigned nth, int error)
{
  fake.failures[operation].nth = nth;
  fake.failures[operation].error = error;
}

static int outcome(fake_operation operation)
{
  if (fake.failures[operation].nth == 0 || --fake.failures[operation].nth > 0)
    return 0;
  return fake.failures[operation].error;
}

/* ---- streams --------------------------------------------------------------------------------- */

static void deliver(fake_stream_t *s)
{
  if (s->inbox_size > 0) {
    char *buffer = netmcu__buffer(s->group->stack->ctx);
    size_t size = s->inbox_size < NETMCU__BUFFER_SIZE ? s->inbox_size : NETMCU__BUFFER_SIZE;
    memcpy(buffer, s->inbox, size);
    memmove(s->inbox, s->inbox + size, s->inbox_size - size);
    s->inbox_size -= size;
    netmcu__task_post(s->group->stack->ctx, &s->turn);
    s->group->events->received(s, buffer, size);
  } else if (s->read_error) {
    int error = s->read_error;
    s->read_error = 0;
    s->group->events->failed(s, error);
  } else if (s->is_finished) {
    s->is_finished = false;
    s->group->events->finished(s);
  }
}

static size_t take(fake_stream_t *s, const netmcu_piece *piece)
{
  size_t size = piece->size < s->room ? piece->size : s->room;
  s->outbox = realloc(s->outbox, s->outbox_size + size + 1);
  assert_non_null(s->outbox);
  if (size > 0) /* an empty piece may have no data */
    memcpy(s->outbox + s->outbox_size, piece->data, size);
  s->outbox_size += size;
  s->outbox[s->outbox_size] = 0;
  if (s->room != SIZE_MAX)
    s->room -= size;
  return size;
}

/* Lets a write that waits go on, as far as there is room. */
static void progress_write(fake_stream_t *s)
{
  unsigned count = s->waiting_count, done = 0;
  int error = count > 0 && s->room > 0 ? outcome(FAKE_WRITE) : 0;
  while (error == 0 && done < count && s->waiting[done].size <= s->room)
    take(s, &s->waiting[done++]);
  if (error == 0 && done < count) {
    size_t taken = take(s, &s->waiting[done]);
    s->waiting[done].data = (const char *)s->waiting[done].data + taken;
    s->waiting[done].size -= taken;
    memmove(s->waiting, s->waiting + done, (count - done) * sizeof *s->waiting);
  }
  s->waiting_count = error ? 0 : count - done;
  if (count > 0 && s->waiting_count == 0)
    s->group->events->written(s, error);
}

static void run_turn(netmcu__task *task)
{
  fake_stream_t *s = netmcu__container(task, fake_stream_t, turn);
  netmcu_t *ctx = s->group->stack->ctx;
  if (!s->is_closed)
    progress_write(s);
  if (!s->is_closed) {
    if (s->is_reading)
      deliver(s);
    return;
  }
  free(s->inbox);
  free(s->outbox);
  s->group->events->closed(s);
  netmcu__handle_closed(ctx);
}

static void begin_stream(netmcu__stream_group *group, fake_stream_t *s)
{
  assert_true(fake.opened < STREAMS);
  s->group = group;
  s->turn.run = run_turn;
  s->room = SIZE_MAX;
  s->index = fake.opened++;
  fake.streams[s->index] = s;
  netmcu__handle_opened(group->stack->ctx);
}

static int open_stream(netmcu__stream_group *group, fake_stream_t *s, uint16_t family)
{
  (void)family;
  int error = outcome(FAKE_OPEN);
  if (error == 0)
    begin_stream(group, s);
  return error;
}

static int bind_stream(fake_stream_t *s, const netmcu_address *own)
{
  assert_false(s->is_closed || s->is_connecting);
  s->own = *own;
  return outcome(FAKE_BIND);
}

static int connect_stream(fake_stream_t *s, void *memory, const netmcu_address *to)
{
  int error = outcome(FAKE_CONNECT);
  assert_false(s->is_closed);
  s->peer = *to;
  s->is_connecting = error == 0;
  ((request *)memory)->mark = MARK;
  return error;
}

static void start_reading(fake_stream_t *s)
{
  assert_false(s->is_closed);
  s->is_reading = true;
  netmcu__task_post(s->group->stack->ctx, &s->turn);
}

static void stop_reading(fake_stream_t *s)
{
  assert_false(s->is_closed);
  s->is_reading = false;
}

static ptrdiff_t write_now(fake_stream_t *s, const netmcu_piece *pieces, unsigned count, bool last)
{
  int error = outcome(FAKE_WRITE);
  size_t done = 0;
  (void)last;
  assert_false(s->is_closed || s->is_shut_down);
  assert_between(count, 1, NETMCU__PIECES);
  if (error || s->waiting_count > 0)
    return error;
  for (unsigned i = 0; i < count; i++) {
    size_t taken = take(s, &pieces[i]);
    done += taken;
    if (taken < pieces[i].size)
      break;
  }
  return (ptrdiff_t)done;
}

static int write_later(fake_stream_t *s, void *memory, const netmcu_piece *pieces, unsigned count)
{
  int error = outcome(FAKE_WRITE_LATER);
  assert_false(s->is_closed || s->is_shut_down);
  assert_int_equal(s->waiting_count, 0);
  ((request *)memory)->mark = MARK;
  if (error)
    return error;
  memcpy(s->waiting, pieces, count * sizeof *pieces);
  s->waiting_count = count;
  netmcu__task_post(s->group->stack->ctx, &s->turn);
  return 0;
}

static int shut_down(fake_stream_t *s)
{
  int error = outcome(FAKE_SHUT_DOWN);
  assert_false(s->is_closed || s->is_shut_down);
  s->is_shut_down = error == 0;
  return error;
}

static void close_stream(fake_stream_t *s, bool reset)
{
  assert_false(s->is_closed);
  s->is_closed = true;
  fake.resets += reset;
  fake.streams[s->index] = NULL;
  netmcu__task_post(s->group->stack->ctx, &s->turn);
}

static int get_peer(const fake_stream_t *s, netmcu_address *address)
{
  int error = outcome(FAKE_GET_PEER);
  if (error == 0)
    *address = s->peer;
  return error;
}

static int get_address(const fake_stream_t *s, netmcu_address *address)
{
  int error = outcome(FAKE_GET_ADDRESS);
  if (error == 0)
    *address = (netmcu_address){.ip = {192, 0, 2, 100}, .port = (uint16_t)(50000 + s->index)};
  return error;
}

static int ttl_of_stream(const fake_stream_t *s, int *ttl)
{
  (void)s;
  (void)ttl;
  return 0;
}

static int set_keepalive(fake_stream_t *s, unsigned seconds)
{
  assert_false(s->is_closed);
  s->keepalive = seconds;
  return 0;
}

static int set_nodelay(fake_stream_t *s, bool nodelay)
{
  assert_false(s->is_closed);
  s->is_delayed = !nodelay;
  return 0;
}

static uint32_t unacknowledged(const fake_stream_t *s)
{
  return s->unacknowledged;
}

static int end_reason(const fake_stream_t *s)
{
  return s->end_error;
}

static bool has_ended(const fake_stream_t *s)
{
  return s->is_finished && s->inbox_size == 0;
}

/* ---- listeners ------------------------------------------------------------------------------- */

static void run_listener(netmcu__task *task)
{
  netmcu__stack_listener *l = netmcu__container(task, netmcu__stack_listener, turn);
  netmcu_t *ctx = l->group->stack->ctx;
  if (l->is_closed) {
    l->group->events->listener_closed(l);
    netmcu__handle_closed(ctx);
  } else if (fake.clients > 0) {
    l->group->events->client(l);
  }
}

static int open_listener(netmcu__stream_group *group, netmcu__stack_listener *l)
{
  int error = outcome(FAKE_OPEN_LISTENER);
  if (error)
    return error;
  l->group = group;
  l->turn.run = run_listener;
  netmcu__handle_opened(group->stack->ctx);
  return 0;
}

static int listen_on(netmcu__stack_listener *l, const netmcu_address *address, int backlog)
{
  int error = outcome(FAKE_LISTEN);
  assert_true(backlog > 0);
  if (error)
    return error;
  l->address = *address;
  fake.listener = l;
  return 0;
}

static int get_listener_address(const netmcu__stack_listener *l, netmcu_address *address)
{
  int error = outcome(FAKE_GET_ADDRESS);
  if (error == 0)
    *address = l->address;
  return error;
}

/* The next client, if there is one, comes in an iteration of its own. */
static void take_client(netmcu__stack_listener *l)
{
  assert_true(fake.clients > 0);
  if (--fake.clients > 0)
    netmcu__task_post(l->group->stack->ctx, &l->turn);
}

static int accept_client(netmcu__stack_listener *l, netmcu__stream_group *group, fake_stream_t *s)
{
  int error = outcome(FAKE_ACCEPT);
  begin_stream(group, s);
  s->peer = (netmcu_address){.ip = {192, 0, 2, 1}, .port = (uint16_t)(1000 + s->index)};
  take_client(l);
  return error;
}

static void refuse_client(netmcu__stack_listener *l)
{
  fake.refused++;
  take_client(l);
}

static void close_listener(netmcu__stack_listener *l)
{
  assert_false(l->is_closed);
  l->is_closed = true;
  if (fake.listener == l)
    fake.listener = NULL;
  netmcu__task_post(l->group->stack->ctx, &l->turn);
}

static int adopt(netmcu__stream_group *group, fake_stream_t *s, intptr_t descriptor)
{
  begin_stream(group, s);
  s->peer = (netmcu_address){.ip = {192, 0, 2, 1}, .port = (uint16_t)descriptor};
  return outcome(FAKE_ADOPT);
}

static int adopt_listener(netmcu__stream_group *group, netmcu__stack_listener *l, intptr_t descriptor, int backlog)
{
  (void)descriptor;
  int error = open_listener(group, l);
  assert_int_equal(error, 0);
  error = outcome(FAKE_ADOPT);
  return error ? error : listen_on(l, &(netmcu_address){.ip = {192, 0, 2, 100}, .port = 80}, backlog);
}

static void open_path(netmcu__stream_group *group, fake_stream_t *s)
{
  begin_stream(group, s);
}

static int connect_path(fake_stream_t *s, void *memory, const char *path)
{
  assert_int_equal(*path, '/');
  s->peer.family = NETMCU_UNIX;
  return connect_stream(s, memory, &s->peer);
}

static int listen_path(netmcu__stream_group *group, netmcu__stack_listener *l, const char *path, int backlog)
{
  assert_int_equal(*path, '/');
  return adopt_listener(group, l, 0, backlog);
}

static const netmcu__stream_operations fake_operations = {
    .stream_size = sizeof(fake_stream_t),
    .listener_size = sizeof(netmcu__stack_listener),
    .request_size = sizeof(request),
    .open = open_stream,
    .bind = bind_stream,
    .connect = connect_stream,
    .start_reading = start_reading,
    .stop_reading = stop_reading,
    .write = write_now,
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
    .has_ended = has_ended,
    .open_listener = open_listener,
    .listen = listen_on,
    .open_path = open_path,
    .connect_path = connect_path,
    .listen_path = listen_path,
    .adopt = adopt,
    .adopt_listener = adopt_listener,
    .get_listener_address = get_listener_address,
    .accept = accept_client,
    .refuse = refuse_client,
    .close_listener = close_listener,
};

/* ---- for tests ------------------------------------------------------------------------------- */

void fake_client(void)
{
  assert_non_null(fake.listener);
  if (fake.clients++ == 0)
    netmcu__task_post(fake.stack.ctx, &fake.listener->turn);
}

bool fake_is_client_waiting(void)
{
  return fake.clients > 0;
}

unsigned fake_refused(void)
{
  return fake.refused;
}

fake_stream_t *fake_stream(unsigned index)
{
  return fake.streams[index];
}

unsigned fake_streams(void)
{
  return fake.opened;
}

unsigned fake_resets(void)
{
  return fake.resets;
}

void fake_connected(fake_stream_t *s, int error)
{
  assert_true(s->is_connecting);
  s->is_connecting = false;
  s->group->events->connected(s, error);
}

netmcu_connection *fake_open(netmcu_t *ctx, const netmcu_connection_events *events)
{
  netmcu_connection *c = open_connection(ctx, events, 80);
  loop_run(ctx);
  fake_connected(fake.streams[fake.opened - 1], 0);
  loop_run(ctx);
  forget_calls();
  return c;
}

static void notify(fake_stream_t *s)
{
  netmcu__task_post(s->group->stack->ctx, &s->turn);
}

void fake_receive(fake_stream_t *s, const char *data, size_t size)
{
  s->inbox = realloc(s->inbox, s->inbox_size + size);
  assert_non_null(s->inbox);
  memcpy(s->inbox + s->inbox_size, data, size);
  s->inbox_size += size;
  notify(s);
}

void fake_finish(fake_stream_t *s)
{
  s->is_finished = true;
  notify(s);
}

void fake_finish_by(fake_stream_t *s, int error)
{
  s->end_error = error;
  fake_finish(s);
}

void fake_break(fake_stream_t *s, int error)
{
  s->read_error = error;
  notify(s);
}

bool fake_is_reading(fake_stream_t *s)
{
  return s->is_reading;
}

void fake_set_room(fake_stream_t *s, size_t bytes)
{
  s->room = bytes;
  progress_write(s);
}

void fake_break_write(fake_stream_t *s, int error)
{
  assert_true(s->waiting_count > 0);
  s->waiting_count = 0;
  s->group->events->written(s, error);
}

bool fake_is_write_waiting(fake_stream_t *s)
{
  return s->waiting_count > 0;
}

const char *fake_output(fake_stream_t *s)
{
  return s->outbox ? s->outbox : "";
}

size_t fake_output_size(fake_stream_t *s)
{
  return s->outbox_size;
}

bool fake_is_shut_down(fake_stream_t *s)
{
  return s->is_shut_down;
}

unsigned fake_keepalive(fake_stream_t *s)
{
  return s->keepalive;
}

bool fake_is_delayed(fake_stream_t *s)
{
  return s->is_delayed;
}

netmcu_address fake_own(fake_stream_t *s)
{
  return s->own;
}

void fake_set_unacknowledged(fake_stream_t *s, uint32_t bytes)
{
  s->unacknowledged = bytes;
}

/* ---- the stack ------------------------------------------------------------------------------- */

static netmcu__stack *begin(netmcu_t *ctx, void *data)
{
  (void)data;
  assert_false(fake.is_open);
  memset(&fake, 0, sizeof fake);
  fake.is_open = true;
  clock_begin(&fake.stack);
  static const netmcu__interface_operations no_interfaces;
  fake.stack =
      (netmcu__stack){.ctx = ctx, .clock = &clock_standing, .streams = &fake_operations, .interfaces = &no_interfaces};
  return &fake.stack;
}

static void close_fake(netmcu__stack *stack)
{
  (void)stack;
}

static void end(netmcu__stack *stack)
{
  (void)stack;
  fake.is_open = false;
}

netmcu_t *fake_begin(const netmcu_options *options)
{
  static const netmcu__stack_class fake_stack = {
      .begin = begin, .close = close_fake, .end = end, .look_at_clock = netmcu__look_at_clock};

  fake.is_open = false;
  return loop_begin_on(&fake_stack, options);
}
