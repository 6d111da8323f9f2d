/* What each test of the core starts and ends with: a context with counted memory, a record of the
 * callbacks, and a watchdog that prints what is open if a test hangs.
 *
 *   static void test_something(void **state)
 *   {
 *     netmcu_t *ctx = loop_begin(NULL);
 *     expect_calls("sent", 3);
 *     …                                  // callbacks call called("sent")
 *     loop_run(ctx);
 *     loop_end(ctx);                     // fails on wrong counts, open objects, leaked memory or sockets
 *   }
 *
 * Only the thread that runs the loop may call these functions. */
#ifndef TEST_LOOP_H
#define TEST_LOOP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>
#include <cmocka.h>

#include "netmcu_device.h"

/* ---- tests and their contexts ---------------------------------------------------------------- */

/* An entry of cmocka's table: runs the test on a loop of the context, or on the caller's loop. */
/* clang-format off */
#define own_loop(test) {#test, test, loop_reset_own, NULL, NULL}
#define callers_loop(test) {#test " on the caller's loop", test, loop_reset_callers, NULL, NULL}
#define both_loops(test) own_loop(test), callers_loop(test)
/* clang-format on */

int loop_reset_own(void **state);
int loop_reset_callers(void **state);

/* Creates the context of a test. NULL means the default options, with IPv4 only. The counting
 * allocator replaces the allocator of `options`. Warnings are counted. */
netmcu_t *loop_begin(const netmcu_options *options);
netmcu_t *loop_begin_with_frames(void);           /* as NULL, with the device's frame size */
netmcu_t *loop_begin_with_families(int families); /* one of netmcu_families */
netmcu_options loop_options(const netmcu_t *ctx); /* those in force */

/* Runs until no more events can come. Checks that nothing is open and that the calls were as
 * expected, then closes the context. */
void loop_end(netmcu_t *ctx);

/* Closes the context with whatever is open, and checks that it leaves nothing behind. */
void loop_close(netmcu_t *ctx);

/* For a test whose peers outlive the context: does not count open files at the end. */
void loop_files_may_differ(void);

void loop_run(netmcu_t *ctx);

/* Runs the loop until `done(data)` is true. `done` may also depend on another thread. */
typedef bool (*loop_predicate)(void *data);
void loop_until(netmcu_t *ctx, loop_predicate done, void *data);
void loop_until_called(netmcu_t *ctx, const char *name, unsigned times);

/* Runs what is due now, such as the "sent" of datagrams: until a task that is posted here has
 * run. */
void loop_run_due(netmcu_t *ctx);

/* Handles pending events `turns` times, without waiting. */
void loop_turns(netmcu_t *ctx, unsigned turns);

/* More than 1 if the program runs slowly. Multiply the limits of times by it. */
unsigned loop_patience(void);
bool loop_under_valgrind(void);
/* True if the memory of the process is meaningless, because such a tool runs the test. */
bool loop_is_instrumented(void);

/* Fails unless low <= value <= high. cmocka's own macro has another name in each of its versions. */
#define assert_between(value, low, high)                                                                               \
  loop_assert_between((long long)(value), (long long)(low), (long long)(high), #value, __FILE__, __LINE__)
void loop_assert_between(long long value, long long low, long long high, const char *text, const char *file, int line);

double loop_milliseconds(void); /* the time of a monotonic clock */

/* ---- calls ----------------------------------------------------------------------------------- */

#if defined(__MINGW_PRINTF_FORMAT)
#define LOOP_PRINTF __attribute__((format(__MINGW_PRINTF_FORMAT, 1, 2)))
#elif defined(__GNUC__)
#define LOOP_PRINTF __attribute__((format(printf, 1, 2)))
#else
#define LOOP_PRINTF
#endif

/* Called by callbacks. Counts each distinct text, and records the order of all. */
void called(const char *format, ...) LOOP_PRINTF;
unsigned calls(const char *name);

/* Expects exactly `times` calls until loop_end. A call that nobody expects there is an error. */
void expect_calls(const char *name, unsigned times);

/* Checks that all calls so far, in order, are `text` ("connection, sent, disconnection 0"), and
 * forgets them. */
void expect_journal(const char *text);
const char *journal(void);
void forget_calls(void);

/* The text of the IP, valid until the next call, or NULL for NULL. */
const char *loop_ip(const netmcu_address *address);

/* These events call called("dns 192.0.2.1"), "connection", "receive 5", "sent", "reconnection -9"
 * or "disconnection 0". */
extern const netmcu_connection_events journal_events;
void journal_dns(netmcu_connection *c, const netmcu_address *address);
void journal_connection(netmcu_connection *c);
void journal_receive(netmcu_connection *c, const char *data, size_t size);
void journal_sent(netmcu_connection *c);
void journal_reconnection(netmcu_connection *c, int error);
void journal_disconnection(netmcu_connection *c, int error);
/* "lookup 0 192.0.2.1"; data is a prefix or NULL. */
void journal_lookup(void *data, int error, const netmcu_address *addresses, size_t count);

/* ---- memory and warnings --------------------------------------------------------------------- */

size_t loop_blocks(void);      /* blocks allocated now, by all contexts */
size_t loop_bytes(void);       /* bytes in these blocks */
size_t loop_peak_bytes(void);  /* maximum since the test began */
size_t loop_allocations(void); /* number of allocations since the test began */

/* Makes the allocation number `nth` from now on fail (1: the next), and if `onwards`, all after it.
 * 0 ends this. */
void loop_fail_allocation(size_t nth, bool onwards);

unsigned loop_warnings(int divergence); /* number of these warnings; -1: all warnings */
const char *loop_warning(void);         /* text of the last warning */

#endif
