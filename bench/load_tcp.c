/* Clients over TCP. Each run owns its connections and one epoll descriptor, which it polls without
 * ever sleeping. */
#define _GNU_SOURCE
#include "load_socket.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connections that are opened before the run waits for the server. The number is well below any
 * backlog, because an overflow costs a second. */
#define LOT        50
#define EVENTS     256
#define READ_BYTES (1 << 18)

typedef struct client {
  int fd;
  size_t sent, received; /* of the current message */
} client;

static char output[READ_BYTES], input[READ_BYTES];

static client *new_clients(const load *l)
{
  client *clients = calloc((size_t)l->connections, sizeof *clients);

  if (clients == NULL)
    load_fail("out of memory");
  if (l->message > sizeof output)
    load_fail("messages have at most %zu bytes", sizeof output);
  memset(output, 'x', sizeof output);
  return clients;
}

static void watch(int epoll, int operation, client *c, uint32_t events)
{
  struct epoll_event event = {.events = events, .data.ptr = c};

  if (epoll_ctl(epoll, operation, c->fd, &event) != 0)
    load_fail("epoll_ctl: %s", strerror(errno));
}

static int new_epoll(void)
{
  int epoll = epoll_create1(EPOLL_CLOEXEC);

  if (epoll < 0)
    load_fail("epoll_create1: %s", strerror(errno));
  return epoll;
}

/* Handles one round of ready connections; never sleeps. */
static void turn(load *l, int epoll, void (*ready)(load *, int, client *, uint32_t))
{
  struct epoll_event events[EVENTS];
  int count = epoll_wait(epoll, events, EVENTS, 0);

  for (int i = 0; i < count; i++)
    ready(l, epoll, events[i].data.ptr, events[i].events);
}

static size_t receive_some(client *c)
{
  ssize_t n = recv(c->fd, input, sizeof input, 0);

  if (n == 0)
    load_fail("the server closed a connection");
  if (n < 0 && errno != EAGAIN)
    load_fail("recv: %s", strerror(errno));
  return n < 0 ? 0 : (size_t)n;
}

static size_t send_some(client *c, size_t length)
{
  ssize_t n = send(c->fd, output, length, 0);

  if (n < 0 && errno != EAGAIN)
    load_fail("send: %s", strerror(errno));
  return n < 0 ? 0 : (size_t)n;
}

static void wait_for_echo(client *c, size_t length)
{
  struct pollfd ready = {.fd = c->fd, .events = POLLIN};

  send_some(c, length);
  if (poll(&ready, 1, 10000) != 1 || receive_some(c) != length)
    load_fail("the server does not echo");
}

/* After the echo of a byte, the server has accepted this connection and all before it. */
static void open_all(load *l, client *clients)
{
  for (int i = 0; i < l->connections; i++) {
    clients[i].fd = load_connect(l);
    if ((i + 1) % LOT == 0 || i + 1 == l->connections)
      wait_for_echo(&clients[i], 1);
    if (i + 1 == LOT)
      l->resident_first = load_resident(l);
  }
}

static void send_message(load *l, int epoll, client *c)
{
  bool was_waiting = c->sent > 0;

  c->sent += send_some(c, l->message - c->sent);
  if (c->sent < l->message && !was_waiting)
    watch(epoll, EPOLL_CTL_MOD, c, EPOLLIN | EPOLLOUT);
  if (c->sent == l->message && was_waiting)
    watch(epoll, EPOLL_CTL_MOD, c, EPOLLIN);
}

static void echo_ready(load *l, int epoll, client *c, uint32_t events)
{
  if ((events & EPOLLOUT) != 0 && c->sent < l->message)
    send_message(l, epoll, c);
  if ((events & ~(uint32_t)EPOLLOUT) == 0)
    return;
  c->received += receive_some(c);
  if (c->received < l->message)
    return;
  if (c->received > l->message)
    load_fail("more came back than was sent");
  l->count++;
  c->sent = c->received = 0;
  send_message(l, epoll, c);
}

void load_echo(load *l)
{
  client *clients = new_clients(l);
  int epoll = new_epoll();

  load_start_listener(l);
  open_all(l, clients);
  for (int i = 0; i < l->connections; i++) {
    watch(epoll, EPOLL_CTL_ADD, &clients[i], EPOLLIN);
    send_message(l, epoll, &clients[i]);
  }
  while (load_running(l))
    turn(l, epoll, echo_ready);
}

/* A message of more than one byte is echoed on every connection. The byte at the end makes the server
 * collect its garbage. */
static void use_all(load *l, client *clients)
{
  for (int i = 0; i < l->connections; i++)
    wait_for_echo(&clients[i], l->message);
  wait_for_echo(&clients[0], 1);
}

void load_idle(load *l)
{
  client *clients = new_clients(l);

  load_start_listener(l);
  load_begin(l);
  open_all(l, clients);
  if (l->message > 1)
    use_all(l, clients);
  l->count = (uint64_t)l->connections;
  load_end(l);
}

static void sink_ready(load *l, int epoll, client *c, uint32_t events)
{
  (void)epoll;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0)
    load_fail("the server closed a connection");
  l->count += send_some(c, l->message);
}

/* MSG_TRUNC drops the bytes in the kernel, because the reader must be faster than the server that
 * is measured. */
static void source_ready(load *l, int epoll, client *c, uint32_t events)
{
  ssize_t n = recv(c->fd, input, sizeof input, MSG_TRUNC);

  (void)epoll;
  (void)events;
  if (n == 0 || (n < 0 && errno != EAGAIN))
    load_fail("the server closed a connection");
  if (n > 0)
    l->count += (uint64_t)n;
}

static void bulk(load *l, uint32_t events, void (*ready)(load *, int, client *, uint32_t))
{
  client *clients = new_clients(l);
  int epoll = new_epoll();

  load_start_listener(l);
  for (int i = 0; i < l->connections; i++) {
    clients[i].fd = load_connect(l);
    load_bound_buffers(clients[i].fd);
    watch(epoll, EPOLL_CTL_ADD, &clients[i], events);
  }
  while (load_running(l))
    turn(l, epoll, ready);
}

void load_sink(load *l)
{
  bulk(l, EPOLLOUT, sink_ready);
}

void load_source(load *l)
{
  bulk(l, EPOLLIN, source_ready);
}

static void greet_begin(load *l, int epoll, client *c)
{
  c->fd = load_connect_begin(l);
  c->received = 0;
  watch(epoll, EPOLL_CTL_ADD, c, EPOLLIN);
}

static void greet_ready(load *l, int epoll, client *c, uint32_t events)
{
  ssize_t n = recv(c->fd, input, sizeof input, 0);

  (void)events;
  if (n > 0)
    c->received += (size_t)n;
  if (n > 0 || (n < 0 && errno == EAGAIN))
    return;
  if (n < 0)
    load_fail("recv: %s", strerror(errno));
  if (c->received == 0)
    load_fail("the server closed without a greeting");
  close(c->fd);
  l->count++;
  greet_begin(l, epoll, c);
}

void load_greet(load *l)
{
  client *clients = new_clients(l);
  int epoll = new_epoll();

  load_start_listener(l);
  for (int i = 0; i < l->connections; i++)
    greet_begin(l, epoll, &clients[i]);
  while (load_running(l))
    turn(l, epoll, greet_ready);
}

static void churn_begin(load *l, int epoll, client *c)
{
  c->fd = load_connect(l);
  c->received = 0;
  watch(epoll, EPOLL_CTL_ADD, c, EPOLLIN);
  send_some(c, 1);
}

static void churn_ready(load *l, int epoll, client *c, uint32_t events)
{
  (void)events;
  if (receive_some(c) == 0)
    return;
  close(c->fd);
  l->count++;
  churn_begin(l, epoll, c);
}

/* Short connections beside idle ones. This shows whether opening and closing gets slower with the
 * number of open connections. */
void load_churn(load *l)
{
  client *idle = new_clients(l), active[LOT];
  int epoll = new_epoll();

  load_start_listener(l);
  open_all(l, idle);
  for (int i = 0; i < LOT; i++)
    churn_begin(l, epoll, &active[i]);
  while (load_running(l))
    turn(l, epoll, churn_ready);
}

/* A fixed number of messages, one after the other over one connection. The server takes the same
 * steps each time, so its instructions can be counted. */
void load_count(load *l)
{
  client *clients = new_clients(l);
  int epoll = new_epoll();

  load_start_listener(l);
  open_all(l, clients);
  load_begin(l);
  watch(epoll, EPOLL_CTL_ADD, &clients[0], EPOLLIN);
  send_message(l, epoll, &clients[0]);
  while (l->count < l->messages)
    turn(l, epoll, echo_ready);
  load_end(l);
  load_end_server();
}
