/* A TCP server (net.server): the public object, and behind it a listener that closes by itself, so
 * that the object can listen again at once.
 *
 *   IDLE (no listener) ──listen──▶ LISTENING ──close──▶ IDLE        free, in either state ──▶ gone
 */
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "edge/route.h"
#include "edge/trace.h"
#include "tcp/stream_private.h"

typedef struct netmcu__listener listener;

struct netmcu__listener {
  netmcu__streams *streams;
  netmcu_server *server; /* NULL if it was closed */
  netmcu__task resume;   /* takes the client that waited for a free place or for its turn */
  listener *next_waiting;
  bool held, has_client;                       /* held: the client waits until the server is unheld */
  char *host;                                  /* "unix:PATH", behind the stack's listener; NULL: an address */
  unsigned accepted;                           /* since the listener last waited for a loop iteration */
  _Alignas(max_align_t) unsigned char below[]; /* the stack's listener */
};

struct netmcu_server {
  netmcu__object object;
  void *data;
  listener *listener;
  netmcu_accept_cb accept;
  unsigned idle_timeout; /* ms */
};

/* After this many clients, the rest of the loop has its turn. libuv accepts as long as clients
 * arrive, which may be forever. */
#define CLIENTS_AT_ONCE 32

static void free_object(netmcu__object *object)
{
  netmcu_server_free((netmcu_server *)object);
}

static bool is_open(const netmcu__object *object)
{
  return ((const netmcu_server *)object)->listener != NULL;
}

static void describe(const netmcu__object *object, char *text, size_t size)
{
  const netmcu_server *server = (const netmcu_server *)object;
  const char *host = server->listener->host;
  netmcu_address own = {.port = 0};
  char address[NETMCU_ADDRESS_SIZE];

  netmcu_server_get_address(server, &own);
  snprintf(text, size, "net.server (listening, %s)", host ? host : netmcu_address_format(&own, address));
}

static const netmcu__class server_class = {"net.server", free_object, is_open, describe};

netmcu_server *netmcu_server_new(netmcu_t *ctx)
{
  netmcu_server *server = netmcu__allocate(ctx, sizeof(*server));

  if (server)
    netmcu__object_add(&server->object, ctx, &server_class);
  return server;
}

void netmcu_server_free(netmcu_server *server)
{
  if (server == NULL)
    return;
  netmcu_server_close(server);
  netmcu__object_remove(&server->object);
  netmcu__release(server->object.ctx, server);
}

netmcu_t *netmcu_server_get_context(const netmcu_server *server)
{
  return server->object.ctx;
}

void netmcu_server_set_data(netmcu_server *server, void *data)
{
  server->data = data;
}

void *netmcu_server_get_data(const netmcu_server *server)
{
  return server->data;
}

void netmcu_server_set_idle_timeout(netmcu_server *server, unsigned timeout)
{
  server->idle_timeout = timeout;
}

static netmcu__stack_listener *below_listener(const listener *l)
{
  return (netmcu__stack_listener *)(uintptr_t)l->below;
}

static listener *listener_above(const netmcu__stack_listener *below)
{
  return netmcu__container((uintptr_t)below, listener, below);
}

static const netmcu__stream_operations *stack_of_listener(const listener *l)
{
  return l->streams->group.operations;
}

void netmcu__listener_on_closed(netmcu__stack_listener *below)
{
  listener *l = listener_above(below);

  netmcu__release(l->streams->ctx, l);
}

/* ---- clients --------------------------------------------------------------------------------------------- */

static void wait_for_place(listener *l)
{
  l->next_waiting = l->streams->first_waiting;
  l->streams->first_waiting = l;
}

static void stop_waiting(listener *l)
{
  listener **place = &l->streams->first_waiting;

  while (*place && *place != l)
    place = &(*place)->next_waiting;
  if (*place)
    *place = l->next_waiting;
}

void netmcu__listeners_resume(netmcu__streams *streams)
{
  while (streams->first_waiting) {
    listener *l = streams->first_waiting;
    stop_waiting(l);
    netmcu__task_post(streams->ctx, &l->resume);
  }
}

static void refuse_by_fault(netmcu_server *server, netmcu__stream *stream)
{
  netmcu_address peer = {.port = 0};

  netmcu__stream_getpeer(stream, &peer);
  netmcu__stream_abandon(stream);
  if (netmcu__is_traced(server->object.ctx))
    netmcu__trace(&server->object, (netmcu_trace_event){.what = "fault", .detail = "refuse", .peer = &peer});
}

static int accept_client(listener *l)
{
  netmcu_t *ctx = l->streams->ctx;
  netmcu__stream *stream;
  int error = netmcu__stream_accept(ctx, below_listener(l), l->host, &stream);

  if (error)
    return error;
  if (netmcu__stream_is_refused(stream)) {
    refuse_by_fault(l->server, stream);
    return 0;
  }
  unsigned timeout = l->server->idle_timeout;
  bool is_chip = netmcu__is_chip(ctx); /* which only ends clients that are dead */
  netmcu_connection *client = netmcu__connection_accepted(ctx, stream, is_chip ? 0 : timeout);
  if (client == NULL) {
    netmcu__stream_abandon(stream);
    return 0;
  }
  if (is_chip)
    netmcu_connection_set_keepalive(client, timeout);
  netmcu__stream_cork(stream);
  netmcu__callback_begins(ctx);
  l->server->accept(l->server, client);
  netmcu__callback_ended(ctx);
  netmcu__stream_begin(stream);
  return 0;
}

/* In strict mode, a client beyond the device's limit keeps waiting. */
static void accept_clients(listener *l)
{
  netmcu_t *ctx = l->streams->ctx;

  if (l->held)
    l->has_client = true;
  else if (!netmcu__head_of(ctx)->is_device && netmcu__streams_check_number(ctx))
    wait_for_place(l);
  else if (accept_client(l) == NETMCU_ENOMEM)
    stack_of_listener(l)->refuse(below_listener(l));
}

void netmcu__listener_on_client(netmcu__stack_listener *below)
{
  listener *l = listener_above(below);

  if (++l->accepted > CLIENTS_AT_ONCE)
    netmcu__task_post(l->streams->ctx, &l->resume);
  else
    accept_clients(l);
}

static void resume(netmcu__task *task)
{
  listener *l = netmcu__container(task, listener, resume);

  l->accepted = 0;
  accept_clients(l);
}

/* ---- listening ------------------------------------------------------------------------------------------- */

static int backlog_of(int asked)
{
  return asked > 0 ? asked : 128;
}

static listener *allocate_listener(netmcu_server *server, size_t host_size)
{
  netmcu_t *ctx = server->object.ctx;
  netmcu__streams *streams = netmcu__streams_get(ctx);
  listener *l =
      streams ? netmcu__allocate(ctx, sizeof(*l) + streams->group.operations->listener_size + host_size) : NULL;

  if (l == NULL)
    return NULL;
  l->streams = streams;
  l->server = server;
  l->resume.run = resume;
  return l;
}

static int new_listener(netmcu_server *server)
{
  listener *l = allocate_listener(server, 0);

  if (l == NULL)
    return NETMCU_ENOMEM;
  int error = stack_of_listener(l)->open_listener(&l->streams->group, below_listener(l));
  if (error)
    netmcu__release(server->object.ctx, l);
  else
    server->listener = l;
  return error;
}

typedef struct place {
  listener *listener;
  int backlog;
} place;

static int listen_at(void *data, netmcu_address *address)
{
  const place *p = data;
  const netmcu__stream_operations *stack = stack_of_listener(p->listener);
  int error = stack->listen(below_listener(p->listener), address, p->backlog);

  return error ? error : stack->get_listener_address(below_listener(p->listener), address);
}

static void trace_listening(netmcu_server *server)
{
  netmcu_address asked = {.port = 0}, real = {.port = 0};

  if (server->listener->host)
    netmcu__trace(&server->object, (netmcu_trace_event){.what = "listen", .name = server->listener->host});
  else if (netmcu_server_get_address(server, &asked) == 0 &&
           stack_of_listener(server->listener)->get_listener_address(below_listener(server->listener), &real) == 0)
    netmcu__trace_listen(&server->object, &asked, &real);
}

/* Keeps a listener that the stack has opened, or closes it because of an error. */
static int finish_listen(netmcu_server *server, listener *l, netmcu_accept_cb accept, int error)
{
  server->listener = l;
  server->accept = accept;
  if (error)
    netmcu_server_close(server);
  else if (netmcu__is_traced(server->object.ctx))
    trace_listening(server);
  return error;
}

static int listen_at_path(netmcu_server *server, const char *host, int backlog, netmcu_accept_cb accept)
{
  size_t size = strlen(host) + 1;
  listener *l = allocate_listener(server, size);

  if (l == NULL)
    return NETMCU_ENOMEM;
  l->host = memcpy(l->below + l->streams->group.operations->listener_size, host, size);
  int error = stack_of_listener(l)->listen_path(&l->streams->group, below_listener(l), netmcu__path_of(l->host),
                                                backlog_of(backlog));
  return finish_listen(server, l, accept, error);
}

int netmcu_server_listen(netmcu_server *server, uint16_t port, const char *ip, int backlog, netmcu_accept_cb accept)
{
  netmcu_address address = {.port = port, .family = NETMCU__ANY_FAMILY};

  if (server->listener)
    return NETMCU_EINPROGRESS;
  bool is_path = netmcu__is_path(server->object.ctx, ip);
  if (ip && !is_path && netmcu_ip_parse(ip, &address))
    return NETMCU_EVALUE;
  if (accept == NULL)
    return NETMCU_EARGUMENT;
  if (is_path)
    return listen_at_path(server, ip, backlog, accept);
  int error = new_listener(server);
  if (error)
    return error;
  place p = {server->listener, backlog_of(backlog)};
  error = netmcu__route_listen(server->object.ctx, false, address, listen_at, &p);
  return finish_listen(server, server->listener, accept, error);
}

int netmcu_server_adopt(netmcu_server *server, intptr_t descriptor, int backlog, netmcu_accept_cb accept)
{
  if (server->listener)
    return NETMCU_EINPROGRESS;
  if (accept == NULL)
    return NETMCU_EARGUMENT;
  listener *l = allocate_listener(server, 0);
  if (l == NULL)
    return NETMCU_ENOMEM;
  int error =
      stack_of_listener(l)->adopt_listener(&l->streams->group, below_listener(l), descriptor, backlog_of(backlog));
  return finish_listen(server, l, accept, error);
}

int netmcu_server_get_address(const netmcu_server *server, netmcu_address *address)
{
  const listener *l = server->listener;

  if (l == NULL)
    return NETMCU_ENOTCONN;
  int error = stack_of_listener(l)->get_listener_address(below_listener(l), address);
  if (error == 0 && netmcu__is_routed(server->object.ctx))
    netmcu__route_own(server->object.ctx, false, address);
  return error;
}

int netmcu_server_hold(netmcu_server *server)
{
  if (server->listener == NULL)
    return NETMCU_ENOTCONN;
  server->listener->held = true;
  return 0;
}

int netmcu_server_unhold(netmcu_server *server)
{
  listener *l = server->listener;

  if (l == NULL)
    return NETMCU_ENOTCONN;
  l->held = false;
  if (l->has_client)
    netmcu__task_post(server->object.ctx, &l->resume);
  l->has_client = false;
  return 0;
}

int netmcu_server_close(netmcu_server *server)
{
  listener *l = server->listener;

  if (l == NULL)
    return NETMCU_ENOTCONN;
  if (netmcu__is_traced(server->object.ctx))
    netmcu__trace(&server->object, (netmcu_trace_event){.what = "close"});
  server->listener = NULL;
  l->server = NULL;
  stop_waiting(l);
  netmcu__task_cancel(server->object.ctx, &l->resume);
  stack_of_listener(l)->close_listener(below_listener(l));
  return 0;
}
