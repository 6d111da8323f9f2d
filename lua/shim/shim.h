/* What the files of the shim share: the host of a Lua state, the door from the core into Lua, the network objects.
 *
 * The shim is thin: it checks arguments as the device does, calls the core, and gives its events to the script. */
#ifndef NETMCU_SHIM_H
#define NETMCU_SHIM_H

#include <stdbool.h>
#include <lauxlib.h>
#include <lua.h>
#include <netmcu.h>
#include <netmcu_divergences.h>
#include <netmcu_lua.h>

typedef struct net_object net_object;

/* ---- host.c: one per Lua state -------------------------------------------------------------------------- */

#define NETMCU_SITES 8

typedef struct netmcu_site {
  const char *source; /* of the chunk, as lua_Debug has it; NULL in events */
  int line, divergence;
} netmcu_site;

typedef struct netmcu_host {
  lua_State *L;       /* the main thread: callbacks run there */
  lua_State *calling; /* the thread that calls the core now, NULL in events: where a divergence has its line */
  netmcu_t *ctx;      /* NULL when the state is being closed */
  uint64_t started;   /* ns */
  bool running;       /* by netmcu.run or netmcu.wait */
  bool failed;        /* an error waits in the user value HOST_ERROR for whoever runs the loop */
  bool quiet;         /* no warnings */
  netmcu_site warned[NETMCU_SITES]; /* the last call sites that were warned of: none of them is looked up again */
  unsigned next_site;
  bool supervised;              /* the runner reports errors: nobody else need print them */
  bool shared;                  /* the loop is another's, which runs it */
  bool unloads;                 /* this code may leave the process with the state: nothing of it may stay on the loop */
  netmcu_lua_error_cb on_error; /* of a shared loop: told errors, or NULL */
  void *on_error_data;
  const char *leave; /* "restart", "sleep" or "end": why the run ends, NULL when nobody asked for it */
  uint64_t sleep;    /* µs, of "sleep" */
  const char *event; /* what the script is called for now, NULL outside of events, and for which object */
  const net_object *event_object;
  /* Takes what a script writes to standard output, where a line editor shares the terminal with it; else NULL. */
  void (*output)(const char *text, size_t size);
  void (*note)(const char *line); /* the same for what is said on standard error */
  unsigned trace_flags;
  bool by_lines; /* standard input comes line by line, so that what follows a restart is left for the next state */
  struct netmcu_stdin *input;
  struct netmcu_pending *pending; /* all that wait */
} netmcu_host;

/* User values of the host's userdata, which is the first upvalue of every function of the shim. */
enum { HOST_ERROR = 1, HOST_ONERROR, HOST_WARNED, HOST_STDIN, HOST_VALUES = HOST_STDIN };

/* The host of this state, created when there is none; leaves its userdata on the stack. */
netmcu_host *netmcu_host_push(lua_State *L);
netmcu_host *netmcu_host_find(lua_State *L); /* NULL when there is none; leaves nothing on the stack */
/* Creates it, on a loop (NULL: its own); as netmcu_host_push. There must be none. */
netmcu_host *netmcu_host_create(lua_State *L, uv_loop_t *loop, const netmcu_options *options);
#define netmcu_host_of(L) ((netmcu_host *)lua_touserdata(L, lua_upvalueindex(1)))
/* As netmcu_host_of; raises when the state is being closed: finalizers of a script may still call everything. */
netmcu_host *netmcu_host_check(lua_State *L);
void netmcu_host_pushself(lua_State *L);
/* Prints a line, without its end, to standard error. */
void netmcu_host_note(const netmcu_host *host, const char *line);

/* Creates a library table whose functions have the host as first upvalue. */
void netmcu_host_newlib(lua_State *L, const luaL_Reg *functions);

/* Raises the device's text for an error of the core. */
int netmcu_raise(lua_State *L, netmcu_host *host, int error);
/* Reports a divergence at the script's line; raises under strict. */
void netmcu_shim_diverge(lua_State *L, netmcu_host *host, int divergence, long number);

int luaopen_netmcu_host(lua_State *L);
extern const luaL_Reg netmcu_run_functions[], netmcu_edge_functions[]; /* host_run.c, host_edge.c */
void netmcu_stdin_close(netmcu_host *host);
int netmcu_host_stdin(lua_State *L);
int netmcu_host_options(lua_State *L);

/* ---- callback.c: the one door from the core into Lua ---------------------------------------------------------- */

/* Runs `body` in the main thread, protected, with `argument` as a light userdata; it may raise. `event` and `object` (both
 * may be NULL) are what the text of an error names: "'receive'", the socket. node.setonerror's function sees an error first,
 * then it goes to whoever runs the loop. Returns false then. */
bool netmcu_enter(netmcu_host *host, lua_CFunction body, void *argument, const char *event, const net_object *object);
/* The script has crashed, or asked for its end: the rest of this turn is not its any more. */
bool netmcu_is_over(const netmcu_host *host);
/* Raises, out of a run call, the error that a callback left behind. */
void netmcu_raise_pending(lua_State *L, netmcu_host *host);
int netmcu_traceback(lua_State *L);

/* ---- pending.c: a function that waits to be called once ------------------------------------------------------- */

typedef struct netmcu_pending netmcu_pending;

netmcu_pending *netmcu_pending_new(lua_State *L, netmcu_host *host, int index); /* of the function at the index; may raise */
netmcu_host *netmcu_pending_host(const netmcu_pending *p);
void netmcu_pending_push(lua_State *L, netmcu_pending *p); /* pushes the function and frees what waited for it */
void netmcu_pending_free(lua_State *L, netmcu_pending *p);

/* ---- traceback.c ------------------------------------------------------------------------------------------------ */

/* Pushes the message with a traceback, which leaves netmcu's own functions out. */
void netmcu_push_traceback(lua_State *L, const char *message, int level);
int netmcu_host_traceback(lua_State *L);

/* ---- net.c: the network objects --------------------------------------------------------------------------------- */

typedef enum net_kind { NET_SOCKET, NET_SERVER, NET_UDP } net_kind;

/* The payload of the three kinds of userdata. */
struct net_object {
  const void *tag; /* &net_tag: no other userdata has it */
  netmcu_host *host;
  union {
    netmcu_connection *connection;
    netmcu_server *server;
    netmcu_udp *udp;
  } core;
  int anchor;       /* in the registry while it is open or has an answer to deliver; else LUA_NOREF */
  uint32_t lookups; /* answers of dns() to come */
  uint8_t kind;
  uint8_t handlers;    /* bit n: user value n is a function */
  uint16_t reply_port; /* UDP: the peer of older forms, 0 when there is none */
  char reply_ip[NETMCU_IP_SIZE];
  netmcu_lookup *search;        /* UDP: of the name given to connect(), while it runs; counted in lookups */
  char told_ip[NETMCU_IP_SIZE]; /* what dns() told its handler last */
};

extern const char net_tag;

/* Handlers are user values of the object; a server's accept callback takes the place of "connection". */
enum { ON_CONNECTION = 1, ON_RECONNECTION, ON_DISCONNECTION, ON_RECEIVE, ON_SENT, ON_DNS, ON_COUNT = ON_DNS };

net_object *net_push_new(lua_State *L, netmcu_host *host, net_kind kind);
net_object *net_check(lua_State *L, unsigned kinds); /* first argument, one of the kinds' bits; "invalid user data" */
#define NET_BIT(kind) (1u << (kind))
void net_anchor(lua_State *L, int index, net_object *object);
void net_release_when_idle(lua_State *L, net_object *object);
void net_set_handler(lua_State *L, int object_index, int function_index, net_object *object, int slot);
bool net_has_handler(const net_object *object, int slot);
/* Pushes the handler, then the object; false, pushing nothing, when there is no handler. */
bool net_push_handler(lua_State *L, const net_object *object, int slot);
bool net_is_open(const net_object *object);
bool net_is_gone(const net_object *object); /* for good: by __gc, or with the state */

/* A port as the device reads it: any number, or a string that is one, cut to 16 bits. */
uint16_t net_check_port(lua_State *L, int index);
/* A host name, which may be no address: a string without a zero byte. */
const char *net_check_host(lua_State *L, netmcu_host *host, int index);
int net_push_address(lua_State *L, int error, const netmcu_address *address);

/* The functions of each kind, in net/socket.c, net/server.c, net/udp.c */
extern const luaL_Reg net_socket_methods[], net_server_methods[], net_udp_methods[];
extern const luaL_Reg net_dns_functions[], net_functions[]; /* net/dns.c, net/stack.c */

int net_create_connection(lua_State *L);
int net_create_server(lua_State *L);
int net_create_udp(lua_State *L);

/* For objects of several kinds */
int net_close(lua_State *L);
int net_getaddr(lua_State *L);
void net_push_description(lua_State *L, const net_object *object); /* "net.socket (connected, 127.0.0.1:80)" */
int net_on(lua_State *L);
int net_dns(lua_State *L);
int net_ttl(lua_State *L);
int net_send(lua_State *L);
int net_listen(lua_State *L);
int net_connect(lua_State *L);

void net_socket_choose_events(const net_object *object); /* after its "sent" handler changed */
/* Makes the new object on top of the stack that of an accepted client. */
void net_socket_adopt(lua_State *L, net_object *object, netmcu_connection *client);

/* Raises what binding to a port failed with; a missing permission says what to do. */
int net_raise_bind(lua_State *L, netmcu_host *host, int error, uint16_t port);

/* Of one kind, called by the functions above with the arguments still on the stack */
int net_socket_send(lua_State *L, net_object *object);
int net_socket_connect(lua_State *L, net_object *object);
int net_server_listen(lua_State *L, net_object *object, uint16_t port, const char *ip, int callback_index);
int net_udp_send(lua_State *L, net_object *object);
int net_udp_listen(lua_State *L, net_object *object, uint16_t port, const char *ip);
int net_udp_connect(lua_State *L, net_object *object);
int net_udp_close(net_object *object);
void net_udp_free(net_object *object);

/* ---- tmr.c --------------------------------------------------------------------------------------------------------- */

int luaopen_tmr(lua_State *L);
int luaopen_net_luv(lua_State *L); /* embed.c */

#endif
