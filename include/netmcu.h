/* netmcu: the network objects of a NodeMCU device, for C programs, on libuv.
 *
 * Concepts
 * --------
 * A context (netmcu_t) ties everything to one libuv loop: its own, or one that the program already runs.
 * On it live connections, servers, UDP sockets, timers, lookups and pings. There is no global state: as many
 * contexts as there are loops or threads may live in one process, and each belongs to the thread that runs it.
 *
 *   void heard(netmcu_connection *c, const char *data, size_t size)
 *   {
 *     netmcu_connection_send(c, data, size);              // whatever comes goes back
 *   }
 *   void gone(netmcu_connection *c, int error)
 *   {
 *     netmcu_connection_free(c);
 *   }
 *   static const netmcu_connection_events echo = {.receive = heard, .disconnection = gone};
 *
 *   void accepted(netmcu_server *server, netmcu_connection *client)
 *   {
 *     netmcu_connection_on(client, &echo);
 *   }
 *   int main(void)
 *   {
 *     netmcu_t *ctx = netmcu_new(NULL, NULL);
 *     netmcu_server *server = netmcu_server_new(ctx);
 *     int error = netmcu_server_listen(server, 7000, NULL, 0, accepted);
 *     if (error)
 *       return fprintf(stderr, "port 7000: %s\n", netmcu_strerror(error)), 1;
 *     netmcu_run(ctx);                                    // for ever, with a server on it
 *     return netmcu_close(ctx, NULL, NULL);
 *   }
 *
 * Compile with  cc echo.c $(pkg-config --cflags --libs netmcu).
 *
 * Rules that hold everywhere
 * --------------------------
 *  - A function returns 0 or a negative NETMCU_E… code. One that fails calls nothing back.
 *  - No function calls back before it has returned: events come from the loop.
 *  - Events are a table of functions, one slot an event, NULL where there is no interest. The object keeps the
 *    pointer: the table must live as long as it is set (`static const` is usual). Setting another table is
 *    allowed inside any callback and takes effect with the next event.
 *  - An object may be closed, freed or used again inside any callback, its own included. After X_close no event
 *    of what was closed fires; after X_free the pointer is dead.
 *  - X_close ends what the object does on the network; the object can then begin anew (connect, listen).
 *    X_free closes and gives the object up; NULL is allowed. netmcu_close frees every object that is still there.
 *  - What was sent before a close or free still goes out: both may follow at once, also in an accept callback.
 *  - Addresses are IPv4, as on the device. Times are milliseconds. Texts are zero-terminated UTF-8.
 *  - Nothing here is safe to call from another thread than the loop's. To reach it from there: uv_async_send, of a
 *    handle that the program has on netmcu_loop(ctx).
 *
 * SIGPIPE: netmcu_new sets it to be ignored where the process has left it at its default, since a peer that
 * vanishes would end the program otherwise.
 */
#ifndef NETMCU_H
#define NETMCU_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NETMCU_VERSION_MAJOR 0
#define NETMCU_VERSION_MINOR 1
#define NETMCU_VERSION_PATCH 0

#if defined(_WIN32) && defined(NETMCU_SHARED)
#ifdef NETMCU_BUILDING
#define NETMCU_API __declspec(dllexport)
#else
#define NETMCU_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define NETMCU_API __attribute__((visibility("default")))
#else
#define NETMCU_API
#endif

/* "0.1.0": the version of the library that runs, which may be newer than the header compiled against. */
NETMCU_API const char *netmcu_version(void);

/* ---------------------------------------------------------------------------------------------- errors */

/* name, value, text. Down to -15 the values and texts are those of the device (lwIP's err_t). */
#define NETMCU_ERRORS(X)                                                                                               \
  X(ENOMEM, -1, "out of memory")                                                                                       \
  X(EBUFFER, -2, "buffer error")                                                                                       \
  X(ETIMEOUT, -3, "timeout")                                                                                           \
  X(EROUTE, -4, "routing problem")                                                                                     \
  X(EINPROGRESS, -5, "in progress")                                                                                    \
  X(EVALUE, -6, "illegal value")                                                                                       \
  X(EAGAIN, -7, "would block")                                                                                         \
  X(EABORTED, -8, "connection aborted")                                                                                \
  X(ERESET, -9, "connection reset")                                                                                    \
  X(ECLOSED, -10, "connection closed")                                                                                 \
  X(ENOTCONN, -11, "not connected")                                                                                    \
  X(EARGUMENT, -12, "illegal argument")                                                                                \
  X(EADDRINUSE, -13, "address in use")                                                                                 \
  X(ENETIF, -14, "netif error")                                                                                        \
  X(EISCONN, -15, "already connected")                                                                                 \
  X(ENOTFOUND, -32, "host name not found")                                                                             \
  X(ESTRICT, -33, "refused in strict mode")                                                                            \
  X(ENOTSUP, -34, "not supported by this build or system")

enum netmcu_error {
#define NETMCU_ERROR_VALUE(name, value, text) NETMCU_##name = value,
  NETMCU_ERRORS(NETMCU_ERROR_VALUE)
#undef NETMCU_ERROR_VALUE
  /* An error of the system that the device does not know comes as NETMCU_ESYSTEM + its (negative) libuv code:
   * netmcu_strerror gives the system's own text, netmcu_uv_error the libuv code. */
  NETMCU_ESYSTEM = -100000
};

/* The text of an error, never NULL. Lives forever, or for NETMCU_ESYSTEM codes until the next call in this thread. */
NETMCU_API const char *netmcu_strerror(int error);

/* "ENOMEM" …, or libuv's name ("EACCES") for an error of the system; "EUNKNOWN" for what is none. */
NETMCU_API const char *netmcu_error_name(int error);

/* The libuv code (UV_EACCES …) inside an error of the system, else 0. */
NETMCU_API int netmcu_uv_error(int error);

/* --------------------------------------------------------------------------------------------- context */

typedef struct uv_loop_s uv_loop_t; /* libuv's; include <uv.h> to use it */

typedef struct netmcu netmcu_t;
typedef struct netmcu_connection netmcu_connection;
typedef struct netmcu_server netmcu_server;
typedef struct netmcu_udp netmcu_udp;
typedef struct netmcu_timer netmcu_timer;
typedef struct netmcu_lookup netmcu_lookup;

/* What the device would do otherwise ("divergence", listed in netmcu_divergences.h): `text` says in one line what
 * happened and what the device does. Called inside the function that was called, which then goes on: it must not open, close
 * or free anything. */
typedef void (*netmcu_warning_cb)(netmcu_t *ctx, int divergence, const char *text, void *data);
#define NETMCU_NOTICE (-1) /* in place of a divergence: something else that is good to know, never an error under strict */

/* Memory for everything but libuv's and c-ares' own needs. The three are given together or not at all.
 * `resize` has realloc's contract. They must not call into netmcu. */
typedef struct netmcu_allocator {
  void *(*allocate)(size_t size, void *data);
  void *(*resize)(void *block, size_t size, void *data);
  void (*release)(void *block, void *data);
  void *data;
} netmcu_allocator;

/* Begin with NETMCU_OPTIONS_INIT, so that a program compiled today runs with tomorrow's library. */
typedef struct netmcu_options {
  size_t size;                /* sizeof(netmcu_options), as the program was compiled */
  size_t frame_size;          /* bytes at most in one "receive" of a connection; 0: as read. Device: 1460 */
  unsigned connect_timeout;   /* ms from SYN to NETMCU_EABORTED. Device: 6000 */
  unsigned linger_timeout;    /* ms that a closed connection waits for its peer's FIN, 2000; see netmcu_close, too */
  int strict;                 /* not 0: a divergence from the device is an error */
  netmcu_warning_cb warning;  /* NULL: nobody is told */
  void *warning_data;         /* given to it */
  netmcu_allocator allocator; /* all NULL: malloc, realloc, free */
} netmcu_options;

/* clang-format off */
#define NETMCU_OPTIONS_INIT {sizeof(netmcu_options), 1460, 6000, 2000, 0, NULL, NULL, {NULL, NULL, NULL, NULL}}
/* clang-format on */

/* Creates a context on `loop`, or on a loop of its own for NULL. `options` is copied; NULL means the defaults.
 * Returns NULL when there is no memory, no loop can be made (too many open files), or the options are none: of a size that
 * this library does not know, or with a part of an allocator. */
NETMCU_API netmcu_t *netmcu_new(uv_loop_t *loop, const netmcu_options *options);

/* The options in force, and changing them: what they govern from now on follows, what runs keeps its times.
 * The allocator cannot be changed. Returns NETMCU_EVALUE for options of a size that this library does not know. */
NETMCU_API const netmcu_options *netmcu_get_options(const netmcu_t *ctx);
NETMCU_API int netmcu_set_options(netmcu_t *ctx, const netmcu_options *options);

/* The loop it lives on: the one given to netmcu_new, or its own. */
NETMCU_API uv_loop_t *netmcu_loop(const netmcu_t *ctx);

/* Runs the loop until nothing is left to happen or netmcu_stop is called, and returns 0 in both cases: who must know which it
 * was notes it where netmcu_stop is called. After a stop it may run again, and goes on where it was.
 * NETMCU_EINPROGRESS when it runs already. A program with its own loop may as well call uv_run. */
NETMCU_API int netmcu_run(netmcu_t *ctx);

/* Waits for events, handles those that are there, and returns: 1 when more may come, 0 when nothing is left, or an
 * error as netmcu_run. It waits as long as it takes: a timer of the program's bounds that. */
NETMCU_API int netmcu_run_once(netmcu_t *ctx);

/* Makes netmcu_run return at the end of this turn of the loop: what else has come in it is still handled. Outside of
 * netmcu_run its next call, or that of netmcu_run_once, returns before anything is handled. */
NETMCU_API void netmcu_stop(netmcu_t *ctx);

typedef void (*netmcu_close_cb)(void *data);

/* Ends the context: closes and frees all its objects, orderly: what was sent still goes out, for as long as the peers
 * take it and at the most linger_timeout without progress.
 * An open connection whose peer does not close its side alone takes linger_timeout (2 s): who will not wait sets it to 1
 * before, with netmcu_set_options.
 *   Own loop: runs it until that is done, calls `cb` (may be NULL) and returns 0. NETMCU_EINPROGRESS inside a callback.
 *   Handles of the program's own on that loop have to be closed, or closing: it waits for those that are active.
 *   A caller's loop: returns 0 at once; `cb` is called from the loop when everything is closed, which is as much later.
 *   Nothing of netmcu is left on the loop then. The context must not be used between this call and `cb`, and is gone when
 *   `cb` is called: until then the program must run its loop.
 * No event comes from here on: lookups, pings and posts that are under way are dropped. */
NETMCU_API int netmcu_close(netmcu_t *ctx, netmcu_close_cb cb, void *data);

/* Calls `visit` for each object that keeps the loop alive, with a line that says what it is:
 * "net.server (listening, 0.0.0.0:80)", "timer (1000 ms)". `visit` must not open or close anything. */
typedef void (*netmcu_visit_cb)(const char *description, void *data);
NETMCU_API void netmcu_walk(netmcu_t *ctx, netmcu_visit_cb visit, void *data);

/* Runs cb(data) once, from the loop, before it next waits for the network; posts made in `cb` wait for the turn after,
 * so that they never starve it. NETMCU_ENOMEM, NETMCU_EARGUMENT without `cb`. What is still posted when the context closes
 * is dropped. */
typedef void (*netmcu_post_cb)(void *data);
NETMCU_API int netmcu_post(netmcu_t *ctx, netmcu_post_cb cb, void *data);

/* For hosts of device scripts: reports that a script does what the device would answer otherwise (an id of
 * <netmcu_divergences.h>, which is installed too: its NETMCU_D_… are part of this interface, new ones are added at the
 * end; `number` fills the %ld of its text). Returns 0 after the warning; under strict the error to give to
 * the script: the device's own, or NETMCU_ESTRICT with its text in netmcu_divergence_text. NETMCU_EARGUMENT for an id that
 * this library does not know. */
NETMCU_API int netmcu_diverge(netmcu_t *ctx, int divergence, long number);
NETMCU_API const char *netmcu_divergence_text(const netmcu_t *ctx);

/* ------------------------------------------------------------------------------------------- addresses */

typedef struct netmcu_address {
  uint8_t ip[4]; /* as written: 127, 0, 0, 1 */
  uint16_t port;
} netmcu_address;

#define NETMCU_IP_SIZE 16 /* "255.255.255.255" and its end */

/* Reads an IPv4 address in the forms of inet_aton(3) ("127.1", "0x7f.0.0.1"), as lwIP does. The port is left alone.
 * NETMCU_EVALUE when it is none. */
NETMCU_API int netmcu_ip_parse(const char *text, netmcu_address *address);

/* Writes "a.b.c.d" and returns `text`. */
NETMCU_API char *netmcu_ip_text(const netmcu_address *address, char text[NETMCU_IP_SIZE]);

/* ----------------------------------------------------------------------------------------- connections */

/* A TCP connection, made by netmcu_connection_new and _connect, or handed out by a server.
 *
 *   IDLE ──connect──▶ RESOLVING ──▶ CONNECTING ──▶ OPEN ──close, FIN, error──▶ IDLE
 *
 * `dns`            connect knows the address: `ip`, or NULL when the name was not found (disconnection follows). Comes
 *                  for each connect, also where the host was an address
 * `connection`     it is open; the server's accept callback comes before it
 * `receive`        data of at most frame_size bytes, owned by the library until the callback returns
 * `sent`           once for each send, in order, when the system has taken its last byte. Never inside send, always
 *                  before the disconnection when the peer has ended after taking the data
 * `reconnection`   ended by an error. Where this slot is NULL the error goes to `disconnection`
 * `disconnection`  ended: 0 when the peer closed (FIN, all data was delivered), else an error:
 *                  NETMCU_EABORTED connect time-out, a server's idle time-out, name not found; NETMCU_ERESET
 *                  refused or reset; NETMCU_EROUTE …. The object is idle again: it may connect anew here, or be
 *                  freed; the library does not free it. */
typedef struct netmcu_connection_events {
  void (*dns)(netmcu_connection *c, const char *ip);
  void (*connection)(netmcu_connection *c);
  void (*receive)(netmcu_connection *c, const char *data, size_t size);
  void (*sent)(netmcu_connection *c);
  void (*reconnection)(netmcu_connection *c, int error);
  void (*disconnection)(netmcu_connection *c, int error);
} netmcu_connection_events;

typedef enum netmcu_connection_state {
  NETMCU_IDLE,
  NETMCU_RESOLVING,
  NETMCU_CONNECTING,
  NETMCU_OPEN
} netmcu_connection_state;

/* An idle connection without events, or NULL when there is no memory. The caller frees it. */
NETMCU_API netmcu_connection *netmcu_connection_new(netmcu_t *ctx);

/* Closes it as netmcu_connection_close does, after what was sent, and gives the object up. */
NETMCU_API void netmcu_connection_free(netmcu_connection *c);

/* The context it was made in, a pointer of the program's own (NULL at first), and where it stands. */
NETMCU_API netmcu_t *netmcu_connection_context(const netmcu_connection *c);
NETMCU_API void netmcu_connection_set_data(netmcu_connection *c, void *data);
NETMCU_API void *netmcu_connection_data(const netmcu_connection *c);
NETMCU_API netmcu_connection_state netmcu_connection_get_state(const netmcu_connection *c);

/* Sets the events; NULL for none. Data that comes while there is no `receive` is dropped, as on the device. */
NETMCU_API void netmcu_connection_on(netmcu_connection *c, const netmcu_connection_events *events);

/* Connects to `host`, a name or an address, copied. The outcome is an event: `connection`, or `disconnection`.
 * NETMCU_EISCONN when it is not idle, NETMCU_EARGUMENT for port 0 and for a malformed name or none, NETMCU_ENOMEM. */
NETMCU_API int netmcu_connection_connect(netmcu_connection *c, uint16_t port, const char *host);

/* Sends `size` bytes, copied where the system does not take them at once. Any size, in order, from connect on: what is
 * sent before the connection is open waits for it. `sent` follows for each call.
 * NETMCU_ENOTCONN when idle, NETMCU_EVALUE for no bytes, NETMCU_ENOMEM. */
NETMCU_API int netmcu_connection_send(netmcu_connection *c, const void *data, size_t size);

/* Inside `receive`: the next frame of what was read together with this one, in `data` and `size`, for a program to which each
 * entry into a callback is dear, as into a script's function. Returns 1; 0 when there is none, and when the connection was held
 * or closed since. What is not taken here comes in further callbacks. Always 0 outside of `receive`. */
NETMCU_API int netmcu_connection_next_frame(netmcu_connection *c, const char **data, size_t *size);

/* Bytes accepted by send that the system has not taken yet: what a sender looks at to hold back. Of what is sent in one turn of
 * the loop most is written when that ends: until then it counts as well. */
NETMCU_API size_t netmcu_connection_pending(const netmcu_connection *c);

/* Stops receiving at the next frame boundary, so that the peer's sending stops when its window is full; goes on, never
 * inside the call. What was read and not delivered waits, and the peer's FIN behind it. Lasts until unhold or the end
 * of the connection: an error that sending meets ends it at once, and what was not delivered is lost. NETMCU_ENOTCONN when
 * idle. */
NETMCU_API int netmcu_connection_hold(netmcu_connection *c);
NETMCU_API int netmcu_connection_unhold(netmcu_connection *c);

/* The two ends. NETMCU_ENOTCONN when idle. While resolving the peer's address is 0.0.0.0. */
NETMCU_API int netmcu_connection_getpeer(const netmcu_connection *c, netmcu_address *address);
NETMCU_API int netmcu_connection_getaddr(const netmcu_connection *c, netmcu_address *address);

/* Reads the time-to-live of outgoing packets into *ttl, after setting it where *ttl is 1…255 (-1 only reads).
 * NETMCU_ENOTCONN when idle, NETMCU_EVALUE. */
NETMCU_API int netmcu_connection_ttl(netmcu_connection *c, int *ttl);

/* Closes after everything sent has gone out, or the peer has taken none of it for a minute; then lingers, reading and
 * dropping, until the peer's FIN or linger_timeout, so that no reset overtakes the data (RFC 1122, 4.2.2.13). All that
 * happens behind the object, which is idle when this returns: no further event, and netmcu_run waits for it.
 * NETMCU_ENOTCONN when it is idle already. */
NETMCU_API int netmcu_connection_close(netmcu_connection *c);

/* --------------------------------------------------------------------------------------------- servers */

/* `client` is open and belongs to the callee, who sets its events and frees it in the end, here or at any later time: a
 * server that answers without listening sends and frees here. Its `connection` event follows, where there is one. A client
 * for which there is no memory or no file descriptor is closed, and nobody is told. */
typedef void (*netmcu_accept_cb)(netmcu_server *server, netmcu_connection *client);

/* A server that does not listen, or NULL when there is no memory. */
NETMCU_API netmcu_server *netmcu_server_new(netmcu_t *ctx);

/* Stops listening and gives the object up; accepted clients are left alone. */
NETMCU_API void netmcu_server_free(netmcu_server *server);

/* The context it was made in, and a pointer of the program's own (NULL at first). */
NETMCU_API netmcu_t *netmcu_server_context(const netmcu_server *server);
NETMCU_API void netmcu_server_set_data(netmcu_server *server, void *data);
NETMCU_API void *netmcu_server_data(const netmcu_server *server);

/* Clients accepted from now on that are silent in both directions for `timeout` ms are closed with NETMCU_EABORTED.
 * 0, the default: never. */
NETMCU_API void netmcu_server_set_idle_timeout(netmcu_server *server, unsigned timeout);

/* Listens on `port` (0: a free one, see getaddr) of the address `ip` (NULL: all). `backlog` 0 means 128.
 * NETMCU_EINPROGRESS when it listens already, NETMCU_EARGUMENT without `accept`, NETMCU_EVALUE for a wrong address or one
 * that is not this machine's, NETMCU_EADDRINUSE, UV_EACCES (in NETMCU_ESYSTEM) for a port that needs a privilege. */
NETMCU_API int netmcu_server_listen(netmcu_server *server, uint16_t port, const char *ip, int backlog,
                                    netmcu_accept_cb accept);

/* Its own address. NETMCU_ENOTCONN when it does not listen. */
NETMCU_API int netmcu_server_getaddr(const netmcu_server *server, netmcu_address *address);

/* Stops listening; accepted clients are left alone, the port can be listened on again at once.
 * NETMCU_ENOTCONN when it does not listen. */
NETMCU_API int netmcu_server_close(netmcu_server *server);

/* ------------------------------------------------------------------------------------------------- DNS */

/* `ip` is the address, or NULL with error NETMCU_ENOTFOUND (no such name, no A record), NETMCU_ETIMEOUT (no server
 * answered within 14 s), or another. The lookup is gone when the callback is called. */
typedef void (*netmcu_lookup_cb)(void *data, int error, const char *ip);

/* Looks up the IPv4 address of `host`: literal addresses and the system's hosts file without a query, else the DNS
 * servers. `lookup` (may be NULL) is set to a handle for netmcu_lookup_cancel. The answer is always a callback, never
 * inside this call. NETMCU_EARGUMENT for a malformed name or none and without `cb`, NETMCU_ENOMEM. */
NETMCU_API int netmcu_resolve(netmcu_t *ctx, const char *host, netmcu_lookup_cb cb, void *data, netmcu_lookup **lookup);

/* Forgets a lookup that has not called back: it never will. A handle whose callback was called is dead. */
NETMCU_API void netmcu_lookup_cancel(netmcu_lookup *lookup);

#define NETMCU_DNS_SERVERS 2

/* Sets server `index` (0 or 1) from "ip" or "ip:port", for lookups from now on; NULL gives back the system's.
 * NETMCU_EVALUE for an address that is none, 0.0.0.0 or 255.255.255.255, NETMCU_EARGUMENT for another index. */
NETMCU_API int netmcu_dns_set_server(netmcu_t *ctx, int index, const char *server);

/* The server in force: the one set, else the system's first two, else 208.67.222.222.
 * NETMCU_ENOTFOUND when there is no server `index`, NETMCU_EARGUMENT for an index that is not 0 or 1. */
NETMCU_API int netmcu_dns_get_server(netmcu_t *ctx, int index, netmcu_address *address);

/* ---------------------------------------------------------------------------------------------- timers */

typedef void (*netmcu_timer_cb)(netmcu_timer *timer, void *data);

/* A timer that does not run, or NULL when there is no memory. */
NETMCU_API netmcu_timer *netmcu_timer_new(netmcu_t *ctx, netmcu_timer_cb cb, void *data);

/* Stops it and gives the object up. */
NETMCU_API void netmcu_timer_free(netmcu_timer *timer);

/* Starts the timer, or starts it again: calls `cb` after `timeout` ms, counted from this call, then every `repeat` ms (0: only
 * once). A `timeout` of 0 counts as 1; netmcu_post is for what is to come at once.
 * A repeating timer keeps its phase, however long callbacks take: the calls are due at multiples of `repeat` after the
 * first. If several are missed, one comes late and the others are skipped. */
NETMCU_API void netmcu_timer_start(netmcu_timer *timer, uint64_t timeout, uint64_t repeat);

/* Stops it where it runs, and tells whether it does. */
NETMCU_API void netmcu_timer_stop(netmcu_timer *timer);
NETMCU_API int netmcu_timer_is_running(const netmcu_timer *timer);

/* A timer that does not keep netmcu_run alive (0), or does (1, the default). */
NETMCU_API void netmcu_timer_keep_alive(netmcu_timer *timer, int keep_alive);

/* ------------------------------------------------------------------------------------------------- UDP */

/* `receive`  a datagram, owned by the library until the callback returns; an empty one has size 0
 * `sent`     once for each send, in order, after it has returned */
typedef struct netmcu_udp_events {
  void (*receive)(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from);
  void (*sent)(netmcu_udp *u);
} netmcu_udp_events;

#define NETMCU_DATAGRAM_SIZE 65507 /* bytes that a UDP datagram over IPv4 carries at most */

/* An unbound UDP socket, or NULL when there is no memory. */
NETMCU_API netmcu_udp *netmcu_udp_new(netmcu_t *ctx);

/* Closes it as netmcu_udp_close does, and gives the object up. */
NETMCU_API void netmcu_udp_free(netmcu_udp *u);

/* The context it was made in, and a pointer of the program's own (NULL at first). */
NETMCU_API netmcu_t *netmcu_udp_context(const netmcu_udp *u);
NETMCU_API void netmcu_udp_set_data(netmcu_udp *u, void *data);
NETMCU_API void *netmcu_udp_data(const netmcu_udp *u);

/* Sets the events; NULL for none. Datagrams that come while there is no `receive` are dropped. */
NETMCU_API void netmcu_udp_on(netmcu_udp *u, const netmcu_udp_events *events);

/* Binds to `port` (0: a free one) of `ip` (NULL: all; a multicast group: receives that group, sharing the port with
 * others that do). NETMCU_EINPROGRESS when it is bound, NETMCU_EVALUE, NETMCU_EADDRINUSE, UV_EACCES as for servers. */
NETMCU_API int netmcu_udp_listen(netmcu_udp *u, uint16_t port, const char *ip);

/* Sends one datagram of 0…NETMCU_DATAGRAM_SIZE bytes to an address (see netmcu_ip_parse and, for names, netmcu_resolve;
 * broadcast needs no flag), binding to a free port
 * first where it is not bound. Copied where the system does not take it at once. Datagrams may be lost, also here: what the
 * network refuses afterwards is not reported. NETMCU_EVALUE for port 0, NETMCU_EBUFFER for too many bytes, NETMCU_ENOMEM also
 * when 4 MiB wait already, NETMCU_EROUTE …. */
NETMCU_API int netmcu_udp_send(netmcu_udp *u, const netmcu_address *to, const void *data, size_t size);

/* Its own address. NETMCU_ENOTCONN when it is not bound. */
NETMCU_API int netmcu_udp_getaddr(const netmcu_udp *u, netmcu_address *address);

/* As netmcu_connection_ttl; sets the multicast time-to-live as well. NETMCU_ENOTCONN when it is not bound. */
NETMCU_API int netmcu_udp_ttl(netmcu_udp *u, int *ttl);

/* Closes it, after what was sent has gone out; the object can bind anew. NETMCU_ENOTCONN when it is not bound. */
NETMCU_API int netmcu_udp_close(netmcu_udp *u);

/* Memberships belong to the context and apply to each UDP socket bound now or later, until the group is left.
 * `interface_ip` NULL or "0.0.0.0" means every interface that can multicast. Joining twice is joining once.
 * Leaving a group on every interface ends the membership of every interface, or if there is none, those of single
 * interfaces. NETMCU_EVALUE for an address that is no group, NETMCU_ENETIF for one that is no interface's. Leaving a
 * group that was not joined returns NETMCU_EVALUE. */
NETMCU_API int netmcu_multicast_join(netmcu_t *ctx, const char *interface_ip, const char *group);
NETMCU_API int netmcu_multicast_leave(netmcu_t *ctx, const char *interface_ip, const char *group);

/* ------------------------------------------------------------------------------------------------ ping */

typedef struct netmcu_ping_summary {
  const char *ip;
  unsigned transmitted;
  unsigned lost;
  size_t bytes;        /* received */
  unsigned total_time; /* ms from the first request to the last reply or time-out */
} netmcu_ping_summary;

/* `reply`  of `bytes` payload from `ip`, sequence number, round trip in ms with fractions; bytes 0 is a loss
 *          (sequence and time are 0); `ip` NULL: the name was not found, nothing else follows
 * `done`   once, after the last reply or loss */
typedef struct netmcu_ping_events {
  void (*reply)(void *data, size_t bytes, const char *ip, unsigned sequence, double milliseconds);
  void (*done)(void *data, const netmcu_ping_summary *summary);
} netmcu_ping_events;

/* Sends `count` (0: 4) ICMP echo requests of 32 bytes to `host`, one a second, each waiting 1000 ms for its reply.
 * Sequence numbers run through all pings of the context: 1…32767, then 0. A new ping silences the one before it, whose
 * requests count as lost from there on, as on the device. Pings end by themselves.
 * NETMCU_EARGUMENT for a malformed name, NETMCU_ENOTSUP when the library was built without ping, UV_EACCES or UV_EPERM
 * (in NETMCU_ESYSTEM) when the system allows neither unprivileged nor raw ICMP sockets. */
NETMCU_API int netmcu_ping(netmcu_t *ctx, const char *host, unsigned count, const netmcu_ping_events *events, void *data);

/* Ends the pings that were begun with this `data`, without a further event. */
NETMCU_API void netmcu_ping_cancel(netmcu_t *ctx, void *data);

/* ------------------------------------------------------------------------------------------ interfaces */

typedef struct netmcu_interface {
  char name[64];
  char ip[NETMCU_IP_SIZE];      /* texts are empty where nothing is known */
  char netmask[NETMCU_IP_SIZE];
  char gateway[NETMCU_IP_SIZE];
  uint8_t hwaddr[6];
  int has_dhcp;                 /* the system's DHCP client left a lease that can be read: */
  char dhcp_server[NETMCU_IP_SIZE];
  char dhcp_client[NETMCU_IP_SIZE];
  char dhcp_ntp[NETMCU_IP_SIZE];
} netmcu_interface;

/* The index-th interface that is up, has an IPv4 address and is no loopback, the one with the default route first; where
 * there is none, 0 is the loopback. NETMCU_ENOTFOUND when there are not so many. */
NETMCU_API int netmcu_interface_get(netmcu_t *ctx, unsigned index, netmcu_interface *interface_info);

/* ---------------------------------------------------------------------------------------------- reach */

/* Where a script's network really is, for prototypes and tests: the script stays as it is, and is told what it asked for.
 * Rules are text, as command lines have them. A function that refuses one returns NETMCU_EVALUE and leaves the reason, for
 * people, in netmcu_rule_error. NULL instead of a rule forgets those set before. What is open already stays as it is. */
NETMCU_API const char *netmcu_rule_error(const netmcu_t *ctx);

/* What is listened on, TCP and UDP. getaddr gives the port that was asked for.
 *   "80=8080"              who listens on port 80 really listens on 8080
 *   "53/udp=5353"          UDP only; "/tcp": TCP only
 *   "8000-8010=9000"       a range: 8003 is 9003
 *   "80=0"                 a free port: netmcu_mapped_port tells which
 *   "auto"                 a port below 1024 that the system refuses moves up by 8000, and a warning with NETMCU_NOTICE says so
 * Where several fit, the last one counts. */
NETMCU_API int netmcu_map_port(netmcu_t *ctx, const char *rule);

/* The port of the system that a server or UDP socket (udp not 0) really got when it last listened on `port`, which is the
 * answer where nothing is mapped. */
NETMCU_API uint16_t netmcu_mapped_port(netmcu_t *ctx, int udp, uint16_t port);

/* "HOST[:PORT]=IP[:PORT]": where lookups, connects, datagrams and pings to HOST (on PORT, else on any) go. HOST is a name, an
 * address, "*.domain" (names below it), or "*" (all names, and all addresses that no rule leads to, groups and broadcasts
 * excepted). The rule that says most counts: a name before "*.domain" before "*", with a port before without, the last of
 * equals. getpeer gives the port that was asked for.
 * A lookup gives the rule's address. Where a rule changes the port, it gives an address of 198.18.0.0/15 that stands for the
 * name: what connects or sends to it goes where the name does. */
NETMCU_API int netmcu_map_host(netmcu_t *ctx, const char *rule);

/* The address for servers and UDP sockets that listen without naming one, or on 0.0.0.0 ("127.0.0.1": this machine only). Sockets that
 * only send are not concerned; one bound to such an address receives no multicasts. */
NETMCU_API int netmcu_bind_to(netmcu_t *ctx, const char *ip);

/* ---------------------------------------------------------------------------------------------- faults */

/* What is to go wrong: "KIND[,KEY=VALUE]...", up to 64 of them. NULL: nothing any more, and what is stalled goes on.
 *   refuse   connects are refused, as a closed port does; clients of a server are reset before it hears of them
 *   reset    the connection is reset, by itself and for the peer, after= so many bytes (default 0)
 *   delay    connects, received data and datagrams come ms= later
 *   stall    nothing moves any more after= so many bytes; without after= a connect is not even answered
 *   cut      data is received in frames of size= bytes; with seed= of 1 to size, at random
 *   dns      lookups find no such name
 * Datagrams have no connection: refuse, reset and stall lose them, in both directions.
 * Keys, all may be left out where nothing else is said:
 *   peer=         a name or address, as the script has it, '*' for any number of characters; dns: the name
 *   port=         the peer's port; for clients of a server, and for datagrams also, the own one
 *   after=        bytes that have passed; direction=in counts and stops received ones only, out sent ones, both (default) all
 *   probability=  0 to 1, of each connection, lookup or datagram: at random, the same in each run
 *   seed=         another run of random numbers (default 1)
 * A rule is tried when a connection begins: those that are open keep what they have. */
NETMCU_API int netmcu_set_fault(netmcu_t *ctx, const char *rule);

/* ----------------------------------------------------------------------------------------------- trace */

/* Something that happened between a script and the network. Pointers live until the callback returns. */
typedef struct netmcu_trace_event {
  uint64_t time;      /* ns since netmcu_new */
  const char *object; /* "net.socket", "net.server", "net.udpsocket", "lookup", "net.ping" */
  unsigned number;    /* of this object, from 1 in the order of their first events */
  char direction;     /* '<' from the network, '>' to it, 0 neither */
  const char *what;   /* docs/trace.md lists them */
  const netmcu_address *peer; /* of the object, as the script knows it; servers: their own; NULL while it is not known */
  const char *name;   /* the name that was asked for, or NULL */
  const char *detail; /* more about it in words, or NULL */
  int error;          /* 0 or NETMCU_E... */
  const void *data;   /* NULL where there is none */
  size_t size;
} netmcu_trace_event;

/* Must not call netmcu, but netmcu_trace_format. */
typedef void (*netmcu_trace_cb)(netmcu_t *ctx, const netmcu_trace_event *event, void *data);

/* Sets who is told, or nobody (NULL), which costs nothing. NETMCU_ENOMEM. */
NETMCU_API int netmcu_set_trace(netmcu_t *ctx, netmcu_trace_cb cb, void *data);

#define NETMCU_TRACE_JSON   1 /* one object as in docs/trace.md, else text for people */
#define NETMCU_TRACE_DATA   2 /* all data in hexadecimal; text: in lines that follow */
#define NETMCU_TRACE_COLOUR 4 /* text for a terminal */

/* Writes the event as a line without its end. Returns its length as snprintf does: when that is `size` or more it was cut. */
NETMCU_API size_t netmcu_trace_format(const netmcu_trace_event *event, unsigned flags, char *text, size_t size);

/* ------------------------------------------------------------------------------------------ statistics */

typedef struct netmcu_statistics {
  unsigned connections, servers, udp_sockets, timers, lookups, pings; /* that are open, run */
  unsigned closing;      /* connections that were closed and send what is left */
  uint64_t bytes_received, bytes_sent; /* by scripts, on TCP and UDP, since netmcu_new */
  uint64_t events;       /* callbacks due to the network */
  size_t memory;         /* bytes of the heap; 0 with an allocator of the program's, which can count itself */
} netmcu_statistics;

/* Fills in what is open now and was counted since netmcu_new. */
NETMCU_API void netmcu_get_statistics(netmcu_t *ctx, netmcu_statistics *statistics);

#ifdef __cplusplus
}
#endif

#endif
