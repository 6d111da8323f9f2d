/* ICMP echo packets (RFC 792, and RFC 4443 for IPv6), as the system's sockets send and receive them. */
#ifndef NETMCU_ECHO_PACKET_H
#define NETMCU_ECHO_PACKET_H

#include "stack/stack.h"

#define NETMCU__ECHO_SIZE (8 + NETMCU__ECHO_PAYLOAD)

typedef struct netmcu__echo {
  uint16_t id, sequence;
  const uint8_t *payload; /* NETMCU__ECHO_PAYLOAD bytes */
} netmcu__echo;

/* The system adds the checksum of IPv6. */
void netmcu__echo_write(const netmcu__echo *request, netmcu_family family, uint8_t packet[NETMCU__ECHO_SIZE]);

/* Reads an echo reply with a payload of that size, with or without its IP header. Returns false for
 * everything else. `reply` points into `bytes`. */
bool netmcu__echo_read(const uint8_t *bytes, size_t size, netmcu_family family, netmcu__echo *reply);

#endif
