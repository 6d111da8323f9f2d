/* The handlers of the objects. See net.h.
 *
 * Most sockets of a server have handlers for "receive" and "sent", and at most one other. An object
 * therefore has three user values: one for each of the two, and one for all others. That one is the
 * handler itself, or a table if there are several. */
#include <string.h>

#include "net/net.h"

enum { OTHERS = ON_SENT + 1 };

#define OTHER_BITS (~0u << OTHERS)

/* Pushes the table of the other handlers of the object at the index. It replaces a single handler. */
static void push_others(lua_State *L, int object_index, const net_object *object)
{
  int slot = OTHERS;

  if (lua_getiuservalue(L, object_index, OTHERS) == LUA_TTABLE)
    return;
  while (!net_has_handler(object, slot))
    slot++;
  lua_createtable(L, 0, 2);
  lua_insert(L, -2);
  lua_rawseti(L, -2, slot);
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, object_index, OTHERS);
}

void net_set_handler(lua_State *L, int object_index, int function_index, net_object *object, int slot)
{
  bool is_set = lua_isfunction(L, function_index);
  unsigned handlers = object->handlers & ~(1u << slot);

  if (slot < OTHERS || (handlers & OTHER_BITS) == 0) {
    lua_pushvalue(L, function_index);
    lua_setiuservalue(L, object_index, slot < OTHERS ? slot : OTHERS);
  } else if (is_set || net_has_handler(object, slot)) {
    push_others(L, object_index, object);
    lua_pushvalue(L, function_index);
    lua_rawseti(L, -2, slot);
    lua_pop(L, 1);
  }
  object->handlers = (uint8_t)(is_set ? handlers | 1u << slot : handlers);
  if (slot == ON_SENT && object->kind == NET_SOCKET)
    net_socket_choose_events(object);
}

void net_push_handler_of(lua_State *L, int object_index, int slot)
{
  if (lua_getiuservalue(L, object_index, slot < OTHERS ? slot : OTHERS) == LUA_TTABLE) {
    lua_rawgeti(L, -1, slot);
    lua_replace(L, -2);
  }
}

bool net_push_handler(lua_State *L, const net_object *object, int slot)
{
  if (!net_has_handler(object, slot))
    return false;
  lua_rawgeti(L, LUA_REGISTRYINDEX, object->anchor);
  net_push_handler_of(L, -1, slot);
  lua_pushvalue(L, -2); /* cheaper than an exchange of the two: the first object stays below */
  return true;
}

typedef struct notice {
  const net_object *object;
  int slot;
} notice;

static int call_notified(lua_State *L)
{
  const notice *n = lua_touserdata(L, 1);

  if (net_push_handler(L, n->object, n->slot))
    lua_call(L, 1, 0);
  return 0;
}

void net_notify(const net_object *object, int slot, const char *event)
{
  notice n = {object, slot};

  if (net_has_handler(object, slot))
    net_enter(object, call_notified, &n, event);
}

static int find_slot(const net_object *object, const char *name)
{
  static const struct {
    const char *name;
    int slot;
    unsigned kinds;
  } events[] = {{"connection", ON_CONNECTION, NET_BIT(NET_SOCKET)},
                {"reconnection", ON_RECONNECTION, NET_BIT(NET_SOCKET)},
                {"disconnection", ON_DISCONNECTION, NET_BIT(NET_SOCKET)},
                {"receive", ON_RECEIVE, NET_BIT(NET_SOCKET) | NET_BIT(NET_UDP)},
                {"sent", ON_SENT, NET_BIT(NET_SOCKET) | NET_BIT(NET_UDP)},
                {"dns", ON_DNS, NET_BIT(NET_SOCKET) | NET_BIT(NET_UDP)}};

  for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
    if ((events[i].kinds & NET_BIT(object->kind)) && strcmp(events[i].name, name) == 0)
      return events[i].slot;
  return 0;
}

int net_on(lua_State *L)
{
  net_object *object = net_check(L, NET_BIT(NET_SOCKET) | NET_BIT(NET_UDP));
  int slot = find_slot(object, luaL_checkstring(L, 2));

  if (slot == 0)
    return luaL_error(L, "invalid callback name");
  if (!lua_isfunction(L, 3) && !lua_isnil(L, 3))
    return luaL_error(L, "invalid callback function");
  net_set_handler(L, 1, 3, object, slot);
  return 0;
}
