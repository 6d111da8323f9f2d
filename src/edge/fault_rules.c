/* Reads the rules of fault.c: [?]KIND[,KEY=VALUE]… */
#include <stdio.h>
#include <string.h>

#include "edge/fault_private.h"

const char *const netmcu__fault_names[] = {"refuse", "reset", "delay", "stall", "cut", "dns"};

enum { PEER = 1, PORT = 2, AFTER = 4, MS = 8, PIECE = 16, SEED = 32, PROBABILITY = 64, DIRECTION = 128 };

#define ALWAYS (PEER | SEED | PROBABILITY)

static const unsigned allowed[] = {
    [FAULT_REFUSE] = ALWAYS | PORT,      [FAULT_RESET] = ALWAYS | PORT | AFTER | DIRECTION,
    [FAULT_DELAY] = ALWAYS | PORT | MS,  [FAULT_STALL] = ALWAYS | PORT | AFTER | DIRECTION,
    [FAULT_CUT] = ALWAYS | PORT | PIECE, [FAULT_DNS] = ALWAYS};

/* Reads 0 … 1 with up to six decimals. The decimal point is "." in every locale. */
static const char *read_probability(netmcu__reader *r, netmcu__fault_rule *rule)
{
  uint64_t whole = 0, unit = FAULT_CERTAIN;
  netmcu__reader begin = *r;

  if (*r->text != '.' && !netmcu__read_number(r, 1, &whole))
    return "a probability from 0 to 1 expected";
  uint64_t value = whole * FAULT_CERTAIN;
  if (netmcu__read_word(r, ".")) {
    const char *first = r->text;
    for (; *r->text >= '0' && *r->text <= '9'; r->text++) {
      unit /= 10;
      value += unit * (uint64_t)(*r->text - '0');
    }
    if (r->text == first)
      value = FAULT_CERTAIN + 1;
  }
  if (value > FAULT_CERTAIN) {
    *r = begin;
    return "a probability from 0 to 1 expected";
  }
  rule->probability = (uint32_t)value;
  return NULL;
}

static const char *read_direction(netmcu__reader *r, netmcu__fault_rule *rule)
{
  if (netmcu__read_word(r, "in"))
    rule->direction = '<';
  else if (netmcu__read_word(r, "out"))
    rule->direction = '>';
  else if (netmcu__read_word(r, "both"))
    rule->direction = 0;
  else
    return "in, out or both expected";
  return NULL;
}

static const char *read_value(netmcu__reader *r, unsigned key, netmcu__fault_rule *rule)
{
  uint64_t n = 0;

  switch (key) {
  case PEER: return netmcu__read_until(r, ",", rule->peer, sizeof(rule->peer)) ? NULL : "an address or a name expected";
  case PORT:
    if (!netmcu__read_number(r, UINT16_MAX, &n) || n == 0)
      return "a port from 1 to 65535 expected";
    rule->port = (uint16_t)n;
    return NULL;
  case AFTER:
    rule->has_after = true;
    return netmcu__read_number(r, UINT64_C(1) << 53, &rule->after) ? NULL : "a number of bytes expected";
  case MS:
    if (!netmcu__read_number(r, 86400000, &n) || n == 0)
      return "milliseconds from 1 to 86400000 expected";
    rule->ms = (uint32_t)n;
    return NULL;
  case PIECE:
    if (!netmcu__read_number(r, 65536, &n) || n == 0)
      return "bytes from 1 to 65536 expected";
    rule->size = (size_t)n;
    return NULL;
  case SEED:
    rule->is_random = true;
    return netmcu__read_number(r, UINT64_C(1) << 53, &rule->seed) ? NULL : "a whole number expected";
  case PROBABILITY: return read_probability(r, rule);
  default: return read_direction(r, rule);
  }
}

static unsigned read_key(netmcu__reader *r)
{
  static const struct {
    const char *word;
    unsigned key;
  } keys[] = {{"peer=", PEER},
              {"port=", PORT},
              {"after=", AFTER},
              {"ms=", MS},
              {"size=", PIECE},
              {"seed=", SEED},
              {"probability=", PROBABILITY},
              {"direction=", DIRECTION}};

  for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
    if (netmcu__read_word(r, keys[i].word))
      return keys[i].key;
  return 0;
}

static const char *read_keys(netmcu__reader *r, netmcu__fault_rule *rule)
{
  unsigned seen = 0;

  while (netmcu__read_word(r, ",")) {
    netmcu__reader begin = *r;
    unsigned key = read_key(r);
    const char *wrong = NULL;
    if (key == 0)
      wrong = "peer=, port=, after=, ms=, size=, seed=, probability= or direction= expected";
    else if ((allowed[rule->kind] & key) == 0)
      wrong = "this kind of fault has no such key";
    else if (seen & key)
      wrong = "given twice";
    if (wrong)
      *r = begin;
    else
      wrong = read_value(r, key, rule);
    if (wrong)
      return wrong;
    seen |= key;
  }
  return *r->text ? "',' or the end expected" : NULL;
}

static const char *read_kind(netmcu__reader *r, netmcu__fault_rule *rule)
{
  for (unsigned i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
    netmcu__reader next = *r;
    if (netmcu__read_word(&next, netmcu__fault_names[i]) && (*next.text == '\0' || *next.text == ',')) {
      *r = next;
      rule->kind = (enum netmcu__fault_kind)i;
      return NULL;
    }
  }
  return "refuse, reset, delay, stall, cut or dns expected";
}

int netmcu__read_fault_rule(netmcu_t *ctx, const char *text, netmcu__fault_rule *rule)
{
  netmcu__reader r = {text};

  *rule = (netmcu__fault_rule){.probability = FAULT_CERTAIN, .seed = 1};
  rule->is_optional = netmcu__read_word(&r, "?");
  const char *wrong = read_kind(&r, rule);
  if (wrong == NULL)
    wrong = read_keys(&r, rule);
  if (wrong == NULL && rule->kind == FAULT_DELAY && rule->ms == 0)
    wrong = "a delay needs ms=";
  if (wrong == NULL && rule->kind == FAULT_CUT && rule->size == 0)
    wrong = "a cut needs size=";
  return wrong ? netmcu__rule_wrong(ctx, text + rule->is_optional, r.text, wrong) : 0;
}
