/* BSD and macOS: routes come from the routing table's sysctl, leases from dhclient's files
 * (FreeBSD, OpenBSD up to 6.8). macOS keeps its leases where only root can read them. */
#include <sys/param.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "stack/system_interface.h"

/* ---- routes ---------------------------------------------------------------------------------- */

/* Socket addresses follow each other at multiples of this size, which is also that of an empty
 * one. */
#ifdef __APPLE__
#define ALIGNMENT sizeof(uint32_t)
#elif defined(__NetBSD__)
#define ALIGNMENT sizeof(uint64_t)
#else
#define ALIGNMENT sizeof(long)
#endif

static size_t room_of(const struct sockaddr *address)
{
  size_t size = address->sa_len ? address->sa_len : ALIGNMENT;

  return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Returns the address number `wanted` (RTAX_…) of a message, or NULL if it has none. */
static const struct sockaddr *find_address(const struct rt_msghdr *message, int wanted)
{
  const char *at = (const char *)(message + 1), *end = (const char *)message + message->rtm_msglen;

#ifdef __OpenBSD__
  at = (const char *)message + message->rtm_hdrlen;
#endif
  for (int i = 0; i < RTAX_MAX; i++) {
    const struct sockaddr *address = (const struct sockaddr *)(const void *)at;
    if (!(message->rtm_addrs & (1 << i)))
      continue;
    if (end - at < 2 || room_of(address) > (size_t)(end - at))
      return NULL;
    if (i == wanted)
      return address;
    at += room_of(address);
  }
  return NULL;
}

static bool is_any(const struct sockaddr *address)
{
  struct sockaddr_in any = {.sin_family = AF_INET};
  size_t size = address ? address->sa_len : 0;

  if (address == NULL || (size > 0 && address->sa_family != AF_INET && address->sa_family != AF_UNSPEC))
    return false;
  if (size > sizeof(any))
    return false;
  memcpy(&any, address, size);
  return any.sin_addr.s_addr == INADDR_ANY;
}

static bool read_route(const struct rt_msghdr *message, netmcu__default_route *route)
{
  const struct sockaddr *mask = find_address(message, RTAX_NETMASK);
  const struct sockaddr *gateway = find_address(message, RTAX_GATEWAY);

  if (!(message->rtm_flags & RTF_UP) || (message->rtm_flags & (RTF_REJECT | RTF_HOST)))
    return false;
  if (!is_any(find_address(message, RTAX_DST)) || (mask && !is_any(mask)))
    return false;
  *route = (netmcu__default_route){.metric = 0};
  if (if_indextoname(message->rtm_index, route->name) == NULL)
    return false;
  if (gateway && gateway->sa_family == AF_INET) {
    netmcu_address address = netmcu__address(gateway);
    netmcu_ip_format(&address, route->gateway);
  }
#ifdef RTF_IFSCOPE
  /* On macOS some default routes count only for sockets that are bound to their interface. */
  route->metric = message->rtm_flags & RTF_IFSCOPE ? 1 : 0;
#endif
  return true;
}

static unsigned read_table(const char *table, size_t size, netmcu__default_route *routes, unsigned capacity)
{
  unsigned count = 0;

  for (size_t at = 0; count < capacity && size - at >= sizeof(struct rt_msghdr);) {
    const struct rt_msghdr *message = (const struct rt_msghdr *)(const void *)(table + at);
    if (message->rtm_msglen < sizeof(*message) || message->rtm_msglen > size - at)
      break;
    if (message->rtm_version == RTM_VERSION)
      count += read_route(message, &routes[count]);
    at += message->rtm_msglen;
  }
  return count;
}

/* The table may grow between the two calls, so there is room for some more messages. */
unsigned netmcu__system_routes(netmcu__stack *stack, netmcu__default_route *routes, unsigned capacity)
{
  int name[6] = {CTL_NET, PF_ROUTE, 0, AF_INET, NET_RT_DUMP, 0};
  size_t size = 0;
  unsigned count = 0;

  if (sysctl(name, 6, NULL, &size, NULL, 0) || size == 0)
    return 0;
  size += 8 * 512;
  char *table = netmcu__resize(stack->ctx, NULL, size);
  if (table && sysctl(name, 6, table, &size, NULL, 0) == 0)
    count = read_table(table, size, routes, capacity);
  netmcu__release(stack->ctx, table);
  return count;
}

/* ---- leases ---------------------------------------------------------------------------------- */

bool netmcu__system_lease(netmcu__stack *stack, const char *name, const char *ip, netmcu__lease *lease)
{
  (void)stack;
  char path[128];

  snprintf(path, sizeof(path), "/var/db/dhclient.leases.%s", name);
  return netmcu__lease_read_file(path, name, ip, lease);
}
