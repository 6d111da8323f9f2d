/* The faults of streams. A block of its own records what is to happen to a stream, and the stream
 * asks it about every byte. Each rule that fits is tried once: those for the name of the peer, or for
 * a client, when the connection begins, and those for an address at each attempt to connect to it. */
#include "base/memory.h"
#include "base/random.h"
#include "edge/fault_private.h"

#define FOREVER UINT32_C(0x40000000) /* ms: twelve days */

/* Rules that were tried, and those of them that happen. */
typedef struct choice {
  const netmcu__fault_rule *rules[FAULT_DNS]; /* by kind; NULL: none */
  uint64_t cut_seed;                          /* each connection has its own sequence */
  uint64_t tried;                             /* bit n: rule n */
} choice;

struct netmcu__fault {
  netmcu__deadline deadline; /* the end of its delay, or FOREVER during a stall */
  netmcu_t *ctx;
  const netmcu__fault_events *events;
  void *stream;
  netmcu__fault *next, *previous;
  choice now, of_name; /* of_name: without those of the address that is being tried */
  uint64_t passed_in, passed_out;
  bool delaying, is_stop_traced;
};

/* ---- beginning and end ----------------------------------------------------------------------- */

static netmcu__fault *new_fault(netmcu_t *ctx, const netmcu__fault_events *events, void *stream)
{
  netmcu__faults *all = netmcu__faults_of(ctx);
  netmcu__fault *f = netmcu__allocate(ctx, sizeof(*f));

  if (f == NULL)
    return NULL;
  f->ctx = ctx;
  f->events = events;
  f->stream = stream;
  f->next = all->streams;
  if (f->next)
    f->next->previous = f;
  all->streams = f;
  return f;
}

static void unlink_fault(netmcu__fault *f)
{
  netmcu__faults *all = netmcu__faults_of(f->ctx);

  netmcu__deadline_clear(&all->stream_deadlines, &f->deadline);
  if (f->previous)
    f->previous->next = f->next;
  else
    all->streams = f->next;
  if (f->next)
    f->next->previous = f->previous;
}

void netmcu__fault_end(netmcu__fault *f)
{
  if (f == NULL)
    return;
  unlink_fault(f);
  netmcu__release(f->ctx, f);
}

void netmcu__fault_cure_streams(netmcu__faults *all)
{
  while (all->streams) {
    netmcu__fault *f = all->streams;
    const netmcu__fault_events *events = f->events;
    void *stream = f->stream;
    netmcu__fault_end(f);
    events->cured(stream);
  }
}

static void apply(choice *to, netmcu__fault_rule *rule)
{
  to->rules[rule->kind] = rule;
  if (rule->kind == FAULT_CUT)
    to->cut_seed = netmcu__random_next(&rule->seed);
}

static void choose(netmcu_t *ctx, const netmcu__fault_events *events, void *stream, const char *peer, uint16_t port,
                   netmcu__fault **fault)
{
  netmcu__faults *all = netmcu__faults_of(ctx);

  for (unsigned i = 0; i < all->count; i++) {
    netmcu__fault_rule *rule = &all->rules[i];
    if (!netmcu__fault_fits(rule, peer, port) || (*fault && ((*fault)->now.tried >> i & 1)))
      continue;
    if (*fault == NULL)
      *fault = new_fault(ctx, events, stream);
    if (*fault == NULL)
      return;
    (*fault)->now.tried |= UINT64_C(1) << i;
    if (netmcu__fault_happens(ctx, rule, peer))
      apply(&(*fault)->now, rule);
  }
}

void netmcu__fault_begin(netmcu_t *ctx, const netmcu__fault_events *events, void *stream, const char *peer,
                         uint16_t port, netmcu__fault **fault)
{
  choose(ctx, events, stream, peer, port, fault);
  if (*fault)
    (*fault)->of_name = (*fault)->now;
}

void netmcu__fault_try(netmcu_t *ctx, const netmcu__fault_events *events, void *stream, const netmcu_address *address,
                       netmcu__fault **fault)
{
  char ip[NETMCU_IP_SIZE];

  choose(ctx, events, stream, netmcu_ip_format(address, ip), address->port, fault);
}

void netmcu__fault_attempt_failed(netmcu__fault *f)
{
  if (f == NULL)
    return;
  netmcu__deadline_clear(&netmcu__faults_of(f->ctx)->stream_deadlines, &f->deadline);
  f->now = f->of_name;
  f->delaying = f->is_stop_traced = false;
}

/* ---- to the trace ---------------------------------------------------------------------------- */

void netmcu__fault_trace(const netmcu__fault *f)
{
  static const enum netmcu__fault_kind kinds[] = {FAULT_REFUSE, FAULT_DELAY, FAULT_CUT};

  for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
    if (f->now.rules[kinds[i]])
      netmcu__fault_report(f->events->object_of(f->stream), f->now.rules[kinds[i]]);
}

void netmcu__fault_trace_stop(netmcu__fault *f)
{
  const netmcu__fault_rule *rule = f->now.rules[netmcu__fault_resets(f) ? FAULT_RESET : FAULT_STALL];

  if (!f->is_stop_traced)
    netmcu__fault_report(f->events->object_of(f->stream), rule);
  netmcu__fault_met(rule);
  f->is_stop_traced = true;
}

/* ---- what its stream asks -------------------------------------------------------------------- */

bool netmcu__fault_refuses(const netmcu__fault *f)
{
  return f && f->now.rules[FAULT_REFUSE];
}

static bool never_opens(const choice *chosen)
{
  return chosen->rules[FAULT_STALL] && !chosen->rules[FAULT_STALL]->has_after;
}

bool netmcu__fault_never_opens(const netmcu__fault *f)
{
  return f && never_opens(&f->now);
}

bool netmcu__fault_bars_name(const netmcu__fault *f)
{
  return f && (f->of_name.rules[FAULT_REFUSE] || never_opens(&f->of_name));
}

/* Returns how many bytes may still pass in a direction (0: either) before the rule applies. */
static uint64_t room_below(const netmcu__fault *f, enum netmcu__fault_kind kind, char direction)
{
  const netmcu__fault_rule *rule = f->now.rules[kind];

  if (rule == NULL || (rule->direction && direction && rule->direction != direction))
    return UINT64_MAX;
  uint64_t passed = rule->direction == '<'   ? f->passed_in
                    : rule->direction == '>' ? f->passed_out
                                             : f->passed_in + f->passed_out;
  return passed < rule->after ? rule->after - passed : 0;
}

bool netmcu__fault_resets(const netmcu__fault *f)
{
  return f && room_below(f, FAULT_RESET, 0) == 0;
}

/* A stalled stream stalls in both directions, whichever direction has reached the limit. */
bool netmcu__fault_stalls(netmcu__fault *f)
{
  if (f == NULL || room_below(f, FAULT_STALL, 0) > 0)
    return false;
  if (!netmcu__deadline_is_set(&f->deadline))
    netmcu__deadline_set(&netmcu__faults_of(f->ctx)->stream_deadlines, &f->deadline, FOREVER);
  return true;
}

size_t netmcu__fault_pass(netmcu__fault *f, char direction, size_t size)
{
  uint64_t most = room_below(f, FAULT_RESET, direction), other = room_below(f, FAULT_STALL, direction);

  if (netmcu__fault_resets(f) || netmcu__fault_stalls(f))
    return 0;
  most = other < most ? other : most;
  size = most < size ? (size_t)most : size;
  *(direction == '<' ? &f->passed_in : &f->passed_out) += size;
  netmcu__fault_stalls(f); /* A stall keeps the loop alive from now on. */
  return size;
}

size_t netmcu__fault_frame(netmcu__fault *f, size_t most)
{
  const netmcu__fault_rule *cut = f->now.rules[FAULT_CUT];

  if (cut == NULL)
    return most;
  size_t size = cut->is_random ? (size_t)(1 + netmcu__random_next(&f->now.cut_seed) % cut->size) : cut->size;
  if (size < most)
    netmcu__fault_met(cut);
  return most < size ? most : size;
}

bool netmcu__fault_delays(netmcu__fault *f)
{
  if (f == NULL || f->now.rules[FAULT_DELAY] == NULL || f->delaying)
    return f && f->delaying;
  f->delaying = true;
  netmcu__deadline_set(&netmcu__faults_of(f->ctx)->stream_deadlines, &f->deadline, f->now.rules[FAULT_DELAY]->ms);
  return true;
}

bool netmcu__fault_is_delaying(const netmcu__fault *f)
{
  return f && f->delaying;
}

void netmcu__fault_stream_expired(netmcu_t *ctx, netmcu__deadline *deadline)
{
  netmcu__fault *f = netmcu__container(deadline, netmcu__fault, deadline);

  if (f->delaying) {
    f->delaying = false;
    f->events->delay_ended(f->stream);
  } else {
    netmcu__deadline_set(&netmcu__faults_of(ctx)->stream_deadlines, deadline, FOREVER); /* still stalled */
  }
}
