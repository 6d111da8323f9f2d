/* Addresses and host names as scripts pass them. inet_aton(3) decides which addresses are valid. */
#include <arpa/inet.h>

#include "bytes.h"
#include "base/address.h"
#include "stack/system.h"

static void check_address(const char *text)
{
  netmcu_address address = {{1, 2, 3, 4}, 5}, again;
  struct in_addr system;
  char ip[NETMCU_IP_SIZE];

  int error = netmcu_ip_parse(text, &address);
  REQUIRE(address.port == 5);
  REQUIRE((error == 0) == (inet_aton(text, &system) != 0));
  if (error) {
    REQUIRE(error == NETMCU_EVALUE && memcmp(address.ip, "\1\2\3\4", 4) == 0);
    return;
  }
  REQUIRE(memcmp(address.ip, &system, 4) == 0);
  REQUIRE(netmcu_ip_text(&address, ip) == ip && strlen(ip) < sizeof(ip));
  REQUIRE(netmcu_ip_parse(ip, &again) == 0 && memcmp(address.ip, again.ip, 4) == 0);
  struct sockaddr_in sockaddr = netmcu__sockaddr(&address);
  again = netmcu__address(&sockaddr);
  REQUIRE(memcmp(&again, &address, sizeof(again)) == 0);
}

static void check_name(const char *name)
{
  if (!netmcu__is_host_name(name))
    return;
  size_t length = strlen(name);
  REQUIRE(length > 0 && length <= 254 && strchr(name, ' ') == NULL && strstr(name, "..") == NULL);
}

/* Calls what starts a query, or refuses to. No query is sent before the loop runs, and the loop
 * does not run. */
static void check_calls(const char *text)
{
  static netmcu_t *ctx;
  netmcu_address address;

  if (ctx == NULL)
    ctx = netmcu_new(NULL, NULL);
  REQUIRE(ctx);
  if (netmcu_dns_set_server(ctx, 0, text) == 0)
    REQUIRE(netmcu_dns_get_server(ctx, 0, &address) == 0 && address.port != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char *text = text_of(data, size);

  check_address(text);
  check_name(text);
  check_calls(text);
  free(text);
  return 0;
}
