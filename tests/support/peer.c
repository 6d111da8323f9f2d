/* Scripted TCP peers; see peer.h. The watchdog of the test limits blocking calls. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"
#include "loop.h"
#include "peer.h"

struct peer {
  pthread_t thread;
  peer_script script;
  void *data;
  unsigned connections;
  int listener, fd; /* -1: not open */
  int wake[2];      /* closing the writing end ends a wait in accept */
  int go[2];        /* peer_go writes one byte to it */
  uint16_t port;
  atomic_bool done;
  peer_result result;
  const char *failure;
};

/* ---- sockets --------------------------------------------------------------------------------- */

static struct sockaddr_in loopback(uint16_t port)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static uint16_t own_port(int fd)
{
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  getsockname(fd, (struct sockaddr *)&address, &size);
  return ntohs(address.sin_port);
}

static int listening_socket(int backlog)
{
  struct sockaddr_in address = loopback(0);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  assert_true(fd >= 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(listen(fd, backlog), 0);
  return fd;
}

/* Linux drops SYNs once the backlog is full, so the connection attempt gets no answer. */
void peer_deaf_begin(peer_deaf *deaf)
{
  deaf->listener = listening_socket(0);
  deaf->port = own_port(deaf->listener);
  struct sockaddr_in address = loopback(deaf->port);
  for (size_t i = 0; i < sizeof deaf->fillers / sizeof *deaf->fillers; i++) {
    deaf->fillers[i] = socket(AF_INET, SOCK_STREAM, 0);
    fcntl(deaf->fillers[i], F_SETFL, O_NONBLOCK);
    connect(deaf->fillers[i], (struct sockaddr *)&address, sizeof address);
  }
}

void peer_deaf_end(peer_deaf *deaf)
{
  for (size_t i = 0; i < sizeof deaf->fillers / sizeof *deaf->fillers; i++)
    close(deaf->fillers[i]);
  close(deaf->listener);
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void converse(peer *p)
{
  p->result.connected = true;
  p->script(p);
  if (p->fd >= 0)
    close(p->fd);
  p->fd = -1;
}

static bool accept_one(peer *p)
{
  struct pollfd poll_for[2] = {{.fd = p->listener, .events = POLLIN}, {.fd = p->wake[0], .events = POLLIN}};
  while (poll(poll_for, 2, -1) < 0 && errno == EINTR)
    ;
  if (!(poll_for[0].revents & POLLIN))
    return false;
  p->fd = accept(p->listener, NULL, NULL);
  return p->fd >= 0;
}

/* The system of the listener answers, whatever its program is doing. */
static int connected_socket(uint16_t port)
{
  struct sockaddr_in address = loopback(port);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  assert_true(fd >= 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  return fd;
}

static void *run(void *data)
{
  peer *p = data;
  if (p->listener < 0)
    converse(p);
  else
    while (p->connections-- > 0 && accept_one(p))
      converse(p);
  atomic_store(&p->done, true);
  return NULL;
}

static peer *start(peer_script script, void *data, int listener, int fd, unsigned connections)
{
  peer *p = calloc(1, sizeof *p);
  assert_non_null(p);
  p->script = script;
  p->data = data;
  p->listener = listener;
  p->port = own_port(listener < 0 ? fd : listener);
  p->connections = connections;
  p->fd = fd;
  p->result.sum = BYTES_SUM_INIT;
  assert_int_equal(pipe(p->wake), 0);
  assert_int_equal(pipe(p->go), 0);
  assert_int_equal(pthread_create(&p->thread, NULL, run, p), 0);
  return p;
}

peer *peer_listen_many(peer_script script, void *data, unsigned connections)
{
  return start(script, data, listening_socket(128), -1, connections);
}

peer *peer_listen(peer_script script, void *data)
{
  return peer_listen_many(script, data, 1);
}

peer *peer_connect(uint16_t port, peer_script script, void *data)
{
  return start(script, data, -1, connected_socket(port), 1);
}

uint16_t peer_port(const peer *p)
{
  return p->port;
}

bool peer_is_done(void *p)
{
  return atomic_load(&((peer *)p)->done);
}

void peer_go(peer *p)
{
  if (write(p->go[1], "", 1) != 1)
    fail_msg("cannot wake a peer");
}

void peer_end(peer *p, peer_result *result)
{
  close(p->wake[1]);
  close(p->go[1]);
  pthread_join(p->thread, NULL);
  close(p->wake[0]);
  close(p->go[0]);
  if (p->listener >= 0)
    close(p->listener);
  if (result)
    *result = p->result;
  const char *failure = p->failure;
  free(p);
  if (failure)
    fail_msg("peer: %s", failure);
}

/* ---- what a script does ---------------------------------------------------------------------- */

void *peer_data(const peer *p)
{
  return p->data;
}

void peer_fail(peer *p, const char *why)
{
  if (!p->failure)
    p->failure = why;
}

peer_result peer_so_far(const peer *p)
{
  return p->result;
}

static void note_error(peer *p, const char *what)
{
  if (errno == ECONNRESET || errno == EPIPE)
    p->result.reset = true;
  else
    peer_fail(p, what);
}

void peer_send(peer *p, const void *data, size_t size)
{
  const char *at = data;
  while (size > 0 && !p->result.reset) {
    ssize_t written = send(p->fd, at, size, 0);
    if (written < 0) {
      note_error(p, "cannot send");
      return;
    }
    at += written;
    size -= (size_t)written;
  }
}

void peer_send_stream(peer *p, uint64_t size, unsigned seed)
{
  char block[8192];
  for (uint64_t sent = 0; sent < size && !p->result.reset;) {
    size_t now = size - sent < sizeof block ? (size_t)(size - sent) : sizeof block;
    bytes_fill(block, now, sent, seed);
    peer_send(p, block, now);
    sent += now;
  }
}

/* Reads some bytes; returns 0 at the end. */
static size_t read_some(peer *p, char *to, size_t size)
{
  ssize_t got = recv(p->fd, to, size, 0);
  if (got < 0) {
    note_error(p, "cannot read");
    return 0;
  }
  p->result.ended = p->result.ended || got == 0;
  p->result.received += (uint64_t)got;
  p->result.sum = bytes_sum(p->result.sum, to, (size_t)got);
  return (size_t)got;
}

size_t peer_read(peer *p, void *to, size_t size)
{
  char block[8192];
  size_t done = 0;
  while (done < size) {
    size_t room = size - done;
    char *at = to ? (char *)to + done : block;
    size_t got = read_some(p, at, !to && room > sizeof block ? sizeof block : room);
    if (got == 0)
      break;
    done += got;
  }
  return done;
}

void peer_read_to_end(peer *p)
{
  char block[65536];
  while (read_some(p, block, sizeof block) > 0)
    ;
}

void peer_read_slowly(peer *p, size_t piece, unsigned pause)
{
  while (peer_read(p, NULL, piece) == piece)
    peer_sleep(pause);
}

void peer_finish(peer *p)
{
  shutdown(p->fd, SHUT_WR);
}

void peer_reset(peer *p)
{
  struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(p->fd);
  p->fd = -1;
}

void peer_wait(peer *p)
{
  char byte;
  while (read(p->go[0], &byte, 1) < 0 && errno == EINTR)
    ;
}

void peer_small_window(peer *p)
{
  /* Not smaller than a loopback segment: TCP would become very slow, because its rules against
   * silly windows wait for timers. */
  int size = 128 * 1024;
  setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

void peer_sleep(unsigned milliseconds)
{
  struct timespec pause = {(time_t)(milliseconds / 1000), (long)(milliseconds % 1000) * 1000000};
  nanosleep(&pause, NULL);
}

void peer_sink(peer *p)
{
  peer_read_to_end(p);
}

void peer_echo(peer *p)
{
  char block[8192];
  size_t got;
  while ((got = read_some(p, block, sizeof block)) > 0)
    peer_send(p, block, got);
}
