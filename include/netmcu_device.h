/* netmcu_device.h: for programs that run device scripts, and for tests.
 *
 * It adds to netmcu.h what has no place in a usual C program: strict mode and warnings, which report
 * what the device would do differently, rules that redirect a script's ports and hosts, faults, a
 * trace, and statistics. All rules of netmcu.h apply. */
#ifndef NETMCU_DEVICE_H
#define NETMCU_DEVICE_H

#include <netmcu.h>
#include <netmcu_divergences.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------------------------- divergences */

/* Called when the program does something that the device would answer differently: a "divergence".
 * `divergence` is an id of netmcu_divergences.h. `text` says in one line what happened and what the
 * device does. The callback runs inside the function that found the divergence, which then goes on.
 * It must not open, close or free anything. */
typedef void (*netmcu_warning_cb)(netmcu_t *ctx, int divergence, const char *text, void *data);
#define NETMCU_NOTICE (-1) /* passed as `divergence` for other notices, which strict mode allows */

/* Sets the warning callback; NULL removes it. */
NETMCU_API void netmcu_set_warning(netmcu_t *ctx, netmcu_warning_cb cb, void *data);

/* Sets strict mode, in which every divergence from the device is an error: 1, or 0, the default.
 * netmcu_is_strict returns 1 or 0. */
NETMCU_API void netmcu_set_strict(netmcu_t *ctx, int strict);
NETMCU_API int netmcu_is_strict(const netmcu_t *ctx);

/* Reports that a script does something that the device would answer differently. `divergence` is an
 * id of <netmcu_divergences.h>. `number` replaces the %ld in the text of the divergence. Calls the
 * warning callback and returns 0. In strict mode it returns the error to raise in the script instead:
 * the device's own, or NETMCU_ESTRICT. Returns NETMCU_EARGUMENT if the library does not know the id.
 *
 * netmcu_get_divergence_text returns the text of the last divergence that was a warning or an error.
 * For NETMCU_ESTRICT this is the message to raise. The text is valid until the next divergence. */
NETMCU_API int netmcu_diverge(netmcu_t *ctx, int divergence, long number);
NETMCU_API const char *netmcu_get_divergence_text(const netmcu_t *ctx);

/* --------------------------------------------------------------------------------------- frames */

/* Takes the next frame of the same read, inside `receive`. This saves a callback for each frame,
 * which helps if callbacks are expensive, for example functions of a script. Sets `data` and `size`
 * and returns 1. Returns 0 if there is no further frame, if the connection has been held or closed
 * since, or outside of `receive`. Frames that are not taken here arrive in further `receive`
 * events. */
NETMCU_API int netmcu_connection_next_frame(netmcu_connection *c, const char **data, size_t *size);

/* ---------------------------------------------------------------------------------------- reach */

/* These rules redirect a script's ports and hosts, for prototypes and tests. The script stays
 * unchanged and still sees the ports and addresses that it asked for. Rules are strings, as on a
 * command line. NULL removes all rules that the function has set before. Objects that are already
 * open keep theirs.
 *
 * A function that rejects a rule returns NETMCU_EVALUE. netmcu_get_rule_error then returns the reason,
 * as text for people. */
NETMCU_API const char *netmcu_get_rule_error(const netmcu_t *ctx);

/* Maps the ports that servers and UDP sockets listen on. getaddr still returns the port that was
 * asked for. Connects and datagrams to that port at an address of this machine reach the listener.
 *   "80=8080"              a listen on port 80 really opens port 8080
 *   "53/udp=5353"          UDP only; "/tcp" means TCP only
 *   "8000-8010=9000"       a range: 8003 becomes 9003
 *   "80=0"                 a free port; netmcu_get_mapped_port returns it
 *   "auto"                 if the system refuses a port below 1024, opens the port 8000 higher; a
 *                          warning with NETMCU_NOTICE reports it
 * If several rules match, the last one applies. */
NETMCU_API int netmcu_map_port(netmcu_t *ctx, const char *rule);

/* Returns the port that was really opened by the last listen on `port`: by a UDP socket if `udp` is
 * not 0, else by a server. Returns `port` if it is not mapped. */
NETMCU_API uint16_t netmcu_get_mapped_port(netmcu_t *ctx, int udp, uint16_t port);

/* Redirects lookups, connects, datagrams and pings. The rule is "HOST[:PORT]=IP[:PORT]". Without a
 * PORT, HOST matches on every port. getpeer still returns the port that was asked for. HOST is one
 * of these:
 *   a name                 matches this name
 *   an address             matches this address
 *   "*.domain"             matches the names below the domain
 *   "*"                    matches all names, and all addresses except multicast groups, broadcasts
 *                          and the targets of rules
 * The most specific rule applies: a name or address before "*.domain" before "*", and a rule with a
 * port before one without. Among equal rules the last one applies.
 *
 * A lookup returns the address of the rule. If the rule changes the port, the lookup returns an
 * address of 198.18.0.0/15 that stands for the name. Connects and datagrams to this address are
 * redirected like those to the name. */
NETMCU_API int netmcu_map_host(netmcu_t *ctx, const char *rule);

/* Sets the address of servers and UDP sockets that listen on no specific address, or on 0.0.0.0.
 * With "127.0.0.1" only this machine can reach them. A UDP socket bound to such an address receives
 * no multicasts. Sockets that only send are not affected. */
NETMCU_API int netmcu_bind_to(netmcu_t *ctx, const char *ip);

/* --------------------------------------------------------------------------------------- faults */

/* Adds a fault, so that tests can see how a script copes with a bad network. There may be up to 64.
 * NULL removes them all, and stalled connections continue. The rule is "KIND[,KEY=VALUE]...". The
 * kinds:
 *   refuse   connects are refused, as by a closed port; a server's clients are reset at once
 *   reset    the connection is reset for both sides, after= this many bytes (default 0)
 *   delay    connects, received data and datagrams arrive ms= milliseconds later
 *   stall    nothing is transferred after= this many bytes; without after= a connect gets no answer
 *   cut      data is received in frames of size= bytes; with seed=, of 1 to size bytes
 *   dns      lookups find no such name
 * Datagrams have no connection: refuse, reset and stall lose them, in both directions.
 *
 * All keys are optional unless a kind needs them:
 *   peer=         a name or address as the script uses it, '*' for any text; for dns: the name
 *   port=         the peer's port; for clients of a server and for datagrams, also the local port
 *   after=        the number of bytes that pass first
 *   direction=    in or out: only received or only sent bytes count for after=; default: both
 *   probability=  0 to 1: the share of connections, lookups or datagrams that are hit, at random
 *                 but in the same way in each run
 *   seed=         chooses another sequence of random numbers (default 1; on a simulated network, the
 *                 seed of the world chooses it)
 * A rule is applied when a connection starts. Open connections keep their faults. If a name has
 * several addresses, a rule for one of them strikes only the attempt to connect to it. On a simulated
 * network, netmcu_sim_unmet reports a rule that never took effect, unless it begins with '?', as in
 * "?refuse,port=80". */
NETMCU_API int netmcu_set_fault(netmcu_t *ctx, const char *rule);

/* ---------------------------------------------------------------------------------------- trace */

/* An event between a script and the network. Its pointers are valid until the callback returns. */
typedef struct netmcu_trace_event {
  uint64_t time;      /* of netmcu_get_time */
  const char *object; /* "net.socket", "net.server", "net.udpsocket", "lookup", "net.ping" */
  unsigned number;    /* of the object: from 1, in the order of the first events */
  char direction;     /* '<' from the network, '>' to the network, 0 local */
  const char *what;   /* the event; docs/trace.md lists them */
  const netmcu_address *peer; /* as the script knows it; a server's own address; or NULL */
  const char *name;   /* the name that was asked for, or NULL */
  const char *detail; /* a remark in words, or NULL */
  int error;          /* 0 or NETMCU_E... */
  const void *data;   /* the bytes sent or received, or NULL */
  size_t size;
} netmcu_trace_event;

/* Called for each event, inside the function that caused it. The only function of netmcu that it
 * may call is netmcu_trace_format. */
typedef void (*netmcu_trace_cb)(netmcu_t *ctx, const netmcu_trace_event *event, void *data);

/* Sets the trace callback. NULL turns tracing off; without a callback, tracing costs nothing.
 * Returns NETMCU_ENOMEM if memory runs out. */
NETMCU_API int netmcu_set_trace(netmcu_t *ctx, netmcu_trace_cb cb, void *data);

#define NETMCU_TRACE_JSON   1 /* a JSON object, see docs/trace.md; default: text for people */
#define NETMCU_TRACE_DATA   2 /* with all data in hexadecimal; in text, on further lines */
#define NETMCU_TRACE_COLOUR 4 /* with the colours of a terminal; text only */

/* Writes the event to `text` as a line without a newline. Returns the length of the whole line, as
 * snprintf does: if this is `size` or more, the line was cut. */
NETMCU_API size_t netmcu_trace_format(const netmcu_trace_event *event, unsigned flags, char *text, size_t size);

/* ----------------------------------------------------------------------------------- interfaces */

#define NETMCU_INTERFACE_IPV6 4 /* the most IPv6 addresses of an interface that are listed */

typedef struct netmcu_interface {
  size_t size; /* set it to sizeof(netmcu_interface) before the call */
  char name[64];
  netmcu_address ip, netmask, gateway; /* of IPv4; 0.0.0.0: unknown */
  netmcu_address dhcp_server, dhcp_client, dhcp_ntp;
  netmcu_address ipv6[NETMCU_INTERFACE_IPV6]; /* the first `ipv6_count` */
  uint8_t ipv6_count;
  uint8_t has_dhcp; /* 1: the lease of the system's DHCP client could be read */
  uint8_t hwaddr[6];
} netmcu_interface;

/* Describes an interface. Index 0 is the one with the default route of IPv4; the others that are up
 * follow. With NETMCU_IPV4_ONLY, only those with an IPv4 address count. A loopback counts only if there
 * is no other interface. Returns NETMCU_ENOTFOUND if there is no interface `index`, or NETMCU_EVALUE if
 * the size is less than that of version 0.2.0. */
NETMCU_API int netmcu_get_interface(netmcu_t *ctx, unsigned index, netmcu_interface *interface_info);

/* ----------------------------------------------------------------------------------- statistics */

/* Initialise it with NETMCU_STATISTICS_INIT. Later versions may have more fields at its end. */
typedef struct netmcu_statistics {
  size_t size; /* sizeof(netmcu_statistics) when the program was compiled */
  unsigned connections, servers, udp_sockets, timers, lookups, pings; /* open or running now */
  unsigned closing;      /* closed connections that still send or wait for the peer's FIN */
  uint64_t bytes_received, bytes_sent; /* by TCP and UDP since netmcu_new */
  uint64_t events;       /* callbacks caused by the network since netmcu_new */
  uint64_t memory;       /* bytes allocated now; 0 if the program has set an allocator */
} netmcu_statistics;

#define NETMCU_STATISTICS_INIT {sizeof(netmcu_statistics), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/* Writes the current counts to as many bytes as statistics->size allows, and zeros to fields that the
 * library does not know. Returns NETMCU_EVALUE if the size is less than that of version 0.2.0. */
NETMCU_API int netmcu_get_statistics(netmcu_t *ctx, netmcu_statistics *statistics);

/* -------------------------------------------------------------------------------------- objects */

/* Called with one line, such as "net.server (listening, 0.0.0.0:80)" or "timer (due in 1000 ms)",
 * which is valid until the callback returns. It must not open or close anything. */
typedef void (*netmcu_visit_cb)(const char *description, void *data);

/* Calls `visit` for each object that keeps the loop alive. */
NETMCU_API void netmcu_walk(netmcu_t *ctx, netmcu_visit_cb visit, void *data);

#ifdef __cplusplus
}
#endif

#endif
