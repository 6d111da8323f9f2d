/* TCP of the simulated network (RFC 9293, 5681, 6298), for its files:
 *
 *   sim_tcp.c         the life of a connection: opening, closing, resets; its timers
 *   sim_tcp_input.c   what segments do
 *   sim_tcp_output.c  which segments are sent
 *   sim_tcp_round_trip.c  round-trip times
 *   sim_bytes.c       buffers
 *   sim_stream*.c     streams on top of it (sim_stream.h)
 *   sim_listener.c    listeners
 *
 * A connection belongs to its host. The stream of a program points to it from connect or accept to
 * the close. A connection without stream finishes what it has to send and ends by itself. One that
 * is CLOSED is out of the host's table, and is released as soon as it has no stream either. */
#ifndef NETMCU_SIM_TCP_H
#define NETMCU_SIM_TCP_H

#include "base/task.h"
#include "stack/sim.h"

/* ---- sim_bytes.c: bytes that wait -------------------------------------------------------------- */

/* Windows limit the sizes to far less than 4 GB. */
typedef struct netmcu__sim_bytes {
  char *data;
  uint32_t start, size, capacity;
} netmcu__sim_bytes;

bool netmcu__sim_bytes_append(netmcu__sim_bytes *bytes, const char *data, size_t size); /* false: no memory */
void netmcu__sim_bytes_drop(netmcu__sim_bytes *bytes, size_t size);
void netmcu__sim_bytes_clear(netmcu__sim_bytes *bytes);

static inline const char *netmcu__sim_bytes_at(const netmcu__sim_bytes *bytes, size_t offset)
{
  return bytes->data + bytes->start + offset;
}

/* ---- a connection ------------------------------------------------------------------------------ */

typedef enum sim_state {
  SIM_CLOSED,
  SIM_SYN_SENT,
  SIM_SYN_RECEIVED,
  SIM_ESTABLISHED,
  SIM_FIN_WAIT_1,
  SIM_FIN_WAIT_2,
  SIM_CLOSE_WAIT,
  SIM_CLOSING,
  SIM_LAST_ACK,
  SIM_TIME_WAIT
} sim_state;

enum sim_timer {
  SIM_RETRANSMIT,
  SIM_PROBE,       /* of a closed window */
  SIM_ACKNOWLEDGE, /* what was delayed */
  SIM_KEEPALIVE,
  SIM_OUTPUT, /* device: what was written outside of the connection's events */
  SIM_LIFE,   /* of the state */
  SIM_TIMERS
};

/* With thousands of connections, a segment finds none of this in the processor's cache. So each
 * field has the size that it needs, and those that only opening and closing use come last. */
typedef struct netmcu__sim_tcp sim_tcp;
struct netmcu__sim_tcp {
  netmcu__sim_entry entry; /* of the host's connections */
  netmcu_sim_host *host;
  const netmcu__sim_profile *profile;
  netmcu__stack_stream *stream;
  sim_state state;
  unsigned busy; /* functions that use it, so it must not be released */
  uint8_t ttl;
  uint8_t scale, own_scale; /* of the peer's window, and of the own one */
  bool has_fin;             /* a FIN follows the output */
  bool nodelay;             /* small segments do not wait */
  bool peer_finished;
  bool acknowledge_now, acknowledge_later;
  bool is_recovering, is_timing;

  /* what is sent, and congestion control */
  uint32_t unacknowledged, next_sequence, highest;
  uint32_t window, window_sequence, largest_window;
  uint32_t mss;
  uint32_t congestion_window, threshold, recovery; /* recovery: what must be acknowledged to end it */
  unsigned duplicates, attempts, probes;
  netmcu__sim_bytes output; /* from `unacknowledged` on; the SYN and the FIN are not in it */

  /* what is received */
  uint32_t expected, edge; /* the next byte; the end of the window that the peer knows */
  uint32_t withheld;       /* bytes that were delivered, but that do not open the window yet */
  unsigned segments;       /* of data that have arrived */
  netmcu__sim_bytes input;
  netmcu__sim_queue disordered;

  /* times */
  unsigned keepalive, keepalive_probes; /* seconds of silence before the first probe; 0: none */
  uint32_t timed;                       /* the sequence number whose round trip is measured */
  int error;                            /* that has ended it, or 0 */
  uint64_t timed_at;
  int64_t smoothed, variation; /* of the round-trip time: ns; device: in its own units of ticks */
  uint64_t rto;
  netmcu__sim_event timer;
  uint64_t due[SIM_TIMERS]; /* NEVER: not set */

  netmcu_address local, remote;
  netmcu_sim_host *peer;                   /* that sent the last segment; or NULL */
  sim_tcp *next, **link;                   /* of all connections of the host */
  struct netmcu__stack_listener *listener; /* that has it, until it is accepted */
  sim_tcp *next_waiting;                   /* of the listener */
};

static inline bool sim_is_before(uint32_t a, uint32_t b)
{
  return (int32_t)(a - b) < 0;
}

static inline bool sim_has_finished(const sim_tcp *tcp) /* with its own side */
{
  return tcp->state >= SIM_FIN_WAIT_1 && tcp->state != SIM_CLOSE_WAIT;
}

/* RFC 5681, equation 4: half of what was in flight when a segment was lost. */
static inline void sim_lower_threshold(sim_tcp *tcp, uint32_t flight)
{
  tcp->threshold = flight / 2 > 2 * tcp->mss ? flight / 2 : 2 * tcp->mss;
}

/* ---- sim_tcp.c --------------------------------------------------------------------------------- */

/* In the region of the client, which is the host itself or the one that connects to it. */
sim_tcp *netmcu__sim_tcp_new(netmcu_sim_host *host, netmcu_sim_host *client, const netmcu_address *local,
                             const netmcu_address *remote);
/* `own` may have no IP, or no port. */
int netmcu__sim_tcp_connect(netmcu_sim_host *host, const netmcu_address *own, const netmcu_address *to,
                            netmcu__stack_stream *stream, sim_tcp **out);
sim_tcp *netmcu__sim_tcp_find(const netmcu_sim_host *host, uint16_t port, const netmcu_address *remote);
bool netmcu__sim_tcp_is_port_used(const netmcu_sim_host *host, uint16_t port);
void netmcu__sim_tcp_finish(sim_tcp *tcp);         /* sends a FIN */
void netmcu__sim_tcp_reset(sim_tcp *tcp);          /* sends a reset; the connection is closed */
void netmcu__sim_tcp_leave(sim_tcp *tcp);          /* the stream, or the listener, is gone */
void netmcu__sim_tcp_end(sim_tcp *tcp, int error); /* it is closed, and its stream learns it */
void netmcu__sim_tcp_set_state(sim_tcp *tcp, sim_state state);
void netmcu__sim_tcp_on_timer(netmcu__sim_event *event);
void netmcu__sim_tcp_enter(sim_tcp *tcp); /* keeps it until netmcu__sim_tcp_exit */
void netmcu__sim_tcp_exit(sim_tcp *tcp);  /* it may be gone afterwards */
void netmcu__sim_tcp_set_timer(sim_tcp *tcp, enum sim_timer timer, uint64_t delay);
void netmcu__sim_tcp_stop_timer(sim_tcp *tcp, enum sim_timer timer);
void netmcu__sim_tcp_watch_peer(sim_tcp *tcp); /* starts the time until a keepalive probe again */

/* ---- sim_tcp_output.c -------------------------------------------------------------------------- */

void netmcu__sim_tcp_output(sim_tcp *tcp); /* sends what may be sent, and acknowledgements that are due */
void netmcu__sim_tcp_send_syn(sim_tcp *tcp);
void netmcu__sim_tcp_send_empty(sim_tcp *tcp, uint8_t flags);
void netmcu__sim_tcp_send_first(sim_tcp *tcp); /* sends the first segment that is not acknowledged again */
void netmcu__sim_tcp_send_probe(sim_tcp *tcp);
void netmcu__sim_tcp_refuse(netmcu_sim_host *host, const netmcu__sim_packet *packet); /* answers with a reset */
size_t netmcu__sim_tcp_room(const sim_tcp *tcp);                                      /* for output */
void netmcu__sim_tcp_open_window(sim_tcp *tcp);                                       /* after data was taken */
void netmcu__sim_tcp_start_retransmission(sim_tcp *tcp);

/* ---- sim_tcp_round_trip.c ---------------------------------------------------------------------- */

void netmcu__sim_tcp_measure(sim_tcp *tcp, uint64_t round_trip);

/* ---- sim_stream.c: what the stream learns ------------------------------------------------------ */

void netmcu__sim_stream_connected(sim_tcp *tcp);
void netmcu__sim_stream_acknowledged(sim_tcp *tcp);
void netmcu__sim_stream_progress(sim_tcp *tcp); /* delivers, and lets a write that waits go on */
void netmcu__sim_stream_ended(sim_tcp *tcp);
void netmcu__sim_stream_open(netmcu__stream_group *group, netmcu__stack_stream *stream, sim_tcp *tcp);

/* ---- sim_listener.c ---------------------------------------------------------------------------- */

struct netmcu__stack_listener {
  netmcu__stream_group *group; /* first */
  netmcu__task turn;           /* announces a client, and reports the close */
  netmcu__stack_listener *next;
  netmcu_address address;
  unsigned backlog, opening, waiting; /* connections in SYN-RECEIVED, and those that wait to be accepted */
  sim_tcp *first;                     /* that waits */
  bool is_listening, is_closed;
  bool is_announced; /* `client` was called, and the client was not accepted yet */
};

struct netmcu__stack_listener *netmcu__sim_listener_find(const netmcu_sim_host *host, const netmcu_address *local);
bool netmcu__sim_listener_takes(const struct netmcu__stack_listener *listener, const netmcu__sim_packet *syn);
void netmcu__sim_listener_begin(struct netmcu__stack_listener *listener, sim_tcp *tcp);
void netmcu__sim_listener_established(sim_tcp *tcp);
void netmcu__sim_listener_lost(sim_tcp *tcp);

int netmcu__sim_listener_open(netmcu__stream_group *group, netmcu__stack_listener *listener);
int netmcu__sim_listener_listen(netmcu__stack_listener *listener, const netmcu_address *address, int backlog);
int netmcu__sim_listener_address(const netmcu__stack_listener *listener, netmcu_address *address);
int netmcu__sim_listener_accept(netmcu__stack_listener *listener, netmcu__stream_group *group,
                                netmcu__stack_stream *stream);
void netmcu__sim_listener_refuse(netmcu__stack_listener *listener);
void netmcu__sim_listener_close(netmcu__stack_listener *listener);
int netmcu__sim_listener_listen_path(netmcu__stream_group *group, netmcu__stack_listener *listener, const char *path,
                                     int backlog);
int netmcu__sim_listener_adopt(netmcu__stream_group *group, netmcu__stack_listener *listener, intptr_t descriptor,
                               int backlog);

#endif
