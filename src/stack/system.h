/* The system's stack from the inside, for its files:
 *
 *   system.c              the stack itself, its clock; addresses and options of sockets
 *   system_stream.c       TCP
 *   system_listener.c     servers
 *   system_path_*.c       Unix-domain sockets and named pipes
 *   system_taken_*.c      what a peer has acknowledged, on Windows
 *   system_datagram*.c    UDP
 *   system_echo_*.c       ICMP echo
 *   system_interface*.c   interfaces, routes and leases
 *   system_servers_*.c    name servers */
#ifndef NETMCU_SYSTEM_H
#define NETMCU_SYSTEM_H

#include <string.h>
#include <uv.h>

#include "base/address.h"
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
  struct netmcu__tcp_ends *unacknowledged; /* system_taken_windows.c: sorted */
  size_t unacknowledged_count;
  uint64_t unacknowledged_read; /* the clock's `now` */
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

/* An address as the system has it. */
typedef union netmcu__sockaddr {
  struct sockaddr any;
  struct sockaddr_in ipv4;
  struct sockaddr_in6 ipv6;
} netmcu__sockaddr;

static inline netmcu__sockaddr netmcu__sockaddr_of(const netmcu_address *address)
{
  netmcu__sockaddr sockaddr = {.ipv4 = {.sin_family = AF_INET, .sin_port = htons(address->port)}};

  if (netmcu__rarely(address->family != NETMCU_IPV4)) {
    sockaddr.ipv6 = (struct sockaddr_in6){
        .sin6_family = AF_INET6, .sin6_port = htons(address->port), .sin6_scope_id = address->scope};
    memcpy(&sockaddr.ipv6.sin6_addr, address->ip, sizeof(sockaddr.ipv6.sin6_addr));
    return sockaddr;
  }
  memcpy(&sockaddr.ipv4.sin_addr, address->ip, sizeof(sockaddr.ipv4.sin_addr));
  return sockaddr;
}

/* The sockaddr must have the size of its family. */
static inline netmcu_address netmcu__address(const struct sockaddr *sockaddr)
{
  netmcu_address address = {.port = 0};

  if (netmcu__rarely(sockaddr->sa_family == AF_UNIX)) {
    address.family = NETMCU_UNIX;
    return address;
  }
  if (netmcu__rarely(sockaddr->sa_family == AF_INET6)) {
    const struct sockaddr_in6 *ipv6 = (const void *)sockaddr;
    address.port = ntohs(ipv6->sin6_port);
    netmcu__set_ipv6(&address, (const uint8_t *)&ipv6->sin6_addr, ipv6->sin6_scope_id);
    return address;
  }
  const struct sockaddr_in *ipv4 = (const void *)sockaddr;
  address.port = ntohs(ipv4->sin_port);
  memcpy(address.ip, &ipv4->sin_addr, sizeof(ipv4->sin_addr));
  return address;
}

/* The paths of Unix-domain sockets and named pipes (system_path_*.c). The handle of a stream or
 * listener there is a uv_tcp_t on Unix, and a uv_pipe_t on Windows. */

/* A file that a listener has created, and that is removed with it. The path is NULL if the listener
 * has created no file. */
typedef struct netmcu__path_file {
  const char *path;
  uint64_t device, inode;
} netmcu__path_file;

int netmcu__path_connect(uv_stream_t *handle, uv_connect_t *request, const char *path, uv_connect_cb cb);
int netmcu__path_bind(uv_stream_t *handle, const char *path, netmcu__path_file *file);
void netmcu__path_remove(const netmcu__path_file *file);

/* Whether the peer of a connection has not acknowledged everything, the FIN included. Only for
 * Windows; a socket knows this elsewhere. */
bool netmcu__system_is_unacknowledged(netmcu__stack *stack, const netmcu_address *own, const netmcu_address *peer);

/* On OpenBSD, no socket takes both families. */
#ifdef __OpenBSD__
#define NETMCU__HAS_DUAL_SOCKETS false
#else
#define NETMCU__HAS_DUAL_SOCKETS true
#endif

/* Whether this error of libuv means that the system has no IPv6. */
static inline bool netmcu__has_no_ipv6(int error)
{
  return error == UV_EAFNOSUPPORT || error == UV_EPROTONOSUPPORT;
}

/* Returns netmcu's code for the error of the call on a socket that has just failed. */
int netmcu__socket_error(void);

/* Gets the TTL of a socket, after setting it if *ttl is not negative. */
int netmcu__socket_ttl(const uv_handle_t *handle, int *ttl);

#endif
