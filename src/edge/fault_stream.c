/* The faults of streams. A rule is tried once for each connection that it fits, when the connection
 * begins. A block of its own records what is to happen to the connection. The stream asks it about
 * every byte. */
#include "base/memory.h"
#include "base/random.h"
#include "edge/fault_private.h"

#define FOREVER UINT32_C(0x40000000) /* ms: twelve days */

struct netmcu__fault {
  netmcu__deadline deadline; /* the end of its delay, or FOREVER during a stall */
  netmcu_t *ctx;
  const netmcu__fault_events *events;
  void *stream;
  netmcu__fault *next, *previous;
  uint64_t tried; /* bit n: rule n */
  uint64_t passed_in, passed_out;
  netmcu__fault_rule reset, stall, cut;
  uint32_t delay; /* ms */
  bool refuses, resets, stalls, cuts;
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

static void apply(netmcu__fault *f, netmcu__fault_rule *rule)
{
  switch (rule->kind) {
  case FAULT_REFUSE: f->refuses = true; break;
  case FAULT_RESET: f->resets = true, f->reset = *rule; break;
  case FAULT_STALL: f->stalls = true, f->stall = *rule; break;
  case FAULT_DELAY: f->delay = rule->ms; break;
  case FAULT_CUT:
    f->cuts = true;
    f->cut = *rule;
    f->cut.seed = netmcu__random_next(&rule->seed); /* each connection has its own sequence */
    break;
  case FAULT_DNS: return;
  }
}

void netmcu__fault_begin(netmcu_t *ctx, const netmcu__fault_events *events, void *stream, const char *peer,
                         uint16_t port, netmcu__fault **fault)
{
  netmcu__faults *all = netmcu__faults_of(ctx);

  for (unsigned i = 0; i < all->count; i++) {
    netmcu__fault_rule *rule = &all->rules[i];
    if (!netmcu__fault_fits(rule, peer, port) || (*fault && ((*fault)->tried >> i & 1)))
      continue;
    if (*fault == NULL)
      *fault = new_fault(ctx, events, stream);
    if (*fault == NULL)
      return;
    (*fault)->tried |= UINT64_C(1) << i;
    if (netmcu__fault_happens(ctx, rule, peer))
      apply(*fault, rule);
  }
}

/* ---- to the trace ---------------------------------------------------------------------------- */

void netmcu__fault_trace(const netmcu__fault *f)
{
  const netmcu__object *object = f->events->object_of(f->stream);

  if (f->refuses)
    netmcu__fault_report(object, &(netmcu__fault_rule){.kind = FAULT_REFUSE});
  if (f->delay)
    netmcu__fault_report(object, &(netmcu__fault_rule){.kind = FAULT_DELAY, .ms = f->delay});
  if (f->cuts)
    netmcu__fault_report(object, &f->cut);
}

void netmcu__fault_trace_stop(netmcu__fault *f)
{
  const netmcu__fault_rule *rule = netmcu__fault_resets(f) ? &f->reset : &f->stall;

  if (!f->is_stop_traced)
    netmcu__fault_report(f->events->object_of(f->stream), rule);
  netmcu__fault_met(rule);
  f->is_stop_traced = true;
}

/* ---- what its stream asks -------------------------------------------------------------------- */

bool netmcu__fault_refuses(const netmcu__fault *f)
{
  return f && f->refuses;
}

bool netmcu__fault_never_opens(const netmcu__fault *f)
{
  return f && f->stalls && !f->stall.has_after;
}

/* Returns how many bytes may still pass in a direction (0: either) before the rule applies. */
static uint64_t room_below(const netmcu__fault *f, bool there, const netmcu__fault_rule *rule, char direction)
{
  if (!there || (rule->direction && direction && rule->direction != direction))
    return UINT64_MAX;
  uint64_t passed = rule->direction == '<'   ? f->passed_in
                    : rule->direction == '>' ? f->passed_out
                                             : f->passed_in + f->passed_out;
  return passed < rule->after ? rule->after - passed : 0;
}

bool netmcu__fault_resets(const netmcu__fault *f)
{
  return f && room_below(f, f->resets, &f->reset, 0) == 0;
}

/* A stalled stream stalls in both directions, whichever direction has reached the limit. */
bool netmcu__fault_stalls(netmcu__fault *f)
{
  if (f == NULL || room_below(f, f->stalls, &f->stall, 0) > 0)
    return false;
  if (!netmcu__deadline_is_set(&f->deadline))
    netmcu__deadline_set(&netmcu__faults_of(f->ctx)->stream_deadlines, &f->deadline, FOREVER);
  return true;
}

size_t netmcu__fault_pass(netmcu__fault *f, char direction, size_t size)
{
  uint64_t most = room_below(f, f->resets, &f->reset, direction),
           other = room_below(f, f->stalls, &f->stall, direction);

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
  if (!f->cuts)
    return most;
  size_t size = f->cut.is_random ? (size_t)(1 + netmcu__random_next(&f->cut.seed) % f->cut.size) : f->cut.size;
  if (size < most)
    netmcu__fault_met(&f->cut);
  return most < size ? most : size;
}

bool netmcu__fault_delays(netmcu__fault *f)
{
  if (f == NULL || f->delay == 0 || f->delaying)
    return f && f->delaying;
  f->delaying = true;
  netmcu__deadline_set(&netmcu__faults_of(f->ctx)->stream_deadlines, &f->deadline, f->delay);
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
