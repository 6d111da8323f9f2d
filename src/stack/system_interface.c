/* The interfaces of the system: their addresses come from libuv, their routes and leases from the
 * system itself. */
#include "base/error.h"
#include "stack/system_interface.h"

#include <string.h>

static bool is_ipv4(const uv_interface_address_t *entry)
{
  return entry->address.address4.sin_family == AF_INET;
}

static bool is_first_of_interface(const uv_interface_address_t *list, int at)
{
  for (int i = 0; i < at; i++)
    if (is_ipv4(&list[i]) && strcmp(list[i].name, list[at].name) == 0)
      return false;
  return true;
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
    if (!is_ipv4(&list[i]))
      continue;
    netmcu__interface_address address = {.name = list[i].name,
                                         .ip = netmcu__address((const struct sockaddr *)&list[i].address),
                                         .netmask = netmcu__address((const struct sockaddr *)&list[i].netmask),
                                         .is_internal = list[i].is_internal != 0,
                                         .is_first = is_first_of_interface(list, i)};
    memcpy(address.hwaddr, list[i].phys_addr, sizeof(address.hwaddr));
    is_over = visitor(&address, data);
  }
  uv_free_interface_addresses(list, count);
  return 0;
}

/* Servers with IPv6 addresses are skipped, because addresses of the stack are IPv4. */
void netmcu__name_servers_append(netmcu__name_servers *list, const char *ip)
{
  netmcu_address server = {.port = 53};

  if (list->count < NETMCU_DNS_SERVERS && uv_inet_pton(AF_INET, ip, server.ip) == 0)
    list->servers[list->count++] = server;
}

const netmcu__interface_operations netmcu__system_interfaces = {visit, netmcu__system_routes, netmcu__system_lease,
                                                                netmcu__system_name_servers};
