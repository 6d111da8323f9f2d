/* Datagrams without a network: a table of operations that a test puts in the place of the system's.
 * It lets a test choose when there is room, what arrives, and which operation fails. Each datagram
 * that goes out is a call "out DATA" in the journal (loop.h). */
#ifndef TEST_DATAGRAM_STACK_H
#define TEST_DATAGRAM_STACK_H

#include "stack/stack.h"

/* Replaces the datagrams of a context that has no UDP socket yet. There is room for any number of
 * datagrams. */
void datagram_stack_begin(netmcu_t *ctx);

enum datagram_operation {
  STACK_OPEN,
  STACK_BIND,
  STACK_START_RECEIVING,
  STACK_SEND, /* a whole call, which may have several datagrams */
  STACK_SEND_LATER,
  STACK_SET_MEMBERSHIP,
  STACK_OPERATIONS
};

/* The next call of this operation fails with `error`. */
void datagram_stack_fail(enum datagram_operation operation, int error);

/* From now on there is room for `count` datagrams. Those that wait go out first. */
void datagram_stack_set_room(unsigned count);

/* Delivers datagrams that arrive together. Each is one character of `data`, from this address. */
void datagram_stack_receive(const netmcu_address *from, const char *data);

unsigned datagram_stack_sockets(void);     /* that are open */
unsigned datagram_stack_memberships(void); /* of all sockets */

#endif
