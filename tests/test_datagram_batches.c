/* The system's sockets report when all datagrams that have arrived are delivered. A socket that
 * stops receiving, or closes, in the middle gets no such report. */
#include <unistd.h>

#include "datagram.h"
#include "loop.h"

#include "stack/stack.h"

static enum { GO_ON, STOP, CLOSE } reaction; /* to the first datagram */

static const netmcu__datagram_operations *operations_of(netmcu__stack_socket *s)
{
  return netmcu__datagram_group_of(s)->operations;
}

static void on_received(netmcu__stack_socket *s, const char *data, size_t size, const netmcu_address *from,
                        bool in_batch)
{
  (void)from;
  (void)in_batch;
  called("received %.*s", (int)size, data);
  if (reaction == STOP)
    operations_of(s)->stop_receiving(s);
  else if (reaction == CLOSE)
    operations_of(s)->close(s);
}

static void on_batch_ended(netmcu__stack_socket *s)
{
  (void)s;
  called("ended");
}

static void on_closed(netmcu__stack_socket *s)
{
  called("closed");
  free(s);
}

static const netmcu__datagram_events events = {
    .received = on_received, .batch_ended = on_batch_ended, .closed = on_closed};
static netmcu__datagram_group group;
static uint16_t port;

static netmcu__stack_socket *open_socket(netmcu_t *ctx)
{
  netmcu__stack *stack = netmcu__stack_of(ctx);
  netmcu_address own;
  group = (netmcu__datagram_group){stack, stack->datagrams, &events};
  netmcu__stack_socket *s = calloc(1, stack->datagrams->socket_size);
  assert_non_null(s);
  assert_int_equal(netmcu_ip_parse("127.0.0.1", &own), 0);
  own.port = 0;
  assert_int_equal(stack->datagrams->open(&group, s, NETMCU_IPV4), 0);
  assert_int_equal(stack->datagrams->bind(s, &own, false), 0);
  assert_int_equal(stack->datagrams->start_receiving(s), 0);
  port = own.port;
  return s;
}

static void send_text(const char *text)
{
  uint16_t from = 0;
  int fd = datagram_socket(&from);
  datagram_send(fd, "127.0.0.1", port, text, strlen(text));
  close(fd);
}

static void close_and_end(netmcu_t *ctx, netmcu__stack_socket *s)
{
  operations_of(s)->close(s);
  loop_until_called(ctx, "closed", 1);
  forget_calls();
  loop_end(ctx);
}

/* Linux also reports the end of a batch of none. */
static void test_after_the_datagram(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu__stack_socket *s = open_socket(ctx);
  reaction = GO_ON;
  send_text("a");
  loop_until_called(ctx, "ended", 1);
  assert_memory_equal(journal(), "received a, ended", 17);
  close_and_end(ctx, s);
}

static void test_not_for_a_socket_that_stops(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu__stack_socket *s = open_socket(ctx);
  reaction = STOP;
  send_text("a");
  loop_until_called(ctx, "received a", 1);
  reaction = GO_ON;
  assert_int_equal(operations_of(s)->start_receiving(s), 0);
  send_text("b");
  loop_until_called(ctx, "ended", 1);
  assert_memory_equal(journal(), "received a, received b, ended", 29);
  close_and_end(ctx, s);
}

static void test_not_for_a_socket_that_closes(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  open_socket(ctx);
  reaction = CLOSE;
  send_text("a");
  loop_until_called(ctx, "closed", 1);
  expect_journal("received a, closed");
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      both_loops(test_after_the_datagram),
      both_loops(test_not_for_a_socket_that_stops),
      both_loops(test_not_for_a_socket_that_closes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
