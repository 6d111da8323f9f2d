/* UDP (RFC 768) of the simulated network. */
#include "base/task.h"
#include "stack/sim.h"

#define LARGEST        65507
#define DEVICE_LARGEST 1472 /* the device does not fragment */
#define MEMBERSHIPS    20   /* of a socket, as on Linux */

typedef struct request {
  struct request *next;
} request;

struct netmcu__stack_socket {
  netmcu__datagram_group *group; /* first */
  netmcu__task turn;             /* delivers what has arrived, and reports what was sent and the close */
  netmcu__stack_socket *next;    /* of the host */
  netmcu_address local, peer;
  int ttl;
  bool is_shared, is_connected, is_receiving, is_closed, is_alive;
  netmcu__sim_queue inbox;
  request *sent;
  unsigned memberships;
  netmcu_address groups[MEMBERSHIPS];
};

static netmcu__sim_stack *stack_of(const netmcu__stack_socket *s)
{
  return netmcu__sim_stack_of(s->group->stack);
}

static netmcu_sim_host *host_of(const netmcu__stack_socket *s)
{
  return stack_of(s)->host;
}

static void keep_alive(netmcu__stack_socket *s)
{
  bool alive = !s->is_closed && (s->is_receiving || s->sent);

  if (alive != s->is_alive)
    stack_of(s)->alive += alive ? 1 : UINT_MAX;
  s->is_alive = alive;
}

/* ---- receiving --------------------------------------------------------------------------------- */

static void deliver(netmcu__stack_socket *s)
{
  netmcu__sim_packet *packet;

  while (s->is_receiving && !s->is_closed && (packet = netmcu__sim_queue_take(&s->inbox)) != NULL) {
    s->group->events->received(s, packet->data, packet->size, &packet->source, false);
    free(packet);
    if (!s->is_closed)
      s->group->events->batch_ended(s);
  }
}

static bool has_joined(const netmcu__stack_socket *s, const netmcu_address *group)
{
  for (unsigned i = 0; i < s->memberships; i++)
    if (netmcu__same_ip(&s->groups[i], group))
      return true;
  return false;
}

static bool takes(const netmcu__stack_socket *s, const netmcu__sim_packet *packet)
{
  const netmcu_address *to = &packet->destination;

  if (s->local.port != to->port || (s->is_connected && !netmcu__same_address(&s->peer, &packet->source)))
    return false;
  if (netmcu__is_group(to) && !has_joined(s, to))
    return false;
  return netmcu__is_any_ip(&s->local) || netmcu__same_ip(&s->local, to);
}

static bool has_room(const netmcu__stack_socket *s, const netmcu__sim_packet *packet)
{
  return s->inbox.bytes + packet->size <= host_of(s)->profile->datagram_queue || s->inbox.first == NULL;
}

/* The more a socket asks for, the earlier it gets a datagram that only one of them gets. */
static netmcu__stack_socket *find_best(const netmcu_sim_host *host, const netmcu__sim_packet *packet)
{
  netmcu__stack_socket *best = NULL;
  int most = 0;

  for (netmcu__stack_socket *s = host->sockets; s; s = s->next) {
    int value = takes(s, packet) ? 1 + 2 * s->is_connected + !netmcu__is_any_ip(&s->local) : 0;
    if (value > most) {
      best = s;
      most = value;
    }
  }
  return best;
}

static void give_to_all(netmcu_sim_host *host, const netmcu__sim_packet *packet)
{
  for (netmcu__stack_socket *s = host->sockets; s; s = s->next) {
    netmcu__sim_packet *copy = takes(s, packet) && has_room(s, packet) ? netmcu__sim_packet_copy(packet) : NULL;
    if (copy == NULL)
      continue;
    netmcu__sim_queue_append(&s->inbox, copy);
    netmcu__task_post(s->group->stack->ctx, &s->turn);
  }
}

static void give_to(netmcu__stack_socket *s, netmcu__sim_packet *packet)
{
  if (!has_room(s, packet)) {
    free(packet);
    return;
  }
  netmcu__sim_queue_append(&s->inbox, packet);
  deliver(s);
}

void netmcu__sim_datagram_arrived(netmcu_sim_host *host, netmcu__sim_packet *packet)
{
  bool is_for_one = netmcu__sim_is_own(host, &packet->destination);
  netmcu__stack_socket *best = is_for_one ? find_best(host, packet) : NULL;

  if (best) {
    give_to(best, packet);
    return;
  }
  if (!is_for_one)
    give_to_all(host, packet);
  else if (host == host->world->router && packet->destination.port == 53)
    netmcu__sim_name_server_arrived(host, packet);
  else
    netmcu__sim_port_unreachable(host, packet);
  free(packet);
}

void netmcu__sim_datagram_unreachable(netmcu_sim_host *host, const netmcu__sim_packet *lost)
{
  netmcu__stack_socket *s = host->sockets;

  while (s &&
         !(s->is_connected && s->local.port == lost->source.port && netmcu__same_address(&s->peer, &lost->destination)))
    s = s->next;
  if (s && s->is_receiving)
    s->group->events->failed(s);
}

static int start_receiving(netmcu__stack_socket *s)
{
  s->is_receiving = true;
  keep_alive(s);
  if (s->inbox.first)
    netmcu__task_post(s->group->stack->ctx, &s->turn);
  return 0;
}

static void stop_receiving(netmcu__stack_socket *s)
{
  s->is_receiving = false;
  keep_alive(s);
}

/* ---- opening and closing ----------------------------------------------------------------------- */

static void report_sent(netmcu__stack_socket *s)
{
  while (s->sent) {
    request *first = s->sent;
    s->sent = first->next;
    s->group->events->sent(s, first);
  }
  keep_alive(s);
}

static void run_turn(netmcu__task *task)
{
  netmcu__stack_socket *s = netmcu__container(task, netmcu__stack_socket, turn);
  netmcu_t *ctx = s->group->stack->ctx;

  report_sent(s);
  deliver(s);
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
  s->ttl = host_of(s)->profile->ttl;
  netmcu__handle_opened(group->stack->ctx);
  return 0;
}

/* In the order in which they were bound. */
static void add_to_host(netmcu__stack_socket *s)
{
  netmcu__stack_socket **place = &host_of(s)->sockets;

  if (!host_of(s)->is_up)
    return;
  while (*place)
    place = &(*place)->next;
  *place = s;
}

static void remove_from_host(netmcu__stack_socket *s)
{
  netmcu__stack_socket **place = &host_of(s)->sockets;

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
  keep_alive(s);
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
  netmcu_sim_host *host = host_of(s);
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
    return netmcu__sim_source(host_of(s), to, s->local.port);
  return s->local;
}

/* Nothing ever waits for room: what a link cannot carry at once waits in the link. */
static int send_one(netmcu__stack_socket *s, const netmcu__datagram *datagram)
{
  netmcu_sim_host *host = host_of(s);

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
  request **place = &s->sent;
  int error = send_one(s, datagram);

  if (error)
    return error;
  while (*place)
    place = &(*place)->next;
  *place = memory;
  (*place)->next = NULL;
  keep_alive(s);
  netmcu__task_post(s->group->stack->ctx, &s->turn);
  return 0;
}

/* ---- options ----------------------------------------------------------------------------------- */

static int set_ttl(netmcu__stack_socket *s, int *ttl)
{
  if (*ttl == 0 || *ttl < -1 || *ttl > 255)
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

  if (!netmcu__same_ip(interface_ip, &host_of(s)->ip)) /* the loopback has no groups */
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
    .request_size = sizeof(request),
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
