/* A simulated link and a real bad cable with the same parameters give about the same throughput. The
 * host there is the system's: its congestion control is Reno and it has no selective
 * acknowledgements, as in the simulation.
 *
 * Without NETMCU_LONG in the environment, this test does nothing: it takes most of a minute.
 *
 * ctest: RUN_SERIAL TRUE */
#include <stdlib.h>

#include "lossy.h"
#include "namespace.h"
#include "world.h"

#define CONNECTIONS 10
#define SIZE        2000000 /* bytes of each connection */
#define PORT        7000

typedef struct transfer {
  double (*now)(void); /* ms */
  double begun, took;  /* the sum of the times of all connections */
  unsigned complete;
} transfer;

static char data[SIZE];
static transfer current;

static void disconnection(netmcu_connection *c, int error)
{
  assert_int_equal(error, 0);
  netmcu_connection_free(c);
  current.took += current.now() - current.begun;
  current.complete++;
}

static void receive(netmcu_connection *c, const char *bytes, size_t size)
{
  (void)c;
  (void)bytes;
  (void)size;
}

static const netmcu_connection_events events = {.receive = receive, .disconnection = disconnection};

static void take_client(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  netmcu_connection_on(client, &events);
}

static netmcu_server *listen_in(netmcu_t *ctx)
{
  netmcu_server *server = netmcu_server_new(ctx);
  assert_int_equal(netmcu_server_listen(server, PORT, NULL, 0, take_client), 0);
  return server;
}

static void begin_transfer(netmcu_t *ctx, const char *host, double (*now)(void))
{
  current = (transfer){.now = now, .begun = now()};
  for (int i = 0; i < CONNECTIONS; i++) {
    netmcu_connection *c = netmcu_connection_new(ctx);
    assert_int_equal(netmcu_connection_connect(c, PORT, host), 0);
    assert_int_equal(netmcu_connection_send(c, data, SIZE), 0);
    netmcu_connection_free(c);
  }
}

static bool is_complete(void *unused)
{
  (void)unused;
  return current.complete == CONNECTIONS;
}

/* In kB/s, of one connection. */
static double throughput(void)
{
  return (double)CONNECTIONS * SIZE / current.took;
}

/* ---- the real cable -------------------------------------------------------------------------- */

#define AS_SIMULATED                                                                                                   \
  "sysctl -q -w net.ipv4.tcp_congestion_control=reno net.ipv4.tcp_sack=0 net.ipv4.tcp_recovery=0 "                     \
  "net.ipv4.tcp_early_retrans=0 net.ipv4.tcp_timestamps=0"

/* Returns 0 if there is no such cable here. */
static double measure_real(const char *settings)
{
  lossy_keep_order();
  if (!lossy_begin(LOSSY_THREAD))
    return 0;
  namespace_run(settings);
  netmcu_t *ctx = loop_begin(NULL);
  netmcu_set_warning(ctx, NULL, NULL);
  namespace_there();
  netmcu_server *server = listen_in(ctx);
  namespace_here();
  begin_transfer(ctx, lossy_host(), loop_milliseconds);
  loop_until(ctx, is_complete, NULL);
  netmcu_server_free(server);
  loop_end(ctx);
  lossy_end();
  return throughput();
}

/* ---- the simulated link ---------------------------------------------------------------------- */

static double simulated_milliseconds(void)
{
  return (double)netmcu_sim_time(world.sim) / 1e6;
}

static int is_done(void *unused)
{
  return is_complete(unused);
}

static double measure_simulated(void)
{
  netmcu_sim_link link = NETMCU_SIM_LINK_INIT;
  netmcu_address to;
  char ip[NETMCU_IP_SIZE];
  link.latency = LOSSY_DELAY * MS;
  link.loss = LOSSY_LOSS / 100.0;
  world_begin(NETMCU_SIM_DESKTOP, NETMCU_SIM_DESKTOP);
  netmcu_sim_on_packet(world.sim, NULL, NULL);
  assert_int_equal(netmcu_sim_set_link(world.sim, world.host_a, world.host_b, &link), 0);
  netmcu_server *server = listen_in(world.b);
  to = netmcu_sim_host_address(world.host_b);
  begin_transfer(world.a, netmcu_ip_format(&to, ip), simulated_milliseconds);
  assert_int_equal(netmcu_sim_wait(world.sim, is_done, NULL, 1000 * (uint64_t)S), 1);
  netmcu_server_free(server);
  world_end();
  return throughput();
}

static void test_throughput(void **state)
{
  (void)state;
  if (getenv("NETMCU_LONG") == NULL)
    skip();
  double simulated = measure_simulated();
  double real = measure_real(AS_SIMULATED);
  if (real == 0)
    skip();
  printf("kB/s of a connection: %.0f simulated, %.0f real", simulated, real);
  printf(", %.0f with the settings of this system\n", measure_real("true"));
  assert_true(simulated > 0.8 * real && simulated < 1.2 * real);
}

int main(void)
{
  const struct CMUnitTest tests[] = {own_loop(test_throughput)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
