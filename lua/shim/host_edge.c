/* The part of netmcu.host for the core's edge: where the network really is (map_port, resolve,
 * bind), what happens on it (trace, stats), and what goes wrong on purpose (fault). The core reads
 * the rules, so that they are the same in scripts, on command lines and in C programs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#include <io.h>
#define isatty _isatty
#define STDERR 2
#else
#include <unistd.h>
#define STDERR STDERR_FILENO
#endif

#include "netmcu_tls.h"
#include "shim/host_private.h"

static int set_rule(lua_State *L, const char *what, int (*set)(netmcu_t *ctx, const char *rule))
{
  netmcu_host *host = netmcu_host_check(L);
  int error = set(host->ctx, luaL_optstring(L, 1, NULL));

  if (error == NETMCU_EVALUE)
    return luaL_error(L, "%s: %s", what, netmcu_get_rule_error(host->ctx));
  return error ? netmcu_raise(L, host, error) : 0;
}

/* map_port("80=8080" | "53/udp=5353" | "8000-8010=9000" | "auto" | nil) */
static int host_map_port(lua_State *L)
{
  return set_rule(L, "map-port", netmcu_map_port);
}

/* resolve("HOST[:PORT]=IP[:PORT]" | nil) */
static int host_resolve(lua_State *L)
{
  return set_rule(L, "resolve", netmcu_map_host);
}

/* bind(ip | nil) */
static int host_bind(lua_State *L)
{
  return set_rule(L, "bind", netmcu_bind_to);
}

/* mapped_port(port [, "udp"]): the port of this machine that was opened for the script's port. */
static int host_mapped_port(lua_State *L)
{
  static const char *const kinds[] = {"tcp", "udp", NULL};
  netmcu_host *host = netmcu_host_check(L);
  lua_Integer port = luaL_checkinteger(L, 1);

  luaL_argcheck(L, port >= 0 && port <= 65535, 1, "no port");
  lua_pushinteger(L, netmcu_get_mapped_port(host->ctx, luaL_checkoption(L, 2, "tcp", kinds), (uint16_t)port));
  return 1;
}

/* ---- faults ---------------------------------------------------------------------------------- */

/* Adds the value on top of the stack, and pops it. A number without a fraction becomes an integer:
 * no rule has "100.0". */
static void add_value(lua_State *L, luaL_Buffer *rule, const char *key)
{
  int is_integer = 0;
  lua_Integer integer = lua_type(L, -1) == LUA_TNUMBER ? lua_tointegerx(L, -1, &is_integer) : 0;

  if (lua_type(L, -1) != LUA_TNUMBER && lua_type(L, -1) != LUA_TSTRING)
    luaL_error(L, "fault: %s: a string or a number expected", key);
  if (is_integer) {
    lua_pop(L, 1);
    lua_pushinteger(L, integer);
  }
  luaL_tolstring(L, -1, NULL);
  lua_remove(L, -2);
  luaL_addvalue(rule);
}

/* {kind = "reset", port = 80, after = 100} is "reset,port=80,after=100" */
static void push_rule(lua_State *L)
{
  static const char *const keys[] = {"kind", "peer",        "port",      "after",    "ms", "size",
                                     "seed", "probability", "direction", "optional", NULL};
  luaL_Buffer rule;

  netmcu_check_keys(L, keys, "fault: no key");
  lua_getfield(L, 1, "optional");
  bool is_optional = lua_toboolean(L, -1);
  luaL_buffinit(L, &rule);
  if (is_optional)
    luaL_addchar(&rule, '?');
  for (int i = 0; keys[i + 1]; i++) {
    bool there = lua_getfield(L, 1, keys[i]) != LUA_TNIL;
    lua_pop(L, 1);
    if (!there)
      continue;
    if (i > 0) {
      luaL_addchar(&rule, ',');
      luaL_addstring(&rule, keys[i]);
      luaL_addchar(&rule, '=');
    }
    lua_getfield(L, 1, keys[i]);
    add_value(L, &rule, keys[i]);
  }
  luaL_pushresult(&rule);
}

/* fault{kind =, peer =, port =, after =, ms =, size =, seed =, probability =, direction =, optional =},
 * fault("reset,port=80,after=100"); fault() removes all faults. */
static int host_fault(lua_State *L)
{
  if (lua_istable(L, 1)) {
    push_rule(L);
    lua_replace(L, 1);
  }
  return set_rule(L, "fault", netmcu_set_fault);
}

/* ---- trace ----------------------------------------------------------------------------------- */

static void print_event(netmcu_t *ctx, const netmcu_trace_event *event, void *data)
{
  const netmcu_host *host = data;
  unsigned flags = host->trace_flags;
  char text[512], *line = text;
  size_t length = netmcu_trace_format(event, flags, text, sizeof(text));

  (void)ctx;
  if (length >= sizeof(text)) {
    line = malloc(length + 1);
    if (line)
      netmcu_trace_format(event, flags, line, length + 1);
    else
      line = text; /* which is cut off */
  }
  netmcu_host_note(host, line);
  if (line != text)
    free(line);
}

static void on_event(netmcu_t *ctx, const netmcu_trace_event *event, void *data)
{
  const netmcu_host *host = data;

  if (host->observer)
    host->observer->event(event, host->observer->data);
  if (host->prints_trace)
    print_event(ctx, event, data);
}

static int update_trace(netmcu_host *host)
{
  return netmcu_set_trace(host->ctx, host->prints_trace || host->observer ? on_event : NULL, host);
}

int netmcu_host_observe(netmcu_host *host, const netmcu_observer *observer)
{
  host->observer = observer;
  return update_trace(host);
}

unsigned netmcu_host_calls(const netmcu_host *host)
{
  return host->calls;
}

void netmcu_host_show_observer(const netmcu_host *host, lua_State *L, int level, const char *text)
{
  lua_Debug ar;

  if (host->observer == NULL)
    return;
  if (L && netmcu_find_place(L, level, &ar))
    host->observer->warning(text, ar.short_src, ar.currentline, host->observer->data);
  else
    host->observer->warning(text, "", 0, host->observer->data);
}

/* https://no-color.org */
static bool wants_colour(void)
{
  const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");

  return isatty(STDERR) && (no_colour == NULL || *no_colour == '\0') && terminal && strcmp(terminal, "dumb") != 0;
}

/* trace("text" | "json" | nil [, data [, plaintext]]): prints a line for each event to standard
 * error; with `data`, all bytes too; with `plaintext`, also the data inside of TLS. */
static int host_trace(lua_State *L)
{
  static const char *const modes[] = {"text", "json", NULL};
  netmcu_host *host = netmcu_host_check(L);
  bool all = lua_toboolean(L, 2);

  if (!lua_toboolean(L, 1)) {
    host->prints_trace = false;
    update_trace(host);
    return 0;
  }
  unsigned flags = luaL_checkoption(L, 1, NULL, modes) == 1 ? NETMCU_TRACE_JSON
                   : wants_colour()                         ? NETMCU_TRACE_COLOUR
                                                            : 0;
  flags |= all ? NETMCU_TRACE_DATA : 0;
  host->trace_flags = flags;
  host->prints_trace = true;
  int error = update_trace(host);
  if (error == 0 && lua_toboolean(L, 3))
    error = netmcu_set_tls_trace(host->ctx, true);
  return error ? netmcu_raise(L, host, error) : 0;
}

/* ---- statistics ------------------------------------------------------------------------------ */

/* stats(): a table of numbers. The memory of the core and that of Lua are in bytes. */
static int host_stats(lua_State *L)
{
  netmcu_statistics s = NETMCU_STATISTICS_INIT;

  netmcu_get_statistics(netmcu_host_check(L)->ctx, &s);
  lua_createtable(L, 0, 12);
  netmcu_set_integer(L, "connections", (lua_Integer)s.connections);
  netmcu_set_integer(L, "servers", (lua_Integer)s.servers);
  netmcu_set_integer(L, "udp_sockets", (lua_Integer)s.udp_sockets);
  netmcu_set_integer(L, "timers", (lua_Integer)s.timers);
  netmcu_set_integer(L, "lookups", (lua_Integer)s.lookups);
  netmcu_set_integer(L, "pings", (lua_Integer)s.pings);
  netmcu_set_integer(L, "closing", (lua_Integer)s.closing);
  netmcu_set_integer(L, "bytes_received", (lua_Integer)s.bytes_received);
  netmcu_set_integer(L, "bytes_sent", (lua_Integer)s.bytes_sent);
  netmcu_set_integer(L, "events", (lua_Integer)s.events);
  netmcu_set_integer(L, "memory", (lua_Integer)s.memory);
  netmcu_set_integer(L, "lua_memory",
                     (lua_Integer)lua_gc(L, LUA_GCCOUNT) * 1024 + (lua_Integer)lua_gc(L, LUA_GCCOUNTB));
  return 1;
}

const luaL_Reg netmcu_edge_functions[] = {{"map_port", host_map_port}, {"mapped_port", host_mapped_port},
                                          {"resolve", host_resolve},   {"bind", host_bind},
                                          {"fault", host_fault},       {"trace", host_trace},
                                          {"stats", host_stats},       {NULL, NULL}};
