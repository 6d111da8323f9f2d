/* Whether a peer has acknowledged everything, the FIN included. Windows has no count of the bytes
 * that it has not acknowledged, but lists the state of each connection. */
#include <stdlib.h>

#include "stack/system.h"

#include <iphlpapi.h>

static bool has_ends(const netmcu_address *own, const netmcu_address *peer, const netmcu__sockaddr *own_of_row,
                     const netmcu__sockaddr *peer_of_row)
{
  netmcu_address row_own = netmcu__address(&own_of_row->any), row_peer = netmcu__address(&peer_of_row->any);

  return netmcu__same_address(own, &row_own) && netmcu__same_address(peer, &row_peer);
}

/* A FIN that waits behind other output does not change the state on all systems. */
static bool is_unacknowledged(int state)
{
  return state == MIB_TCP_STATE_ESTAB || state == MIB_TCP_STATE_FIN_WAIT1 || state == MIB_TCP_STATE_CLOSING ||
         state == MIB_TCP_STATE_CLOSE_WAIT || state == MIB_TCP_STATE_LAST_ACK;
}

/* The upper half of a port is undefined. */
static netmcu__sockaddr ipv4_end(DWORD ip, DWORD port)
{
  return (netmcu__sockaddr){.ipv4 = {.sin_family = AF_INET, .sin_port = (u_short)port, .sin_addr.s_addr = ip}};
}

static netmcu__sockaddr ipv6_end(const IN6_ADDR *ip, DWORD scope, DWORD port)
{
  return (netmcu__sockaddr){
      .ipv6 = {.sin6_family = AF_INET6, .sin6_port = (u_short)port, .sin6_addr = *ip, .sin6_scope_id = scope}};
}

static ULONG get_ipv4(void *table, ULONG *size)
{
  return GetTcpTable(table, size, FALSE);
}

static ULONG get_ipv6(void *table, ULONG *size)
{
  return GetTcp6Table(table, size, FALSE);
}

/* Returns NULL on failure. The caller frees the table, which may grow between two calls. */
static void *read_table(ULONG (*get)(void *table, ULONG *size))
{
  void *table = NULL;
  ULONG size = 0, error;

  while ((error = get(table, &size)) == ERROR_INSUFFICIENT_BUFFER) {
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

static bool is_in_ipv4(const netmcu_address *own, const netmcu_address *peer)
{
  MIB_TCPTABLE *table = read_table(get_ipv4);
  bool found = false;

  for (DWORD i = 0; table && i < table->dwNumEntries && !found; i++) {
    const MIB_TCPROW *row = &table->table[i];
    netmcu__sockaddr ends[] = {ipv4_end(row->dwLocalAddr, row->dwLocalPort),
                               ipv4_end(row->dwRemoteAddr, row->dwRemotePort)};
    found = is_unacknowledged((int)row->dwState) && has_ends(own, peer, &ends[0], &ends[1]);
  }
  free(table);
  return found;
}

static bool is_in_ipv6(const netmcu_address *own, const netmcu_address *peer)
{
  MIB_TCP6TABLE *table = read_table(get_ipv6);
  bool found = false;

  for (DWORD i = 0; table && i < table->dwNumEntries && !found; i++) {
    const MIB_TCP6ROW *row = &table->table[i];
    netmcu__sockaddr ends[] = {ipv6_end(&row->LocalAddr, row->dwLocalScopeId, row->dwLocalPort),
                               ipv6_end(&row->RemoteAddr, row->dwRemoteScopeId, row->dwRemotePort)};
    found = is_unacknowledged((int)row->State) && has_ends(own, peer, &ends[0], &ends[1]);
  }
  free(table);
  return found;
}

/* Either table may have IPv4 connections of sockets for both families. */
bool netmcu__system_is_unacknowledged(const netmcu_address *own, const netmcu_address *peer)
{
  return is_in_ipv4(own, peer) || is_in_ipv6(own, peer);
}
