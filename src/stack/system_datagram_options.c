/* The options of the system's datagrams: the TTL and multicast groups. */
#include "base/error.h"
#include "stack/system_datagram.h"

int netmcu__system_datagram_set_option(netmcu__stack_socket *s, int level, int option, const void *value, size_t size)
{
  uv_os_fd_t fd;

  int error = uv_fileno((const uv_handle_t *)&s->handle, &fd);
  if (error)
    return netmcu__error(error);
  return setsockopt((uv_os_sock_t)fd, level, option, value, (socklen_t)size) ? netmcu__socket_error() : 0;
}

/* Without this, a socket of Linux receives each group that any program of the machine has
 * joined. */
void netmcu__system_datagram_own_groups_only(netmcu__stack_socket *s)
{
  const int off = 0;

#ifdef IP_MULTICAST_ALL
  netmcu__system_datagram_set_option(s, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof(off));
#endif
#ifdef IPV6_MULTICAST_ALL
  if (s->is_ipv6)
    netmcu__system_datagram_set_option(s, IPPROTO_IPV6, IPV6_MULTICAST_ALL, &off, sizeof(off));
#endif
  (void)off;
  (void)s;
}

int netmcu__system_datagram_ttl(netmcu__stack_socket *s, int *ttl)
{
  int wanted = *ttl;

  int error = netmcu__socket_ttl((const uv_handle_t *)&s->handle, ttl);
  if (error == 0 && wanted > 0)
    error = netmcu__error(uv_udp_set_multicast_ttl(&s->handle, wanted));
  if (error == 0 && wanted > 0 && s->is_ipv6)
    netmcu__system_datagram_set_option(s, IPPROTO_IP, IP_MULTICAST_TTL, &wanted, sizeof(wanted));
  return error;
}

/* On Windows, libuv refuses groups of IPv4 for a socket that takes both families. */
static int set_ipv4_membership(netmcu__stack_socket *s, const netmcu_address *group, const netmcu_address *interface_ip,
                               bool is_member)
{
  struct ip_mreq request;

  memcpy(&request.imr_multiaddr, group->ip, sizeof(request.imr_multiaddr));
  memcpy(&request.imr_interface, interface_ip->ip, sizeof(request.imr_interface));
  return netmcu__system_datagram_set_option(s, IPPROTO_IP, is_member ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &request,
                                            sizeof(request));
}

/* libuv finds the interface by its name only. */
static int set_ipv6_membership(netmcu__stack_socket *s, const netmcu_address *group, const netmcu_address *interface_ip,
                               bool is_member)
{
  struct ipv6_mreq request = {.ipv6mr_interface = interface_ip->scope};

  memcpy(&request.ipv6mr_multiaddr, group->ip, sizeof(request.ipv6mr_multiaddr));
  return netmcu__system_datagram_set_option(s, IPPROTO_IPV6, is_member ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &request,
                                            sizeof(request));
}

/* Joining a group twice, or leaving one that was not joined, leads to the state that was wanted. */
int netmcu__system_datagram_set_membership(netmcu__stack_socket *s, const netmcu_address *group,
                                           const netmcu_address *interface_ip, bool is_member)
{
  bool is_ipv6 = group->family == NETMCU_IPV6;
  int error = (is_ipv6 ? set_ipv6_membership : set_ipv4_membership)(s, group, interface_ip, is_member);

  return error == NETMCU_EADDRINUSE || error == netmcu__error(UV_EADDRNOTAVAIL) ? 0 : error;
}

int netmcu__system_datagram_set_interface(netmcu__stack_socket *s, const netmcu_address *interface_ip)
{
  char text[NETMCU_IP_SIZE];

  if (interface_ip->family == NETMCU_IPV6)
    return netmcu__system_datagram_set_option(s, IPPROTO_IPV6, IPV6_MULTICAST_IF, &interface_ip->scope,
                                              sizeof(interface_ip->scope));
  return netmcu__error(uv_udp_set_multicast_interface(&s->handle, netmcu_ip_format(interface_ip, text)));
}
