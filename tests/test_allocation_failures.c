/* A scenario with every object, in which each allocation fails in turn: first alone, then with all
 * that follow. Nothing may crash, hang or leak, and the next run without failures works. */
#include "dns_server.h"
#include "objects.h"
#include "peer.h"

#define CHUNK 4000

static dns_server *dns;
static peer *listener;
static netmcu_t *ctx;
static netmcu_timer *deadline;
static netmcu_server *server;    /* while it listens */
static netmcu_connection *own;   /* connects to the server */
static netmcu_connection *first; /* holds sometimes, so that data is kept */
static unsigned answers;

static void stop_listening(void)
{
  netmcu_server_free(server);
  server = NULL;
}

static void gone(netmcu_connection *c, int error)
{
  (void)error;
  if (c == own)
    stop_listening();
  if (c == first)
    first = NULL;
  netmcu_connection_free(c);
}

static void unhold(void *data)
{
  (void)data;
  if (first)
    netmcu_connection_unhold(first);
}

static void receive(netmcu_connection *c, const char *data, size_t size)
{
  (void)data;
  (void)size;
  if (c == first && netmcu_post(ctx, unhold, NULL) == 0)
    netmcu_connection_hold(c);
}

static void talk(netmcu_connection *c)
{
  static char block[500000];
  netmcu_connection_send(c, block, 10);
  netmcu_connection_send(c, block, sizeof block);
  netmcu_connection_send(c, block, 10);
  netmcu_connection_hold(c);
  netmcu_connection_unhold(c);
}

static const netmcu_connection_events events = {.connection = talk, .receive = receive, .disconnection = gone};

static void answer(netmcu_connection *c, const char *data, size_t size)
{
  static char block[100000];
  (void)data;
  (void)size;
  netmcu_connection_send(c, block, sizeof block);
  netmcu_connection_free(c);
}

static const netmcu_connection_events client_events = {.receive = answer, .disconnection = gone};

static void accept_client(netmcu_server *listening, netmcu_connection *client)
{
  (void)listening;
  netmcu_connection_on(client, &client_events);
  stop_listening();
}

static void resolved(void *data, int error, const netmcu_address *addresses, size_t count)
{
  (void)data;
  (void)error;
  (void)addresses;
  (void)count;
  answers++;
}

static void give_up(netmcu_timer *timer, void *data)
{
  (void)timer;
  (void)data;
  netmcu_stop(ctx);
}

static netmcu_connection *connect_to(uint16_t port, const char *host)
{
  netmcu_connection *c = netmcu_connection_new(ctx);
  if (!c)
    return NULL;
  netmcu_connection_on(c, &events);
  if (netmcu_connection_connect(c, port, host) != 0) {
    netmcu_connection_free(c);
    return NULL;
  }
  netmcu_connection_send(c, "early", 5);
  return c;
}

static void serve_oneself(void)
{
  netmcu_address address;
  own = NULL;
  server = netmcu_server_new(ctx);
  if (!server)
    return;
  netmcu_server_set_idle_timeout(server, 500);
  if (netmcu_server_listen(server, 0, "127.0.0.1", 0, accept_client) == 0 &&
      netmcu_server_get_address(server, &address) == 0)
    own = connect_to(address.port, "127.0.0.1");
  if (!own)
    stop_listening();
}

static void noted(void *data)
{
  (void)data;
}

static void perform(void)
{
  netmcu_lookup *lookup;
  netmcu_dns_set_server(ctx, 0, dns_server_text(dns));
  netmcu_dns_set_server(ctx, 1, dns_server_text(dns));
  netmcu_map_port(ctx, "1=0");
  netmcu_map_host(ctx, "elsewhere.test=127.0.0.1");
  netmcu_bind_to(ctx, "127.0.0.1");
  netmcu_set_fault(ctx, "cut,size=1460");
  netmcu_post(ctx, noted, NULL);
  first = connect_to(peer_port(listener), "local.test");
  connect_to(peer_port(listener), "127.0.0.1");
  serve_oneself();
  netmcu_resolve(ctx, "a.test", resolved, NULL, NULL);
  if (netmcu_resolve(ctx, "big.test", resolved, NULL, &lookup) == 0)
    netmcu_lookup_cancel(lookup);
}

static void greet_and_read(peer *p)
{
  char block[CHUNK] = {0};
  peer_send(p, block, sizeof block);
  peer_finish(p);
  peer_read_to_end(p);
}

/* Runs the scenario with a failure of allocation `nth`. Returns the number of allocations. */
static size_t play(size_t nth, bool onwards, void **state)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.linger_timeout = 200;
  loop_reset_own(state);
  listener = peer_listen_many(greet_and_read, NULL, 2);
  ctx = loop_begin(&options);
  loop_files_may_differ();
  deadline = netmcu_timer_new(ctx, give_up, NULL);
  netmcu_timer_set_keep_alive(deadline, 0);
  /* If the test cannot wait for a DNS answer, giving it up takes seconds. */
  if (nth)
    netmcu_timer_start(deadline, 300 * loop_patience(), 0);
  size_t before = loop_allocations();
  loop_fail_allocation(nth, onwards);
  perform();
  netmcu_run(ctx);
  size_t allocations = loop_allocations() - before;
  loop_fail_allocation(0, false);
  loop_close(ctx);
  peer_end(listener, NULL);
  return allocations;
}

static void test_each(void **state)
{
  dns = dns_server_start();
  size_t allocations = play(0, false, state);
  assert_true(allocations > 10);
  for (size_t nth = 1; nth <= allocations; nth++)
    for (int onwards = 0; onwards < 2; onwards++)
      play(nth, onwards, state);
  answers = 0;
  play(0, false, state);
  assert_int_equal(answers, 1);
  dns_server_stop(dns);
  print_message("%u allocations\n", (unsigned)allocations);
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_each)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
