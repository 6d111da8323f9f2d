/* The functions of src/ping in a library that was built without it. */
#include "netmcu.h"

int netmcu_ping(netmcu_t *ctx, const char *host, unsigned count, const netmcu_ping_events *events, void *data)
{
  (void)ctx;
  (void)host;
  (void)count;
  (void)events;
  (void)data;
  return NETMCU_ENOTSUP;
}

void netmcu_ping_cancel(netmcu_t *ctx, void *data)
{
  (void)ctx;
  (void)data;
}
