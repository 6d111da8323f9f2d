/* netmcu: TCP, UDP, DNS, ping and timers for C programs, on libuv. netmcu_device.h adds what hosts of
 * device scripts and tests need, netmcu_tls.h adds TLS.
 *
 *   void on_receive(netmcu_connection *c, const char *data, size_t size)
 *   {
 *     netmcu_connection_send(c, data, size);              // send everything back
 *   }
 *   void on_disconnection(netmcu_connection *c, int error) { netmcu_connection_free(c); }
 *   static const netmcu_connection_events echo = {.receive = on_receive, .disconnection = on_disconnection};
 *   void on_accept(netmcu_server *server, netmcu_connection *client) { netmcu_connection_on(client, &echo); }
 *   int main(void)
 *   {
 *     netmcu_t *ctx = netmcu_new(NULL, NULL);
 *     netmcu_server *server = netmcu_server_new(ctx);
 *     int error = netmcu_server_listen(server, 7000, NULL, 0, on_accept);
 *     if (error)
 *       return fprintf(stderr, "port 7000: %s\n", netmcu_strerror(error)), 1;
 *     netmcu_run(ctx);                                    // runs until the server is closed
 *     return netmcu_close(ctx, NULL, NULL);
 *   }
 *
 * Compile it with  cc echo.c $(pkg-config --cflags --libs netmcu).
 *
 * Rules that apply everywhere
 * ---------------------------
 *  - A context binds its objects to one libuv loop: its own, or one that the program runs. A process
 *    may have any number of contexts. Each belongs to the thread of its loop, which alone may call
 *    these functions. To reach it from another thread, use a uv_async_t on that loop.
 *  - A function that can fail returns 0 or a negative NETMCU_E… code; one that creates an object
 *    returns NULL if memory runs out. A function that fails never calls back.
 *  - Events come from the loop. None fires before the function that caused it has returned.
 *  - Events are a table of functions; a NULL slot ignores its event. The object keeps the pointer to
 *    the table. Any callback may set another table, which applies from the next event on.
 *  - You may close, free or reuse any object inside any callback, including its own. X_close ends
 *    what the object does on the network, and no further event fires; the object can then be used
 *    again. X_free closes and releases it. Output that was sent before is still delivered.
 *  - On Windows, all of this works in the same way, except that a Unix-domain socket is a named pipe,
 *    whose peer sees the end, not a reset, after an abort; only sockets can be adopted; and the system
 *    accepts one client for a held server.
 *  - Times are in milliseconds. Strings are NUL-terminated UTF-8.
 *  - A struct that begins with its size may grow at its end in any version. A table of events has no
 *    size: programs define many of them, and a forgotten size would be found only at run time. A new
 *    event therefore comes with a new SONAME, and programs are compiled again.
 *  - netmcu_new makes the process ignore SIGPIPE if its action is still the default. */
#ifndef NETMCU_H
#define NETMCU_H

#include <stddef.h>
#include <stdint.h>

#define NETMCU_VERSION_MAJOR 0
#define NETMCU_VERSION_MINOR 2
#define NETMCU_VERSION_PATCH 0

#include "netmcu_errors.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Returns the version of the library at run time, such as "0.2.0". */
NETMCU_API const char *netmcu_version(void);

/* -------------------------------------------------------------------------------------- context */
typedef struct uv_loop_s uv_loop_t; /* libuv's type; include <uv.h> to use it */
typedef struct netmcu netmcu_t;
typedef struct netmcu_connection netmcu_connection;
typedef struct netmcu_server netmcu_server;
typedef struct netmcu_udp netmcu_udp;
typedef struct netmcu_timer netmcu_timer;
typedef struct netmcu_lookup netmcu_lookup;
typedef struct netmcu_ping_t netmcu_ping_t;

/* Allocates all memory except what libuv uses internally. Set all three functions or none. `resize`
 * has the contract of realloc. The functions must not call netmcu. */
typedef struct netmcu_allocator {
  void *(*allocate)(size_t size, void *data);
  void *(*resize)(void *block, size_t size, void *data);
  void (*release)(void *block, void *data);
  void *data;
} netmcu_allocator;

/* The addresses that a lookup gives for a name. NETMCU_ANY_FAMILY: those of IPv6 and of IPv4, in the
 * order of RFC 6724. NETMCU_IPV4_ONLY: those of IPv4, as on the device; a literal IPv6 address then
 * counts as a name. NETMCU_IPV4_FIRST: those of IPv4, or those of IPv6 if the name has no others. */
typedef enum netmcu_families { NETMCU_ANY_FAMILY, NETMCU_IPV4_ONLY, NETMCU_IPV4_FIRST } netmcu_families;

typedef struct netmcu_options {
  size_t size;                /* initialise all with NETMCU_OPTIONS_INIT, which sets it */
  size_t frame_size;          /* the most bytes of one `receive`; 0, the default: data as read, up to 64 KiB */
  unsigned connect_timeout;   /* from SYN to NETMCU_EABORTED, for each address; default: 6000 */
  unsigned linger_timeout;    /* how long a closed connection waits for the FIN; default: 2000 */
  int families;               /* a netmcu_families; default: NETMCU_ANY_FAMILY */
  netmcu_allocator allocator; /* all NULL: malloc, realloc, free */
} netmcu_options;

#define NETMCU_OPTIONS_INIT {sizeof(netmcu_options), 0, 6000, 2000, 0, {NULL, NULL, NULL, NULL}}

/* Creates a context on `loop`, or on a loop of its own for NULL. `options` may be NULL. Returns NULL
 * if memory or descriptors run out, or if the options are invalid: their size is less than that of
 * version 0.2.0, a field that the library does not know is not 0, or the allocator is incomplete. */
NETMCU_API netmcu_t *netmcu_new(uv_loop_t *loop, const netmcu_options *options);

/* netmcu_get_options writes the options in force, as many bytes as options->size allows, and zeros to
 * fields that the library does not know. netmcu_set_options changes them for what starts afterwards,
 * except the allocator. Both return NETMCU_EVALUE for a size or options that are invalid. */
NETMCU_API int netmcu_get_options(const netmcu_t *ctx, netmcu_options *options);
NETMCU_API int netmcu_set_options(netmcu_t *ctx, const netmcu_options *options);

/* These return the loop of the context, and the ns since netmcu_new, on the clock of its timers. */
NETMCU_API uv_loop_t *netmcu_get_loop(const netmcu_t *ctx);
NETMCU_API uint64_t netmcu_get_time(const netmcu_t *ctx);

/* netmcu_run runs the loop until no more events can come, or netmcu_stop is called, and returns 0.
 * netmcu_run_once waits for events, handles those that are pending, and returns 1 if more may come,
 * else 0. Both return NETMCU_EINPROGRESS if the loop is running already. netmcu_stop ends them after the
 * current iteration, or the next call before it handles any event. A program with a loop of its own
 * may call uv_run and uv_stop instead. */
NETMCU_API int netmcu_run(netmcu_t *ctx);
NETMCU_API int netmcu_run_once(netmcu_t *ctx);
NETMCU_API void netmcu_stop(netmcu_t *ctx);

/* Ends the context and frees all its objects. No event fires from now on. Output that was sent before
 * is still delivered as long as the peers take it; a peer that takes nothing, or does not close its
 * side, is given up after linger_timeout.
 * On a loop of its own, the context runs the loop until everything is closed, calls `cb` (or NULL),
 * and returns 0. Inside a callback it returns NETMCU_EINPROGRESS instead. Handles of the program on
 * this loop must be closed or closing. On the caller's loop, the call returns 0 at once, and the
 * program keeps running its loop. `cb` is called when no handle of the context is left on it. */
typedef void (*netmcu_close_cb)(void *data);
NETMCU_API int netmcu_close(netmcu_t *ctx, netmcu_close_cb cb, void *data);

/* Calls cb(data) once, in the next iteration of the loop, before it waits for the network. Posts that
 * are pending when the context closes are dropped. Returns NETMCU_ENOMEM or NETMCU_EARGUMENT. */
typedef void (*netmcu_post_cb)(void *data);
NETMCU_API int netmcu_post(netmcu_t *ctx, netmcu_post_cb cb, void *data);

/* ------------------------------------------------------------------------------------ addresses */
typedef enum netmcu_family { NETMCU_IPV4, NETMCU_IPV6, NETMCU_UNIX } netmcu_family;

/* A zeroed address is 0.0.0.0, port 0. "::ffff:192.0.2.1" becomes an IPv4 address. The address of a
 * Unix-domain socket has nothing but its family; its text is "unix:". */
typedef struct netmcu_address {
  uint8_t ip[16]; /* in the order of the text: 127, 0, 0, 1; IPv4 has 4 bytes, then zeros */
  uint16_t port;
  uint16_t family; /* a netmcu_family */
  uint32_t scope;  /* of an IPv6 address on one link (fe80::…): the number of the interface; else 0 */
} netmcu_address;

#define NETMCU_IP_SIZE      64 /* enough for the text of an IP, and the NUL byte */
#define NETMCU_ADDRESS_SIZE 72 /* enough for "[IP]:PORT" */

/* Reads an IPv4 address in any form of inet_aton(3), as lwIP does, or an IPv6 address, which may end in
 * an interface ("fe80::1%eth0"). Leaves the port alone. Returns NETMCU_EVALUE for other texts. */
NETMCU_API int netmcu_ip_parse(const char *text, netmcu_address *address);

/* Like netmcu_ip_parse, but a port may follow, as in "192.0.2.1:80" and "[2001:db8::1]:80". */
NETMCU_API int netmcu_address_parse(const char *text, netmcu_address *address);

/* These write the address without its port, or with it, to `text`, and return `text`. */
NETMCU_API char *netmcu_ip_format(const netmcu_address *address, char text[NETMCU_IP_SIZE]);
NETMCU_API char *netmcu_address_format(const netmcu_address *address, char text[NETMCU_ADDRESS_SIZE]);

/* ---------------------------------------------------------------------------------- connections */
/* A TCP connection. A program creates it with netmcu_connection_new, or a server hands it out.
 *
 *   IDLE ──connect──▶ RESOLVING ──▶ CONNECTING ──▶ OPEN ──close, FIN, error──▶ IDLE
 *
 * `dns`            The first address of the host of a connect. NULL: the name was not found, and the
 *                  connection ends. Fires for each connect, even to a literal address.
 * `connection`     The connection is open. The accept callback of a server comes before it.
 * `receive`        Data has arrived. The library owns `data`, which is valid until the callback
 *                  returns. Without this event, data is dropped.
 * `sent`           The system has taken the last byte of a send. Fires once for each send, in
 *                  order, never inside send, and before `disconnection`.
 * `reconnection`   The connection, or the attempt to connect, has failed; the program may connect
 *                  again. If this slot is NULL, `disconnection` fires instead.
 * `disconnection`  The connection has ended. `error` is 0 if the peer closed it and all its data was
 *                  delivered. Otherwise it is NETMCU_EABORTED (a time-out, or the name was not
 *                  found), NETMCU_ERESET (the peer refused or reset it) or an error of the system.
 * `drained`        The system has taken everything that was sent: nothing is pending. Fires after
 *                  one or more sends, behind their `sent`, and never inside send.
 * When it has ended, the connection is idle: connect it again or free it. */
typedef struct netmcu_connection_events {
  void (*dns)(netmcu_connection *c, const netmcu_address *address);
  void (*connection)(netmcu_connection *c);
  void (*receive)(netmcu_connection *c, const char *data, size_t size);
  void (*sent)(netmcu_connection *c);
  void (*reconnection)(netmcu_connection *c, int error);
  void (*disconnection)(netmcu_connection *c, int error);
  void (*drained)(netmcu_connection *c);
} netmcu_connection_events;

typedef enum { NETMCU_IDLE, NETMCU_RESOLVING, NETMCU_CONNECTING, NETMCU_OPEN } netmcu_connection_state;

/* Creates an idle connection. The caller owns it, and frees it. */
NETMCU_API netmcu_connection *netmcu_connection_new(netmcu_t *ctx);

/* These free the connection, unless it is NULL, and return its context, a pointer for the program's own
 * use (initially NULL), and its state. */
NETMCU_API void netmcu_connection_free(netmcu_connection *c);
NETMCU_API netmcu_t *netmcu_connection_get_context(const netmcu_connection *c);
NETMCU_API void netmcu_connection_set_data(netmcu_connection *c, void *data);
NETMCU_API void *netmcu_connection_get_data(const netmcu_connection *c);
NETMCU_API netmcu_connection_state netmcu_connection_get_state(const netmcu_connection *c);

/* Sets the events, a table that must stay valid while it is set; NULL removes them. */
NETMCU_API void netmcu_connection_on(netmcu_connection *c, const netmcu_connection_events *events);

/* Connects to `host`, a name or an address, which is copied. If the first address of a name fails,
 * the next one is tried. The outcome is an event. Returns NETMCU_EISCONN if the connection is not
 * idle, NETMCU_EARGUMENT if `port` is 0 or `host` is malformed, or NETMCU_ENOMEM.
 * Here and in listen, "unix:PATH" is a Unix-domain socket, and on Windows a named pipe, such as
 * "unix:\\\\.\\pipe\\x". The port is ignored, and no `dns` fires. A listener creates the file with
 * the permissions of the umask and removes it in the end. It replaces a socket on which nobody listens.
 * On Linux, "unix:@NAME" has no file. All of this needs NETMCU_ANY_FAMILY; with the other families,
 * "unix:PATH" is an unknown name. */
NETMCU_API int netmcu_connection_connect(netmcu_connection *c, uint16_t port, const char *host);

/* Connects from this local address; an IP or port of 0 leaves the choice to the system. If it cannot
 * be used, the error comes in the event. Returns NETMCU_EARGUMENT for "unix:PATH". */
NETMCU_API int netmcu_connection_connect_from(netmcu_connection *c, const netmcu_address *local, uint16_t port,
                                              const char *host);

/* Takes over a connected stream socket: a file descriptor or, on Windows, a SOCKET. The library closes
 * it. The `connection` event follows. If this fails, the socket still belongs to the caller. Returns
 * NETMCU_EISCONN if the connection is not idle, NETMCU_ENOTCONN if the socket is not connected,
 * NETMCU_EVALUE if it is not a stream socket, NETMCU_ENOMEM, or an error of the system. */
NETMCU_API int netmcu_connection_adopt(netmcu_connection *c, intptr_t socket);

/* Sends data of any size. What the system does not take at once is copied. Data that is sent before
 * the connection is open waits until then. Returns NETMCU_ENOTCONN if the connection is idle,
 * NETMCU_EVALUE if `size` is 0, or NETMCU_ENOMEM. */
NETMCU_API int netmcu_connection_send(netmcu_connection *c, const void *data, size_t size);

typedef struct netmcu_piece { const void *data; size_t size; } netmcu_piece;

/* Sends pieces of data in order, like one send of all of them. */
NETMCU_API int netmcu_connection_send_pieces(netmcu_connection *c, const netmcu_piece *pieces, unsigned count);

/* Returns the number of bytes that send has accepted and the system has not taken yet. Most of what
 * is sent in one loop iteration is written at its end. Back-pressure: send accepts everything, so stop
 * producing while too much is pending, and continue in `drained`. An echo server, for example, holds
 * the connection, so that its peer has to wait as well, and unholds it in `drained`. */
NETMCU_API size_t netmcu_connection_get_pending(const netmcu_connection *c);

/* netmcu_connection_hold stops `receive`, so the peer can send until the TCP window is full. Data and a
 * FIN that have arrived wait. netmcu_connection_unhold resumes receiving, after it has returned. If a
 * send fails during a hold, the connection ends at once. Both return NETMCU_ENOTCONN if it is idle. */
NETMCU_API int netmcu_connection_hold(netmcu_connection *c);
NETMCU_API int netmcu_connection_unhold(netmcu_connection *c);

/* These write the peer's address, the local one, or the time-to-live, and set the latter to 1…255.
 * While the name is being resolved, the peer's IP is 0.0.0.0. They return NETMCU_ENOTCONN if the
 * connection is idle, and NETMCU_EVALUE for other values. */
NETMCU_API int netmcu_connection_get_peer(const netmcu_connection *c, netmcu_address *address);
NETMCU_API int netmcu_connection_get_address(const netmcu_connection *c, netmcu_address *address);
NETMCU_API int netmcu_connection_get_ttl(const netmcu_connection *c, int *ttl);
NETMCU_API int netmcu_connection_set_ttl(netmcu_connection *c, int ttl);

/* These apply to the current connection, until it ends. Call them after connect, or in the accept
 * callback. They return NETMCU_ENOTCONN if the connection is idle.
 * Idle timeout: if the system takes or delivers no byte for `timeout` ms, even during a hold, the
 * connection ends with NETMCU_EABORTED. 0, the default, means no timeout.
 * Keepalive: after `timeout` ms of silence, in whole seconds up to 32767, the system asks the peer
 * for a sign of life. If none comes, the connection ends with NETMCU_EABORTED. 0, the default: off.
 * Nodelay: 1, the default, sends small writes at once. 0 lets the system gather them (Nagle). */
NETMCU_API int netmcu_connection_set_idle_timeout(netmcu_connection *c, unsigned timeout);
NETMCU_API int netmcu_connection_set_keepalive(netmcu_connection *c, unsigned timeout);
NETMCU_API int netmcu_connection_set_nodelay(netmcu_connection *c, int nodelay);

/* These close the connection, which is idle afterwards. They return NETMCU_ENOTCONN if it was idle.
 * After a close, everything that was sent is delivered in the background. Then the FIN is sent, and
 * until the peer's FIN, or for linger_timeout, input is read and dropped: otherwise a reset could
 * overtake the output (RFC 1122, 4.2.2.13). netmcu_run waits for this. If the peer takes nothing for
 * a minute, it sees a reset. After an abort, it sees one at once, and output may be lost. */
NETMCU_API int netmcu_connection_close(netmcu_connection *c);
NETMCU_API int netmcu_connection_abort(netmcu_connection *c);

/* -------------------------------------------------------------------------------------- servers */
/* Called when a client has connected. `client` is open, and the program owns it: set its events, and
 * free it here or at any later time. If memory or descriptors run out, the client is closed without
 * a callback. */
typedef void (*netmcu_accept_cb)(netmcu_server *server, netmcu_connection *client);

/* These work as for connections. Accepted clients outlive the server. */
NETMCU_API netmcu_server *netmcu_server_new(netmcu_t *ctx);
NETMCU_API void netmcu_server_free(netmcu_server *server);
NETMCU_API netmcu_t *netmcu_server_get_context(const netmcu_server *server);
NETMCU_API void netmcu_server_set_data(netmcu_server *server, void *data);
NETMCU_API void *netmcu_server_get_data(const netmcu_server *server);

/* Sets the idle timeout of clients that are accepted from now on. */
NETMCU_API void netmcu_server_set_idle_timeout(netmcu_server *server, unsigned timeout);

/* Listens on `port` (0: a free port) of the address `ip`: NULL means all addresses of IPv6 and IPv4,
 * "::" those of IPv6, "0.0.0.0" those of IPv4. Without IPv6 in the system, NULL is "0.0.0.0". `backlog`
 * clients may wait to be accepted; 0 means 128. Returns NETMCU_EINPROGRESS if the server listens
 * already, NETMCU_EARGUMENT if `accept` is NULL, NETMCU_EVALUE if `ip` is not an address of this
 * machine, NETMCU_EADDRINUSE, or NETMCU_ESYSTEM + UV_EACCES if the port needs a privilege. */
NETMCU_API int netmcu_server_listen(netmcu_server *server, uint16_t port, const char *ip, int backlog,
                                    netmcu_accept_cb accept);

/* Listens on a socket that is bound, and may be listening already, such as one that systemd passes.
 * It is taken over as by netmcu_connection_adopt; otherwise this is like listen. */
NETMCU_API int netmcu_server_adopt(netmcu_server *server, intptr_t socket, int backlog, netmcu_accept_cb accept);

/* Writes the address that the server listens on. */
NETMCU_API int netmcu_server_get_address(const netmcu_server *server, netmcu_address *address);

/* netmcu_server_hold stops accepting, for example because the program has too many clients. New
 * clients connect and wait, up to the backlog. netmcu_server_unhold accepts them, after it has
 * returned. netmcu_server_close stops listening; the port is free again at once. All return
 * NETMCU_ENOTCONN if the server does not listen, like netmcu_server_get_address. */
NETMCU_API int netmcu_server_hold(netmcu_server *server);
NETMCU_API int netmcu_server_unhold(netmcu_server *server);
NETMCU_API int netmcu_server_close(netmcu_server *server);

/* ------------------------------------------------------------------------------------------ DNS */
/* Called with the answer of a lookup: `count` addresses with port 0, in the order in which to try
 * them. If `count` is 0, `error` is NETMCU_ENOTFOUND (no such name, no address of these families, or
 * no server is willing to answer), NETMCU_ETIMEOUT (no server answered in 12 s), or another error. */
typedef void (*netmcu_lookup_cb)(void *data, int error, const netmcu_address *addresses, size_t count);

/* Looks up the addresses of `host`, of the families in the options. Literal addresses and names of
 * the system's hosts file need no query. A DNS server has 2 s to answer, then the second one, then
 * each of them has 4 s more, unless it refuses or cannot be reached. Up to 64 answers are kept for
 * their time to live. If `lookup` is not NULL, *lookup becomes a handle that is valid until the
 * callback. Returns NETMCU_EARGUMENT if `host` is malformed or `cb` is NULL, or NETMCU_ENOMEM. */
NETMCU_API int netmcu_resolve(netmcu_t *ctx, const char *host, netmcu_lookup_cb cb, void *data, netmcu_lookup **lookup);

/* Cancels a lookup: its callback will not fire. */
NETMCU_API void netmcu_lookup_cancel(netmcu_lookup *lookup);

#define NETMCU_DNS_SERVERS 2

/* netmcu_dns_set_server sets server `index` (0 or 1) to an address, with or without a port, for future
 * lookups; NULL restores the system's. netmcu_dns_get_server writes the one in force: that which was
 * set, one of the system's first two, or else 208.67.222.222. They return NETMCU_EARGUMENT for another
 * index, NETMCU_EVALUE if `server` is not an address, and NETMCU_ENOTFOUND if no server is in force. */
NETMCU_API int netmcu_dns_set_server(netmcu_t *ctx, int index, const char *server);
NETMCU_API int netmcu_dns_get_server(netmcu_t *ctx, int index, netmcu_address *address);

/* --------------------------------------------------------------------------------------- timers */
typedef void (*netmcu_timer_cb)(netmcu_timer *timer, void *data);

/* netmcu_timer_new creates a timer, which is stopped at first and calls cb(timer, data) when it is
 * due. The other functions work as for connections. */
NETMCU_API netmcu_timer *netmcu_timer_new(netmcu_t *ctx, netmcu_timer_cb cb, void *data);
NETMCU_API void netmcu_timer_free(netmcu_timer *timer);
NETMCU_API netmcu_t *netmcu_timer_get_context(const netmcu_timer *timer);
NETMCU_API void netmcu_timer_set_data(netmcu_timer *timer, void *data);
NETMCU_API void *netmcu_timer_get_data(const netmcu_timer *timer);

/* Starts or restarts the timer. The callback fires `timeout` ms after this call (0 means 1), then every
 * `repeat` ms (0: only once). A repeating timer keeps its phase, however long callbacks take: it is
 * due at multiples of `repeat`. If several are missed, one fires late and the others are skipped. */
NETMCU_API void netmcu_timer_start(netmcu_timer *timer, uint64_t timeout, uint64_t repeat);

/* These stop the timer, which may be stopped already, and return 1 if it is running, else 0. */
NETMCU_API void netmcu_timer_stop(netmcu_timer *timer);
NETMCU_API int netmcu_timer_is_running(const netmcu_timer *timer);

/* Sets whether netmcu_run waits for this timer while it is running: 1, the default, or 0. */
NETMCU_API void netmcu_timer_set_keep_alive(netmcu_timer *timer, int keep_alive);

/* ------------------------------------------------------------------------------------------ UDP */
/* `receive`  A datagram has arrived. The library owns `data`, which is valid until the callback
 *            returns. An empty datagram has size 0. Without this event, datagrams are dropped.
 * `sent`     The system has taken a datagram. Fires once for each send, in order, not inside it. */
typedef struct netmcu_udp_events {
  void (*receive)(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from);
  void (*sent)(netmcu_udp *u);
} netmcu_udp_events;

#define NETMCU_DATAGRAM_SIZE 65507 /* bytes in the largest UDP datagram over IPv4 */

/* Creates an unbound socket, which the caller owns. */
NETMCU_API netmcu_udp *netmcu_udp_new(netmcu_t *ctx);

/* These work as for connections. */
NETMCU_API void netmcu_udp_free(netmcu_udp *u);
NETMCU_API netmcu_t *netmcu_udp_get_context(const netmcu_udp *u);
NETMCU_API void netmcu_udp_set_data(netmcu_udp *u, void *data);
NETMCU_API void *netmcu_udp_get_data(const netmcu_udp *u);
NETMCU_API void netmcu_udp_on(netmcu_udp *u, const netmcu_udp_events *events);

/* Binds the socket to `port` (0: a free port) of the address `ip`, as netmcu_server_listen does. If
 * `ip` is a multicast group, the socket receives that group and shares the port with its other
 * members on this machine. Returns NETMCU_EINPROGRESS if the socket is bound already. */
NETMCU_API int netmcu_udp_listen(netmcu_udp *u, uint16_t port, const char *ip);

/* Sends one datagram of 0…NETMCU_DATAGRAM_SIZE bytes; it is copied if the system does not take it at
 * once. An unbound socket is first bound to a free port of the family of `to`. Broadcasts need no
 * flag. Datagrams can be lost, even on this machine. Returns NETMCU_EVALUE for port 0, NETMCU_EBUFFER
 * for too many bytes, NETMCU_ENOMEM if memory runs out or 4 MiB are queued already, or an error
 * such as NETMCU_EROUTE. */
NETMCU_API int netmcu_udp_send(netmcu_udp *u, const netmcu_address *to, const void *data, size_t size);

/* These write the local address or the time-to-live, set the latter for all kinds of datagrams, and
 * close the socket; what is queued is still sent. They return NETMCU_ENOTCONN if it is not bound. */
NETMCU_API int netmcu_udp_get_address(const netmcu_udp *u, netmcu_address *address);
NETMCU_API int netmcu_udp_get_ttl(const netmcu_udp *u, int *ttl);
NETMCU_API int netmcu_udp_set_ttl(netmcu_udp *u, int ttl);
NETMCU_API int netmcu_udp_close(netmcu_udp *u);

/* Joins or leaves a multicast group, for all UDP sockets of the context, bound now or later.
 * `interface_ip` is an address of an interface; NULL means every interface that can multicast. Joining
 * twice has no further effect. Leaving with NULL ends the membership that was joined with NULL. If
 * the group was joined on single interfaces only, all of these memberships end. Returns
 * NETMCU_EVALUE if `group` is not a multicast address or was never joined, or NETMCU_ENETIF if there
 * is no such interface. */
NETMCU_API int netmcu_multicast_join(netmcu_t *ctx, const char *interface_ip, const char *group);
NETMCU_API int netmcu_multicast_leave(netmcu_t *ctx, const char *interface_ip, const char *group);

/* ----------------------------------------------------------------------------------------- ping */
typedef struct netmcu_ping_summary {
  netmcu_address address;
  unsigned transmitted, lost;
  size_t bytes;        /* received in replies */
  unsigned total_time; /* from the first request to the last reply or time-out */
} netmcu_ping_summary;

/* `reply`  A reply has arrived: the size of its payload, its sequence number, and the round trip in
 *          ms with fractions. If the request was lost, these are 0. `from` is NULL if the name was
 *          not found; no event follows.
 * `done`   All requests have been answered or lost. */
typedef struct netmcu_ping_events {
  void (*reply)(void *data, size_t bytes, const netmcu_address *from, unsigned sequence, double milliseconds);
  void (*done)(void *data, const netmcu_ping_summary *summary);
} netmcu_ping_events;

/* Sends `count` (0: 4) ICMP echo requests with 32 bytes of payload to `host`, a name or an address, one
 * each second. As on the device, a request waits 1000 ms for its reply, all pings of a context share
 * the sequence numbers 1…32767, and a new ping silences the previous one. If `ping` is not NULL, *ping
 * becomes a handle that is valid until the last event. Returns NETMCU_EARGUMENT if `host` is malformed,
 * NETMCU_ENOTSUP if this build or system cannot, or NETMCU_ESYSTEM + UV_EACCES or UV_EPERM if the system
 * allows neither unprivileged nor raw ICMP sockets. */
NETMCU_API int netmcu_ping(netmcu_t *ctx, const char *host, unsigned count, const netmcu_ping_events *events, void *data,
                           netmcu_ping_t **ping);

/* Ends a ping: no further event fires. */
NETMCU_API void netmcu_ping_cancel(netmcu_ping_t *ping);

#ifdef __cplusplus
}
#endif

#endif
