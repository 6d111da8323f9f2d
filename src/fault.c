/* What goes wrong on purpose (netmcu_set_fault). A rule is tried once for each connection that it fits, when that begins, and
 * for each datagram; what is to happen to a connection is a block of its own, which its stream asks for every byte.
 *
 * While something is delayed or stalled the loop has something to wait for, as it would have on a slow network. */
#include <stdio.h>
#include <string.h>

#include "deadline.h"
#include "edge.h"
#include "fault.h"

#define MOST_RULES 64                   /* bits of `tried` */
#define FOREVER    UINT32_C(0x40000000) /* ms: twelve days */

/* What waits: a stream or a datagram. */
typedef struct waiter {
  netmcu__deadline deadline;
  bool is_datagram;
} waiter;

struct netmcu__fault {
  waiter waiter;
  netmcu_t *ctx;
  struct netmcu__stream *stream;
  netmcu__fault *next, *previous;
  uint64_t tried; /* bit n: rule n */
  uint64_t passed_in, passed_out;
  netmcu__fault_rule reset, stall, cut;
  uint32_t delay; /* ms */
  bool refuses, resets, stalls, cuts;
  bool delaying, told;
};

typedef struct late_datagram late_datagram;
struct late_datagram {
  waiter waiter;
  uint32_t due;
  netmcu_udp *to;
  late_datagram *next; /* the one that came before */
  netmcu_address from;
  size_t size;
  char data[];
};

struct netmcu__faults {
  netmcu__fault_rule rules[MOST_RULES];
  unsigned count;
  netmcu__fault *first;
  late_datagram *late;
  netmcu__deadlines deadlines;
};

static struct netmcu__faults *faults_of(netmcu_t *ctx)
{
  return netmcu__parts(ctx)->faults;
}

static void unlink_fault(netmcu__fault *f)
{
  struct netmcu__faults *all = faults_of(f->ctx);

  netmcu__deadline_clear(&all->deadlines, &f->waiter.deadline);
  if (f->previous)
    f->previous->next = f->next;
  else
    all->first = f->next;
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

/* ---- the rules ------------------------------------------------------------------------------------------------- */

static void expired(netmcu_t *ctx, netmcu__deadline *deadline);

static struct netmcu__faults *get_faults(netmcu_t *ctx)
{
  struct netmcu__parts *parts = netmcu__parts(ctx);

  if (parts->faults == NULL) {
    parts->faults = netmcu__allocate(ctx, sizeof(*parts->faults));
    if (parts->faults == NULL)
      return NULL;
    netmcu__deadlines_init(&parts->faults->deadlines, ctx, expired);
    uv_ref((uv_handle_t *)&parts->faults->deadlines.timer);
  }
  return parts->faults;
}

static void clear(netmcu_t *ctx)
{
  struct netmcu__faults *all = faults_of(ctx);

  netmcu__edge_of(ctx)->set &= ~(unsigned)NETMCU__FAULTY;
  if (all == NULL)
    return;
  all->count = 0;
  while (all->first) {
    netmcu__fault *f = all->first;
    struct netmcu__stream *stream = f->stream;
    netmcu__fault_end(f);
    netmcu__stream_cured(stream);
  }
}

int netmcu_set_fault(netmcu_t *ctx, const char *text)
{
  netmcu__fault_rule rule;

  if (text == NULL) {
    clear(ctx);
    return 0;
  }
  int error = netmcu__read_fault_rule(ctx, text, &rule);
  if (error)
    return error;
  struct netmcu__faults *all = get_faults(ctx);
  if (all == NULL)
    return NETMCU_ENOMEM;
  if (all->count == MOST_RULES)
    return netmcu__rule_wrong(ctx, text, "", "there are 64 faults already");
  all->rules[all->count++] = rule;
  netmcu__edge_of(ctx)->set |= NETMCU__FAULTY;
  return 0;
}

void netmcu__faults_close(netmcu_t *ctx)
{
  struct netmcu__faults *all = faults_of(ctx);

  clear(ctx);
  if (all)
    netmcu__deadlines_close(&all->deadlines);
}

/* ---- chance ------------------------------------------------------------------------------------------------------ */

/* SplitMix64 (Steele, Lea and Flood, 2014). */
static uint64_t next_random(uint64_t *state)
{
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

static bool happens(netmcu__fault_rule *rule)
{
  return rule->probability >= FAULT_CERTAIN || next_random(&rule->seed) % FAULT_CERTAIN < rule->probability;
}

/* ---- streams ------------------------------------------------------------------------------------------------------ */

static void report(const netmcu__object *object, const netmcu__fault_rule *rule)
{
  char text[64];

  if (object == NULL || !netmcu__is_traced(object->ctx))
    return;
  if (rule->has_after)
    snprintf(text, sizeof(text), "%s after %llu bytes", netmcu__fault_names[rule->kind],
             (unsigned long long)rule->after);
  else if (rule->ms)
    snprintf(text, sizeof(text), "%s of %u ms", netmcu__fault_names[rule->kind], (unsigned)rule->ms);
  else if (rule->size)
    snprintf(text, sizeof(text), "%s into %zu bytes", netmcu__fault_names[rule->kind], rule->size);
  else
    snprintf(text, sizeof(text), "%s", netmcu__fault_names[rule->kind]);
  netmcu__trace(object, (netmcu_trace_event){.what = "fault", .detail = text});
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
    f->cut.seed = next_random(&rule->seed); /* each connection has its own sequence */
    break;
  case FAULT_DNS: return;
  }
}

void netmcu__fault_tell(const netmcu__fault *f)
{
  const netmcu__object *object = netmcu__stream_object(f->stream);

  if (f->refuses)
    report(object, &(netmcu__fault_rule){.kind = FAULT_REFUSE});
  if (f->delay)
    report(object, &(netmcu__fault_rule){.kind = FAULT_DELAY, .ms = f->delay});
  if (f->cuts)
    report(object, &f->cut);
}

void netmcu__fault_tell_stop(netmcu__fault *f)
{
  if (!f->told)
    report(netmcu__stream_object(f->stream), netmcu__fault_resets(f) ? &f->reset : &f->stall);
  f->told = true;
}

static bool fits(const netmcu__fault_rule *rule, const char *peer, uint16_t port)
{
  if (rule->kind == FAULT_DNS || (rule->port && rule->port != port))
    return false;
  return rule->peer[0] == '\0' || netmcu__matches(rule->peer, peer);
}

static netmcu__fault *new_fault(netmcu_t *ctx, struct netmcu__stream *stream)
{
  struct netmcu__faults *all = faults_of(ctx);
  netmcu__fault *f = netmcu__allocate(ctx, sizeof(*f));

  if (f == NULL)
    return NULL;
  f->ctx = ctx;
  f->stream = stream;
  f->next = all->first;
  if (f->next)
    f->next->previous = f;
  all->first = f;
  return f;
}

void netmcu__fault_begin(netmcu_t *ctx, struct netmcu__stream *stream, const char *peer, uint16_t port,
                         netmcu__fault **fault)
{
  struct netmcu__faults *all = faults_of(ctx);

  for (unsigned i = 0; i < all->count; i++) {
    netmcu__fault_rule *rule = &all->rules[i];
    if (!fits(rule, peer, port) || (*fault && ((*fault)->tried >> i & 1)))
      continue;
    if (*fault == NULL)
      *fault = new_fault(ctx, stream);
    if (*fault == NULL)
      return;
    (*fault)->tried |= UINT64_C(1) << i;
    if (happens(rule))
      apply(*fault, rule);
  }
}

bool netmcu__fault_refuses(const netmcu__fault *f)
{
  return f && f->refuses;
}

bool netmcu__fault_never_opens(const netmcu__fault *f)
{
  return f && f->stalls && !f->stall.has_after;
}

/* What a limit leaves to pass. */
static uint64_t left(const netmcu__fault *f, bool there, const netmcu__fault_rule *rule, char direction)
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
  return f && left(f, f->resets, &f->reset, 0) == 0;
}

/* It stays as it is from here on, whichever way the bytes went that brought it here. */
bool netmcu__fault_stalls(netmcu__fault *f)
{
  if (f == NULL || left(f, f->stalls, &f->stall, 0) > 0)
    return false;
  if (f->waiter.deadline.previous == NULL)
    netmcu__deadline_set(&faults_of(f->ctx)->deadlines, &f->waiter.deadline, FOREVER);
  return true;
}

size_t netmcu__fault_pass(netmcu__fault *f, char direction, size_t size)
{
  uint64_t most = left(f, f->resets, &f->reset, direction), other = left(f, f->stalls, &f->stall, direction);

  if (netmcu__fault_resets(f) || netmcu__fault_stalls(f))
    return 0;
  most = other < most ? other : most;
  size = most < size ? (size_t)most : size;
  *(direction == '<' ? &f->passed_in : &f->passed_out) += size;
  netmcu__fault_stalls(f); /* which keeps the loop alive from now on */
  return size;
}

size_t netmcu__fault_frame(netmcu__fault *f, size_t most)
{
  if (f == NULL || !f->cuts)
    return most;
  size_t size = f->cut.is_random ? (size_t)(1 + next_random(&f->cut.seed) % f->cut.size) : f->cut.size;
  return most && most < size ? most : size;
}

bool netmcu__fault_delays(netmcu__fault *f)
{
  if (f == NULL || f->delay == 0 || f->delaying)
    return f && f->delaying;
  f->delaying = true;
  netmcu__deadline_set(&faults_of(f->ctx)->deadlines, &f->waiter.deadline, f->delay);
  return true;
}

bool netmcu__fault_is_delaying(const netmcu__fault *f)
{
  return f && f->delaying;
}

/* ---- lookups --------------------------------------------------------------------------------------------------------- */

bool netmcu__fault_lookup(netmcu_t *ctx, const char *host)
{
  struct netmcu__faults *all = faults_of(ctx);
  bool fails = false;

  for (unsigned i = 0; i < all->count; i++) {
    netmcu__fault_rule *rule = &all->rules[i];
    if (rule->kind == FAULT_DNS && (rule->peer[0] == '\0' || netmcu__matches(rule->peer, host)))
      fails = happens(rule) || fails;
  }
  return fails;
}

/* ---- datagrams -------------------------------------------------------------------------------------------------------- */

static late_datagram *take_oldest(struct netmcu__faults *all, uint32_t due)
{
  late_datagram **oldest = NULL;

  for (late_datagram **place = &all->late; *place; place = &(*place)->next)
    if ((*place)->due == due)
      oldest = place;
  if (oldest == NULL)
    return NULL;
  late_datagram *d = *oldest;
  *oldest = d->next;
  netmcu__deadline_clear(&all->deadlines, &d->waiter.deadline);
  return d;
}

/* All that are due together, in the order in which they came: deadlines of one time have none. */
static void deliver_late(netmcu_t *ctx, uint32_t due)
{
  for (late_datagram *d; (d = take_oldest(faults_of(ctx), due)) != NULL;) {
    netmcu__udp_deliver(d->to, d->data, d->size, &d->from);
    netmcu__release(ctx, d);
  }
}

static void expired(netmcu_t *ctx, netmcu__deadline *deadline)
{
  waiter *w = netmcu__container(deadline, waiter, deadline);
  netmcu__fault *f = netmcu__container(w, netmcu__fault, waiter);

  if (w->is_datagram) {
    deliver_late(ctx, netmcu__container(w, late_datagram, waiter)->due);
  } else if (f->delaying) {
    f->delaying = false;
    netmcu__stream_delayed(f->stream);
  } else {
    netmcu__deadline_set(&faults_of(ctx)->deadlines, deadline, FOREVER); /* still stalled */
  }
}

/* Without memory it is lost, as datagrams may be. */
static void delay_datagram(netmcu_udp *u, netmcu_t *ctx, uint32_t ms, const netmcu_address *from, const void *data,
                           size_t size)
{
  struct netmcu__faults *all = faults_of(ctx);
  late_datagram *d = netmcu__allocate(ctx, sizeof(*d) + size);

  if (d == NULL)
    return;
  d->waiter.is_datagram = true;
  d->to = u;
  d->from = *from;
  d->size = size;
  if (size)
    memcpy(d->data, data, size);
  d->next = all->late;
  all->late = d;
  netmcu__deadline_set(&all->deadlines, &d->waiter.deadline, ms);
  d->due = d->waiter.deadline.when;
}

bool netmcu__fault_datagram(netmcu_udp *u, char direction, const netmcu_address *peer, const void *data, size_t size)
{
  netmcu_t *ctx = netmcu_udp_context(u);
  struct netmcu__faults *all = faults_of(ctx);
  netmcu_address own = {{0}, 0};
  char ip[NETMCU_IP_SIZE];

  netmcu_udp_getaddr(u, &own);
  netmcu_ip_text(peer, ip);
  for (unsigned i = 0; i < all->count; i++) {
    netmcu__fault_rule *rule = &all->rules[i];
    bool is_there = fits(rule, ip, peer->port) || fits(rule, ip, own.port);
    if (!is_there || rule->has_after || rule->kind == FAULT_CUT || (rule->kind == FAULT_DELAY && direction == '>'))
      continue;
    if (!happens(rule))
      continue;
    if (netmcu__is_traced(ctx))
      report((const netmcu__object *)u, rule);
    if (rule->kind == FAULT_DELAY)
      delay_datagram(u, ctx, rule->ms, peer, data, size);
    return true;
  }
  return false;
}

void netmcu__fault_forget_udp(netmcu_udp *u)
{
  netmcu_t *ctx = netmcu_udp_context(u);
  struct netmcu__faults *all = faults_of(ctx);
  late_datagram **place = all ? &all->late : NULL;

  while (place && *place) {
    late_datagram *d = *place;
    if (d->to != u) {
      place = &d->next;
      continue;
    }
    *place = d->next;
    netmcu__deadline_clear(&all->deadlines, &d->waiter.deadline);
    netmcu__release(ctx, d);
  }
}
