/* Questions about the interfaces of a stack. */
#include "base/address.h"
#include "stack/stack.h"

typedef struct search {
  const netmcu_address *ip;
  bool is_found;
  uint32_t index;
} search;

static bool compare_ip(const netmcu__interface_address *address, void *data)
{
  search *s = data;

  s->is_found = netmcu__same_ip(&address->ip, s->ip);
  s->index = address->index;
  return s->is_found;
}

bool netmcu__find_own_ip(netmcu__stack *stack, const netmcu_address *ip, uint32_t *index)
{
  search s = {.ip = ip};

  *index = 0;
  if (ip->family == NETMCU_IPV4 && ip->ip[0] == 127)
    return true;
  stack->interfaces->visit(stack, compare_ip, &s);
  *index = s.index;
  return s.is_found;
}

bool netmcu__is_own_ip(netmcu__stack *stack, const netmcu_address *ip)
{
  uint32_t index;

  return netmcu__find_own_ip(stack, ip, &index);
}
