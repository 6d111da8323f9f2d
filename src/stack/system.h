/* The system's stack from the inside, for its files:
 *
 *   system.c              the stack itself, its clock; addresses and options of sockets
 *   system_stream.c       TCP
 *   system_datagram.c     UDP
 *   system_echo_*.c       ICMP echo
 *   system_interface*.c   interfaces, routes and leases
 *   system_servers_*.c    name servers */
#ifndef NETMCU_SYSTEM_H
#define NETMCU_SYSTEM_H

#include <string.h>
#include <uv.h>

#include "stack/file.h"
#include "stack/stack.h"

typedef struct netmcu__system {
  netmcu__stack stack;
  uv_loop_t *loop;
  uv_timer_t timer;
  struct netmcu__batch *batch; /* system_datagram.c */
  netmcu__file configuration;  /* system_servers_unix.c */
  netmcu__name_servers name_servers;
  uint64_t name_servers_read; /* system_servers_windows.c: the clock's `now`; 0: not yet */
} netmcu__system;

static inline netmcu__system *netmcu__system_of(netmcu__stack *stack)
{
  return (netmcu__system *)stack;
}

static inline uv_loop_t *netmcu__system_loop(const netmcu__stack *stack)
{
  return ((const netmcu__system *)stack)->loop;
}

extern const netmcu__stream_operations netmcu__system_streams;
extern const netmcu__datagram_operations netmcu__system_datagrams;
extern const netmcu__echo_operations netmcu__system_echo;
extern const netmcu__interface_operations netmcu__system_interfaces;

static inline struct sockaddr_in netmcu__sockaddr(const netmcu_address *address)
{
  struct sockaddr_in sockaddr = {.sin_family = AF_INET, .sin_port = htons(address->port)};

  memcpy(&sockaddr.sin_addr, address->ip, sizeof(address->ip));
  return sockaddr;
}

static inline netmcu_address netmcu__address(const struct sockaddr_in *sockaddr)
{
  netmcu_address address = {.port = ntohs(sockaddr->sin_port)};

  memcpy(address.ip, &sockaddr->sin_addr, sizeof(address.ip));
  return address;
}

/* Gets the TTL of a socket, after setting it if *ttl is not negative. `option` is the socket option
 * at the level of IP. */
int netmcu__socket_ttl(const uv_handle_t *handle, int option, int *ttl);

#endif
