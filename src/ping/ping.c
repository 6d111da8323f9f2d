/* A ping. It has one request on its way at a time. The next request follows when the time for the
 * reply is over.
 *
 *   netmcu_ping ──▶ RESOLVING ──▶ RUNNING ──last reply or loss──▶ gone        not found, cancelled ──▶ gone
 *
 * As on the device, all pings of a context share the sequence numbers. A new ping silences those that
 * are running: replies to requests that they send afterwards are ignored. */
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/memory.h"
#include "dns/lookup.h"
#include "edge/route.h"
#include "edge/trace.h"
#include "ping/ping_private.h"

#define DEFAULT_COUNT 4

static netmcu__pinger *pinger_of(const ping *p)
{
  return netmcu__part(p->object.ctx, NETMCU__PINGER);
}

/* Nanoseconds of the clock. */
static uint64_t time_of(const ping *p)
{
  netmcu__stack *stack = netmcu__stack_of(p->object.ctx);

  return netmcu__time(stack);
}

/* ---- life ------------------------------------------------------------------------------------ */

static void remove_ping(ping *p)
{
  ping **place = &pinger_of(p)->first;

  while (*place != p)
    place = &(*place)->next;
  *place = p->next;
}

static void end_ping(ping *p)
{
  netmcu__pinger *all = pinger_of(p);
  netmcu_lookup *lookup = p->lookup;

  p->lookup = NULL;
  if (lookup)
    netmcu_lookup_cancel(lookup);
  remove_ping(p);
  netmcu__object_release(&p->object);
  netmcu__pinger_set_deadline(all);
}

static void object_free(netmcu__object *object)
{
  end_ping((ping *)object);
}

static bool object_is_open(const netmcu__object *object)
{
  (void)object;
  return true;
}

static void object_describe(const netmcu__object *object, char *text, size_t size)
{
  const ping *p = (const ping *)object;

  snprintf(text, size, p->has_begun ? "net.ping (%s, %u of %u)" : "net.ping (%s, resolving)", p->host, p->transmitted,
           p->count);
}

/* ---- events ---------------------------------------------------------------------------------- */

static void trace(const ping *p, char direction, const char *what)
{
  netmcu__trace(&p->object,
                (netmcu_trace_event){
                    .direction = direction, .what = what, .name = p->host, .peer = p->has_begun ? &p->address : NULL});
}

/* Returns whether the ping goes on: its own callback may have ended it. */
static bool emit_reply(ping *p, size_t bytes, const netmcu_address *from, unsigned sequence, double milliseconds)
{
  netmcu__count_event(p->object.ctx);
  if (netmcu__is_traced(p->object.ctx))
    trace(p, '<', bytes ? "reply" : "loss");
  netmcu__object_enter(&p->object);
  if (p->events->reply)
    p->events->reply(p->data, bytes, from, sequence, milliseconds);
  bool goes_on = !p->object.freed;
  netmcu__object_leave(&p->object);
  return goes_on;
}

static void finish_ping(ping *p)
{
  netmcu_ping_summary summary = {
      .address = p->address, .transmitted = p->transmitted, .lost = p->lost, .bytes = p->bytes};

  summary.total_time = (unsigned)((time_of(p) - p->started) / 1000000);
  netmcu__object_enter(&p->object);
  end_ping(p);
  if (p->events->done)
    p->events->done(p->data, &summary);
  netmcu__object_leave(&p->object);
}

/* ---- requests -------------------------------------------------------------------------------- */

static uint16_t next_sequence(netmcu__pinger *all)
{
  all->sequence = (all->sequence + 1) & 0x7fff; /* as on the device, where it is signed */
  return all->sequence;
}

/* Makes a payload that cannot be guessed without seeing the request. */
static void fill_payload(ping *p)
{
  netmcu__stack *stack = netmcu__stack_of(p->object.ctx);
  uint64_t now = time_of(p);

  memset(p->payload, 0, sizeof(p->payload));
  memcpy(p->payload, &now, sizeof(now));
  stack->clock->random(stack, p->payload, sizeof(p->payload));
}

static void send_request(ping *p)
{
  netmcu__pinger *all = pinger_of(p);

  p->sequence = next_sequence(all);
  fill_payload(p);
  p->is_outstanding = true;
  p->is_silent = p->is_silenced;
  p->transmitted++;
  p->sent = time_of(p);
  if (netmcu__is_traced(p->object.ctx))
    trace(p, '>', "request");
  all->user.operations->send(all->echoes[p->real.family], &p->real, p->sequence, p->payload);
}

/* Keeps the pace of one request a second. After a pause of the whole program, a new pace begins. */
static void set_due(ping *p)
{
  netmcu__stack *stack = netmcu__stack_of(p->object.ctx);
  uint64_t now = netmcu__now(stack);

  p->due += NETMCU__ECHO_TIMEOUT;
  if (p->due < now + NETMCU__ECHO_TIMEOUT * 9 / 10)
    p->due = now + NETMCU__ECHO_TIMEOUT;
}

void netmcu__ping_end_request(ping *p)
{
  bool is_lost = p->is_outstanding;

  p->is_outstanding = false;
  if (is_lost) {
    p->lost++;
    if (!emit_reply(p, 0, &p->address, 0, 0))
      return;
  }
  if (p->transmitted == p->count) {
    finish_ping(p);
    return;
  }
  send_request(p);
  set_due(p);
}

void netmcu__ping_replied(ping *p, uint64_t age)
{
  if (p->is_silent)
    return;
  uint64_t elapsed = time_of(p) - p->sent;
  elapsed -= age < elapsed ? age : 0; /* the system's clock may have been set in between */
  p->is_outstanding = false;
  p->bytes += NETMCU__ECHO_PAYLOAD;
  if (emit_reply(p, NETMCU__ECHO_PAYLOAD, &p->address, p->sequence, (double)elapsed / 1e6) &&
      p->transmitted == p->count)
    finish_ping(p);
}

/* ---- beginning ------------------------------------------------------------------------------- */

static void begin_ping(ping *p)
{
  for (ping *other = pinger_of(p)->first; other; other = other->next)
    if (other != p && other->has_begun) /* A ping that is still resolving its name has not begun. */
      other->is_silenced = true;
  p->has_begun = true;
  p->real = p->address;
  if (netmcu__is_routed(p->object.ctx))
    netmcu__route_to(p->object.ctx, &p->real);
  p->started = time_of(p);
  p->due = p->started / 1000000 + NETMCU__ECHO_TIMEOUT; /* The clock's `now` may be out of date. */
  send_request(p);
  netmcu__pinger_set_deadline(pinger_of(p));
}

static void on_resolved(void *data, int error, const netmcu_address *addresses, size_t count)
{
  ping *p = data;

  (void)error;
  p->lookup = NULL;
  while (count > 0 && netmcu__pinger_open(pinger_of(p), addresses->family)) {
    addresses++;
    count--;
  }
  if (count > 0) {
    p->address = *addresses;
    begin_ping(p);
  } else if (emit_reply(p, 0, NULL, 0, 0)) {
    end_ping(p);
  }
}

/* An address begins at once, before the timers that a script starts afterwards: what the device
 * prints for overlapping pings depends on that order. */
static int start_ping(ping *p)
{
  if (!netmcu__read_literal(p->object.ctx, p->host, &p->address))
    return netmcu_resolve(p->object.ctx, p->host, on_resolved, p, &p->lookup);
  begin_ping(p);
  return 0;
}

static ping *new_ping(netmcu__pinger *all, const char *host, unsigned count, const netmcu_ping_events *events,
                      void *data)
{
  static const netmcu__class ping_class = {"net.ping", object_free, object_is_open, object_describe};
  static const netmcu_ping_events no_events;
  size_t size = strlen(host) + 1;
  ping *p = netmcu__allocate(all->user.stack->ctx, sizeof(*p) + size);
  ping **place = &all->first;

  if (p == NULL)
    return NULL;
  memcpy(p->host, host, size);
  p->count = count ? count : DEFAULT_COUNT;
  p->events = events ? events : &no_events;
  p->data = data;
  netmcu__object_add(&p->object, all->user.stack->ctx, &ping_class);
  while (*place)
    place = &(*place)->next;
  *place = p;
  return p;
}

/* ---- the functions of the header ------------------------------------------------------------- */

int netmcu_ping(netmcu_t *ctx, const char *host, unsigned count, const netmcu_ping_events *events, void *data,
                netmcu_ping_t **out)
{
  netmcu_address literal = {.port = 0};

  if (host == NULL || (!netmcu__read_literal(ctx, host, &literal) && !netmcu__is_host_name(host)))
    return NETMCU_EARGUMENT;
  netmcu__pinger *all = netmcu__pinger_get(ctx);
  int error = all ? netmcu__pinger_open(all, literal.family) : NETMCU_ENOMEM;
  if (error)
    return error;
  ping *p = new_ping(all, host, count, events, data);
  if (p == NULL)
    return NETMCU_ENOMEM;
  error = start_ping(p);
  if (error)
    end_ping(p);
  else if (out)
    *out = p;
  return error;
}

void netmcu_ping_cancel(netmcu_ping_t *p)
{
  end_ping(p);
}
