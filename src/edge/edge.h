/* The edge of the core: what stands between the objects and the network of the system. Where connects, lookups and listens
 * really go (route.c), who is told of what happens (trace.c), what goes wrong on purpose (fault.c), and the counters.
 *
 * All of it belongs to a context and is usually not there: each object asks with one branch, on flags at the beginning of
 * the context that need no call to be read. */
#ifndef NETMCU_EDGE_H
#define NETMCU_EDGE_H

#include "base/internal.h"

/* What a netmcu_t begins with. */
typedef struct netmcu__edge {
  unsigned set; /* the flags below */
  uint64_t bytes_received, bytes_sent, events;
  size_t memory;    /* bytes allocated now, as far as that can be known */
  uint64_t started; /* ns, of uv_hrtime */
} netmcu__edge;

enum { NETMCU__TRACED = 1, NETMCU__ROUTED = 2, NETMCU__FAULTY = 4 };

/* The compiler keeps what follows out of the way of a byte. */
#if defined(__GNUC__)
#define netmcu__rarely(condition) __builtin_expect((condition), 0)
#define NETMCU__RARE              __attribute__((noinline, cold))
#else
#define netmcu__rarely(condition) (condition)
#define NETMCU__RARE
#endif

static inline netmcu__edge *netmcu__edge_of(netmcu_t *ctx)
{
  return (netmcu__edge *)(void *)ctx;
}

static inline bool netmcu__is_traced(netmcu_t *ctx)
{
  return netmcu__rarely((netmcu__edge_of(ctx)->set & NETMCU__TRACED) != 0);
}

static inline bool netmcu__is_routed(netmcu_t *ctx)
{
  return netmcu__rarely((netmcu__edge_of(ctx)->set & NETMCU__ROUTED) != 0);
}

static inline bool netmcu__is_faulty(netmcu_t *ctx)
{
  return netmcu__rarely((netmcu__edge_of(ctx)->set & NETMCU__FAULTY) != 0);
}

static inline void netmcu__count_event(netmcu_t *ctx)
{
  netmcu__edge_of(ctx)->events++;
}

static inline void netmcu__count_received(netmcu_t *ctx, size_t size)
{
  netmcu__edge_of(ctx)->events++;
  netmcu__edge_of(ctx)->bytes_received += size;
}

static inline void netmcu__count_sent(netmcu_t *ctx, size_t size)
{
  netmcu__edge_of(ctx)->bytes_sent += size;
}

/* ---- rule.c: reading rules, which are untrusted text ------------------------------------------------------ */

/* What is left to read. All of these leave it where it was when they return false. */
typedef struct netmcu__reader {
  const char *text;
} netmcu__reader;

bool netmcu__read_word(netmcu__reader *reader, const char *word);
bool netmcu__read_number(netmcu__reader *reader, uint64_t most, uint64_t *number);
/* Up to, without, the first of `ends` or the end of the text: 1 … size - 1 bytes, no white space, no controls. */
bool netmcu__read_until(netmcu__reader *reader, const char *ends, char *to, size_t size);

#define NETMCU__RULE_TEXT_SIZE 192
char *netmcu__rule_text(netmcu_t *ctx); /* context.c */

/* Keeps the reason for netmcu_rule_error and returns NETMCU_EVALUE. `where` is the text where the reading stopped. */
int netmcu__rule_wrong(netmcu_t *ctx, const char *rule, const char *where, const char *reason);

bool netmcu__same_name(const char *a, const char *b); /* case and a last dot do not matter */
/* '*' in a pattern stands for any number of bytes; case does not matter. */
bool netmcu__matches(const char *pattern, const char *name);

/* ---- route.c ------------------------------------------------------------------------------------------------ */

/* The address that a rule gives `host`, for a connect to `port` or (0) any lookup. Where the rule changes the port, the
 * address is one of those that stand for a name (198.18.0.0/15), so that a later connect to it knows where to go.
 * Returns 0, NETMCU_ENOTFOUND when there is no rule, NETMCU_ENOMEM. */
int netmcu__route_lookup(netmcu_t *ctx, const char *host, uint16_t port, netmcu_address *address);

/* Turns what is asked for into what is connected or sent to. False, changing nothing, when there is no rule. */
bool netmcu__route_to(netmcu_t *ctx, netmcu_address *address);

/* The same for datagrams, and the reverse for those that come back from where one was sent. */
bool netmcu__route_datagram(netmcu_t *ctx, netmcu_address *to);
void netmcu__route_from(netmcu_t *ctx, netmcu_address *address);

/* Turns what is to be listened on into what really is. */
void netmcu__route_listen(netmcu_t *ctx, bool udp, netmcu_address *address);

/* Whether listening, which failed, is to be tried on another port, which it sets. */
bool netmcu__route_again(netmcu_t *ctx, bool udp, int error, netmcu_address *address);

/* It listens: keeps which port stands for which. */
void netmcu__route_listens(netmcu_t *ctx, bool udp, uint16_t asked, const netmcu_address *real);

/* The port that was asked for, of an own address. */
void netmcu__route_own(netmcu_t *ctx, bool udp, netmcu_address *address);

void netmcu__routes_close(netmcu_t *ctx);

/* ---- trace.c ------------------------------------------------------------------------------------------------ */

/* Tells the program of an event of `object`. The caller fills what it knows; time, object and number are added, and a peer
 * or name known from an earlier event of the object. */
void netmcu__trace(const netmcu__object *object, netmcu_trace_event event);
/* The object goes: its number is not used again. */
void netmcu__trace_forget(const netmcu__object *object);
void netmcu__tracer_close(netmcu_t *ctx);

/* ---- fault.c, fault_stream.c, fault_datagram.c ----------------------------------------------------------------- */

struct netmcu__stream;

/* What is to go wrong with one stream. */
typedef struct netmcu__fault netmcu__fault;

/* The faults for a stream to or from `peer`, a name or an address, and `port`, as the script knows them. Called again for
 * another name of the same peer, it adds to *fault. Without memory for it nothing goes wrong. */
void netmcu__fault_begin(netmcu_t *ctx, struct netmcu__stream *stream, const char *peer, uint16_t port,
                         netmcu__fault **fault);
void netmcu__fault_end(netmcu__fault *fault);

/* To the trace: what goes wrong from the beginning, and what came to a stop. */
void netmcu__fault_tell(const netmcu__fault *fault);
void netmcu__fault_tell_stop(netmcu__fault *fault);

bool netmcu__fault_refuses(const netmcu__fault *fault);
bool netmcu__fault_never_opens(const netmcu__fault *fault);
/* The next bytes of this many that may pass, as "receive" or as output; they are counted as passed. */
size_t netmcu__fault_pass(netmcu__fault *fault, char direction, size_t size);
/* What passed brought it to its end, or to a stop. */
bool netmcu__fault_resets(const netmcu__fault *fault);
bool netmcu__fault_stalls(netmcu__fault *fault);
size_t netmcu__fault_frame(netmcu__fault *fault, size_t most);
/* Begins a delay, if there is one: netmcu__stream_delayed is called when it is over. */
bool netmcu__fault_delays(netmcu__fault *fault);
bool netmcu__fault_is_delaying(const netmcu__fault *fault);

/* A lookup that is to fail. */
bool netmcu__fault_lookup(netmcu_t *ctx, const char *host);

/* Whether a datagram is lost, and for those that come, whether it will come later. */
bool netmcu__fault_datagram(netmcu_udp *u, char direction, const netmcu_address *peer, const void *data, size_t size);
void netmcu__fault_forget_udp(netmcu_udp *u);

void netmcu__faults_close(netmcu_t *ctx);

/* ---- from faults to stream.c and udp.c ------------------------------------------------------------------------- */

void netmcu__stream_delayed(struct netmcu__stream *stream);
void netmcu__stream_cured(struct netmcu__stream *stream); /* the fault is gone, its block is not used any more */
const netmcu__object *netmcu__stream_object(const struct netmcu__stream *stream); /* NULL without an owner */
void netmcu__udp_deliver(netmcu_udp *u, const void *data, size_t size, const netmcu_address *from);

#endif
