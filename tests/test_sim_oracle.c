/* Random calls on random simulated worlds. Every byte arrives once, in order and at the right peer;
 * every callback keeps the contract of netmcu.h; every segment keeps the rules of TCP; what is still
 * connected after the last fault gets everything; and nothing is left open or allocated.
 * Every second host has the allocator of the simulated network.
 *
 * SIM_SEEDS=1000-1999 build/tests/test_sim_oracle runs other seeds than the first ones. A seed that
 * has failed belongs into `failed_once`. */
#include "tcp_rules.h"
#include "world.h"

#define HOSTS       6
#define CONNECTIONS 64
#define DEEDS       120

/* One side of a TCP connection. `peer` is the other one, once the server has accepted it. */
typedef struct side {
  netmcu_connection *c; /* NULL after it was freed, or its host has crashed */
  struct side *peer;
  unsigned id, host, sends, sents;
  bool is_client, is_open, has_ended, is_closing;
  size_t sent, received;
} side;

static const uint64_t failed_once[] = {364, 1652, 5013309, 6784282, 6920345};

static netmcu_sim *sim;
static netmcu_sim_host *hosts[HOSTS];
static netmcu_t *contexts[HOSTS];
static unsigned host_count, side_count;
static side sides[2 * CONNECTIONS];
static bool in_call, is_calm, is_releasing, is_device[HOSTS];
static uint64_t seed, state;
static unsigned long bytes_checked, connections_opened, ends;

#define CALL(expression) (in_call = true, expression, in_call = false)
#define check(condition)                                                                                               \
  do {                                                                                                                 \
    if (!(condition))                                                                                                  \
      fail_msg("seed %llu: %s", (unsigned long long)seed, #condition);                                                 \
  } while (0)

static unsigned below(unsigned limit)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (unsigned)((state >> 20) % limit);
}

/* The byte number `index` that this side sends. */
static char byte_of(const side *s, size_t index)
{
  return (char)((index + 1) * (2654435761u + s->id * 40503u + s->is_client) >> 11);
}

/* ---- callbacks ------------------------------------------------------------------------------- */

static side *side_of(netmcu_connection *c)
{
  side *s = netmcu_connection_get_data(c);
  check(!in_call);
  check(s->c == c && !s->has_ended);
  return s;
}

static void on_connection(netmcu_connection *c)
{
  side *s = side_of(c);
  check(!s->is_open && s->received == 0);
  s->is_open = true;
  connections_opened++;
}

static void on_receive(netmcu_connection *c, const char *data, size_t size)
{
  side *s = side_of(c);
  check(s->is_open && s->peer && size > 0);
  check(s->received + size <= s->peer->sent);
  for (size_t i = 0; i < size; i++)
    check(data[i] == byte_of(s->peer, s->received + i));
  s->received += size;
  bytes_checked += (unsigned long)size;
}

static void on_sent(netmcu_connection *c)
{
  side *s = side_of(c);
  s->sents++;
  check(s->is_open && (is_device[s->host] || s->sents <= s->sends));
}

static void release(side *s)
{
  netmcu_connection *c = s->c;
  s->c = NULL;
  CALL(netmcu_connection_free(c));
}

/* A FIN comes behind everything that the peer has sent. */
static void on_disconnection(netmcu_connection *c, int error)
{
  side *s = side_of(c);
  s->has_ended = true;
  ends++;
  if (error == 0)
    check(s->is_open && s->peer && s->received == s->peer->sent);
  release(s);
}

static const netmcu_connection_events events = {
    .connection = on_connection, .receive = on_receive, .sent = on_sent, .disconnection = on_disconnection};

static side *new_side(unsigned host, netmcu_connection *c, bool is_client)
{
  side *s = &sides[side_count++];
  *s = (side){.c = c, .id = side_count, .host = host, .is_client = is_client};
  netmcu_connection_set_data(c, s);
  netmcu_connection_on(c, &events);
  return s;
}

/* The client whose address the server sees. */
static side *find_client(const netmcu_address *address)
{
  for (unsigned i = side_count; i-- > 0;) {
    netmcu_address own;
    if (sides[i].is_client && sides[i].peer == NULL && sides[i].c &&
        netmcu_connection_get_address(sides[i].c, &own) == 0 && own.port == address->port &&
        memcmp(own.ip, address->ip, 4) == 0)
      return &sides[i];
  }
  return NULL;
}

static void on_accept(netmcu_server *server, netmcu_connection *c)
{
  netmcu_address address;
  check(!in_call);
  check(netmcu_connection_get_peer(c, &address) == 0);
  side *client = find_client(&address);
  if (client == NULL || side_count == 2 * CONNECTIONS) { /* it has gone away meanwhile */
    CALL(netmcu_connection_free(c));
    return;
  }
  side *s = new_side((unsigned)(uintptr_t)netmcu_server_get_data(server), c, false);
  s->peer = client;
  client->peer = s;
}

/* ---- deeds ----------------------------------------------------------------------------------- */

static void boot(unsigned host)
{
  contexts[host] = host % 2 ? netmcu_sim_context(hosts[host], NULL) : world_context(hosts[host]);
  netmcu_server *server = netmcu_server_new(contexts[host]);
  netmcu_server_set_data(server, (void *)(uintptr_t)host);
  check(netmcu_server_listen(server, 80, NULL, 0, on_accept) == 0);
}

static void crash(unsigned host)
{
  for (unsigned i = 0; i < side_count; i++)
    if (sides[i].host == host && sides[i].c) {
      sides[i].c = NULL;
      sides[i].has_ended = true;
    }
  CALL(netmcu_sim_crash(hosts[host]));
  contexts[host] = NULL;
}

static void connect_hosts(void)
{
  unsigned from = below(host_count), to = below(host_count);
  if (side_count >= 2 * CONNECTIONS - 1 || contexts[from] == NULL)
    return;
  netmcu_connection *c = netmcu_connection_new(contexts[from]);
  int error = 0;
  new_side(from, c, true);
  CALL(error = netmcu_connection_connect(c, 80, netmcu_sim_host_name(hosts[to])));
  check(error == 0);
}

static void send_bytes(side *s)
{
  static char data[20000];
  size_t size = 1 + below(below(4) ? 200 : sizeof data - 1);
  int error = 0;
  for (size_t i = 0; i < size; i++)
    data[i] = byte_of(s, s->sent + i);
  CALL(error = netmcu_connection_send(s->c, data, size));
  if (error == 0) {
    s->sent += size;
    s->sends++;
  }
}

static void use_connection(void)
{
  side *s = side_count ? &sides[below(side_count)] : NULL;
  if (s == NULL || s->c == NULL || s->has_ended)
    return;
  switch (below(12)) {
  case 0: CALL(netmcu_connection_hold(s->c)); break;
  case 1:
  case 2: CALL(netmcu_connection_unhold(s->c)); break;
  case 3: release(s); break;
  default: send_bytes(s);
  }
}

/* A calm world has no faults. Its round trips, with an acknowledgement that is delayed, are shorter
 * than the time-outs. */
static netmcu_sim_link draw_link(void)
{
  netmcu_sim_link link = NETMCU_SIM_LINK_INIT;
  link.latency = below(is_calm ? 30000 : 50000);
  link.mtu = below(3) ? 1500 : 576;
  if (is_calm)
    return link;
  link.latency = below(3) ? link.latency : 0;
  link.jitter = below(2) ? below(20000) : 0;
  link.loss = below(2) ? below(30) / 100.0 : 0;
  link.duplication = below(3) ? 0 : below(30) / 100.0;
  link.reordering = below(3) ? 0 : below(30) / 100.0;
  link.bandwidth = below(3) ? 0 : 2000 + below(100000);
  link.queue = 3000 + below(60000);
  return link;
}

/* The packets that were held are shown again. */
static void release_hold(unsigned a, unsigned b)
{
  is_releasing = true;
  netmcu_sim_release(sim, hosts[a], hosts[b]);
  is_releasing = false;
}

static void trouble(void)
{
  unsigned a = below(host_count), b = below(host_count);
  netmcu_sim_link link = draw_link();
  switch (below(7)) {
  case 0: netmcu_sim_partition(sim, &hosts[a], 1); break;
  case 1: netmcu_sim_repair(sim); break;
  case 2: netmcu_sim_hold(sim, hosts[a], hosts[b]); break;
  case 3: release_hold(a, b); break;
  case 4: check(netmcu_sim_set_path(sim, hosts[a], hosts[b], &link) == 0); break;
  case 5:
    if (contexts[a])
      crash(a);
    break;
  default:
    if (contexts[a] == NULL) {
      netmcu_sim_restart(hosts[a]);
      boot(a);
    }
  }
}

static void do_something(void)
{
  switch (below(8)) {
  case 0:
  case 1: connect_hosts(); break;
  case 2:
    if (!is_calm)
      trouble();
    break;
  default: use_connection();
  }
  netmcu_sim_run(sim, below(4) ? below(10000) : below(3000000));
}

/* ---- a world --------------------------------------------------------------------------------- */

static void on_packet(const netmcu_sim_packet *packet, void *data)
{
  const char *broken = is_releasing ? NULL : tcp_rules_check(packet);
  (void)data;
  if (broken)
    fail_msg("seed %llu: at %llu ns, %s %s", (unsigned long long)seed, (unsigned long long)packet->time,
             netmcu_sim_host_name(packet->from), broken);
}

static void begin_world(void)
{
  is_calm = below(3) == 0;
  netmcu_sim_link link = draw_link();
  netmcu_sim_set_link(sim, NULL, NULL, &link);
  tcp_rules_begin(is_calm, link.latency);
  netmcu_sim_on_packet(sim, on_packet, NULL);
}

/* All faults end, and everybody reads. */
static void calm_down(void)
{
  netmcu_sim_link link = NETMCU_SIM_LINK_INIT;
  netmcu_sim_repair(sim);
  for (unsigned a = 0; a < host_count && !is_calm; a++)
    for (unsigned b = 0; b < host_count; b++) {
      release_hold(a, b);
      netmcu_sim_set_path(sim, hosts[a], hosts[b], &link);
    }
  for (unsigned i = 0; i < side_count; i++)
    if (sides[i].c)
      CALL(netmcu_connection_unhold(sides[i].c));
}

/* The longest time-outs have passed. What is connected has everything, and of a calm world nobody is
 * left alone. */
static void check_end(void)
{
  for (unsigned i = 0; i < side_count; i++) {
    const side *s = &sides[i];
    if (s->c == NULL)
      continue;
    check(s->is_open);
    check(!is_calm || s->peer->c);
    if (s->peer == NULL || s->peer->c == NULL)
      continue;
    check(s->received == s->peer->sent);
    check(is_device[s->host] ? s->sents > 0 || s->sends == 0 : s->sents == s->sends);
  }
  const char *broken = tcp_rules_end(netmcu_sim_time(sim));
  if (broken)
    fail_msg("seed %llu: somebody %s", (unsigned long long)seed, broken);
}

static void run_seed(uint64_t number)
{
  seed = number;
  state = number * 0x9e3779b97f4a7c15u + 1;
  side_count = 0;
  sim = netmcu_sim_new(number, 0);
  begin_world();
  host_count = 2 + below(HOSTS - 1);
  for (unsigned i = 0; i < host_count; i++) {
    char name[16];
    snprintf(name, sizeof name, "h%u", i);
    is_device[i] = below(2);
    hosts[i] = netmcu_sim_host_new(sim, name, NULL, is_device[i] ? NETMCU_SIM_DEVICE : NETMCU_SIM_DESKTOP);
    boot(i);
  }
  for (int i = 0; i < DEEDS; i++)
    do_something();
  calm_down();
  netmcu_sim_run(sim, (uint64_t)(is_calm ? 120 : 3600) * S);
  check_end();
  for (unsigned i = 0; i < side_count; i++)
    if (sides[i].c)
      release(&sides[i]);
  netmcu_sim_free(sim);
  if (loop_blocks())
    fail_msg("seed %llu: %zu blocks leaked", (unsigned long long)seed, loop_blocks());
}

static void test_random_worlds(void **unused)
{
  unsigned long long first = 1, last = loop_is_instrumented() ? 20 : 100;
  const char *seeds = getenv("SIM_SEEDS");
  (void)unused;
  if (seeds)
    assert_int_equal(sscanf(seeds, "%llu-%llu", &first, &last), 2);
  double begin = loop_milliseconds();
  for (size_t i = 0; i < sizeof failed_once / sizeof failed_once[0]; i++)
    run_seed(failed_once[i]);
  for (uint64_t number = first; number <= last; number++)
    run_seed(number);
  printf("%llu seeds in %.0f ms: %lu connections, %lu ends, %lu bytes\n", last - first + 1, loop_milliseconds() - begin,
         connections_opened, ends, bytes_checked);
  assert_true(connections_opened > 0 && ends > 0 && bytes_checked > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_random_worlds)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
