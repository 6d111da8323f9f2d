/* IPv4 addresses and host names: reading, writing, checking. Nothing here asks the network. */
#include <ctype.h>
#include <stdlib.h>

#include "base/address.h"

/* Reads one number of an address in C's notation: 10, 0x0a, 012. Unlike strtoull, allows no sign
 * and no leading space. */
static bool read_number(const char **text, uint32_t *number)
{
  char *end;

  if (!isdigit((unsigned char)**text))
    return false;
  unsigned long long value = strtoull(*text, &end, 0);
  if (end == *text || value > UINT32_MAX)
    return false;
  *text = end;
  *number = (uint32_t)value;
  return true;
}

/* Reads the usual form, four decimal numbers: it is read for each datagram that a script sends. */
static bool read_usual(const char *text, netmcu_address *address)
{
  uint8_t ip[4];

  for (unsigned i = 0; i < 4; i++) {
    unsigned number = 0, digits = 0;
    for (; *text >= '0' && *text <= '9' && digits < 3; digits++)
      number = 10 * number + (unsigned)(*text++ - '0');
    if (digits == 0 || number > 255 || (digits > 1 && text[-(int)digits] == '0') || *text++ != (i < 3 ? '.' : '\0'))
      return false;
    ip[i] = (uint8_t)number;
  }
  memcpy(address->ip, ip, sizeof(ip));
  return true;
}

/* As inet_aton(3): one to four numbers. The last one fills all remaining bytes; white space may
 * follow it. */
int netmcu_ip_parse(const char *text, netmcu_address *address)
{
  uint32_t numbers[4];
  unsigned count = 0;

  if (read_usual(text, address))
    return 0;
  do {
    if (count == 4 || !read_number(&text, &numbers[count]))
      return NETMCU_EVALUE;
    count++;
  } while (*text == '.' && text++);
  if (*text != '\0' && !isspace((unsigned char)*text))
    return NETMCU_EVALUE;

  uint32_t ip = numbers[count - 1];
  if (count > 1 && ip >= UINT32_C(1) << (8 * (5 - count)))
    return NETMCU_EVALUE;
  for (unsigned i = 0; i + 1 < count; i++) {
    if (numbers[i] > 255)
      return NETMCU_EVALUE;
    ip |= numbers[i] << (24 - 8 * i);
  }
  for (unsigned i = 0; i < 4; i++)
    address->ip[i] = (uint8_t)(ip >> (24 - 8 * i));
  return 0;
}

/* Called for each datagram, so it does without printf. */
char *netmcu_ip_text(const netmcu_address *address, char text[NETMCU_IP_SIZE])
{
  char *end = text;

  for (unsigned i = 0; i < 4; i++) {
    unsigned n = address->ip[i];
    if (n >= 100)
      *end++ = (char)('0' + n / 100);
    if (n >= 10)
      *end++ = (char)('0' + n / 10 % 10);
    *end++ = (char)('0' + n % 10);
    *end++ = i < 3 ? '.' : '\0';
  }
  return text;
}

static bool is_label_byte(unsigned char byte)
{
  return byte > ' ' && byte != 0x7f && byte != '.';
}

static bool is_label(const char *begin, const char *end)
{
  return begin < end && end - begin <= 63;
}

bool netmcu__is_host_name(const char *name)
{
  size_t length = strlen(name);

  if (length > 0 && name[length - 1] == '.') /* "host.": the root's dot */
    length--;
  if (length == 0 || length > 253)
    return false;
  const char *end = name + length, *label = name;
  for (const char *at = name; at < end; at++) {
    if (is_label_byte((unsigned char)*at))
      continue;
    if (*at != '.' || !is_label(label, at))
      return false;
    label = at + 1;
  }
  return is_label(label, end);
}

bool netmcu__is_host(const char *host)
{
  netmcu_address address;

  return host && (netmcu_ip_parse(host, &address) == 0 || netmcu__is_host_name(host));
}
