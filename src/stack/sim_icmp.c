/* ICMP: echo requests and replies, and "unreachable" (RFC 792). An unreachable message carries the
 * packet that it is about, and goes to the host that has sent it. */
#include "base/task.h"
#include "stack/sim.h"

enum { ECHO_REPLY = 0, UNREACHABLE = 3, ECHO_REQUEST = 8 };

#define ARP_TIMEOUT (3 * SECOND) /* after which Linux reports that no host has an address */

struct netmcu__stack_echo {
  netmcu__echo_user *user;
  netmcu__task end; /* makes `closed` an event */
  bool is_receiving;
  netmcu__sim_queue replies; /* while it does not receive */
};

static netmcu_sim_host *host_of(const netmcu__stack_echo *echo)
{
  return netmcu__sim_host_of(echo->user->stack);
}

/* ---- unreachable ------------------------------------------------------------------------------- */

static netmcu__sim_packet *new_unreachable(netmcu_sim_host *host, const netmcu__sim_packet *lost)
{
  netmcu__sim_packet *packet = netmcu__sim_packet_new(host, NETMCU_SIM_ICMP, sizeof(*lost));

  if (packet == NULL)
    return NULL;
  packet->flags = UNREACHABLE;
  packet->source = host->ip;
  packet->destination = lost->source;
  memcpy(packet->data, lost, sizeof(*lost));
  return packet;
}

void netmcu__sim_port_unreachable(netmcu_sim_host *host, const netmcu__sim_packet *lost)
{
  netmcu__sim_packet *packet = new_unreachable(host, lost);

  if (packet) {
    packet->source = lost->destination;
    netmcu__sim_send(packet);
  }
}

static void on_host_unreachable(netmcu__sim_event *event)
{
  netmcu__sim_packet *packet = netmcu__container(event, netmcu__sim_packet, arrival);

  netmcu__sim_icmp_arrived(packet->from, packet);
}

/* A device never reports it. */
void netmcu__sim_host_unreachable(const netmcu__sim_packet *lost)
{
  netmcu_sim_host *host = lost->from;
  netmcu__sim_packet *packet = host->profile->is_device ? NULL : new_unreachable(host, lost);

  if (packet) {
    packet->arrival.run = on_host_unreachable;
    netmcu__sim_set(host->world, &packet->arrival, host->world->now + ARP_TIMEOUT);
  }
}

static void take_unreachable(netmcu_sim_host *host, const netmcu__sim_packet *packet)
{
  netmcu__sim_packet lost;

  memcpy(&lost, packet->data, sizeof(lost));
  if (lost.protocol == NETMCU_SIM_TCP)
    netmcu__sim_tcp_unreachable(host, &lost);
  else if (lost.protocol == NETMCU_SIM_UDP)
    netmcu__sim_datagram_unreachable(host, &lost);
}

/* ---- echo -------------------------------------------------------------------------------------- */

static void answer(netmcu_sim_host *host, const netmcu__sim_packet *request)
{
  netmcu__sim_packet *reply = netmcu__sim_packet_new(host, NETMCU_SIM_ICMP, request->size);

  if (reply == NULL)
    return;
  reply->flags = ECHO_REPLY;
  reply->sequence = request->sequence;
  reply->source = request->destination;
  reply->destination = request->source;
  memcpy(reply->data, request->data, request->size);
  netmcu__sim_send(reply);
}

static void take_reply(netmcu__stack_echo *echo, netmcu__sim_packet *packet)
{
  if (packet->size == NETMCU__ECHO_PAYLOAD)
    echo->user->events->replied(echo, &packet->source, (uint16_t)packet->sequence, (const uint8_t *)packet->data, 0);
  free(packet);
}

void netmcu__sim_icmp_arrived(netmcu_sim_host *host, netmcu__sim_packet *packet)
{
  netmcu__stack_echo *echo = host->echo;

  if (packet->flags == ECHO_REPLY && echo && echo->is_receiving) {
    take_reply(echo, packet);
    return;
  }
  if (packet->flags == ECHO_REPLY && echo) {
    netmcu__sim_queue_append(&echo->replies, packet);
    return;
  }
  if (packet->flags == ECHO_REQUEST)
    answer(host, packet);
  else if (packet->flags == UNREACHABLE)
    take_unreachable(host, packet);
  free(packet);
}

/* ---- the operations ---------------------------------------------------------------------------- */

static void run_end(netmcu__task *task)
{
  netmcu__stack_echo *echo = netmcu__container(task, netmcu__stack_echo, end);
  netmcu_t *ctx = echo->user->stack->ctx;

  netmcu__sim_queue_clear(&echo->replies);
  echo->user->events->closed(echo);
  netmcu__handle_closed(ctx);
}

/* The simulated network has IPv4 only. */
static int open_echo(netmcu__echo_user *user, netmcu__stack_echo *echo, netmcu_family family)
{
  if (family != NETMCU_IPV4)
    return NETMCU_ENOTSUP;
  echo->user = user;
  echo->end.run = run_end;
  netmcu__handle_opened(user->stack->ctx);
  host_of(echo)->echo = echo;
  return 0;
}

static void receive(netmcu__stack_echo *echo)
{
  netmcu__sim_packet *packet;

  while (echo->end.next == NULL && (packet = netmcu__sim_queue_take(&echo->replies)) != NULL)
    take_reply(echo, packet);
}

static void start(netmcu__stack_echo *echo)
{
  echo->is_receiving = true;
}

static void stop(netmcu__stack_echo *echo)
{
  echo->is_receiving = false;
}

static void send_request(netmcu__stack_echo *echo, const netmcu_address *to, uint16_t sequence, const uint8_t *payload)
{
  bool is_ipv4 = to->family == NETMCU_IPV4;
  netmcu__sim_packet *packet =
      is_ipv4 ? netmcu__sim_packet_new(host_of(echo), NETMCU_SIM_ICMP, NETMCU__ECHO_PAYLOAD) : NULL;

  if (packet == NULL)
    return;
  packet->flags = ECHO_REQUEST;
  packet->sequence = sequence;
  packet->source = netmcu__sim_source(packet->from, to, 0);
  packet->destination = *to;
  packet->destination.port = 0;
  memcpy(packet->data, payload, NETMCU__ECHO_PAYLOAD);
  netmcu__sim_send(packet);
}

static void close_echo(netmcu__stack_echo *echo)
{
  if (host_of(echo)->echo == echo)
    host_of(echo)->echo = NULL;
  netmcu__task_post(echo->user->stack->ctx, &echo->end);
}

const netmcu__echo_operations netmcu__sim_echo = {.size = sizeof(netmcu__stack_echo),
                                                  .open = open_echo,
                                                  .start = start,
                                                  .stop = stop,
                                                  .receive = receive,
                                                  .send = send_request,
                                                  .close = close_echo};
