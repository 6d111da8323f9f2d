/* What each test of the core begins and ends with: a context whose memory is counted, a record of the callbacks that
 * came, and a watch-dog that says what is open when a test hangs.
 *
 *   static void test_something(void **state)
 *   {
 *     netmcu_t *ctx = loop_begin(NULL);
 *     expect_calls("sent", 3);
 *     …                                  // callbacks say called("sent")
 *     loop_run(ctx);
 *     loop_end(ctx);                     // fails on wrong counts, open objects, leaked memory or sockets
 *   }
 *
 * Only the thread that runs the loop may call anything here. */
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

#include "netmcu.h"
#include "netmcu_divergences.h"

/* ---- tests and their contexts --------------------------------------------------------------------------- */

/* An entry of cmocka's table: the test on a loop of the context's own, or on the caller's. */
/* clang-format off */
#define own_loop(test) {#test, test, loop_reset_own, NULL, NULL}
#define callers_loop(test) {#test " on the caller's loop", test, loop_reset_callers, NULL, NULL}
#define both_loops(test) own_loop(test), callers_loop(test)
/* clang-format on */

int loop_reset_own(void **state);
int loop_reset_callers(void **state);

/* `options` NULL: the defaults. The allocator is replaced by the counting one; warnings are counted where the options
 * have no callback for them. */
netmcu_t *loop_begin(const netmcu_options *options);

/* Runs until nothing is left, checks that nothing is open and that the calls were those expected, closes. */
void loop_end(netmcu_t *ctx);

/* Closes the context as it is, with whatever is open, and checks that it leaves nothing behind. */
void loop_close(netmcu_t *ctx);

/* For a test whose peers outlive the context: its open files are not counted at the end. */
void loop_files_may_differ(void);

void loop_run(netmcu_t *ctx);

/* Runs the loop until `done(data)`, which may as well wait for another thread. */
typedef bool (*loop_predicate)(void *data);
void loop_until(netmcu_t *ctx, loop_predicate done, void *data);
void loop_until_called(netmcu_t *ctx, const char *name, unsigned times);

/* Runs what is due now, such as the "sent" of datagrams that were sent: until a task that is posted here has run. */
void loop_run_due(netmcu_t *ctx);

/* Handles what is there without waiting, `turns` times. */
void loop_turns(netmcu_t *ctx, unsigned turns);

/* More than 1 where the program runs slowly: bounds on times are multiplied by it. */
unsigned loop_patience(void);
bool loop_under_valgrind(void);
/* The process's own memory says nothing under these. */
bool loop_is_instrumented(void);

double loop_milliseconds(void); /* of a clock that never goes back */

/* ---- calls ---------------------------------------------------------------------------------------------- */

#if defined(__MINGW_PRINTF_FORMAT)
#define LOOP_PRINTF __attribute__((format(__MINGW_PRINTF_FORMAT, 1, 2)))
#elif defined(__GNUC__)
#define LOOP_PRINTF __attribute__((format(printf, 1, 2)))
#else
#define LOOP_PRINTF
#endif

/* Said by callbacks: each distinct text is counted and the order of all is kept. */
void called(const char *format, ...) LOOP_PRINTF;
unsigned calls(const char *name);

/* Exactly `times` calls until loop_end. A call that was not expected there is an error. */
void expect_calls(const char *name, unsigned times);

/* All calls so far, in order, are `text` ("connection, sent, disconnection 0"), and are forgotten. */
void expect_journal(const char *text);
const char *journal(void);
void forget_calls(void);

/* Every event says called("dns 192.0.2.1"), "connection", "receive 5", "sent", "reconnection -9", "disconnection 0". */
extern const netmcu_connection_events journal_events;
void journal_dns(netmcu_connection *c, const char *ip);
void journal_connection(netmcu_connection *c);
void journal_receive(netmcu_connection *c, const char *data, size_t size);
void journal_sent(netmcu_connection *c);
void journal_reconnection(netmcu_connection *c, int error);
void journal_disconnection(netmcu_connection *c, int error);
void journal_lookup(void *data, int error, const char *ip); /* "lookup 0 192.0.2.1", data: a prefix or NULL */

/* ---- memory and warnings -------------------------------------------------------------------------------- */

size_t loop_blocks(void);      /* allocated now, by all contexts */
size_t loop_bytes(void);       /* in them */
size_t loop_peak_bytes(void);  /* since the test began */
size_t loop_allocations(void); /* made since the test began */

/* The allocation number `nth` from now on (1: the next) fails, and if `onwards`, all after it. 0: none does. */
void loop_fail_allocation(size_t nth, bool onwards);

unsigned loop_warnings(int divergence); /* that came; -1: of any kind */
const char *loop_warning(void);         /* the text of the last */

#endif
