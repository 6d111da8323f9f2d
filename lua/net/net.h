/* The modules net and tmr. The three kinds of net objects are userdata that begin with a
 * net_object; as on the device, a method may be reached through any of them, and takes every kind
 * for which it makes sense. */
#ifndef NETMCU_NET_H
#define NETMCU_NET_H

#include "shim/shim.h"

/* Sets the function that gives TLS to the socket in its first argument. It returns true, or nil and
 * a message. */
void net_secure_with(lua_State *L, lua_CFunction secure);

/* Leave the module's table on the stack. */
int net_open(lua_State *L);
int luaopen_tmr(lua_State *L);

/* ---- objects (net.c) ------------------------------------------------------------------------- */

typedef enum net_kind { NET_SOCKET, NET_SERVER, NET_UDP } net_kind;

#define NET_BIT(kind) (1u << (kind))

/* What each kind begins with. */
typedef struct net_object {
  const void *tag; /* &net_tag, which no other userdata has */
  netmcu_host *host;
  union {
    netmcu_connection *connection;
    netmcu_server *server;
    netmcu_udp *udp;
  } core;           /* NULL once __gc has freed it */
  int anchor;       /* in the registry while it is open or waits for an answer; else LUA_NOREF */
  uint32_t lookups; /* the answers that dns() will deliver */
  uint8_t kind;
  uint8_t handlers; /* bit n: there is a function in slot n */
  bool is_secure;   /* of a socket: its connects use TLS; takes no memory, because the struct has room here */
} net_object;

/* The slots of handlers (handlers.c). That of a server's clients is in the place of "connection". */
enum { ON_RECEIVE = 1, ON_SENT, ON_CONNECTION, ON_RECONNECTION, ON_DISCONNECTION, ON_DNS };

/* The user value behind those of the handlers, which only UDP sockets have. */
#define NET_WAITING 4

/* Pushes a new object. `size` is that of its struct, which begins with the net_object or is one. */
net_object *net_push_new(lua_State *L, netmcu_host *host, net_kind kind, size_t size);
/* Returns the first argument, which must be of one of the kinds (bits); else raises "invalid user
 * data". */
net_object *net_check(lua_State *L, unsigned kinds);
/* Raises "not connected" if the object is gone. */
void net_check_usable(lua_State *L, const net_object *object);
bool net_is_open(const net_object *object);
/* Whether the object has ended for good, by __gc or with the state. */
bool net_is_gone(const net_object *object);

void net_anchor(lua_State *L, int index, net_object *object);
void net_release_when_idle(lua_State *L, net_object *object);
/* Ends a method that has anchored its object: an error of the core is raised, after the anchor is
 * released. */
int net_finish(lua_State *L, net_object *object, int error);

/* ---- events (handlers.c) --------------------------------------------------------------------- */

void net_set_handler(lua_State *L, int object_index, int function_index, net_object *object, int slot);
static inline bool net_has_handler(const net_object *object, int slot)
{
  return object->handlers >> slot & 1;
}
/* Pushes the handler and then the object. Returns false, and pushes nothing, if there is no
 * handler. */
bool net_push_handler(lua_State *L, const net_object *object, int slot);
/* Pushes the handler of the object at the index, which must have it. */
void net_push_handler_of(lua_State *L, int object_index, int slot);
/* As netmcu_enter, for an event of the object. */
static inline bool net_enter(const net_object *object, lua_CFunction body, void *argument, const char *event)
{
  return netmcu_enter(object->host, body, argument, event, object);
}
/* Calls the handler of the slot, if there is one, with nothing but the object. */
void net_notify(const net_object *object, int slot, const char *event);

/* ---- arguments (arguments.c) ----------------------------------------------------------------- */

/* A port as the device reads it: any number, or a string that is one, cut to 16 bits. */
uint16_t net_check_port(lua_State *L, int index);
/* The string at the index as a host name: raises an error if it contains a zero byte. */
const char *net_check_host(lua_State *L, netmcu_host *host, int index);
/* The arguments at the end of send(): data, which must not be empty, and a function for "sent", if
 * there is one. */
const char *net_check_data(lua_State *L, int index, net_object *object, size_t *size);
/* Reads an address as the device does, which has IPv4 only. Returns false for any other text. */
bool net_read_ip(const char *text, netmcu_address *address);
/* The same for the address of a peer, which may be of IPv6 if names may have one (--ipv6). */
bool net_read_peer(const netmcu_host *host, const char *text, netmcu_address *address);
/* Pushes the text of an IP, or nil for NULL. */
void net_push_ip(lua_State *L, const netmcu_address *address);
/* Pushes port and address, or two nils for an error. */
int net_push_address(lua_State *L, int error, const netmcu_address *address);

/* ---- the functions of each kind -------------------------------------------------------------- */

extern const luaL_Reg net_socket_methods[], net_server_methods[], net_udp_methods[];
extern const luaL_Reg net_functions[], net_dns_functions[]; /* stack.c, dns.c */

int net_create_connection(lua_State *L, bool is_secure);
int net_create_server(lua_State *L);
int net_create_udp(lua_State *L);

/* The methods of several kinds */
int net_close(lua_State *L);
int net_connect(lua_State *L);
int net_dns(lua_State *L);
/* The chip answers a literal address inside the call. Pushes the address. Returns false, pushing
 * nothing, if the name is to be looked up. */
bool net_push_literal(lua_State *L, const netmcu_host *host, const char *name);
/* The chip takes 255.255.255.255 for a failure. Returns NULL for what it takes for one. */
const netmcu_address *net_chip_answer(const netmcu_host *host, const netmcu_address *address);
/* Remember the address, or none (NULL), that dns() has given to the handler of the socket at the
 * index, and compare it (told.c). */
void net_note_told(lua_State *L, int index, const netmcu_address *address);
bool net_is_told(lua_State *L, int index, const netmcu_address *address);
int net_getaddr(lua_State *L);
int net_listen(lua_State *L);
int net_on(lua_State *L);
int net_send(lua_State *L);
int net_ttl(lua_State *L);

/* ESPCONN_HANDSHAKE of the device's SDK. */
#define NET_HANDSHAKE_FAILED (-28)

/* Those of one kind, which the methods above call with the arguments still on the stack */
int net_socket_send(lua_State *L, net_object *object);
int net_socket_connect(lua_State *L, net_object *object);
void net_socket_choose_events(const net_object *object); /* after its "sent" handler has changed */
/* Pushes a socket for an accepted client. May raise an error, and the client is the
 * caller's then. */
void net_socket_push_client(lua_State *L, netmcu_host *host, netmcu_connection *client);
int net_server_listen(const net_object *object, uint16_t port, const char *ip);
int net_udp_send(lua_State *L, net_object *object);
int net_udp_connect(lua_State *L, net_object *object);
int net_udp_close(net_object *object);
void net_udp_free(net_object *object);

#endif
