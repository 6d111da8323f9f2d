/* See message.h. */
#include "dns/message.h"

#include <string.h>

#include "base/address.h"

#define HEADER_SIZE 12

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_AAAA = 28, CLASS_IN = 1 };
enum { CODE_SUCCESS = 0, CODE_NO_SUCH_NAME = 3 };

/* Bits of the header's second word. */
#define IS_ANSWER         0x8000u
#define OPCODE            0x7800u
#define IS_TRUNCATED      0x0200u
#define RECURSION_DESIRED 0x0100u
#define CODE              0x000Fu

static unsigned type_of(netmcu_family family)
{
  return family == NETMCU_IPV6 ? TYPE_AAAA : TYPE_A;
}

/* ---- writing a question ---- */

static uint8_t *put16(uint8_t *at, unsigned value)
{
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
  return at + 2;
}

static uint8_t *put_name(uint8_t *at, const char *name)
{
  while (*name) {
    size_t length = strcspn(name, ".");
    *at++ = (uint8_t)length;
    memcpy(at, name, length);
    at += length;
    name += length + (name[length] == '.');
  }
  *at++ = 0;
  return at;
}

size_t netmcu__question_write(uint8_t message[NETMCU__QUESTION_SIZE], uint16_t id, const char *name,
                              netmcu_family family)
{
  uint8_t *at = put16(message, id);

  at = put16(at, RECURSION_DESIRED);
  at = put16(at, 1); /* one question */
  memset(at, 0, 6);  /* no records */
  at = put_name(at + 6, name);
  at = put16(at, type_of(family));
  at = put16(at, CLASS_IN);
  return (size_t)(at - message);
}

/* ---- reading an answer ---- */

typedef struct reader {
  const uint8_t *bytes;
  size_t size, at; /* `at` is never beyond `size` */
} reader;

static unsigned get16(const uint8_t *at)
{
  return (unsigned)at[0] << 8 | at[1];
}

static uint32_t get32(const uint8_t *at)
{
  return (uint32_t)get16(at) << 16 | get16(at + 2);
}

/* Returns the next `size` bytes, or NULL if the message ends before. */
static const uint8_t *take(reader *r, size_t size)
{
  const uint8_t *from = r->bytes + r->at;

  if (size > r->size - r->at)
    return NULL;
  r->at += size;
  return from;
}

static bool is_same_label(const uint8_t *label, const char *text, size_t length)
{
  for (size_t i = 0; i < length; i++)
    if (netmcu__lower((char)label[i]) != netmcu__lower(text[i]))
      return false;
  return true;
}

/* A question has no pointers. Servers may change the case of its letters. */
static bool is_question(reader *r, const char *name, unsigned type)
{
  while (*name) {
    size_t length = strcspn(name, ".");
    const uint8_t *label = take(r, 1 + length);
    if (label == NULL || label[0] != length || !is_same_label(label + 1, name, length))
      return false;
    name += length + (name[length] == '.');
  }
  const uint8_t *end = take(r, 5);
  return end && end[0] == 0 && get16(end + 1) == type && get16(end + 3) == CLASS_IN;
}

/* A name has at most 255 bytes, and at most one pointer for each of its 127 labels. The limit ends
 * circles of pointers. */
#define NAME_LIMIT (255 + 2 * 128)

static bool is_name_at(const reader *r, size_t at)
{
  for (size_t read = 0; read <= NAME_LIMIT && at < r->size;) {
    size_t length = r->bytes[at];
    if (length == 0)
      return true;
    if (length < 64) {
      at += 1 + length;
      read += 1 + length;
    } else if (length >= 192 && at + 1 < r->size) {
      at = get16(r->bytes + at) & 0x3FFF;
      read += 2;
    } else {
      return false;
    }
  }
  return false;
}

static bool skip_name(reader *r)
{
  if (!is_name_at(r, r->at))
    return false;
  while (r->bytes[r->at] != 0 && r->bytes[r->at] < 64)
    r->at += 1u + r->bytes[r->at];
  r->at += r->bytes[r->at] == 0 ? 1 : 2;
  return true;
}

static void add_address(netmcu__dns_record *record, netmcu_family family, const uint8_t *ip)
{
  if (record->count == NETMCU__DNS_ADDRESSES)
    return;
  netmcu_address *address = &record->addresses[record->count++];
  *address = (netmcu_address){.port = 0};
  if (family == NETMCU_IPV6)
    netmcu__set_ipv6(address, ip, 0);
  else
    memcpy(address->ip, ip, 4);
}

/* Takes addresses whatever the names of their records are, as lwIP does. To compare that name with
 * the end of the aliases would guard against nothing: a forger who can answer the question can also
 * write the right name, and the address is only kept for the name in the question. The comparison
 * would also lose the answers of servers that put the aliases after the address. */
static netmcu__dns_verdict read_records(reader *r, unsigned count, netmcu_family family, netmcu__dns_record *record)
{
  const unsigned size = family == NETMCU_IPV6 ? 16 : 4;

  record->count = 0;
  record->ttl = UINT32_MAX;
  for (; count > 0; count--) {
    const uint8_t *head = skip_name(r) ? take(r, 10) : NULL;
    const uint8_t *data = head ? take(r, get16(head + 8)) : NULL;
    bool is_address = data && get16(head) == type_of(family) && get16(head + 2) == CLASS_IN;
    if (data == NULL || (is_address && get16(head + 8) != size))
      return record->count > 0 ? NETMCU__DNS_ADDRESS : NETMCU__DNS_INVALID;
    if ((is_address || get16(head) == TYPE_CNAME) && get32(head + 4) < record->ttl)
      record->ttl = get32(head + 4);
    if (is_address)
      add_address(record, family, data);
  }
  return record->count > 0 ? NETMCU__DNS_ADDRESS : NETMCU__DNS_NOTHING;
}

bool netmcu__answer_id(const uint8_t *message, size_t size, uint16_t *id)
{
  if (size < HEADER_SIZE)
    return false;
  *id = (uint16_t)get16(message);
  return true;
}

/* A truncated answer that has an address is as good as a whole one. */
netmcu__dns_verdict netmcu__answer_read(const uint8_t *message, size_t size, const char *name, netmcu_family family,
                                        netmcu__dns_record *record)
{
  reader r = {message, size, HEADER_SIZE};

  if (size < HEADER_SIZE)
    return NETMCU__DNS_INVALID;
  unsigned flags = get16(message + 2);
  if ((flags & (IS_ANSWER | OPCODE)) != IS_ANSWER || get16(message + 4) != 1 || !is_question(&r, name, type_of(family)))
    return NETMCU__DNS_INVALID;
  if ((flags & CODE) == CODE_NO_SUCH_NAME)
    return NETMCU__DNS_NOTHING;
  if ((flags & CODE) != CODE_SUCCESS)
    return NETMCU__DNS_FAILURE;
  netmcu__dns_verdict verdict = read_records(&r, get16(message + 6), family, record);
  return verdict != NETMCU__DNS_ADDRESS && (flags & IS_TRUNCATED) ? NETMCU__DNS_TRUNCATED : verdict;
}
