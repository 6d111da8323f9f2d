/* The functions of src/ping in a library that was built without it. */
#include "netmcu.h"

int netmcu_ping(netmcu_t *ctx, const char *host, unsigned count, const netmcu_ping_events *events, void *data,
                netmcu_ping_t **ping)
{
  (void)ctx;
  (void)host;
  (void)count;
  (void)events;
  (void)data;
  (void)ping;
  return NETMCU_ENOTSUP;
}

void netmcu_ping_cancel(netmcu_ping_t *ping)
{
  (void)ping;
}
