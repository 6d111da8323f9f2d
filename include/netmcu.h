/* netmcu: the network objects of a NodeMCU device, for C programs, on libuv.
 *
 * Concepts
 * --------
 * A context (netmcu_t) binds its objects to one libuv loop: a loop of its own, or one that the
 * program already runs. Connections, servers, UDP sockets, timers, lookups and pings belong to a
 * context. The library has no global state, so a process may have any number of contexts. Each
 * context belongs to the thread that runs its loop.
 *
 *   void on_receive(netmcu_connection *c, const char *data, size_t size)
 *   {
 *     netmcu_connection_send(c, data, size);              // send everything back
 *   }
 *   void on_disconnection(netmcu_connection *c, int error)
 *   {
 *     netmcu_connection_free(c);
 *   }
 *   static const netmcu_connection_events echo = {
 *     .receive = on_receive,
 *     .disconnection = on_disconnection,
 *   };
 *   void on_accept(netmcu_server *server, netmcu_connection *client)
 *   {
 *     netmcu_connection_on(client, &echo);
 *   }
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
 *  - A function that can fail returns 0 or a negative NETMCU_E… code; one that creates an object
 *    returns NULL. A function that fails never calls back.
 *  - Events come from the loop. None fires before the function that caused it has returned.
 *  - Events are a table of functions with one slot for each event. A NULL slot ignores its event.
 *    The object keeps the pointer, so the table must stay valid while it is set; it is usually
 *    `static const`. You may set another table inside any callback; it applies from the next
 *    event on.
 *  - You may close, free or reuse any object inside any callback, including its own callbacks.
 *    After X_close, no further event of the closed object fires. After X_free, the pointer is
 *    invalid.
 *  - X_close ends what the object does on the network. The object can then connect or listen again.
 *    X_free closes the object and releases it; it accepts NULL. netmcu_close frees all objects that
 *    are left.
 *  - Output that was sent before a close or free is still delivered. You may close or free right
 *    after you send, even in an accept callback.
 *  - Addresses are IPv4, as on the device. Times are in milliseconds. Strings are NUL-terminated
 *    UTF-8.
 *  - On Windows, all of this works in the same way, with these exceptions: a Unix-domain socket is a
 *    named pipe, whose peer sees the end, not a reset, after an abort; only sockets can be adopted;
 *    and the system accepts up to 32 clients for a held server.
 *  - Call these functions only from the thread of the loop. To reach it from another thread, call
 *    uv_async_send for a handle that the program has opened on netmcu_get_loop(ctx).
 *
 * netmcu_new makes the process ignore SIGPIPE if its action is still the default. Otherwise a peer
 * that vanishes could end the program.
 */
#ifndef NETMCU_H
#define NETMCU_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NETMCU_VERSION_MAJOR 0
#define NETMCU_VERSION_MINOR 2
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

/* Returns the version of the library at run time, such as "0.2.0". It may be newer than the header
 * that the program was compiled with. */
NETMCU_API const char *netmcu_version(void);

/* --------------------------------------------------------------------------------------- errors */

/* X(name, value, text). Values and texts from -1 to -15 are those of the device (lwIP's err_t). */
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
  X(ENOTSUP, -34, "not supported by this build or system")                                                             \
  X(ETLS, -35, "TLS failed")

enum netmcu_error {
#define NETMCU_ERROR_VALUE(name, value, text) NETMCU_##name = value,
  NETMCU_ERRORS(NETMCU_ERROR_VALUE)
#undef NETMCU_ERROR_VALUE
  /* An error of the system that the device does not know is NETMCU_ESYSTEM plus the (negative)
   * libuv code. netmcu_strerror returns the system's own text, netmcu_uv_error the libuv code. */
  NETMCU_ESYSTEM = -100000
};

/* Returns the text of an error, never NULL. The text is static, except that of a NETMCU_ESYSTEM
 * code: this one is valid until the next call in the same thread. */
NETMCU_API const char *netmcu_strerror(int error);

/* Returns the name of an error, such as "ENOMEM". For an error of the system it is libuv's name,
 * such as "EACCES". Returns "EUNKNOWN" for any other number. */
NETMCU_API const char *netmcu_error_name(int error);

/* Returns the libuv code (such as UV_EACCES) of an error of the system, or 0 for other errors. */
NETMCU_API int netmcu_uv_error(int error);

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

typedef enum netmcu_families {
  NETMCU_ANY_FAMILY, /* IPv6 and IPv4, in the order of RFC 6724 */
  NETMCU_IPV4_ONLY,  /* as on the device */
  NETMCU_IPV4_FIRST  /* IPv6 only for names without an IPv4 address */
} netmcu_families;

/* Initialise it with NETMCU_OPTIONS_INIT. The program then also works with later versions of the
 * library, whose struct may have more fields at its end. */
typedef struct netmcu_options {
  size_t size;                /* sizeof(netmcu_options) when the program was compiled */
  size_t frame_size;          /* the most bytes of one `receive`; 0, the default: data as it was read */
  unsigned connect_timeout;   /* ms from SYN to NETMCU_EABORTED; default: 6000 */
  unsigned linger_timeout;    /* ms that a closed connection waits for the FIN; default: 2000 */
  int families;               /* a netmcu_families: what names and addresses stand for */
  netmcu_allocator allocator; /* all NULL: malloc, realloc, free */
} netmcu_options;

#define NETMCU_OPTIONS_INIT {sizeof(netmcu_options), 0, 6000, 2000, 0, {NULL, NULL, NULL, NULL}}

/* Creates a context on `loop`. If `loop` is NULL, the context creates its own. `options` is copied;
 * NULL means the defaults. Returns NULL if memory runs out, if the loop cannot be created (too many
 * open files), or if `options` is invalid. Options are invalid if their size is less than that of
 * version 0.2.0, if a field that the library does not know is not 0, or if only a part of the
 * allocator is set. */
NETMCU_API netmcu_t *netmcu_new(uv_loop_t *loop, const netmcu_options *options);

/* Writes the options in force to as many bytes as options->size allows, and zeros to fields that the
 * library does not know. Returns NETMCU_EVALUE if the size is less than that of version 0.2.0. */
NETMCU_API int netmcu_get_options(const netmcu_t *ctx, netmcu_options *options);

/* Changes the options in force. A change applies to what starts afterwards: timeouts that are
 * already running stay as they are. The allocator cannot be changed. Returns NETMCU_EVALUE for
 * invalid options, as netmcu_new does. */
NETMCU_API int netmcu_set_options(netmcu_t *ctx, const netmcu_options *options);

/* Returns the loop of the context: the one given to netmcu_new, or the context's own. */
NETMCU_API uv_loop_t *netmcu_get_loop(const netmcu_t *ctx);

/* Returns the ns since netmcu_new, at the time of the call, on the clock of the context's
 * timers. */
NETMCU_API uint64_t netmcu_get_time(const netmcu_t *ctx);

/* Runs the loop until no more events can come or netmcu_stop is called. Returns 0 in both cases. To
 * tell them apart, set a flag where you call netmcu_stop. After a stop you may run the loop again;
 * it continues where it stopped. Returns NETMCU_EINPROGRESS if the loop is running already. A
 * program with a loop of its own may call uv_run instead. */
NETMCU_API int netmcu_run(netmcu_t *ctx);

/* Waits for events, handles those that are pending, and returns. The result is 1 if more events may
 * come, 0 if none can, or the error of netmcu_run. The wait has no limit; start a timer to set
 * one. */
NETMCU_API int netmcu_run_once(netmcu_t *ctx);

/* Stops netmcu_run after the current loop iteration. Events that are already pending are still
 * delivered. If the loop is not running, the next netmcu_run or netmcu_run_once returns before it
 * handles any event. */
NETMCU_API void netmcu_stop(netmcu_t *ctx);

typedef void (*netmcu_close_cb)(void *data);

/* Ends the context: closes and frees all its objects. No event fires from now on. Lookups, pings
 * and posts that are still pending are dropped.
 *
 * Output that was sent before is still delivered as long as the peers take it. A peer that takes
 * nothing is given up after linger_timeout. An open connection also waits that long for the peer to
 * close its side. To wait less, first set a small linger_timeout, such as 1, with
 * netmcu_set_options.
 *
 * On a loop of its own, the context runs the loop until everything is closed. It then calls `cb`,
 * which may be NULL, and returns 0. Inside a callback it returns NETMCU_EINPROGRESS instead.
 * Handles that the program has opened on this loop must be closed or closing: the call waits for
 * all active handles.
 *
 * On the caller's loop, the call returns 0 at once, even inside a callback. The program must keep
 * running its loop. `cb` is called from the loop when everything is closed: no handle of the
 * context is left on the loop, and the context has been freed. Do not use the context after this
 * call. */
NETMCU_API int netmcu_close(netmcu_t *ctx, netmcu_close_cb cb, void *data);

/* Calls cb(data) once, from the loop, before the loop next waits for the network. A post made
 * inside `cb` runs in the following iteration, so posts never starve the network. Posts that are
 * pending when the context closes are dropped. Returns NETMCU_ENOMEM, or NETMCU_EARGUMENT if `cb`
 * is NULL. */
typedef void (*netmcu_post_cb)(void *data);
NETMCU_API int netmcu_post(netmcu_t *ctx, netmcu_post_cb cb, void *data);

/* ------------------------------------------------------------------------------------ addresses */

typedef enum netmcu_family { NETMCU_IPV4, NETMCU_IPV6, NETMCU_UNIX } netmcu_family;

/* An IP address and a port. A zeroed struct is 0.0.0.0, port 0. An IPv6 address that stands
 * for an IPv4 address ("::ffff:192.0.2.1") becomes that one. The address of a Unix-domain socket has
 * only its family; its text is "unix:". */
typedef struct netmcu_address {
  uint8_t ip[16]; /* in the order of the text: 127, 0, 0, 1; an IPv4 address has 4 bytes, then zeros */
  uint16_t port;
  uint16_t family; /* a netmcu_family */
  uint32_t scope;  /* of an IPv6 address on one link (fe80::…): the number of the interface; else 0 */
} netmcu_address;

#define NETMCU_IP_SIZE      64 /* enough for the text of an IP, and the NUL byte */
#define NETMCU_ADDRESS_SIZE 72 /* enough for "[IP]:PORT" */

/* Reads an IPv4 or IPv6 address without a port, and leaves address->port alone. Like lwIP, accepts
 * all IPv4 forms of inet_aton(3), such as "127.1" and "0x7f.0.0.1". An IPv6 address may end in the
 * name or number of an interface ("fe80::1%eth0"). Returns NETMCU_EVALUE if `text` is not an
 * address. */
NETMCU_API int netmcu_ip_parse(const char *text, netmcu_address *address);

/* Like netmcu_ip_parse, but a port may follow, as in "192.0.2.1:80" and "[2001:db8::1]:80". Without
 * a port, leaves address->port alone. */
NETMCU_API int netmcu_address_parse(const char *text, netmcu_address *address);

/* These write the address without its port, or with it, to `text`, and return `text`. */
NETMCU_API char *netmcu_ip_format(const netmcu_address *address, char text[NETMCU_IP_SIZE]);
NETMCU_API char *netmcu_address_format(const netmcu_address *address, char text[NETMCU_ADDRESS_SIZE]);

/* ---------------------------------------------------------------------------------- connections */

/* A TCP connection. A program creates it with netmcu_connection_new, or a server hands it out.
 *
 *   IDLE ──connect──▶ RESOLVING ──▶ CONNECTING ──▶ OPEN ──close, FIN, error──▶ IDLE
 *
 * `dns`            The host of a connect has this address. NULL: the name was not found, and the
 *                  connection ends. Fires for each connect, even to a literal address.
 * `connection`     The connection is open. For a client of a server, the accept callback comes
 *                  first.
 * `receive`        Data has arrived: `size` bytes, at most frame_size. The library owns `data`,
 *                  which is valid until the callback returns.
 * `sent`           The system has taken the last byte of a send. Fires once for each send, in
 *                  order, but never inside send. If the peer takes the data and then closes, `sent`
 *                  fires before `disconnection`.
 * `drained`        The system has taken everything that was sent: nothing is pending. Fires after one
 *                  or more sends, behind their `sent`, and never inside send.
 * `reconnection`   The connection has ended with an error. If this slot is NULL, `disconnection`
 *                  fires instead.
 * `disconnection`  The connection has ended. `error` is 0 if the peer closed it (by a FIN) and all
 *                  its data was delivered. Otherwise the reason is one of these:
 *                    NETMCU_EABORTED  the connect timed out, the name was not found, or the
 *                                     connection was idle for too long
 *                    NETMCU_ERESET    the peer refused or reset the connection
 *                    NETMCU_EROUTE …  the system reported an error
 *
 * In the last two events the connection is idle again. The callback may connect it again or free
 * it; the library does not free it. */
typedef struct netmcu_connection_events {
  void (*dns)(netmcu_connection *c, const netmcu_address *address);
  void (*connection)(netmcu_connection *c);
  void (*receive)(netmcu_connection *c, const char *data, size_t size);
  void (*sent)(netmcu_connection *c);
  void (*reconnection)(netmcu_connection *c, int error);
  void (*disconnection)(netmcu_connection *c, int error);
  void (*drained)(netmcu_connection *c);
} netmcu_connection_events;

typedef enum netmcu_connection_state {
  NETMCU_IDLE,
  NETMCU_RESOLVING,
  NETMCU_CONNECTING,
  NETMCU_OPEN
} netmcu_connection_state;

/* Creates an idle connection without events. The caller owns it and frees it. Returns NULL if
 * memory runs out. */
NETMCU_API netmcu_connection *netmcu_connection_new(netmcu_t *ctx);

/* Closes the connection as netmcu_connection_close does, so its output is still delivered, and
 * releases the object. */
NETMCU_API void netmcu_connection_free(netmcu_connection *c);

/* These return the context of the connection, a pointer for the program's own use (initially NULL),
 * and the state. netmcu_connection_set_data sets the pointer. */
NETMCU_API netmcu_t *netmcu_connection_get_context(const netmcu_connection *c);
NETMCU_API void netmcu_connection_set_data(netmcu_connection *c, void *data);
NETMCU_API void *netmcu_connection_get_data(const netmcu_connection *c);
NETMCU_API netmcu_connection_state netmcu_connection_get_state(const netmcu_connection *c);

/* Sets the events; NULL removes them. While there is no `receive`, data that arrives is dropped, as
 * on the device. */
NETMCU_API void netmcu_connection_on(netmcu_connection *c, const netmcu_connection_events *events);

/* Connects to `host`, a name or an address, which is copied. The outcome is an event: `connection`,
 * `reconnection` or `disconnection`. Returns NETMCU_EISCONN if the connection is not idle,
 * NETMCU_EARGUMENT if `port` is 0 or `host` is NULL or malformed, or NETMCU_ENOMEM.
 *
 * Here and in listen, "unix:PATH" is a Unix-domain socket, and on Windows a named pipe, such as
 * "unix:\\\\.\\pipe\\x". The port is ignored, and no `dns` fires. A listener creates the file with
 * the permissions of the umask and removes it in the end. It replaces a file on which nobody
 * listens. On Linux, "unix:@NAME" has no file. With other families in the options than
 * NETMCU_ANY_FAMILY, which are for device scripts, "unix:…" is an unknown name. */
NETMCU_API int netmcu_connection_connect(netmcu_connection *c, uint16_t port, const char *host);

/* Connects from this local address; an IP or port of 0 leaves the choice to the system. Addresses of
 * another family fail. If the local address cannot be used, the error comes in the event:
 * NETMCU_EVALUE or NETMCU_EADDRINUSE. Returns NETMCU_EARGUMENT for "unix:PATH". */
NETMCU_API int netmcu_connection_connect_from(netmcu_connection *c, const netmcu_address *local, uint16_t port,
                                              const char *host);

/* Takes over a connected stream socket: a file descriptor or, on Windows, a SOCKET. The library closes
 * it. The `connection` event follows. If this fails, the socket still belongs to the caller. Returns
 * NETMCU_EISCONN if the connection is not idle, NETMCU_ENOTCONN if the socket is not connected,
 * NETMCU_EVALUE if it is no stream socket, NETMCU_ENOMEM, or an error of the system. */
NETMCU_API int netmcu_connection_adopt(netmcu_connection *c, intptr_t socket);

/* Sends `size` bytes. Bytes that the system does not take at once are copied. Any size is accepted,
 * and the order is kept. Data that is sent before the connection is open waits until then. `sent`
 * fires once for each call. Returns NETMCU_ENOTCONN if the connection is idle, NETMCU_EVALUE if
 * `size` is 0, or NETMCU_ENOMEM. */
NETMCU_API int netmcu_connection_send(netmcu_connection *c, const void *data, size_t size);

typedef struct netmcu_piece {
  const void *data;
  size_t size;
} netmcu_piece;

/* Sends `count` pieces of data in order, like one send of all of them. */
NETMCU_API int netmcu_connection_send_pieces(netmcu_connection *c, const netmcu_piece *pieces, unsigned count);

/* Returns the number of bytes that send has accepted and the system has not taken yet. Most of what
 * is sent in one loop iteration is written at its end, and counts as pending until then.
 *
 * Back-pressure: send accepts everything, so stop producing while too much is pending, and continue
 * in `drained`. An echo server, for example, holds the connection (see below), so that its peer has
 * to wait as well, and unholds it in `drained`. */
NETMCU_API size_t netmcu_connection_get_pending(const netmcu_connection *c);

/* netmcu_connection_hold stops `receive` at the next frame boundary. The peer can send until the
 * TCP window is full. Data that was read but not delivered waits, and so does the peer's FIN behind
 * it. netmcu_connection_unhold resumes receiving; it delivers nothing before it has returned. If a
 * send fails during a hold, the connection ends at once and the undelivered data is lost. Both
 * return NETMCU_ENOTCONN if the connection is idle. */
NETMCU_API int netmcu_connection_hold(netmcu_connection *c);
NETMCU_API int netmcu_connection_unhold(netmcu_connection *c);

/* Writes the peer's address, or the local one, to `address`. While the name is being resolved, the
 * peer's IP address is 0.0.0.0. Returns NETMCU_ENOTCONN if the connection is idle. */
NETMCU_API int netmcu_connection_get_peer(const netmcu_connection *c, netmcu_address *address);
NETMCU_API int netmcu_connection_get_address(const netmcu_connection *c, netmcu_address *address);

/* Sets the time-to-live of outgoing packets, 1 to 255. Returns NETMCU_ENOTCONN if the connection is
 * idle, or NETMCU_EVALUE for any other value. */
NETMCU_API int netmcu_connection_set_ttl(netmcu_connection *c, int ttl);

/* Writes the time-to-live in force to *ttl. Returns NETMCU_ENOTCONN if the connection is idle. */
NETMCU_API int netmcu_connection_get_ttl(const netmcu_connection *c, int *ttl);

/* These apply to the current connection, until it ends. Call them after connect, or in the accept
 * callback. They return NETMCU_ENOTCONN if the connection is idle.
 *
 * Idle timeout: if no byte is sent or received for `timeout` ms, the connection ends with
 * NETMCU_EABORTED. 0, the default, means no timeout.
 * Keepalive: after `timeout` ms of silence, in whole seconds up to 32767, the system asks the peer
 * for a sign of life. If none comes, the connection ends with NETMCU_EABORTED. 0, the default: off.
 * Nodelay: 1, the default, sends small writes at once. 0 lets the system gather them (Nagle). */
NETMCU_API int netmcu_connection_set_idle_timeout(netmcu_connection *c, unsigned timeout);
NETMCU_API int netmcu_connection_set_keepalive(netmcu_connection *c, unsigned timeout);
NETMCU_API int netmcu_connection_set_nodelay(netmcu_connection *c, int nodelay);

/* Closes the connection. The object is idle when this returns, and no further event fires. Returns
 * NETMCU_ENOTCONN if the connection is idle already.
 *
 * The rest happens in the background, and netmcu_run waits for it. First everything that was sent
 * is delivered, unless the peer takes none of it for a minute. Then the FIN is sent. Until the
 * peer's FIN, or for linger_timeout, input is read and dropped. Without this, a reset could
 * overtake the output (RFC 1122, 4.2.2.13). */
NETMCU_API int netmcu_connection_close(netmcu_connection *c);

/* Closes the connection at once. Output that the peer has not received yet may be lost, and the
 * peer sees a reset. Otherwise this is like close. */
NETMCU_API int netmcu_connection_abort(netmcu_connection *c);

/* -------------------------------------------------------------------------------------- servers */

/* Called when a client has connected. `client` is open, and the program now owns it: set its
 * events, and free it here or at any later time. A server that only sends a greeting may send and
 * free right here. Otherwise the client's `connection` event follows. If memory or file descriptors
 * run out, the client is closed without a callback. */
typedef void (*netmcu_accept_cb)(netmcu_server *server, netmcu_connection *client);

/* Creates a server that does not listen yet. The caller owns it. Returns NULL if memory runs
 * out. */
NETMCU_API netmcu_server *netmcu_server_new(netmcu_t *ctx);

/* Stops listening and releases the object. Accepted clients stay open. */
NETMCU_API void netmcu_server_free(netmcu_server *server);

/* These return the context of the server and a pointer for the program's own use (initially NULL).
 * netmcu_server_set_data sets the pointer. */
NETMCU_API netmcu_t *netmcu_server_get_context(const netmcu_server *server);
NETMCU_API void netmcu_server_set_data(netmcu_server *server, void *data);
NETMCU_API void *netmcu_server_get_data(const netmcu_server *server);

/* Sets the idle timeout, in ms, of clients that are accepted from now on. A client that neither
 * sends nor receives a byte for that long is closed with NETMCU_EABORTED. 0, the default, means no
 * timeout. */
NETMCU_API void netmcu_server_set_idle_timeout(netmcu_server *server, unsigned timeout);

/* Listens on `port` (0: a free port, see get_address) of the address `ip`. NULL means all addresses
 * of IPv4 and IPv6, "0.0.0.0" and "::" those of one family, "unix:PATH" see connect.
 * `backlog` is the number of connections that may wait to be accepted; 0 means 128. Returns
 * NETMCU_EINPROGRESS if the server listens already, NETMCU_EARGUMENT if `accept` is NULL,
 * NETMCU_EVALUE if `ip` is not an address of this machine, or NETMCU_EADDRINUSE. If the port needs
 * a privilege, it returns NETMCU_ESYSTEM + UV_EACCES. */
NETMCU_API int netmcu_server_listen(netmcu_server *server, uint16_t port, const char *ip, int backlog,
                                    netmcu_accept_cb accept);

/* Listens on a socket that is bound, and may be listening already, such as one that systemd passes.
 * It is taken over as by netmcu_connection_adopt; otherwise this is like listen. */
NETMCU_API int netmcu_server_adopt(netmcu_server *server, intptr_t socket, int backlog, netmcu_accept_cb accept);

/* Writes the address that the server listens on to `address`. Returns NETMCU_ENOTCONN if it does
 * not listen. */
NETMCU_API int netmcu_server_get_address(const netmcu_server *server, netmcu_address *address);

/* netmcu_server_hold stops accepting, for example because the program has too many clients. New
 * clients connect and wait, up to the backlog. netmcu_server_unhold accepts them, after it has
 * returned. Both return NETMCU_ENOTCONN if the server does not listen. */
NETMCU_API int netmcu_server_hold(netmcu_server *server);
NETMCU_API int netmcu_server_unhold(netmcu_server *server);

/* Stops listening. Accepted clients stay open, and the port is free again at once. Returns
 * NETMCU_ENOTCONN if the server does not listen. */
NETMCU_API int netmcu_server_close(netmcu_server *server);

/* ------------------------------------------------------------------------------------------ DNS */

/* Called with the answer of a lookup: `count` addresses with port 0, in the order in which to try
 * them. If there is none, `error` is NETMCU_ENOTFOUND (no such name, no A record, or no server is willing to answer),
 * NETMCU_ETIMEOUT (no server answered in 12 s), or another error. The handle of the lookup is
 * already invalid. */
typedef void (*netmcu_lookup_cb)(void *data, int error, const netmcu_address *addresses, size_t count);

/* Looks up the IPv4 address of `host`. Literal addresses and names of the system's hosts file need
 * no query. Other names go to the DNS servers. The first server has 2 s to answer, then the second
 * one has 2 s, then each of them has 4 s more. A lookup does not ask a server again if it refuses,
 * fails or cannot be reached. Up to 64 answers are kept for their time to live, and forgotten when
 * the servers change. The answer is always a callback after this call. If `lookup` is not NULL,
 * *lookup becomes a handle for netmcu_lookup_cancel. Returns NETMCU_EARGUMENT if `host` is NULL or
 * malformed or `cb` is NULL, or NETMCU_ENOMEM. */
NETMCU_API int netmcu_resolve(netmcu_t *ctx, const char *host, netmcu_lookup_cb cb, void *data, netmcu_lookup **lookup);

/* Cancels a lookup: its callback will not fire. Call this only before the callback; afterwards the
 * handle is invalid. */
NETMCU_API void netmcu_lookup_cancel(netmcu_lookup *lookup);

#define NETMCU_DNS_SERVERS 2

/* Sets DNS server `index` (0 or 1) to "ip" or "ip:port" for future lookups. NULL restores the
 * system's server. Lookups that are under way keep their servers. Returns NETMCU_EVALUE if
 * `server` is malformed, 0.0.0.0 or 255.255.255.255, or NETMCU_EARGUMENT for another index. */
NETMCU_API int netmcu_dns_set_server(netmcu_t *ctx, int index, const char *server);

/* Writes the DNS server in force to `address`: the one that was set, or one of the system's first
 * two that have IPv4 addresses, or else 208.67.222.222. The list of the system's servers is read
 * again when it has changed. Returns NETMCU_ENOTFOUND if there is no server `index`, or
 * NETMCU_EARGUMENT if `index` is neither 0 nor 1. */
NETMCU_API int netmcu_dns_get_server(netmcu_t *ctx, int index, netmcu_address *address);

/* --------------------------------------------------------------------------------------- timers */

typedef void (*netmcu_timer_cb)(netmcu_timer *timer, void *data);

/* Creates a stopped timer that will call cb(timer, data). The caller owns it. Returns NULL if
 * memory runs out. */
NETMCU_API netmcu_timer *netmcu_timer_new(netmcu_t *ctx, netmcu_timer_cb cb, void *data);

/* Stops the timer and releases the object. */
NETMCU_API void netmcu_timer_free(netmcu_timer *timer);

/* These return the context of the timer and the pointer that is passed to its callback.
 * netmcu_timer_set_data sets the pointer. */
NETMCU_API netmcu_t *netmcu_timer_get_context(const netmcu_timer *timer);
NETMCU_API void *netmcu_timer_get_data(const netmcu_timer *timer);
NETMCU_API void netmcu_timer_set_data(netmcu_timer *timer, void *data);

/* Starts or restarts the timer. The callback fires `timeout` ms after this call, then every
 * `repeat` ms (0: only once). A `timeout` of 0 means 1; use netmcu_post to run something without
 * delay.
 *
 * A repeating timer keeps its phase, however long callbacks take: it is due at multiples of
 * `repeat` after the first call. If several are missed, one fires late and the others are
 * skipped. */
NETMCU_API void netmcu_timer_start(netmcu_timer *timer, uint64_t timeout, uint64_t repeat);

/* netmcu_timer_stop stops the timer; it may be stopped already. netmcu_timer_is_running returns 1
 * if the timer is running, else 0. */
NETMCU_API void netmcu_timer_stop(netmcu_timer *timer);
NETMCU_API int netmcu_timer_is_running(const netmcu_timer *timer);

/* Sets whether netmcu_run waits for this timer while it is running: 1, the default, or 0. */
NETMCU_API void netmcu_timer_set_keep_alive(netmcu_timer *timer, int keep_alive);

/* ------------------------------------------------------------------------------------------ UDP */

/* `receive`  A datagram has arrived. The library owns `data`, which is valid until the callback
 *            returns. An empty datagram has size 0.
 * `sent`     The system has taken a datagram. Fires once for each send, in order, but never inside
 *            send. */
typedef struct netmcu_udp_events {
  void (*receive)(netmcu_udp *u, const char *data, size_t size, const netmcu_address *from);
  void (*sent)(netmcu_udp *u);
} netmcu_udp_events;

#define NETMCU_DATAGRAM_SIZE 65507 /* bytes in the largest UDP datagram over IPv4 */

/* Creates an unbound UDP socket without events. The caller owns it. Returns NULL if memory runs
 * out. */
NETMCU_API netmcu_udp *netmcu_udp_new(netmcu_t *ctx);

/* Closes the socket as netmcu_udp_close does, and releases the object. */
NETMCU_API void netmcu_udp_free(netmcu_udp *u);

/* These return the context of the socket and a pointer for the program's own use (initially NULL).
 * netmcu_udp_set_data sets the pointer. */
NETMCU_API netmcu_t *netmcu_udp_get_context(const netmcu_udp *u);
NETMCU_API void netmcu_udp_set_data(netmcu_udp *u, void *data);
NETMCU_API void *netmcu_udp_get_data(const netmcu_udp *u);

/* Sets the events; NULL removes them. While there is no `receive`, datagrams are dropped. */
NETMCU_API void netmcu_udp_on(netmcu_udp *u, const netmcu_udp_events *events);

/* Binds the socket to `port` (0: a free port) of the address `ip` (NULL: all addresses). If `ip` is
 * a multicast group, the socket receives that group and shares the port with its other members on
 * this machine. Returns NETMCU_EINPROGRESS if the socket is bound already, or NETMCU_EVALUE,
 * NETMCU_EADDRINUSE or UV_EACCES as netmcu_server_listen does. */
NETMCU_API int netmcu_udp_listen(netmcu_udp *u, uint16_t port, const char *ip);

/* Sends one datagram of 0…NETMCU_DATAGRAM_SIZE bytes. An unbound socket is first bound to a free
 * port. The data is copied if the system does not take it at once. netmcu_ip_parse makes an address
 * from text, netmcu_resolve from a name. Broadcasts need no flag.
 *
 * Datagrams can be lost, even on this machine: if the network refuses one later, no error is
 * reported. Returns NETMCU_EVALUE for port 0, NETMCU_EBUFFER for too many bytes, NETMCU_ENOMEM if
 * memory runs out or 4 MiB are queued already, or an error of the system, such as NETMCU_EROUTE. */
NETMCU_API int netmcu_udp_send(netmcu_udp *u, const netmcu_address *to, const void *data, size_t size);

/* Writes the local address of the socket to `address`. Returns NETMCU_ENOTCONN if it is not
 * bound. */
NETMCU_API int netmcu_udp_get_address(const netmcu_udp *u, netmcu_address *address);

/* These set and get the time-to-live, that of multicasts included, like
 * netmcu_connection_set_ttl and netmcu_connection_get_ttl. They return NETMCU_ENOTCONN if the socket
 * is not bound. */
NETMCU_API int netmcu_udp_set_ttl(netmcu_udp *u, int ttl);
NETMCU_API int netmcu_udp_get_ttl(const netmcu_udp *u, int *ttl);

/* Closes the socket. Datagrams that are still queued are sent in the background. The object can be
 * bound again. Returns NETMCU_ENOTCONN if it is not bound. */
NETMCU_API int netmcu_udp_close(netmcu_udp *u);

/* Joins or leaves a multicast group. Memberships belong to the context: each applies to all its UDP
 * sockets, bound now or later, until the group is left. `interface_ip` is the address of an
 * interface. NULL or "0.0.0.0" means every interface that can multicast. Joining twice has no
 * further effect. Leaving on every interface ends the membership of every interface; if there is
 * none, it ends those of single interfaces.
 *
 * Returns NETMCU_EVALUE if `group` is not a multicast address, or if a group to leave was never
 * joined. Returns NETMCU_ENETIF if no interface has the address `interface_ip`. */
NETMCU_API int netmcu_multicast_join(netmcu_t *ctx, const char *interface_ip, const char *group);
NETMCU_API int netmcu_multicast_leave(netmcu_t *ctx, const char *interface_ip, const char *group);

/* ----------------------------------------------------------------------------------------- ping */

typedef struct netmcu_ping_summary {
  netmcu_address address;
  unsigned transmitted;
  unsigned lost;
  size_t bytes;        /* received in replies */
  unsigned total_time; /* ms from the first request to the last reply or time-out */
} netmcu_ping_summary;

/* `reply`  A reply has arrived from `from`: the size of its payload, its sequence number, and the
 *          round trip in ms with fractions. `bytes` is 0 if the request was lost; `sequence` and
 *          `milliseconds` are then 0. `from` is NULL if the name was not found; no event follows.
 * `done`   All requests have been answered or lost. Fires once. */
typedef struct netmcu_ping_events {
  void (*reply)(void *data, size_t bytes, const netmcu_address *from, unsigned sequence, double milliseconds);
  void (*done)(void *data, const netmcu_ping_summary *summary);
} netmcu_ping_events;

/* Sends `count` (0: 4) ICMP echo requests with 32 bytes of payload to `host`, a name or an address.
 * One request goes out each second and waits 1000 ms for its reply. `events` must stay valid until
 * the ping ends, which it does by itself; `data` is passed to the events. If `ping` is not NULL,
 * *ping becomes a handle for netmcu_ping_cancel.
 *
 * All pings of a context share the sequence numbers 1…32767, then 0. As on the device, a new ping
 * silences the previous one: its remaining requests count as lost. Returns NETMCU_EARGUMENT if
 * `host` is malformed, or NETMCU_ENOTSUP if the library was built without ping. If the system
 * allows neither unprivileged nor raw ICMP sockets, it returns NETMCU_ESYSTEM + UV_EACCES or
 * UV_EPERM. */
NETMCU_API int netmcu_ping(netmcu_t *ctx, const char *host, unsigned count, const netmcu_ping_events *events, void *data,
                           netmcu_ping_t **ping);

/* Ends a ping: no further event fires. Call this only before its last event, which is `done`, or
 * `reply` without an address; from then on, the handle is invalid. */
NETMCU_API void netmcu_ping_cancel(netmcu_ping_t *ping);

/* ----------------------------------------------------------------------------------- interfaces */

typedef struct netmcu_interface {
  char name[64];
  char ip[NETMCU_IP_SIZE];      /* each text is empty if its value is unknown */
  char netmask[NETMCU_IP_SIZE];
  char gateway[NETMCU_IP_SIZE];
  uint8_t hwaddr[6];
  int has_dhcp;                 /* 1: the lease of the system's DHCP client could be read */
  char dhcp_server[NETMCU_IP_SIZE];
  char dhcp_client[NETMCU_IP_SIZE];
  char dhcp_ntp[NETMCU_IP_SIZE];
} netmcu_interface;

/* Describes an interface. Index 0 is the interface with the default route; the others that are up
 * and have an IPv4 address follow. The loopback counts only if there is no other interface: it then
 * has index 0. Returns NETMCU_ENOTFOUND if there is no interface `index`. */
NETMCU_API int netmcu_get_interface(netmcu_t *ctx, unsigned index, netmcu_interface *interface_info);

#ifdef __cplusplus
}
#endif

#endif
