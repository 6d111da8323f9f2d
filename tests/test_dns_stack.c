/* Lookups on a stack without a network: its name servers are asked, at the times that netmcu.h
 * promises, and answers by datagrams and by a stream reach the script. */
#include "fake.h"

#include "stack/stack.h"

struct netmcu__stack_socket {
  netmcu__datagram_group *group;
  netmcu__task end; /* makes `closed` an event */
  netmcu_address server;
};

static netmcu__stack_socket *last; /* that has sent */
static uint8_t message[2 + 512];   /* its question, and room for the answer; the size comes first */
static size_t question_size;
static int room;                   /* how many datagrams can be sent */
static int error_without_room;     /* of a send without room. After an error, there is room */
static netmcu_lookup *lookups[26]; /* by the first letters of the names */

/* ---- datagrams ------------------------------------------------------------------------------- */

static void run_end(netmcu__task *task)
{
  netmcu__stack_socket *s = netmcu__container(task, netmcu__stack_socket, end);
  netmcu_t *ctx = s->group->stack->ctx;
  s->group->events->closed(s);
  netmcu__handle_closed(ctx);
}

static int open_socket(netmcu__datagram_group *group, netmcu__stack_socket *s, uint16_t family)
{
  (void)family;
  s->group = group;
  s->end.run = run_end;
  netmcu__handle_opened(group->stack->ctx);
  return 0;
}

static int connect_socket(netmcu__stack_socket *s, const netmcu_address *to)
{
  s->server = *to;
  return 0;
}

static int start_receiving(netmcu__stack_socket *s)
{
  (void)s;
  return 0;
}

/* Notes the first letters of the names: "ask 1 abc". */
static int send_datagrams(netmcu__stack_socket *s, const netmcu__datagram *datagrams, unsigned count)
{
  char letters[NETMCU__BATCH + 1] = "";
  int sent = 0;

  assert_in_range(count, 1, NETMCU__BATCH);
  assert_int_equal(s->server.port, 53);
  last = s;
  for (; sent < (int)count && room > 0; sent++, room--) {
    question_size = datagrams[sent].size;
    memcpy(message + 2, datagrams[sent].data, question_size);
    letters[sent] = (char)message[2 + 12 + 1];
  }
  called("ask %d %s", s->server.ip[3], letters);
  if (sent == 0 && error_without_room)
    room = 1000;
  return sent > 0 ? sent : error_without_room;
}

static void close_socket(netmcu__stack_socket *s)
{
  netmcu__task_post(s->group->stack->ctx, &s->end);
}

/* ---- the stack ------------------------------------------------------------------------------- */

static const netmcu__name_servers *get_name_servers(netmcu__stack *stack)
{
  static const netmcu__name_servers servers = {{{.ip = {192, 0, 2, 1}, .port = 53}, {.ip = {192, 0, 2, 2}, .port = 53}},
                                               2};
  (void)stack;
  return &servers;
}

static netmcu_t *begin(void)
{
  static const netmcu__interface_operations interfaces = {.get_name_servers = get_name_servers};
  static const netmcu__datagram_operations datagrams = {.socket_size = sizeof(netmcu__stack_socket),
                                                        .open = open_socket,
                                                        .connect = connect_socket,
                                                        .start_receiving = start_receiving,
                                                        .send = send_datagrams,
                                                        .close = close_socket};
  netmcu_t *ctx = fake_begin(NULL);
  netmcu__stack_of(ctx)->datagrams = &datagrams;
  netmcu__stack_of(ctx)->interfaces = &interfaces;
  room = 1000;
  error_without_room = 0;
  assert_int_equal(netmcu_resolve(ctx, "a.test", journal_lookup, NULL, &lookups[0]), 0);
  loop_run(ctx);
  expect_journal("ask 1 a");
  return ctx;
}

/* Makes the question its answer, 198.51.100.7. Returns its size. */
static size_t write_answer(bool is_truncated)
{
  static const uint8_t record[] = {0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 198, 51, 100, 7};
  size_t size = question_size + (is_truncated ? 0 : sizeof record);
  message[0] = 0;
  message[1] = (uint8_t)size;
  message[2 + 2] = is_truncated ? 0x83 : 0x81;
  message[2 + 7] = is_truncated ? 0 : 1;
  memcpy(message + 2 + question_size, record, sizeof record);
  return size;
}

static void receive_answer(bool is_truncated)
{
  size_t size = write_answer(is_truncated);
  last->group->events->received(last, (const char *)message + 2, size, &last->server, false);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void test_an_answer(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  clock_pass(ctx, 1999);
  receive_answer(false);
  expect_journal("lookup 0 198.51.100.7");
  loop_end(ctx);
}

static void test_silent_servers(void **state)
{
  (void)state;
  static const struct {
    unsigned wait;
    const char *then;
  } steps[] = {{2000, "ask 2 a"}, {2000, "ask 1 a"}, {4000, "ask 2 a"}, {4000, "lookup -3 nil"}};
  netmcu_t *ctx = begin();
  for (int i = 0; i < 4; i++) {
    clock_pass(ctx, steps[i].wait - 10);
    expect_journal("");
    clock_pass(ctx, 11); /* The answer may have arrived unread: there is one more ms for it. */
    expect_journal(steps[i].then);
  }
  loop_end(ctx);
}

static void test_the_first_server_answers_late(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  netmcu__stack_socket *socket = last;
  clock_pass(ctx, 2010);
  expect_journal("ask 2 a");
  last = socket;
  receive_answer(false);
  expect_journal("lookup 0 198.51.100.7");
  loop_end(ctx);
}

static void test_a_server_that_is_not_there(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  last->group->events->failed(last);
  loop_run(ctx);
  expect_journal("ask 2 a");
  last->group->events->failed(last);
  expect_journal("lookup -32 nil");
  loop_end(ctx);
}

/* The answer arrives byte by byte. */
static void test_a_truncated_answer(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  receive_answer(true);
  fake_connected(fake_stream(0), 0);
  loop_run(ctx);
  assert_int_equal(fake_output_size(fake_stream(0)), 2 + question_size);
  size_t size = 2 + write_answer(false);
  for (size_t i = 0; i < size; i++) {
    expect_journal("");
    fake_receive(fake_stream(0), (const char *)message + i, 1);
    loop_run(ctx);
  }
  expect_journal("lookup 0 198.51.100.7");
  loop_end(ctx);
}

static void test_a_stream_that_ends_early(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  receive_answer(true);
  fake_connected(fake_stream(0), 0);
  write_answer(false);
  fake_receive(fake_stream(0), (const char *)message, 20);
  fake_finish(fake_stream(0));
  loop_run(ctx);
  expect_journal("ask 2 a");
  receive_answer(false);
  expect_journal("lookup 0 198.51.100.7");
  loop_end(ctx);
}

static void resolve_names(netmcu_t *ctx, char first, char last_one)
{
  char name[] = "x.test";

  for (name[0] = first; name[0] <= last_one; name[0]++)
    assert_int_equal(netmcu_resolve(ctx, name, journal_lookup, NULL, &lookups[name[0] - 'a']), 0);
  loop_run(ctx);
}

/* Cancels the lookups of the names up to this letter. */
static void end(netmcu_t *ctx, char last_one)
{
  for (char letter = 'a'; letter <= last_one; letter++)
    if (lookups[letter - 'a'])
      netmcu_lookup_cancel(lookups[letter - 'a']);
  loop_end(ctx);
}

static void test_questions_go_out_together_and_in_order(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  resolve_names(ctx, 'b', 'y');
  expect_journal("ask 1 bcdefghijklmnopqrstu, ask 1 vwxy");
  end(ctx, 'y');
}

/* Questions for which there is no room go out after a pause. */
static void test_no_room_for_all_questions(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  room = 2;
  resolve_names(ctx, 'b', 'e');
  expect_journal("ask 1 bc, ask 1 ");
  room = 1000;
  clock_pass(ctx, 240);
  expect_journal("");
  clock_pass(ctx, 11);
  expect_journal("ask 1 de");
  end(ctx, 'e');
}

/* Only the first question of the failed call goes to the other server. */
static void test_a_send_to_a_server_fails(void **state)
{
  (void)state;
  netmcu_t *ctx = begin();
  receive_answer(false);
  expect_journal("lookup 0 198.51.100.7");
  lookups[0] = NULL;
  room = 0;
  error_without_room = NETMCU_ENOTCONN;
  resolve_names(ctx, 'b', 'e');
  expect_journal("ask 1 , ask 1 cde, ask 2 b");
  end(ctx, 'e');
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_an_answer),
      own_loop(test_silent_servers),
      own_loop(test_the_first_server_answers_late),
      own_loop(test_a_server_that_is_not_there),
      own_loop(test_a_truncated_answer),
      own_loop(test_a_stream_that_ends_early),
      own_loop(test_questions_go_out_together_and_in_order),
      own_loop(test_no_room_for_all_questions),
      own_loop(test_a_send_to_a_server_fails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
