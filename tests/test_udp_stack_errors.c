/* What a UDP socket does if its stack refuses something: each failure is reported or the datagram
 * is lost, the order stays, and nothing is left behind. There is no network: the stack is
 * fake_datagram.h. */
#include "fake.h"
#include "fake_datagram.h"

static const netmcu_address peer = {.ip = {192, 0, 2, 1}, .port = 7};

static void on_sent(netmcu_udp *u)
{
  (void)u;
  called("sent");
}

static void answer(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  assert_int_equal(netmcu_udp_send(u, from, data, size), 0);
}

static const netmcu_udp_events events = {.receive = answer, .sent = on_sent};

static netmcu_t *begin(const netmcu_options *options, netmcu_udp **u)
{
  netmcu_t *ctx = fake_begin(options);
  fake_datagram_begin(ctx);
  *u = netmcu_udp_new(ctx);
  assert_non_null(*u);
  netmcu_udp_on(*u, &events);
  return ctx;
}

static int send_text(netmcu_udp *u, const char *text)
{
  return netmcu_udp_send(u, &peer, text, strlen(text));
}

/* ---- binding --------------------------------------------------------------------------------- */

static void test_listen_reports_each_failure(void **state)
{
  (void)state;
  static const enum fake_datagram_operation operations[] = {FAKE_DATAGRAM_OPEN, FAKE_DATAGRAM_BIND,
                                                            FAKE_DATAGRAM_START_RECEIVING};
  netmcu_udp *u;
  netmcu_t *ctx = begin(NULL, &u);
  netmcu_address address;
  for (unsigned i = 0; i < 3; i++) {
    fake_datagram_fail(operations[i], NETMCU_EADDRINUSE);
    assert_int_equal(netmcu_udp_listen(u, 7, NULL), NETMCU_EADDRINUSE);
    assert_int_equal(netmcu_udp_get_address(u, &address), NETMCU_ENOTCONN);
    assert_int_equal(fake_datagram_sockets(), 0);
    fake_datagram_fail(operations[i], NETMCU_EADDRINUSE);
    assert_int_equal(send_text(u, "a"), NETMCU_EADDRINUSE);
    assert_int_equal(fake_datagram_sockets(), 0);
  }
  assert_int_equal(netmcu_udp_listen(u, 7, NULL), 0);
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void test_taking_over_a_draining_socket_fails(void **state)
{
  (void)state;
  netmcu_udp *u;
  netmcu_t *ctx = begin(NULL, &u);
  assert_int_equal(netmcu_udp_listen(u, 7, NULL), 0);
  fake_datagram_set_room(0);
  assert_int_equal(send_text(u, "a"), 0);
  assert_int_equal(netmcu_udp_close(u), 0);
  fake_datagram_fail(FAKE_DATAGRAM_START_RECEIVING, NETMCU_ENOMEM);
  assert_int_equal(netmcu_udp_listen(u, 7, NULL), NETMCU_ENOMEM);
  assert_int_equal(fake_datagram_sockets(), 1);
  fake_datagram_set_room(1); /* which ends the draining */
  assert_int_equal(fake_datagram_sockets(), 0);
  expect_journal("out a");
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void test_join_that_fails_is_undone(void **state)
{
  (void)state;
  netmcu_udp *first, *second;
  netmcu_t *ctx = begin(NULL, &first);
  second = netmcu_udp_new(ctx);
  assert_int_equal(netmcu_udp_listen(first, 7, NULL), 0);
  assert_int_equal(netmcu_udp_listen(second, 8, NULL), 0);
  fake_datagram_fail(FAKE_DATAGRAM_SET_MEMBERSHIP, NETMCU_ENOMEM);
  assert_int_equal(netmcu_multicast_join(ctx, "127.0.0.1", "239.77.0.1"), NETMCU_ENOMEM);
  assert_int_equal(fake_datagram_memberships(), 0);
  assert_int_equal(netmcu_multicast_leave(ctx, "127.0.0.1", "239.77.0.1"), NETMCU_EVALUE);
  assert_int_equal(netmcu_multicast_join(ctx, "127.0.0.1", "239.77.0.1"), 0);
  assert_int_equal(fake_datagram_memberships(), 2);
  netmcu_udp_free(first);
  netmcu_udp_free(second);
  loop_end(ctx);
}

/* ---- sending --------------------------------------------------------------------------------- */

static void test_send_reports_an_error_of_the_network(void **state)
{
  (void)state;
  netmcu_udp *u;
  netmcu_t *ctx = begin(NULL, &u);
  fake_datagram_fail(FAKE_DATAGRAM_SEND, NETMCU_EROUTE);
  assert_int_equal(send_text(u, "a"), NETMCU_EROUTE);
  assert_int_equal(fake_datagram_sockets(), 0); /* the failed send has bound nothing */
  assert_int_equal(send_text(u, "b"), 0);
  fake_datagram_fail(FAKE_DATAGRAM_SEND, NETMCU_EROUTE);
  assert_int_equal(send_text(u, "c"), NETMCU_EROUTE);
  loop_run(ctx);
  expect_journal("out b, sent");
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void test_datagrams_without_room_wait_in_order(void **state)
{
  (void)state;
  netmcu_udp *u;
  netmcu_t *ctx = begin(NULL, &u);
  fake_datagram_set_room(1);
  assert_int_equal(send_text(u, "a"), 0);
  assert_int_equal(send_text(u, "b"), 0);
  assert_int_equal(send_text(u, "c"), 0);
  loop_run(ctx);
  expect_journal("out a, sent");
  fake_datagram_set_room(1);
  assert_int_equal(send_text(u, "d"), 0);
  loop_run(ctx);
  expect_journal("out b, sent");
  fake_datagram_set_room(9);
  assert_int_equal(send_text(u, "e"), 0);
  loop_run(ctx);
  expect_journal("out c, out d, out e, sent, sent, sent");
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void test_datagram_that_cannot_wait_is_reported(void **state)
{
  (void)state;
  netmcu_udp *u;
  netmcu_t *ctx = begin(NULL, &u);
  assert_int_equal(netmcu_udp_listen(u, 7, NULL), 0);
  fake_datagram_set_room(0);
  fake_datagram_fail(FAKE_DATAGRAM_SEND_LATER, NETMCU_EROUTE);
  assert_int_equal(send_text(u, "a"), NETMCU_EROUTE);
  loop_fail_allocation(1, false);
  assert_int_equal(send_text(u, "b"), NETMCU_ENOMEM);
  assert_int_equal(send_text(u, "c"), 0);
  fake_datagram_set_room(9);
  loop_run(ctx);
  expect_journal("out c, sent");
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void test_close_keeps_what_waits_and_its_port(void **state)
{
  (void)state;
  netmcu_udp *u;
  netmcu_t *ctx = begin(NULL, &u);
  assert_int_equal(netmcu_udp_listen(u, 7, NULL), 0);
  fake_datagram_set_room(0);
  assert_int_equal(send_text(u, "a"), 0);
  assert_int_equal(send_text(u, "b"), 0);
  assert_int_equal(netmcu_udp_close(u), 0);
  assert_int_equal(netmcu_udp_listen(u, 7, NULL), 0);
  assert_int_equal(fake_datagram_sockets(), 1);
  assert_int_equal(send_text(u, "c"), 0);
  fake_datagram_set_room(3);
  loop_run(ctx);
  expect_journal("out a, out b, out c, sent"); /* a and b were sent by the socket that was closed */
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void test_draining_ends_without_progress(void **state)
{
  (void)state;
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.linger_timeout = 1000;
  netmcu_udp *u;
  netmcu_t *ctx = begin(&options, &u);
  fake_datagram_set_room(0);
  assert_int_equal(send_text(u, "a"), 0);
  netmcu_udp_free(u);
  assert_int_equal(fake_datagram_sockets(), 1);
  clock_pass(ctx, 999);
  assert_int_equal(fake_datagram_sockets(), 1);
  clock_pass(ctx, 1);
  assert_int_equal(fake_datagram_sockets(), 0);
  loop_end(ctx);
}

/* ---- answers to a batch ---------------------------------------------------------------------- */

static void test_first_answer_goes_out_at_once(void **state)
{
  (void)state;
  netmcu_udp *u;
  netmcu_t *ctx = begin(NULL, &u);
  assert_int_equal(netmcu_udp_listen(u, 7, NULL), 0);
  fake_datagram_receive(&peer, "a");
  expect_journal("out a"); /* the first of a batch goes out at once */
  fake_datagram_receive(&peer, "b");
  loop_run(ctx);
  expect_journal("out b, sent, sent");
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void refuse_at_last(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  answer(u, data, size, from);
  if (*data == 'd')
    fake_datagram_fail(FAKE_DATAGRAM_SEND, NETMCU_EROUTE);
}

static void test_refused_answer_in_a_batch(void **state)
{
  (void)state;
  static const netmcu_udp_events refusing = {.receive = refuse_at_last, .sent = on_sent};
  netmcu_udp *u;
  netmcu_t *ctx = begin(NULL, &u);
  netmcu_udp_on(u, &refusing);
  assert_int_equal(netmcu_udp_listen(u, 7, NULL), 0);
  fake_datagram_receive(&peer, "abcd");
  loop_run(ctx);
  expect_journal("out a, out c, out d, sent, sent, sent, sent"); /* the call began with b */
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void test_answers_without_room_wait_in_order(void **state)
{
  (void)state;
  netmcu_udp *u;
  netmcu_t *ctx = begin(NULL, &u);
  assert_int_equal(netmcu_udp_listen(u, 7, NULL), 0);
  fake_datagram_set_room(2);
  fake_datagram_receive(&peer, "abcd");
  assert_int_equal(send_text(u, "e"), 0);
  loop_run(ctx);
  expect_journal("out a, out b, sent, sent");
  fake_datagram_set_room(9);
  loop_run(ctx);
  expect_journal("out c, out d, out e, sent, sent, sent");
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void fill_at_last(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  answer(u, data, size, from);
  if (*data == 'd')
    fake_datagram_fail(FAKE_DATAGRAM_SEND_LATER, NETMCU_ENOMEM);
}

static void test_answer_that_cannot_wait_is_lost(void **state)
{
  (void)state;
  static const netmcu_udp_events filling = {.receive = fill_at_last, .sent = on_sent};
  netmcu_udp *u;
  netmcu_t *ctx = begin(NULL, &u);
  netmcu_udp_on(u, &filling);
  assert_int_equal(netmcu_udp_listen(u, 7, NULL), 0);
  fake_datagram_set_room(2);
  fake_datagram_receive(&peer, "abcd");
  fake_datagram_set_room(9);
  loop_run(ctx);
  expect_journal("out a, out b, out d, sent, sent, sent, sent"); /* c was lost */
  netmcu_udp_free(u);
  loop_end(ctx);
}

static void fail_behind_a_queue(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  if (*data == 'b')
    fake_datagram_fail(FAKE_DATAGRAM_SEND_LATER, NETMCU_ENOMEM);
  assert_int_equal(netmcu_udp_send(u, from, data, size), *data == 'b' ? NETMCU_ENOMEM : 0);
}

/* An answer is not gathered if others wait already: its handler has to know that the queue is
 * full. */
static void test_answer_behind_a_queue_reports_its_failure(void **state)
{
  (void)state;
  static const netmcu_udp_events failing = {.receive = fail_behind_a_queue, .sent = on_sent};
  netmcu_udp *u;
  netmcu_t *ctx = begin(NULL, &u);
  netmcu_udp_on(u, &failing);
  assert_int_equal(netmcu_udp_listen(u, 7, NULL), 0);
  fake_datagram_set_room(0);
  fake_datagram_receive(&peer, "abc");
  fake_datagram_set_room(9);
  loop_run(ctx);
  expect_journal("out a, out c, sent, sent");
  netmcu_udp_free(u);
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest binding[] = {
      both_loops(test_listen_reports_each_failure),
      both_loops(test_taking_over_a_draining_socket_fails),
      own_loop(test_join_that_fails_is_undone),
  };
  const struct CMUnitTest sending[] = {
      own_loop(test_send_reports_an_error_of_the_network),  own_loop(test_datagrams_without_room_wait_in_order),
      own_loop(test_datagram_that_cannot_wait_is_reported), both_loops(test_close_keeps_what_waits_and_its_port),
      both_loops(test_draining_ends_without_progress),
  };
  const struct CMUnitTest answers[] = {
      own_loop(test_first_answer_goes_out_at_once),
      own_loop(test_refused_answer_in_a_batch),
      own_loop(test_answers_without_room_wait_in_order),
      own_loop(test_answer_that_cannot_wait_is_lost),
      own_loop(test_answer_behind_a_queue_reports_its_failure),
  };
  return cmocka_run_group_tests_name("binding reports what the stack refuses", binding, NULL, NULL) +
         cmocka_run_group_tests_name("datagrams wait for room in order, or fail", sending, NULL, NULL) +
         cmocka_run_group_tests_name("answers wait for room in order, or are lost", answers, NULL, NULL);
}
