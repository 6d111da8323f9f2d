/* The cost of simulated devices: each sends a report of 18 bytes every minute to a server, over a
 * connection that stays open. Prints a line of JSON.
 *
 *   bench_simulation DEVICES HOURS */
#include <malloc.h>
#include <netmcu_sim.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MINUTE UINT64_C(60000000)
#define PORT   1883

static unsigned long received;

static void on_receive(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  (void)data;
  received += size;
}

static void on_accept(netmcu_server *server, netmcu_connection *client)
{
  static const netmcu_connection_events events = {.receive = on_receive};

  (void)server;
  netmcu_connection_on(client, &events);
}

static void report(netmcu_timer *timer, void *connection)
{
  (void)timer;
  netmcu_connection_send(connection, "temperature 21.5 C", 18);
}

static void start_device(void *host)
{
  netmcu_t *ctx = netmcu_sim_context(host, NULL);
  netmcu_connection *c = netmcu_connection_new(ctx);

  netmcu_connection_connect(c, PORT, "hub");
  netmcu_timer_start(netmcu_timer_new(ctx, report, c), 60000, 60000);
}

static double seconds(void)
{
  return (double)clock() / CLOCKS_PER_SEC;
}

static size_t memory(void)
{
  return mallinfo2().uordblks;
}

static netmcu_sim *create_world(void)
{
  netmcu_sim *world = netmcu_sim_new(1, 0);
  netmcu_sim_host *hub = netmcu_sim_host_new(world, "hub", NULL, NETMCU_SIM_DESKTOP);
  netmcu_server *server = netmcu_server_new(netmcu_sim_context(hub, NULL));

  netmcu_server_set_idle_timeout(server, 0);
  netmcu_server_listen(server, PORT, NULL, 1024, on_accept);
  return world;
}

/* The hosts have contexts, and do nothing. They start to work in the course of a minute. */
static double add_devices(netmcu_sim *world, unsigned count)
{
  size_t before = memory();

  for (unsigned i = 0; i < count; i++) {
    char name[32];
    snprintf(name, sizeof(name), "device%u", i);
    netmcu_sim_host *host = netmcu_sim_host_new(world, name, NULL, NETMCU_SIM_DEVICE);
    if (host == NULL || netmcu_sim_context(host, NULL) == NULL)
      exit(EXIT_FAILURE);
    netmcu_sim_at(world, i * MINUTE / count, start_device, host);
  }
  return (double)(memory() - before) / count;
}

int main(int argc, char **argv)
{
  unsigned count = argc > 2 ? (unsigned)atoi(argv[1]) : 0;
  double hours = argc > 2 ? atof(argv[2]) : 0;
  netmcu_sim *world = count > 0 ? create_world() : NULL;

  if (world == NULL)
    return 2;
  size_t before = memory();
  double idle = add_devices(world, count);
  netmcu_sim_run(world, 2 * MINUTE);
  double working = (double)(memory() - before) / count, begun = seconds();
  received = 0;
  netmcu_sim_run(world, (uint64_t)(hours * 60) * MINUTE);
  printf(
      "{\"devices\":%u,\"device_hours_per_second\":%.0f,\"idle_bytes\":%.0f,\"working_bytes\":%.0f,\"reports\":%lu}\n",
      count, count * hours / (seconds() - begun), idle, working, received / 18);
  netmcu_sim_free(world);
  return 0;
}
