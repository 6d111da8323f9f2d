/* libuv, in two variants.
 *
 * The first is how most people write it, after the echo server of libuv's guide: 64 KiB from malloc
 * for each read, which goes to uv_write and is freed afterwards. The second, with TRY_WRITE, uses
 * one buffer for all reads and calls uv_try_write first. Only the bytes that the system does not
 * take at once are copied for uv_write. UDP uses recvmmsg and uv_udp_try_send.
 *
 *   bench_libuv [--linger] SCENARIO PORT
 *
 * With --linger, a server that greets keeps netmcu's promise: it drains its output, sends the FIN,
 * and drops what it reads until the peer's end, or for two seconds. */
#include "server.h"

#include <signal.h>
#include <uv.h>

typedef struct write_request {
  uv_write_t request;
  uv_buf_t buffer;
} write_request;

typedef struct send_request {
  uv_udp_send_t request;
  uv_buf_t buffer;
} send_request;

typedef struct lingering {
  uv_shutdown_t request;
  uv_timer_t timer;
  uv_stream_t *stream;
} lingering;

#define RECVMMSG_BYTES (20 * 65536)
#define LINGER_TIMEOUT 2000 /* ms, as netmcu's */

static scenario_kind scenario;
static int lingers;
static char chunk[CHUNK];

#ifdef TRY_WRITE
#define TRY 1
#else
#define TRY 0
#endif

static void check(int status, const char *what)
{
  if (status < 0)
    fail(what, uv_strerror(status));
}

static void *allocate(size_t size)
{
  void *memory = malloc(size);

  if (memory == NULL)
    fail("malloc", "out of memory");
  return memory;
}

static void on_close(uv_handle_t *handle)
{
  free(handle);
}

static void close_connection(uv_stream_t *stream)
{
  if (!uv_is_closing((uv_handle_t *)stream))
    uv_close((uv_handle_t *)stream, on_close);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
  static char shared[RECVMMSG_BYTES];

  (void)handle;
  if (TRY)
    *buffer = uv_buf_init(shared, scenario == UDP ? RECVMMSG_BYTES : 65536);
  else
    *buffer = uv_buf_init(allocate(suggested), (unsigned)suggested);
}

static void drop(const uv_buf_t *buffer)
{
  if (!TRY)
    free(buffer->base);
}

static void on_written(uv_write_t *request, int status)
{
  write_request *w = (write_request *)request;

  (void)status;
  free(w->buffer.base);
  free(w);
}

/* Takes ownership of the buffer. */
static void write_owned(uv_stream_t *stream, char *data, size_t length)
{
  write_request *w = allocate(sizeof *w);

  w->buffer = uv_buf_init(data, (unsigned)length);
  check(uv_write(&w->request, stream, &w->buffer, 1, on_written), "uv_write");
}

static void write_rest(uv_stream_t *stream, const char *data, size_t length)
{
  uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)data, (unsigned)length);
  int n = uv_try_write(stream, &buffer, 1);
  char *copy;

  if (n == (int)length)
    return;
  n = n < 0 ? 0 : n;
  copy = allocate(length - (size_t)n);
  memcpy(copy, data + n, length - (size_t)n);
  write_owned(stream, copy, length - (size_t)n);
}

static void respond(uv_stream_t *stream)
{
  char *copy;

  if (TRY) {
    write_rest(stream, RESPONSE, sizeof RESPONSE - 1);
    return;
  }
  copy = allocate(sizeof RESPONSE - 1);
  memcpy(copy, RESPONSE, sizeof RESPONSE - 1);
  write_owned(stream, copy, sizeof RESPONSE - 1);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
  if (n < 0)
    close_connection(stream);
  if (n > 0 && scenario == ECHO_BACK) {
    if (TRY)
      write_rest(stream, buffer->base, (size_t)n);
    else
      write_owned(stream, buffer->base, (size_t)n);
    return;
  }
  if (n > 0 && scenario == HTTP && ends_request(buffer->base, (size_t)n))
    respond(stream);
  drop(buffer);
}

static void on_poured(uv_write_t *request, int status);

static void pour(uv_stream_t *stream)
{
  uv_buf_t buffer = uv_buf_init(chunk, sizeof chunk);
  uv_write_t *request = allocate(sizeof *request);
  int n = TRY ? uv_try_write(stream, &buffer, 1) : 0;

  /* The rest goes through uv_write even if it is empty, so that one connection does not monopolize
   * the loop. */
  if (n > 0 && n < (int)sizeof chunk)
    buffer = uv_buf_init(chunk + n, (unsigned)(sizeof chunk - (size_t)n));
  check(uv_write(request, stream, &buffer, 1, on_poured), "uv_write");
}

static void on_poured(uv_write_t *request, int status)
{
  uv_stream_t *stream = request->handle;

  free(request);
  if (status == 0)
    pour(stream);
  else
    close_connection(stream);
}

static void on_linger_closed(uv_handle_t *timer)
{
  free(timer->data);
}

static void end_lingering(lingering *l)
{
  close_connection(l->stream);
  uv_close((uv_handle_t *)&l->timer, on_linger_closed);
}

static void on_linger_timeout(uv_timer_t *timer)
{
  end_lingering(timer->data);
}

static void on_linger_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
  drop(buffer);
  if (n < 0)
    end_lingering(stream->data);
}

static void on_shut_down(uv_shutdown_t *request, int status)
{
  lingering *l = (lingering *)request;

  (void)status;
  check(uv_timer_start(&l->timer, on_linger_timeout, LINGER_TIMEOUT, 0), "uv_timer_start");
  check(uv_read_start(l->stream, on_alloc, on_linger_read), "uv_read_start");
}

static void linger(uv_stream_t *stream)
{
  lingering *l = allocate(sizeof *l);

  l->stream = stream;
  stream->data = l;
  check(uv_timer_init(stream->loop, &l->timer), "uv_timer_init");
  l->timer.data = l;
  check(uv_shutdown(&l->request, stream, on_shut_down), "uv_shutdown");
}

static void end_greeting(uv_stream_t *stream)
{
  if (lingers)
    linger(stream);
  else
    close_connection(stream);
}

static void on_greeted(uv_write_t *request, int status)
{
  (void)status;
  end_greeting(request->handle);
  free(request);
}

static void greet(uv_stream_t *stream)
{
  static char greeting[] = GREETING;
  uv_buf_t buffer = uv_buf_init(greeting, sizeof greeting - 1);
  uv_write_t *request;

  if (TRY && uv_try_write(stream, &buffer, 1) == (int)buffer.len) {
    end_greeting(stream);
    return;
  }
  request = allocate(sizeof *request);
  check(uv_write(request, stream, &buffer, 1, on_greeted), "uv_write");
}

static void on_connection(uv_stream_t *server, int status)
{
  uv_tcp_t *connection = allocate(sizeof *connection);

  check(status, "accept");
  check(uv_tcp_init(server->loop, connection), "uv_tcp_init");
  check(uv_accept(server, (uv_stream_t *)connection), "uv_accept");
  check(uv_tcp_nodelay(connection, 1), "uv_tcp_nodelay");
  if (scenario == GREET)
    greet((uv_stream_t *)connection);
  else if (scenario == SOURCE)
    pour((uv_stream_t *)connection);
  else
    check(uv_read_start((uv_stream_t *)connection, on_alloc, on_read), "uv_read_start");
}

static void on_sent(uv_udp_send_t *request, int status)
{
  send_request *s = (send_request *)request;

  (void)status;
  free(s->buffer.base);
  free(s);
}

static void send_owned(uv_udp_t *socket, char *data, size_t length, const struct sockaddr *peer)
{
  send_request *s = allocate(sizeof *s);

  s->buffer = uv_buf_init(data, (unsigned)length);
  check(uv_udp_send(&s->request, socket, &s->buffer, 1, peer, on_sent), "uv_udp_send");
}

static void on_datagram(uv_udp_t *socket, ssize_t n, const uv_buf_t *buffer, const struct sockaddr *peer,
                        unsigned flags)
{
  uv_buf_t data = uv_buf_init(buffer->base, n > 0 ? (unsigned)n : 0);

  (void)flags;
  if (peer == NULL || n < 0)
    drop(buffer);
  else if (TRY)
    uv_udp_try_send(socket, &data, 1, peer);
  else
    send_owned(socket, buffer->base, (size_t)n, peer);
}

static void serve_udp(uv_loop_t *loop, const struct sockaddr_in *address)
{
  static uv_udp_t socket;

  check(uv_udp_init_ex(loop, &socket, AF_INET | (TRY ? UV_UDP_RECVMMSG : 0)), "uv_udp_init_ex");
  check(uv_udp_bind(&socket, (const struct sockaddr *)address, 0), "uv_udp_bind");
  check(uv_udp_recv_start(&socket, on_alloc, on_datagram), "uv_udp_recv_start");
}

static void serve_tcp(uv_loop_t *loop, const struct sockaddr_in *address)
{
  static uv_tcp_t server;

  check(uv_tcp_init(loop, &server), "uv_tcp_init");
  check(uv_tcp_bind(&server, (const struct sockaddr *)address, 0), "uv_tcp_bind");
  check(uv_listen((uv_stream_t *)&server, BACKLOG, on_connection), "uv_listen");
}

int main(int argc, char **argv)
{
  struct sockaddr_in address;
  uint16_t port;

  lingers = argc > 1 && strcmp(argv[1], "--linger") == 0;
  scenario = read_arguments(argc - lingers, argv + lingers, &port);
  signal(SIGPIPE, SIG_IGN);
  uv_ip4_addr("127.0.0.1", port, &address);
  if (scenario == UDP)
    serve_udp(uv_default_loop(), &address);
  else
    serve_tcp(uv_default_loop(), &address);
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
