/* Delayed datagrams: the delay of thousands of them costs as much for each as the delay of a
 * few. */
#include <time.h>
#include <unistd.h>

#include "datagram.h"
#include "loop.h"

#define CHUNK 100 /* fits into the socket's receive buffer */

static unsigned delayed, received, wanted;
static clock_t began, ended; /* processor time: other programs do not count */

static void on_trace(netmcu_t *ctx, const netmcu_trace_event *event, void *data)
{
  (void)ctx;
  (void)data;
  if (strcmp(event->what, "fault") == 0)
    delayed++;
}

static void on_receive(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  unsigned number;
  (void)u;
  (void)from;
  assert_int_equal(size, sizeof number);
  memcpy(&number, data, size);
  assert_int_equal(number, received); /* in their order */
  if (received++ == 0)
    began = clock();
  if (received == wanted)
    ended = clock();
}

static bool has_delayed(void *count)
{
  return delayed == *(unsigned *)count;
}

static bool has_received_all(void *unused)
{
  (void)unused;
  return received == wanted;
}

/* Returns the microseconds that the delivery of one of `count` datagrams takes. */
static double deliver(unsigned count)
{
  static const netmcu_udp_events events = {.receive = on_receive};
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_udp *u = netmcu_udp_new(ctx);
  netmcu_address address;
  uint16_t port;
  int fd = datagram_socket(&port);
  delayed = received = 0;
  wanted = count;
  netmcu_udp_on(u, &events);
  assert_int_equal(netmcu_udp_listen(u, 0, "127.0.0.1"), 0);
  assert_int_equal(netmcu_udp_get_address(u, &address), 0);
  assert_int_equal(netmcu_set_fault(ctx, "delay,ms=1000"), 0);
  netmcu_set_trace(ctx, on_trace, NULL);
  for (unsigned i = 0; i < count;) {
    do
      datagram_send(fd, "127.0.0.1", address.port, &i, sizeof i);
    while (++i % CHUNK);
    loop_until(ctx, has_delayed, &i);
  }
  netmcu_set_trace(ctx, NULL, NULL);
  loop_until(ctx, has_received_all, NULL);
  netmcu_udp_free(u);
  close(fd);
  loop_end(ctx);
  return (double)(ended - began) * 1e6 / CLOCKS_PER_SEC / count;
}

static void test_cost_of_each_is_the_same(void **state)
{
  (void)state;
  double few = deliver(1000), many = deliver(40000);
  print_message("%.2f us for each of 1000, %.2f us for each of 40000\n", few, many);
  assert_true(many < 20 * few + 10); /* 40 times as much if each looks at all others */
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_cost_of_each_is_the_same)};
  return cmocka_run_group_tests_name("thousands of delayed datagrams come in order and in time", tests, NULL, NULL);
}
