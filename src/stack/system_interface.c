/* The interfaces of the system: their addresses come from libuv, their routes and leases from the
 * system itself. */
#include "base/error.h"
#include "stack/system_interface.h"

#include <string.h>
#ifndef _WIN32
#include <net/if.h>
#include <unistd.h>
#endif

static int family_of(const uv_interface_address_t *entry)
{
  return entry->address.address4.sin_family;
}

static bool is_first_of_interface(const uv_interface_address_t *list, int at)
{
  for (int i = 0; i < at; i++)
    if (family_of(&list[i]) == family_of(&list[at]) && strcmp(list[i].name, list[at].name) == 0)
      return false;
  return true;
}

/* Nobody needs the index for IPv4, so the system is not asked for it. On Windows, the names of libuv
 * are for people. */
static uint32_t index_of(const uv_interface_address_t *entry)
{
  if (family_of(entry) != AF_INET6)
    return 0;
#ifdef _WIN32
  return entry->address.address6.sin6_scope_id;
#else
  return if_nametoindex(entry->name);
#endif
}

static int visit(netmcu__stack *stack, netmcu__interface_visit visitor, void *data)
{
  uv_interface_address_t *list;
  int count;
  bool is_over = false;

  (void)stack;
  int error = uv_interface_addresses(&list, &count);
  if (error)
    return netmcu__error(error);
  for (int i = 0; i < count && !is_over; i++) {
    if (family_of(&list[i]) != AF_INET && family_of(&list[i]) != AF_INET6)
      continue;
    netmcu__interface_address address = {.name = list[i].name,
                                         .ip = netmcu__address((const struct sockaddr *)&list[i].address),
                                         .netmask = netmcu__address((const struct sockaddr *)&list[i].netmask),
                                         .index = index_of(&list[i]),
                                         .is_internal = list[i].is_internal != 0,
                                         .is_first = is_first_of_interface(list, i)};
    memcpy(address.hwaddr, list[i].phys_addr, sizeof(address.hwaddr));
    is_over = visitor(&address, data);
  }
  uv_free_interface_addresses(list, count);
  return 0;
}

/* Connects a socket for datagrams, which sends nothing. */
static bool get_source(netmcu__stack *stack, const netmcu_address *to, netmcu_address *source)
{
  netmcu_address host = *to;
  host.port = 9; /* discard; a connect to port 0 fails on some systems */
  netmcu__sockaddr sockaddr = netmcu__sockaddr_of(&host);
  socklen_t size = sockaddr.any.sa_family == AF_INET6 ? sizeof(sockaddr.ipv6) : sizeof(sockaddr.ipv4);

  (void)stack;
#ifdef _WIN32
  SOCKET fd = socket(sockaddr.any.sa_family, SOCK_DGRAM, 0);
  bool is_found = fd != INVALID_SOCKET;
#else
  int fd = socket(sockaddr.any.sa_family, SOCK_DGRAM, 0);
  bool is_found = fd >= 0;
#endif
  if (!is_found)
    return false;
  is_found = connect(fd, &sockaddr.any, size) == 0 && getsockname(fd, &sockaddr.any, &size) == 0;
#ifdef _WIN32
  closesocket(fd);
#else
  close(fd);
#endif
  if (is_found)
    *source = netmcu__address(&sockaddr.any);
  return is_found;
}

void netmcu__name_servers_append(netmcu__name_servers *list, const char *ip)
{
  netmcu_address server = {.port = 53};

  if (list->count < NETMCU_DNS_SERVERS && netmcu_ip_parse(ip, &server) == 0)
    list->servers[list->count++] = server;
}

const netmcu__interface_operations netmcu__system_interfaces = {
    .visit = visit,
    .get_routes = netmcu__system_routes,
    .get_lease = netmcu__system_lease,
    .get_source = get_source,
    .get_name_servers = netmcu__system_name_servers,
};
