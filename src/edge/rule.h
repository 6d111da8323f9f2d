/* Reading the rules of the edge, which are untrusted text. */
#ifndef NETMCU_RULE_H
#define NETMCU_RULE_H

#include "base/context.h"

/* The text that remains to be read. The functions leave it where it was if they return false. */
typedef struct netmcu__reader {
  const char *text;
} netmcu__reader;

bool netmcu__read_word(netmcu__reader *reader, const char *word);
bool netmcu__read_number(netmcu__reader *reader, uint64_t most, uint64_t *number);
/* Reads up to the first of `ends` or the end of the text: 1 to size - 1 bytes without white space
 * and controls. */
bool netmcu__read_until(netmcu__reader *reader, const char *ends, char *to, size_t size);

/* Keeps the reason for netmcu_get_rule_error and returns NETMCU_EVALUE. `where` is the text where the
 * reading stopped. */
int netmcu__rule_wrong(netmcu_t *ctx, const char *rule, const char *where, const char *reason);

bool netmcu__same_name(const char *a, const char *b); /* regardless of case and of a final dot */
/* '*' in a pattern stands for any number of bytes. Case does not matter. */
bool netmcu__matches(const char *pattern, const char *name);

#endif
