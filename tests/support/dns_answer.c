/* The answers of the scripted DNS server; see dns_server.h. RFC 1035, section 4, describes the
 * formats. */
#include <netinet/in.h>

#include "dns_answer.h"
#include "loop.h"

enum { TYPE_CNAME = 5 };
enum { NOERROR = 0, SERVFAIL = 2, NXDOMAIN = 3, REFUSED = 5 };

/* ---- writing an answer ----------------------------------------------------------------------- */

void dns_put8(dns_message *m, unsigned value)
{
  if (m->size < DNS_MESSAGE)
    m->bytes[m->size++] = (uint8_t)value;
}

void dns_put16(dns_message *m, unsigned value)
{
  dns_put8(m, value >> 8);
  dns_put8(m, value & 0xff);
}

static void put_name(dns_message *m, const char *name)
{
  while (*name) {
    size_t length = strcspn(name, ".");
    dns_put8(m, (unsigned)length);
    for (size_t i = 0; i < length; i++)
      dns_put8(m, (uint8_t)name[i]);
    name += length + (name[length] == '.');
  }
  dns_put8(m, 0);
}

/* Writes the header of an answer to `q`, and its question. */
static void begin(dns_message *m, const dns_query *q, unsigned code)
{
  m->size = q->size;
  memcpy(m->bytes, q->bytes, q->size);
  /* An authoritative answer; "recursion desired" as in the query. */
  m->bytes[2] = (uint8_t)(0x84 | (q->bytes[2] & 1));
  m->bytes[3] = (uint8_t)(0x80 | code);
  memset(m->bytes + 4, 0, 8);
  m->bytes[5] = 1;
}

static void put_record(dns_message *m, const char *name, unsigned type, unsigned ttl)
{
  m->bytes[7]++;
  put_name(m, name);
  dns_put16(m, type);
  dns_put16(m, 1);
  dns_put16(m, 0);
  dns_put16(m, ttl);
}

static void put_a_for(dns_message *m, const char *name, uint32_t ip, unsigned ttl)
{
  put_record(m, name, DNS_TYPE_A, ttl);
  dns_put16(m, 4);
  dns_put16(m, ip >> 16);
  dns_put16(m, ip & 0xffff);
}

static void put_a(dns_message *m, const char *name, uint32_t ip)
{
  put_a_for(m, name, ip, 60);
}

static void put_cname(dns_message *m, const char *name, const char *target)
{
  put_record(m, name, TYPE_CNAME, 60);
  dns_put16(m, (unsigned)strlen(target) + 2);
  put_name(m, target);
}

/* ---- the scripts ----------------------------------------------------------------------------- */

#define IP_A 0xC0000201u /* 192.0.2.1 */

bool dns_query_is(const dns_query *q, const char *label)
{
  return strncmp(q->name, label, strlen(label)) == 0 && strcmp(q->name + strlen(label), ".test") == 0;
}

static bool answer_addresses(dns_message *m, const dns_query *q)
{
  begin(m, q, NOERROR);
  if (dns_query_is(q, "a") || dns_query_is(q, "big") || dns_query_is(q, "stuck"))
    put_a(m, q->name, IP_A);
  else if (dns_query_is(q, "b"))
    put_a(m, q->name, IP_A + 1);
  else if (dns_query_is(q, "local") || dns_query_is(q, "both"))
    put_a(m, q->name, INADDR_LOOPBACK);
  else if (strncmp(q->name, "ttl", 3) == 0)
    put_a_for(m, q->name, IP_A, (unsigned)strtoul(q->name + 3, NULL, 10));
  else if (q->name[0] == 'n' && q->name[1] >= '0' && q->name[1] <= '9')
    put_a(m, q->name, 0x0A000000u + (uint32_t)strtoul(q->name + 1, NULL, 10));
  else if (dns_query_is(q, "two")) {
    put_a(m, q->name, IP_A);
    put_a(m, q->name, IP_A + 1);
  } else if (dns_query_is(q, "pair")) {
    put_a(m, q->name, INADDR_LOOPBACK + 1);
    put_a(m, q->name, INADDR_LOOPBACK);
  } else if (!dns_query_is(q, "six") && !dns_query_is(q, "empty") && !dns_query_is(q, "inner-empty"))
    return false;
  if ((dns_query_is(q, "big") || dns_query_is(q, "stuck")) && !q->tcp) {
    begin(m, q, NOERROR);
    m->bytes[2] |= 2;
  }
  return true;
}

static bool answer_aliases(dns_message *m, const dns_query *q)
{
  begin(m, q, NOERROR);
  if (dns_query_is(q, "cname")) {
    put_cname(m, q->name, "one.alias.test");
    put_cname(m, "one.alias.test", "two.alias.test");
    put_cname(m, "two.alias.test", "a.test");
    put_a(m, "a.test", IP_A);
  } else if (dns_query_is(q, "circle")) {
    put_cname(m, q->name, "circle2.test");
    put_cname(m, "circle2.test", q->name);
  } else if (dns_query_is(q, "dangling")) {
    put_cname(m, q->name, "inner-empty.test");
  } else
    return false;
  return true;
}

static bool answer_wrongly(dns_message *m, const dns_query *q)
{
  begin(m, q, NOERROR);
  if (dns_query_is(q, "servfail"))
    begin(m, q, SERVFAIL);
  else if (dns_query_is(q, "refused"))
    begin(m, q, REFUSED);
  else if (dns_query_is(q, "other")) {
    m->bytes[13] ^= 1; /* the answer to another question */
    put_a(m, q->name, IP_A + 65);
  } else if (dns_query_is(q, "short")) {
    put_a(m, q->name, IP_A);
    m->size -= 3;
  } else if (dns_query_is(q, "pointer")) {
    m->bytes[7] = 1;
    dns_put16(m, 0xC000u | (unsigned)m->size);
    dns_put16(m, DNS_TYPE_A);
  } else if (dns_query_is(q, "length")) {
    put_record(m, q->name, DNS_TYPE_A, 60);
    dns_put16(m, 3);
    dns_put16(m, 0x0102);
    dns_put8(m, 3);
  } else
    return false;
  return true;
}

static void put_aaaa(dns_message *m, const char *name, unsigned first, unsigned second)
{
  put_record(m, name, DNS_TYPE_AAAA, 60);
  dns_put16(m, 16);
  dns_put16(m, first);
  dns_put16(m, second);
  for (int i = 2; i < 8; i++)
    dns_put16(m, i == 7);
}

static void answer_ipv6(dns_message *m, const dns_query *q)
{
  begin(m, q, NOERROR);
  if (dns_query_is(q, "six"))
    put_aaaa(m, q->name, 0x2001, 0x0db8);
  else if (dns_query_is(q, "both"))
    put_aaaa(m, q->name, 0, 0);
}

void dns_answer(dns_message *m, const dns_query *q)
{
  if (q->type == DNS_TYPE_AAAA)
    answer_ipv6(m, q);
  else if (q->type != DNS_TYPE_A)
    begin(m, q, NOERROR);
  else if (!answer_addresses(m, q) && !answer_aliases(m, q) && !answer_wrongly(m, q))
    begin(m, q, NXDOMAIN);
}

void dns_answer_a(dns_message *m, const dns_query *q, unsigned last)
{
  begin(m, q, NOERROR);
  put_a(m, q->name, (IP_A & ~0xffu) | last);
}
