/* The simulated network from the inside, for its files:
 *
 *   sim_world.c      running
 *   sim_queue.c      the queue of events
 *   sim_pace.c       running along with a loop of the program
 *   sim_host.c       hosts
 *   sim_memory.c     the memory of a host
 *   sim_context.c    the stack of a context, and the clocks of a host
 *   sim_table.c      tables
 *   sim_path.c       what is between two hosts: links, partitions, holds
 *   sim_link.c       the way of a packet
 *   sim_packet.c     packets, and what observes them
 *   sim_fault.c      asks the program before each fault
 *   sim_pcap.c       pcapng files
 *   sim_tcp*.c       TCP (sim_tcp.h)
 *   sim_stream*.c    streams and listeners on top of it (sim_stream.h)
 *   sim_datagram*.c  UDP (sim_datagram.h)
 *   sim_icmp.c       echo and unreachable
 *   sim_names.c      the name server
 *   sim_interface.c  interfaces
 *
 * A host's side of a connection outlives the stream, and even the context, as in a system. It
 * belongs to the host. The allocator that a program gives to a context serves the objects of the
 * context only. A packet for which there is no memory is lost, as packets may be. */
#ifndef NETMCU_SIM_PRIVATE_H
#define NETMCU_SIM_PRIVATE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/address.h"
#include "base/heap.h"
#include "base/memory.h"
#include "base/random.h"
#include "netmcu_sim.h"
#include "stack/stack.h"

#define SECOND      UINT64_C(1000000000) /* all internal times are in ns */
#define MILLISECOND UINT64_C(1000000)
#define MICROSECOND UINT64_C(1000)
#define NEVER       UINT64_MAX

/* ---- sim_table.c: finds entries by a number ---------------------------------------------------- */

/* Embedded in what a table contains. Several entries may have the same key. */
typedef struct netmcu__sim_entry {
  struct netmcu__sim_entry *next;
  uint64_t key;
} netmcu__sim_entry;

typedef struct netmcu__sim_table {
  netmcu__sim_entry *few;      /* while there are only some, their list; no buckets then */
  netmcu__sim_entry **buckets; /* or NULL */
  uint32_t size, count;
} netmcu__sim_table;

void netmcu__sim_table_add(netmcu__sim_table *table, netmcu__sim_entry *entry, uint64_t key);
void netmcu__sim_table_remove(netmcu__sim_table *table, netmcu__sim_entry *entry);
/* Returns the next entry with this key after `after`, or the first one if `after` is NULL. Returns
 * NULL if no other entry has the key. */
netmcu__sim_entry *netmcu__sim_table_find(const netmcu__sim_table *table, const netmcu__sim_entry *after, uint64_t key);
/* Takes any entry out of the table and returns it, or returns NULL if the table is empty. Afterwards,
 * the table can only be emptied further and ended. */
netmcu__sim_entry *netmcu__sim_table_take(netmcu__sim_table *table);
void netmcu__sim_table_end(netmcu__sim_table *table);

/* ---- sim_world.c ------------------------------------------------------------------------------ */

typedef struct netmcu__sim_event netmcu__sim_event;
struct netmcu__sim_event {
  netmcu__heap_node node;
  uint64_t when, sequence;
  void (*run)(netmcu__sim_event *event);
};

#define NETMCU__SIM_SECONDS 256 /* lists of later events */

typedef struct netmcu__sim_packet netmcu__sim_packet;
typedef struct netmcu__sim_rule netmcu__sim_rule;
typedef struct netmcu__sim_path netmcu__sim_path;

typedef struct netmcu__sim_queue {
  netmcu__sim_packet *first, *last;
  size_t bytes; /* of payload */
} netmcu__sim_queue;

struct netmcu_sim {
  uint64_t now, start, seed, random, sequence;
  netmcu__heap_node *events; /* the next ones; NULL: there are none at all */
  netmcu__heap_node *later[NETMCU__SIM_SECONDS];
  netmcu__heap_node *distant; /* after the seconds of the lists */
  uint64_t later_count;
  uint64_t open; /* the first second whose events are not in `events` */
  uv_loop_t loop;
  struct netmcu__sim_pace *pace; /* of the loop that the world is attached to, or NULL */
  bool is_running, is_stopped, is_ending;
  unsigned contexts; /* that have not ended */

  netmcu_sim_host *hosts, *last_host, *router;
  netmcu_sim_host *client; /* for which a server is allocating now, or NULL */
  unsigned host_count;
  uint32_t next_ip;
  netmcu__sim_table by_ip, paths, names;
  netmcu__sim_rule *rules, *last_rule, *default_rule;
  bool accepts_unmet; /* new rules and those that they replace need not meet any packet */
  netmcu__sim_path *all_paths;
  struct {
    uint64_t delay;
    uint64_t failures, silence;
    netmcu__sim_rule *fault; /* these two; NULL: none */
  } name_server;

  int (*advance)(uint64_t time, void *data); /* whether the world may reach this time; or NULL */
  void *advance_data;
  int (*decide)(const char *text, void *data); /* whether a fault happens; or NULL */
  void *decide_data;
  void (*observe)(const netmcu_sim_packet *packet, void *data);
  void *observe_data;
  FILE *pcap;
};

static inline netmcu__sim_event *netmcu__sim_event_of(const netmcu__heap_node *node)
{
  return netmcu__container((uintptr_t)node, netmcu__sim_event, node);
}

/* Runs the events up to a virtual time, while wanted(data) returns true. NULL stands for a function
 * that always does. Returns whether events are left, or NETMCU_EINPROGRESS. */
int netmcu__sim_run_while(netmcu_sim *world, bool (*wanted)(void *data), void *data, uint64_t until);

/* ---- sim_queue.c ------------------------------------------------------------------------------ */

/* Replaces an earlier time. Events with the same time run in the order in which they were set. */
void netmcu__sim_set(netmcu_sim *world, netmcu__sim_event *event, uint64_t when);
void netmcu__sim_clear(netmcu_sim *world, netmcu__sim_event *event);

/* ---- sim_pace.c ------------------------------------------------------------------------------- */

void netmcu__sim_follow_pace(netmcu_sim *world); /* waits for the first event */

/* Between the events of an attached world, time goes on, up to the next event. */
uint64_t netmcu__sim_time_between(const netmcu_sim *world);

/* Called before the program does something that counts from now. */
static inline void netmcu__sim_catch_up(netmcu_sim *world)
{
  if (world->pace && !world->is_running)
    world->now = netmcu__sim_time_between(world);
}

/* ---- random numbers, sim_world.c -------------------------------------------------------------- */

/* True in a share of the cases: `threshold` is that share in 2^-32. */
bool netmcu__sim_chance(netmcu_sim *world, uint64_t threshold);
uint64_t netmcu__sim_threshold(double share);

/* ---- sim_host.c ------------------------------------------------------------------------------- */

/* How a system behaves. Times are in ns; 0 means "none" or "at once". */
typedef struct netmcu__sim_profile {
  const netmcu__stream_operations *streams;
  bool is_device;
  uint32_t send_buffer, receive_window;
  uint8_t window_scale;
  uint8_t ttl;
  unsigned initial_window; /* of congestion control, in segments */
  unsigned retransmissions, syn_retransmissions;
  uint64_t rto, least_rto;
  uint64_t fast_tick, slow_tick; /* timers expire at multiples of these; 0: when they are due */
  uint64_t acknowledgement_delay;
  unsigned keepalive_probes;
  uint64_t keepalive_interval;
  uint64_t syn_received, fin_wait_2, time_wait;
  uint16_t first_port;
  size_t datagram_queue; /* bytes that a UDP socket keeps */
} netmcu__sim_profile;

#define FIRST_IP ((10u << 24) + 1) /* of the hosts that get an address */

extern const netmcu__sim_profile netmcu__sim_device, netmcu__sim_desktop;

/* The region of a host. */
typedef struct netmcu__sim_memory {
  char *rest;  /* of its last piece */
  size_t room; /* there */
  void *second;
  struct netmcu__sim_block *freed;
} netmcu__sim_memory;

/* What a packet needs comes first: with thousands of hosts, it is rarely in the processor's cache. */
struct netmcu_sim_host {
  netmcu_sim *world;
  netmcu__sim_entry by_ip;
  netmcu_address ip;
  bool is_up;
  uint16_t next_port;
  int32_t drift; /* millionths */
  unsigned number;
  const netmcu__sim_profile *profile;
  netmcu__sim_rule *partition; /* or NULL */
  netmcu__sim_rule *out, *in;  /* of what it sends to all hosts, and of what they send to it */
  netmcu_sim_host *neighbour;  /* which shares the loopback; or NULL */
  netmcu__sim_table connections;
  uint64_t booted;

  netmcu_sim_host *next;
  struct netmcu__sim_stack *stack; /* of its context, or NULL */
  int64_t skew;                    /* ns */
  uint64_t random;
  unsigned active; /* connections that are not in TIME-WAIT */
  struct netmcu__sim_tcp *all_connections;
  struct netmcu__stack_listener *listeners;
  struct netmcu__stack_socket *sockets;
  struct netmcu__stack_echo *echo;
  netmcu__sim_memory memory;
  char name[64];
};

/* The stack of a context. */
typedef struct netmcu__sim_stack {
  netmcu__stack stack;
  netmcu_sim_host *host;
  netmcu__sim_event turn, timer;
  unsigned alive; /* what keeps the context running */
  bool timer_keeps_alive, is_closing;
  bool is_stopped; /* by netmcu_stop outside of a run: the next run ends at once */
  bool *is_gone;   /* set at the end, for the function that runs the context */
  netmcu__name_servers name_servers;
} netmcu__sim_stack;

static inline netmcu__sim_stack *netmcu__sim_stack_of(netmcu__stack *stack)
{
  return (netmcu__sim_stack *)stack;
}

static inline netmcu_sim_host *netmcu__sim_host_of(netmcu__stack *stack)
{
  return netmcu__sim_stack_of(stack)->host;
}

netmcu_sim_host *netmcu__sim_host_at(netmcu_sim *world, const netmcu_address *ip); /* NULL if no host has the address */
int netmcu__sim_check_family(netmcu_address *address); /* 0 for IPv4, which an open family becomes */
bool netmcu__sim_is_own(const netmcu_sim_host *host, const netmcu_address *ip);
bool netmcu__sim_is_local(const netmcu_address *ip);   /* in the network of the world */
bool netmcu__sim_is_for_all(const netmcu_address *ip); /* a broadcast, or to a group */
/* A free port for a new connection or socket. */
uint16_t netmcu__sim_free_port(netmcu_sim_host *host, bool (*is_used)(const netmcu_sim_host *host, uint16_t port));
/* The address from which the host sends to `to`. */
netmcu_address netmcu__sim_source(const netmcu_sim_host *host, const netmcu_address *to, uint16_t port);
void netmcu__sim_hosts_end(netmcu_sim *world);

/* ---- sim_memory.c ----------------------------------------------------------------------------- */

netmcu_sim_host *netmcu__sim_host_allocate(void);
void netmcu__sim_host_release(netmcu_sim_host *host); /* with its region */

/* For what belongs to the host until the world ends at the latest. The block is zeroed. */
void *netmcu__sim_allocate(netmcu_sim_host *host, size_t size);
void netmcu__sim_release(void *block);

extern const netmcu__memory netmcu__sim_host_memory; /* of contexts without an allocator of their own */

/* ---- sim_packet.c ----------------------------------------------------------------------------- */

struct netmcu__sim_packet {
  netmcu__sim_event arrival;
  netmcu__sim_packet *next; /* of a queue */
  netmcu_sim_host *from, *to;
  netmcu_address source, destination;
  uint8_t protocol, flags, ttl;
  uint16_t window, mss; /* mss: of a SYN; 0: not given */
  uint8_t scale;        /* of a SYN; NO_SCALE: not given */
  uint32_t sequence, acknowledgement;
  size_t size;
  char data[];
};

#define NO_SCALE 255

netmcu__sim_packet *netmcu__sim_packet_new(netmcu_sim_host *from, uint8_t protocol, size_t size);
netmcu__sim_packet *netmcu__sim_packet_copy(const netmcu__sim_packet *packet); /* NULL if memory runs out */
size_t netmcu__sim_packet_size(const netmcu__sim_packet *packet);              /* with its headers */
void netmcu__sim_observe(const netmcu__sim_packet *packet, int fate);

void netmcu__sim_queue_append(netmcu__sim_queue *queue, netmcu__sim_packet *packet);
netmcu__sim_packet *netmcu__sim_queue_take(netmcu__sim_queue *queue); /* NULL if it is empty */
void netmcu__sim_queue_clear(netmcu__sim_queue *queue);

/* ---- sim_fault.c ------------------------------------------------------------------------------ */

/* Returns whether this happens to the packet. */
bool netmcu__sim_packet_fault(const netmcu__sim_packet *packet, const char *what);

/* ---- sim_pcap.c ------------------------------------------------------------------------------- */

void netmcu__sim_pcap_write(netmcu_sim *world, const netmcu__sim_packet *packet, int fate);

/* ---- sim_rule.c ------------------------------------------------------------------------------- */

/* What netmcu_sim_set_link has set, for one or more paths; also a partition, a hold, failures of the
 * name server, a crash, or a rule of netmcu_set_fault. */
struct netmcu__sim_rule {
  netmcu__sim_rule *next;
  netmcu_sim_link link;
  uint64_t loss, duplication, reordering; /* thresholds */
  uint64_t packets;                       /* that it has met */
  uint64_t begun;                         /* when it was set */
  bool is_expected;                       /* to meet any */
  char text[];
};

/* Adds a fault that netmcu_sim_unmet reports until a packet has met it. `b` may be NULL. Returns NULL
 * if memory runs out. */
netmcu__sim_rule *netmcu__sim_rule_add(netmcu_sim *world, const char *kind, const netmcu_sim_host *a,
                                       const char *between, const netmcu_sim_host *b);
/* The same for a rule of netmcu_set_fault. Returns the count of its effects. */
uint64_t *netmcu__sim_expect(netmcu_sim *world, const char *text);
void netmcu__sim_rule_met(netmcu__sim_rule *rule); /* may be NULL */
/* Another rule replaces this one, which may be NULL. If somebody does so by hand, this one need not meet
 * a packet any more. */
void netmcu__sim_rule_excuse(const netmcu_sim *world, netmcu__sim_rule *rule);
void netmcu__sim_rule_set_link(netmcu__sim_rule *rule, const netmcu_sim_link *link);
bool netmcu__sim_link_is_valid(const netmcu_sim_link *link);
void netmcu__sim_rules_end(netmcu_sim *world);

/* ---- sim_path.c ------------------------------------------------------------------------------- */

/* The link from one host to another. */
struct netmcu__sim_path {
  netmcu__sim_entry entry;
  netmcu__sim_path *next;
  netmcu__sim_rule *rule; /* of its own, or NULL */
  netmcu__sim_rule *hold; /* or NULL */
  netmcu__sim_queue held;
  uint64_t free_at; /* when everything that waits for the bandwidth is sent */
  uint64_t last;    /* the latest arrival */
};

netmcu__sim_path *netmcu__sim_path_find(const netmcu_sim_host *from, const netmcu_sim_host *to); /* or NULL */
netmcu__sim_path *netmcu__sim_path_get(const netmcu_sim_host *from, const netmcu_sim_host *to);  /* NULL: no memory */
/* The rule of a path: its own, or that of all links of one of its hosts, or the default. */
netmcu__sim_rule *netmcu__sim_path_rule(const netmcu_sim_host *from, const netmcu_sim_host *to,
                                        const netmcu__sim_path *path);
netmcu__sim_rule *netmcu__sim_partition_between(const netmcu_sim_host *a, const netmcu_sim_host *b); /* or NULL */
unsigned netmcu__sim_mtu(netmcu_sim_host *from, const netmcu_address *to);
bool netmcu__sim_links_begin(netmcu_sim *world);
void netmcu__sim_links_end(netmcu_sim *world);

/* ---- sim_link.c ------------------------------------------------------------------------------- */

/* Sends a packet, which belongs to the network from then on. */
void netmcu__sim_send(netmcu__sim_packet *packet);
void netmcu__sim_transmit(netmcu__sim_packet *packet); /* to another host, whose address need not be found */

/* ---- what takes packets ----------------------------------------------------------------------- */

void netmcu__sim_tcp_arrived(netmcu_sim_host *host, netmcu__sim_packet *packet);
void netmcu__sim_datagram_arrived(netmcu_sim_host *host, netmcu__sim_packet *packet);
void netmcu__sim_icmp_arrived(netmcu_sim_host *host, netmcu__sim_packet *packet);

/* Whether the host has something open that takes the packet. */
bool netmcu__sim_tcp_takes(const netmcu_sim_host *host, const netmcu__sim_packet *packet);
bool netmcu__sim_datagram_takes(const netmcu_sim_host *host, const netmcu__sim_packet *packet);

/* A packet of this host did not reach its destination. */
void netmcu__sim_tcp_unreachable(netmcu_sim_host *host, const netmcu__sim_packet *lost);
void netmcu__sim_datagram_unreachable(netmcu_sim_host *host, const netmcu__sim_packet *lost);

/* ---- sim_icmp.c ------------------------------------------------------------------------------- */

/* Tells the sender of a packet that no socket, or no host, takes it. */
void netmcu__sim_port_unreachable(netmcu_sim_host *host, const netmcu__sim_packet *lost);
void netmcu__sim_host_unreachable(const netmcu__sim_packet *lost);

/* ---- sim_names.c ------------------------------------------------------------------------------ */

/* Sets the address of a name, which may be that of a host. Returns false if memory runs out. */
bool netmcu__sim_name_set(netmcu_sim *world, const char *name, const netmcu_address *ip, netmcu_sim_host *host);
void netmcu__sim_name_remove(netmcu_sim *world, const char *name);
void netmcu__sim_name_server_arrived(netmcu_sim_host *router, const netmcu__sim_packet *question);
void netmcu__sim_names_end(netmcu_sim *world);

/* ---- the end of what a host has open ---------------------------------------------------------- */

void netmcu__sim_tcp_forget(netmcu_sim_host *host);      /* the connections vanish */
void netmcu__sim_datagram_forget(netmcu_sim_host *host); /* nothing is received any more */

extern const netmcu__stream_operations netmcu__sim_device_streams, netmcu__sim_desktop_streams;
extern const netmcu__datagram_operations netmcu__sim_datagrams;
extern const netmcu__echo_operations netmcu__sim_echo;
extern const netmcu__interface_operations netmcu__sim_interfaces;

#endif
