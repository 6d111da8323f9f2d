/* Tests a client on a simulated network: does it come back after its server has crashed? Prints what
 * happens in two virtual minutes, which take no real time. The same seed gives the same output:
 * simulated_crash [seed]. */
#include <netmcu_sim.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define SECOND 1000000ull /* the times of a world are in us */

static netmcu_sim *world;
static netmcu_sim_host *hub;
static unsigned reports;

static void say(const char *what)
{
  printf("%8.3f s  %s\n", (double)netmcu_sim_time(world) / 1e9, what);
}

/* ---- the client under test: reports every 10 s, and connects again 5 s after a failure ----------- */

static netmcu_timer *timer;

static void on_connection(netmcu_connection *c)
{
  say("lamp: connected");
  (void)c;
  netmcu_timer_start(timer, 10000, 0);
}

static void on_disconnection(netmcu_connection *c, int error)
{
  (void)c;
  say(error ? netmcu_strerror(error) : "lamp: disconnected");
  netmcu_timer_start(timer, 5000, 0);
}

static void on_timer(netmcu_timer *t, void *connection)
{
  if (netmcu_connection_get_state(connection) == NETMCU_IDLE) {
    netmcu_connection_connect(connection, 1883, "hub");
    return;
  }
  netmcu_connection_send(connection, "on", 2);
  netmcu_timer_start(t, 10000, 0);
}

static const netmcu_connection_events lamp_events = {.connection = on_connection, .disconnection = on_disconnection};

static void start_lamp(netmcu_t *ctx)
{
  netmcu_connection *c = netmcu_connection_new(ctx);

  netmcu_connection_on(c, &lamp_events);
  timer = netmcu_timer_new(ctx, on_timer, c);
  netmcu_timer_start(timer, 1, 0);
}

/* ---- the server ---------------------------------------------------------------------------------- */

static void on_report(netmcu_connection *c, const char *data, size_t size)
{
  (void)c;
  (void)data;
  reports += (unsigned)size / 2;
}

static const netmcu_connection_events hub_events = {.receive = on_report};

static void on_accept(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  netmcu_connection_on(client, &hub_events);
}

static void start_hub(void)
{
  netmcu_server_listen(netmcu_server_new(netmcu_sim_context(hub, NULL)), 1883, NULL, 0, on_accept);
}

/* ---- the course of the test ---------------------------------------------------------------------- */

static void crash_hub(void *data)
{
  (void)data;
  say("hub crashes");
  netmcu_sim_crash(hub);
}

static void restart_hub(void *data)
{
  (void)data;
  say("hub is back");
  netmcu_sim_restart(hub);
  start_hub();
}

int main(int argc, char **argv)
{
  netmcu_sim_link radio = NETMCU_SIM_LINK_INIT;

  world = netmcu_sim_new(argc > 1 ? strtoull(argv[1], NULL, 10) : 1, 0);
  netmcu_sim_host *lamp = world ? netmcu_sim_host_new(world, "lamp", NULL, NETMCU_SIM_DEVICE) : NULL;
  hub = world ? netmcu_sim_host_new(world, "hub", NULL, NETMCU_SIM_DESKTOP) : NULL;
  if (lamp == NULL || hub == NULL)
    return fprintf(stderr, "out of memory\n"), EXIT_FAILURE;
  radio.latency = 5000;
  radio.loss = 0.1;
  netmcu_sim_set_link(world, lamp, NULL, &radio); /* all links of the lamp */
  start_hub();
  start_lamp(netmcu_sim_context(lamp, NULL));
  netmcu_sim_at(world, 35 * SECOND, crash_hub, NULL);
  netmcu_sim_at(world, 60 * SECOND, restart_hub, NULL);
  netmcu_sim_run(world, 120 * SECOND);
  printf("%u reports\n", reports);
  bool is_complete = reports >= 5 && netmcu_sim_unmet(world, NULL, NULL) == 0;
  netmcu_sim_free(world);
  return is_complete ? EXIT_SUCCESS : EXIT_FAILURE;
}
