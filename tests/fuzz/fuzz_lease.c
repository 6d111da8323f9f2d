/* The files of DHCP clients, in both formats, and lines of the routing table. The first byte
 * chooses the interface and address. */
#include "bytes.h"
#include "stack/system_interface.h"

static void check_ip(const char *ip)
{
  struct in_addr address;

  REQUIRE(memchr(ip, 0, NETMCU_IP_SIZE));
  REQUIRE(ip[0] == '\0' || uv_inet_pton(AF_INET, ip, &address) == 0);
}

static void check_lease(const netmcu__lease *lease)
{
  check_ip(lease->server);
  check_ip(lease->client);
  check_ip(lease->ntp);
}

static void read_routes(const char *text)
{
  netmcu__default_route route = {.name = ""};

  if (!netmcu__route_read(text, &route))
    return;
  REQUIRE(memchr(route.name, 0, sizeof(route.name)) && route.name[0]);
  check_ip(route.gateway);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  netmcu__lease lease;
  unsigned which = size ? data[0] : 0;
  const char *ip = which & 2 ? "10.0.0.7" : NULL;

  char *text = text_of(data, size);
  const char *rest = size ? text + 1 : text;
  if (netmcu__lease_read_keys(rest, &lease)) {
    REQUIRE(lease.client[0]);
    check_lease(&lease);
  }
  if (netmcu__lease_read_log(rest, which & 1 ? "eth0" : "", ip, &lease)) {
    REQUIRE(lease.client[0] && (ip == NULL || strcmp(lease.client, ip) == 0));
    check_lease(&lease);
  }
  read_routes(rest);
  free(text);
  return 0;
}
