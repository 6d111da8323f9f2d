/* The rules of netmcu_map_port, netmcu_map_host, netmcu_bind_to and netmcu_set_fault, one in each
 * line. All are set in one context and then applied to a few names and addresses. */
#include "bytes.h"
#include "edge/fault_private.h"
#include "edge/route_private.h"

static void check_error(netmcu_t *ctx, int error)
{
  const char *text = netmcu_get_rule_error(ctx);

  REQUIRE(error == 0 || error == NETMCU_EVALUE);
  if (error == 0)
    return;
  REQUIRE(text[0] == '\'' && strlen(text) < 192);
  for (; *text; text++)
    REQUIRE(*text >= ' ' && *text < 0x7f);
}

static void check_read(netmcu_t *ctx, const char *rule)
{
  netmcu__port_rule port;
  netmcu__host_rule host;
  netmcu__fault_rule fault;

  if (netmcu__read_port_rule(ctx, rule, &port) == 0)
    REQUIRE(port.first > 0 && port.first <= port.last && (port.tcp || port.udp) &&
            (port.to == 0 || port.to + (port.last - port.first) <= UINT16_MAX));
  if (netmcu__read_host_rule(ctx, rule, &host) == 0)
    REQUIRE(host.host[0] && memchr(host.host, 0, sizeof(host.host)));
  if (netmcu__read_fault_rule(ctx, rule, &fault) == 0)
    REQUIRE(fault.probability <= FAULT_CERTAIN && (fault.kind != FAULT_CUT || fault.size > 0) &&
            (fault.kind != FAULT_DELAY || fault.ms > 0));
}

static void set(netmcu_t *ctx, const char *rule)
{
  check_error(ctx, netmcu_map_port(ctx, rule));
  check_error(ctx, netmcu_map_host(ctx, rule));
  check_error(ctx, netmcu_bind_to(ctx, rule));
  check_error(ctx, netmcu_set_fault(ctx, rule));
}

/* Gets the real address, as a listener would. */
static int listen_at(void *data, netmcu_address *address)
{
  *(netmcu_address *)data = *address;
  return 0;
}

static void use(netmcu_t *ctx)
{
  static const char *const names[] = {"a.test", "x.a.test", "A.TEST.", "b"};
  netmcu_address address = {.ip = {10, 0, 0, 7}, .port = 80};

  netmcu__route_to(ctx, &address);
  netmcu__route_datagram(ctx, &address);
  netmcu__route_from(ctx, &address);
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    address = (netmcu_address){.ip = {0, 0, 0, 0}, .port = 80};
    if (netmcu__route_lookup(ctx, names[i], 80, &address) == 0)
      netmcu__route_to(ctx, &address);
    if (netmcu__is_faulty(ctx))
      netmcu__fault_lookup(ctx, names[i]);
  }
  for (uint16_t port = 79; port < 82; port++) {
    address.port = port;
    netmcu__route_listen(ctx, port & 1, address, listen_at, &address);
    netmcu__route_own(ctx, port & 1, &address);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  netmcu_t *ctx = netmcu_new(NULL, NULL);
  char *text = text_of(data, size);

  REQUIRE(ctx);
  for (char *line = text; line;) {
    char *end = strchr(line, '\n');
    if (end)
      *end = '\0';
    check_read(ctx, line);
    set(ctx, line);
    line = end ? end + 1 : NULL;
  }
  use(ctx);
  netmcu_set_fault(ctx, NULL);
  REQUIRE(netmcu_close(ctx, NULL, NULL) == 0);
  free(text);
  return 0;
}
