/* Addresses and host names. Nothing here asks the network. */
#ifndef NETMCU_ADDRESS_H
#define NETMCU_ADDRESS_H

#include <stdbool.h>
#include <string.h>

#include "netmcu.h"

/* Stands for both families. A listener or a socket for datagrams with such an address serves both
 * families if the system can do that. A stream with such an address does not know yet which family
 * it needs. */
#define NETMCU__ANY_FAMILY 0xffff

/* Compares the IPs only, not the ports. */
static inline bool netmcu__same_ip(const netmcu_address *a, const netmcu_address *b)
{
  return memcmp(a->ip, b->ip, sizeof(a->ip)) == 0 && a->family == b->family && a->scope == b->scope;
}

static inline bool netmcu__same_address(const netmcu_address *a, const netmcu_address *b)
{
  return a->port == b->port && netmcu__same_ip(a, b);
}

/* Sets the IP and leaves the port alone, which may not be set yet. */
static inline void netmcu__set_ip(netmcu_address *address, const netmcu_address *from)
{
  memcpy(address->ip, from->ip, sizeof(address->ip));
  address->family = from->family;
  address->scope = from->scope;
}

/* Sets the IP to the 16 bytes of an IPv6 address, which may stand for an IPv4 address
 * (::ffff:192.0.2.1). Leaves the port alone. */
void netmcu__set_ipv6(netmcu_address *address, const uint8_t ip[16], uint32_t scope);

/* Writes the IP as the 16 bytes of an IPv6 address, in which an IPv4 address is ::ffff:192.0.2.1. */
void netmcu__get_ipv6(const netmcu_address *address, uint8_t ip[16]);

/* The number of an IPv4 address: that of 127.0.0.1 is 0x7f000001. */
static inline uint32_t netmcu__ipv4_number(const netmcu_address *address)
{
  const uint8_t *ip = address->ip;

  return (uint32_t)ip[0] << 24 | (uint32_t)ip[1] << 16 | (uint32_t)ip[2] << 8 | ip[3];
}

/* Returns the IPv4 address that has this number, with port 0. */
static inline netmcu_address netmcu__ipv4_address(uint32_t number)
{
  return (netmcu_address){
      .ip = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number}};
}

/* 0.0.0.0 and ::, which stand for every address of this machine, or for an address that is not
 * known. */
static inline bool netmcu__is_any_ip(const netmcu_address *address)
{
  static const uint8_t any[sizeof(address->ip)];

  return memcmp(address->ip, any, sizeof(any)) == 0;
}

/* The address of a peer whose name is being looked up. */
static inline bool netmcu__is_unresolved(const netmcu_address *address)
{
  return address->family != NETMCU_UNIX && netmcu__is_any_ip(address);
}

/* 255.255.255.255, which reaches every host of the local network. */
static inline bool netmcu__is_broadcast_ip(const netmcu_address *address)
{
  static const netmcu_address broadcast = {.ip = {255, 255, 255, 255}};

  return netmcu__same_ip(address, &broadcast);
}

/* The multicast groups: 224.0.0.0/4 and ff00::/8. */
static inline bool netmcu__is_group(const netmcu_address *address)
{
  return address->family == NETMCU_IPV4 ? (address->ip[0] & 0xf0) == 0xe0 : address->ip[0] == 0xff;
}

/* A name that DNS can be asked for (RFC 1035, 2.3.4): at most 253 bytes, labels of 1…63 bytes, no
 * spaces or control characters. NULL is no name. */
bool netmcu__is_host_name(const char *name);
bool netmcu__is_host(const char *host); /* a host name or an address; NULL is neither */

/* Returns the PATH of "unix:PATH", or NULL if the host is something else. */
static inline const char *netmcu__path_of(const char *host)
{
  return host && strncmp(host, "unix:", 5) == 0 ? host + 5 : NULL;
}

/* Names are compared without regard to the case of ASCII letters (RFC 4343), whatever the
 * locale. */
static inline char netmcu__lower(char c)
{
  return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

#endif
