/* Windows: routes and leases come from the IP helper. libuv names an interface by its friendly name
 * in UTF-8. */
#include "base/memory.h"
#include "stack/system_interface.h"

#include <iphlpapi.h>
#include <string.h>

static IP_ADAPTER_ADDRESSES *read_adapters(netmcu__stack *stack)
{
  ULONG size = 16 * 1024; /* the size that the documentation recommends */
  IP_ADAPTER_ADDRESSES *adapters = NULL;

  for (int attempt = 0; attempt < 3; attempt++) {
    IP_ADAPTER_ADDRESSES *larger = netmcu__resize(stack->ctx, adapters, size);
    if (larger == NULL)
      break;
    adapters = larger;
    ULONG error =
        GetAdaptersAddresses(AF_INET, GAA_FLAG_INCLUDE_GATEWAYS | GAA_FLAG_SKIP_DNS_SERVER, NULL, adapters, &size);
    if (error == NO_ERROR)
      return adapters;
    if (error != ERROR_BUFFER_OVERFLOW)
      break;
  }
  netmcu__release(stack->ctx, adapters);
  return NULL;
}

static bool read_name(const IP_ADAPTER_ADDRESSES *adapter, char name[64])
{
  return WideCharToMultiByte(CP_UTF8, 0, adapter->FriendlyName, -1, name, 64, NULL, NULL) > 0;
}

static bool write_ip(const SOCKET_ADDRESS *from, char ip[NETMCU_IP_SIZE])
{
  if (from->lpSockaddr == NULL || from->lpSockaddr->sa_family != AF_INET)
    return false;
  netmcu_address address = netmcu__address(from->lpSockaddr);
  netmcu_ip_format(&address, ip);
  return true;
}

static bool read_route(const IP_ADAPTER_ADDRESSES *adapter, netmcu__default_route *route)
{
  *route = (netmcu__default_route){.metric = adapter->Ipv4Metric};
  if (adapter->OperStatus != IfOperStatusUp || adapter->FirstGatewayAddress == NULL)
    return false;
  return read_name(adapter, route->name) && write_ip(&adapter->FirstGatewayAddress->Address, route->gateway);
}

unsigned netmcu__system_routes(netmcu__stack *stack, netmcu__default_route *routes, unsigned capacity)
{
  IP_ADAPTER_ADDRESSES *adapters = read_adapters(stack);
  unsigned count = 0;

  for (const IP_ADAPTER_ADDRESSES *a = adapters; a && count < capacity; a = a->Next)
    count += read_route(a, &routes[count]);
  netmcu__release(stack->ctx, adapters);
  return count;
}

static bool read_lease(const IP_ADAPTER_ADDRESSES *adapter, const char *ip, netmcu__lease *lease)
{
  *lease = (netmcu__lease){.server = ""};
  if (!(adapter->Flags & IP_ADAPTER_DHCP_ENABLED) || !write_ip(&adapter->Dhcpv4Server, lease->server))
    return false;
  memcpy(lease->client, ip, strlen(ip) + 1);
  return true;
}

bool netmcu__system_lease(netmcu__stack *stack, const char *name, const char *ip, netmcu__lease *lease)
{
  IP_ADAPTER_ADDRESSES *adapters = read_adapters(stack);
  bool found = false;

  for (const IP_ADAPTER_ADDRESSES *a = adapters; a && !found; a = a->Next) {
    char adapter_name[64];
    found = read_name(a, adapter_name) && strcmp(adapter_name, name) == 0 && read_lease(a, ip, lease);
  }
  netmcu__release(stack->ctx, adapters);
  return found;
}
