/* The connections of a simulated host: making, finding and releasing them. See sim_tcp.h. */
#include <stdlib.h>

#include "stack/sim_tcp.h"

static uint64_t key_of(uint16_t port, const netmcu_address *remote)
{
  const uint8_t *ip = remote->ip;

  return (uint64_t)ip[0] << 56 | (uint64_t)ip[1] << 48 | (uint64_t)ip[2] << 40 | (uint64_t)ip[3] << 32 |
         (uint64_t)remote->port << 16 | port;
}

sim_tcp *netmcu__sim_tcp_find(const netmcu_sim_host *host, uint16_t port, const netmcu_address *remote)
{
  netmcu__sim_entry *entry = netmcu__sim_table_find(&host->connections, NULL, key_of(port, remote));

  return entry ? netmcu__container(entry, sim_tcp, entry) : NULL;
}

bool netmcu__sim_tcp_takes(const netmcu_sim_host *host, const netmcu__sim_packet *packet)
{
  return netmcu__sim_tcp_find(host, packet->destination.port, &packet->source) ||
         netmcu__sim_listener_find(host, &packet->destination);
}

bool netmcu__sim_tcp_is_port_used(const netmcu_sim_host *host, uint16_t port)
{
  netmcu_address own = {.port = port};

  if (netmcu__sim_listener_find(host, &own))
    return true;
  for (const sim_tcp *tcp = host->all_connections; tcp; tcp = tcp->next)
    if (tcp->state != SIM_CLOSED && tcp->local.port == port)
      return true;
  return false;
}

static void begin_numbers(sim_tcp *tcp)
{
  const netmcu__sim_profile *profile = tcp->profile;

  tcp->unacknowledged = tcp->next_sequence = tcp->highest = (uint32_t)netmcu_sim_random(tcp->host->world);
  tcp->mss = 536; /* until the peer announces another (RFC 9293, 3.7.1) */
  tcp->threshold = UINT32_MAX / 2;
  tcp->rto = profile->rto;
  tcp->nodelay = !profile->is_device;
  tcp->variation = profile->is_device ? (int64_t)(profile->rto / profile->slow_tick) : 0;
  for (int i = 0; i < SIM_TIMERS; i++)
    tcp->due[i] = NEVER;
}

sim_tcp *netmcu__sim_tcp_new(netmcu_sim_host *host, netmcu_sim_host *client, const netmcu_address *local,
                             const netmcu_address *remote)
{
  sim_tcp *tcp = netmcu__sim_allocate(client, sizeof(*tcp));

  if (tcp == NULL)
    return NULL;
  netmcu__sim_table_add(&host->connections, &tcp->entry, key_of(local->port, remote));
  tcp->host = host;
  tcp->profile = host->profile;
  tcp->local = *local;
  tcp->remote = *remote;
  tcp->ttl = host->profile->ttl;
  tcp->timer.run = netmcu__sim_tcp_on_timer;
  tcp->next = host->all_connections;
  tcp->link = &host->all_connections;
  if (tcp->next)
    tcp->next->link = &tcp->next;
  host->all_connections = tcp;
  begin_numbers(tcp);
  return tcp;
}

void netmcu__sim_tcp_enter(sim_tcp *tcp)
{
  tcp->busy++;
}

void netmcu__sim_tcp_exit(sim_tcp *tcp)
{
  if (--tcp->busy > 0 || tcp->state != SIM_CLOSED || tcp->stream || tcp->listener)
    return;
  *tcp->link = tcp->next;
  if (tcp->next)
    tcp->next->link = tcp->link;
  netmcu__sim_bytes_clear(&tcp->input);
  netmcu__sim_release(tcp);
}
