/* Whether a peer has acknowledged everything, the FIN included. Windows has no count of the bytes
 * that it has not acknowledged, but lists the state of each connection. Reading the lists takes
 * long, so one reading serves all connections that are looked at in the same millisecond. */
#include <stdlib.h>

#include "base/memory.h"
#include "stack/system.h"

#include <iphlpapi.h>

/* The ends of a connection. All addresses are written as those of IPv6, because either list may
 * have the IPv4 connections of sockets for both families. The scopes of link-local addresses are
 * missing: Microsoft documents them in network byte order for MIB_TCP6ROW_OWNER_PID, and in no
 * particular order for MIB_TCP6ROW. The addresses and ports are enough. */
typedef struct netmcu__tcp_ends {
  uint8_t own_ip[16], peer_ip[16];
  uint16_t own_port, peer_port;
} ends;

_Static_assert(sizeof(ends) == 36, "compare_ends compares all bytes");

static ends ends_of(const netmcu_address *own, const netmcu_address *peer)
{
  ends result = {.own_port = own->port, .peer_port = peer->port};

  netmcu__get_ipv6(own, result.own_ip);
  netmcu__get_ipv6(peer, result.peer_ip);
  return result;
}

static int compare_ends(const void *a, const void *b)
{
  return memcmp(a, b, sizeof(ends));
}

/* ---- the two lists --------------------------------------------------------------------------- */

/* The upper half of a port is undefined. */
static netmcu_address ipv4_address(DWORD ip, DWORD port)
{
  netmcu__sockaddr address = {.ipv4 = {.sin_family = AF_INET, .sin_port = (u_short)port, .sin_addr.s_addr = ip}};

  return netmcu__address(&address.any);
}

static netmcu_address ipv6_address(const IN6_ADDR *ip, DWORD port)
{
  netmcu__sockaddr address = {.ipv6 = {.sin6_family = AF_INET6, .sin6_port = (u_short)port, .sin6_addr = *ip}};

  return netmcu__address(&address.any);
}

static ULONG get_ipv4(void *table, ULONG *size)
{
  return GetTcpTable(table, size, FALSE);
}

static ULONG get_ipv6(void *table, ULONG *size)
{
  return GetTcp6Table(table, size, FALSE);
}

static DWORD ipv4_state(const void *table, DWORD i, netmcu_address *own, netmcu_address *peer)
{
  const MIB_TCPROW *row = &((const MIB_TCPTABLE *)table)->table[i];

  *own = ipv4_address(row->dwLocalAddr, row->dwLocalPort);
  *peer = ipv4_address(row->dwRemoteAddr, row->dwRemotePort);
  return row->dwState;
}

static DWORD ipv6_state(const void *table, DWORD i, netmcu_address *own, netmcu_address *peer)
{
  const MIB_TCP6ROW *row = &((const MIB_TCP6TABLE *)table)->table[i];

  *own = ipv6_address(&row->LocalAddr, row->dwLocalPort);
  *peer = ipv6_address(&row->RemoteAddr, row->dwRemotePort);
  return (DWORD)row->State;
}

static const struct list {
  ULONG (*get)(void *table, ULONG *size);
  DWORD (*state)(const void *table, DWORD i, netmcu_address *own, netmcu_address *peer); /* of a row, with its ends */
} lists[] = {{get_ipv4, ipv4_state}, {get_ipv6, ipv6_state}};

/* Returns NULL on failure. The caller frees the table, which may grow between two calls. */
static void *read_table(const struct list *list)
{
  void *table = NULL;
  ULONG size = 0, error;

  while ((error = list->get(table, &size)) == ERROR_INSUFFICIENT_BUFFER) {
    free(table);
    table = malloc(size);
    if (table == NULL)
      return NULL;
  }
  if (error == 0)
    return table;
  free(table);
  return NULL;
}

/* ---- the connections with bytes on their way ------------------------------------------------- */

/* A FIN that waits behind other output does not change the state on all systems. */
static bool is_unacknowledged(DWORD state)
{
  return state == MIB_TCP_STATE_ESTAB || state == MIB_TCP_STATE_FIN_WAIT1 || state == MIB_TCP_STATE_CLOSING ||
         state == MIB_TCP_STATE_CLOSE_WAIT || state == MIB_TCP_STATE_LAST_ACK;
}

static void append(netmcu__system *system, const struct list *list, const void *table, DWORD rows)
{
  size_t size = (system->unacknowledged_count + rows) * sizeof(ends);
  ends *grown = rows ? netmcu__resize(system->stack.ctx, system->unacknowledged, size) : NULL;
  netmcu_address own, peer;

  if (grown == NULL)
    return;
  system->unacknowledged = grown;
  for (DWORD i = 0; i < rows; i++)
    if (is_unacknowledged(list->state(table, i, &own, &peer)))
      grown[system->unacknowledged_count++] = ends_of(&own, &peer);
}

static void read_lists(netmcu__system *system)
{
  system->unacknowledged_count = 0;
  for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
    void *table = read_table(&lists[i]);
    if (table)
      append(system, &lists[i], table, *(const DWORD *)table); /* Both tables begin with the number of their rows. */
    free(table);
  }
  if (system->unacknowledged_count > 0)
    qsort(system->unacknowledged, system->unacknowledged_count, sizeof(ends), compare_ends);
}

bool netmcu__system_is_unacknowledged(netmcu__stack *stack, const netmcu_address *own, const netmcu_address *peer)
{
  netmcu__system *system = netmcu__system_of(stack);
  uint64_t now = netmcu__now(stack);
  ends wanted = ends_of(own, peer);

  if (system->unacknowledged_read != now) {
    read_lists(system);
    system->unacknowledged_read = now;
  }
  return system->unacknowledged_count > 0 &&
         bsearch(&wanted, system->unacknowledged, system->unacknowledged_count, sizeof(ends), compare_ends) != NULL;
}
