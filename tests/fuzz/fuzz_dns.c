/* Answers of name servers: what is read from any message lies within it, and what has an address is
 * an answer to the question. */
#define _GNU_SOURCE
#include "bytes.h"
#include "dns/message.h"

static void check(const uint8_t *message, size_t size, const char *name, netmcu_family family)
{
  uint8_t question[NETMCU__QUESTION_SIZE];
  netmcu__dns_record record = {.count = 0};
  uint16_t id = 0;

  REQUIRE(netmcu__answer_id(message, size, &id) == (size >= 12));
  netmcu__dns_verdict verdict = netmcu__answer_read(message, size, name, family, &record);
  if (verdict == NETMCU__DNS_INVALID)
    return;
  /* The question is repeated in the answer, in letters of any case. */
  size_t length = netmcu__question_write(question, id, name, family);
  REQUIRE(size >= length && memcmp(message, question, 2) == 0 && (message[2] & 0x80) != 0);
  for (size_t i = 12; i < length; i++)
    REQUIRE(((message[i] ^ question[i]) & ~0x20) == 0);
  REQUIRE((verdict == NETMCU__DNS_ADDRESS) == (record.count > 0) && record.count <= NETMCU__DNS_ADDRESSES);
  for (unsigned i = 0; i < record.count; i++)
    REQUIRE(memmem(message + length, size - length, record.addresses[i].ip,
                   record.addresses[i].family == NETMCU_IPV6 ? 16 : 4) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  check(data, size, "a.test", NETMCU_IPV4);
  check(data, size, "a.test", NETMCU_IPV6);
  check(data, size, "example.org.", NETMCU_IPV4);
  return 0;
}
