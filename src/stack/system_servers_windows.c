/* The name servers of the IP helper of Windows, which lists those with IPv4 addresses. */
#include "stack/system_interface.h"

#include <iphlpapi.h>

#define FRESH 1000 /* ms until the servers are read again: reading takes longer than a lookup */

/* Has room for the fixed part and a dozen more servers. Windows reports an error if there are
 * more. */
typedef union information {
  FIXED_INFO fixed;
  char room[4096];
} information;

static void read_servers(netmcu__name_servers *list)
{
  information info;
  ULONG size = sizeof(info);

  if (GetNetworkParams(&info.fixed, &size) != ERROR_SUCCESS)
    return;
  for (const IP_ADDR_STRING *server = &info.fixed.DnsServerList; server; server = server->Next)
    netmcu__name_servers_append(list, server->IpAddress.String);
}

const netmcu__name_servers *netmcu__system_name_servers(netmcu__stack *stack)
{
  netmcu__system *system = netmcu__system_of(stack);
  uint64_t now = netmcu__now(stack);

  if (system->name_servers_read == 0 || now - system->name_servers_read >= FRESH) {
    system->name_servers = (netmcu__name_servers){.count = 0};
    read_servers(&system->name_servers);
    system->name_servers_read = now ? now : 1;
  }
  return &system->name_servers;
}
