/* A network that loses 2 % of the packets, delays them and reorders them. Every byte of TCP
 * arrives, once and in order, even if the sender closes at once. Datagrams and lookups cope with
 * it.
 *
 * ctest: RUN_SERIAL TRUE */
#include <unistd.h>

#include "bytes.h"
#include "dns_answer.h"
#include "loop.h"
#include "lossy.h"
#include "namespace.h"

#define CONNECTIONS 20
#define SIZE        300000 /* bytes in each direction of each connection */
#define PIECE       30000
#define PORT        7000

static lossy_kind kind;

static netmcu_t *begin(void)
{
  if (!lossy_begin(kind))
    return NULL;
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_set_warning(ctx, NULL, NULL);
  return ctx;
}

/* ---- TCP ------------------------------------------------------------------------------------- */

typedef struct end {
  unsigned seed; /* of what it sends; its peer sends the stream of the next seed */
  uint64_t received;
  bool closes;         /* when everything has arrived */
  bool closes_at_once; /* after it has sent everything */
  bool sends;
} end;

static end ends[2 * CONNECTIONS];
static unsigned accepted, complete;
static char payload[2][SIZE];

static void send_all(netmcu_connection *c, const end *e)
{
  for (size_t at = 0; e->sends && at < SIZE; at += PIECE)
    assert_int_equal(netmcu_connection_send(c, payload[e->seed] + at, PIECE), 0);
}

static void close_when_complete(netmcu_connection *c, const end *e)
{
  if (e->received < SIZE || !e->closes)
    return;
  complete++;
  assert_int_equal(netmcu_connection_close(c), 0);
  netmcu_connection_free(c);
}

static void receive(netmcu_connection *c, const char *data, size_t size)
{
  end *e = netmcu_connection_get_data(c);
  assert_true(e->received + size <= SIZE);
  assert_memory_equal(data, payload[!e->seed] + e->received, size);
  e->received += size;
  close_when_complete(c, e);
}

static void disconnection(netmcu_connection *c, int error)
{
  const end *e = netmcu_connection_get_data(c);
  assert_int_equal(error, 0);
  assert_int_equal(e->received, SIZE);
  complete++;
  netmcu_connection_free(c);
}

static const netmcu_connection_events events = {.receive = receive, .disconnection = disconnection};

static void begin_end(netmcu_connection *c, const end *as)
{
  end *e = &ends[accepted++];
  *e = *as;
  netmcu_connection_set_data(c, e);
  netmcu_connection_on(c, &events);
  send_all(c, e);
  if (e->closes_at_once) {
    assert_int_equal(netmcu_connection_close(c), 0);
    netmcu_connection_free(c);
  }
}

static end server_end, client_end;

static void accept_client(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  begin_end(client, &server_end);
}

static bool all_complete(void *data)
{
  return complete == *(const unsigned *)data;
}

/* CONNECTIONS clients here talk to a server there; `completions` sides get everything. */
static void converse(end client, end server, unsigned completions)
{
  netmcu_t *ctx = begin();
  if (!ctx)
    skip();
  client_end = client;
  server_end = server;
  accepted = complete = 0;
  for (unsigned seed = 0; seed < 2; seed++)
    bytes_fill(payload[seed], SIZE, 0, seed);
  netmcu_server *listener = netmcu_server_new(ctx);
  namespace_there();
  assert_int_equal(netmcu_server_listen(listener, PORT, NULL, 0, accept_client), 0);
  namespace_here();
  for (unsigned i = 0; i < CONNECTIONS; i++) {
    netmcu_connection *c = netmcu_connection_new(ctx);
    assert_int_equal(netmcu_connection_connect(c, PORT, lossy_host()), 0);
    begin_end(c, &client_end);
  }
  loop_until(ctx, all_complete, &completions);
  netmcu_server_free(listener);
  loop_run(ctx);
  loop_end(ctx);
  lossy_end();
}

static void test_both_ways(void **state)
{
  (void)state;
  converse((end){.seed = 0, .sends = true, .closes = true}, (end){.seed = 1, .sends = true}, 2 * CONNECTIONS);
}

/* Closes before the connection is open, while the peer sends data that nobody reads. */
static void test_send_then_close(void **state)
{
  (void)state;
  converse((end){.seed = 0, .sends = true, .closes_at_once = true}, (end){.seed = 1, .sends = true}, CONNECTIONS);
}

static void test_server_sends_then_closes(void **state)
{
  (void)state;
  converse((end){.seed = 0, .sends = true}, (end){.seed = 1, .sends = true, .closes_at_once = true}, CONNECTIONS);
}

/* ---- UDP ------------------------------------------------------------------------------------- */

#define DATAGRAMS 2000
#define LARGEST   1400

static bool returned[DATAGRAMS];
static unsigned sent, echoed, came_back;

static size_t datagram_size(uint32_t number)
{
  return sizeof number + number * 7919 % (LARGEST - sizeof number);
}

static void echo(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  echoed++;
  assert_int_equal(netmcu_udp_send(u, from, data, size), 0);
}

static void count_sent(netmcu_udp *u)
{
  (void)u;
  sent++;
}

static void come_back(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  uint32_t number;
  (void)u;
  assert_int_equal(from->port, PORT);
  memcpy(&number, data, sizeof number);
  assert_true(number < DATAGRAMS && !returned[number]);
  assert_int_equal(size, datagram_size(number));
  assert_true(bytes_are(data + sizeof number, size - sizeof number, 0, number));
  returned[number] = true;
  came_back++;
}

static void send_datagram(netmcu_udp *u, uint32_t number)
{
  netmcu_address to = {.port = PORT};
  char data[LARGEST];
  size_t size = datagram_size(number);
  memcpy(data, &number, sizeof number);
  bytes_fill(data + sizeof number, size - sizeof number, 0, number);
  assert_int_equal(netmcu_ip_parse(lossy_host(), &to), 0);
  assert_int_equal(netmcu_udp_send(u, &to, data, size), 0);
}

/* Sends some in each tick, then waits for those in transit. */
static unsigned ticks;

static void tick(netmcu_timer *timer, void *u)
{
  for (uint32_t i = 0; i < 10 && ticks < DATAGRAMS / 10; i++)
    send_datagram(u, ticks * 10 + i);
  if (++ticks == DATAGRAMS / 10 + 20 * LOSSY_DELAY)
    netmcu_timer_free(timer);
}

static bool ticked(void *data)
{
  (void)data;
  return ticks == DATAGRAMS / 10 + 20 * LOSSY_DELAY;
}

static void test_udp(void **state)
{
  (void)state;
  static const netmcu_udp_events echoes = {.receive = echo};
  static const netmcu_udp_events asks = {.receive = come_back, .sent = count_sent};
  netmcu_t *ctx = begin();
  if (!ctx)
    skip();
  memset(returned, 0, sizeof returned);
  sent = echoed = came_back = ticks = 0;
  netmcu_udp *server = netmcu_udp_new(ctx), *client = netmcu_udp_new(ctx);
  netmcu_udp_on(server, &echoes);
  netmcu_udp_on(client, &asks);
  namespace_there();
  assert_int_equal(netmcu_udp_listen(server, PORT, NULL), 0);
  namespace_here();
  netmcu_timer_start(netmcu_timer_new(ctx, tick, client), 1, 1);
  loop_until(ctx, ticked, NULL);
  netmcu_udp_free(server);
  netmcu_udp_free(client);
  loop_run(ctx);
  assert_int_equal(sent, DATAGRAMS);
  print_message("of %d datagrams %u came and %u came back\n", DATAGRAMS, echoed, came_back);
  int slow = loop_patience() > 1 ? 3 : 1; /* its receive buffer is full besides */
  assert_between(echoed, DATAGRAMS * 90 / 100 / slow, DATAGRAMS * 995 / 1000);
  assert_between(came_back, DATAGRAMS * 85 / 100 / slow / slow, echoed);
  loop_end(ctx);
  lossy_end();
}

/* ---- DNS ------------------------------------------------------------------------------------- */

#define LOOKUPS 200

static unsigned found, not_found;

/* The answer only depends on the header and the first question of a query. */
static void read_query(dns_query *q, const uint8_t *bytes, size_t size)
{
  size_t at = 12, length = 0;
  while (at < size && bytes[at] && at + bytes[at] < size && length + bytes[at] + 1 < sizeof q->name) {
    if (length)
      q->name[length++] = '.';
    memcpy(q->name + length, bytes + at + 1, bytes[at]);
    length += bytes[at];
    at += bytes[at] + 1u;
  }
  assert_true(at + 5 <= size);
  q->type = bytes[at + 1] * 256u + bytes[at + 2];
  q->bytes = bytes;
  q->size = at + 5;
}

static void answer(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  dns_query q = {.tcp = false};
  dns_message m = {.size = 0};
  read_query(&q, (const uint8_t *)data, size);
  dns_answer(&m, &q);
  assert_int_equal(netmcu_udp_send(u, from, m.bytes, m.size), 0);
}

static void resolved(void *data, int error, const netmcu_address *addresses, size_t count)
{
  const char *ip = loop_ip(count > 0 ? addresses : NULL);
  const unsigned *number = data;
  char expected[32];
  snprintf(expected, sizeof expected, "10.0.0.%u", *number);
  if (error == 0) {
    assert_string_equal(ip, expected);
    found++;
  } else {
    assert_int_equal(error, NETMCU_ETIMEOUT);
    not_found++;
  }
}

static bool all_resolved(void *data)
{
  (void)data;
  return found + not_found == LOOKUPS;
}

static void look_up_all(netmcu_t *ctx)
{
  static unsigned numbers[LOOKUPS];
  char name[32];
  for (unsigned i = 0; i < LOOKUPS; i++) {
    numbers[i] = i;
    snprintf(name, sizeof name, "n%u.test", i);
    assert_int_equal(netmcu_resolve(ctx, name, resolved, &numbers[i], NULL), 0);
  }
  loop_until(ctx, all_resolved, NULL);
}

static void test_dns(void **state)
{
  (void)state;
  static const netmcu_udp_events answers = {.receive = answer};
  netmcu_t *ctx = begin();
  if (!ctx)
    skip();
  found = not_found = 0;
  netmcu_udp *server = netmcu_udp_new(ctx);
  netmcu_udp_on(server, &answers);
  namespace_there();
  assert_int_equal(netmcu_udp_listen(server, 53, NULL), 0);
  namespace_here();
  for (int i = 0; i < NETMCU_DNS_SERVERS; i++)
    assert_int_equal(netmcu_dns_set_server(ctx, i, lossy_host()), 0);
  look_up_all(ctx);
  print_message("%u of %d names found\n", found, LOOKUPS);
  assert_between(found, LOOKUPS - 2, LOOKUPS);
  netmcu_udp_free(server);
  loop_run(ctx);
  loop_end(ctx);
  lossy_end();
}

/* ---- on either cable ------------------------------------------------------------------------- */

static int on_netem(void **state)
{
  kind = LOSSY_NETEM;
  return loop_reset_own(state);
}

static int on_a_thread(void **state)
{
  kind = LOSSY_THREAD;
  return loop_reset_own(state);
}

#define either(test)                                                                                                   \
  {#test " with netem", test, on_netem, NULL, NULL},                                                                   \
  {                                                                                                                    \
#test, test, on_a_thread, NULL, NULL                                                                               \
  }

int main(void)
{
  const struct CMUnitTest tests[] = {either(test_both_ways), either(test_send_then_close),
                                     either(test_server_sends_then_closes), either(test_udp), either(test_dns)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
