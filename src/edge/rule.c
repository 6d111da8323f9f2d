/* See rule.h. Rules come from command lines and scripts: nothing is guessed, and every byte must
 * fit. */
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "edge/rule.h"

bool netmcu__read_word(netmcu__reader *reader, const char *word)
{
  size_t length = strlen(word);

  if (strncmp(reader->text, word, length) != 0)
    return false;
  reader->text += length;
  return true;
}

bool netmcu__read_number(netmcu__reader *reader, uint64_t most, uint64_t *number)
{
  const char *digit = reader->text;
  uint64_t value = 0;

  for (; *digit >= '0' && *digit <= '9'; digit++) {
    uint64_t unit = (uint64_t)(*digit - '0');
    if (value > most / 10 || value * 10 > most - unit)
      return false;
    value = value * 10 + unit;
  }
  if (digit == reader->text)
    return false;
  reader->text = digit;
  *number = value;
  return true;
}

bool netmcu__read_until(netmcu__reader *reader, const char *ends, char *to, size_t size)
{
  size_t length = strcspn(reader->text, ends);

  if (length == 0 || length >= size)
    return false;
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)reader->text[i];
    if (byte <= ' ' || byte == 0x7f)
      return false;
    to[i] = reader->text[i];
  }
  to[length] = '\0';
  reader->text += length;
  return true;
}

/* Copies the beginning of a text, without bytes that would disturb a terminal. */
static void quote(char *to, size_t size, const char *text)
{
  size_t i = 0;

  for (; text[i] && i + 1 < size; i++) {
    unsigned char byte = (unsigned char)text[i];
    to[i] = byte < ' ' || byte >= 0x7f ? '?' : text[i];
  }
  to[i] = '\0';
  if (text[i] && size > 4)
    memcpy(to + size - 4, "...", 4);
}

typedef struct rules {
  char error[192];
} rules;

static const netmcu__part_class rules_class = {.size = sizeof(rules)};

int netmcu__rule_wrong(netmcu_t *ctx, const char *rule, const char *where, const char *reason)
{
  rules *part = netmcu__part_get(ctx, NETMCU__RULES, &rules_class);
  char whole[64], rest[32];

  if (part == NULL)
    return NETMCU_ENOMEM;
  quote(whole, sizeof(whole), rule);
  quote(rest, sizeof(rest), where);
  if (rest[0] == '\0')
    snprintf(part->error, sizeof(part->error), "'%s': %s", whole, reason);
  else
    snprintf(part->error, sizeof(part->error), "'%s': %s, at '%s'", whole, reason, rest);
  return NETMCU_EVALUE;
}

const char *netmcu_get_rule_error(const netmcu_t *ctx)
{
  const rules *part = netmcu__part(ctx, NETMCU__RULES);

  return part ? part->error : "";
}

/* Without a final dot. */
static size_t length_of(const char *name)
{
  size_t length = strlen(name);

  return length > 0 && name[length - 1] == '.' ? length - 1 : length;
}

bool netmcu__same_name(const char *a, const char *b)
{
  size_t length = length_of(a);

  if (length != length_of(b))
    return false;
  for (size_t i = 0; i < length; i++)
    if (netmcu__lower(a[i]) != netmcu__lower(b[i]))
      return false;
  return true;
}

/* Backtracks only to the last '*', so the time is at most linear in the name for each '*' of the
 * pattern. */
bool netmcu__matches(const char *pattern, const char *name)
{
  const char *end = name + length_of(name), *star = NULL, *resume = name;

  while (name < end) {
    if (*pattern == '*') {
      star = pattern++;
      resume = name;
    } else if (*pattern && netmcu__lower(*pattern) == netmcu__lower(*name)) {
      pattern++;
      name++;
    } else if (star) {
      pattern = star + 1;
      name = ++resume;
    } else {
      return false;
    }
  }
  while (*pattern == '*')
    pattern++;
  return *pattern == '\0' || strcmp(pattern, ".") == 0;
}
