/* A stack without a network: the test decides what each operation returns, what arrives, and when time passes. Nothing
 * happens by itself, so no test has to wait for anything.
 *
 *   netmcu_t *ctx = fake_begin(NULL);
 *   netmcu_connection_connect(c, 80, "192.0.2.1");
 *   loop_run(ctx);                         // runs everything that is due
 *   fake_connected(fake_stream(0), 0);     // the peer accepts
 *   fake_receive(fake_stream(0), "hello", 5);
 *   loop_run(ctx);                         // delivers it
 *   clock_pass(ctx, 1000);                 // a second later
 *   loop_end(ctx);
 */
#ifndef TEST_FAKE_H
#define TEST_FAKE_H

#include "clock.h"

typedef enum fake_operation {
  FAKE_OPEN,
  FAKE_BIND,
  FAKE_CONNECT,
  FAKE_WRITE,
  FAKE_WRITE_LATER,
  FAKE_SHUT_DOWN,
  FAKE_GET_PEER,
  FAKE_GET_ADDRESS,
  FAKE_OPEN_LISTENER,
  FAKE_LISTEN,
  FAKE_ACCEPT,
  FAKE_ADOPT,
  FAKE_OPERATIONS
} fake_operation;

/* As loop_begin, with a context on this stack. There may be one at a time. */
netmcu_t *fake_begin(const netmcu_options *options);

/* Makes the operation number `nth` of this kind from now on (1: the next) return `error`. */
void fake_fail(fake_operation operation, unsigned nth, int error);

/* A client waits at the listener. */
void fake_client(void);
bool fake_is_client_waiting(void);
unsigned fake_refused(void); /* clients that were refused */

/* Opens a connection to port 80, whose stream is then connected, and forgets the calls so far. */
netmcu_connection *fake_open(netmcu_t *ctx, const netmcu_connection_events *events);

/* The streams of the test, in the order in which they were opened; NULL once it is closed. */
typedef struct netmcu__stack_stream fake_stream_t;
fake_stream_t *fake_stream(unsigned index);
unsigned fake_streams(void); /* number of streams that were opened */
unsigned fake_resets(void);  /* number of streams that were closed with a reset */

void fake_connected(fake_stream_t *stream, int error);

/* What arrives stays in the network while the stream does not read. */
void fake_receive(fake_stream_t *stream, const char *data, size_t size);
void fake_finish(fake_stream_t *stream);               /* the peer's FIN, behind what it sent */
void fake_finish_by(fake_stream_t *stream, int error); /* a FIN that is a reset when one asks */
void fake_break(fake_stream_t *stream, int error);     /* an error, behind what the peer sent */
bool fake_is_reading(fake_stream_t *stream);

/* How many bytes the stream takes from now on; any number at first. More room lets a waiting write
 * go on. */
void fake_set_room(fake_stream_t *stream, size_t bytes);
void fake_break_write(fake_stream_t *stream, int error); /* ends a waiting write */
bool fake_is_write_waiting(fake_stream_t *stream);
const char *fake_output(fake_stream_t *stream); /* everything that was written, as text */
size_t fake_output_size(fake_stream_t *stream);
bool fake_is_shut_down(fake_stream_t *stream);
unsigned fake_keepalive(fake_stream_t *stream); /* seconds; 0: off */
bool fake_is_delayed(fake_stream_t *stream);    /* by Nagle's algorithm */
netmcu_address fake_own(fake_stream_t *stream); /* that was chosen for the connect */
void fake_set_unacknowledged(fake_stream_t *stream, uint32_t bytes);

#endif
