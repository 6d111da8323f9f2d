/* What system_datagram.c and system_datagram_options.c share. */
#ifndef NETMCU_SYSTEM_DATAGRAM_H
#define NETMCU_SYSTEM_DATAGRAM_H

#include "stack/system.h"

struct netmcu__stack_socket {
  netmcu__datagram_group *group;
  uv_udp_t handle;
  bool is_connected, is_ipv6;
};

int netmcu__system_datagram_set_option(netmcu__stack_socket *s, int level, int option, const void *value, size_t size);
void netmcu__system_datagram_own_groups_only(netmcu__stack_socket *s);

/* Operations of stack.h: */
int netmcu__system_datagram_ttl(netmcu__stack_socket *s, int *ttl);
int netmcu__system_datagram_set_membership(netmcu__stack_socket *s, const netmcu_address *group,
                                           const netmcu_address *interface_ip, bool is_member);
int netmcu__system_datagram_set_interface(netmcu__stack_socket *s, const netmcu_address *interface_ip);

#endif
