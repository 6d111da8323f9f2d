/* The stack: everything below the objects that touches the network or a clock. The objects call it
 * through the tables of functions below, one indirect call for each operation, and never call the
 * system themselves.
 *
 * A context gets its stack when it is created (netmcu__context_new). The system's stack (system.h)
 * is libuv; a test can put another one in its place. A stack can also stand on another one: it
 * implements a table of functions and calls those of the stack below.
 *
 * Rules for every table:
 *  - The caller provides all memory. A table says how many bytes an item needs, so that an object
 *    and the stack's part of it are one block. The stack allocates nothing for an operation.
 *  - Functions return 0 or a negative NETMCU_E… code (base/error.h), never a code of the system.
 *  - An event is never called inside an operation. Any operation is allowed inside any event.
 *  - The events of a kind are one constant table. An item needs no pointer to a handler.
 *  - After `close` one event follows, `closed`, in a later iteration of the loop. The memory
 *    belongs to the caller again from then on. An implementation counts what it has to close with
 *    netmcu__handle_opened and netmcu__handle_closed. */
#ifndef NETMCU_STACK_H
#define NETMCU_STACK_H

#include "base/address.h"
#include "base/context.h"
#include "base/task.h"

typedef struct netmcu__stack netmcu__stack;

/* ---- the clock ------------------------------------------------------------------------------- */

/* One clock and one timer. Rooms use the timer through deadline.h, which puts any number of
 * time-outs on it. */
typedef struct netmcu__clock {
  uint64_t (*now)(netmcu__stack *stack);  /* ms; the same for a whole iteration of the loop */
  uint64_t (*time)(netmcu__stack *stack); /* ns; the time of the call, on the same clock as `now` */
  void (*update)(netmcu__stack *stack);   /* brings `now` up to date */
  /* Calls netmcu__deadlines_expire in `timeout` ms after `now`; replaces what was set before. */
  void (*set_timer)(netmcu__stack *stack, uint64_t timeout);
  void (*stop_timer)(netmcu__stack *stack);
  void (*keep_alive)(netmcu__stack *stack, bool keep_alive);      /* whether the timer keeps the loop running */
  int (*random)(netmcu__stack *stack, void *buffer, size_t size); /* unpredictable, except in a simulation */
} netmcu__clock;

/* ---- streams --------------------------------------------------------------------------------- */

/* A byte stream and a listener, in memory that the caller provides: `stream_size` and
 * `listener_size` zeroed bytes, aligned for any type. Both begin with a pointer to their group,
 * which `open` and `open_listener` set. */
typedef struct netmcu__stack_stream netmcu__stack_stream;
typedef struct netmcu__stack_listener netmcu__stack_listener;

typedef struct netmcu__stream_operations netmcu__stream_operations;
typedef struct netmcu__stream_events netmcu__stream_events;

/* What all streams and listeners of one user have in common. The user may put it at the beginning
 * of a larger struct. */
typedef struct netmcu__stream_group {
  netmcu__stack *stack;
  const netmcu__stream_operations *operations;
  const netmcu__stream_events *events;
} netmcu__stream_group;

#define NETMCU__PIECES     64                /* the most pieces of one write; more bring no measurable gain */
#define NETMCU__PIECE_SIZE ((size_t)1 << 30) /* the most bytes of one piece: on Windows, its length has 32 bits */

struct netmcu__stream_operations {
  size_t stream_size, listener_size;
  size_t request_size; /* of a request: memory that `connect` and `write_later` use until they have called back */
  bool reads_into_buffer;        /* netmcu__buffer */
  bool reports_acknowledgements; /* → acknowledged. "sent" then stands for an acknowledgement, as on the device */

  /* Prepares a stream for a `connect` to an address of this family. With NETMCU__ANY_FAMILY, which
   * is for names, the stream has no address and no options before the connect. If this fails,
   * there is nothing to close. After `closed`, zeroed memory may be opened again. */
  int (*open)(netmcu__stream_group *group, netmcu__stack_stream *stream, uint16_t family);
  /* Chooses the own address for `connect`, which may be the one that fails because of it. */
  int (*bind)(netmcu__stack_stream *stream, const netmcu_address *own);
  int (*connect)(netmcu__stack_stream *stream, void *request, const netmcu_address *to); /* → connected */

  void (*start_reading)(netmcu__stack_stream *stream); /* → received, finished, failed */
  void (*stop_reading)(netmcu__stack_stream *stream);

  /* Writes what the stream takes at once. Returns the number of bytes, which is 0 if it takes
   * nothing now, or an error. `last`: a shutdown follows, so the bytes may wait for it and share
   * its packet. */
  ptrdiff_t (*write)(netmcu__stack_stream *stream, const netmcu_piece *pieces, unsigned count, bool last);
  /* Waits until the stream takes bytes, and then writes all of the pieces (→ written). Their data
   * stays in place until the event. During the wait, `write` takes nothing, and a second
   * `write_later` is not allowed. */
  int (*write_later)(netmcu__stack_stream *stream, void *request, const netmcu_piece *pieces, unsigned count);
  int (*shut_down)(netmcu__stack_stream *stream); /* sends a FIN; nothing is written afterwards */
  /* → closed. No other event follows. With `reset` the peer sees a reset instead of a FIN. */
  void (*close)(netmcu__stack_stream *stream, bool reset);

  int (*get_peer)(const netmcu__stack_stream *stream, netmcu_address *address);
  int (*get_address)(const netmcu__stack_stream *stream, netmcu_address *address);
  int (*ttl)(const netmcu__stack_stream *stream, int *ttl); /* gets the TTL, after setting it if *ttl is not negative */
  /* Probes a silent peer after `seconds`; 0: never, the default. A dead peer → failed. */
  int (*set_keepalive)(netmcu__stack_stream *stream, unsigned seconds);
  /* Hands over what arrives without opening the window again, as the chip does during a hold. Only
   * the stack of a simulated device has this. */
  void (*withhold)(netmcu__stack_stream *stream, bool withheld);
  /* Whether a small write is sent at once, which is the default. */
  int (*set_nodelay)(netmcu__stack_stream *stream, bool nodelay);
  /* Bytes, the FIN included, that the peer has not acknowledged. A stack that cannot count them
   * returns 1 if there are any; one that does not even know this returns 0. */
  uint32_t (*unacknowledged)(const netmcu__stack_stream *stream);
  /* To be called in `finished`, because a reset that arrived together with the last data looks like
   * a FIN. Returns the error of the reset, or 0. */
  int (*end_reason)(const netmcu__stack_stream *stream);

  /* Whether the peer's FIN has arrived, and nothing is left to read. NULL: asking costs as much as
   * reading. */
  bool (*has_ended)(const netmcu__stack_stream *stream);

  int (*open_listener)(netmcu__stream_group *group, netmcu__stack_listener *listener);
  /* May be called again with another port after it has failed. An address of NETMCU__ANY_FAMILY
   * means every address of IPv6 and IPv4; without IPv6, it means those of IPv4. → client */
  int (*listen)(netmcu__stack_listener *listener, const netmcu_address *address, int backlog);
  int (*get_listener_address)(const netmcu__stack_listener *listener, netmcu_address *address);
  /* For the path of a Unix-domain socket or a named pipe: `open_path` instead of `open`, and
   * `listen_path` instead of `open_listener` and `listen`. The listener must be closed even if this
   * fails. The path stays in place until then, and until `connected`. */
  void (*open_path)(netmcu__stream_group *group, netmcu__stack_stream *stream);
  /* → connected. NETMCU_EISCONN: connected at once, so no event follows. */
  int (*connect_path)(netmcu__stack_stream *stream, void *request, const char *path);
  int (*listen_path)(netmcu__stream_group *group, netmcu__stack_listener *listener, const char *path, int backlog);
  /* Take over a descriptor of the system (on Windows, a SOCKET). `adopt` takes a connected stream,
   * `adopt_listener` a socket that is bound and may be listening. The stream or listener must be
   * closed even if this fails, and does not own the descriptor then. */
  int (*adopt)(netmcu__stream_group *group, netmcu__stack_stream *stream, intptr_t descriptor);
  int (*adopt_listener)(netmcu__stream_group *group, netmcu__stack_listener *listener, intptr_t descriptor,
                        int backlog);
  /* Opens `stream` for the waiting client. The stream must be closed even if this fails. */
  int (*accept)(netmcu__stack_listener *listener, netmcu__stream_group *group, netmcu__stack_stream *stream);
  void (*refuse)(netmcu__stack_listener *listener);         /* closes the waiting client */
  void (*close_listener)(netmcu__stack_listener *listener); /* → listener_closed */
};

struct netmcu__stream_events {
  void (*connected)(netmcu__stack_stream *stream, int error);
  void (*received)(netmcu__stack_stream *stream, char *data, size_t size);
  void (*finished)(netmcu__stack_stream *stream);                          /* the peer's FIN */
  void (*failed)(netmcu__stack_stream *stream, int error);                 /* of reading */
  void (*written)(netmcu__stack_stream *stream, int error);                /* of write_later */
  void (*acknowledged)(netmcu__stack_stream *stream);                      /* the peer has acknowledged further bytes */
  void (*closed)(netmcu__stack_stream *stream);
  /* A client is waiting. No further `client` event follows until it is accepted or refused. */
  void (*client)(netmcu__stack_listener *listener);
  void (*listener_closed)(netmcu__stack_listener *listener);
};

/* The first word of a stream and of a listener. */
static inline netmcu__stream_group *netmcu__group_of(const void *stream_or_listener)
{
  return *(void *const *)stream_or_listener;
}

/* ---- datagrams ------------------------------------------------------------------------------- */

/* A socket for datagrams, in memory that the caller provides: `socket_size` zeroed bytes, aligned
 * for any type. It begins with a pointer to its group, which `open` sets. It keeps the loop running
 * while it receives or a request waits. */
typedef struct netmcu__stack_socket netmcu__stack_socket;

typedef struct netmcu__datagram_operations netmcu__datagram_operations;
typedef struct netmcu__datagram_events netmcu__datagram_events;

/* What all sockets of one user have in common. The user may put it at the beginning of a larger
 * struct. */
typedef struct netmcu__datagram_group {
  netmcu__stack *stack;
  const netmcu__datagram_operations *operations;
  const netmcu__datagram_events *events;
} netmcu__datagram_group;

typedef struct netmcu__datagram {
  netmcu_address to;
  const void *data;
  size_t size;
} netmcu__datagram;

#define NETMCU__BATCH 20 /* the most datagrams of one batch, received or sent: libuv receives no more at once */

struct netmcu__datagram_operations {
  size_t socket_size;
  size_t request_size; /* of a request: memory that `send_later` uses until `sent` */

  /* With NETMCU__ANY_FAMILY, the socket is for IPv6 and IPv4; without IPv6, it is for IPv4. If this
   * fails, there is nothing to close. */
  int (*open)(netmcu__datagram_group *group, netmcu__stack_socket *socket, uint16_t family);
  /* Binds to *address, which has the family given to `open`, and sets it to the address that the
   * socket got. It keeps NETMCU__ANY_FAMILY if the socket is for both families. A socket bound to a
   * multicast group receives that group only. With `is_shared`, other sockets may be bound to the
   * same port in the same way. */
  int (*bind)(netmcu__stack_socket *socket, netmcu_address *address, bool is_shared);
  /* Instead of `bind`. The socket gets an unpredictable port, sends only to this address, whatever
   * the datagrams' `to` is, and receives only what comes from there. → failed */
  int (*connect)(netmcu__stack_socket *socket, const netmcu_address *to);
  int (*start_receiving)(netmcu__stack_socket *socket); /* → received, batch_ended */
  void (*stop_receiving)(netmcu__stack_socket *socket);

  /* Sends 1…NETMCU__BATCH datagrams in order, until one finds no room. Returns how many were sent,
   * or the error of the first one. Sends none while a request waits. */
  int (*send)(netmcu__stack_socket *socket, const netmcu__datagram *datagrams, unsigned count);
  /* Sends a datagram as soon as there is room (→ sent). Its data stays in place until then.
   * Requests keep their order. */
  int (*send_later)(netmcu__stack_socket *socket, void *request, const netmcu__datagram *datagram);
  void (*close)(netmcu__stack_socket *socket); /* → sent for each request that waits, closed */

  /* Gets the TTL. If *ttl > 0, sets the TTL of every kind of datagram first. */
  int (*ttl)(netmcu__stack_socket *socket, int *ttl);
  /* Joins or leaves a group on one interface. For a group of IPv6, the scope of the interface's IP
   * is its index. Joining twice, or leaving a group that was not joined, is not an error. */
  int (*set_membership)(netmcu__stack_socket *socket, const netmcu_address *group, const netmcu_address *interface_ip,
                        bool is_member);
  int (*set_multicast_interface)(netmcu__stack_socket *socket, const netmcu_address *interface_ip); /* to send on */
};

struct netmcu__datagram_events {
  /* `in_batch`: the datagram arrived together with others, and answers to them can be sent
   * together. */
  void (*received)(netmcu__stack_socket *socket, const char *data, size_t size, const netmcu_address *from,
                   bool in_batch);
  /* All datagrams that arrived together have been delivered. Not called if the socket stops
   * receiving before. */
  void (*batch_ended)(netmcu__stack_socket *socket);
  void (*sent)(netmcu__stack_socket *socket, void *request); /* The request is the caller's again, sent or lost. */
  void (*closed)(netmcu__stack_socket *socket);
  /* Only after `connect`: nobody receives datagrams at that address, or it cannot be reached. */
  void (*failed)(netmcu__stack_socket *socket);
};

/* The first word of a socket. */
static inline netmcu__datagram_group *netmcu__datagram_group_of(const netmcu__stack_socket *socket)
{
  return *(netmcu__datagram_group *const *)(const void *)socket;
}

/* ---- echo requests --------------------------------------------------------------------------- */

#define NETMCU__ECHO_PAYLOAD 32   /* bytes of each request and reply, as on the device */
#define NETMCU__ECHO_TIMEOUT 1000 /* ms; replies that take longer may be dropped. As on the device */

/* Access to ICMP echo, in memory that the caller provides: `size` zeroed bytes, aligned for any
 * type. It begins with a pointer to its user, which `open` sets. */
typedef struct netmcu__stack_echo netmcu__stack_echo;

typedef struct netmcu__echo_operations netmcu__echo_operations;
typedef struct netmcu__echo_events netmcu__echo_events;

/* The user may put this at the beginning of a larger struct. */
typedef struct netmcu__echo_user {
  netmcu__stack *stack;
  const netmcu__echo_operations *operations;
  const netmcu__echo_events *events;
} netmcu__echo_user;

struct netmcu__echo_operations {
  size_t size;
  /* For addresses of one family. If this fails, there is nothing to close. */
  int (*open)(netmcu__echo_user *user, netmcu__stack_echo *echo, netmcu_family family);
  void (*start)(netmcu__stack_echo *echo); /* → replied. Does not keep the loop running. */
  void (*stop)(netmcu__stack_echo *echo);
  void (*receive)(netmcu__stack_echo *echo); /* delivers at once the replies that have arrived */
  /* Sends a request of NETMCU__ECHO_PAYLOAD bytes. An error of the network shows as a missing
   * reply. */
  void (*send)(netmcu__stack_echo *echo, const netmcu_address *to, uint16_t sequence, const uint8_t *payload);
  void (*close)(netmcu__stack_echo *echo); /* → closed */
};

struct netmcu__echo_events {
  /* A reply to this user arrived `age` nanoseconds ago. */
  void (*replied)(netmcu__stack_echo *echo, const netmcu_address *from, uint16_t sequence, const uint8_t *payload,
                  uint64_t age);
  void (*closed)(netmcu__stack_echo *echo);
};

/* The first word of an access to ICMP echo. */
static inline netmcu__echo_user *netmcu__echo_user_of(const netmcu__stack_echo *echo)
{
  return *(netmcu__echo_user *const *)(const void *)echo;
}

/* ---- interfaces ------------------------------------------------------------------------------ */

/* One address of an interface that is up. */
typedef struct netmcu__interface_address {
  const char *name; /* valid during the visit */
  netmcu_address ip, netmask;
  uint32_t index; /* of the interface, for IPv6; 0 if it is not known */
  uint8_t hwaddr[6];
  bool is_internal; /* a loopback interface */
  bool is_first;    /* of the addresses of its interface and its family */
} netmcu__interface_address;

/* Returns true to end the visit. */
typedef bool (*netmcu__interface_visit)(const netmcu__interface_address *address, void *data);

typedef struct netmcu__default_route {
  char name[64];
  char gateway[NETMCU_IP_SIZE]; /* empty for a link that needs none */
  uint32_t metric;
} netmcu__default_route;

/* A DHCP lease. A text is empty if it is not known. */
typedef struct netmcu__lease {
  char server[NETMCU_IP_SIZE];
  char client[NETMCU_IP_SIZE];
  char ntp[NETMCU_IP_SIZE];
} netmcu__lease;

/* The first name servers in the configuration of the host. Unused elements are zero. */
typedef struct netmcu__name_servers {
  netmcu_address servers[NETMCU_DNS_SERVERS];
  unsigned count;
} netmcu__name_servers;

typedef struct netmcu__interface_operations {
  int (*visit)(netmcu__stack *stack, netmcu__interface_visit visit, void *data);
  /* Gets the default routes, in any order. Returns how many there are, but at most `capacity`. */
  unsigned (*get_routes)(netmcu__stack *stack, netmcu__default_route *routes, unsigned capacity);
  /* Gets the lease of an interface that has this address. Returns false if no lease is known. */
  bool (*get_lease)(netmcu__stack *stack, const char *name, const char *ip, netmcu__lease *lease);
  /* Gets the address from which a datagram to this address would be sent. Returns false if there
   * is no route. NULL: the stack does not know. */
  bool (*get_source)(netmcu__stack *stack, const netmcu_address *to, netmcu_address *source);
  /* Notices changes of the configuration. The list is valid until the next call. */
  const netmcu__name_servers *(*get_name_servers)(netmcu__stack *stack);
} netmcu__interface_operations;

/* Whether an interface has this IP. For IPv6, sets *index to the index of the interface. All of
 * 127.0.0.0/8 belongs to this machine (interface.c). */
bool netmcu__find_own_ip(netmcu__stack *stack, const netmcu_address *ip, uint32_t *index);
bool netmcu__is_own_ip(netmcu__stack *stack, const netmcu_address *ip);

/* ---- a stack --------------------------------------------------------------------------------- */

struct netmcu__deadlines;

/* The beginning of every stack. The state of a particular stack follows in a larger struct. */
struct netmcu__stack {
  netmcu_t *ctx;
  const netmcu__clock *clock;

  /* deadline.c: */
  struct netmcu__deadlines *deadlines; /* the kinds with a deadline that is set. They share the timer. */
  uint32_t timer;                      /* when it expires, if it is set */
  uint32_t sequence;                   /* of the next deadline */
  bool timer_is_set, timer_keeps_alive;
  bool expiring;

  const netmcu__stream_operations *streams;
  const netmcu__datagram_operations *datagrams;
  const netmcu__echo_operations *echo;
  const netmcu__interface_operations *interfaces;
  /* Whether a fault of the edge happens, in a simulation; NULL: it does. */
  bool (*allows)(netmcu__stack *stack, const char *fault);
  /* Notes that a rule for faults was set. Returns the count of its effects, to which the edge adds;
   * NULL if memory runs out. NULL: nobody wants to know. */
  uint64_t *(*expect)(netmcu__stack *stack, const char *rule);
  const char *hosts_file; /* the path of a file like /etc/hosts; NULL: no file */
  uint64_t started;       /* the clock's `time` when the context was created */
  netmcu__task look;      /* netmcu__look_at_clock */
};

/* To be called after a function of the program that may have taken long, unless the function ran
 * while libuv was polling. libuv does not look at the clock before it polls, so the wait would be
 * too long by the time that the function took. */
void netmcu__look_at_clock(netmcu__stack *stack);

static inline netmcu__stack *netmcu__stack_of(const netmcu_t *ctx)
{
  return netmcu__head_of(ctx)->stack;
}

static inline uint64_t netmcu__now(netmcu__stack *stack)
{
  return stack->clock->now(stack);
}

static inline uint64_t netmcu__time(netmcu__stack *stack)
{
  return stack->clock->time(stack);
}

/* Returns how old `now` is in ms, which is how long the current callback has been running. A script
 * may have computed for seconds. A time-out that it then sets has to be longer by that much.
 * (Bringing `now` up to date would let timers that are due by then expire in this very iteration,
 * again and again if they take long.) */
static inline uint64_t netmcu__lag(netmcu__stack *stack)
{
  uint64_t now = netmcu__now(stack), time = netmcu__time(stack) / 1000000;

  return time > now ? time - now : 0;
}

#endif
