/* UDP (RFC 768) of the simulated network, for its files:
 *
 *   sim_datagram.c        opening, sending and closing
 *   sim_datagram_input.c  receiving */
#ifndef NETMCU_SIM_DATAGRAM_H
#define NETMCU_SIM_DATAGRAM_H

#include "base/task.h"
#include "stack/sim.h"

#define MEMBERSHIPS 20 /* of a socket, as on Linux */

typedef struct sim_request {
  struct sim_request *next;
} sim_request;

struct netmcu__stack_socket {
  netmcu__datagram_group *group; /* first */
  netmcu__task turn;             /* delivers what has arrived, and reports what was sent and the close */
  netmcu__stack_socket *next;    /* of the host */
  netmcu_address local, peer;
  int ttl;
  bool is_shared, is_connected, is_receiving, is_closed, is_alive;
  netmcu__sim_queue inbox;
  sim_request *sent;
  unsigned memberships;
  netmcu_address groups[MEMBERSHIPS];
};

static inline netmcu__sim_stack *sim_socket_stack_of(const netmcu__stack_socket *s)
{
  return netmcu__sim_stack_of(s->group->stack);
}

static inline netmcu_sim_host *sim_socket_host_of(const netmcu__stack_socket *s)
{
  return sim_socket_stack_of(s)->host;
}

static inline void sim_socket_keep_alive(netmcu__stack_socket *s)
{
  bool alive = !s->is_closed && (s->is_receiving || s->sent);

  if (alive != s->is_alive)
    sim_socket_stack_of(s)->alive += alive ? 1 : UINT_MAX;
  s->is_alive = alive;
}

/* Delivers what has arrived, while the socket receives. */
void netmcu__sim_socket_deliver(netmcu__stack_socket *s);

#endif
