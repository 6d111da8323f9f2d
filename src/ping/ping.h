/* What the files behind netmcu_ping share: ping.c (pings, their pace and events), echo.c (the packet),
 * socket.c and socket_windows.c (how the system sends and receives it). */
#ifndef NETMCU_PING_H
#define NETMCU_PING_H

#include "base/internal.h"

#define NETMCU__PING_TIMEOUT 1000 /* ms, from a request to the next and to its loss, as on the device */
#define NETMCU__PING_PAYLOAD 32   /* bytes, as on the device */

/* ---- echo.c ---------------------------------------------------------------------------------------- */

#define NETMCU__ECHO_SIZE (8 + NETMCU__PING_PAYLOAD)

typedef struct netmcu__echo {
  uint16_t id, sequence;
  const uint8_t *payload; /* NETMCU__PING_PAYLOAD bytes */
} netmcu__echo;

void netmcu__echo_write(const netmcu__echo *request, uint8_t packet[NETMCU__ECHO_SIZE]);

/* Reads an echo reply with such a payload, with or without its IP header; false for whatever else comes. `reply` points
 * into `bytes`. */
bool netmcu__echo_read(const uint8_t *bytes, size_t size, netmcu__echo *reply);

/* ---- socket.c, socket_windows.c ---------------------------------------------------------------------- */

/* The context's access to ICMP echo. */
typedef struct netmcu__icmp netmcu__icmp;

/* A reply with our id came `age` nanoseconds ago. */
typedef void (*netmcu__icmp_cb)(netmcu_t *ctx, const netmcu_address *from, const netmcu__echo *reply, uint64_t age);

int netmcu__icmp_open(netmcu_t *ctx, netmcu__icmp_cb cb, netmcu__icmp **icmp);
void netmcu__icmp_close(netmcu__icmp *icmp);

/* Replies are heard from here on, or no more. That does not keep the loop alive: the pings do. */
void netmcu__icmp_start(netmcu__icmp *icmp);
void netmcu__icmp_stop(netmcu__icmp *icmp);

/* Hears now what has come already. */
void netmcu__icmp_receive(netmcu__icmp *icmp);

/* Errors are the network's to answer with silence. */
void netmcu__icmp_send(netmcu__icmp *icmp, const netmcu_address *to, uint16_t sequence,
                       const uint8_t payload[NETMCU__PING_PAYLOAD]);

#endif
