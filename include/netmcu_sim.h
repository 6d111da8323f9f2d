/* netmcu_sim: a network that exists only in memory, in virtual time, for tests.
 *
 * A world has hosts, the links between them, and one queue of events. Each host has a context
 * (netmcu_t), and its objects are those of <netmcu.h>. The world jumps from event to event, so
 * waiting costs no time, and the same seed always gives the same events.
 *
 *   netmcu_sim *world = netmcu_sim_new(1, 0);
 *   netmcu_sim_host *lamp = netmcu_sim_host_new(world, "lamp", NULL, NETMCU_SIM_DEVICE);
 *   netmcu_sim_host *hub = netmcu_sim_host_new(world, "hub", NULL, NETMCU_SIM_DESKTOP);
 *   netmcu_t *lamp_ctx = netmcu_sim_context(lamp, NULL);        // then as on a real network
 *   netmcu_t *hub_ctx = netmcu_sim_context(hub, NULL);
 *   netmcu_sim_run(world, 60 * 1000000);                        // a minute
 *   netmcu_sim_free(world);
 *
 * Times are in microseconds. The network is IPv4 only. It is one flat network, in which every host
 * reaches every other host, also with broadcasts and multicasts. The address 10.0.0.1 is that of the
 * router, which is also the name server. It knows the name of every host. An answer may be kept for
 * 60 s; until then, a host that asked does not notice that another one has moved.
 *
 * A context of a world is used like any other, with these differences: netmcu_run runs the whole
 * world until nothing is left to happen for this context; netmcu_close is always asynchronous, and
 * netmcu_get_loop returns the loop of the world.
 * A world and its contexts belong to one thread.
 */
#ifndef NETMCU_SIM_H
#define NETMCU_SIM_H

#include <netmcu.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct netmcu_sim netmcu_sim;
typedef struct netmcu_sim_host netmcu_sim_host;

/* --------------------------------------------------------------------------------------- worlds */

/* Creates a world. `start` is the time of its clocks in µs since 1970. Returns NULL if memory or
 * file descriptors run out, or if the library was built without it (-DNETMCU_SIM=OFF). */
NETMCU_API netmcu_sim *netmcu_sim_new(uint64_t seed, uint64_t start);

/* Ends the world: closes its contexts, runs it until they have ended, and releases it. Must not be
 * called while it runs. */
NETMCU_API void netmcu_sim_free(netmcu_sim *world);

/* Returns the loop of the world, on which a program may have handles of its own. It is run now and
 * then between events, and when nothing else can happen. */
NETMCU_API uv_loop_t *netmcu_sim_get_loop(netmcu_sim *world);

/* Returns the virtual time since the beginning in ns. */
NETMCU_API uint64_t netmcu_sim_time(const netmcu_sim *world);

/* Returns the virtual time of the next event in ns, or UINT64_MAX if there is none. */
NETMCU_API uint64_t netmcu_sim_next(const netmcu_sim *world);

/* Returns a random number, which the seed determines. */
NETMCU_API uint64_t netmcu_sim_random(netmcu_sim *world);

/* ---------------------------------------------------------------------------------------- hosts */

enum netmcu_sim_profile {
  NETMCU_SIM_DEVICE, /* the TCP/IP of the ESP8266, with its buffers and timers. As on the chip, `sent`
                        fires once for each acknowledgement. In strict mode, a hold without TLS only
                        closes the window, and the idle timeout of a server only ends dead clients */
  NETMCU_SIM_DESKTOP /* like a Linux system */
};

/* Adds a host. `name` is a host name of up to 63 bytes, not an address, and `ip` its address; NULL
 * means the next free address from 10.0.0.2 on. `profile` is a netmcu_sim_profile. The world owns the
 * host. Returns NULL if memory runs out, if the name or the address is malformed or in use, or if
 * there is no such profile. */
NETMCU_API netmcu_sim_host *netmcu_sim_host_new(netmcu_sim *world, const char *name, const char *ip, int profile);

/* Return the name and the address of a host. */
NETMCU_API const char *netmcu_sim_host_name(const netmcu_sim_host *host);
NETMCU_API netmcu_address netmcu_sim_host_address(const netmcu_sim_host *host);

/* Returns the host with this name, or NULL. */
NETMCU_API netmcu_sim_host *netmcu_sim_host_find(netmcu_sim *world, const char *name);

/* Returns the context of a host. If it has none, this function creates it, with `options` as for
 * netmcu_new; otherwise `options` is ignored. Returns NULL as netmcu_new does, or if the host has
 * crashed. netmcu_close ends the context, but not the host: the host still sends what it has
 * accepted, and a new context can be created. */
NETMCU_API netmcu_t *netmcu_sim_context(netmcu_sim_host *host, const netmcu_options *options);

/* Lets the host fail without a word: its connections vanish, what it has not sent is lost, and
 * nothing that arrives is answered. Its context is closed as by netmcu_close. */
NETMCU_API void netmcu_sim_crash(netmcu_sim_host *host);

/* Starts a crashed host again, without connections. netmcu_sim_context then creates a context. */
NETMCU_API void netmcu_sim_restart(netmcu_sim_host *host);

/* Makes two hosts share the addresses 127.0.0.0/8, as two programs on one machine do: a packet to a
 * port that only the other host has open reaches that host. netmcu_run of one of their contexts also
 * waits for what can still happen on the other host. */
NETMCU_API void netmcu_sim_share_loopback(netmcu_sim_host *a, netmcu_sim_host *b);

/* Cuts the host off: what it sends from now on is lost, and nothing reaches it. This is for a program
 * that must end what it has on the host before netmcu_sim_crash closes the context. */
NETMCU_API void netmcu_sim_unplug(netmcu_sim_host *host);

/* Changes the name of a host. Returns NETMCU_EVALUE if it is malformed or in use. */
NETMCU_API int netmcu_sim_set_name(netmcu_sim_host *host, const char *name);

/* Changes the address of a host; `ip` is as for netmcu_sim_host_new. Its connections stay open but
 * get no answers any more. Its name resolves to the new address. Returns NETMCU_EVALUE or
 * NETMCU_EADDRINUSE. */
NETMCU_API int netmcu_sim_set_address(netmcu_sim_host *host, const char *ip);

/* Sets the clock of a host: `skew` µs ahead of the world's (less than 0: behind), and `drift`
 * millionths faster. To be called before the host has a context. */
NETMCU_API void netmcu_sim_set_clock(netmcu_sim_host *host, int64_t skew, int32_t drift);

/* Returns the time of the host's clock in µs since 1970. */
NETMCU_API uint64_t netmcu_sim_clock(const netmcu_sim_host *host);

/* Returns a random number of this host. The seed and the host's place among the hosts determine
 * it; what other hosts do does not change it. */
NETMCU_API uint64_t netmcu_sim_host_random(netmcu_sim_host *host);

/* ---------------------------------------------------------------------------------------- links */

/* What a link does to the packets in one direction. Initialise it with NETMCU_SIM_LINK_INIT. */
typedef struct netmcu_sim_link {
  size_t size;        /* sizeof(netmcu_sim_link) when the program was compiled */
  uint64_t latency;   /* µs */
  uint64_t jitter;    /* µs at most in addition, at random; the order of the packets stays */
  double loss;        /* the share of packets that are lost, 0 to 1 */
  double duplication; /* the share that arrives twice */
  double reordering;  /* the share that arrives late, behind packets that were sent later */
  uint64_t bandwidth; /* bytes/s; 0: no limit */
  size_t queue;       /* bytes that may wait for the bandwidth; further packets are lost */
  unsigned mtu;       /* bytes; larger packets are lost */
} netmcu_sim_link;

#define NETMCU_SIM_LINK_INIT                                                                                           \
  {                                                                                                                    \
    sizeof(netmcu_sim_link), 1000, 0, 0, 0, 0, 0, 65536, 1500                                                          \
  }

/* Sets the link between two hosts, in both directions. NULL for one of them means every host that
 * has no link of its own with the other. NULL for both means the default link, which has the values
 * of NETMCU_SIM_LINK_INIT at first. Returns NETMCU_EVALUE if a value is out of range, or
 * NETMCU_ENOMEM. */
NETMCU_API int netmcu_sim_set_link(netmcu_sim *world, netmcu_sim_host *a, netmcu_sim_host *b,
                                   const netmcu_sim_link *link);

/* Like netmcu_sim_set_link, for the direction from `from` to `to` only. */
NETMCU_API int netmcu_sim_set_path(netmcu_sim *world, netmcu_sim_host *from, netmcu_sim_host *to,
                                   const netmcu_sim_link *link);

/* Fills `link` with what applies to the packets from `from` to `to`. Returns what becomes of these
 * packets now: NETMCU_SIM_SENT, NETMCU_SIM_SEPARATED or NETMCU_SIM_HELD. */
NETMCU_API int netmcu_sim_get_path(const netmcu_sim_host *from, const netmcu_sim_host *to, netmcu_sim_link *link);

/* Separates these hosts from all others. Among themselves they stay connected. A host is in one
 * partition at a time. netmcu_sim_repair ends all partitions. Returns NETMCU_EARGUMENT if there are
 * no hosts or one of them is NULL, or NETMCU_ENOMEM. */
NETMCU_API int netmcu_sim_partition(netmcu_sim *world, netmcu_sim_host *const *hosts, unsigned count);
NETMCU_API void netmcu_sim_repair(netmcu_sim *world);

/* Holds back the packets between two hosts. netmcu_sim_release lets them continue, in their order.
 * Returns NETMCU_EARGUMENT if a host is NULL, or NETMCU_ENOMEM. */
NETMCU_API int netmcu_sim_hold(netmcu_sim *world, netmcu_sim_host *a, netmcu_sim_host *b);
NETMCU_API void netmcu_sim_release(netmcu_sim *world, netmcu_sim_host *a, netmcu_sim_host *b);

/* Calls `visit` for each fault that has not taken effect, with a text that describes it: links,
 * partitions and holds that no packet has met, name failures without a question, crashes of a host
 * that was down, and rules of netmcu_set_fault, unless they begin with '?'. Returns how many there are:
 * a test that expects a fault should fail if its fault never took effect. `visit` may be NULL. */
NETMCU_API unsigned netmcu_sim_unmet(const netmcu_sim *world, void (*visit)(const char *text, void *data), void *data);

/* Takes what netmcu_sim_unmet would report now for intended, and leaves it out from now on. */
NETMCU_API void netmcu_sim_accept_unmet(netmcu_sim *world);

/* Sets whether netmcu_sim_unmet reports the faults that are caused from now on, and the links and
 * partitions that are replaced or ended from now on; at first, it does. Use 0 while somebody tries
 * faults by hand, or while they are drawn at random. */
NETMCU_API void netmcu_sim_expect_effects(netmcu_sim *world, int expected);

/* ---------------------------------------------------------------------------------------- names */

/* Adds a name, with an IPv4 address. An earlier address of the name is replaced; NULL removes the
 * name. Returns NETMCU_EVALUE or NETMCU_ENOMEM. */
NETMCU_API int netmcu_sim_add_name(netmcu_sim *world, const char *name, const char *ip);

/* Sets how the name server answers. `delay` is in µs; `failures` is the share of questions that it
 * answers with a failure, and `silence` the share that it does not answer. */
NETMCU_API void netmcu_sim_set_names(netmcu_sim *world, uint64_t delay, double failures, double silence);

/* -------------------------------------------------------------------------------------- running */

/* These functions return NETMCU_EINPROGRESS if the world is running already, and otherwise 1 if
 * there are further events, or 0. */

/* Runs for this time. At its end, the world's time is exactly that much later, unless
 * netmcu_sim_stop was called. */
NETMCU_API int netmcu_sim_run(netmcu_sim *world, uint64_t time);

/* Runs until nothing can happen any more, but for this time at most. */
NETMCU_API int netmcu_sim_run_idle(netmcu_sim *world, uint64_t time);

/* Runs until `done(data)` is true, which is asked after every event. Returns 1 once it is true, or
 * 0 if it is not true after this time or when nothing can happen any more. */
NETMCU_API int netmcu_sim_wait(netmcu_sim *world, int (*done)(void *data), void *data, uint64_t time);

/* Runs one event. */
NETMCU_API int netmcu_sim_step(netmcu_sim *world);

/* Ends the function that runs the world after the current event. If no function does, the next one
 * to run the world returns before its first event. */
NETMCU_API void netmcu_sim_stop(netmcu_sim *world);

/* Sets what is asked before each event, and before a run ends, with the virtual time in ns that the
 * world is about to reach. While `may_reach` returns 0, the world waits on its loop
 * (netmcu_sim_get_loop), and asks again whenever something has happened there. A program can thus
 * pause a world, run it step by step, or let it keep pace with real time. Without an active handle
 * on that loop, the world does not wait. */
NETMCU_API void netmcu_sim_on_advance(netmcu_sim *world, int (*may_reach)(uint64_t time, void *data), void *data);

/* Lets time pass as if the program had computed for that long. Nothing happens meanwhile, and events
 * that become due happen late. To be called in a callback. */
NETMCU_API void netmcu_sim_delay(netmcu_sim *world, uint64_t time);

/* Returns the world of a host. */
NETMCU_API netmcu_sim *netmcu_sim_of(const netmcu_sim_host *host);

/* Calls `call(data)` after `delay` µs. A test can schedule anything with it: its own actions, and
 * faults. Returns NETMCU_ENOMEM if memory runs out. */
NETMCU_API int netmcu_sim_at(netmcu_sim *world, uint64_t delay, void (*call)(void *data), void *data);

/* Lets the world run along with a loop of the program: `speed` µs of the world pass in a µs of real
 * time. Returns NETMCU_EVALUE unless `speed` is above 0 and at most 1e9, NETMCU_EARGUMENT if `loop`
 * is NULL, NETMCU_EINPROGRESS if the world is attached, or NETMCU_ENOMEM. netmcu_sim_detach ends
 * this, and must be called before netmcu_sim_free. */
NETMCU_API int netmcu_sim_attach(netmcu_sim *world, uv_loop_t *loop, double speed);
NETMCU_API void netmcu_sim_detach(netmcu_sim *world);

/* --------------------------------------------------------------------------------------- faults */

/* Sets what is asked before each fault: whenever a link loses, doubles or delays a packet, the name
 * server fails, a partition or a hold begins, a rule of netmcu_set_fault strikes, or the program
 * calls netmcu_sim_fault. `text` describes the fault. If `decide` returns 0, the fault does not
 * happen; everything else draws the same random numbers as before. A program can thus search for
 * the faults that matter. `decide` must not change the world. */
NETMCU_API void netmcu_sim_on_fault(netmcu_sim *world, int (*decide)(const char *text, void *data), void *data);

/* Asks about a fault that the program itself causes, such as a crash. Returns 0 if it is not to
 * happen. */
NETMCU_API int netmcu_sim_fault(netmcu_sim *world, const char *text);

/* -------------------------------------------------------------------------------------- packets */

/* What becomes of a packet. */
enum netmcu_sim_fate {
  NETMCU_SIM_SENT,
  NETMCU_SIM_LOST,        /* by the link */
  NETMCU_SIM_SEPARATED,   /* by a partition */
  NETMCU_SIM_HELD,        /* kept back */
  NETMCU_SIM_UNREACHABLE, /* no host has its destination */
  NETMCU_SIM_DUPLICATED   /* sent, and arrives twice */
};

#define NETMCU_SIM_ICMP 1
#define NETMCU_SIM_TCP  6
#define NETMCU_SIM_UDP  17

#define NETMCU_SIM_FIN 1
#define NETMCU_SIM_SYN 2
#define NETMCU_SIM_RST 4
#define NETMCU_SIM_PSH 8
#define NETMCU_SIM_ACK 16

typedef struct netmcu_sim_packet {
  uint64_t time; /* as netmcu_sim_time */
  const netmcu_sim_host *from;
  int fate;
  int protocol; /* NETMCU_SIM_TCP … */
  netmcu_address source, destination;
  unsigned flags; /* of TCP; the type of an ICMP message */
  uint32_t sequence, acknowledgement;
  uint16_t window;
  const void *data; /* the payload */
  size_t size;
  const netmcu_sim_host *to; /* NULL: no host has the destination. Each host gets a packet to all */
} netmcu_sim_packet;

/* Sets what is called for each packet when it is sent. The function must not change the world. */
NETMCU_API void netmcu_sim_on_packet(netmcu_sim *world, void (*call)(const netmcu_sim_packet *packet, void *data),
                                     void *data);

/* Writes all packets from now on to a file in pcapng format, which Wireshark reads. Packets that
 * are lost have a comment that says why. NULL ends the file. Returns 0 or an error of the system. */
NETMCU_API int netmcu_sim_pcap(netmcu_sim *world, const char *path);

#ifdef __cplusplus
}
#endif

#endif
