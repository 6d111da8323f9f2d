/* Which segments a connection sends, and when. */
#include "stack/sim_tcp.h"

#define MSS 1460

/* ---- the window for the peer (RFC 9293, 3.8.6.2.2) --------------------------------------------- */

static uint32_t free_space(const sim_tcp *tcp)
{
  size_t used = tcp->input.size + tcp->withheld;

  return used < tcp->profile->receive_window ? tcp->profile->receive_window - (uint32_t)used : 0;
}

static uint32_t least(uint32_t a, uint32_t b)
{
  return a < b ? a : b;
}

/* Moves the edge if that opens the window by a useful amount. Returns the window. */
static uint16_t take_window(sim_tcp *tcp, bool is_syn)
{
  uint32_t edge = tcp->expected + free_space(tcp);
  uint32_t step = least(tcp->profile->receive_window / 2, MSS);

  if (sim_is_before(tcp->edge, edge) && edge - tcp->edge >= step)
    tcp->edge = edge;
  uint32_t window = sim_is_before(tcp->expected, tcp->edge) ? tcp->edge - tcp->expected : 0; /* a FIN needs no room */
  return (uint16_t)least(window >> (is_syn ? 0 : tcp->own_scale), UINT16_MAX);
}

void netmcu__sim_tcp_open_window(sim_tcp *tcp)
{
  uint32_t step = tcp->profile->is_device ? tcp->profile->receive_window / 4 : 2 * MSS;
  uint32_t edge = tcp->expected + free_space(tcp);

  if (tcp->state == SIM_CLOSED || !sim_is_before(tcp->edge, edge) || edge - tcp->edge < step)
    return;
  tcp->acknowledge_now = true;
  if (tcp->busy == 0)
    netmcu__sim_tcp_output(tcp);
}

/* ---- segments ---------------------------------------------------------------------------------- */

static netmcu__sim_packet *new_segment(sim_tcp *tcp, uint8_t flags, uint32_t sequence, size_t size)
{
  netmcu__sim_packet *packet = netmcu__sim_packet_new(tcp->host, NETMCU_SIM_TCP, size);

  if (packet == NULL)
    return NULL;
  packet->to = tcp->peer;
  packet->source = tcp->local;
  packet->destination = tcp->remote;
  packet->flags = flags;
  packet->ttl = tcp->ttl;
  packet->sequence = sequence;
  packet->acknowledgement = flags & NETMCU_SIM_ACK ? tcp->expected : 0;
  packet->window = take_window(tcp, flags & NETMCU_SIM_SYN);
  return packet;
}

/* Each segment acknowledges what has arrived. */
static void send_segment(sim_tcp *tcp, netmcu__sim_packet *packet)
{
  tcp->acknowledge_now = tcp->acknowledge_later = false;
  netmcu__sim_tcp_stop_timer(tcp, SIM_ACKNOWLEDGE);
  if (packet)
    netmcu__sim_send(packet);
}

void netmcu__sim_tcp_send_empty(sim_tcp *tcp, uint8_t flags)
{
  send_segment(tcp, new_segment(tcp, flags, tcp->next_sequence, 0));
}

static unsigned own_mss(const sim_tcp *tcp)
{
  unsigned mtu = netmcu__sim_mtu(tcp->host, &tcp->remote);

  return mtu < MSS + 40 ? mtu - 40 : MSS;
}

void netmcu__sim_tcp_send_syn(sim_tcp *tcp)
{
  bool is_answer = tcp->state == SIM_SYN_RECEIVED;
  uint8_t flags = is_answer ? NETMCU_SIM_SYN | NETMCU_SIM_ACK : NETMCU_SIM_SYN;

  if (!is_answer)
    tcp->own_scale = tcp->profile->window_scale == NO_SCALE ? 0 : tcp->profile->window_scale;
  netmcu__sim_packet *packet = new_segment(tcp, flags, tcp->unacknowledged, 0);
  tcp->next_sequence = tcp->highest = tcp->unacknowledged + 1;
  tcp->timed_at = tcp->host->world->now;
  if (packet) {
    packet->mss = (uint16_t)own_mss(tcp);
    packet->scale = is_answer && tcp->own_scale == 0 ? NO_SCALE : tcp->profile->window_scale;
  }
  send_segment(tcp, packet);
}

/* Sends the bytes from `offset` of the output on, and the FIN if it follows them. */
static void send_data(sim_tcp *tcp, size_t offset, size_t size, bool fin)
{
  uint32_t sequence = tcp->unacknowledged + (uint32_t)offset;
  bool is_last = offset + size == tcp->output.size;
  uint8_t flags = (uint8_t)(NETMCU_SIM_ACK | (fin ? NETMCU_SIM_FIN : 0) | (is_last && size > 0 ? NETMCU_SIM_PSH : 0));
  netmcu__sim_packet *packet = new_segment(tcp, flags, sequence, size);

  if (packet && size > 0)
    memcpy(packet->data, netmcu__sim_bytes_at(&tcp->output, offset), size);
  send_segment(tcp, packet);
}

/* Karn: only what is sent for the first time is timed. */
static void note_sent(sim_tcp *tcp, uint32_t end)
{
  if (sim_is_before(tcp->highest, end)) {
    if (!tcp->is_timing) {
      tcp->is_timing = true;
      tcp->timed = tcp->highest;
      tcp->timed_at = tcp->host->world->now;
    }
    tcp->highest = end;
  }
  tcp->next_sequence = end;
  if (tcp->due[SIM_RETRANSMIT] == NEVER)
    netmcu__sim_tcp_start_retransmission(tcp);
}

static bool may_send_data(const sim_tcp *tcp)
{
  return tcp->state >= SIM_ESTABLISHED && tcp->state != SIM_FIN_WAIT_2 && tcp->state != SIM_TIME_WAIT;
}

/* Small segments wait: on the device for everything before them to be acknowledged (Nagle, RFC
 * 1122, 4.2.3.4), and everywhere for a larger window (RFC 9293, 3.8.6.2.1). */
static bool should_wait(const sim_tcp *tcp, size_t offset, size_t size, size_t pending)
{
  if (size >= tcp->mss || offset == 0)
    return false;
  if (size < pending)
    return size < tcp->largest_window / 2;
  return !tcp->nodelay && netmcu__sim_tcp_room(tcp) > 0;
}

/* RFC 3042: the first two duplicate acknowledgements let a further segment go, as on Linux. */
static uint32_t limited_transmit(const sim_tcp *tcp)
{
  return tcp->profile->is_device || tcp->is_recovering ? 0 : least(tcp->duplicates, 2) * tcp->mss;
}

/* Sends the next segment. Returns false if nothing may be sent now. */
static bool send_next(sim_tcp *tcp)
{
  uint32_t offset = tcp->next_sequence - tcp->unacknowledged;
  uint32_t window = least(tcp->window, tcp->congestion_window + limited_transmit(tcp));

  if (offset > tcp->output.size) /* the FIN was sent, too */
    return false;
  size_t pending = tcp->output.size - offset, size = window > offset ? window - offset : 0;
  size = size < pending ? size : pending;
  size = size < tcp->mss ? size : tcp->mss;
  bool fin = tcp->has_fin && size == pending;
  if (size == 0 && !fin)
    return false;
  if (!fin && should_wait(tcp, offset, size, pending))
    return false;
  send_data(tcp, offset, size, fin);
  note_sent(tcp, tcp->next_sequence + (uint32_t)size + fin);
  return true;
}

/* ---- closed windows ---------------------------------------------------------------------------- */

static uint64_t probe_time(const sim_tcp *tcp)
{
  static const uint8_t device_ticks[] = {3, 6, 12, 24, 48, 96, 120};

  if (tcp->profile->is_device)
    return device_ticks[tcp->probes < 6 ? tcp->probes : 6] * tcp->profile->slow_tick;
  uint64_t time = tcp->rto << (tcp->probes < 12 ? tcp->probes : 12);
  return time < 120 * SECOND ? time : 120 * SECOND;
}

static void watch_window(sim_tcp *tcp)
{
  bool is_stuck = tcp->output.size > 0 && tcp->next_sequence == tcp->unacknowledged && tcp->window == 0;

  if (!is_stuck) {
    tcp->probes = 0;
    netmcu__sim_tcp_stop_timer(tcp, SIM_PROBE);
  } else if (tcp->due[SIM_PROBE] == NEVER) {
    netmcu__sim_tcp_set_timer(tcp, SIM_PROBE, probe_time(tcp));
  }
}

void netmcu__sim_tcp_send_probe(sim_tcp *tcp)
{
  tcp->probes++;
  send_data(tcp, 0, 1, false);
  if (tcp->highest == tcp->unacknowledged)
    tcp->highest++;
  netmcu__sim_tcp_set_timer(tcp, SIM_PROBE, probe_time(tcp));
}

/* ---- output ------------------------------------------------------------------------------------ */

size_t netmcu__sim_tcp_room(const sim_tcp *tcp)
{
  return tcp->output.size < tcp->profile->send_buffer ? tcp->profile->send_buffer - tcp->output.size : 0;
}

void netmcu__sim_tcp_send_first(sim_tcp *tcp)
{
  uint32_t size = least(tcp->output.size, least(tcp->mss, tcp->window));
  bool fin = tcp->has_fin && size == tcp->output.size;

  tcp->is_timing = false;
  send_data(tcp, 0, size, fin);
  uint32_t end = tcp->unacknowledged + size + fin;
  if (sim_is_before(tcp->next_sequence, end))
    tcp->next_sequence = end;
  if (sim_is_before(tcp->highest, end))
    tcp->highest = end;
}

void netmcu__sim_tcp_output(sim_tcp *tcp)
{
  if (tcp->state < SIM_ESTABLISHED)
    return;
  while (may_send_data(tcp) && send_next(tcp)) {
  }
  if (may_send_data(tcp))
    watch_window(tcp);
  if (tcp->acknowledge_now)
    netmcu__sim_tcp_send_empty(tcp, NETMCU_SIM_ACK);
  else if (tcp->acknowledge_later && tcp->due[SIM_ACKNOWLEDGE] == NEVER)
    netmcu__sim_tcp_set_timer(tcp, SIM_ACKNOWLEDGE, tcp->profile->acknowledgement_delay);
}

/* RFC 9293, 3.5.2: a segment for no connection. */
void netmcu__sim_tcp_refuse(netmcu_sim_host *host, const netmcu__sim_packet *packet)
{
  bool has_acknowledgement = packet->flags & NETMCU_SIM_ACK;
  netmcu__sim_packet *reset = packet->flags & NETMCU_SIM_RST ? NULL : netmcu__sim_packet_new(host, NETMCU_SIM_TCP, 0);

  if (reset == NULL)
    return;
  reset->source = packet->destination;
  reset->destination = packet->source;
  reset->flags = has_acknowledgement ? NETMCU_SIM_RST : NETMCU_SIM_RST | NETMCU_SIM_ACK;
  reset->sequence = has_acknowledgement ? packet->acknowledgement : 0;
  if (!has_acknowledgement)
    reset->acknowledgement = packet->sequence + (uint32_t)packet->size + !!(packet->flags & NETMCU_SIM_SYN) +
                             !!(packet->flags & NETMCU_SIM_FIN);
  netmcu__sim_send(reset);
}
