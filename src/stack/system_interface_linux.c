/* Linux: routes from /proc/net/route, leases from the files of systemd-networkd, NetworkManager and
 * dhclient. */
#include <dirent.h>
#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "stack/system_interface.h"

/* ---- routes ---------------------------------------------------------------------------------- */

/* The file shows addresses as numbers of the machine, in hexadecimal. */
static void write_gateway(uint32_t number, char gateway[NETMCU_IP_SIZE])
{
  netmcu_address address = {.port = 0};

  memcpy(address.ip, &number, sizeof(number));
  netmcu_ip_format(&address, gateway);
}

/* The columns are name, destination, gateway, flags, references, uses, metric and mask. */
bool netmcu__route_read(const char *line, netmcu__default_route *route)
{
  char name[64];
  unsigned destination, gateway, flags, metric, mask;

  int count = sscanf(line, "%63s %8x %8x %4x %*d %*d %9u %8x", name, &destination, &gateway, &flags, &metric, &mask);
  if (count != 6 || destination != 0 || mask != 0 || !(flags & RTF_UP) || (flags & RTF_REJECT))
    return false;
  *route = (netmcu__default_route){.metric = metric};
  memcpy(route->name, name, sizeof(name));
  if (flags & RTF_GATEWAY)
    write_gateway(gateway, route->gateway);
  return true;
}

unsigned netmcu__system_routes(netmcu__stack *stack, netmcu__default_route *routes, unsigned capacity)
{
  char line[256];
  (void)stack;
  unsigned count = 0;
  FILE *file = fopen("/proc/net/route", "re");

  if (file == NULL)
    return 0;
  while (count < capacity && fgets(line, sizeof(line), file))
    count += netmcu__route_read(line, &routes[count]);
  fclose(file);
  return count;
}

/* ---- leases ---------------------------------------------------------------------------------- */

/* systemd-networkd removes its file together with the lease, so the file is in force even if the
 * address was changed. */
static bool find_networkd(const char *root, unsigned index, netmcu__lease *lease)
{
  char path[512];

  snprintf(path, sizeof(path), "%s/run/systemd/netif/leases/%u", root, index);
  return netmcu__lease_read_file(path, NULL, NULL, lease);
}

static bool ends_with(const char *text, const char *end)
{
  size_t size = strlen(text), end_size = strlen(end);

  return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

/* Searches the newest file of a directory from which a lease can be read. */
typedef struct search {
  const char *directory, *name, *ip;
  netmcu__lease *lease;
  time_t newest;
  bool found;
} search;

static void try_file(search *s, const char *name, bool is_log)
{
  char path[1024];
  struct stat status;
  netmcu__lease lease;

  snprintf(path, sizeof(path), "%s/%s", s->directory, name);
  if (stat(path, &status) || !S_ISREG(status.st_mode) || (s->found && status.st_mtime <= s->newest))
    return;
  if (!netmcu__lease_read_file(path, is_log ? s->name : NULL, s->ip, &lease))
    return;
  *s->lease = lease;
  s->newest = status.st_mtime;
  s->found = true;
}

/* Files of dhclient have various names (dhclient.leases, dhclient.eth0.leases,
 * dhclient-UUID-eth0.lease), but name the interface inside. Those of NetworkManager itself are
 * "internal-UUID-eth0.lease". */
static void try_name(search *s, const char *name)
{
  char internal[80];

  snprintf(internal, sizeof(internal), "-%s.lease", s->name);
  if (strncmp(name, "dhclient", 8) == 0)
    try_file(s, name, true);
  else if (strncmp(name, "internal-", 9) == 0 && ends_with(name, internal))
    try_file(s, name, false);
}

static bool find_in_directory(const char *root, const char *directory, search s)
{
  char path[512];
  snprintf(path, sizeof(path), "%s%s", root, directory);
  DIR *entries = opendir(path);

  if (entries == NULL)
    return false;
  s.directory = path;
  for (const struct dirent *entry = readdir(entries); entry; entry = readdir(entries))
    try_name(&s, entry->d_name);
  closedir(entries);
  return s.found;
}

bool netmcu__lease_find(const char *root, const char *name, unsigned index, const char *ip, netmcu__lease *lease)
{
  static const char *const directories[] = {"/var/lib/NetworkManager", "/run/NetworkManager", "/var/lib/dhcp",
                                            "/var/lib/dhclient", "/run"};
  search s = {.name = name, .ip = ip, .lease = lease};

  if (find_networkd(root, index, lease))
    return true;
  for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
    if (find_in_directory(root, directories[i], s))
      return true;
  return false;
}

bool netmcu__system_lease(netmcu__stack *stack, const char *name, const char *ip, netmcu__lease *lease)
{
  (void)stack;
  return netmcu__lease_find("", name, if_nametoindex(name), ip, lease);
}
