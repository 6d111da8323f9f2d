/* IPv4 addresses and host names: reading, writing, checking. Nothing here asks the network. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/internal.h"

/* One number of an address, in C's notation: 10, 0x0a, 012. Not what strtoul allows besides: a sign, leading space. */
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

/* Four decimal numbers and nothing behind: what nearly all addresses are, read for each datagram that a script sends. */
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

/* inet_aton(3): one to four numbers, the last one filling all bytes that are left; white space may follow. */
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

/* Called for each datagram: no printf. */
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

struct sockaddr_in netmcu__sockaddr(const netmcu_address *address)
{
  struct sockaddr_in sockaddr;

  memset(&sockaddr, 0, sizeof(sockaddr));
  sockaddr.sin_family = AF_INET;
  sockaddr.sin_port = htons(address->port);
  memcpy(&sockaddr.sin_addr, address->ip, sizeof(address->ip));
  return sockaddr;
}

netmcu_address netmcu__address(const struct sockaddr_in *sockaddr)
{
  netmcu_address address = {.port = ntohs(sockaddr->sin_port)};

  memcpy(address.ip, &sockaddr->sin_addr, sizeof(address.ip));
  return address;
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

static uint32_t number_of(const netmcu_address *address)
{
  const uint8_t *ip = address->ip;

  return (uint32_t)ip[0] << 24 | (uint32_t)ip[1] << 16 | (uint32_t)ip[2] << 8 | ip[3];
}

bool netmcu__any_interface(bool (*test)(uint32_t ip, uint32_t interface_ip, uint32_t netmask),
                           const netmcu_address *address)
{
  uv_interface_address_t *interfaces;
  int count;
  bool found = false;

  if (uv_interface_addresses(&interfaces, &count))
    return false;
  for (int i = 0; i < count && !found; i++) {
    if (interfaces[i].address.address4.sin_family != AF_INET)
      continue;
    found = test(number_of(address), ntohl(interfaces[i].address.address4.sin_addr.s_addr),
                 ntohl(interfaces[i].netmask.netmask4.sin_addr.s_addr));
  }
  uv_free_interface_addresses(interfaces, count);
  return found;
}

static bool is_of_interface(uint32_t ip, uint32_t interface_ip, uint32_t netmask)
{
  (void)netmask;
  return ip == interface_ip;
}

bool netmcu__is_own_ip(const netmcu_address *address)
{
  return address->ip[0] == 127 || netmcu__any_interface(is_of_interface, address);
}

int netmcu__socket_ttl(const uv_handle_t *handle, int option, int *value)
{
  uv_os_fd_t fd;
  socklen_t size = sizeof(*value);

  if (*value == 0 || *value < -1 || *value > 255)
    return NETMCU_EVALUE;
  int error = uv_fileno(handle, &fd);
  if (error)
    return netmcu__error(error);
#ifdef _WIN32
  SOCKET socket = (SOCKET)fd;
#else
  int socket = fd;
#endif
  if (*value > 0 && setsockopt(socket, IPPROTO_IP, option, (const void *)value, size))
    return NETMCU_EVALUE;
  return getsockopt(socket, IPPROTO_IP, option, (void *)value, &size) ? NETMCU_EVALUE : 0;
}
