/* What arriving segments do (RFC 9293, section 3.10.7). */
#include "stack/sim_tcp.h"

#define QUICK_SEGMENTS 16 /* a desktop acknowledges the first ones at once, as Linux does */

/* ---- options of a SYN -------------------------------------------------------------------------- */

static void take_syn(sim_tcp *tcp, const netmcu__sim_packet *packet)
{
  uint32_t mss = packet->mss ? packet->mss : 536, own = netmcu__sim_mtu(tcp->host, &tcp->remote) - 40;
  bool is_scaled = packet->scale != NO_SCALE && tcp->profile->window_scale != NO_SCALE;

  tcp->mss = mss < own ? mss : own;
  tcp->scale = is_scaled ? packet->scale : 0;
  tcp->own_scale = is_scaled ? tcp->profile->window_scale : 0;
  tcp->congestion_window = tcp->profile->initial_window * tcp->mss;
  tcp->expected = packet->sequence + 1;
  tcp->edge = tcp->expected + (tcp->profile->receive_window < UINT16_MAX ? tcp->profile->receive_window : UINT16_MAX);
  tcp->window = tcp->largest_window = packet->window;
  tcp->window_sequence = packet->sequence;
}

static void begin_connection(netmcu_sim_host *host, struct netmcu__stack_listener *listener,
                             const netmcu__sim_packet *packet)
{
  sim_tcp *tcp = netmcu__sim_listener_takes(listener, packet)
                     ? netmcu__sim_tcp_new(host, packet->from, &packet->destination, &packet->source)
                     : NULL;

  if (tcp == NULL)
    return;
  take_syn(tcp, packet);
  netmcu__sim_listener_begin(listener, tcp);
  netmcu__sim_tcp_set_state(tcp, SIM_SYN_RECEIVED);
  netmcu__sim_tcp_send_syn(tcp);
  netmcu__sim_tcp_start_retransmission(tcp);
}

/* ---- SYN-SENT ---------------------------------------------------------------------------------- */

static void finish_handshake(sim_tcp *tcp)
{
  if (tcp->attempts == 0 && !tcp->profile->is_device)
    netmcu__sim_tcp_measure(tcp, tcp->host->world->now - tcp->timed_at);
  tcp->attempts = 0;
  tcp->unacknowledged = tcp->next_sequence;
  netmcu__sim_tcp_stop_timer(tcp, SIM_RETRANSMIT);
  netmcu__sim_tcp_set_state(tcp, tcp->has_fin ? SIM_FIN_WAIT_1 : SIM_ESTABLISHED);
}

static void answer_syn_sent(sim_tcp *tcp, const netmcu__sim_packet *packet)
{
  bool is_acknowledged = (packet->flags & NETMCU_SIM_ACK) && packet->acknowledgement == tcp->next_sequence;

  if ((packet->flags & NETMCU_SIM_ACK) && !is_acknowledged) {
    netmcu__sim_tcp_refuse(tcp->host, packet);
  } else if (packet->flags & NETMCU_SIM_RST) {
    if (is_acknowledged)
      netmcu__sim_tcp_end(tcp, NETMCU_ERESET);
  } else if (packet->flags & NETMCU_SIM_SYN) {
    take_syn(tcp, packet);
    if (!is_acknowledged) { /* both have connected at once */
      netmcu__sim_tcp_set_state(tcp, SIM_SYN_RECEIVED);
      netmcu__sim_tcp_send_syn(tcp);
      return;
    }
    finish_handshake(tcp);
    tcp->acknowledge_now = true;
    netmcu__sim_stream_connected(tcp);
  }
}

/* ---- acknowledgements -------------------------------------------------------------------------- */

/* RFC 5681, section 3.1, and RFC 6582 for what is acknowledged during a recovery. */
static void grow_window(sim_tcp *tcp, uint32_t acknowledged)
{
  if (tcp->is_recovering && sim_is_before(tcp->unacknowledged, tcp->recovery)) {
    netmcu__sim_tcp_send_first(tcp);
    tcp->congestion_window -= acknowledged < tcp->congestion_window ? acknowledged : tcp->congestion_window;
    tcp->congestion_window += tcp->mss;
  } else if (tcp->is_recovering) {
    tcp->is_recovering = false;
    tcp->congestion_window = tcp->threshold;
  } else if (tcp->congestion_window < tcp->threshold) {
    tcp->congestion_window += acknowledged < tcp->mss ? acknowledged : tcp->mss;
  } else {
    tcp->congestion_window += tcp->mss * tcp->mss / tcp->congestion_window + 1;
  }
}

static void finish_fin(sim_tcp *tcp)
{
  if (tcp->state == SIM_FIN_WAIT_1)
    netmcu__sim_tcp_set_state(tcp, SIM_FIN_WAIT_2);
  else if (tcp->state == SIM_CLOSING)
    netmcu__sim_tcp_set_state(tcp, SIM_TIME_WAIT);
  else if (tcp->state == SIM_LAST_ACK)
    netmcu__sim_tcp_end(tcp, 0);
}

/* Returns the number of bytes that are acknowledged for the first time. */
static size_t advance(sim_tcp *tcp, uint32_t acknowledgement)
{
  uint32_t count = acknowledgement - tcp->unacknowledged;
  size_t size = count < tcp->output.size ? count : tcp->output.size;
  bool with_fin = count > size;

  if (tcp->is_timing && sim_is_before(tcp->timed, acknowledgement))
    netmcu__sim_tcp_measure(tcp, tcp->host->world->now - tcp->timed_at);
  tcp->is_timing = tcp->is_timing && !sim_is_before(tcp->timed, acknowledgement);
  tcp->unacknowledged = acknowledgement;
  if (sim_is_before(tcp->next_sequence, acknowledgement))
    tcp->next_sequence = acknowledgement;
  netmcu__sim_bytes_drop(&tcp->output, size);
  tcp->duplicates = tcp->attempts = 0;
  grow_window(tcp, count);
  if (tcp->next_sequence == tcp->unacknowledged)
    netmcu__sim_tcp_stop_timer(tcp, SIM_RETRANSMIT);
  else
    netmcu__sim_tcp_start_retransmission(tcp);
  if (with_fin && tcp->has_fin)
    finish_fin(tcp);
  return size;
}

/* RFC 5681, section 3.2: after three of them, the first segment is taken for lost. */
static void count_duplicate(sim_tcp *tcp)
{
  tcp->duplicates++;
  if (tcp->duplicates == 3 && !tcp->is_recovering) {
    sim_lower_threshold(tcp, tcp->highest - tcp->unacknowledged);
    tcp->congestion_window = tcp->threshold + 3 * tcp->mss;
    tcp->recovery = tcp->highest;
    tcp->is_recovering = true;
    netmcu__sim_tcp_send_first(tcp);
  } else if (tcp->duplicates > 3) {
    tcp->congestion_window += tcp->mss;
  }
}

/* A window counts from what is acknowledged. So a new acknowledgement brings a new window, as on
 * Linux, even with data that were sent before. (lwIP keeps the earlier window then, and may send
 * beyond the new one.) */
static void take_peer_window(sim_tcp *tcp, const netmcu__sim_packet *packet)
{
  if (sim_is_before(packet->acknowledgement, tcp->unacknowledged) ||
      (packet->acknowledgement == tcp->unacknowledged && sim_is_before(packet->sequence, tcp->window_sequence)))
    return;
  tcp->window = (uint32_t)packet->window << tcp->scale;
  if (tcp->window > tcp->largest_window)
    tcp->largest_window = tcp->window;
  tcp->window_sequence = packet->sequence;
}

/* Returns how many bytes are acknowledged for the first time. */
static size_t take_acknowledgement(sim_tcp *tcp, const netmcu__sim_packet *packet)
{
  uint32_t acknowledgement = packet->acknowledgement, window = tcp->window;
  size_t acknowledged = 0;

  if (sim_is_before(tcp->highest, acknowledgement)) {
    tcp->acknowledge_now = true;
    return 0;
  }
  take_peer_window(tcp, packet);
  if (sim_is_before(tcp->unacknowledged, acknowledgement))
    acknowledged = advance(tcp, acknowledgement);
  else if (acknowledgement == tcp->unacknowledged && tcp->next_sequence != acknowledgement && packet->size == 0 &&
           tcp->window == window && !(packet->flags & NETMCU_SIM_FIN))
    count_duplicate(tcp);
  return acknowledged;
}

/* ---- data -------------------------------------------------------------------------------------- */

/* Every second segment is acknowledged at once, the others after a time. */
static void acknowledge_data(sim_tcp *tcp)
{
  tcp->segments++;
  if (tcp->acknowledge_later || (!tcp->profile->is_device && tcp->segments <= QUICK_SEGMENTS))
    tcp->acknowledge_now = true;
  tcp->acknowledge_later = true;
}

static void take_fin(sim_tcp *tcp)
{
  tcp->expected++;
  tcp->peer_finished = true;
  tcp->acknowledge_now = true;
  if (tcp->state == SIM_ESTABLISHED)
    netmcu__sim_tcp_set_state(tcp, SIM_CLOSE_WAIT);
  else if (tcp->state == SIM_FIN_WAIT_1)
    netmcu__sim_tcp_set_state(tcp, SIM_CLOSING);
  else
    netmcu__sim_tcp_set_state(tcp, SIM_TIME_WAIT);
}

/* Takes what is new of a segment that begins at or before the next byte. */
static void take_in_order(sim_tcp *tcp, const netmcu__sim_packet *packet)
{
  size_t old = tcp->expected - packet->sequence, room = tcp->edge - tcp->expected;
  size_t fresh = packet->size > old ? packet->size - old : 0, size = fresh < room ? fresh : room;

  if (!netmcu__sim_bytes_append(&tcp->input, packet->data + (size ? old : 0), size))
    return;
  tcp->expected += (uint32_t)size;
  if (size > 0)
    acknowledge_data(tcp);
  if (size < fresh || (size == 0 && packet->size > 0))
    tcp->acknowledge_now = true;
  if ((packet->flags & NETMCU_SIM_FIN) && packet->sequence + (uint32_t)packet->size == tcp->expected)
    take_fin(tcp);
}

static void take_disordered(sim_tcp *tcp)
{
  netmcu__sim_queue waiting = tcp->disordered;
  netmcu__sim_packet *packet;
  bool has_advanced = false;

  tcp->disordered = (netmcu__sim_queue){.bytes = 0};
  while ((packet = netmcu__sim_queue_take(&waiting)) != NULL)
    if (tcp->peer_finished) {
      free(packet);
    } else if (sim_is_before(tcp->expected, packet->sequence)) {
      netmcu__sim_queue_append(&tcp->disordered, packet);
    } else {
      take_in_order(tcp, packet);
      has_advanced = true;
      free(packet);
    }
  if (has_advanced && tcp->disordered.first)
    take_disordered(tcp);
}

static bool has_disordered(const sim_tcp *tcp, uint32_t sequence)
{
  const netmcu__sim_packet *packet = tcp->disordered.first;

  while (packet && packet->sequence != sequence)
    packet = packet->next;
  return packet != NULL;
}

static bool takes_data(const sim_tcp *tcp)
{
  return tcp->state == SIM_ESTABLISHED || tcp->state == SIM_FIN_WAIT_1 || tcp->state == SIM_FIN_WAIT_2;
}

/* Returns true if the packet is kept. */
static bool take_data(sim_tcp *tcp, netmcu__sim_packet *packet)
{
  uint32_t end = packet->sequence + (uint32_t)packet->size + !!(packet->flags & NETMCU_SIM_FIN);

  if (end == packet->sequence) { /* a keepalive probe, if it is old */
    tcp->acknowledge_now = tcp->acknowledge_now || sim_is_before(packet->sequence, tcp->expected);
    return false;
  }
  if (!takes_data(tcp) || !sim_is_before(tcp->expected, end)) { /* it came before */
    tcp->acknowledge_now = true;
    if (tcp->state == SIM_TIME_WAIT)
      netmcu__sim_tcp_set_state(tcp, SIM_TIME_WAIT);
    return false;
  }
  if (tcp->stream == NULL && tcp->listener == NULL && packet->size > 0) { /* nobody will read it */
    netmcu__sim_tcp_reset(tcp);
    return false;
  }
  if (sim_is_before(tcp->expected, packet->sequence)) {
    tcp->acknowledge_now = true;
    if (!sim_is_before(packet->sequence, tcp->edge) || has_disordered(tcp, packet->sequence))
      return false;
    netmcu__sim_queue_append(&tcp->disordered, packet);
    return true;
  }
  take_in_order(tcp, packet);
  if (tcp->disordered.first) {
    take_disordered(tcp);
    tcp->acknowledge_now = true;
  }
  return false;
}

/* ---- segments ---------------------------------------------------------------------------------- */

static bool is_in_window(const sim_tcp *tcp, const netmcu__sim_packet *packet)
{
  return packet->sequence == tcp->expected ||
         (!sim_is_before(packet->sequence, tcp->expected) && sim_is_before(packet->sequence, tcp->edge));
}

static void take_reset(sim_tcp *tcp, const netmcu__sim_packet *packet)
{
  bool is_over = tcp->state == SIM_CLOSING || tcp->state == SIM_LAST_ACK || tcp->state == SIM_TIME_WAIT;

  if (is_in_window(tcp, packet))
    netmcu__sim_tcp_end(tcp, is_over ? 0 : NETMCU_ERESET);
}

/* Returns true if the connection is established now. */
static bool take_handshake(sim_tcp *tcp, const netmcu__sim_packet *packet)
{
  if (packet->acknowledgement != tcp->next_sequence) {
    netmcu__sim_tcp_refuse(tcp->host, packet);
    return false;
  }
  finish_handshake(tcp);
  tcp->window = (uint32_t)packet->window << tcp->scale;
  return true;
}

static void report(sim_tcp *tcp, bool is_new, size_t acknowledged)
{
  if (is_new && tcp->listener)
    netmcu__sim_listener_established(tcp);
  else if (is_new)
    netmcu__sim_stream_connected(tcp);
  if (acknowledged > 0)
    netmcu__sim_stream_acknowledged(tcp);
  netmcu__sim_stream_progress(tcp);
}

/* Returns true if the packet is kept. */
static bool take_segment(sim_tcp *tcp, netmcu__sim_packet *packet)
{
  bool is_new = false, is_kept = false;

  if (packet->flags & NETMCU_SIM_RST) {
    take_reset(tcp, packet);
    return false;
  }
  if (packet->flags & NETMCU_SIM_SYN) { /* again */
    if (tcp->state == SIM_SYN_RECEIVED)
      netmcu__sim_tcp_send_syn(tcp);
    tcp->acknowledge_now = true;
    if (!(tcp->state == SIM_SYN_RECEIVED && (packet->flags & NETMCU_SIM_ACK)))
      return false;
  }
  if (!(packet->flags & NETMCU_SIM_ACK))
    return false;
  if (tcp->state == SIM_SYN_RECEIVED) {
    is_new = take_handshake(tcp, packet);
    if (!is_new)
      return false;
  }
  size_t acknowledged = take_acknowledgement(tcp, packet);
  if (tcp->state != SIM_CLOSED)
    is_kept = take_data(tcp, packet);
  report(tcp, is_new, acknowledged);
  return is_kept;
}

static bool take_packet(sim_tcp *tcp, netmcu__sim_packet *packet)
{
  bool is_kept = false;

  netmcu__sim_tcp_enter(tcp);
  tcp->peer = packet->from;
  if (tcp->state == SIM_SYN_SENT) {
    answer_syn_sent(tcp, packet);
    netmcu__sim_stream_progress(tcp);
  } else {
    is_kept = take_segment(tcp, packet);
  }
  netmcu__sim_tcp_watch_peer(tcp);
  netmcu__sim_tcp_output(tcp);
  netmcu__sim_tcp_exit(tcp);
  return is_kept;
}

/* A new connection may take the place of one that waits for its end (RFC 9293, 3.10.7.4). */
static bool is_successor(const sim_tcp *tcp, const netmcu__sim_packet *packet)
{
  return tcp->state == SIM_TIME_WAIT && (packet->flags & NETMCU_SIM_SYN) &&
         sim_is_before(tcp->expected, packet->sequence);
}

void netmcu__sim_tcp_arrived(netmcu_sim_host *host, netmcu__sim_packet *packet)
{
  sim_tcp *tcp = netmcu__sim_tcp_find(host, packet->destination.port, &packet->source);
  uint8_t flags = packet->flags & (NETMCU_SIM_SYN | NETMCU_SIM_ACK | NETMCU_SIM_RST);
  bool is_kept = false;

  if (tcp && is_successor(tcp, packet)) {
    netmcu__sim_tcp_end(tcp, 0);
    tcp = NULL;
  }
  struct netmcu__stack_listener *listener = tcp ? NULL : netmcu__sim_listener_find(host, &packet->destination);
  if (tcp)
    is_kept = take_packet(tcp, packet);
  else if (listener && flags == NETMCU_SIM_SYN)
    begin_connection(host, listener, packet);
  else
    netmcu__sim_tcp_refuse(host, packet);
  if (!is_kept)
    free(packet);
}
