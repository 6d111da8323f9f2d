/* Connections, servers, lookups and timers do random things to each other in all their callbacks,
 * and memory sometimes runs out. Nothing may crash, leak or hang. NETMCU_TEST_VERBOSE in the
 * environment prints the seeds.
 *
 * ctest: COST 10 */
#include "dns_server.h"
#include "objects.h"
#include "peer.h"

#define OBJECTS 12
#define DEEDS   400 /* in one round */

static netmcu_t *ctx;
static netmcu_connection *connections[OBJECTS];
static netmcu_server *servers[2];
static netmcu_timer *timers[2];
static netmcu_lookup *lookups[4];
static uint16_t ports[4]; /* of the servers as long as they listen, of nobody, and of a peer that resets */
static uint32_t seed;
static unsigned deeds, accepted;
static bool memory_fails;

/* xorshift: returns the same numbers on every system. */
static unsigned any(unsigned below)
{
  seed ^= seed << 13;
  seed ^= seed >> 17;
  seed ^= seed << 5;
  return seed % below;
}

static void act(void);

static void on_dns(netmcu_connection *c, const netmcu_address *address)
{
  (void)c;
  (void)address;
  act();
}

static void on_event(netmcu_connection *c)
{
  (void)c;
  act();
}

static void on_receive(netmcu_connection *c, const char *data, size_t size)
{
  volatile char last = data[size - 1];
  (void)c;
  act();
  last = data[size - 1];
  (void)last;
}

static void on_end(netmcu_connection *c, int error)
{
  assert_int_equal(netmcu_connection_get_state(c), NETMCU_IDLE);
  (void)error;
  act();
}

static const netmcu_connection_events full = {on_dns, on_event, on_receive, on_event, on_end, on_end, on_event};
static const netmcu_connection_events sparse = {.receive = on_receive, .disconnection = on_end};

/* Accepted clients replace another object. */
static void on_accept(netmcu_server *server, netmcu_connection *client)
{
  unsigned place = any(OBJECTS);
  (void)server;
  accepted++;
  netmcu_connection_free(connections[place]);
  connections[place] = client;
  netmcu_connection_on(client, any(2) ? &full : &sparse);
  act();
}

static void on_lookup(void *data, int error, const netmcu_address *addresses, size_t count)
{
  const char *ip = loop_ip(count > 0 ? addresses : NULL);
  *(netmcu_lookup **)data = NULL;
  assert_true((ip == NULL) == (error != 0));
  act();
}

static void on_timer(netmcu_timer *timer, void *data)
{
  (void)timer;
  (void)data;
  act();
}

static void on_post(void *data)
{
  (void)data;
  act();
}

/* ---- the deeds ------------------------------------------------------------------------------- */

static void connect_one(netmcu_connection *c)
{
  static const char *const hosts[] = {"127.0.0.1", "localhost", "local.test", "nx.test", "pair.test"};
  netmcu_connection_connect(c, ports[any(4)], hosts[any(5)]);
}

static void send_one(netmcu_connection *c)
{
  static char block[300000];
  static const unsigned sizes[] = {1, 10, 1460, 5000, 300000};
  netmcu_piece pieces[] = {{block, sizes[any(5)]}, {block, sizes[any(5)]}};
  netmcu_connection_send_pieces(c, pieces, 1 + any(2));
}

static void set_one(netmcu_connection *c)
{
  netmcu_connection_set_idle_timeout(c, any(3) * 20);
  netmcu_connection_set_keepalive(c, any(2) * 1000);
  netmcu_connection_set_nodelay(c, (int)any(2));
}

static void replace(unsigned place)
{
  netmcu_connection_free(connections[place]);
  connections[place] = netmcu_connection_new(ctx);
  if (connections[place])
    netmcu_connection_on(connections[place], &full);
}

static void act_on_connection(void)
{
  unsigned place = any(OBJECTS);
  netmcu_connection *c = connections[place];
  unsigned deed = c ? any(14) : 0;
  if (deed <= 1)
    replace(place);
  else if (deed <= 4)
    connect_one(c);
  else if (deed <= 7)
    send_one(c);
  else if (deed == 8)
    netmcu_connection_close(c);
  else if (deed == 9)
    netmcu_connection_hold(c);
  else if (deed == 10)
    netmcu_connection_unhold(c);
  else if (deed == 11)
    netmcu_connection_abort(c);
  else if (deed == 12)
    set_one(c);
  else
    netmcu_connection_on(c, any(3) ? &full : any(2) ? &sparse : NULL);
}

static void listen_again(unsigned i)
{
  netmcu_address address;
  if (!servers[i])
    servers[i] = netmcu_server_new(ctx);
  if (!servers[i])
    return;
  netmcu_server_set_idle_timeout(servers[i], any(2) * 30);
  netmcu_server_listen(servers[i], 0, "127.0.0.1", 0, on_accept);
  ports[i] = netmcu_server_get_address(servers[i], &address) == 0 ? address.port : PEER_CLOSED_PORT;
}

static void act_on_server(void)
{
  unsigned i = any(2);
  if (any(3) || !servers[i]) {
    listen_again(i);
  } else if (any(2)) {
    netmcu_server_hold(servers[i]);
    if (any(3))
      netmcu_server_unhold(servers[i]);
  } else if (any(2)) {
    netmcu_server_close(servers[i]);
    ports[i] = PEER_CLOSED_PORT;
  } else {
    netmcu_server_free(servers[i]);
    servers[i] = NULL;
    ports[i] = PEER_CLOSED_PORT;
  }
}

static void act_on_lookup(void)
{
  static const char *const names[] = {"a.test", "silent.test", "127.0.0.1", "localhost", "late20.test"};
  unsigned i = any(4);
  if (lookups[i]) {
    netmcu_lookup_cancel(lookups[i]);
    lookups[i] = NULL;
  } else if (netmcu_resolve(ctx, names[any(5)], on_lookup, &lookups[i], &lookups[i]) != 0) {
    lookups[i] = NULL;
  }
}

static void act_on_timer(void)
{
  unsigned i = any(2);
  netmcu_timer_free(timers[i]);
  timers[i] = netmcu_timer_new(ctx, on_timer, NULL);
  if (timers[i])
    netmcu_timer_start(timers[i], any(5), any(2) * 3);
}

static void act(void)
{
  for (unsigned n = any(3); n > 0 && deeds < DEEDS; n--, deeds++) {
    unsigned kind = any(20);
    if (memory_fails && any(10) == 0)
      loop_fail_allocation(1 + any(3), false);
    if (kind < 13)
      act_on_connection();
    else if (kind < 15)
      act_on_server();
    else if (kind < 17)
      act_on_lookup();
    else if (kind < 19)
      act_on_timer();
    else
      netmcu_post(ctx, on_post, NULL);
  }
}

/* ---- the rounds ------------------------------------------------------------------------------ */

static void greet_and_reset(peer *p)
{
  char some[3000] = {0};
  peer_send(p, some, sizeof some);
  peer_reset(p);
}

static bool is_over(void *data)
{
  double started = *(double *)data;
  if (deeds >= DEEDS || loop_milliseconds() - started > 500)
    return true;
  act();
  return false;
}

static void forget_all(void)
{
  memset(connections, 0, sizeof connections);
  memset(servers, 0, sizeof servers);
  memset(timers, 0, sizeof timers);
  memset(lookups, 0, sizeof lookups);
}

static void play(uint32_t with, dns_server *dns, bool failing)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.linger_timeout = 50;
  options.connect_timeout = 50;
  peer *p = peer_listen_many(greet_and_reset, NULL, DEEDS);
  ctx = loop_begin(&options);
  loop_files_may_differ();
  forget_all();
  seed = with;
  deeds = 0;
  memory_fails = failing;
  ports[0] = ports[1] = ports[2] = PEER_CLOSED_PORT;
  ports[3] = peer_port(p);
  dns_server_use(dns, ctx);
  listen_again(0);
  listen_again(1);
  double started = loop_milliseconds();
  loop_until(ctx, is_over, &started);
  deeds = DEEDS;
  loop_fail_allocation(0, false);
  loop_close(ctx);
  peer_end(p, NULL);
}

static void play_many(void **state, bool failing)
{
  dns_server *dns = dns_server_start();
  unsigned rounds = loop_under_valgrind() ? 10 : 60;
  accepted = 0;
  for (uint32_t round = 1; round <= rounds; round++) {
    loop_reset_own(state);
    if (getenv("NETMCU_TEST_VERBOSE"))
      print_message("seed %u\n", round * 2654435761u);
    play(round * 2654435761u, dns, failing);
  }
  dns_server_stop(dns);
  print_message("%u clients accepted\n", accepted);
}

static void test_random_deeds(void **state)
{
  play_many(state, false);
}

static void test_random_deeds_without_memory(void **state)
{
  play_many(state, true);
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_random_deeds), own_loop(test_random_deeds_without_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
