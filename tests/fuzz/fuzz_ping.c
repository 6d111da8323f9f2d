/* Packets that come to the ICMP socket, read as echo replies with or without an IP header. */
#include "bytes.h"
#include "stack/echo_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  netmcu__echo reply;
  uint8_t *packet = malloc(size ? size : 1);

  REQUIRE(packet);
  if (size)
    memcpy(packet, data, size);
  if (netmcu__echo_read(packet, size, NETMCU_IPV4, &reply)) {
    REQUIRE(size >= NETMCU__ECHO_SIZE);
    REQUIRE(reply.payload >= packet && reply.payload + NETMCU__ECHO_PAYLOAD == packet + size);
    /* A request differs from its reply only in the type, and so in the checksum. */
    uint8_t request[NETMCU__ECHO_SIZE];
    netmcu__echo_write(&reply, NETMCU_IPV4, request);
    REQUIRE(memcmp(request + 4, packet + size - NETMCU__ECHO_SIZE + 4, NETMCU__ECHO_SIZE - 4) == 0);
  }
  free(packet);
  return 0;
}
