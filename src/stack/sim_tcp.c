/* The life of a simulated connection, and its timers. See sim_tcp.h. */
#include "stack/sim_tcp.h"

#define LONGEST_TIMEOUT (120 * SECOND) /* between two attempts, as on Linux */

/* ---- timers ------------------------------------------------------------------------------------ */

static void follow_timers(sim_tcp *tcp)
{
  uint64_t first = NEVER;

  for (int i = 0; i < SIM_TIMERS; i++)
    if (tcp->due[i] < first)
      first = tcp->due[i];
  if (first == NEVER)
    netmcu__sim_clear(tcp->host->world, &tcp->timer);
  else if (!netmcu__heap_has(&tcp->timer.node) || tcp->timer.when != first)
    netmcu__sim_set(tcp->host->world, &tcp->timer, first);
}

/* The device counts in ticks, and the first tick may come at once. */
static uint64_t time_after(const sim_tcp *tcp, enum sim_timer timer, uint64_t delay)
{
  uint64_t now = tcp->host->world->now, booted = tcp->host->booted;
  uint64_t tick = timer == SIM_ACKNOWLEDGE ? tcp->profile->fast_tick : tcp->profile->slow_tick;

  if (tick == 0)
    return now + delay;
  return booted + ((now - booted) / tick + 1) * tick + (delay > tick ? delay - tick : 0);
}

void netmcu__sim_tcp_set_timer(sim_tcp *tcp, enum sim_timer timer, uint64_t delay)
{
  tcp->due[timer] = time_after(tcp, timer, delay);
  follow_timers(tcp);
}

void netmcu__sim_tcp_stop_timer(sim_tcp *tcp, enum sim_timer timer)
{
  tcp->due[timer] = NEVER;
  follow_timers(tcp);
}

static void stop_timers(sim_tcp *tcp)
{
  for (int i = 0; i < SIM_TIMERS; i++)
    tcp->due[i] = NEVER;
  follow_timers(tcp);
}

/* ---- time-outs --------------------------------------------------------------------------------- */

static bool is_opening(const sim_tcp *tcp)
{
  return tcp->state == SIM_SYN_SENT || tcp->state == SIM_SYN_RECEIVED;
}

/* The time until the next attempt. The device does not back off with its SYN. */
static uint64_t retransmission_time(const sim_tcp *tcp)
{
  if (tcp->profile->is_device)
    return is_opening(tcp) ? tcp->rto : tcp->rto << (tcp->attempts < 7 ? tcp->attempts : 7);
  uint64_t time = tcp->rto << (tcp->attempts < 12 ? tcp->attempts : 12);
  return time < LONGEST_TIMEOUT ? time : LONGEST_TIMEOUT;
}

void netmcu__sim_tcp_start_retransmission(sim_tcp *tcp)
{
  netmcu__sim_tcp_set_timer(tcp, SIM_RETRANSMIT, retransmission_time(tcp));
}

/* RFC 5681, section 3.1: after a time-out, one segment may be on its way. */
static void shrink_window(sim_tcp *tcp)
{
  uint32_t flight = tcp->window < tcp->congestion_window ? tcp->window : tcp->congestion_window;

  sim_lower_threshold(tcp, flight);
  tcp->congestion_window = tcp->mss;
  tcp->is_recovering = tcp->is_timing = false;
  tcp->duplicates = 0;
}

static void retransmit(sim_tcp *tcp)
{
  unsigned most = is_opening(tcp) ? tcp->profile->syn_retransmissions : tcp->profile->retransmissions;

  if (++tcp->attempts > most) {
    netmcu__sim_tcp_end(tcp, NETMCU_EABORTED);
    return;
  }
  if (is_opening(tcp)) {
    netmcu__sim_tcp_send_syn(tcp);
  } else {
    shrink_window(tcp);
    tcp->next_sequence = tcp->unacknowledged;
    netmcu__sim_tcp_send_first(tcp);
  }
  netmcu__sim_tcp_start_retransmission(tcp);
}

/* RFC 9293, 3.8.4. A probe has the number of a byte that the peer has acknowledged already. */
static void probe_peer(sim_tcp *tcp)
{
  if (tcp->keepalive_probes++ >= tcp->profile->keepalive_probes) {
    netmcu__sim_tcp_end(tcp, NETMCU_EABORTED);
    return;
  }
  tcp->next_sequence--;
  netmcu__sim_tcp_send_empty(tcp, NETMCU_SIM_ACK);
  tcp->next_sequence++;
  netmcu__sim_tcp_set_timer(tcp, SIM_KEEPALIVE, tcp->profile->keepalive_interval);
}

/* A desktop does not keep the output of a program that has left for ever (Linux's
 * tcp_orphan_retries). */
static void probe_window(sim_tcp *tcp)
{
  if (tcp->stream == NULL && !tcp->profile->is_device && tcp->probes >= tcp->profile->retransmissions)
    netmcu__sim_tcp_reset(tcp);
  else
    netmcu__sim_tcp_send_probe(tcp);
}

void netmcu__sim_tcp_watch_peer(sim_tcp *tcp)
{
  tcp->keepalive_probes = 0;
  if (tcp->keepalive > 0 && tcp->state >= SIM_ESTABLISHED && tcp->state != SIM_TIME_WAIT)
    netmcu__sim_tcp_set_timer(tcp, SIM_KEEPALIVE, tcp->keepalive * SECOND);
  else
    netmcu__sim_tcp_stop_timer(tcp, SIM_KEEPALIVE);
}

static void expire(sim_tcp *tcp, enum sim_timer timer)
{
  tcp->due[timer] = NEVER;
  switch (timer) {
  case SIM_RETRANSMIT: retransmit(tcp); break;
  case SIM_KEEPALIVE: probe_peer(tcp); break;
  case SIM_PROBE: probe_window(tcp); break;
  case SIM_ACKNOWLEDGE:
    tcp->acknowledge_now = tcp->acknowledge_later;
    netmcu__sim_tcp_output(tcp);
    break;
  case SIM_OUTPUT: netmcu__sim_tcp_output(tcp); break;
  default: netmcu__sim_tcp_end(tcp, tcp->state == SIM_TIME_WAIT ? 0 : NETMCU_EABORTED);
  }
}

void netmcu__sim_tcp_on_timer(netmcu__sim_event *event)
{
  sim_tcp *tcp = netmcu__container(event, sim_tcp, timer);

  netmcu__sim_tcp_enter(tcp);
  for (int i = 0; i < SIM_TIMERS; i++)
    if (tcp->due[i] <= tcp->host->world->now)
      expire(tcp, (enum sim_timer)i);
  follow_timers(tcp);
  netmcu__sim_tcp_exit(tcp);
}

/* ---- life -------------------------------------------------------------------------------------- */

static bool is_active(sim_state state)
{
  return state != SIM_CLOSED && state != SIM_TIME_WAIT;
}

void netmcu__sim_tcp_set_state(sim_tcp *tcp, sim_state state)
{
  tcp->host->active += (unsigned)is_active(state) - (unsigned)is_active(tcp->state);
  tcp->state = state;
  netmcu__sim_tcp_stop_timer(tcp, SIM_LIFE);
  if (state == SIM_SYN_RECEIVED)
    netmcu__sim_tcp_set_timer(tcp, SIM_LIFE, tcp->profile->syn_received);
  else if (state == SIM_FIN_WAIT_2)
    netmcu__sim_tcp_set_timer(tcp, SIM_LIFE, tcp->profile->fin_wait_2);
  else if (state == SIM_TIME_WAIT) {
    netmcu__sim_tcp_stop_timer(tcp, SIM_RETRANSMIT);
    netmcu__sim_tcp_set_timer(tcp, SIM_LIFE, tcp->profile->time_wait);
  }
}

void netmcu__sim_tcp_end(sim_tcp *tcp, int error)
{
  if (tcp->state == SIM_CLOSED)
    return;
  bool was_opening = is_opening(tcp);
  netmcu__sim_tcp_enter(tcp);
  netmcu__sim_tcp_set_state(tcp, SIM_CLOSED);
  netmcu__sim_table_remove(&tcp->host->connections, &tcp->entry);
  stop_timers(tcp);
  netmcu__sim_bytes_clear(&tcp->output);
  netmcu__sim_queue_clear(&tcp->disordered);
  tcp->error = error;
  if (tcp->listener && was_opening)
    netmcu__sim_listener_lost(tcp);
  if (tcp->stream)
    netmcu__sim_stream_ended(tcp);
  netmcu__sim_tcp_exit(tcp);
}

void netmcu__sim_tcp_forget(netmcu_sim_host *host)
{
  for (sim_tcp *tcp = host->all_connections, *next; tcp; tcp = next) {
    next = tcp->next;
    netmcu__sim_tcp_end(tcp, NETMCU_ERESET);
  }
}

/* ---- opening ----------------------------------------------------------------------------------- */

int netmcu__sim_tcp_connect(netmcu_sim_host *host, const netmcu_address *own, const netmcu_address *to,
                            netmcu__stack_stream *stream, sim_tcp **out)
{
  uint16_t port = own->port ? own->port : netmcu__sim_free_port(host, netmcu__sim_tcp_is_port_used);
  netmcu_address local = netmcu__sim_source(host, to, port);
  if (!netmcu__is_any_ip(own))
    netmcu__set_ip(&local, own);
  sim_tcp *tcp = port ? netmcu__sim_tcp_new(host, host, &local, to) : NULL;

  if (tcp == NULL)
    return port ? NETMCU_ENOMEM : NETMCU_EADDRINUSE;
  tcp->stream = stream;
  *out = tcp;
  netmcu__sim_tcp_set_state(tcp, SIM_SYN_SENT);
  netmcu__sim_tcp_send_syn(tcp);
  netmcu__sim_tcp_start_retransmission(tcp);
  return 0;
}

/* Only a system that is asked to connect tells the program. */
void netmcu__sim_tcp_unreachable(netmcu_sim_host *host, const netmcu__sim_packet *lost)
{
  sim_tcp *tcp = netmcu__sim_tcp_find(host, lost->source.port, &lost->destination);

  if (tcp && tcp->state == SIM_SYN_SENT && !tcp->profile->is_device)
    netmcu__sim_tcp_end(tcp, NETMCU_EROUTE);
}

/* ---- closing ----------------------------------------------------------------------------------- */

void netmcu__sim_tcp_reset(sim_tcp *tcp)
{
  netmcu__sim_tcp_enter(tcp);
  if (tcp->state != SIM_SYN_SENT)
    netmcu__sim_tcp_send_empty(tcp, NETMCU_SIM_RST | NETMCU_SIM_ACK);
  netmcu__sim_tcp_end(tcp, 0);
  netmcu__sim_tcp_exit(tcp);
}

/* The device resets a connection that it closes while received data do not open the window yet: in
 * a "receive" handler, or while it is held. What it would lose by this is sent here all the same. */
static bool closes_by_reset(const sim_tcp *tcp)
{
  return tcp->profile->is_device && tcp->input.size + tcp->withheld > 0 && tcp->output.size == 0 &&
         (tcp->state == SIM_ESTABLISHED || tcp->state == SIM_CLOSE_WAIT);
}

void netmcu__sim_tcp_finish(sim_tcp *tcp)
{
  if (tcp->state == SIM_CLOSED || sim_has_finished(tcp))
    return;
  if (closes_by_reset(tcp)) {
    netmcu__sim_tcp_reset(tcp);
    return;
  }
  tcp->has_fin = true;
  netmcu__sim_tcp_set_state(tcp, tcp->state == SIM_CLOSE_WAIT ? SIM_LAST_ACK : SIM_FIN_WAIT_1);
  if (tcp->busy == 0)
    netmcu__sim_tcp_output(tcp);
}

/* Data that nobody will read are answered by a reset (RFC 2525, section 2.17). */
void netmcu__sim_tcp_leave(sim_tcp *tcp)
{
  netmcu__sim_tcp_enter(tcp);
  tcp->stream = NULL;
  tcp->listener = NULL;
  if (tcp->state == SIM_SYN_SENT)
    netmcu__sim_tcp_end(tcp, 0);
  else if (tcp->input.size > 0 || (tcp->state == SIM_SYN_RECEIVED && tcp->output.size == 0))
    netmcu__sim_tcp_reset(tcp);
  else
    netmcu__sim_tcp_finish(tcp);
  if (tcp->busy == 1)
    netmcu__sim_tcp_output(tcp);
  netmcu__sim_tcp_exit(tcp);
}
