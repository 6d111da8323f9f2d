/* Hosts, and the stack on which the context of a host stands. */
#include "base/memory.h"
#include "stack/deadline.h"
#include "stack/sim.h"

/* The ESP8266's lwIP. All of its times are multiples of its two timers. */
const netmcu__sim_profile netmcu__sim_device = {
    .streams = &netmcu__sim_device_streams,
    .is_device = true,
    .send_buffer = 2 * 1460,
    .receive_window = 4 * 1460,
    .window_scale = NO_SCALE,
    .ttl = 255,
    .initial_window = 1,
    .retransmissions = 12,
    .syn_retransmissions = 6,
    .rto = 1 * SECOND,
    .least_rto = 0,
    .fast_tick = 125 * MILLISECOND,
    .slow_tick = 250 * MILLISECOND,
    .acknowledgement_delay = 1,
    .keepalive_probes = 1,
    .keepalive_interval = 75 * SECOND,
    .syn_received = 20 * SECOND,
    .fin_wait_2 = 20 * SECOND,
    .time_wait = 10 * SECOND,
    .first_port = 49152,
    .datagram_queue = 8 * 1500,
};

/* Linux, with its defaults (man 7 tcp, RFC 6298, RFC 6928). */
const netmcu__sim_profile netmcu__sim_desktop = {
    .streams = &netmcu__sim_desktop_streams,
    .send_buffer = 256 * 1024,
    .receive_window = 256 * 1024,
    .window_scale = 7,
    .ttl = 64,
    .initial_window = 10,
    .retransmissions = 15,
    .syn_retransmissions = 6,
    .rto = 1 * SECOND,
    .least_rto = 200 * MILLISECOND,
    .acknowledgement_delay = 40 * MILLISECOND,
    .keepalive_probes = 10,
    .keepalive_interval = 1 * SECOND,
    .syn_received = 60 * SECOND,
    .fin_wait_2 = 60 * SECOND,
    .time_wait = 60 * SECOND,
    .first_port = 32768,
    .datagram_queue = 212992,
};

/* ---- clocks ------------------------------------------------------------------------------------ */

#define CLOCK_BEGIN (1000 * SECOND) /* the clock of a context is never 0, as on a real system */
#define MOST_DRIFT  500000

static uint64_t drifted(const netmcu_sim_host *host, uint64_t time)
{
  return time + (uint64_t)((int64_t)(time / 1000000) * host->drift);
}

static netmcu_sim_host *host_of(netmcu__stack *stack)
{
  return netmcu__sim_stack_of(stack)->host;
}

static uint64_t time_of_call(netmcu__stack *stack)
{
  return CLOCK_BEGIN + drifted(host_of(stack), host_of(stack)->world->now);
}

static uint64_t now(netmcu__stack *stack)
{
  return time_of_call(stack) / MILLISECOND;
}

static void update(netmcu__stack *stack)
{
  (void)stack;
}

/* `later` on the host's clock, as a time of the world, and rounded up. */
static uint64_t world_time(const netmcu_sim_host *host, uint64_t later)
{
  uint64_t rate = (uint64_t)(1000000 + host->drift);

  if (host->drift == 0)
    return later;
  return later / rate * 1000000 + later % rate * 1000000 / rate + MICROSECOND;
}

static void set_timer(netmcu__stack *stack, uint64_t timeout)
{
  netmcu__sim_stack *s = netmcu__sim_stack_of(stack);
  netmcu_sim *world = s->host->world;
  uint64_t target = (now(stack) + timeout) * MILLISECOND, time = time_of_call(stack);

  netmcu__sim_set(world, &s->timer, world->now + (target > time ? world_time(s->host, target - time) : 0));
}

static void stop_timer(netmcu__stack *stack)
{
  netmcu__sim_stack *s = netmcu__sim_stack_of(stack);

  netmcu__sim_clear(s->host->world, &s->timer);
}

static void keep_alive(netmcu__stack *stack, bool keep_alive)
{
  netmcu__sim_stack_of(stack)->timer_keeps_alive = keep_alive;
}

static int get_random(netmcu__stack *stack, void *buffer, size_t size)
{
  unsigned char *bytes = buffer;

  for (size_t i = 0; i < size; i++)
    bytes[i] = (unsigned char)(netmcu_sim_host_random(host_of(stack)) >> 56);
  return 0;
}

uint64_t netmcu_sim_host_random(netmcu_sim_host *host)
{
  return netmcu__sim_next_random(&host->random);
}

netmcu_sim *netmcu_sim_of(const netmcu_sim_host *host)
{
  return host->world;
}

static const netmcu__clock sim_clock = {now, time_of_call, update, set_timer, stop_timer, keep_alive, get_random};

void netmcu_sim_set_clock(netmcu_sim_host *host, int64_t skew, int32_t drift)
{
  host->skew = skew * (int64_t)MICROSECOND;
  host->drift = drift < -MOST_DRIFT ? -MOST_DRIFT : drift > MOST_DRIFT ? MOST_DRIFT : drift;
}

uint64_t netmcu_sim_clock(const netmcu_sim_host *host)
{
  return host->world->start + (drifted(host, host->world->now) + (uint64_t)host->skew) / MICROSECOND;
}

/* ---- the stack of a context -------------------------------------------------------------------- */

static void on_timer(netmcu__sim_event *event)
{
  netmcu__deadlines_expire(&netmcu__container(event, netmcu__sim_stack, timer)->stack);
}

static void on_turn(netmcu__sim_event *event)
{
  netmcu__sim_stack *s = netmcu__container(event, netmcu__sim_stack, turn);

  if (netmcu__tasks_run(s->stack.ctx))
    netmcu__sim_set(s->host->world, &s->turn, 0);
  else if (s->is_closing)
    netmcu__handle_closed(s->stack.ctx);
}

static netmcu__stack *begin(netmcu_t *ctx, void *data)
{
  netmcu__sim_stack *s = netmcu__allocate(ctx, sizeof(*s));
  netmcu_sim_host *host = data;

  if (s == NULL)
    return NULL;
  s->stack = (netmcu__stack){.ctx = ctx,
                             .clock = &sim_clock,
                             .streams = host->profile->streams,
                             .datagrams = &netmcu__sim_datagrams,
                             .echo = &netmcu__sim_echo,
                             .interfaces = &netmcu__sim_interfaces};
  s->host = host;
  s->turn.run = on_turn;
  s->timer.run = on_timer;
  s->stack.started = time_of_call(&s->stack);
  netmcu__head_of(ctx)->is_device = host->profile->is_device;
  host->stack = s;
  host->world->contexts++;
  return &s->stack;
}

static void wake(netmcu__stack *stack)
{
  netmcu__sim_stack *s = netmcu__sim_stack_of(stack);

  if (!netmcu__heap_has(&s->turn.node))
    netmcu__sim_set(s->host->world, &s->turn, 0);
}

static void close_stack(netmcu__stack *stack)
{
  netmcu__sim_stack_of(stack)->is_closing = true;
  wake(stack);
}

static void end(netmcu__stack *stack)
{
  netmcu__sim_stack *s = netmcu__sim_stack_of(stack);
  netmcu_sim_host *host = s->host;

  if (s->is_gone)
    *s->is_gone = true;
  if (host->stack == s)
    host->stack = NULL;
  host->world->contexts--;
  netmcu__sim_clear(host->world, &s->timer);
  netmcu__sim_clear(host->world, &s->turn);
  netmcu__release(stack->ctx, s);
}

typedef struct run {
  netmcu__sim_stack *stack;
  bool is_gone, is_once, had_event;
} run;

static bool is_alive(const run *r)
{
  const netmcu__sim_stack *s = r->stack;

  return !r->is_gone && (s->alive > 0 || netmcu__heap_has(&s->turn.node) ||
                         (s->timer_keeps_alive && netmcu__heap_has(&s->timer.node)));
}

static bool goes_on(void *data)
{
  run *r = data;
  bool is_first = !r->had_event;

  r->had_event = true;
  return is_alive(r) && (is_first || !r->is_once);
}

static int run_context(netmcu__stack *stack, bool once)
{
  netmcu__sim_stack *s = netmcu__sim_stack_of(stack);
  run r = {.stack = s, .is_once = once};

  s->is_gone = &r.is_gone;
  int result = netmcu__sim_run_while(s->host->world, goes_on, &r, NEVER);
  if (!r.is_gone)
    s->is_gone = NULL;
  return result < 0 ? result : is_alive(&r);
}

static void stop_context(netmcu__stack *stack)
{
  netmcu_sim_stop(host_of(stack)->world);
}

static void look_at_clock(netmcu__stack *stack)
{
  (void)stack; /* A function of the program takes no virtual time. */
}

netmcu_t *netmcu_sim_context(netmcu_sim_host *host, const netmcu_options *options)
{
  static const netmcu__stack_class sim_class = {begin,       close_stack,  end, look_at_clock,
                                                run_context, stop_context, wake};

  if (!host->is_up)
    return NULL;
  if (host->stack && !netmcu__is_closing(host->stack->stack.ctx))
    return host->stack->stack.ctx;
  return netmcu__context_new(&host->world->loop, options, &sim_class, host);
}

/* ---- hosts ------------------------------------------------------------------------------------- */

static uint32_t number_of(const netmcu_address *ip)
{
  return (uint32_t)ip->ip[0] << 24 | (uint32_t)ip->ip[1] << 16 | (uint32_t)ip->ip[2] << 8 | ip->ip[3];
}

static netmcu_address address_of(uint32_t number)
{
  return (netmcu_address){
      .ip = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number}};
}

netmcu_sim_host *netmcu__sim_host_at(netmcu_sim *world, const netmcu_address *ip)
{
  netmcu__sim_entry *entry = netmcu__sim_table_find(&world->by_ip, NULL, number_of(ip));

  return entry ? netmcu__container(entry, netmcu_sim_host, by_ip) : NULL;
}

bool netmcu__sim_is_own(const netmcu_sim_host *host, const netmcu_address *ip)
{
  return (ip->family == NETMCU_IPV4 && ip->ip[0] == 127) || netmcu__same_ip(ip, &host->ip);
}

int netmcu__sim_check_family(netmcu_address *address)
{
  if (address->family == NETMCU__ANY_FAMILY)
    address->family = NETMCU_IPV4;
  return address->family == NETMCU_IPV4 ? 0 : NETMCU_ENOTSUP;
}

bool netmcu__sim_is_local(const netmcu_address *ip)
{
  return ip->ip[0] == 10;
}

netmcu_address netmcu__sim_source(const netmcu_sim_host *host, const netmcu_address *to, uint16_t port)
{
  netmcu_address source = netmcu__sim_is_own(host, to) ? *to : host->ip;

  source.port = port;
  return source;
}

uint16_t netmcu__sim_free_port(netmcu_sim_host *host, bool (*is_used)(const netmcu_sim_host *host, uint16_t port))
{
  for (unsigned tries = 0; tries < UINT16_MAX; tries++) {
    uint16_t port = host->next_port++;
    if (host->next_port < host->profile->first_port)
      host->next_port = host->profile->first_port;
    if (!is_used(host, port))
      return port;
  }
  return 0;
}

/* The IP of a host, or 0.0.0.0 if it is none that a host can have. */
static netmcu_address next_free(netmcu_sim *world)
{
  netmcu_address ip;

  do
    ip = address_of(world->next_ip++);
  while (ip.ip[3] == 0 || ip.ip[3] == 255 || netmcu__sim_host_at(world, &ip));
  return ip;
}

static bool read_ip(netmcu_sim *world, const char *text, netmcu_address *ip)
{
  if (text == NULL) {
    *ip = next_free(world);
    return true;
  }
  return netmcu_ip_parse(text, ip) == 0 && ip->family == NETMCU_IPV4 && ip->ip[0] != 127 && ip->ip[0] != 0 &&
         !netmcu__is_group(ip) && !netmcu__is_broadcast_ip(ip);
}

static void boot(netmcu_sim_host *host)
{
  host->is_up = true;
  host->booted = host->world->now;
  host->next_port = (uint16_t)(host->profile->first_port + netmcu_sim_random(host->world) % 16384);
}

static void append_host(netmcu_sim *world, netmcu_sim_host *host)
{
  uint64_t state = world->seed + world->host_count;

  host->random = netmcu__sim_next_random(&state);
  host->number = world->host_count++;
  if (world->last_host)
    world->last_host->next = host;
  else
    world->hosts = host;
  world->last_host = host;
}

netmcu_sim_host *netmcu_sim_host_new(netmcu_sim *world, const char *name, const char *ip, int profile)
{
  netmcu_address address = {.port = 0};

  if (!netmcu__is_host_name(name) || strlen(name) >= sizeof(((netmcu_sim_host *)NULL)->name) ||
      netmcu_sim_host_find(world, name) || !read_ip(world, ip, &address) || netmcu__sim_host_at(world, &address))
    return NULL;
  netmcu_sim_host *host = calloc(1, sizeof(*host));
  if (host == NULL)
    return NULL;
  strcpy(host->name, name);
  host->world = world;
  host->ip = address;
  host->profile = profile == NETMCU_SIM_DESKTOP ? &netmcu__sim_desktop : &netmcu__sim_device;
  if (!netmcu__sim_table_add(&world->by_ip, &host->by_ip, number_of(&address))) {
    free(host);
    return NULL;
  }
  if (!netmcu__sim_name_set(world, name, &address, host)) {
    netmcu__sim_table_remove(&world->by_ip, &host->by_ip);
    free(host);
    return NULL;
  }
  append_host(world, host);
  boot(host);
  return host;
}

const char *netmcu_sim_host_name(const netmcu_sim_host *host)
{
  return host->name;
}

netmcu_address netmcu_sim_host_address(const netmcu_sim_host *host)
{
  return host->ip;
}

int netmcu_sim_set_address(netmcu_sim_host *host, const char *ip)
{
  netmcu_sim *world = host->world;
  netmcu_address address = {.port = 0};

  if (!read_ip(world, ip, &address))
    return NETMCU_EVALUE;
  if (netmcu__sim_host_at(world, &address))
    return netmcu__same_ip(&address, &host->ip) ? 0 : NETMCU_EADDRINUSE;
  netmcu__sim_table_remove(&world->by_ip, &host->by_ip);
  host->ip = address;
  netmcu__sim_table_add(&world->by_ip, &host->by_ip, number_of(&address)); /* as many as before: there is room */
  netmcu__sim_name_set(world, host->name, &address, host);
  return 0;
}

/* ---- crash and restart ------------------------------------------------------------------------- */

void netmcu_sim_crash(netmcu_sim_host *host)
{
  netmcu__sim_stack *s = host->stack;

  if (!host->is_up)
    return;
  host->is_up = false;
  host->stack = NULL;
  netmcu__sim_tcp_forget(host);
  netmcu__sim_datagram_forget(host);
  host->echo = NULL;
  if (s && !netmcu__is_closing(s->stack.ctx))
    netmcu_close(s->stack.ctx, NULL, NULL);
}

void netmcu_sim_restart(netmcu_sim_host *host)
{
  if (!host->is_up)
    boot(host);
}

void netmcu__sim_host_free(netmcu_sim_host *host)
{
  netmcu__sim_tcp_forget(host);
  netmcu__sim_table_end(&host->connections);
  free(host);
}
