/* Listeners of the simulated TCP, and the connections that wait to be accepted. */
#include "stack/sim_tcp.h"

static netmcu__sim_stack *stack_of(const netmcu__stack_listener *l)
{
  return netmcu__sim_stack_of(l->group->stack);
}

/* ---- finding ----------------------------------------------------------------------------------- */

/* A listener on one address comes before one on all of them. */
netmcu__stack_listener *netmcu__sim_listener_find(const netmcu_sim_host *host, const netmcu_address *local)
{
  netmcu__stack_listener *found = NULL;

  for (netmcu__stack_listener *l = host->listeners; l; l = l->next) {
    if (l->address.port != local->port)
      continue;
    if (netmcu__same_ip(&l->address, local))
      return l;
    if (netmcu__is_any_ip(&l->address) || netmcu__is_any_ip(local))
      found = l;
  }
  return found;
}

#define DEVICE_CONNECTIONS 5

/* In strict mode, a device that has all its connections does not answer. One that it has with
 * itself stands for one with another host, so both its ends do not count. */
bool netmcu__sim_listener_takes(const netmcu__stack_listener *l, const netmcu__sim_packet *syn)
{
  const netmcu_sim_host *host = stack_of(l)->host;
  bool is_full = netmcu__is_chip(l->group->stack->ctx) &&
                 host->active >= DEVICE_CONNECTIONS && !netmcu__sim_is_own(host, &syn->source);

  return !is_full && l->opening + l->waiting < l->backlog;
}

/* ---- connections that begin -------------------------------------------------------------------- */

void netmcu__sim_listener_begin(netmcu__stack_listener *l, sim_tcp *tcp)
{
  tcp->listener = l;
  l->opening++;
}

void netmcu__sim_listener_lost(sim_tcp *tcp)
{
  tcp->listener->opening--;
  tcp->listener = NULL;
}

/* What the program allocates for a client lies beside the client's own objects. */
static void announce(netmcu__stack_listener *l)
{
  netmcu_sim *world = stack_of(l)->host->world;

  if (l->is_announced || l->is_closed || l->first == NULL)
    return;
  l->is_announced = true;
  world->client = l->first->peer;
  l->group->events->client(l);
  world->client = NULL;
}

/* A connection that ends while it waits is accepted all the same, and then ends. */
void netmcu__sim_listener_established(sim_tcp *tcp)
{
  netmcu__stack_listener *l = tcp->listener;
  sim_tcp **place = &l->first;

  while (*place)
    place = &(*place)->next_waiting;
  *place = tcp;
  l->opening--;
  l->waiting++;
  announce(l);
}

static sim_tcp *take_first(netmcu__stack_listener *l)
{
  sim_tcp *tcp = l->first;

  if (tcp) {
    l->first = tcp->next_waiting;
    l->waiting--;
    tcp->listener = NULL;
  }
  l->is_announced = false;
  if (l->first)
    netmcu__task_post(l->group->stack->ctx, &l->turn);
  return tcp;
}

int netmcu__sim_listener_accept(netmcu__stack_listener *l, netmcu__stream_group *group, netmcu__stack_stream *stream)
{
  sim_tcp *tcp = take_first(l);

  netmcu__sim_stream_open(group, stream, tcp);
  if (tcp == NULL)
    return NETMCU_EAGAIN;
  tcp->stream = stream;
  return 0;
}

static void drop(sim_tcp *tcp)
{
  netmcu__sim_tcp_enter(tcp);
  if (tcp->state != SIM_CLOSED)
    netmcu__sim_tcp_reset(tcp);
  tcp->listener = NULL;
  netmcu__sim_tcp_exit(tcp);
}

void netmcu__sim_listener_refuse(netmcu__stack_listener *l)
{
  sim_tcp *tcp = take_first(l);

  if (tcp)
    netmcu__sim_tcp_leave(tcp);
}

/* ---- opening and closing ----------------------------------------------------------------------- */

static void run_turn(netmcu__task *task)
{
  netmcu__stack_listener *l = netmcu__container(task, netmcu__stack_listener, turn);
  netmcu_t *ctx = l->group->stack->ctx;

  if (!l->is_closed) {
    announce(l);
    return;
  }
  l->group->events->listener_closed(l);
  netmcu__handle_closed(ctx);
}

int netmcu__sim_listener_open(netmcu__stream_group *group, netmcu__stack_listener *l)
{
  l->group = group;
  l->turn.run = run_turn;
  netmcu__handle_opened(group->stack->ctx);
  return 0;
}

int netmcu__sim_listener_listen_path(netmcu__stream_group *group, netmcu__stack_listener *l, const char *path,
                                     int backlog)
{
  (void)path;
  return netmcu__sim_listener_adopt(group, l, 0, backlog);
}

int netmcu__sim_listener_adopt(netmcu__stream_group *group, netmcu__stack_listener *l, intptr_t descriptor, int backlog)
{
  (void)descriptor;
  (void)backlog;
  netmcu__sim_listener_open(group, l);
  return NETMCU_ENOTSUP;
}

/* The device lets listeners share a port if their addresses differ, and reports a shortage of
 * memory if they do not. */
static int check_address(const netmcu_sim_host *host, const netmcu_address *address)
{
  for (const netmcu__stack_listener *l = host->listeners; l; l = l->next) {
    bool is_same = netmcu__same_ip(&l->address, address);
    bool overlaps = is_same || netmcu__is_any_ip(&l->address) || netmcu__is_any_ip(address);
    if (l->address.port == address->port && (host->profile->is_device ? is_same : overlaps))
      return host->profile->is_device ? NETMCU_ENOMEM : NETMCU_EADDRINUSE;
  }
  if (host->profile->is_device || netmcu__is_any_ip(address) || netmcu__sim_is_own(host, address))
    return 0;
  return NETMCU_EVALUE;
}

int netmcu__sim_listener_listen(netmcu__stack_listener *l, const netmcu_address *wanted, int backlog)
{
  netmcu_sim_host *host = stack_of(l)->host;
  netmcu_address address = *wanted;
  int error = netmcu__sim_check_family(&address);

  if (error == 0 && address.port)
    error = check_address(host, &address);
  if (error)
    return error;
  l->address = address;
  if (address.port == 0)
    l->address.port = netmcu__sim_free_port(host, netmcu__sim_tcp_is_port_used);
  if (l->address.port == 0)
    return NETMCU_EADDRINUSE;
  l->backlog = (unsigned)backlog;
  if (host->is_up) {
    l->next = host->listeners;
    host->listeners = l;
    l->is_listening = true;
    stack_of(l)->alive++;
  }
  return 0;
}

int netmcu__sim_listener_address(const netmcu__stack_listener *l, netmcu_address *address)
{
  *address = l->address;
  return 0;
}

static void remove_from_host(netmcu__stack_listener *l)
{
  netmcu__stack_listener **place = &stack_of(l)->host->listeners;

  while (*place && *place != l)
    place = &(*place)->next;
  if (*place)
    *place = l->next;
}

void netmcu__sim_listener_close(netmcu__stack_listener *l)
{
  remove_from_host(l);
  l->is_closed = true;
  if (l->is_listening)
    stack_of(l)->alive--;
  for (sim_tcp *tcp = stack_of(l)->host->all_connections, *next; tcp; tcp = next) {
    next = tcp->next;
    if (tcp->listener == l)
      drop(tcp);
  }
  netmcu__task_post(l->group->stack->ctx, &l->turn);
}
