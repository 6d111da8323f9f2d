/* The context: its loop, running and stopping it, posts, options, and several contexts. */
#include <pthread.h>
#include <signal.h>

#include "objects.h"
#include "peer.h"

static void test_version(void **state)
{
  (void)state;
  char text[32];
  snprintf(text, sizeof text, "%d.%d.%d", NETMCU_VERSION_MAJOR, NETMCU_VERSION_MINOR, NETMCU_VERSION_PATCH);
  assert_string_equal(netmcu_version(), text);
}

static void test_without_options(void **state)
{
  (void)state;
  netmcu_t *ctx = netmcu_new(NULL, NULL);
  netmcu_options options = loop_options(ctx);
  assert_non_null(netmcu_get_loop(ctx));
  assert_int_equal(options.frame_size, 0);
  assert_int_equal(options.connect_timeout, 6000);
  assert_int_equal(options.linger_timeout, 2000);
  assert_int_equal(netmcu_is_strict(ctx), 0);
  assert_int_equal(netmcu_run(ctx), 0);
  assert_int_equal(netmcu_run_once(ctx), 0);
  assert_int_equal(netmcu_close(ctx, NULL, NULL), 0);
}

static void test_nothing_open(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  loop_run(ctx);
  assert_int_equal(netmcu_run_once(ctx), 0);
  loop_end(ctx);
}

static void test_set_options(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_options options = loop_options(ctx), wrong;
  options.frame_size = 10;
  options.connect_timeout = 20;
  assert_int_equal(netmcu_set_options(ctx, &options), 0);
  assert_int_equal(loop_options(ctx).frame_size, 10);
  assert_int_equal(loop_options(ctx).connect_timeout, 20);

  wrong = options;
  wrong.frame_size = 30;
  wrong.size = 0;
  assert_int_equal(netmcu_set_options(ctx, &wrong), NETMCU_EVALUE);
  wrong.size = 1000000;
  assert_int_equal(netmcu_set_options(ctx, &wrong), NETMCU_EVALUE);
  assert_int_equal(loop_options(ctx).frame_size, 10);
  loop_end(ctx);
}

static void test_allocator_cannot_be_changed(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_options options = NETMCU_OPTIONS_INIT;
  assert_int_equal(netmcu_set_options(ctx, &options), 0);
  netmcu_connection *c = netmcu_connection_new(ctx);
  assert_true(loop_allocations() > 0 && loop_blocks() > 1);
  netmcu_connection_free(c);
  loop_end(ctx);
}

static void test_no_memory(void **state)
{
  (void)state;
  netmcu_options options = NETMCU_OPTIONS_INIT;
  netmcu_t *ctx = loop_begin(NULL);
  options.allocator = loop_options(ctx).allocator;
  loop_fail_allocation(1, true);
  assert_null(netmcu_new(NULL, &options));
  assert_null(netmcu_connection_new(ctx));
  assert_null(netmcu_server_new(ctx));
  assert_null(netmcu_timer_new(ctx, NULL, NULL));
  assert_int_equal(netmcu_post(ctx, (netmcu_post_cb)abort, NULL), NETMCU_ENOMEM);
  loop_fail_allocation(0, false);
  loop_end(ctx);
}

/* ---- run and stop ---------------------------------------------------------------------------- */

static void run_inside(void *data)
{
  called("post");
  assert_int_equal(netmcu_run(data), NETMCU_EINPROGRESS);
  assert_int_equal(netmcu_run_once(data), NETMCU_EINPROGRESS);
}

static void test_nested_run_is_refused(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_post(ctx, run_inside, ctx), 0);
  expect_calls("post", 1);
  loop_run(ctx);
  loop_end(ctx);
}

static void close_inside(void *data)
{
  called("post");
  assert_int_equal(netmcu_close(data, NULL, NULL), NETMCU_EINPROGRESS);
}

static void test_close_inside_a_callback_of_the_own_loop_is_refused(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  assert_int_equal(netmcu_post(ctx, close_inside, ctx), 0);
  expect_calls("post", 1);
  loop_end(ctx);
}

static void ticked(netmcu_timer *timer, void *data)
{
  (void)timer;
  called("tick");
  if (calls("tick") == 3)
    netmcu_stop(data);
}

static void test_stop(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_timer *timer = netmcu_timer_new(ctx, ticked, ctx);
  netmcu_timer_start(timer, 1, 1);
  expect_calls("tick", 3);
  loop_run(ctx);
  assert_true(netmcu_timer_is_running(timer));
  netmcu_timer_free(timer);
  loop_end(ctx);
}

static void note(void *data)
{
  called("%s", (const char *)data);
}

static void test_stop_before_run(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_post(ctx, note, "post");
  netmcu_stop(ctx);
  loop_run(ctx);
  assert_int_equal(calls("post"), 0);
  expect_calls("post", 1);
  loop_run(ctx);
  loop_end(ctx);
}

static void test_run_once(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_timer *timer = netmcu_timer_new(ctx, ticked, ctx);
  netmcu_timer_start(timer, 50, 50);
  expect_calls("tick", 2);
  while (calls("tick") < 2)
    assert_int_equal(netmcu_run_once(ctx), 1);
  netmcu_timer_free(timer);
  while (netmcu_run_once(ctx) != 0)
    ;
  loop_end(ctx);
}

/* ---- posts ----------------------------------------------------------------------------------- */

static void test_posts_run_in_order(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_post(ctx, note, "a");
  netmcu_post(ctx, note, "b");
  netmcu_post(ctx, note, "c");
  expect_journal("");
  loop_run(ctx);
  expect_journal("a, b, c");
  loop_end(ctx);
}

static void post_again(void *data)
{
  called("post");
  if (!calls("receive"))
    netmcu_post(data, post_again, data);
}

static void received(netmcu_connection *c, const char *data, size_t size)
{
  (void)data;
  (void)size;
  called("receive");
  netmcu_connection_free(c);
}

static void hello(netmcu_connection *c)
{
  netmcu_connection_send(c, "x", 1);
}

static void test_posts_never_starve_the_network(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {.connection = hello, .receive = received};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_echo, NULL);
  open_connection(ctx, &events, peer_port(p));
  netmcu_post(ctx, post_again, ctx);
  loop_until_called(ctx, "receive", 1);
  /* The number depends on luck: Windows takes everything that has arrived in one loop iteration. */
  assert_true(calls("post") > 0);
  forget_calls();
  called("receive");
  loop_run(ctx);
  forget_calls();
  peer_end(p, NULL);
  loop_end(ctx);
}

static void test_posts_are_dropped_at_close(void **state)
{
  (void)state;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_post(ctx, note, "dropped");
  netmcu_post(ctx, note, "dropped");
  loop_close(ctx);
  expect_journal("");
}

/* ---- a caller's loop ------------------------------------------------------------------------- */

static void callers_tick(uv_timer_t *timer)
{
  (void)timer;
  called("caller's tick");
}

static void test_the_callers_handles_are_left_alone(void **state)
{
  (void)state;
  uv_loop_t loop;
  uv_timer_t timer;
  uv_loop_init(&loop);
  uv_timer_init(&loop, &timer);
  loop.data = &timer;
  uv_timer_start(&timer, callers_tick, 1, 1);

  netmcu_t *ctx = netmcu_new(&loop, NULL);
  assert_ptr_equal(netmcu_get_loop(ctx), &loop);
  uint16_t port;
  open_server(ctx, accept_journal, &port);
  assert_int_equal(netmcu_close(ctx, note, "closed"), 0);
  assert_int_equal(calls("closed"), 0);
  while (!calls("closed") || calls("caller's tick") < 5)
    uv_run(&loop, UV_RUN_ONCE);
  assert_int_equal(calls("closed"), 1);
  assert_true(uv_is_active((uv_handle_t *)&timer));
  assert_ptr_equal(loop.data, &timer);

  uv_close((uv_handle_t *)&timer, NULL);
  uv_run(&loop, UV_RUN_DEFAULT);
  assert_int_equal(uv_loop_close(&loop), 0);
}

static void close_context(void *data)
{
  assert_int_equal(netmcu_close(data, note, "closed"), 0);
  assert_int_equal(calls("closed"), 0);
}

static void test_close_inside_a_callback_of_the_callers_loop(void **state)
{
  (void)state;
  uv_loop_t loop;
  uv_loop_init(&loop);
  netmcu_t *ctx = netmcu_new(&loop, NULL);
  netmcu_post(ctx, close_context, ctx);
  netmcu_post(ctx, note, "dropped");
  uv_run(&loop, UV_RUN_DEFAULT);
  expect_journal("closed");
  assert_int_equal(uv_loop_close(&loop), 0);
}

static void test_contexts_share_a_loop(void **state)
{
  (void)state;
  uv_loop_t loop;
  uv_loop_init(&loop);
  netmcu_t *a = netmcu_new(&loop, NULL), *b = netmcu_new(&loop, NULL);
  netmcu_post(a, note, "a");
  uv_run(&loop, UV_RUN_DEFAULT);
  netmcu_post(b, note, "b");
  uv_run(&loop, UV_RUN_DEFAULT);
  assert_int_equal(netmcu_close(a, note, "a closed"), 0);
  uv_run(&loop, UV_RUN_DEFAULT);
  netmcu_post(b, note, "b again");
  uv_run(&loop, UV_RUN_DEFAULT);
  assert_int_equal(netmcu_close(b, note, "b closed"), 0);
  uv_run(&loop, UV_RUN_DEFAULT);
  expect_journal("a, b, a closed, b again, b closed");
  assert_int_equal(uv_loop_close(&loop), 0);
}

/* ---- callbacks, however the loop is run ------------------------------------------------------ */

typedef struct inside {
  netmcu_t *own, *other; /* a context with a loop of its own, and another one on that loop */
} inside;

/* Nothing that the loop calls may run the loop again, or end the context that owns the loop. */
static void try_everything(const inside *i, const char *where)
{
  called("%s", where);
  assert_int_equal(netmcu_run(i->own), NETMCU_EINPROGRESS);
  assert_int_equal(netmcu_run_once(i->own), NETMCU_EINPROGRESS);
  assert_int_equal(netmcu_run(i->other), NETMCU_EINPROGRESS);
  assert_int_equal(netmcu_run_once(i->other), NETMCU_EINPROGRESS);
  assert_int_equal(netmcu_close(i->own, NULL, NULL), NETMCU_EINPROGRESS);
}

static void try_in_post(void *data)
{
  try_everything(data, "post");
}

static void try_in_timer(netmcu_timer *timer, void *data)
{
  try_everything(data, "timer");
  netmcu_timer_free(timer);
}

static void try_in_lookup(void *data, int error, const netmcu_address *addresses, size_t count)
{
  (void)error;
  (void)addresses;
  (void)count;
  try_everything(data, "lookup");
}

static void try_in_udp(netmcu_udp *u, const char *bytes, size_t size, const netmcu_address *from)
{
  (void)bytes;
  (void)size;
  (void)from;
  try_everything(netmcu_udp_get_data(u), "datagram");
  netmcu_udp_free(u);
}

static void try_in_receive(netmcu_connection *c, const char *bytes, size_t size)
{
  (void)bytes;
  (void)size;
  try_everything(netmcu_connection_get_data(c), "receive");
}

static void try_at_the_end(netmcu_connection *c, int error)
{
  (void)error;
  try_everything(netmcu_connection_get_data(c), "disconnection");
  netmcu_connection_free(c);
}

static void try_in_accept(netmcu_server *server, netmcu_connection *client)
{
  try_everything(netmcu_server_get_data(server), "accept");
  netmcu_connection_send(client, "hello", 5);
  netmcu_connection_free(client);
  netmcu_server_free(server);
}

static void try_in_callbacks(inside *i, netmcu_t *ctx)
{
  static const netmcu_connection_events events = {.receive = try_in_receive, .disconnection = try_at_the_end};
  static const netmcu_udp_events datagrams = {.receive = try_in_udp};
  netmcu_server *server = netmcu_server_new(ctx);
  netmcu_udp *u = netmcu_udp_new(ctx);
  netmcu_address address;

  netmcu_post(ctx, try_in_post, i);
  netmcu_timer_start(netmcu_timer_new(ctx, try_in_timer, i), 1, 0);
  netmcu_resolve(ctx, "127.0.0.1", try_in_lookup, i, NULL);
  netmcu_udp_on(u, &datagrams);
  netmcu_udp_set_data(u, i);
  assert_int_equal(netmcu_udp_listen(u, 0, "127.0.0.1"), 0);
  netmcu_udp_get_address(u, &address);
  assert_int_equal(netmcu_udp_send(u, &address, "x", 1), 0);
  netmcu_server_set_data(server, i);
  assert_int_equal(netmcu_server_listen(server, 0, "127.0.0.1", 0, try_in_accept), 0);
  netmcu_server_get_address(server, &address);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_connection_on(c, &events);
  netmcu_connection_set_data(c, i);
  assert_int_equal(netmcu_connection_connect(c, address.port, "127.0.0.1"), 0);
}

static void test_no_callback_runs_the_loop(void **state)
{
  static const char *const all[] = {"post", "timer", "lookup", "datagram", "accept", "receive", "disconnection"};
  (void)state;
  for (int by_uv_run = 0; by_uv_run < 2; by_uv_run++) {
    inside i = {.own = netmcu_new(NULL, NULL)};
    i.other = netmcu_new(netmcu_get_loop(i.own), NULL);
    try_in_callbacks(&i, i.own);
    try_in_callbacks(&i, i.other);
    if (by_uv_run)
      uv_run(netmcu_get_loop(i.own), UV_RUN_DEFAULT);
    else
      assert_int_equal(netmcu_run(i.own), 0);
    for (size_t n = 0; n < sizeof all / sizeof *all; n++)
      assert_int_equal(calls(all[n]), 2);
    assert_int_equal(netmcu_close(i.other, note, "closed"), 0);
    uv_run(netmcu_get_loop(i.own), UV_RUN_DEFAULT);
    assert_int_equal(calls("closed"), 1);
    assert_int_equal(netmcu_close(i.own, NULL, NULL), 0);
    forget_calls();
  }
}

/* ---- several contexts ------------------------------------------------------------------------ */

static void echo(netmcu_connection *c, const char *data, size_t size)
{
  netmcu_connection_send(c, data, size);
}

static void gone(netmcu_connection *c, int error)
{
  (void)error;
  netmcu_connection_free(c);
}

static const netmcu_connection_events echo_events = {.receive = echo, .disconnection = gone};

static void accept_echo(netmcu_server *server, netmcu_connection *client)
{
  netmcu_connection_on(client, &echo_events);
  netmcu_server_free(server);
}

/* A thread uses a context of its own. */
static void answered(netmcu_connection *c, const char *data, size_t size)
{
  *(bool *)netmcu_connection_get_data(c) = size == 4 && memcmp(data, "ping", 4) == 0;
  netmcu_connection_free(c);
}

static void ask(netmcu_connection *c)
{
  netmcu_connection_send(c, "ping", 4);
}

static void *converse(void *data)
{
  static const netmcu_connection_events events = {.connection = ask, .receive = answered};
  netmcu_t *ctx = netmcu_new(NULL, NULL);
  netmcu_server *server = netmcu_server_new(ctx);
  netmcu_connection *c = netmcu_connection_new(ctx);
  netmcu_address address;
  netmcu_server_listen(server, 0, "127.0.0.1", 0, accept_echo);
  netmcu_server_get_address(server, &address);
  netmcu_connection_on(c, &events);
  netmcu_connection_set_data(c, data);
  netmcu_connection_connect(c, address.port, "localhost");
  netmcu_run(ctx);
  netmcu_close(ctx, NULL, NULL);
  return NULL;
}

static void test_a_context_in_each_of_many_threads(void **state)
{
  (void)state;
  pthread_t threads[8];
  bool right[8] = {false};
  for (int i = 0; i < 8; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, converse, &right[i]), 0);
  for (int i = 0; i < 8; i++) {
    pthread_join(threads[i], NULL);
    assert_true(right[i]);
  }
}

/* ---- SIGPIPE --------------------------------------------------------------------------------- */

#ifdef SIGPIPE
static void test_sigpipe_is_ignored(void **state)
{
  (void)state;
  struct sigaction action;
  signal(SIGPIPE, SIG_DFL);
  netmcu_t *ctx = loop_begin(NULL);
  sigaction(SIGPIPE, NULL, &action);
  assert_true(action.sa_handler == SIG_IGN);
  loop_end(ctx);
}

static void own_handler(int number)
{
  (void)number;
}

static void test_a_sigpipe_handler_is_left_alone(void **state)
{
  (void)state;
  struct sigaction action;
  signal(SIGPIPE, own_handler);
  netmcu_t *ctx = loop_begin(NULL);
  sigaction(SIGPIPE, NULL, &action);
  signal(SIGPIPE, SIG_IGN);
  assert_true(action.sa_handler == own_handler);
  loop_end(ctx);
}
#endif

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_version),
      own_loop(test_without_options),
      both_loops(test_nothing_open),
      own_loop(test_set_options),
      own_loop(test_allocator_cannot_be_changed),
      own_loop(test_no_memory),
      both_loops(test_nested_run_is_refused),
      own_loop(test_close_inside_a_callback_of_the_own_loop_is_refused),
      both_loops(test_stop),
      both_loops(test_stop_before_run),
      both_loops(test_run_once),
      both_loops(test_posts_run_in_order),
      both_loops(test_posts_never_starve_the_network),
      both_loops(test_posts_are_dropped_at_close),
      own_loop(test_the_callers_handles_are_left_alone),
      own_loop(test_close_inside_a_callback_of_the_callers_loop),
      own_loop(test_no_callback_runs_the_loop),
      own_loop(test_contexts_share_a_loop),
      own_loop(test_a_context_in_each_of_many_threads),
#ifdef SIGPIPE
      own_loop(test_sigpipe_is_ignored),
      own_loop(test_a_sigpipe_handler_is_left_alone),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
