/* A UDP socket: the user's object. It has a socket of the stack (socket.c) while it is bound.
 *
 *   UNBOUND ──listen, first send──▶ BOUND ──close──▶ UNBOUND      free, in any state ──▶ gone
 *
 * If its own callback frees it, the memory stays until the callback has returned. */
#include <stdio.h>

#include "base/object.h"
#include "base/task.h"
#include "edge/fault.h"
#include "edge/route.h"
#include "edge/trace.h"
#include "udp/udp_private.h"

struct netmcu_udp {
  netmcu__object object;
  udp_socket *socket;
  const netmcu_udp_events *events;
  void *data;
  netmcu__task sent_task;
  size_t sent; /* datagrams to report as sent in the next iteration of the loop */
  size_t due;  /* … in this one */
};

/* What fits into one Ethernet frame: the device does not fragment datagrams. */
#define DEVICE_DATAGRAM_SIZE 1472

/* ---- life ------------------------------------------------------------------------------------ */

static void object_free(netmcu__object *object)
{
  netmcu_udp_free(netmcu__container(object, netmcu_udp, object));
}

static bool object_is_open(const netmcu__object *object)
{
  return ((const netmcu_udp *)object)->socket != NULL;
}

static void object_describe(const netmcu__object *object, char *text, size_t size)
{
  const netmcu_address *address = &((const netmcu_udp *)object)->socket->address;
  char address_text[NETMCU_ADDRESS_SIZE];

  snprintf(text, size, "net.udpsocket (bound, %s)", netmcu_address_format(address, address_text));
}

static void emit_sent(netmcu__task *task);

netmcu_udp *netmcu_udp_new(netmcu_t *ctx)
{
  static const netmcu__class udp_class = {"net.udpsocket", object_free, object_is_open, object_describe};
  netmcu_udp *u = netmcu__allocate(ctx, sizeof(*u));

  if (u == NULL)
    return NULL;
  u->sent_task.run = emit_sent;
  netmcu__object_add(&u->object, ctx, &udp_class);
  return u;
}

int netmcu_udp_close(netmcu_udp *u)
{
  if (u->socket == NULL)
    return NETMCU_ENOTCONN;
  netmcu__fault_forget_datagrams(&u->object);
  if (netmcu__is_traced(u->object.ctx))
    netmcu__trace(&u->object, (netmcu_trace_event){.what = "close"});
  netmcu__task_cancel(u->object.ctx, &u->sent_task);
  u->sent = u->due = 0;
  netmcu__udp_abandon(u->socket);
  u->socket = NULL;
  return 0;
}

void netmcu_udp_free(netmcu_udp *u)
{
  if (u == NULL || u->object.freed)
    return;
  netmcu_udp_close(u);
  netmcu__object_release(&u->object);
}

/* ---- events ---------------------------------------------------------------------------------- */

static void deliver(netmcu__object *object, const void *data, size_t size, const netmcu_address *from)
{
  netmcu_udp *u = netmcu__container(object, netmcu_udp, object);

  netmcu__count_received(object->ctx, size);
  if (netmcu__is_traced(object->ctx))
    netmcu__trace(object,
                  (netmcu_trace_event){.direction = '<', .what = "receive", .peer = from, .data = data, .size = size});
  if (u->events == NULL || u->events->receive == NULL)
    return;
  netmcu__object_enter(object);
  u->events->receive(u, data, size, from);
  netmcu__object_leave(object);
}

/* Whether a fault loses or delays a datagram. */
static bool is_faulty(netmcu_udp *u, netmcu__deliver later, const netmcu_address *peer, const void *data, size_t size)
{
  netmcu_address own = {.port = 0};

  if (!netmcu__is_faulty(u->object.ctx))
    return false;
  netmcu_udp_get_address(u, &own);
  return netmcu__fault_datagram(&u->object, own.port, later, peer, data, size);
}

void netmcu__udp_received(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from)
{
  netmcu_address peer = *from;

  if (netmcu__is_routed(u->object.ctx))
    netmcu__route_from(u->object.ctx, &peer);
  if (!is_faulty(u, deliver, &peer, data, size))
    deliver(&u->object, data, size, &peer);
}

void netmcu__udp_sent(netmcu_udp *u)
{
  u->sent++;
  netmcu__task_post(u->object.ctx, &u->sent_task);
}

/* What the handlers send is reported in the next iteration, so that a handler that sends again does
 * not starve the network. A socket that a handler closes has no further event, even if the handler
 * binds it again. */
static void emit_sent(netmcu__task *task)
{
  netmcu_udp *u = netmcu__container(task, netmcu_udp, sent_task);

  u->due = u->sent;
  u->sent = 0;
  netmcu__object_enter(&u->object);
  while (u->due > 0) {
    u->due--;
    if (u->events && u->events->sent) {
      netmcu__count_event(u->object.ctx);
      u->events->sent(u);
    }
  }
  netmcu__object_leave(&u->object);
}

/* ---- binding, sending ------------------------------------------------------------------------ */

static int bind_socket(void *data, netmcu_address *address)
{
  netmcu_udp *u = data;

  int error = netmcu__udp_open(u->object.ctx, address, u, &u->socket);
  if (error == 0)
    *address = u->socket->address;
  return error;
}

int netmcu_udp_listen(netmcu_udp *u, uint16_t port, const char *ip)
{
  netmcu_t *ctx = u->object.ctx;
  netmcu_address address = {.port = port, .family = NETMCU__ANY_FAMILY};

  if (u->socket)
    return NETMCU_EINPROGRESS;
  if (ip && netmcu_ip_parse(ip, &address))
    return NETMCU_EVALUE;
  int error =
      netmcu__is_routed(ctx) ? netmcu__route_listen(ctx, true, address, bind_socket, u) : bind_socket(u, &address);
  if (error == 0 && netmcu__is_traced(ctx)) {
    netmcu_udp_get_address(u, &address);
    netmcu__trace_listen(&u->object, &address, &u->socket->address);
  }
  return error;
}

static int check_datagram(netmcu_udp *u, const netmcu_address *to, size_t size)
{
  if (to->port == 0)
    return NETMCU_EVALUE;
  if (size > NETMCU_DATAGRAM_SIZE)
    return NETMCU_EBUFFER;
  return size > DEVICE_DATAGRAM_SIZE ? netmcu_diverge(u->object.ctx, NETMCU_D_DATAGRAM_SIZE, (long)size) : 0;
}

static int send_datagram(netmcu_udp *u, const netmcu_address *to, const void *data, size_t size)
{
  netmcu_t *ctx = u->object.ctx;
  netmcu_address real = *to;

  netmcu__count_sent(ctx, size);
  if (netmcu__is_traced(ctx))
    netmcu__trace(&u->object,
                  (netmcu_trace_event){.direction = '>', .what = "send", .peer = to, .data = data, .size = size});
  if (is_faulty(u, NULL, to, data, size)) {
    netmcu__udp_sent(u);
    return 0;
  }
  if (netmcu__is_routed(ctx))
    netmcu__route_datagram(ctx, &real);
  return netmcu__udp_send(u->socket, &real, data, size);
}

int netmcu_udp_send(netmcu_udp *u, const netmcu_address *to, const void *data, size_t size)
{
  const netmcu_address unbound = {.family = to->family};
  bool was_bound = u->socket != NULL;

  int error = check_datagram(u, to, size);
  if (error == 0 && !was_bound)
    error = netmcu__udp_open(u->object.ctx, &unbound, u, &u->socket);
  if (error)
    return error;
  error = send_datagram(u, to, data, size);
  if (error && !was_bound)
    netmcu_udp_close(u);
  return error;
}

/* ---- the rest -------------------------------------------------------------------------------- */

int netmcu_udp_get_address(const netmcu_udp *u, netmcu_address *address)
{
  if (u->socket == NULL)
    return NETMCU_ENOTCONN;
  *address = u->socket->address;
  if (address->family == NETMCU__ANY_FAMILY)
    address->family = NETMCU_IPV6;
  if (netmcu__is_routed(u->object.ctx))
    netmcu__route_own(u->object.ctx, true, address);
  return 0;
}

int netmcu_udp_set_ttl(netmcu_udp *u, int ttl)
{
  if (u->socket == NULL)
    return NETMCU_ENOTCONN;
  return ttl > 0 ? netmcu__udp_ttl(u->socket, &ttl) : NETMCU_EVALUE;
}

int netmcu_udp_get_ttl(const netmcu_udp *u, int *ttl)
{
  *ttl = -1;
  return u->socket ? netmcu__udp_ttl(u->socket, ttl) : NETMCU_ENOTCONN;
}

void netmcu_udp_on(netmcu_udp *u, const netmcu_udp_events *events)
{
  u->events = events;
}

netmcu_t *netmcu_udp_get_context(const netmcu_udp *u)
{
  return u->object.ctx;
}

void netmcu_udp_set_data(netmcu_udp *u, void *data)
{
  u->data = data;
}

void *netmcu_udp_get_data(const netmcu_udp *u)
{
  return u->data;
}
