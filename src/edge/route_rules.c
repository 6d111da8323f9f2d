/* Reads the rules of routes:
 *
 *   port   FROM[-FROM][/tcp|/udp]=TO[-TO]   or   auto
 *   host   HOST[:PORT]=IP[:PORT]            HOST: a name, an address, "*" or "*.domain"
 */
#include <string.h>

#include "base/address.h"
#include "edge/route_private.h"

static const char *read_from(netmcu__reader *r, netmcu__port_rule *rule)
{
  uint64_t first, last;

  if (!netmcu__read_number(r, UINT16_MAX, &first) || first == 0)
    return "a port from 1 to 65535 expected";
  last = first;
  if (netmcu__read_word(r, "-") && (!netmcu__read_number(r, UINT16_MAX, &last) || last < first))
    return "the last port of a range expected, not below the first";
  rule->first = (uint16_t)first;
  rule->last = (uint16_t)last;
  rule->tcp = rule->udp = true;
  if (netmcu__read_word(r, "/tcp"))
    rule->udp = false;
  else if (netmcu__read_word(r, "/udp"))
    rule->tcp = false;
  return netmcu__read_word(r, "=") ? NULL : "'=' and the port to open expected";
}

static const char *read_to(netmcu__reader *r, netmcu__port_rule *rule)
{
  uint64_t to, last, span = (uint64_t)rule->last - rule->first;

  if (!netmcu__read_number(r, UINT16_MAX, &to))
    return "a port from 0 (a free one) to 65535 expected";
  last = to ? to + span : 0;
  if (last > UINT16_MAX)
    return "the range would end above port 65535";
  if (netmcu__read_word(r, "-") && (!netmcu__read_number(r, UINT16_MAX, &to) || to != last))
    return "two ranges of the same length expected";
  rule->to = (uint16_t)(last ? last - span : 0);
  return *r->text ? "nothing more expected" : NULL;
}

int netmcu__read_port_rule(netmcu_t *ctx, const char *text, netmcu__port_rule *rule)
{
  netmcu__reader r = {text};
  const char *wrong = read_from(&r, rule);

  if (wrong == NULL)
    wrong = read_to(&r, rule);
  return wrong ? netmcu__rule_wrong(ctx, text, r.text, wrong) : 0;
}

static const char *read_port(netmcu__reader *r, uint16_t *port)
{
  uint64_t number;

  if (!netmcu__read_word(r, ":"))
    return NULL;
  if (!netmcu__read_number(r, UINT16_MAX, &number) || number == 0)
    return "a port from 1 to 65535 expected";
  *port = (uint16_t)number;
  return NULL;
}

static bool is_host_pattern(const char *host)
{
  if (strcmp(host, "*") == 0)
    return true;
  return strncmp(host, "*.", 2) == 0 ? netmcu__is_host_name(host + 2) && strchr(host + 2, '*') == NULL
                                     : netmcu__is_host_name(host) && strchr(host, '*') == NULL;
}

static const char *read_host(netmcu__reader *r, netmcu__host_rule *rule)
{
  netmcu__reader begin = *r;

  if (!netmcu__read_until(r, ":=", rule->host, sizeof(rule->host)))
    return "a host expected: a name, an address, '*' or '*.domain'";
  rule->literal = netmcu_ip_parse(rule->host, &rule->address) == 0;
  if (!rule->literal && !is_host_pattern(rule->host)) {
    *r = begin;
    return "no host: a name, an address, '*' or '*.domain' expected";
  }
  return read_port(r, &rule->port);
}

static const char *read_target(netmcu__reader *r, netmcu__host_rule *rule)
{
  char ip[64];

  if (!netmcu__read_word(r, "="))
    return "'=' and an address expected";
  netmcu__reader begin = *r;
  if (!netmcu__read_until(r, ":", ip, sizeof(ip)) || netmcu_ip_parse(ip, &rule->to)) {
    *r = begin;
    return "an IPv4 address expected";
  }
  const char *wrong = read_port(r, &rule->to.port);
  if (wrong == NULL && *r->text)
    return "nothing more expected";
  return wrong;
}

int netmcu__read_host_rule(netmcu_t *ctx, const char *text, netmcu__host_rule *rule)
{
  netmcu__reader r = {text};

  *rule = (netmcu__host_rule){0};
  const char *wrong = read_host(&r, rule);
  if (wrong == NULL)
    wrong = read_target(&r, rule);
  return wrong ? netmcu__rule_wrong(ctx, text, r.text, wrong) : 0;
}
