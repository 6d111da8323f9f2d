/* Datagrams without a network: a table of operations that a test puts in the place of the system's.
 * It lets a test choose when there is room, what arrives, and which operation fails. Each datagram
 * that goes out is a call "out DATA" in the journal (loop.h). */
#ifndef TEST_FAKE_DATAGRAM_H
#define TEST_FAKE_DATAGRAM_H

#include "stack/stack.h"

/* Replaces the datagrams of a context of fake_begin that has no UDP socket yet. There is room for
 * any number of datagrams. */
void fake_datagram_begin(netmcu_t *ctx);

enum fake_datagram_operation {
  FAKE_DATAGRAM_OPEN,
  FAKE_DATAGRAM_BIND,
  FAKE_DATAGRAM_START_RECEIVING,
  FAKE_DATAGRAM_SEND, /* a whole call, which may have several datagrams */
  FAKE_DATAGRAM_SEND_LATER,
  FAKE_DATAGRAM_SET_MEMBERSHIP,
  FAKE_DATAGRAM_OPERATIONS
};

/* The next call of this operation fails with `error`. */
void fake_datagram_fail(enum fake_datagram_operation operation, int error);

/* From now on there is room for `count` datagrams. Those that wait go out first. */
void fake_datagram_set_room(unsigned count);

/* Delivers datagrams that arrive together. Each is one character of `data`, from this address. */
void fake_datagram_receive(const netmcu_address *from, const char *data);

unsigned fake_datagram_sockets(void);     /* that are open */
unsigned fake_datagram_memberships(void); /* of all sockets */

#endif
