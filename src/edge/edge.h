/* The edge: what stands between the objects and the network. It decides where connects, lookups and
 * listens really go (route.h), reports what happens (trace.h), and makes things go wrong on purpose
 * (fault.h).
 *
 * Most contexts have no edge. Each object checks this with one branch, on a flag at the beginning
 * of its context. */
#ifndef NETMCU_EDGE_H
#define NETMCU_EDGE_H

#include "base/context.h"

enum { NETMCU__TRACED = 1, NETMCU__ROUTED = 2, NETMCU__FAULTY = 4 };

static inline bool netmcu__is_traced(const netmcu_t *ctx)
{
  return netmcu__rarely((netmcu__head_of(ctx)->edge & NETMCU__TRACED) != 0);
}

static inline bool netmcu__is_routed(const netmcu_t *ctx)
{
  return netmcu__rarely((netmcu__head_of(ctx)->edge & NETMCU__ROUTED) != 0);
}

static inline bool netmcu__is_faulty(const netmcu_t *ctx)
{
  return netmcu__rarely((netmcu__head_of(ctx)->edge & NETMCU__FAULTY) != 0);
}

#endif
