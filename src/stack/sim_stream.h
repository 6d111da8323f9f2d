/* Streams on the simulated TCP, for their files:
 *
 *   sim_stream.c             what the program learns, and what it writes
 *   sim_stream_operations.c  what the program does with them */
#ifndef NETMCU_SIM_STREAM_H
#define NETMCU_SIM_STREAM_H

#include "stack/sim_tcp.h"

typedef struct sim_stream_request {
  netmcu_piece pieces[NETMCU__PIECES];
} sim_stream_request;

struct netmcu__stack_stream {
  netmcu__stream_group *group; /* first */
  sim_tcp *tcp;                /* NULL before connect */
  sim_stream_request *waiting; /* of write_later, or NULL */
  unsigned waiting_count;
  bool is_reading, is_closed, is_connecting, is_alive;
  bool is_withholding; /* what is delivered does not open the window */
  bool has_ended;      /* `finished` or `failed` was reported */
  netmcu__task turn;   /* for what must not happen inside an operation */
  int ttl;             /* -1: that of the system */
  int nodelay;         /* -1: as the system does */
  unsigned keepalive;
  netmcu_address own; /* of bind */
};

static inline netmcu__sim_stack *sim_stream_stack(const netmcu__stack_stream *s)
{
  return netmcu__sim_stack_of(s->group->stack);
}

static inline void sim_stream_keep_alive(netmcu__stack_stream *s)
{
  bool alive = !s->is_closed && (s->is_connecting || s->waiting || (s->is_reading && !s->has_ended));

  if (alive != s->is_alive)
    sim_stream_stack(s)->alive += alive ? 1 : UINT_MAX;
  s->is_alive = alive;
}

static inline void sim_stream_post(netmcu__stack_stream *s)
{
  netmcu__task_post(s->group->stack->ctx, &s->turn);
}

/* ---- sim_stream.c ------------------------------------------------------------------------------ */

/* Returns the number of bytes that the send buffer takes. */
size_t netmcu__sim_stream_take(sim_tcp *tcp, const netmcu_piece *pieces, unsigned count);
void netmcu__sim_stream_send(sim_tcp *tcp); /* unless the function that keeps the connection busy sends */
int netmcu__sim_stream_error(const sim_tcp *tcp);
void netmcu__sim_stream_turn(netmcu__task *task);

#endif
