/* The functions of `net` that belong to the whole stack: ping, multicastJoin, multicastLeave,
 * ifinfo. */
#include <string.h>
#include <uv.h>

#include "net/net.h"

/* ---- ping ------------------------------------------------------------------------------------ */

/* A userdata with the two callbacks as user values. It is anchored in the registry until the ping
 * is over. */
typedef struct ping {
  netmcu_host *host;
  int anchor;
} ping;

enum { ON_REPLY = 1, ON_DONE };

typedef struct reply {
  ping *ping;
  size_t bytes;
  const netmcu_address *from;
  unsigned sequence;
  double time;
  const netmcu_ping_summary *summary;
} reply;

static int call_reply(lua_State *L)
{
  const reply *r = lua_touserdata(L, 1);

  lua_rawgeti(L, LUA_REGISTRYINDEX, r->ping->anchor);
  if (r->from == NULL)
    luaL_unref(L, LUA_REGISTRYINDEX, r->ping->anchor); /* nothing follows */
  lua_getiuservalue(L, -1, ON_REPLY);
  lua_pushinteger(L, (lua_Integer)r->bytes);
  if (r->from == NULL) {
    lua_call(L, 1, 0);
    return 0;
  }
  net_push_ip(L, r->from);
  lua_pushinteger(L, r->sequence);
  lua_pushinteger(L, (lua_Integer)(r->time + 0.5));
  lua_call(L, 4, 0);
  return 0;
}

static int call_done(lua_State *L)
{
  const reply *r = lua_touserdata(L, 1);
  const netmcu_ping_summary *summary = r->summary;

  lua_rawgeti(L, LUA_REGISTRYINDEX, r->ping->anchor);
  luaL_unref(L, LUA_REGISTRYINDEX, r->ping->anchor);
  if (lua_getiuservalue(L, -1, ON_DONE) != LUA_TFUNCTION)
    return 0;
  net_push_ip(L, &summary->address);
  lua_pushinteger(L, summary->transmitted);
  lua_pushinteger(L, summary->lost);
  lua_pushinteger(L, (lua_Integer)summary->bytes);
  lua_pushinteger(L, summary->total_time);
  lua_call(L, 5, 0);
  return 0;
}

static void on_reply(void *data, size_t bytes, const netmcu_address *from, unsigned sequence, double milliseconds)
{
  reply r = {.ping = data, .bytes = bytes, .from = from, .sequence = sequence, .time = milliseconds};

  netmcu_enter(r.ping->host, call_reply, &r, "the answer to net.ping()", NULL);
}

static void on_done(void *data, const netmcu_ping_summary *summary)
{
  reply r = {.ping = data, .summary = summary};

  netmcu_enter(r.ping->host, call_done, &r, "the answer to net.ping()", NULL);
}

static const netmcu_ping_events ping_events = {on_reply, on_done};

static int raise_ping(lua_State *L, netmcu_host *host, int error)
{
  int system_error = netmcu_uv_error(error);

  if (system_error == UV_EACCES || system_error == UV_EPERM)
    return luaL_error(L, "ping: permission denied: run as root, or let the system allow it: "
                         "sysctl net.ipv4.ping_group_range=\"0 2147483647\"");
  if (error == NETMCU_ENOTSUP)
    return luaL_error(L, "ping is not in this build: configure it with -DNETMCU_PING=ON");
  return netmcu_raise(L, host, error);
}

/* ping(host [, count], fn(bytes, ip, sequence, ms) [, fn(ip, count, lost, bytes, ms)]) */
static int net_ping(lua_State *L)
{
  netmcu_host *host = netmcu_host_check(L);
  size_t length;
  const char *name = luaL_checklstring(L, 1, &length);

  int fn = lua_isfunction(L, 2) ? 2 : 3; /* the position of fn: count may be left out */
  lua_Integer count = fn == 2 ? 0 : luaL_optinteger(L, 2, 0);
  luaL_argcheck(L, count >= 0 && count <= INT32_MAX, 2, "invalid count");
  lua_settop(L, fn + 1);
  luaL_argcheck(L, lua_isfunction(L, fn), fn, "no received callback specified");
  luaL_argcheck(L, lua_isfunction(L, fn + 1) || lua_isnil(L, fn + 1), fn + 1,
                "invalid sent callback, function expected");
  if (strlen(name) != length)
    return netmcu_raise(L, host, NETMCU_EARGUMENT);
  ping *p = lua_newuserdatauv(L, sizeof(*p), ON_DONE);
  p->host = host;
  lua_pushvalue(L, fn);
  lua_setiuservalue(L, -2, ON_REPLY);
  lua_pushvalue(L, fn + 1);
  lua_setiuservalue(L, -2, ON_DONE);
  p->anchor = luaL_ref(L, LUA_REGISTRYINDEX);
  int error = netmcu_ping(netmcu_host_context(host), name, (unsigned)count, &ping_events, p, NULL);
  if (error) {
    luaL_unref(L, LUA_REGISTRYINDEX, p->anchor);
    return raise_ping(L, host, error);
  }
  return 0;
}

/* ---- multicast ------------------------------------------------------------------------------- */

static const char *check_interface(lua_State *L)
{
  netmcu_address address;

  if (!lua_isstring(L, 1))
    luaL_error(L, "wrong arg type");
  const char *ip = lua_tostring(L, 1);
  if (*ip == '\0' ||
      (strlen(ip) == 3 && strpbrk(ip, "aA") == ip && strpbrk(ip, "nN") == ip + 1 && strpbrk(ip, "yY") == ip + 2))
    return NULL;
  if (!net_read_ip(ip, &address))
    luaL_error(L, "invalid if ip");
  return ip;
}

static const char *check_group(lua_State *L)
{
  netmcu_address address;

  if (!lua_isstring(L, 2))
    luaL_error(L, "wrong arg type");
  const char *ip = lua_tostring(L, 2);
  if (!net_read_ip(ip, &address) || (address.ip[0] & 0xf0) != 0xe0) /* 224.0.0.0/4 */
    luaL_error(L, "invalid multicast ip");
  return ip;
}

/* multicastJoin(interface_ip, group_ip) */
static int net_multicast_join(lua_State *L)
{
  netmcu_host *host = netmcu_host_check(L);
  const char *interface_ip = check_interface(L);

  int error = netmcu_multicast_join(netmcu_host_context(host), interface_ip, check_group(L));
  if (error == NETMCU_ENETIF)
    return luaL_error(L, "invalid if ip");
  return error ? netmcu_raise(L, host, error) : 0;
}

/* multicastLeave(interface_ip, group_ip). The device ignores what its stack answers, and scripts
 * leave groups that they have not joined. */
static int net_multicast_leave(lua_State *L)
{
  netmcu_host *host = netmcu_host_check(L);
  const char *interface_ip = check_interface(L);

  netmcu_multicast_leave(netmcu_host_context(host), interface_ip, check_group(L));
  return 0;
}

/* ---- ifinfo ---------------------------------------------------------------------------------- */

/* An address that is not known is left out. */
static void set_ip(lua_State *L, const char *name, const netmcu_address *address)
{
  static const netmcu_address unknown;

  if (memcmp(address->ip, unknown.ip, sizeof(unknown.ip)) == 0)
    return;
  net_push_ip(L, address);
  lua_setfield(L, -2, name);
}

/* ifinfo([index]) returns a table, or nil if there is no such interface; the chip returns nothing
 * then. */
static int net_ifinfo(lua_State *L)
{
  const netmcu_host *host = netmcu_host_check(L);
  lua_Integer index = luaL_optinteger(L, 1, 0);
  netmcu_interface info = {.size = sizeof(info)};

  if (index < 0 || index > UINT16_MAX || netmcu_get_interface(netmcu_host_context(host), (unsigned)index, &info)) {
    lua_pushnil(L);
    return !netmcu_host_is_chip(host);
  }
  lua_newtable(L);
  set_ip(L, "ip", &info.ip);
  set_ip(L, "netmask", &info.netmask);
  set_ip(L, "gateway", &info.gateway);
  lua_pushlstring(L, (const char *)info.hwaddr, sizeof(info.hwaddr));
  lua_setfield(L, -2, "hwaddr");
  if (info.has_dhcp) {
    lua_newtable(L);
    set_ip(L, "server_ip", &info.dhcp_server);
    set_ip(L, "client_ip", &info.dhcp_client);
    set_ip(L, "ntp_server", &info.dhcp_ntp);
    lua_setfield(L, -2, "dhcp");
  }
  return 1;
}

const luaL_Reg net_functions[] = {{"ping", net_ping},
                                  {"multicastJoin", net_multicast_join},
                                  {"multicastLeave", net_multicast_leave},
                                  {"ifinfo", net_ifinfo},
                                  {NULL, NULL}};
