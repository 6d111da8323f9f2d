/* What fault.c and the reading of its rules (fault_rules.c) share. */
#ifndef NETMCU_FAULT_H
#define NETMCU_FAULT_H

#include "internal.h"

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
} netmcu__fault_rule;

#define FAULT_CERTAIN 1000000

/* 0, or NETMCU_EVALUE with the reason in netmcu_rule_error. */
int netmcu__read_fault_rule(netmcu_t *ctx, const char *text, netmcu__fault_rule *rule);

#endif
