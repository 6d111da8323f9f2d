/* Pings. Each ping has one request on its way at a time. The next request follows when the time for
 * the reply is over.
 *
 *   netmcu_ping ──▶ RESOLVING ──▶ RUNNING ──last reply or loss──▶ gone        not found, cancelled ──▶ gone
 *
 * All pings of a context share its access to ICMP echo, one deadline, and, as on the device, the
 * sequence numbers. A new ping silences those that are running: replies to requests that they send
 * afterwards are ignored. */
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/memory.h"
#include "base/object.h"
#include "dns/lookup.h"
#include "edge/route.h"
#include "edge/trace.h"
#include "stack/deadline.h"
#include "stack/stack.h"

typedef struct netmcu_ping_t ping;

struct netmcu_ping_t {
  netmcu__object object;
  ping *next;
  const netmcu_ping_events *events;
  void *data;
  netmcu_lookup *lookup;
  netmcu_address address; /* as asked for, … */
  netmcu_address real;    /* … and what the rules make of it */
  unsigned count, transmitted, lost;
  size_t bytes;
  uint64_t started; /* ns of the clock */
  uint64_t due;     /* ms of the clock: when the request ends */
  uint64_t sent;    /* ns of the clock: when it was sent */
  uint16_t sequence;
  uint8_t payload[NETMCU__ECHO_PAYLOAD];
  bool has_begun;      /* The name is resolved. */
  bool is_outstanding; /* the request has no reply yet */
  bool is_silent;      /* its reply is ignored */
  bool is_silenced;    /* so are the replies to later requests */
  char host[];
};

/* The part of a context. */
typedef struct pinger {
  netmcu__echo_user user;
  netmcu__stack_echo *echoes[2]; /* by family; NULL while it is not open */
  netmcu__deadlines deadlines;
  netmcu__deadline next_end; /* when the first of the requests ends */
  ping *first;               /* oldest first */
  uint16_t sequence;
} pinger;

#define DEFAULT_COUNT 4

static pinger *pinger_of(const ping *p)
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

static void set_deadline(pinger *all);

static void end_ping(ping *p)
{
  pinger *all = pinger_of(p);
  netmcu_lookup *lookup = p->lookup;

  p->lookup = NULL;
  if (lookup)
    netmcu_lookup_cancel(lookup);
  remove_ping(p);
  netmcu__object_release(&p->object);
  set_deadline(all);
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

static uint16_t next_sequence(pinger *all)
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
  pinger *all = pinger_of(p);

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

static void end_request(ping *p)
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

static ping *find_earliest(const pinger *all)
{
  ping *found = NULL;

  for (ping *p = all->first; p; p = p->next)
    if (p->has_begun && (found == NULL || p->due < found->due))
      found = p;
  return found;
}

/* Replies that arrived while a script kept the loop busy do not count as lost. */
static void on_deadline(netmcu_t *ctx, netmcu__deadline *deadline)
{
  pinger *all = netmcu__container(deadline, pinger, next_end);
  uint64_t now = netmcu__now(all->user.stack);

  (void)ctx;
  for (int i = 0; i < 2; i++)
    if (all->echoes[i])
      all->user.operations->receive(all->echoes[i]);
  for (ping *p = find_earliest(all); p && p->due <= now; p = find_earliest(all))
    end_request(p);
  set_deadline(all);
}

/* While pings run, the deadline keeps the loop running and replies are received. */
static void set_deadline(pinger *all)
{
  const ping *next = find_earliest(all);

  if (next)
    netmcu__deadline_set_at(&all->deadlines, &all->next_end, next->due);
  else
    netmcu__deadline_clear(&all->deadlines, &all->next_end);
  for (int i = 0; i < 2; i++)
    if (all->echoes[i])
      (next ? all->user.operations->start : all->user.operations->stop)(all->echoes[i]);
}

static ping *find_request(const pinger *all, const netmcu_address *from, uint16_t sequence, const uint8_t *payload)
{
  ping *p = all->first;

  while (p && !(p->is_outstanding && p->sequence == sequence && netmcu__same_ip(&p->real, from) &&
                memcmp(p->payload, payload, sizeof(p->payload)) == 0))
    p = p->next;
  return p;
}

static void on_replied(netmcu__stack_echo *echo, const netmcu_address *from, uint16_t sequence, const uint8_t *payload,
                       uint64_t age)
{
  ping *p = find_request((pinger *)netmcu__echo_user_of(echo), from, sequence, payload);

  if (p == NULL || p->is_silent)
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
  set_deadline(pinger_of(p));
}

static int open_echo(pinger *all, uint16_t family);

static void on_resolved(void *data, int error, const netmcu_address *addresses, size_t count)
{
  ping *p = data;

  (void)error;
  p->lookup = NULL;
  while (count > 0 && open_echo(pinger_of(p), addresses->family)) {
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

static ping *new_ping(pinger *all, const char *host, unsigned count, const netmcu_ping_events *events, void *data)
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

/* ---- the part of the context ----------------------------------------------------------------- */

static void on_closed(netmcu__stack_echo *echo)
{
  netmcu__release(netmcu__echo_user_of(echo)->stack->ctx, echo);
}

static bool begin_pinger(netmcu_t *ctx, void *part)
{
  static const netmcu__echo_events events = {on_replied, on_closed};
  netmcu__stack *stack = netmcu__stack_of(ctx);
  pinger *all = part;

  all->user = (netmcu__echo_user){stack, stack->echo, &events};
  netmcu__deadlines_init(&all->deadlines, ctx, on_deadline, true);
  return true;
}

static void close_pinger(netmcu_t *ctx, void *part)
{
  pinger *all = part;

  (void)ctx;
  for (int i = 0; i < 2; i++) {
    if (all->echoes[i])
      all->user.operations->close(all->echoes[i]);
    all->echoes[i] = NULL;
  }
}

static pinger *get_pinger(netmcu_t *ctx)
{
  static const netmcu__part_class pinger_class = {.size = sizeof(pinger), .begin = begin_pinger, .close = close_pinger};

  return netmcu__part_get(ctx, NETMCU__PINGER, &pinger_class);
}

/* Opens the access to ICMP echo, if it is not open. */
static int open_echo(pinger *all, uint16_t family)
{
  netmcu_t *ctx = all->user.stack->ctx;

  if (all->echoes[family])
    return 0;
  netmcu__stack_echo *echo = netmcu__allocate(ctx, all->user.operations->size);
  if (echo == NULL)
    return NETMCU_ENOMEM;
  int error = all->user.operations->open(&all->user, echo, family);
  if (error)
    netmcu__release(ctx, echo);
  else
    all->echoes[family] = echo;
  return error;
}

/* ---- the functions of the header ------------------------------------------------------------- */

int netmcu_ping(netmcu_t *ctx, const char *host, unsigned count, const netmcu_ping_events *events, void *data,
                netmcu_ping_t **out)
{
  netmcu_address literal = {.port = 0};

  if (host == NULL || (!netmcu__read_literal(ctx, host, &literal) && !netmcu__is_host_name(host)))
    return NETMCU_EARGUMENT;
  pinger *all = get_pinger(ctx);
  int error = all ? open_echo(all, literal.family) : NETMCU_ENOMEM;
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
