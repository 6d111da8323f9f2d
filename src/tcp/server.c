/* A TCP server (net.server): the public object, and behind it a listening handle that closes by itself, so that the
 * object can listen again at once.
 *
 *   IDLE (no listener) ──listen──▶ LISTENING ──close──▶ IDLE        free, in either state ──▶ gone
 */
#include <stdio.h>

#include "edge/edge.h"
#include "tcp/stream.h"

typedef struct listener {
  uv_tcp_t tcp;
  netmcu_t *ctx;
  netmcu_server *server; /* NULL when it was closed */
  uv_tcp_t refused;      /* takes a client for which there is no memory, to close it */
  netmcu__task resume;   /* takes the client that waited, for a free place or for its turn */
  unsigned accepted;     /* since the listener waited for a turn of the loop */
  bool refusing, waiting, closed;
  bool another; /* waits for `refused` */
} listener;

struct netmcu_server {
  netmcu__object object;
  void *data;
  listener *listener;
  netmcu_accept_cb accept;
  unsigned idle_timeout; /* ms */
};

#define DEFAULT_BACKLOG 128

/* After so many clients the rest of the loop has its turn: libuv accepts for as long as clients come, which may be for ever. */
#define CLIENTS_AT_ONCE 32

static void object_free(netmcu__object *object)
{
  netmcu_server_free((netmcu_server *)object);
}

static bool object_describe(const netmcu__object *object, char *text, size_t size)
{
  netmcu_address own = {{0}, 0};
  char ip[NETMCU_IP_SIZE];

  if (netmcu_server_getaddr((const netmcu_server *)object, &own))
    return false;
  snprintf(text, size, "net.server (listening, %s:%u)", netmcu_ip_text(&own, ip), own.port);
  return true;
}

static const netmcu__class server_class = {"net.server", object_free, object_describe};

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

netmcu_t *netmcu_server_context(const netmcu_server *server)
{
  return server->object.ctx;
}

void netmcu_server_set_data(netmcu_server *server, void *data)
{
  server->data = data;
}

void *netmcu_server_data(const netmcu_server *server)
{
  return server->data;
}

void netmcu_server_set_idle_timeout(netmcu_server *server, unsigned timeout)
{
  server->idle_timeout = timeout;
}

/* ---- the listener's handles ------------------------------------------------------------------------------ */

static void listener_release(listener *l)
{
  if (l->closed && !l->refusing)
    netmcu__release(l->ctx, l);
}

static void listener_closed(uv_handle_t *handle)
{
  listener *l = netmcu__container(handle, listener, tcp);
  netmcu_t *ctx = l->ctx;

  l->closed = true;
  listener_release(l);
  netmcu__handle_closed(ctx);
}

static void accept_clients(listener *l);

static void refused_closed(uv_handle_t *handle)
{
  listener *l = netmcu__container(handle, listener, refused);
  netmcu_t *ctx = l->ctx;

  l->refusing = false;
  if (l->server && l->another)
    accept_clients(l);
  listener_release(l);
  netmcu__handle_closed(ctx);
}

/* libuv takes no further client before this one is accepted. */
static void refuse_client(listener *l)
{
  l->another = l->refusing;
  if (l->refusing)
    return;
  uv_tcp_init(netmcu_loop(l->ctx), &l->refused);
  netmcu__handle_opened(l->ctx);
  l->refusing = true;
  uv_accept((uv_stream_t *)&l->tcp, (uv_stream_t *)&l->refused);
  uv_close((uv_handle_t *)&l->refused, refused_closed);
}

/* ---- clients --------------------------------------------------------------------------------------------- */

/* In strict mode a client beyond the device's number is left where it waits. */
static bool is_place_free(listener *l)
{
  l->waiting = netmcu__streams_check_number(l->ctx) != 0;
  return !l->waiting;
}

static void refuse_by_fault(netmcu_server *server, netmcu__stream *stream)
{
  netmcu_address peer = {{0}, 0};

  netmcu__stream_getpeer(stream, &peer);
  netmcu__stream_abandon(stream);
  if (netmcu__is_traced(server->object.ctx))
    netmcu__trace(&server->object, (netmcu_trace_event){.what = "fault", .detail = "refuse", .peer = &peer});
}

static int accept_client(listener *l)
{
  netmcu__stream *stream;
  int error = netmcu__stream_accept(l->ctx, (uv_stream_t *)&l->tcp, &stream);

  if (error)
    return error;
  if (netmcu__stream_is_refused(stream)) {
    refuse_by_fault(l->server, stream);
    return 0;
  }
  netmcu_connection *client = netmcu__connection_accepted(l->ctx, stream, l->server->idle_timeout);
  if (client == NULL) {
    netmcu__stream_abandon(stream);
    return 0;
  }
  netmcu__stream_cork(stream);
  l->server->accept(l->server, client);
  netmcu__stream_begin(stream);
  return 0;
}

static void accept_clients(listener *l)
{
  if (!is_place_free(l))
    return;
  if (accept_client(l) == NETMCU_ENOMEM)
    refuse_client(l);
}

static void on_client(uv_stream_t *stream, int status)
{
  listener *l = netmcu__container(stream, listener, tcp);

  if (status != 0 || l->server == NULL)
    return;
  if (++l->accepted > CLIENTS_AT_ONCE)
    netmcu__task_post(l->ctx, &l->resume);
  else
    accept_clients(l);
}

static void resume(netmcu__object *object)
{
  listener *l = ((netmcu_server *)object)->listener;

  if (l && l->waiting) {
    l->waiting = false;
    netmcu__task_post(l->ctx, &l->resume);
  }
}

void netmcu__servers_resume(netmcu_t *ctx)
{
  if (netmcu_get_options(ctx)->strict)
    netmcu__objects_each(ctx, &server_class, resume);
}

/* ---- listening ------------------------------------------------------------------------------------------- */

static void run_resume(netmcu__task *task)
{
  listener *l = netmcu__container(task, listener, resume);

  l->accepted = 0;
  accept_clients(l);
}

static int get_real_address(const listener *l, netmcu_address *address)
{
  struct sockaddr_in sockaddr;
  int size = sizeof(sockaddr);
  int error = uv_tcp_getsockname(&l->tcp, (struct sockaddr *)&sockaddr, &size);

  if (error)
    return netmcu__error(error);
  *address = netmcu__address(&sockaddr);
  return 0;
}

/* Says which port it really is, where that is another. */
static void trace_listening(netmcu_server *server)
{
  netmcu_address asked = {.port = 0}, real = {.port = 0};
  char text[32];

  if (!netmcu__is_traced(server->object.ctx) || netmcu_server_getaddr(server, &asked) ||
      get_real_address(server->listener, &real))
    return;
  snprintf(text, sizeof(text), "really port %u", (unsigned)real.port);
  netmcu__trace(
      &server->object,
      (netmcu_trace_event){.what = "listen", .peer = &asked, .detail = asked.port == real.port ? NULL : text});
}

static int bind_and_listen(listener *l, const netmcu_address *address, int backlog)
{
  struct sockaddr_in sockaddr = netmcu__sockaddr(address);
  int error = uv_tcp_bind(&l->tcp, (const struct sockaddr *)&sockaddr, 0);

  if (error == 0)
    error = uv_listen((uv_stream_t *)&l->tcp, backlog > 0 ? backlog : DEFAULT_BACKLOG, on_client);
  if (error == 0)
    uv_tcp_nodelay(&l->tcp, 1); /* its clients inherit it */
  return netmcu__error(error);
}

static int listen_where_routed(listener *l, netmcu_address address, int backlog)
{
  uint16_t asked = address.port;
  bool routed = netmcu__is_routed(l->ctx);

  if (routed)
    netmcu__route_listen(l->ctx, false, &address);
  int error = bind_and_listen(l, &address, backlog);
  if (error && routed && netmcu__route_again(l->ctx, false, error, &address))
    error = bind_and_listen(l, &address, backlog);
  if (error)
    return error;
  if (routed && get_real_address(l, &address) == 0)
    netmcu__route_listens(l->ctx, false, asked, &address);
  trace_listening(l->server);
  return 0;
}

int netmcu_server_listen(netmcu_server *server, uint16_t port, const char *ip, int backlog, netmcu_accept_cb accept)
{
  netmcu_t *ctx = server->object.ctx;
  netmcu_address address = {.port = port};

  if (server->listener)
    return NETMCU_EINPROGRESS;
  if (ip && netmcu_ip_parse(ip, &address))
    return NETMCU_EVALUE;
  if (accept == NULL)
    return NETMCU_EARGUMENT;
  listener *l = netmcu__allocate(ctx, sizeof(*l));
  if (l == NULL)
    return NETMCU_ENOMEM;
  int error = uv_tcp_init_ex(netmcu_loop(ctx), &l->tcp, AF_INET);
  if (error) {
    netmcu__release(ctx, l);
    return netmcu__error(error);
  }
  l->ctx = ctx;
  l->server = server;
  l->resume.run = run_resume;
  netmcu__handle_opened(ctx);
  server->listener = l;
  server->accept = accept;
  error = listen_where_routed(l, address, backlog);
  if (error)
    netmcu_server_close(server);
  return error;
}

int netmcu_server_getaddr(const netmcu_server *server, netmcu_address *address)
{
  if (server->listener == NULL)
    return NETMCU_ENOTCONN;
  int error = get_real_address(server->listener, address);
  if (error == 0 && netmcu__is_routed(server->object.ctx))
    netmcu__route_own(server->object.ctx, false, address);
  return error;
}

int netmcu_server_close(netmcu_server *server)
{
  listener *l = server->listener;

  if (l == NULL)
    return NETMCU_ENOTCONN;
  if (netmcu__is_traced(l->ctx))
    netmcu__trace(&server->object, (netmcu_trace_event){.what = "close"});
  server->listener = NULL;
  l->server = NULL;
  netmcu__task_cancel(l->ctx, &l->resume);
  uv_close((uv_handle_t *)&l->tcp, listener_closed);
  return 0;
}
