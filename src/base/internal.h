/* What the files of the core share: named functions only, each implemented in the file named beside it. A struct that
 * is not here is private to its file. */
#ifndef NETMCU_INTERNAL_H
#define NETMCU_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/address.h"
#include "netmcu.h"
#include "netmcu_divergences.h"

#define netmcu__container(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* ---- memory.c -------------------------------------------------------------------------------- */

void *netmcu__allocate(netmcu_t *ctx, size_t size); /* zeroed; NULL when there is none */
void *netmcu__resize(netmcu_t *ctx, void *block, size_t size);
void netmcu__release(netmcu_t *ctx, void *block);

/* ---- object.c -------------------------------------------------------------------------- */

/* The head of each object that a user holds: connection, server, UDP socket, timer. The context frees at its close
 * those that the user did not. */
typedef struct netmcu__object netmcu__object;

typedef struct netmcu__class {
  const char *name; /* as in netmcu_walk, in traces and statistics */
  void (*free)(netmcu__object *object);
  /* Writes what the object is, as in netmcu_walk; false when nothing of it keeps the loop alive. */
  bool (*describe)(const netmcu__object *object, char *text, size_t size);
} netmcu__class;

struct netmcu__object {
  netmcu__object *next, *previous;
  netmcu_t *ctx;
  uint8_t class;     /* index among the classes of the context */
  bool freed;        /* by its user, inside one of its events: it stays until the event has returned */
  uint16_t emitting; /* events under way */
};

void netmcu__object_add(netmcu__object *object, netmcu_t *ctx, const netmcu__class *class);
void netmcu__object_remove(netmcu__object *object);
const netmcu__class *netmcu__class_of(const netmcu__object *object);
/* Around each event of an object; and its end, in or outside of one: it is removed, and its memory released when no event
 * is under way. */
void netmcu__object_enter(netmcu__object *object);
void netmcu__object_leave(netmcu__object *object);
void netmcu__object_release(netmcu__object *object);
/* Calls `visit` for each object of a class; it may not add or remove any. */
void netmcu__objects_each(netmcu_t *ctx, const netmcu__class *class, void (*visit)(netmcu__object *object));

/* Every libuv handle is counted from its initialisation to its close callback, in which netmcu__handle_closed comes
 * last: the context is gone when none is left. */
void netmcu__handle_opened(netmcu_t *ctx);
void netmcu__handle_closed(netmcu_t *ctx);

/* The context ends: what has no owner any more should not take its time. */
bool netmcu__is_closing(const netmcu_t *ctx);

/* ---- task.c --------------------------------------------------------------------------------- */

/* Something to do in the loop's next turn, before it waits for the network. Part of the object that posts it. */
typedef struct netmcu__task netmcu__task;
struct netmcu__task {
  netmcu__task *next, *previous; /* NULL while it is not posted */
  void (*run)(netmcu__task *task);
};

void netmcu__task_post(netmcu_t *ctx, netmcu__task *task);   /* again while posted: no effect */
void netmcu__task_cancel(netmcu_t *ctx, netmcu__task *task); /* when not posted: no effect */

/* How many ms uv_now is behind the clock. A callback that computes for seconds leaves it behind by as much. A time-out
 * that begins now has to be longer by this. */
uint64_t netmcu__lag(const uv_loop_t *loop);

/* To be called after a user's callback that ran in libuv's phase of timers. libuv does not look at the clock between
 * that phase and its wait for the network: it would wait too long by the time that the callback took. */
void netmcu__refresh_time(netmcu_t *ctx);

/* ---- context.c: the state that other files keep in a context ------------------------------------------- */

struct netmcu__streams;   /* stream.c */
struct netmcu__resolver;  /* dns/lookup.c */
struct netmcu__groups;    /* multicast.c */
struct netmcu__datagrams; /* udp.c */
struct netmcu__pinger;    /* ping.c */
struct netmcu__routes;    /* route.c */
struct netmcu__tracer;    /* trace.c */
struct netmcu__faults;    /* fault.c */

struct netmcu__parts {
  struct netmcu__streams *streams;
  struct netmcu__resolver *resolver;
  struct netmcu__groups *groups;
  struct netmcu__datagrams *datagrams;
  struct netmcu__pinger *pinger;
  struct netmcu__routes *routes;
  struct netmcu__tracer *tracer;
  struct netmcu__faults *faults;
};

/* Each file creates its part when it first needs it (NULL until then) and takes it down in its netmcu__X_close, which
 * the context calls once, after all objects are freed: it closes the part's handles. The context releases the block
 * itself with netmcu__release when no handle is left. */
struct netmcu__parts *netmcu__parts(netmcu_t *ctx);
void netmcu__streams_close(netmcu_t *ctx);
unsigned netmcu__streams_closing(netmcu_t *ctx); /* closed by their owners, not yet gone */
void netmcu__resolver_close(netmcu_t *ctx);
void netmcu__groups_close(netmcu_t *ctx);
void netmcu__datagrams_close(netmcu_t *ctx);
void netmcu__pinger_close(netmcu_t *ctx);

/* Calls `visit` for each live object of any class. */
void netmcu__objects_visit(netmcu_t *ctx, void (*visit)(const netmcu__object *object, void *data), void *data);

/* ---- memory.c: the shared receive buffer --------------------------------------------------------------- */

/* One for all sockets of the context, valid from a read to the end of its callback: no connection has its own.
 * 64 KiB, what libuv suggests for a read and more than the largest datagram. NULL when there is no memory. */
#define NETMCU__BUFFER_SIZE (64 * 1024)
char *netmcu__buffer(netmcu_t *ctx);

/* ---- error.c -------------------------------------------------------------------------------------------- */

int netmcu__error(int uv_error);           /* of libuv's code, 0 or more is 0 */

/* ---- dns/lookup.c ----------------------------------------------------------------------------------------------- */

/* As netmcu_resolve, for a connect to `port` (0: none), which the rules of netmcu_map_host may look at. */
int netmcu__resolve(netmcu_t *ctx, const char *host, uint16_t port, netmcu_lookup_cb cb, void *data,
                    netmcu_lookup **lookup);

/* The context's close leaves it alone, and waits for its callback. */
void netmcu__lookup_outlive(netmcu_lookup *lookup);

/* ---- address.c ------------------------------------------------------------------------------------------ */

/* Whether `test` is true for one of this machine's IPv4 interfaces. All numbers are in the byte order of the machine. */
bool netmcu__any_interface(bool (*test)(uint32_t ip, uint32_t interface_ip, uint32_t netmask),
                           const netmcu_address *address);
/* An address of this machine: one of 127.0.0.0/8, or one of an interface. */
bool netmcu__is_own_ip(const netmcu_address *address);

/* The value of a socket option of the IP level, set before where *value >= 0. */
int netmcu__socket_ttl(const uv_handle_t *handle, int option, int *value);

/* ---- server.c ------------------------------------------------------------------------------------------- */

/* A TCP connection of the context ended: servers that left a client waiting for a free place may take it. */
void netmcu__servers_resume(netmcu_t *ctx);

#endif
