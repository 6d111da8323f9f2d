/* IPv4 addresses and host names. Nothing here asks the network. */
#ifndef NETMCU_ADDRESS_H
#define NETMCU_ADDRESS_H

#include <stdbool.h>
#include <string.h>

#include "netmcu.h"

/* Compares the IPs only, not the ports. */
static inline bool netmcu__same_ip(const netmcu_address *a, const netmcu_address *b)
{
  return memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

static inline bool netmcu__same_address(const netmcu_address *a, const netmcu_address *b)
{
  return a->port == b->port && netmcu__same_ip(a, b);
}

/* 0.0.0.0, which stands for every address of this machine, or for an address that is not known. */
static inline bool netmcu__is_any_ip(const netmcu_address *address)
{
  static const netmcu_address any;

  return netmcu__same_ip(address, &any);
}

/* 255.255.255.255, which reaches every host of the local network. */
static inline bool netmcu__is_broadcast_ip(const netmcu_address *address)
{
  static const netmcu_address broadcast = {.ip = {255, 255, 255, 255}};

  return netmcu__same_ip(address, &broadcast);
}

/* 224.0.0.0/4, the multicast groups. */
static inline bool netmcu__is_group(const netmcu_address *address)
{
  return (address->ip[0] & 0xf0) == 0xe0;
}

/* A name that DNS can be asked for (RFC 1035, 2.3.4): at most 253 bytes, labels of 1…63 bytes, no
 * spaces or control characters. */
bool netmcu__is_host_name(const char *name);
bool netmcu__is_host(const char *host); /* a host name or an address; NULL is neither */

/* Names are compared without regard to the case of ASCII letters (RFC 4343), whatever the
 * locale. */
static inline char netmcu__lower(char c)
{
  return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

#endif
