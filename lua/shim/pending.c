/* Functions that are called once and belong to no object: those that wait for an answer or for the
 * next turn of the loop. The function is in the registry until it is called. What finds it there is
 * a block of the state's allocator, which costs less than a userdata. The host frees it if nothing
 * has called the function by then. */
#include "shim/host_private.h"

struct netmcu_pending {
  netmcu_host *host;
  netmcu_pending *next, **link; /* in the host's list */
  int function;                 /* its reference in the registry */
};

static void *allocate(lua_State *L, void *block, size_t old_size, size_t size)
{
  void *data;
  lua_Alloc allocator = lua_getallocf(L, &data);

  return allocator(data, block, old_size, size);
}

netmcu_pending *netmcu_pending_new(lua_State *L, netmcu_host *host, int index)
{
  lua_pushvalue(L, index);
  int function = luaL_ref(L, LUA_REGISTRYINDEX); /* first: it may raise an error */
  netmcu_pending *p = allocate(L, NULL, 0, sizeof(*p));

  if (p == NULL) {
    luaL_unref(L, LUA_REGISTRYINDEX, function);
    luaL_error(L, "not enough memory");
    return NULL;
  }
  *p = (netmcu_pending){.host = host, .next = host->pending, .link = &host->pending, .function = function};
  if (p->next)
    p->next->link = &p->next;
  host->pending = p;
  return p;
}

netmcu_host *netmcu_pending_host(const netmcu_pending *p)
{
  return p->host;
}

void netmcu_pending_free(lua_State *L, netmcu_pending *p)
{
  *p->link = p->next;
  if (p->next)
    p->next->link = p->link;
  luaL_unref(L, LUA_REGISTRYINDEX, p->function);
  allocate(L, p, sizeof(*p), 0);
}

void netmcu_pending_push(lua_State *L, netmcu_pending *p)
{
  lua_rawgeti(L, LUA_REGISTRYINDEX, p->function);
  netmcu_pending_free(L, p);
}
