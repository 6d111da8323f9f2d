/* See servers.h. */
#include <ares.h>
#include <stdio.h>
#include <string.h>

#include "dns/channel.h"
#include "dns/servers.h"

#define DNS_PORT 53

/* c-ares asks 127.0.0.1 where nothing is configured: what really is there decides whether we believe it. */
static bool is_configured(void)
{
  char line[256];
  bool found = false;
  FILE *file = fopen("/etc/resolv.conf", "r");

  while (file && !found && fgets(line, sizeof(line), file))
    found = strncmp(line, "nameserver", 10) == 0;
  if (file)
    fclose(file);
  return found;
}

static bool is_fallback(const struct ares_addr_port_node *list)
{
  const uint8_t loopback[4] = {127, 0, 0, 1};

  return list == NULL || (list->next == NULL && list->family == AF_INET &&
                          memcmp(&list->addr.addr4, loopback, 4) == 0 && !is_configured());
}

static void append_server(char *text, size_t size, const char *format, const char *ip, unsigned port)
{
  size_t length = strlen(text);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  snprintf(text + length, size - length, format, length ? "," : "", ip, port);
#pragma GCC diagnostic pop
}

static void take_system_server(netmcu__dns_servers *s, int index, const struct ares_addr_port_node *node)
{
  unsigned port = node->udp_port ? (unsigned)node->udp_port : DNS_PORT;
  char ip[64];

  if (uv_inet_ntop(node->family, &node->addr, ip, sizeof(ip)))
    return;
  append_server(s->text, sizeof(s->text), node->family == AF_INET ? "%s%s:%u" : "%s[%s]:%u", ip, port);
  if (node->family == AF_INET) {
    memcpy(s->system[index].ip, &node->addr.addr4, 4);
    s->system[index].port = (uint16_t)port;
  }
}

/* Read once per context: they are the same for all its lookups. */
static void learn_system_servers(netmcu__dns_servers *s)
{
  const netmcu_address opendns = {{208, 67, 222, 222}, DNS_PORT}; /* the device's default */
  struct ares_addr_port_node *list = NULL;
  ares_channel probe;

  if (s->system_known)
    return;
  s->system_known = true;
  if (netmcu__ares_is_ready() && ares_init(&probe) == ARES_SUCCESS) {
    ares_get_servers_ports(probe, &list);
    ares_destroy(probe);
  }
  if (is_fallback(list)) {
    s->system[0] = opendns;
    strcpy(s->text, "208.67.222.222:53");
  } else {
    const struct ares_addr_port_node *node = list;
    for (int i = 0; node && i < NETMCU_DNS_SERVERS; i++, node = node->next)
      take_system_server(s, i, node);
  }
  ares_free_data(list);
}

void netmcu__dns_servers_list(netmcu__dns_servers *s, char *text, size_t size)
{
  char ip[NETMCU_IP_SIZE];

  learn_system_servers(s);
  text[0] = '\0';
  if (s->set[0].port == 0)
    snprintf(text, size, "%s", s->text);
  if (s->set[0].port == 0 && s->set[1].port != 0)
    text[strcspn(text, ",")] = '\0'; /* the system's first, then the one set */
  for (int i = 0; i < NETMCU_DNS_SERVERS; i++)
    if (s->set[i].port)
      append_server(text, size, "%s%s:%u", netmcu_ip_text(&s->set[i], ip), s->set[i].port);
}

static int parse_server(const char *text, netmcu_address *server)
{
  const char *colon = strchr(text, ':');
  char ip[64];
  unsigned port = DNS_PORT;
  char more;

  snprintf(ip, sizeof(ip), "%.*s", (int)(colon ? colon - text : (ptrdiff_t)strlen(text)), text);
  if (netmcu_ip_parse(ip, server))
    return NETMCU_EVALUE;
  if (colon && (strspn(colon + 1, "0123456789") != strlen(colon + 1) || sscanf(colon + 1, "%5u%c", &port, &more) != 1 ||
                port == 0 || port > UINT16_MAX))
    return NETMCU_EVALUE;
  if (netmcu__is_any_ip(server) || netmcu__is_broadcast_ip(server))
    return NETMCU_EVALUE;
  server->port = (uint16_t)port;
  return 0;
}

int netmcu__dns_servers_set(netmcu__dns_servers *s, int index, const char *server)
{
  netmcu_address address = {{0}, 0};

  if (server && parse_server(server, &address))
    return NETMCU_EVALUE;
  if (index < 0 || index >= NETMCU_DNS_SERVERS)
    return NETMCU_EARGUMENT;
  s->set[index] = address;
  return 0;
}

int netmcu__dns_servers_get(netmcu__dns_servers *s, int index, netmcu_address *address)
{
  if (index < 0 || index >= NETMCU_DNS_SERVERS)
    return NETMCU_EARGUMENT;
  learn_system_servers(s);
  *address = s->set[index];
  /* The system's second goes with its first, not behind one that was set. */
  if (address->port == 0 && (index == 0 || s->set[0].port == 0))
    *address = s->system[index];
  return address->port ? 0 : NETMCU_ENOTFOUND;
}
