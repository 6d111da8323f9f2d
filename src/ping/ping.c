/* Pings. Each has one request on its way at a time: its time-out is the time for the next one.
 *
 *   netmcu_ping ──▶ RESOLVING ──▶ RUNNING ──last reply or loss──▶ gone        not found, cancelled ──▶ gone
 *
 * What they share is the context's: the ICMP socket, one timer, and as on the device the sequence numbers. A ping that
 * begins silences those that run: of what they send from there on, no reply is taken. */
#include <stdio.h>
#include <string.h>

#include "edge/edge.h"
#include "ping/ping.h"

typedef struct ping {
  netmcu__object object;
  struct ping *next;
  const netmcu_ping_events *events;
  void *data;
  netmcu_lookup *lookup;
  netmcu_address address;
  char ip[NETMCU_IP_SIZE]; /* empty while it resolves */
  unsigned count, transmitted, lost;
  size_t bytes;
  uint64_t started; /* ns, of uv_hrtime */
  uint64_t due;     /* ms, of uv_now: the end of the request */
  uint64_t sent;    /* ns, of uv_hrtime: its beginning */
  uint16_t sequence;
  uint8_t payload[NETMCU__PING_PAYLOAD];
  bool outstanding;
  bool silent;   /* replies to it are not heard */
  bool silenced; /* nor to those that follow */
  char host[];
} ping;

struct netmcu__pinger {
  netmcu_t *ctx;
  uv_timer_t timer;
  netmcu__icmp *icmp;
  ping *first; /* oldest first */
  uint16_t sequence;
};

#define DEFAULT_COUNT 4

static struct netmcu__pinger *pinger(const ping *p)
{
  return netmcu__parts(p->object.ctx)->pinger;
}

/* ---- life ----------------------------------------------------------------------------------------------- */

static void remove_ping(ping *p)
{
  ping **place = &pinger(p)->first;

  while (*place != p)
    place = &(*place)->next;
  *place = p->next;
}

static void arm(struct netmcu__pinger *pinger);

static void end_ping(ping *p)
{
  netmcu_t *ctx = p->object.ctx;

  netmcu_lookup *lookup = p->lookup;
  p->lookup = NULL;
  if (lookup)
    netmcu_lookup_cancel(lookup);
  remove_ping(p);
  netmcu__object_release(&p->object);
  arm(netmcu__parts(ctx)->pinger);
}

static void object_free(netmcu__object *object)
{
  end_ping((ping *)object);
}

static bool object_describe(const netmcu__object *object, char *text, size_t size)
{
  const ping *p = (const ping *)object;

  snprintf(text, size, p->ip[0] ? "net.ping (%s, %u of %u)" : "net.ping (%s, resolving)", p->host, p->transmitted,
           p->count);
  return true;
}

/* ---- events --------------------------------------------------------------------------------------------- */

static void trace(const ping *p, char direction, const char *what)
{
  netmcu_address address = {{0}, 0};
  bool known = netmcu_ip_parse(p->ip, &address) == 0;

  netmcu__trace(
      &p->object,
      (netmcu_trace_event){.direction = direction, .what = what, .name = p->host, .peer = known ? &address : NULL});
}

/* Returns whether the ping goes on, which its own callback may have ended. */
static bool emit_reply(ping *p, size_t bytes, const char *ip, unsigned sequence, double milliseconds)
{
  netmcu__count_event(p->object.ctx);
  if (netmcu__is_traced(p->object.ctx))
    trace(p, '<', bytes ? "reply" : "loss");
  netmcu__object_enter(&p->object);
  if (p->events->reply)
    p->events->reply(p->data, bytes, ip, sequence, milliseconds);
  bool goes_on = !p->object.freed;
  netmcu__object_leave(&p->object);
  return goes_on;
}

static void finish(ping *p)
{
  netmcu_ping_summary summary = {.ip = p->ip, .transmitted = p->transmitted, .lost = p->lost, .bytes = p->bytes};

  summary.total_time = (unsigned)((uv_hrtime() - p->started) / 1000000);
  netmcu__object_enter(&p->object);
  end_ping(p);
  if (p->events->done)
    p->events->done(p->data, &summary);
  netmcu__object_leave(&p->object);
}

/* ---- requests ------------------------------------------------------------------------------------------- */

static uint16_t next_sequence(struct netmcu__pinger *pinger)
{
  pinger->sequence = (pinger->sequence + 1) & 0x7fff; /* as on the device, whose number is signed */
  return pinger->sequence;
}

/* A payload that nobody can guess who did not see the request. */
static void fill_payload(ping *p)
{
  uint64_t now = uv_hrtime();

  memset(p->payload, 0, sizeof(p->payload));
  memcpy(p->payload, &now, sizeof(now));
  uv_random(NULL, NULL, p->payload, sizeof(p->payload), 0, NULL);
}

static void send_request(ping *p)
{
  struct netmcu__pinger *all = pinger(p);

  p->sequence = next_sequence(all);
  fill_payload(p);
  p->outstanding = true;
  p->silent = p->silenced;
  p->transmitted++;
  p->sent = uv_hrtime();
  if (netmcu__is_traced(p->object.ctx))
    trace(p, '>', "request");
  netmcu__icmp_send(all->icmp, &p->address, p->sequence, p->payload);
}

/* Keeps to the second; after a pause of the whole program the pace begins anew. */
static void set_due(ping *p)
{
  uint64_t now = uv_now(netmcu_loop(p->object.ctx));

  p->due += NETMCU__PING_TIMEOUT;
  if (p->due < now + NETMCU__PING_TIMEOUT * 9 / 10)
    p->due = now + NETMCU__PING_TIMEOUT;
}

static void request_ended(ping *p)
{
  bool lost = p->outstanding;

  p->outstanding = false;
  if (lost) {
    p->lost++;
    if (!emit_reply(p, 0, p->ip, 0, 0))
      return;
  }
  if (p->transmitted == p->count) {
    finish(p);
    return;
  }
  send_request(p);
  set_due(p);
}

static ping *earliest(struct netmcu__pinger *pinger)
{
  ping *found = NULL;

  for (ping *p = pinger->first; p; p = p->next)
    if (p->ip[0] && (found == NULL || p->due < found->due))
      found = p;
  return found;
}

/* Replies that wait in the socket while a script kept the loop busy are no losses. */
static void timer_fired(uv_timer_t *timer)
{
  struct netmcu__pinger *all = netmcu__container(timer, struct netmcu__pinger, timer);
  uint64_t now = uv_now(timer->loop);

  netmcu__icmp_receive(all->icmp);
  for (ping *p = earliest(all); p && p->due <= now; p = earliest(all))
    request_ended(p);
  arm(all);
  netmcu__refresh_time(all->ctx);
}

/* While pings run: the timer keeps the loop alive, and the socket is listened to. */
static void arm(struct netmcu__pinger *pinger)
{
  const ping *next = earliest(pinger);
  uint64_t now = uv_now(netmcu_loop(pinger->ctx));

  if (pinger->icmp == NULL) /* closed */
    return;
  if (next == NULL) {
    uv_timer_stop(&pinger->timer);
    netmcu__icmp_stop(pinger->icmp);
    return;
  }
  uv_timer_start(&pinger->timer, timer_fired, next->due > now ? next->due - now : 0, 0);
  netmcu__icmp_start(pinger->icmp);
}

static void reply_came(netmcu_t *ctx, const netmcu_address *from, const netmcu__echo *reply, uint64_t age)
{
  ping *p = netmcu__parts(ctx)->pinger->first;

  while (p && !(p->outstanding && p->sequence == reply->sequence && netmcu__same_ip(&p->address, from) &&
                memcmp(p->payload, reply->payload, sizeof(p->payload)) == 0))
    p = p->next;
  if (p == NULL || p->silent)
    return;
  uint64_t elapsed = uv_hrtime() - p->sent;
  elapsed -= age < elapsed ? age : 0; /* the system's clock may have been set in between */
  p->outstanding = false;
  p->bytes += NETMCU__PING_PAYLOAD;
  if (emit_reply(p, NETMCU__PING_PAYLOAD, p->ip, p->sequence, (double)elapsed / 1e6) && p->transmitted == p->count)
    finish(p);
}

/* ---- beginning ------------------------------------------------------------------------------------------ */

static void begin(ping *p)
{
  uv_loop_t *loop = netmcu_loop(p->object.ctx);

  for (ping *other = pinger(p)->first; other; other = other->next)
    other->silenced = other->silenced || (other != p && *other->ip); /* those that resolve have not begun */
  netmcu_ip_text(&p->address, p->ip);
  if (netmcu__is_routed(p->object.ctx))
    netmcu__route_to(p->object.ctx, &p->address);
  p->started = uv_hrtime();
  uv_update_time(loop); /* which may be as old as the callback that runs */
  p->due = uv_now(loop) + NETMCU__PING_TIMEOUT;
  send_request(p);
  arm(pinger(p));
}

static void resolved(void *data, int error, const char *ip)
{
  ping *p = data;

  p->lookup = NULL;
  if (error == 0 && netmcu_ip_parse(ip, &p->address) == 0)
    begin(p);
  else if (emit_reply(p, 0, NULL, 0, 0))
    end_ping(p);
}

/* An address begins at once, before the timers that a script starts behind it: what the device prints for overlapping
 * pings depends on that order. */
static int start(ping *p)
{
  if (netmcu_ip_parse(p->host, &p->address))
    return netmcu_resolve(p->object.ctx, p->host, resolved, p, &p->lookup);
  begin(p);
  return 0;
}

static ping *new_ping(netmcu_t *ctx, const char *host, unsigned count, const netmcu_ping_events *events, void *data)
{
  static const netmcu__class ping_class = {"net.ping", object_free, object_describe};
  static const netmcu_ping_events no_events;
  size_t size = strlen(host) + 1;
  ping *p = netmcu__allocate(ctx, sizeof(*p) + size);
  ping **place = &netmcu__parts(ctx)->pinger->first;

  if (p == NULL)
    return NULL;
  memcpy(p->host, host, size);
  p->count = count ? count : DEFAULT_COUNT;
  p->events = events ? events : &no_events;
  p->data = data;
  netmcu__object_add(&p->object, ctx, &ping_class);
  while (*place)
    place = &(*place)->next;
  *place = p;
  return p;
}

/* The context's pinger, with its socket. */
static int open_pinger(netmcu_t *ctx)
{
  struct netmcu__parts *parts = netmcu__parts(ctx);
  netmcu__icmp *icmp;

  if (parts->pinger)
    return 0;
  int error = netmcu__icmp_open(ctx, reply_came, &icmp);
  if (error)
    return error;
  parts->pinger = netmcu__allocate(ctx, sizeof(*parts->pinger));
  if (parts->pinger == NULL) {
    netmcu__icmp_close(icmp);
    return NETMCU_ENOMEM;
  }
  parts->pinger->ctx = ctx;
  parts->pinger->icmp = icmp;
  uv_timer_init(netmcu_loop(ctx), &parts->pinger->timer);
  netmcu__handle_opened(ctx);
  return 0;
}

int netmcu_ping(netmcu_t *ctx, const char *host, unsigned count, const netmcu_ping_events *events, void *data)
{
  if (!netmcu__is_host(host))
    return NETMCU_EARGUMENT;
  int error = open_pinger(ctx);
  if (error)
    return error;
  ping *p = new_ping(ctx, host, count, events, data);
  if (p == NULL)
    return NETMCU_ENOMEM;
  error = start(p);
  if (error)
    end_ping(p);
  return error;
}

/* ---- ending --------------------------------------------------------------------------------------------- */

void netmcu_ping_cancel(netmcu_t *ctx, void *data)
{
  struct netmcu__pinger *all = netmcu__parts(ctx)->pinger;

  for (ping *p = all ? all->first : NULL, *next; p; p = next) {
    next = p->next;
    if (p->data == data)
      end_ping(p);
  }
}

static void timer_closed(uv_handle_t *timer)
{
  netmcu__handle_closed(netmcu__container(timer, struct netmcu__pinger, timer)->ctx);
}

void netmcu__pinger_close(netmcu_t *ctx)
{
  struct netmcu__pinger *all = netmcu__parts(ctx)->pinger;

  if (all == NULL)
    return;
  netmcu__icmp_close(all->icmp);
  all->icmp = NULL;
  uv_close((uv_handle_t *)&all->timer, timer_closed);
}
