/* See world.h. */
#include "journal.h"
#include "memory.h"
#include "world.h"

struct world world;
netmcu_connection *world_client;

static char packets[1 << 16], timed[1 << 16], result[1 << 16];
static const netmcu_connection_events *client_events;

#ifdef __GNUC__
__attribute__((format(printf, 2, 3)))
#endif
static void append(char *text, const char *format, ...)
{
  size_t size = strlen(text);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text + size, sizeof packets - size, format, arguments);
  va_end(arguments);
}

static void describe(char *text, const netmcu_sim_packet *packet)
{
  static const char *const names[] = {"FIN", "SYN", "RST", "", "ACK"};
  bool has_arrived = packet->fate == NETMCU_SIM_SENT || packet->fate == NETMCU_SIM_DUPLICATED;
  append(text, "%s%s", has_arrived ? "" : "(", netmcu_sim_host_name(packet->from));
  for (int i = 0; i < 5; i++)
    if (packet->flags & 1u << i && *names[i])
      append(text, " %s", names[i]);
  if (packet->size)
    append(text, " %u", (unsigned)packet->size);
  append(text, "%s", has_arrived ? "" : ")");
}

static void on_packet(const netmcu_sim_packet *packet, void *data)
{
  (void)data;
  if (packet->protocol != NETMCU_SIM_TCP)
    return;
  append(packets, *packets ? ", " : "");
  describe(packets, packet);
  append(timed, "%s%u ", *timed ? ", " : "", (unsigned)(packet->time / 1000000));
  describe(timed, packet);
}

static const char *take(char *text)
{
  strcpy(result, text);
  *packets = *timed = 0;
  return result;
}

const char *world_packets(void)
{
  return take(packets);
}

const char *world_timed_packets(void)
{
  return take(timed);
}

netmcu_t *world_context(netmcu_sim_host *host)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  options.allocator = memory_allocator();
  netmcu_t *ctx = netmcu_sim_context(host, &options);
  assert_non_null(ctx);
  return ctx;
}

void world_begin(int profile_a, int profile_b)
{
  world.sim = netmcu_sim_new(1, 0);
  assert_non_null(world.sim);
  world.host_a = netmcu_sim_host_new(world.sim, "a", NULL, profile_a);
  world.host_b = netmcu_sim_host_new(world.sim, "b", NULL, profile_b);
  world.a = world_context(world.host_a);
  world.b = world_context(world.host_b);
  *packets = *timed = 0;
  netmcu_sim_on_packet(world.sim, on_packet, NULL);
}

void world_end(void)
{
  netmcu_sim_free(world.sim);
  journal_verify();
  if (loop_blocks())
    fail_msg("%zu blocks of %zu bytes leaked", loop_blocks(), loop_bytes());
}

static void on_accept(netmcu_server *server, netmcu_connection *client)
{
  (void)server;
  world_client = client;
  netmcu_connection_on(client, client_events);
}

netmcu_server *world_serve(const netmcu_connection_events *events)
{
  netmcu_server *server = netmcu_server_new(world.b);
  client_events = events;
  world_client = NULL;
  assert_int_equal(netmcu_server_listen(server, 80, NULL, 0, on_accept), 0);
  return server;
}

netmcu_connection *world_connect(const netmcu_connection_events *events)
{
  netmcu_connection *c = netmcu_connection_new(world.a);
  netmcu_address to = netmcu_sim_host_address(world.host_b);
  char ip[NETMCU_IP_SIZE];
  netmcu_connection_on(c, events);
  assert_int_equal(netmcu_connection_connect(c, 80, netmcu_ip_format(&to, ip)), 0);
  return c;
}

void world_end_connection(netmcu_connection *client, netmcu_server *server)
{
  netmcu_connection_free(client);
  netmcu_connection_free(world_client);
  netmcu_server_free(server);
  world_client = NULL;
  world_end();
}

void world_link(uint64_t latency, double loss)
{
  netmcu_sim_link link = NETMCU_SIM_LINK_INIT;
  link.latency = latency;
  link.loss = loss;
  assert_int_equal(netmcu_sim_set_link(world.sim, world.host_a, world.host_b, &link), 0);
}
