/* ICMP echo packets (RFC 792) consist of type, code, checksum, identifier, sequence number and
 * payload. */
#include <string.h>

#include "stack/echo_packet.h"

#define HEADER_SIZE 8
#define IP_SIZE     20 /* of an IP header without options */
#define ICMP        1  /* the protocol in an IP header */

/* The types, by family. */
static const uint8_t echo_reply[] = {0, 129}, echo_request[] = {8, 128};

static void put(uint8_t *at, uint16_t number)
{
  at[0] = (uint8_t)(number >> 8);
  at[1] = (uint8_t)number;
}

static uint16_t get(const uint8_t *at)
{
  return (uint16_t)(at[0] << 8 | at[1]);
}

/* RFC 1071. The checksum of a packet that includes a right checksum is 0. */
static uint16_t checksum(const uint8_t *bytes, size_t size)
{
  uint32_t sum = 0;

  for (size_t i = 0; i + 1 < size; i += 2)
    sum += get(bytes + i);
  if (size % 2)
    sum += (uint32_t)bytes[size - 1] << 8;
  while (sum >> 16)
    sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~sum;
}

void netmcu__echo_write(const netmcu__echo *request, netmcu_family family, uint8_t packet[NETMCU__ECHO_SIZE])
{
  memset(packet, 0, HEADER_SIZE);
  packet[0] = echo_request[family];
  put(packet + 4, request->id);
  put(packet + 6, request->sequence);
  memcpy(packet + HEADER_SIZE, request->payload, NETMCU__ECHO_PAYLOAD);
  if (family == NETMCU_IPV4)
    put(packet + 2, checksum(packet, NETMCU__ECHO_SIZE));
}

/* Raw sockets deliver the IP header too, and so do datagram sockets on macOS, but not on Linux. No
 * echo reply begins like an IP header. The length field of the header is ignored, because macOS
 * changes it. */
static bool skip_ip_header(const uint8_t **bytes, size_t *size)
{
  if (*size == 0 || (*bytes)[0] >> 4 != 4)
    return true;
  size_t header = (size_t)((*bytes)[0] & 0x0f) * 4;
  if (header < IP_SIZE || *size < header || (*bytes)[9] != ICMP)
    return false;
  *bytes += header;
  *size -= header;
  return true;
}

bool netmcu__echo_read(const uint8_t *bytes, size_t size, netmcu_family family, netmcu__echo *reply)
{
  bool is_ipv4 = family == NETMCU_IPV4;

  if ((is_ipv4 && !skip_ip_header(&bytes, &size)) || size != NETMCU__ECHO_SIZE)
    return false;
  if (bytes[0] != echo_reply[family] || bytes[1] != 0 || (is_ipv4 && checksum(bytes, size) != 0))
    return false;
  reply->id = get(bytes + 4);
  reply->sequence = get(bytes + 6);
  reply->payload = bytes + HEADER_SIZE;
  return true;
}
