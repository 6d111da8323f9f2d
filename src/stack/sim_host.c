/* Hosts: their profiles, addresses and ends. */
#include "stack/sim.h"

/* The ESP8266's lwIP. All of its times are multiples of its two timers. */
const netmcu__sim_profile netmcu__sim_device = {
    .streams = &netmcu__sim_device_streams,
    .is_device = true,
    .send_buffer = 2 * 1460,
    .receive_window = 4 * 1460,
    .window_scale = NO_SCALE,
    .ttl = 255,
    .initial_window = 1,
    .retransmissions = 12,
    .syn_retransmissions = 6,
    .rto = 1 * SECOND,
    .least_rto = 0,
    .fast_tick = 125 * MILLISECOND,
    .slow_tick = 250 * MILLISECOND,
    .acknowledgement_delay = 1,
    .keepalive_probes = 1,
    .keepalive_interval = 75 * SECOND,
    .syn_received = 20 * SECOND,
    .fin_wait_2 = 20 * SECOND,
    .time_wait = 10 * SECOND,
    .first_port = 49152,
    .datagram_queue = 8 * 1500,
};

/* Linux, with its defaults (man 7 tcp, RFC 6298, RFC 6928). */
const netmcu__sim_profile netmcu__sim_desktop = {
    .streams = &netmcu__sim_desktop_streams,
    .send_buffer = 256 * 1024,
    .receive_window = 256 * 1024,
    .window_scale = 7,
    .ttl = 64,
    .initial_window = 10,
    .retransmissions = 15,
    .syn_retransmissions = 6,
    .rto = 1 * SECOND,
    .least_rto = 200 * MILLISECOND,
    .acknowledgement_delay = 40 * MILLISECOND,
    .keepalive_probes = 10,
    .keepalive_interval = 1 * SECOND,
    .syn_received = 60 * SECOND,
    .fin_wait_2 = 60 * SECOND,
    .time_wait = 60 * SECOND,
    .first_port = 32768,
    .datagram_queue = 212992,
};

/* ---- hosts ------------------------------------------------------------------------------------- */

netmcu_sim_host *netmcu__sim_host_at(netmcu_sim *world, const netmcu_address *ip)
{
  netmcu__sim_entry *entry = netmcu__sim_table_find(&world->by_ip, NULL, netmcu__ipv4_number(ip));

  return entry ? netmcu__container(entry, netmcu_sim_host, by_ip) : NULL;
}

bool netmcu__sim_is_own(const netmcu_sim_host *host, const netmcu_address *ip)
{
  return (ip->family == NETMCU_IPV4 && ip->ip[0] == 127) || netmcu__same_ip(ip, &host->ip);
}

int netmcu__sim_check_family(netmcu_address *address)
{
  if (address->family == NETMCU__ANY_FAMILY)
    address->family = NETMCU_IPV4;
  return address->family == NETMCU_IPV4 ? 0 : NETMCU_ENOTSUP;
}

bool netmcu__sim_is_local(const netmcu_address *ip)
{
  return ip->ip[0] == 10;
}

netmcu_address netmcu__sim_source(const netmcu_sim_host *host, const netmcu_address *to, uint16_t port)
{
  netmcu_address source = netmcu__sim_is_own(host, to) ? *to : host->ip;

  source.port = port;
  return source;
}

uint16_t netmcu__sim_free_port(netmcu_sim_host *host, bool (*is_used)(const netmcu_sim_host *host, uint16_t port))
{
  for (unsigned tries = 0; tries < UINT16_MAX; tries++) {
    uint16_t port = host->next_port++;
    if (host->next_port < host->profile->first_port)
      host->next_port = host->profile->first_port;
    if (!is_used(host, port))
      return port;
  }
  return 0;
}

static netmcu_address next_free(netmcu_sim *world)
{
  netmcu_address ip;

  do
    ip = netmcu__ipv4_address(world->next_ip++);
  while (ip.ip[3] == 0 || ip.ip[3] == 255 || netmcu__sim_host_at(world, &ip));
  return ip;
}

static bool read_ip(netmcu_sim *world, const char *text, netmcu_address *ip)
{
  if (text == NULL) {
    *ip = next_free(world);
    return true;
  }
  return netmcu_ip_parse(text, ip) == 0 && ip->family == NETMCU_IPV4 && ip->ip[0] != 127 && ip->ip[0] != 0 &&
         ip->ip[0] < 224 && /* groups, and addresses that are reserved (RFC 1112) */
         !netmcu__sim_is_for_all(ip);
}

/* A text that reads as an address is no name: nobody would ask the name server about it. */
static bool is_free(netmcu_sim *world, const char *name)
{
  netmcu_address address;

  return netmcu__is_host_name(name) && strlen(name) < sizeof(((netmcu_sim_host *)NULL)->name) &&
         netmcu_ip_parse(name, &address) != 0 && netmcu_sim_host_find(world, name) == NULL;
}

static void boot(netmcu_sim_host *host)
{
  host->is_up = true;
  host->booted = netmcu_sim_time(host->world);
  host->next_port = (uint16_t)(host->profile->first_port + netmcu_sim_random(host->world) % 16384);
}

static void append_host(netmcu_sim *world, netmcu_sim_host *host)
{
  uint64_t state = world->seed + world->host_count;

  host->random = netmcu__random_next(&state);
  host->number = world->host_count++;
  if (world->last_host)
    world->last_host->next = host;
  else
    world->hosts = host;
  world->last_host = host;
}

netmcu_sim_host *netmcu_sim_host_new(netmcu_sim *world, const char *name, const char *ip, int profile)
{
  netmcu_address address = {.port = 0};

  if ((profile != NETMCU_SIM_DEVICE && profile != NETMCU_SIM_DESKTOP) || !is_free(world, name) ||
      !read_ip(world, ip, &address) || netmcu__sim_host_at(world, &address))
    return NULL;
  netmcu_sim_host *host = netmcu__sim_host_allocate();
  if (host == NULL)
    return NULL;
  strcpy(host->name, name);
  host->world = world;
  host->ip = address;
  host->profile = profile == NETMCU_SIM_DESKTOP ? &netmcu__sim_desktop : &netmcu__sim_device;
  if (!netmcu__sim_name_set(world, name, &address, host)) {
    netmcu__sim_host_release(host);
    return NULL;
  }
  netmcu__sim_table_add(&world->by_ip, &host->by_ip, netmcu__ipv4_number(&address));
  append_host(world, host);
  boot(host);
  return host;
}

const char *netmcu_sim_host_name(const netmcu_sim_host *host)
{
  return host->name;
}

netmcu_address netmcu_sim_host_address(const netmcu_sim_host *host)
{
  return host->ip;
}

int netmcu_sim_set_name(netmcu_sim_host *host, const char *name)
{
  netmcu_sim *world = host->world;

  if (!is_free(world, name))
    return NETMCU_EVALUE;
  netmcu__sim_name_remove(world, host->name);
  strcpy(host->name, name);
  return netmcu__sim_name_set(world, name, &host->ip, host) ? 0 : NETMCU_ENOMEM;
}

int netmcu_sim_set_address(netmcu_sim_host *host, const char *ip)
{
  netmcu_sim *world = host->world;
  netmcu_address address = {.port = 0};
  uint32_t old = (uint32_t)netmcu__ipv4_number(&host->ip);

  if (!read_ip(world, ip, &address))
    return NETMCU_EVALUE;
  if (netmcu__sim_host_at(world, &address))
    return netmcu__same_ip(&address, &host->ip) ? 0 : NETMCU_EADDRINUSE;
  netmcu__sim_table_remove(&world->by_ip, &host->by_ip);
  if (old >= FIRST_IP && old < world->next_ip)
    world->next_ip = old; /* it is free again */
  host->ip = address;
  netmcu__sim_table_add(&world->by_ip, &host->by_ip, netmcu__ipv4_number(&address));
  netmcu__sim_name_set(world, host->name, &address, host);
  return 0;
}

/* ---- crash and restart ------------------------------------------------------------------------- */

void netmcu_sim_share_loopback(netmcu_sim_host *a, netmcu_sim_host *b)
{
  a->neighbour = b;
  b->neighbour = a;
}

void netmcu_sim_unplug(netmcu_sim_host *host)
{
  host->is_up = false;
}

void netmcu_sim_crash(netmcu_sim_host *host)
{
  netmcu__sim_stack *s = host->stack;

  if (!host->is_up && s == NULL) /* it was down already */
    netmcu__sim_rule_add(host->world, "crash of", host, "", NULL);
  host->is_up = false;
  host->stack = NULL;
  netmcu__sim_tcp_forget(host);
  netmcu__sim_datagram_forget(host);
  host->echo = NULL;
  if (s && !netmcu__is_closing(s->stack.ctx))
    netmcu_close(s->stack.ctx, NULL, NULL);
}

void netmcu_sim_restart(netmcu_sim_host *host)
{
  if (!host->is_up)
    boot(host);
}

void netmcu__sim_hosts_end(netmcu_sim *world)
{
  for (netmcu_sim_host *host = world->hosts; host; host = host->next)
    netmcu__sim_tcp_forget(host); /* A connection may be in the region of another host. */
  for (netmcu_sim_host *host = world->hosts, *next; host; host = next) {
    next = host->next;
    netmcu__sim_table_end(&host->connections);
    netmcu__sim_host_release(host);
  }
}
