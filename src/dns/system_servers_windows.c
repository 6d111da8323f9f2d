/* Windows: the servers of the IP helper, which lists those of IPv4. */
#include "dns/system_servers.h"

#include <iphlpapi.h>
#include <string.h>

#define FRESH 1000 /* ms for which we believe what we read: reading takes longer than a lookup */

/* Room for the fixed part and a dozen further servers; the system fails if there are more. */
typedef union information {
  FIXED_INFO fixed;
  char room[4096];
} information;

static void read_servers(netmcu__server_list *list)
{
  information info;
  ULONG size = sizeof(info);

  if (GetNetworkParams(&info.fixed, &size) != ERROR_SUCCESS)
    return;
  for (const IP_ADDR_STRING *server = &info.fixed.DnsServerList; server; server = server->Next)
    netmcu__server_list_append(list, server->IpAddress.String);
}

const netmcu__server_list *netmcu__system_servers_get(netmcu__system_servers *s, uint64_t now)
{
  if (s->read == 0 || now - s->read >= FRESH) {
    memset(&s->list, 0, sizeof(s->list));
    read_servers(&s->list);
    s->read = now ? now : 1;
  }
  return &s->list;
}
