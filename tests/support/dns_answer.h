/* The part of dns_answer.c that dns_server.c uses. */
#ifndef TEST_DNS_ANSWER_H
#define TEST_DNS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_MESSAGE   2048
#define DNS_NAME_SIZE 256
#define DNS_TYPE_A    1
#define DNS_TYPE_AAAA 28

typedef struct dns_message {
  uint8_t bytes[DNS_MESSAGE];
  size_t size;
} dns_message;

typedef struct dns_query {
  const uint8_t *bytes; /* the header and the question, which an answer repeats */
  size_t size;
  char name[DNS_NAME_SIZE];
  unsigned type;
  bool tcp;
} dns_query;

void dns_put8(dns_message *m, unsigned value);
void dns_put16(dns_message *m, unsigned value);

/* Returns whether the name is `label`.test. */
bool dns_query_is(const dns_query *q, const char *label);

/* Writes the answer that the name asks for, as far as a single message can express it. */
void dns_answer(dns_message *m, const dns_query *q);

/* Writes the address 192.0.2.`last`. */
void dns_answer_a(dns_message *m, const dns_query *q, unsigned last);

#endif
