/* 2000 connections, or 10,000 with NETMCU_LONG in the environment, each send 100 KB and close at
 * once, while their peers send data that nobody reads. No byte is missing.
 *
 * ctest: RUN_SERIAL TRUE */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes.h"
#include "crowd.h"
#include "objects.h"
#include "watchdog.h"

#define BATCH       100
#define SIZE        100000
#define GARBAGE     5000

/* ---- the peers ------------------------------------------------------------------------------- */

typedef struct reader {
  size_t received;
  uint64_t sum;
  bool disturbed;
} reader;

static bool send_garbage(int fd)
{
  static const char garbage[GARBAGE];
  return send(fd, garbage, GARBAGE, 0) > 0;
}

/* Reads some data. Sends more garbage once half of it has arrived. Returns false at the end. */
static bool read_some(int fd, reader *r)
{
  static char block[65536];
  ssize_t got = recv(fd, block, sizeof block, 0);
  if (got <= 0)
    return false;
  r->received += (size_t)got;
  r->sum = bytes_sum(r->sum, block, (size_t)got);
  if (!r->disturbed && r->received > SIZE / 2)
    r->disturbed = send_garbage(fd);
  return true;
}

/* Runs a whole batch to its end. Returns how many did not get everything. */
static unsigned read_batch(struct pollfd *fds)
{
  static const reader fresh = {0, BYTES_SUM_INIT, false};
  uint64_t right = bytes_stream_sum(SIZE, 8);
  reader readers[BATCH];
  unsigned open = BATCH, wrong = 0;
  for (unsigned i = 0; i < BATCH; i++)
    readers[i] = fresh;
  while (open > 0 && poll(fds, BATCH, -1) >= 0)
    for (unsigned i = 0; i < BATCH; i++)
      if (fds[i].fd >= 0 && fds[i].revents && !read_some(fds[i].fd, &readers[i])) {
        close(fds[i].fd);
        fds[i].fd = -1;
        open--;
        wrong += readers[i].received != SIZE || readers[i].sum != right;
      }
  return wrong;
}

/* Sends a request, with garbage, as a client of the test's server. */
static int ask(crowd *c, unsigned count)
{
  struct pollfd fds[BATCH];
  unsigned wrong = 0;
  uint16_t port = (uint16_t)crowd_hear(c);
  for (unsigned done = 0; done < count; done += BATCH) {
    for (unsigned i = 0; i < BATCH; i++) {
      fds[i] = (struct pollfd){.fd = crowd_connect(port), .events = POLLIN};
      if (fds[i].fd < 0 || !send_garbage(fds[i].fd))
        return 1;
    }
    wrong += read_batch(fds);
  }
  crowd_tell(c, wrong);
  return 0;
}

/* A server that sends garbage as soon as it has a client. */
static int be_asked(crowd *c, unsigned count)
{
  struct pollfd fds[BATCH];
  unsigned wrong = 0;
  uint16_t port;
  int listener = crowd_listen(&port);
  if (listener < 0)
    return 1;
  crowd_tell(c, port);
  for (unsigned done = 0; done < count; done += BATCH) {
    for (unsigned i = 0; i < BATCH; i++) {
      fds[i] = (struct pollfd){.fd = accept(listener, NULL, NULL), .events = POLLIN};
      if (fds[i].fd < 0 || !send_garbage(fds[i].fd))
        return 2;
    }
    wrong += read_batch(fds);
  }
  crowd_tell(c, wrong);
  return 0;
}

/* ---- the connections ------------------------------------------------------------------------- */

static char payload[SIZE];
static unsigned answered;

static void send_and_free(netmcu_connection *c)
{
  assert_int_equal(netmcu_connection_send(c, payload, SIZE / 3), 0);
  assert_int_equal(netmcu_connection_send(c, payload + SIZE / 3, SIZE - SIZE / 3), 0);
  assert_int_equal(netmcu_connection_close(c), 0);
  netmcu_connection_free(c);
  answered++;
}

static void receive(netmcu_connection *c, const char *data, size_t size)
{
  (void)data;
  (void)size;
  send_and_free(c);
}

static void accept_client(netmcu_server *server, netmcu_connection *client)
{
  static const netmcu_connection_events events = {.receive = receive, .disconnection = journal_disconnection};
  (void)server;
  netmcu_connection_on(client, &events);
}

static unsigned how_many(void)
{
  return loop_under_valgrind() ? 2 * BATCH : getenv("NETMCU_LONG") ? 10000 : 2000;
}

static netmcu_t *begin(void)
{
  watchdog_extend(100);
  bytes_fill(payload, SIZE, 0, 8);
  answered = 0;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_set_warning(ctx, NULL, NULL);
  return ctx;
}

static void end(netmcu_t *ctx, crowd *c)
{
  loop_until(ctx, crowd_has_spoken, c);
  assert_int_equal(crowd_message(c), 0);
  assert_int_equal(answered, how_many());
  loop_end(ctx);
  crowd_end(c);
}

static void test_in_receive_handlers(void **state)
{
  (void)state;
  uint16_t port;
  crowd *c = crowd_begin(ask, how_many());
  netmcu_t *ctx = begin();
  netmcu_server *server = open_server(ctx, accept_client, &port);
  crowd_tell(c, port);
  loop_until(ctx, crowd_has_spoken, c);
  assert_int_equal(crowd_message(c), 0);
  assert_int_equal(answered, how_many());
  netmcu_server_free(server);
  loop_end(ctx);
  crowd_end(c);
}

static void count_open(const char *description, void *data)
{
  (void)description;
  (*(int *)data)++;
}

/* Connects, sends and closes in one go, a batch at a time. The next batch starts when the last peer
 * has read everything. */
static bool batch_is_over(void *data)
{
  int open = 0;
  netmcu_walk(data, count_open, &open);
  return open == 0;
}

static void test_before_they_are_open(void **state)
{
  (void)state;
  crowd *c = crowd_begin(be_asked, how_many());
  netmcu_t *ctx = begin();
  loop_until(ctx, crowd_has_spoken, c);
  uint16_t port = (uint16_t)crowd_message(c);
  for (unsigned done = 0; done < how_many(); done += BATCH) {
    for (unsigned i = 0; i < BATCH; i++)
      send_and_free(open_connection(ctx, &journal_events, port));
    loop_until(ctx, batch_is_over, ctx);
  }
  end(ctx, c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_in_receive_handlers), own_loop(test_before_they_are_open)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
