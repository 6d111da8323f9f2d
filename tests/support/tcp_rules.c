/* See tcp_rules.h. */
#include "tcp_rules.h"

#include <string.h>

#define FLOWS         512
#define SEGMENTS      32   /* whose acknowledgement is awaited */
#define DEVICE_WINDOW 5840 /* what a device announces at most; a desktop begins with more */
#define SCALE         7    /* between desktops */
#define MSS           1460
#define MS            UINT64_C(1000000) /* in ns */

/* One direction of a connection. */
typedef struct flow {
  netmcu_address from, to;
  bool is_used, is_open, has_acknowledged, has_finished;
  uint32_t first, next;        /* sequence numbers: that of the SYN, and the one behind all that was sent */
  uint32_t acknowledged, edge; /* of the other direction */
  uint32_t probe;              /* the number behind the last byte that was sent alone */
  uint16_t window;             /* of the SYN */
  struct {
    uint32_t end;
    uint64_t due; /* the acknowledgement, in a calm world */
  } segments[SEGMENTS];
  unsigned oldest, count;
} flow;

static flow flows[FLOWS];
static bool is_calm;
static uint64_t latency;

void tcp_rules_begin(bool calm, uint64_t link_latency)
{
  for (int i = 0; i < FLOWS; i++)
    flows[i].is_used = false;
  is_calm = calm;
  latency = link_latency * 1000;
}

static bool is_before(uint32_t a, uint32_t b)
{
  return (int32_t)(a - b) < 0;
}

static bool is_same(const netmcu_address *a, const netmcu_address *b)
{
  return a->port == b->port && memcmp(a->ip, b->ip, 4) == 0;
}

static flow *find_flow(const netmcu_address *from, const netmcu_address *to)
{
  unsigned place = (unsigned)from->port * 31 + to->port + from->ip[3] * 7u + to->ip[3];

  for (int i = 0; i < FLOWS; i++) {
    flow *f = &flows[(place + (unsigned)i) % FLOWS];
    if (!f->is_used)
      *f = (flow){.from = *from, .to = *to, .is_used = true};
    if (is_same(&f->from, from) && is_same(&f->to, to))
      return f;
  }
  return NULL;
}

static bool is_device(const flow *f)
{
  return f->window <= DEVICE_WINDOW;
}

/* A new connection begins. The answer to its SYN has yet to come. A second answer is that of a host which
 * has forgotten the first one. The peer may take either, so there are no rules until the next connection. */
static void begin_flow(flow *f, flow *back, const netmcu_sim_packet *packet)
{
  bool is_answer = packet->flags & NETMCU_SIM_ACK, is_first_answer = is_answer && back->is_open && !f->is_open;

  *f = (flow){.from = f->from,
              .to = f->to,
              .is_used = true,
              .is_open = !is_answer || is_first_answer,
              .first = packet->sequence,
              .next = packet->sequence + 1,
              .window = packet->window};
  back->is_open = is_first_answer;
}

/* ---- acknowledgements and windows ------------------------------------------------------------ */

/* Returns false if one of the segments that are acknowledged now was due earlier. */
static bool are_in_time(flow *sender, uint32_t acknowledgement, uint64_t time)
{
  bool in_time = true;

  while (sender->count > 0 && !is_before(acknowledgement, sender->segments[sender->oldest].end)) {
    in_time = in_time && time <= sender->segments[sender->oldest].due;
    sender->oldest = (sender->oldest + 1) % SEGMENTS;
    sender->count--;
  }
  return in_time;
}

static const char *check_acknowledgement(flow *f, flow *back, const netmcu_sim_packet *packet)
{
  bool is_scaled = !(packet->flags & NETMCU_SIM_SYN) && !is_device(f) && !is_device(back);
  unsigned scale = is_scaled ? SCALE : 0;
  uint32_t edge = packet->acknowledgement + ((uint32_t)packet->window << scale), slack = (1u << scale) - 1;

  if (is_before(back->next, packet->acknowledgement))
    return "acknowledges what was never sent";
  if (is_device(f) && packet->window > DEVICE_WINDOW)
    return "announces a larger window than it has";
  if (f->has_acknowledged && is_before(packet->acknowledgement, f->acknowledged))
    return "takes an acknowledgement back";
  if (f->has_acknowledged && is_before(edge + slack, f->edge))
    return "takes a part of its window back";
  f->edge = f->has_acknowledged && is_before(edge, f->edge) ? f->edge : edge;
  f->acknowledged = packet->acknowledgement;
  f->has_acknowledged = true;
  return are_in_time(back, packet->acknowledgement, packet->time) ? NULL : "acknowledges too late";
}

/* ---- data ------------------------------------------------------------------------------------ */

static void expect_acknowledgement(flow *f, const flow *back, uint32_t end, uint64_t time)
{
  unsigned delay = is_device(back) ? 125 : 40;

  if (!is_calm || f->count == SEGMENTS)
    return;
  f->segments[(f->oldest + f->count) % SEGMENTS].end = end;
  f->segments[(f->oldest + f->count++) % SEGMENTS].due = time + latency + (delay + 1) * MS;
}

static const char *check_data(flow *f, const flow *back, const netmcu_sim_packet *packet)
{
  bool fin = packet->flags & NETMCU_SIM_FIN;
  uint32_t end = packet->sequence + (uint32_t)packet->size, next = end + fin;
  bool is_probe = packet->size == 1 && !is_before(packet->sequence, back->edge);

  if (is_before(f->next, packet->sequence))
    return "leaves out bytes";
  if (packet->size > MSS)
    return "sends too large a segment";
  if (packet->size > 0 && (!back->is_open || !back->has_acknowledged))
    return "sends data before the connection is open";
  if (packet->size > 0 && is_before(back->edge, end - is_probe))
    return "sends more than the window of the peer holds";
  if (f->has_finished && is_before(f->next, next))
    return "sends more behind its FIN";
  if (is_calm && next != packet->sequence && is_before(packet->sequence, f->next) && f->probe != packet->sequence + 1)
    return "sends again what was not lost";
  f->probe = packet->size == 1 ? end : f->probe; /* the window may be opening at this time */
  f->has_finished = f->has_finished || fin;
  if (!is_probe && is_before(f->next, next))
    expect_acknowledgement(f, back, next, packet->time);
  f->next = is_before(f->next, next) ? next : f->next;
  return NULL;
}

/* ---- packets --------------------------------------------------------------------------------- */

const char *tcp_rules_check(const netmcu_sim_packet *packet)
{
  if (packet->protocol != NETMCU_SIM_TCP)
    return NULL;
  flow *f = find_flow(&packet->source, &packet->destination), *back = find_flow(&packet->destination, &packet->source);
  if (f == NULL || back == NULL)
    return NULL;
  if (packet->flags & NETMCU_SIM_RST) {
    f->count = back->count = 0;
    return NULL;
  }
  if ((packet->flags & NETMCU_SIM_SYN) && (!f->is_open || packet->sequence != f->first))
    begin_flow(f, back, packet);
  else if (is_calm && (packet->flags & NETMCU_SIM_SYN))
    return "sends its SYN again";
  if (!f->is_open) /* of a connection that the peer has forgotten */
    return NULL;
  const char *broken = packet->flags & NETMCU_SIM_ACK && back->is_open ? check_acknowledgement(f, back, packet) : NULL;
  return broken || packet->flags & NETMCU_SIM_SYN ? broken : check_data(f, back, packet);
}

const char *tcp_rules_end(uint64_t time)
{
  for (int i = 0; i < FLOWS; i++)
    if (flows[i].is_used && flows[i].count > 0 && flows[i].segments[flows[i].oldest].due < time)
      return "never acknowledges";
  return NULL;
}
