/* Own multicasts and broadcasts that come back: a record for each that a socket of the context may hear, from its
 * sending until each of them has heard it, or a second has passed. Which datagram of equal content from the same port is
 * the copy does not matter: the script cannot tell them apart either. */
#include "udp/udp.h"

typedef struct record {
  uint64_t hash; /* of the content */
  uint64_t expires;
  size_t size;
  uint16_t from, to;
  unsigned copies; /* still to come */
} record;

/* A socket's receive buffer as Linux makes it, 212,992 bytes, holds 277 datagrams at the most: a burst of more that
 * is sent before any is read is lost there. */
#define RECORDS  512
#define LIFETIME 1000 /* ms; a copy comes in the same turn of the loop or in the next */

struct netmcu__own {
  record records[RECORDS];
  unsigned next;
  uint64_t expires; /* of the newest record */

  netmcu_address asked; /* the last address that could be an interface's broadcast, whether it is, and until when */
  bool is_broadcast;
  uint64_t asked_until;
};

/* FNV-1a */
static uint64_t hash_of(const void *data, size_t size)
{
  const unsigned char *bytes = data;
  uint64_t hash = UINT64_C(0xcbf29ce484222325);

  for (size_t i = 0; i < size; i++)
    hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
  return hash;
}

/* A /31 or /32 network has no broadcast address (RFC 3021). */
static bool is_broadcast(uint32_t ip, uint32_t interface_ip, uint32_t netmask)
{
  return ip == (interface_ip | ~netmask) && ~netmask > 1;
}

static bool is_directed_broadcast(netmcu_t *ctx, netmcu__own *own, const netmcu_address *to)
{
  uint64_t now = uv_now(netmcu_loop(ctx));

  if (now >= own->asked_until || !netmcu__same_ip(&own->asked, to)) {
    own->asked = *to;
    own->asked_until = now + LIFETIME;
    own->is_broadcast = netmcu__any_interface(is_broadcast, to);
  }
  return own->is_broadcast;
}

/* Of the addresses that are heard by more than one host, whether the system knows it or not: those that end in two
 * ones, the smallest network's broadcast. Most destinations are sorted out here. */
static bool may_be_heard(const netmcu_address *to)
{
  return netmcu__is_group(to) || (to->ip[3] & 3) == 3;
}

static bool is_heard(netmcu_t *ctx, netmcu__own *own, const netmcu_address *to)
{
  return netmcu__is_group(to) || netmcu__is_broadcast_ip(to) || is_directed_broadcast(ctx, own, to);
}

static void count_hearer(uv_udp_t *handle, const netmcu_address *bound, void *data)
{
  record *r = data;

  (void)handle;
  if (bound->port == r->to)
    r->copies++;
}

void netmcu__own_sent(netmcu_t *ctx, netmcu__own **own, const netmcu_address *to, uint16_t from, const void *data,
                      size_t size)
{
  if (!may_be_heard(to) || !netmcu__udp_has_port(ctx, to->port))
    return;
  if (*own == NULL)
    *own = netmcu__allocate(ctx, sizeof(**own));
  if (*own == NULL || !is_heard(ctx, *own, to))
    return;

  record *r = &(*own)->records[(*own)->next++ % RECORDS];
  *r = (record){.hash = hash_of(data, size), .size = size, .from = from, .to = to->port};
  r->expires = uv_now(netmcu_loop(ctx)) + LIFETIME;
  netmcu__udp_each(ctx, count_hearer, r);
  (*own)->expires = r->expires;
}

static record *find_record(netmcu__own *own, uint64_t now, const record *wanted)
{
  for (unsigned i = 0; i < RECORDS; i++) {
    record *r = &own->records[i];
    if (r->copies > 0 && r->expires > now && r->hash == wanted->hash && r->size == wanted->size &&
        r->from == wanted->from && r->to == wanted->to)
      return r;
  }
  return NULL;
}

bool netmcu__own_returned(netmcu_t *ctx, netmcu__own *own, const netmcu_address *from, uint16_t port, const void *data,
                          size_t size)
{
  uint64_t now = uv_now(netmcu_loop(ctx));

  if (now >= own->expires)
    return false;
  record wanted = {.hash = hash_of(data, size), .size = size, .from = from->port, .to = port};
  record *r = find_record(own, now, &wanted);
  if (r == NULL || !netmcu__is_own_ip(from))
    return false;
  r->copies--;
  return true;
}
