/* What goes wrong on purpose (netmcu_set_fault). */
#ifndef NETMCU_FAULT_H
#define NETMCU_FAULT_H

#include "base/object.h"
#include "edge/edge.h"

/* ---- streams --------------------------------------------------------------------------------- */

/* What is to go wrong with one stream. */
typedef struct netmcu__fault netmcu__fault;

/* What the owner of a fault does, for `stream` as given to netmcu__fault_begin. */
typedef struct netmcu__fault_events {
  void (*delay_ended)(void *stream);
  void (*cured)(void *stream);                            /* the fault is gone, and its pointer with it */
  const netmcu__object *(*object_of)(const void *stream); /* for the trace; NULL if it has no owner */
} netmcu__fault_events;

/* Finds the faults of a connection to or from `peer`, a name or an address, and `port`, as the
 * script knows them. If memory runs out, nothing goes wrong. */
void netmcu__fault_begin(netmcu_t *ctx, const netmcu__fault_events *events, void *stream, const char *peer,
                         uint16_t port, netmcu__fault **fault);
/* Adds the faults of an attempt to connect to this address. If it fails, those faults end. */
void netmcu__fault_try(netmcu_t *ctx, const netmcu__fault_events *events, void *stream, const netmcu_address *address,
                       netmcu__fault **fault);
void netmcu__fault_attempt_failed(netmcu__fault *fault); /* NULL is allowed */
void netmcu__fault_end(netmcu__fault *fault);            /* NULL is allowed */

/* Report to the trace what goes wrong from the beginning, and what came to a stop. */
void netmcu__fault_trace(const netmcu__fault *fault);
void netmcu__fault_trace_stop(netmcu__fault *fault);

/* A fault of NULL does none of these. */
bool netmcu__fault_refuses(const netmcu__fault *fault);
bool netmcu__fault_never_opens(const netmcu__fault *fault);
bool netmcu__fault_bars_name(const netmcu__fault *fault); /* one of these two, for all addresses of the peer */
bool netmcu__fault_resets(const netmcu__fault *fault);    /* the bytes that passed brought the stream to its end */
bool netmcu__fault_stalls(netmcu__fault *fault);          /* … or to a stop */
/* Begins a delay if there is one, after which `delay_ended` is called. Returns whether the stream
 * is being delayed. */
bool netmcu__fault_delays(netmcu__fault *fault);
bool netmcu__fault_is_delaying(const netmcu__fault *fault);

/* Returns how many of the next `size` bytes may pass, received ('<') or sent ('>'), and counts them
 * as passed. */
size_t netmcu__fault_pass(netmcu__fault *fault, char direction, size_t size);
size_t netmcu__fault_frame(netmcu__fault *fault, size_t most);

/* ---- lookups and datagrams ------------------------------------------------------------------- */

bool netmcu__fault_lookup(netmcu_t *ctx, const char *host); /* true if the lookup fails */

/* Returns whether a datagram of `socket`, which is bound to `own_port`, is lost or comes later.
 * `deliver` is called for a received one that comes later; for one that is sent it is NULL. */
typedef void (*netmcu__deliver)(netmcu__object *socket, const void *data, size_t size, const netmcu_address *from);
bool netmcu__fault_datagram(netmcu__object *socket, uint16_t own_port, netmcu__deliver deliver,
                            const netmcu_address *peer, const void *data, size_t size);
void netmcu__fault_forget_datagrams(netmcu__object *socket); /* it is closed: what would come later does not */

#endif
