/* Sends in a handler when the system takes no more data and there is no memory to queue the rest.
 * The peer gets the start of the output, without a gap, and the owner gets an error. */
#include "bytes.h"
#include "objects.h"
#include "peer.h"

#define SEED       7
#define SENDS_MORE 300

static size_t size_of_send;

static void ended(netmcu_connection *c, int error)
{
  loop_fail_allocation(0, false);
  called("disconnection %s", netmcu_error_name(error));
  netmcu_connection_free(c);
}

static void pour(netmcu_connection *c, const char *data, size_t size)
{
  char chunk[8192];

  (void)data;
  (void)size;
  called("receive");
  size_t allocations = loop_allocations();
  unsigned more = 0;
  loop_fail_allocation(1, true);
  for (uint64_t at = 0; more < SENDS_MORE; at += size_of_send) {
    bytes_fill(chunk, size_of_send, at, SEED);
    int error = netmcu_connection_send(c, chunk, size_of_send);
    if (error) { /* nothing was sent; the connection continues */
      ended(c, error);
      return;
    }
    /* The system took no more, and there was no memory for the rest. */
    more += loop_allocations() != allocations;
  }
}

static const netmcu_connection_events events = {.receive = pour, .disconnection = ended};

static void accept_one(netmcu_server *server, netmcu_connection *client)
{
  netmcu_connection_on(client, &events);
  netmcu_server_free(server);
}

/* Reads while the other side sends, so that there is sometimes room again. */
static void read_stream(peer *p)
{
  char data[3000];
  uint64_t at = 0;
  size_t size;

  peer_send(p, "go", 2);
  while ((size = peer_read(p, data, sizeof data)) > 0) {
    if (!bytes_are(data, size, at, SEED))
      peer_fail(p, "a hole in the stream");
    at += size;
  }
}

static void pour_and_read(size_t size)
{
  uint16_t port;
  netmcu_t *ctx = loop_begin(NULL);

  size_of_send = size;
  open_server(ctx, accept_one, &port);
  peer *p = peer_connect(port, read_stream, NULL);
  loop_until(ctx, peer_is_done, p);
  peer_end(p, NULL);
  expect_journal("receive, disconnection ENOMEM");
  loop_end(ctx);
}

static void test_gathered(void **state)
{
  (void)state;
  for (unsigned i = 0; i < 20; i++)
    pour_and_read(4000);
}

static void test_at_once(void **state)
{
  (void)state;
  for (unsigned i = 0; i < 20; i++)
    pour_and_read(8000);
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_gathered), own_loop(test_at_once)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
