/* The messages of DNS (RFC 1035, section 4): writes the question for the addresses of a name, of
 * IPv4 or of IPv6 (RFC 3596), and reads answers to it. */
#ifndef NETMCU_DNS_MESSAGE_H
#define NETMCU_DNS_MESSAGE_H

#include "base/context.h"

/* The longest question: the header, a name of 255 bytes, its type and its class. */
#define NETMCU__QUESTION_SIZE (12 + 255 + 4)

typedef enum netmcu__dns_verdict {
  NETMCU__DNS_ADDRESS,   /* the name has an address */
  NETMCU__DNS_NOTHING,   /* the name does not exist, or has no address of this family */
  NETMCU__DNS_FAILURE,   /* the server cannot or will not answer this question */
  NETMCU__DNS_TRUNCATED, /* the answer does not fit in a datagram: ask again over TCP */
  NETMCU__DNS_INVALID,   /* no answer to this question, or a malformed one */
} netmcu__dns_verdict;

/* The most addresses that are taken from one answer. */
#define NETMCU__DNS_ADDRESSES 4

typedef struct netmcu__dns_record {
  netmcu_address addresses[NETMCU__DNS_ADDRESSES];
  unsigned count;
  uint32_t ttl; /* in seconds; the shortest one of the addresses and the aliases */
} netmcu__dns_record;

/* Writes the question for the addresses of `name`, a host name, and returns its size. */
size_t netmcu__question_write(uint8_t message[NETMCU__QUESTION_SIZE], uint16_t id, const char *name,
                              netmcu_family family);

/* Gets the id of a message. Returns false if the message is too short to be an answer. */
bool netmcu__answer_id(const uint8_t *message, size_t size, uint16_t *id);

/* Reads an answer to the question for the addresses of `name`. Sets `record` if the verdict is
 * NETMCU__DNS_ADDRESS. */
netmcu__dns_verdict netmcu__answer_read(const uint8_t *message, size_t size, const char *name, netmcu_family family,
                                        netmcu__dns_record *record);

#endif
