/* Keeps a script from receiving its own multicasts and broadcasts. There is a record of each one
 * that a socket of the context may receive. It lasts until every such socket has received the
 * datagram, or until a second has passed. Among datagrams of equal content from the same port, it
 * does not matter which one is the copy: the script cannot tell them apart either. */
#include "udp/udp_private.h"

typedef struct record {
  uint64_t hash; /* of the content */
  uint64_t expires;
  size_t size;
  uint16_t from, to;
  unsigned copies; /* that have not come back yet */
} record;

/* The receive buffer of a socket has 212,992 bytes on Linux, which is room for 277 datagrams at
 * most. Of a larger burst that is sent before any of it is read, the rest is lost there. */
#define RECORDS  512
#define LIFETIME 1000 /* ms; a copy comes in the same iteration of the loop or in the next one */

struct netmcu__loopback {
  record records[RECORDS];
  unsigned next;
  uint64_t expires; /* when the newest record expires */

  netmcu_address asked; /* the last address that could be the broadcast address of an interface */
  bool is_broadcast;    /* whether it was one */
  uint64_t asked_until; /* the time until which that counts */
};

static uint64_t now_of(udp_socket *s)
{
  netmcu__stack *stack = sockets_of(s)->group.stack;

  return netmcu__now(stack);
}

/* FNV-1a */
static uint64_t hash_of(const void *data, size_t size)
{
  const unsigned char *bytes = data;
  uint64_t hash = UINT64_C(0xcbf29ce484222325);

  for (size_t i = 0; i < size; i++)
    hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
  return hash;
}

/* ---- sending --------------------------------------------------------------------------------- */

/* A /31 or /32 network has no broadcast address (RFC 3021). */
static bool compare_broadcast(const netmcu__interface_address *address, void *data)
{
  netmcu__loopback *l = data;
  uint32_t hosts = ~netmcu__ipv4_number(&address->netmask);

  if (address->ip.family != NETMCU_IPV4)
    return false;
  l->is_broadcast = hosts > 1 && netmcu__ipv4_number(&l->asked) == (netmcu__ipv4_number(&address->ip) | hosts);
  return l->is_broadcast;
}

static bool is_directed_broadcast(udp_socket *s, netmcu__loopback *l, const netmcu_address *to)
{
  netmcu__stack *stack = sockets_of(s)->group.stack;
  uint64_t now = now_of(s);

  if (now >= l->asked_until || !netmcu__same_ip(&l->asked, to)) {
    l->asked = *to;
    l->asked_until = now + LIFETIME;
    l->is_broadcast = false;
    stack->interfaces->visit(stack, compare_broadcast, l);
  }
  return l->is_broadcast;
}

/* Excludes most destinations at once. What more than one host receives is a group, or ends in two
 * ones: that is the broadcast address of the smallest network. */
static bool may_come_back(const netmcu_address *to)
{
  return netmcu__is_group(to) || (to->family == NETMCU_IPV4 && (to->ip[3] & 3) == 3);
}

static bool comes_back(udp_socket *s, netmcu__loopback *l, const netmcu_address *to)
{
  return netmcu__is_group(to) || netmcu__is_broadcast_ip(to) || is_directed_broadcast(s, l, to);
}

static unsigned count_receivers(udp_socket *s, uint16_t port)
{
  unsigned count = 0;

  for (const udp_socket *other = sockets_of(s)->first; other; other = other->next)
    count += other->address.port == port;
  return count;
}

void netmcu__loopback_sent(udp_socket *s, const netmcu__datagram *datagram)
{
  netmcu__udp_sockets *all = sockets_of(s);
  unsigned copies = may_come_back(&datagram->to) ? count_receivers(s, datagram->to.port) : 0;

  if (copies == 0)
    return;
  if (all->loopback == NULL)
    all->loopback = netmcu__allocate(context_of(s), sizeof(*all->loopback));
  netmcu__loopback *l = all->loopback;
  if (l == NULL || !comes_back(s, l, &datagram->to))
    return;
  l->expires = now_of(s) + LIFETIME;
  l->records[l->next++ % RECORDS] = (record){.hash = hash_of(datagram->data, datagram->size),
                                             .expires = l->expires,
                                             .size = datagram->size,
                                             .from = s->address.port,
                                             .to = datagram->to.port,
                                             .copies = copies};
}

/* ---- receiving ------------------------------------------------------------------------------- */

static record *find_record(netmcu__loopback *l, uint64_t now, const record *wanted)
{
  for (unsigned i = 0; i < RECORDS; i++) {
    record *r = &l->records[i];
    if (r->copies > 0 && r->expires > now && r->hash == wanted->hash && r->size == wanted->size &&
        r->from == wanted->from && r->to == wanted->to)
      return r;
  }
  return NULL;
}

bool netmcu__loopback_returned(udp_socket *s, const netmcu_address *from, const void *data, size_t size)
{
  netmcu__loopback *l = sockets_of(s)->loopback;
  uint64_t now = now_of(s);

  if (now >= l->expires)
    return false;
  record wanted = {.hash = hash_of(data, size), .size = size, .from = from->port, .to = s->address.port};
  record *r = find_record(l, now, &wanted);
  if (r == NULL || !netmcu__is_own_ip(sockets_of(s)->group.stack, from))
    return false;
  r->copies--;
  return true;
}
