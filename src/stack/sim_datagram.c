/* Sockets for UDP: opening, sending and closing; their options. See sim_datagram.h. */
#include "stack/sim_datagram.h"

#define LARGEST        65507
#define DEVICE_LARGEST 1472 /* the device does not fragment */

/* ---- receiving --------------------------------------------------------------------------------- */

static int start_receiving(netmcu__stack_socket *s)
{
  s->is_receiving = true;
  sim_socket_keep_alive(s);
  if (s->inbox.first)
    netmcu__task_post(s->group->stack->ctx, &s->turn);
  return 0;
}

static void stop_receiving(netmcu__stack_socket *s)
{
  s->is_receiving = false;
  sim_socket_keep_alive(s);
}

/* ---- opening and closing ----------------------------------------------------------------------- */

static void report_sent(netmcu__stack_socket *s)
{
  while (s->sent) {
    sim_request *first = s->sent;
    s->sent = first->next;
    s->group->events->sent(s, first);
  }
  sim_socket_keep_alive(s);
}

static void run_turn(netmcu__task *task)
{
  netmcu__stack_socket *s = netmcu__container(task, netmcu__stack_socket, turn);
  netmcu_t *ctx = s->group->stack->ctx;

  report_sent(s);
  netmcu__sim_socket_deliver(s);
  if (!s->is_closed)
    return;
  netmcu__sim_queue_clear(&s->inbox);
  netmcu__task_cancel(ctx, &s->turn); /* a second one may be posted */
  s->group->events->closed(s);
  netmcu__handle_closed(ctx);
}

static int open_socket(netmcu__datagram_group *group, netmcu__stack_socket *s, uint16_t family)
{
  if (family == NETMCU_IPV6)
    return NETMCU_ENOTSUP;
  s->group = group;
  s->turn.run = run_turn;
  s->ttl = sim_socket_host_of(s)->profile->ttl;
  netmcu__handle_opened(group->stack->ctx);
  return 0;
}

/* In the order in which they were bound. */
static void add_to_host(netmcu__stack_socket *s)
{
  netmcu__stack_socket **place = &sim_socket_host_of(s)->sockets;

  if (!sim_socket_host_of(s)->is_up)
    return;
  while (*place)
    place = &(*place)->next;
  *place = s;
}

static void remove_from_host(netmcu__stack_socket *s)
{
  netmcu__stack_socket **place = &sim_socket_host_of(s)->sockets;

  while (*place && *place != s)
    place = &(*place)->next;
  if (*place)
    *place = s->next;
}

void netmcu__sim_datagram_forget(netmcu_sim_host *host)
{
  host->sockets = NULL;
}

static void close_socket(netmcu__stack_socket *s)
{
  remove_from_host(s);
  s->is_closed = true;
  sim_socket_keep_alive(s);
  netmcu__task_post(s->group->stack->ctx, &s->turn);
}

static bool is_port_used(const netmcu_sim_host *host, uint16_t port)
{
  const netmcu__stack_socket *s = host->sockets;

  while (s && s->local.port != port)
    s = s->next;
  return s != NULL;
}

bool netmcu__sim_datagram_takes(const netmcu_sim_host *host, const netmcu__sim_packet *packet)
{
  return is_port_used(host, packet->destination.port);
}

static bool is_taken(const netmcu_sim_host *host, const netmcu_address *address, bool is_shared)
{
  for (const netmcu__stack_socket *s = host->sockets; s; s = s->next) {
    bool overlaps = netmcu__is_any_ip(&s->local) || netmcu__is_any_ip(address) || netmcu__same_ip(&s->local, address);
    if (s->local.port == address->port && overlaps && !(is_shared && s->is_shared))
      return true;
  }
  return false;
}

static bool may_bind(const netmcu_sim_host *host, const netmcu_address *address)
{
  return host->profile->is_device || netmcu__is_any_ip(address) || netmcu__sim_is_own(host, address) ||
         netmcu__is_group(address) || netmcu__is_broadcast_ip(address);
}

static int bind_socket(netmcu__stack_socket *s, netmcu_address *address, bool is_shared)
{
  netmcu_sim_host *host = sim_socket_host_of(s);
  int error = netmcu__sim_check_family(address);

  if (error)
    return error;
  if (!may_bind(host, address))
    return NETMCU_EVALUE;
  if (address->port == 0)
    address->port = netmcu__sim_free_port(host, is_port_used);
  else if (is_taken(host, address, is_shared))
    return NETMCU_EADDRINUSE;
  if (address->port == 0)
    return NETMCU_EADDRINUSE;
  s->local = *address;
  s->is_shared = is_shared;
  add_to_host(s);
  return 0;
}

static int connect_socket(netmcu__stack_socket *s, const netmcu_address *to)
{
  netmcu_address any = {.port = 0};
  netmcu_address peer = *to;
  int error = netmcu__sim_check_family(&peer);

  if (error == 0)
    error = bind_socket(s, &any, false);
  s->peer = peer;
  s->is_connected = error == 0;
  return error;
}

/* ---- sending ----------------------------------------------------------------------------------- */

static netmcu_address source_of(const netmcu__stack_socket *s, const netmcu_address *to)
{
  if (netmcu__is_any_ip(&s->local) || netmcu__is_group(&s->local) || netmcu__is_broadcast_ip(&s->local))
    return netmcu__sim_source(sim_socket_host_of(s), to, s->local.port);
  return s->local;
}

/* Nothing ever waits for room: what a link cannot carry at once waits in the link. */
static int send_one(netmcu__stack_socket *s, const netmcu__datagram *datagram)
{
  netmcu_sim_host *host = sim_socket_host_of(s);

  if (!s->is_connected && datagram->to.family != NETMCU_IPV4)
    return NETMCU_ENOTSUP;
  if (datagram->size > LARGEST)
    return NETMCU_EBUFFER;
  if (host->profile->is_device && datagram->size > DEVICE_LARGEST)
    return 0;
  netmcu__sim_packet *packet = netmcu__sim_packet_new(host, NETMCU_SIM_UDP, datagram->size);
  if (packet == NULL)
    return NETMCU_ENOMEM;
  packet->destination = s->is_connected ? s->peer : datagram->to;
  packet->source = source_of(s, &packet->destination);
  packet->ttl = (uint8_t)s->ttl;
  memcpy(packet->data, datagram->data, datagram->size);
  netmcu__sim_send(packet);
  return 0;
}

static int send_datagrams(netmcu__stack_socket *s, const netmcu__datagram *datagrams, unsigned count)
{
  for (unsigned sent = 0; sent < count; sent++) {
    int error = send_one(s, &datagrams[sent]);
    if (error)
      return sent ? (int)sent : error;
  }
  return (int)count;
}

static int send_later(netmcu__stack_socket *s, void *memory, const netmcu__datagram *datagram)
{
  sim_request **place = &s->sent;
  int error = send_one(s, datagram);

  if (error)
    return error;
  while (*place)
    place = &(*place)->next;
  *place = memory;
  (*place)->next = NULL;
  sim_socket_keep_alive(s);
  netmcu__task_post(s->group->stack->ctx, &s->turn);
  return 0;
}

/* ---- options ----------------------------------------------------------------------------------- */

static int set_ttl(netmcu__stack_socket *s, int *ttl)
{
  if (*ttl > 255)
    return NETMCU_EVALUE;
  if (*ttl > 0)
    s->ttl = *ttl;
  *ttl = s->ttl;
  return 0;
}

static int set_membership(netmcu__stack_socket *s, const netmcu_address *group, const netmcu_address *interface_ip,
                          bool is_member)
{
  unsigned i = 0;

  if (!netmcu__same_ip(interface_ip, &sim_socket_host_of(s)->ip)) /* the loopback has no groups */
    return NETMCU_ENETIF;
  while (i < s->memberships && !netmcu__same_ip(&s->groups[i], group))
    i++;
  if (is_member && i == MEMBERSHIPS)
    return NETMCU_ENOMEM;
  if (is_member && i == s->memberships)
    s->groups[s->memberships++] = *group;
  else if (!is_member && i < s->memberships)
    s->groups[i] = s->groups[--s->memberships];
  return 0;
}

static int set_multicast_interface(netmcu__stack_socket *s, const netmcu_address *interface_ip)
{
  (void)s;
  (void)interface_ip;
  return 0;
}

const netmcu__datagram_operations netmcu__sim_datagrams = {
    .socket_size = sizeof(netmcu__stack_socket),
    .request_size = sizeof(sim_request),
    .open = open_socket,
    .bind = bind_socket,
    .connect = connect_socket,
    .start_receiving = start_receiving,
    .stop_receiving = stop_receiving,
    .send = send_datagrams,
    .send_later = send_later,
    .close = close_socket,
    .ttl = set_ttl,
    .set_membership = set_membership,
    .set_multicast_interface = set_multicast_interface,
};
