/* Addresses and host names: reading, writing, checking. Nothing here asks the network. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "base/address.h"

/* ---- reading --------------------------------------------------------------------------------- */

/* The beginning of an IPv6 address that stands for an IPv4 address. */
static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

static void set_ipv4(netmcu_address *address, uint32_t number)
{
  netmcu_address found = netmcu__ipv4_address(number);

  netmcu__set_ip(address, &found);
}

void netmcu__set_ipv6(netmcu_address *address, const uint8_t ip[16], uint32_t scope)
{
  netmcu_address found = {.family = NETMCU_IPV4};

  if (memcmp(ip, mapped, sizeof(mapped)) == 0) {
    memcpy(found.ip, ip + sizeof(mapped), 4);
  } else {
    memcpy(found.ip, ip, 16);
    found.family = NETMCU_IPV6;
    found.scope = scope;
  }
  netmcu__set_ip(address, &found);
}

void netmcu__get_ipv6(const netmcu_address *address, uint8_t ip[16])
{
  bool is_ipv4 = address->family == NETMCU_IPV4;

  memcpy(ip, is_ipv4 ? mapped : address->ip, sizeof(mapped));
  memcpy(ip + sizeof(mapped), is_ipv4 ? address->ip : address->ip + sizeof(mapped), 4);
}

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

/* Reads the usual form, four decimal numbers. Called for each datagram that a script sends. */
static bool read_usual(const char *text, netmcu_address *address)
{
  uint32_t ip = 0;

  for (unsigned i = 0; i < 4; i++) {
    unsigned number = 0, digits = 0;
    for (; *text >= '0' && *text <= '9' && digits < 3; digits++)
      number = 10 * number + (unsigned)(*text++ - '0');
    if (digits == 0 || number > 255 || (digits > 1 && text[-(int)digits] == '0') || *text++ != (i < 3 ? '.' : '\0'))
      return false;
    ip = ip << 8 | number;
  }
  set_ipv4(address, ip);
  return true;
}

/* As inet_aton(3): one to four numbers. The last one fills all remaining bytes; white space may
 * follow it. */
static bool read_ipv4(const char *text, netmcu_address *address)
{
  uint32_t numbers[4];
  unsigned count = 0;

  do {
    if (count == 4 || !read_number(&text, &numbers[count]))
      return false;
    count++;
  } while (*text == '.' && text++);
  if (*text != '\0' && !isspace((unsigned char)*text))
    return false;

  uint32_t ip = numbers[count - 1];
  if (count > 1 && ip >= UINT32_C(1) << (8 * (5 - count)))
    return false;
  for (unsigned i = 0; i + 1 < count; i++) {
    if (numbers[i] > 255)
      return false;
    ip |= numbers[i] << (24 - 8 * i);
  }
  set_ipv4(address, ip);
  return true;
}

/* Reads what follows the '%' of an IPv6 address: the number of an interface, or its name. libuv
 * reads names only. */
static bool read_scope(const char *text, const char *scope, uint32_t *number)
{
  struct sockaddr_in6 sockaddr;
  char *end;

  unsigned long value = strtoul(scope, &end, 10);
  if (isdigit((unsigned char)*scope) && *end == '\0') {
    *number = (uint32_t)value;
    return value > 0 && value <= UINT32_MAX;
  }
  *number = uv_ip6_addr(text, 0, &sockaddr) ? 0 : sockaddr.sin6_scope_id;
  return *number != 0;
}

static bool read_ipv6(const char *text, netmcu_address *address)
{
  const char *scope = strchr(text, '%');
  uint32_t number = 0;
  uint8_t ip[16];

  if (strchr(text, ':') == NULL || uv_inet_pton(AF_INET6, text, ip) || (scope && !read_scope(text, scope + 1, &number)))
    return false;
  netmcu__set_ipv6(address, ip, number);
  return true;
}

int netmcu_ip_parse(const char *text, netmcu_address *address)
{
  return read_usual(text, address) || read_ipv4(text, address) || read_ipv6(text, address) ? 0 : NETMCU_EVALUE;
}

static bool read_port(const char *text, uint16_t *port)
{
  uint32_t number = 0;

  for (; *text >= '0' && *text <= '9' && number <= UINT16_MAX; text++)
    number = 10 * number + (uint32_t)(*text - '0');
  *port = (uint16_t)number;
  return *text == '\0' && number > 0 && number <= UINT16_MAX;
}

/* Without brackets, a colon begins a port only if it is the only one. */
int netmcu_address_parse(const char *text, netmcu_address *address)
{
  bool has_brackets = *text == '[';
  const char *ip = text + has_brackets, *end = has_brackets ? strchr(ip, ']') : ip + strcspn(ip, ":");
  netmcu_address found = {.port = address->port};
  char copy[NETMCU_IP_SIZE];

  if (!has_brackets && *end == ':' && strchr(end + 1, ':'))
    end = ip + strlen(ip);
  if (end == NULL || end - ip >= (ptrdiff_t)sizeof(copy))
    return NETMCU_EVALUE;
  memcpy(copy, ip, (size_t)(end - ip));
  copy[end - ip] = '\0';
  end += has_brackets;
  if (netmcu_ip_parse(copy, &found) || (*end && (*end != ':' || !read_port(end + 1, &found.port))))
    return NETMCU_EVALUE;
  if (has_brackets && strchr(copy, ':') == NULL)
    return NETMCU_EVALUE;
  *address = found;
  return 0;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Called for each datagram, so it does without printf. */
static void write_ipv4(const netmcu_address *address, char *end)
{
  for (unsigned i = 0; i < 4; i++) {
    unsigned n = address->ip[i];
    if (n >= 100)
      *end++ = (char)('0' + n / 100);
    if (n >= 10)
      *end++ = (char)('0' + n / 10 % 10);
    *end++ = (char)('0' + n % 10);
    *end++ = i < 3 ? '.' : '\0';
  }
}

char *netmcu_ip_format(const netmcu_address *address, char text[NETMCU_IP_SIZE])
{
  if (address->family == NETMCU_IPV4) {
    write_ipv4(address, text);
    return text;
  }
  if (address->family == NETMCU_UNIX)
    return strcpy(text, "unix:");
  if (uv_inet_ntop(AF_INET6, address->ip, text, NETMCU_IP_SIZE))
    *text = '\0';
  size_t length = strlen(text);
  if (address->scope)
    snprintf(text + length, NETMCU_IP_SIZE - length, "%%%u", (unsigned)address->scope);
  return text;
}

char *netmcu_address_format(const netmcu_address *address, char text[NETMCU_ADDRESS_SIZE])
{
  char ip[NETMCU_IP_SIZE];

  if (address->family == NETMCU_UNIX)
    return netmcu_ip_format(address, text);
  snprintf(text, NETMCU_ADDRESS_SIZE, address->family == NETMCU_IPV4 ? "%s:%u" : "[%s]:%u",
           netmcu_ip_format(address, ip), (unsigned)address->port);
  return text;
}

/* ---- host names ------------------------------------------------------------------------------ */

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
  size_t length = name ? strlen(name) : 0;

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
