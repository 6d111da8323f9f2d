/* See order.h. The rules about deprecated, home and tunnelled addresses are left out (3, 4 and 7),
 * because programs have no portable way to find out about them. */
#include "dns/order.h"

#include <string.h>

#include "base/address.h"

typedef struct candidate {
  netmcu_address to;
  uint8_t ip[16], from[16]; /* as IPv6 addresses; `from` is the address that the system would send from */
  bool is_usable;           /* the system has an address to send from */
} candidate;

static unsigned common_bits(const uint8_t a[16], const uint8_t b[16], unsigned most)
{
  unsigned bits = 0;

  while (bits < most && !((a[bits / 8] ^ b[bits / 8]) & (0x80u >> bits % 8)))
    bits++;
  return bits;
}

/* The policy table of section 2.1, the longest prefixes first. */
static const struct policy {
  uint8_t prefix[16], bits, precedence, label;
} policies[] = {{{[15] = 1}, 128, 50, 0},
                {{[10] = 0xff, [11] = 0xff}, 96, 35, 4},
                {{0}, 96, 1, 3},
                {{0x20, 0x01, 0, 0}, 32, 5, 5},
                {{0x20, 0x02}, 16, 30, 2},
                {{0x3f, 0xfe}, 16, 1, 12},
                {{0xfe, 0xc0}, 10, 1, 11},
                {{0xfc}, 7, 3, 13},
                {{0}, 0, 40, 1}};

static const struct policy *policy_of(const uint8_t ip[16])
{
  const struct policy *p = policies;

  while (common_bits(ip, p->prefix, p->bits) < p->bits)
    p++;
  return p;
}

/* The scopes of RFC 4291, section 2.7; for IPv4, those of section 3.2. */
static unsigned scope_of(const uint8_t ip[16])
{
  static const uint8_t loopback[16] = {[15] = 1};
  bool is_ipv4 = policy_of(ip)->label == 4;

  if (ip[0] == 0xff)
    return ip[1] & 0xf;
  if (memcmp(ip, loopback, 16) == 0 || (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80))
    return 2;
  if (is_ipv4 && (ip[12] == 127 || (ip[12] == 169 && ip[13] == 254)))
    return 2;
  return ip[0] == 0xfe && (ip[1] & 0xc0) == 0xc0 ? 5 : 14;
}

static void prepare(netmcu__stack *stack, candidate *c, const netmcu_address *to)
{
  netmcu_address from = *to;

  c->to = *to;
  c->is_usable = stack->interfaces->get_source == NULL || stack->interfaces->get_source(stack, to, &from);
  netmcu__get_ipv6(to, c->ip);
  netmcu__get_ipv6(&from, c->from);
}

static bool has_matching_scope(const candidate *c)
{
  return scope_of(c->ip) == scope_of(c->from);
}

static bool has_matching_label(const candidate *c)
{
  return policy_of(c->ip)->label == policy_of(c->from)->label;
}

/* Whether `a` comes before `b`; the numbers are those of the rules. */
static bool is_better(const candidate *a, const candidate *b)
{
  if (a->is_usable != b->is_usable) /* 1 */
    return a->is_usable;
  if (has_matching_scope(a) != has_matching_scope(b)) /* 2 */
    return has_matching_scope(a);
  if (has_matching_label(a) != has_matching_label(b)) /* 5 */
    return has_matching_label(a);
  if (policy_of(a->ip)->precedence != policy_of(b->ip)->precedence) /* 6 */
    return policy_of(a->ip)->precedence > policy_of(b->ip)->precedence;
  if (scope_of(a->ip) != scope_of(b->ip)) /* 8 */
    return scope_of(a->ip) < scope_of(b->ip);
  return a->to.family == NETMCU_IPV6 && b->to.family == NETMCU_IPV6 && /* 9 */
         common_bits(a->ip, a->from, 64) > common_bits(b->ip, b->from, 64);
}

/* Keeps the order of addresses that are equally good (rule 10). */
void netmcu__order(netmcu__stack *stack, netmcu_address *addresses, unsigned count)
{
  candidate sorted[NETMCU__MOST_ADDRESSES], next;

  for (unsigned i = 0; i < count; i++) {
    unsigned at = i;
    prepare(stack, &next, &addresses[i]);
    for (; at > 0 && is_better(&next, &sorted[at - 1]); at--)
      sorted[at] = sorted[at - 1];
    sorted[at] = next;
  }
  for (unsigned i = 0; i < count; i++)
    addresses[i] = sorted[i].to;
}
