/* Addresses and host names as scripts pass them. inet_aton(3) decides which addresses are valid. */
#include <arpa/inet.h>

#include "bytes.h"
#include "base/address.h"
#include "stack/system.h"

static void check_with_port(const netmcu_address *address)
{
  char text[NETMCU_ADDRESS_SIZE];
  netmcu_address again = {.port = 0};

  REQUIRE(netmcu_address_format(address, text) == text && strlen(text) < sizeof(text));
  REQUIRE(netmcu_address_parse(text, &again) == 0 && netmcu__same_address(address, &again));
}

static void check_address(const char *text)
{
  netmcu_address address = {.ip = {1, 2, 3, 4}, .port = 5}, again = {.port = 5};
  struct in_addr system;
  char ip[NETMCU_IP_SIZE];

  int error = netmcu_ip_parse(text, &address);
  REQUIRE(address.port == 5);
  if (strchr(text, ':') == NULL)
    REQUIRE((error == 0) == (inet_aton(text, &system) != 0));
  if (error) {
    REQUIRE(error == NETMCU_EVALUE && memcmp(address.ip, "\1\2\3\4", 4) == 0);
    return;
  }
  if (strchr(text, ':') == NULL)
    REQUIRE(memcmp(address.ip, &system, 4) == 0);
  REQUIRE(netmcu_ip_format(&address, ip) == ip && strlen(ip) < sizeof(ip));
  REQUIRE(netmcu_ip_parse(ip, &again) == 0 && netmcu__same_address(&address, &again));
  netmcu__sockaddr sockaddr = netmcu__sockaddr_of(&address);
  again = netmcu__address(&sockaddr.any);
  REQUIRE(netmcu__same_address(&again, &address));
  check_with_port(&address);
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
