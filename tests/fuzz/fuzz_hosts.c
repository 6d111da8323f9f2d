/* The hosts file, and the names that are found in it, compared with a simple reading of the
 * file. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bytes.h"
#include "base/address.h"
#include "dns/hosts.h"

static bool is_space(char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0';
}

static bool same(const char *a, size_t size, const char *b)
{
  if (size > 1 && a[size - 1] == '.')
    size--;
  return size == strlen(b) && strncasecmp(a, b, size) == 0;
}

/* Returns whether the line, up to its comment, contains the name. Reads the address at its
 * start. */
static bool line_has(const char *line, size_t size, const char *name, uint8_t ip[4])
{
  char address[64];
  bool first = true;

  for (size_t at = 0, end; at < size; at = end) {
    end = at;
    while (end < size && !is_space(line[end]))
      end++;
    if (end == at) {
      end++;
      continue;
    }
    if (!first && same(line + at, end - at, name))
      return true;
    if (first) {
      if (end - at >= sizeof(address))
        return false;
      memcpy(address, line + at, end - at);
      address[end - at] = '\0';
      if (inet_pton(AF_INET, address, ip) != 1)
        return false;
      first = false;
    }
  }
  return false;
}

static bool read_plainly(const char *text, size_t size, const char *name, uint8_t ip[4])
{
  for (const char *line = text, *end = text + size; line < end;) {
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    stop = stop ? stop : end;
    const char *comment = memchr(line, '#', (size_t)(stop - line));
    if (line_has(line, (size_t)((comment ? comment : stop) - line), name, ip))
      return true;
    line = stop + 1;
  }
  return false;
}

static void check(netmcu__hosts *hosts, const char *name, const uint8_t *data, size_t size)
{
  netmcu_address address = {.port = 7}, all[3];
  uint8_t ip[4];
  unsigned count, found;

  netmcu__hosts_find(hosts, name, NETMCU__ANY_FAMILY, all, 3, &count);
  REQUIRE(count <= 3);
  int error = netmcu__hosts_find(hosts, name, NETMCU_IPV4, &address, 1, &found);
  REQUIRE((error == 0) == read_plainly((const char *)data, size, name, ip));
  REQUIRE(error == 0 ? memcmp(address.ip, ip, 4) == 0 : error == NETMCU_ENOTFOUND);
  REQUIRE(found == (error == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static netmcu_t *ctx;
  static int file;
  static char path[32];

  if (ctx == NULL) {
    ctx = netmcu_new(NULL, NULL);
    file = memfd_create("hosts", MFD_CLOEXEC);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
  }
  REQUIRE(ctx && file > 0 && ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == (ssize_t)size);
  netmcu__hosts *hosts = netmcu__hosts_new(ctx, path);
  REQUIRE(hosts);
  check(hosts, "a", data, size);
  check(hosts, "router", data, size);
  check(hosts, "Router.home", data, size);
  netmcu__hosts_free(hosts);
  return 0;
}
