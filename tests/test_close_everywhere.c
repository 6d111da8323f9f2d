/* Closing, freeing and reusing objects inside every kind of callback: the callback's own object,
 * and others. */
#include "dns_server.h"
#include "objects.h"
#include "peer.h"

/* The action in the callback. */
typedef enum deed { CLOSE, FREE, CLOSE_AND_FREE, FREE_OTHERS, DEEDS } deed;

/* The callback. */
typedef enum place {
  DNS,
  CONNECTION,
  RECEIVE,
  SENT,
  DISCONNECTION,
  RECONNECTION,
  ACCEPT,
  LOOKUP,
  TIMER,
  POST,
  PLACES
} place;

static const char *const place_names[PLACES] = {"dns",          "connection", "receive", "sent",  "disconnection",
                                                "reconnection", "accept",     "lookup",  "timer", "post"};

static struct {
  deed deed;
  place place;
  unsigned times;
  netmcu_connection *connection, *other;
  netmcu_server *server;
  netmcu_timer *timer, *other_timer;
  netmcu_lookup *lookup;
} scene;

static void free_all_others(void)
{
  netmcu_connection_free(scene.other);
  netmcu_server_free(scene.server);
  netmcu_timer_free(scene.other_timer);
  if (scene.lookup)
    netmcu_lookup_cancel(scene.lookup);
  scene.other = NULL;
  scene.server = NULL;
  scene.other_timer = NULL;
  scene.lookup = NULL;
}

static void free_connection(netmcu_connection *c)
{
  if (c == scene.connection)
    scene.connection = NULL;
  netmcu_connection_free(c);
}

/* Performs the action on `c`. If `c` is NULL, the callback does not belong to a connection, and the
 * action affects the fixture's connection. */
static void reach(place here, netmcu_connection *c)
{
  if (here != scene.place)
    return;
  netmcu_connection *target = c ? c : scene.connection;
  scene.times++;
  if (scene.deed == FREE_OTHERS)
    free_all_others();
  if (!target)
    return;
  if (scene.deed == CLOSE || scene.deed == CLOSE_AND_FREE)
    netmcu_connection_close(target);
  if (scene.deed == FREE || scene.deed == CLOSE_AND_FREE)
    free_connection(target);
}

static void on_dns(netmcu_connection *c, const netmcu_address *address)
{
  (void)address;
  reach(DNS, c);
}

static void on_connection(netmcu_connection *c)
{
  netmcu_connection_send(c, "one", 3);
  netmcu_connection_send(c, "two", 3);
  reach(CONNECTION, c);
}

static void on_receive(netmcu_connection *c, const char *data, size_t size)
{
  char copy[4096];
  reach(RECEIVE, c);
  /* The library owns the data until the callback returns, whatever happens in the callback. */
  memcpy(copy, data, size < sizeof copy ? size : sizeof copy);
}

static void on_sent(netmcu_connection *c)
{
  reach(SENT, c);
}

static void on_disconnection(netmcu_connection *c, int error)
{
  (void)error;
  reach(DISCONNECTION, c);
}

static void on_reconnection(netmcu_connection *c, int error)
{
  (void)error;
  reach(RECONNECTION, c);
}

static const netmcu_connection_events all_events = {on_dns,          on_connection,    on_receive, on_sent,
                                                    on_reconnection, on_disconnection, NULL};

static void on_accept(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  netmcu_connection_on(client, &all_events);
  netmcu_connection_send(client, "hello", 5);
  reach(ACCEPT, client);
}

static void on_lookup(void *data, int error, const netmcu_address *addresses, size_t count)
{
  (void)data;
  (void)error;
  (void)addresses;
  (void)count;
  scene.lookup = NULL;
  reach(LOOKUP, NULL);
}

static void on_timer(netmcu_timer *timer, void *data)
{
  (void)data;
  (void)timer;
  reach(TIMER, NULL);
}

static void on_post(void *data)
{
  (void)data;
  reach(POST, NULL);
}

/* Exchanges data, then ends in one of two ways. */
static void talk(peer *p)
{
  char block[10000] = {0};
  peer_send(p, block, sizeof block);
  peer_read(p, NULL, 6);
  if (peer_data(p))
    peer_reset(p);
}

static bool has_happened(void *data)
{
  (void)data;
  return scene.times > 0;
}

static void play(deed what, place where)
{
  uint16_t port;
  bool resets = where == RECONNECTION;
  netmcu_t *ctx = loop_begin(NULL);
  memset(&scene, 0, sizeof scene);
  scene.deed = what;
  scene.place = where;
  peer *p = peer_listen(talk, resets ? &scene : NULL);
  scene.server = open_server(ctx, on_accept, &port);
  peer *client = peer_connect(port, peer_sink, NULL);
  peer *other = peer_listen(talk, NULL);
  scene.connection = open_connection(ctx, &all_events, peer_port(p));
  scene.other = open_connection(ctx, NULL, peer_port(other));
  scene.timer = netmcu_timer_new(ctx, on_timer, NULL);
  scene.other_timer = netmcu_timer_new(ctx, on_timer, NULL);
  netmcu_timer_start(scene.timer, 3, 0);
  netmcu_timer_start(scene.other_timer, 3, 3);
  netmcu_resolve(ctx, "localhost", on_lookup, NULL, &scene.lookup);
  netmcu_post(ctx, on_post, NULL);
  loop_until(ctx, has_happened, NULL);
  loop_turns(ctx, 20);
  loop_files_may_differ();
  loop_close(ctx);
  peer_end(p, NULL);
  peer_end(client, NULL);
  peer_end(other, NULL);
}

static void play_all(deed what, void **state)
{
  for (int where = 0; where < PLACES; where++) {
    loop_reset_own(state);
    print_message("%s\n", place_names[where]);
    play(what, (place)where);
  }
}

static void test_close_in_each(void **state)
{
  play_all(CLOSE, state);
}

static void test_free_in_each(void **state)
{
  play_all(FREE, state);
}

static void test_close_and_free_in_each(void **state)
{
  play_all(CLOSE_AND_FREE, state);
}

static void test_free_the_others_in_each(void **state)
{
  play_all(FREE_OTHERS, state);
}

/* After a close, no event of the closed object fires, not even one that was due in the same loop
 * iteration. */
static void close_after_first_frame(netmcu_connection *c, const char *data, size_t size)
{
  (void)data;
  called("receive %zu", size);
  netmcu_connection_close(c);
}

static void send_much(peer *p)
{
  peer_send_stream(p, 1000000, 1);
  peer_read_to_end(p);
}

static void test_no_event_after_close(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {
      .connection = on_connection, .receive = close_after_first_frame, .disconnection = journal_disconnection};
  netmcu_t *ctx = loop_begin_with_frames();
  scene.place = PLACES;
  peer *p = peer_listen(send_much, NULL);
  netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
  loop_run(ctx);
  expect_journal("receive 1460");
  netmcu_connection_free(c);
  peer_end(p, NULL);
  loop_end(ctx);
}

static void close_after_first_sent(netmcu_connection *c)
{
  called("sent");
  netmcu_connection_close(c);
}

static void test_no_sent_after_close(void **state)
{
  (void)state;
  static const netmcu_connection_events events = {
      .connection = on_connection, .sent = close_after_first_sent, .disconnection = journal_disconnection};
  netmcu_t *ctx = loop_begin(NULL);
  peer *p = peer_listen(peer_sink, NULL);
  netmcu_connection *c = open_connection(ctx, &events, peer_port(p));
  loop_run(ctx);
  expect_journal("sent");
  netmcu_connection_free(c);
  peer_result result;
  peer_end(p, &result);
  assert_int_equal(result.received, 6);
  loop_end(ctx);
}

/* Two connections. Each frees the other in its first event. */
static netmcu_connection *pair[2];

static void free_both(netmcu_connection *c)
{
  (void)c;
  called("first");
  for (int i = 0; i < 2; i++)
    netmcu_connection_free(pair[i]);
}

static void free_both_in_receive(netmcu_connection *c, const char *data, size_t size)
{
  (void)data;
  (void)size;
  free_both(c);
}

static void free_both_in_disconnection(netmcu_connection *c, int error)
{
  (void)error;
  free_both(c);
}

static void greet_and_go(peer *p)
{
  peer_wait(p);
  peer_send(p, "x", 1);
}

static void test_each_frees_both(void **state)
{
  (void)state;
  static const netmcu_connection_events kinds[] = {
      {.connection = free_both}, {.receive = free_both_in_receive}, {.disconnection = free_both_in_disconnection}};
  netmcu_t *ctx = loop_begin(NULL);
  for (size_t kind = 0; kind < 3; kind++) {
    peer *peers[2];
    for (int i = 0; i < 2; i++) {
      peers[i] = peer_listen(greet_and_go, NULL);
      pair[i] = open_connection(ctx, &kinds[kind], peer_port(peers[i]));
    }
    peer_go(peers[0]);
    peer_go(peers[1]);
    loop_run(ctx);
    expect_journal("first");
    peer_end(peers[0], NULL);
    peer_end(peers[1], NULL);
  }
  loop_end(ctx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      own_loop(test_close_in_each),          own_loop(test_free_in_each),
      own_loop(test_close_and_free_in_each), own_loop(test_free_the_others_in_each),
      both_loops(test_no_event_after_close), both_loops(test_no_sent_after_close),
      both_loops(test_each_frees_both),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
