/* Many datagrams arrive at once. Their handlers may close, free or change the socket in the middle
 * of them, and memory may run out. */
#include <unistd.h>

#include "datagram.h"
#include "loop.h"

#define MANY 50 /* more than libuv takes with one call of the system */

static uint16_t server_port;

static netmcu_udp *bind_udp(netmcu_t *ctx, const netmcu_udp_events *events)
{
  netmcu_udp *u = netmcu_udp_new(ctx);
  netmcu_address address;
  assert_non_null(u);
  netmcu_udp_on(u, events);
  assert_int_equal(netmcu_udp_listen(u, server_port, "127.0.0.1"), 0);
  assert_int_equal(netmcu_udp_get_address(u, &address), 0);
  server_port = address.port;
  return u;
}

static void send_many(int fd)
{
  for (int i = 0; i < MANY; i++) {
    char text[16];
    int size = snprintf(text, sizeof text, "%d", i);
    datagram_send(fd, "127.0.0.1", server_port, text, (size_t)size);
  }
}

/* A socket to which datagrams have come already. */
typedef struct fixture {
  netmcu_t *ctx;
  netmcu_udp *u;
  int fd; /* the sender's */
} fixture;

static fixture begin(const netmcu_udp_events *events)
{
  uint16_t port;
  fixture s = {.ctx = loop_begin(NULL)};
  s.fd = datagram_socket(&port);
  s.u = bind_udp(s.ctx, events);
  send_many(s.fd);
  return s;
}

static void end(fixture *s)
{
  close(s->fd);
  netmcu_udp_free(s->u);
  loop_end(s->ctx);
}

static int set_up(void **state)
{
  server_port = 0;
  return loop_reset_own(state);
}

static int set_up_callers(void **state)
{
  server_port = 0;
  return loop_reset_callers(state);
}

#define both(test)                                                                                                     \
  {#test, test, set_up, NULL, NULL},                                                                                   \
  {                                                                                                                    \
#test " on the caller's loop", test, set_up_callers, NULL, NULL                                                    \
  }

static void receive_in_order(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  char expected[16];
  (void)u;
  (void)from;
  assert_int_equal(snprintf(expected, sizeof expected, "%u", calls("receive")), size);
  assert_memory_equal(data, expected, size);
  called("receive");
}

static const netmcu_udp_events in_order = {.receive = receive_in_order};

static void test_batch_all_in_order(void **state)
{
  (void)state;
  fixture s = begin(&in_order);
  loop_until_called(s.ctx, "receive", MANY);
  expect_calls("receive", MANY);
  end(&s);
}

static void close_at_third(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  receive_in_order(u, data, size, from);
  if (calls("receive") == 3)
    assert_int_equal(netmcu_udp_close(u), 0);
}

static void test_batch_close(void **state)
{
  (void)state;
  static const netmcu_udp_events closing = {.receive = close_at_third};
  fixture s = begin(&closing);
  loop_run(s.ctx);
  expect_calls("receive", 3);
  end(&s);
}

static void free_at_third(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  receive_in_order(u, data, size, from);
  if (calls("receive") == 3) {
    netmcu_udp_free(u);
    assert_memory_equal(data, "2", size); /* the data lives until the callback returns */
  }
}

static void test_batch_free(void **state)
{
  (void)state;
  static const netmcu_udp_events freeing = {.receive = free_at_third};
  netmcu_t *ctx = loop_begin(NULL);
  uint16_t port;
  int fd = datagram_socket(&port);
  bind_udp(ctx, &freeing);
  send_many(fd);
  expect_calls("receive", 3);
  loop_run(ctx);
  close(fd);
  loop_end(ctx);
}

/* After it is bound again, a socket receives nothing of what came before. */
static void listen_again_at_third(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  receive_in_order(u, data, size, from);
  if (calls("receive") != 3)
    return;
  assert_int_equal(netmcu_udp_close(u), 0);
  assert_int_equal(netmcu_udp_listen(u, server_port, "127.0.0.1"), 0);
}

static void test_batch_listen_again(void **state)
{
  (void)state;
  static const netmcu_udp_events again = {.receive = listen_again_at_third};
  fixture s = begin(&again);
  loop_until_called(s.ctx, "receive", 3);
  datagram_send(s.fd, "127.0.0.1", server_port, "3", 1);
  loop_until_called(s.ctx, "receive", 4);
  expect_calls("receive", 4);
  end(&s);
}

static netmcu_udp *other;

static void close_other(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  receive_in_order(u, data, size, from);
  netmcu_udp_free(other);
  other = NULL;
}

/* Datagrams wait at two sockets. The handler of the one that is read first frees the other. */
static void test_batch_free_of_another(void **state)
{
  (void)state;
  static const netmcu_udp_events closing = {.receive = close_other};
  netmcu_t *ctx = loop_begin(NULL);
  uint16_t port;
  int fd = datagram_socket(&port);
  other = bind_udp(ctx, NULL);
  send_many(fd);
  server_port = 0;
  netmcu_udp *u = bind_udp(ctx, &closing);
  send_many(fd);
  loop_until_called(ctx, "receive", MANY);
  expect_calls("receive", MANY);
  close(fd);
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void receive_rest(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  (void)u;
  (void)data;
  (void)size;
  (void)from;
  called("rest");
}

static void change_at_third(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  static const netmcu_udp_events rest = {.receive = receive_rest};
  receive_in_order(u, data, size, from);
  if (calls("receive") == 3)
    netmcu_udp_on(u, &rest);
}

static void test_batch_another_handler(void **state)
{
  (void)state;
  static const netmcu_udp_events changing = {.receive = change_at_third};
  fixture s = begin(&changing);
  loop_until_called(s.ctx, "rest", MANY - 3);
  expect_calls("receive", 3);
  expect_calls("rest", MANY - 3);
  end(&s);
}

static void on_closed(void *data)
{
  (void)data;
  called("closed");
}

static void close_context(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  (void)data;
  (void)size;
  (void)from;
  called("receive");
  assert_int_equal(netmcu_close(netmcu_udp_get_context(u), on_closed, NULL), 0);
}

/* This context is not made by loop_begin, because the callback closes it. */
static void test_batch_close_of_the_context(void **state)
{
  (void)state;
  static const netmcu_udp_events closing = {.receive = close_context};
  uv_loop_t loop;
  uint16_t port;
  int fd = datagram_socket(&port);
  assert_int_equal(uv_loop_init(&loop), 0);
  netmcu_t *ctx = netmcu_new(&loop, NULL);
  assert_non_null(ctx);
  bind_udp(ctx, &closing);
  send_many(fd);
  uv_run(&loop, UV_RUN_DEFAULT);
  assert_int_equal(calls("receive"), 1);
  assert_int_equal(calls("closed"), 1);
  assert_int_equal(uv_loop_close(&loop), 0);
  close(fd);
}

static unsigned counted;

static void count_datagram(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  (void)u;
  (void)data;
  (void)size;
  (void)from;
  counted++;
}

static const netmcu_udp_events counting = {.receive = count_datagram};

static bool has_counted(void *count)
{
  return counted == *(unsigned *)count;
}

/* All sockets share one buffer. */
static void test_batch_memory(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  uint16_t port, first_port;
  int fd = datagram_socket(&port);
  netmcu_udp *u = bind_udp(ctx, &counting), *many[100];
  unsigned sent = MANY;
  counted = 0;
  send_many(fd);
  loop_until(ctx, has_counted, &sent);
  size_t before = loop_bytes();
  first_port = server_port;
  for (int i = 0; i < 100; i++) {
    server_port = 0;
    many[i] = bind_udp(ctx, &counting);
    send_many(fd);
  }
  sent += 100 * MANY;
  loop_until(ctx, has_counted, &sent);
  assert_true(loop_bytes() - before < (size_t)100 * 1024);
  for (int i = 0; i < 100; i++)
    netmcu_udp_free(many[i]);
  server_port = first_port;
  netmcu_udp_on(u, &in_order);
  send_many(fd);
  loop_until_called(ctx, "receive", MANY);
  expect_calls("receive", MANY);
  close(fd);
  netmcu_udp_free(u);
  loop_end(ctx);
}

/* Without that buffer, datagrams come one by one through the context's buffer, until there is
 * memory again. */
static void test_batch_no_memory_for_it(void **state)
{
  (void)state;
  fixture s = begin(&in_order);
  loop_fail_allocation(1, false);
  loop_until_called(s.ctx, "receive", 1);
  assert_between(calls("receive"), 1, MANY);
  loop_fail_allocation(0, false);
  loop_until_called(s.ctx, "receive", MANY);
  expect_calls("receive", MANY);
  end(&s);
}

static bool has_tried_both_buffers(void *allocations_before)
{
  return loop_allocations() >= *(size_t *)allocations_before + 2;
}

static void test_batch_no_memory_at_all(void **state)
{
  (void)state;
  fixture s = begin(&in_order);
  size_t before = loop_allocations();
  loop_fail_allocation(1, true);
  loop_until(s.ctx, has_tried_both_buffers, &before);
  assert_int_equal(calls("receive"), 0);
  loop_fail_allocation(0, false);
  loop_until_called(s.ctx, "receive", MANY);
  expect_calls("receive", MANY);
  end(&s);
}

int main(void)
{
  const struct CMUnitTest batches[] = {
      both(test_batch_all_in_order),         both(test_batch_close),           both(test_batch_free),
      both(test_batch_listen_again),         both(test_batch_free_of_another), both(test_batch_another_handler),
      both(test_batch_close_of_the_context), both(test_batch_memory),          both(test_batch_no_memory_for_it),
      both(test_batch_no_memory_at_all),
  };
  return cmocka_run_group_tests_name("datagrams that come at once are events one by one", batches, NULL, NULL);
}
