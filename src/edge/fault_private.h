/* What the files behind faults share: fault.c (the rules in force), fault_rules.c (reading them),
 * fault_stream.c and fault_datagram.c (what they do). */
#ifndef NETMCU_FAULT_PRIVATE_H
#define NETMCU_FAULT_PRIVATE_H

#include "edge/fault.h"
#include "edge/rule.h"
#include "stack/deadline.h"

enum netmcu__fault_kind { FAULT_REFUSE, FAULT_RESET, FAULT_DELAY, FAULT_STALL, FAULT_CUT, FAULT_DNS };

extern const char *const netmcu__fault_names[];

typedef struct netmcu__fault_rule {
  enum netmcu__fault_kind kind;
  char peer[256]; /* empty: any */
  uint16_t port;  /* 0: any */
  bool has_after, is_random;
  uint64_t after;
  char direction; /* '<', '>', or 0: both */
  uint32_t ms;
  size_t size;
  uint64_t seed;        /* the state of its random numbers */
  uint32_t probability; /* in millionths */
  bool is_optional;     /* it need not take effect */
  uint64_t *effects;    /* the stack counts them; or NULL */
} netmcu__fault_rule;

#define FAULT_CERTAIN 1000000

#define NETMCU__FAULT_RULES 64 /* bits of a stream's `tried` */

typedef struct netmcu__late netmcu__late;

typedef struct netmcu__faults {
  netmcu__fault_rule rules[NETMCU__FAULT_RULES];
  unsigned count;
  netmcu__fault *streams;
  netmcu__late *datagrams; /* that come later */
  netmcu__deadlines stream_deadlines, datagram_deadlines;
} netmcu__faults;

static inline netmcu__faults *netmcu__faults_of(const netmcu_t *ctx)
{
  return netmcu__part(ctx, NETMCU__FAULTS);
}

/* ---- fault_rules.c --------------------------------------------------------------------------- */

/* Returns 0, or NETMCU_EVALUE with the reason in netmcu_get_rule_error. */
int netmcu__read_fault_rule(netmcu_t *ctx, const char *text, netmcu__fault_rule *rule);

/* ---- fault.c --------------------------------------------------------------------------------- */

bool netmcu__fault_fits(const netmcu__fault_rule *rule, const char *peer, uint16_t port);
/* This time, to this peer: by the probability of the rule, and if the stack allows it. */
bool netmcu__fault_happens(netmcu_t *ctx, netmcu__fault_rule *rule, const char *peer);
void netmcu__fault_met(const netmcu__fault_rule *rule);                                  /* It has taken effect. */
void netmcu__fault_report(const netmcu__object *object, const netmcu__fault_rule *rule); /* to the trace */

/* ---- fault_stream.c -------------------------------------------------------------------------- */

void netmcu__fault_stream_expired(netmcu_t *ctx, netmcu__deadline *deadline);
void netmcu__fault_cure_streams(netmcu__faults *all);

/* ---- fault_datagram.c ------------------------------------------------------------------------ */

void netmcu__fault_datagram_expired(netmcu_t *ctx, netmcu__deadline *deadline);

#endif
