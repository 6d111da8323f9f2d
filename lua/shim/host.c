/* The host of a Lua state: its life, its context, its clock, and what the program around it sets. The
 * first module that needs the host creates it. It ends after all other objects, because Lua collects
 * objects in the reverse order of their creation. */
#include <string.h>
#include <uv.h>

#include "shim/host_private.h"

#define LOOKS     1000 /* how often a script may look at the same simulated time before a look takes time */
#define LOOK_TIME 10   /* the µs that each further look takes */

static const char host_key = 0;

void netmcu_host_push_self(lua_State *L)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, &host_key);
}

netmcu_host *netmcu_host_check(lua_State *L)
{
  netmcu_host *host = netmcu_host_of(L);

  if (host->ctx == NULL)
    luaL_error(L, "the state is being closed");
  return host;
}

void netmcu_host_add_functions(lua_State *L, const luaL_Reg *functions)
{
  netmcu_host_push(L);
  luaL_setfuncs(L, functions, 1);
}

void netmcu_host_new_library(lua_State *L, const luaL_Reg *functions)
{
  lua_newtable(L);
  netmcu_host_add_functions(L, functions);
}

void netmcu_host_new_class(lua_State *L, const char *name, const luaL_Reg *methods, const luaL_Reg *metamethods)
{
  if (luaL_newmetatable(L, name)) {
    netmcu_host_add_functions(L, methods);
    netmcu_host_add_functions(L, metamethods);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
  }
  lua_pop(L, 1);
}

void netmcu_set_integer(lua_State *L, const char *name, lua_Integer value)
{
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

netmcu_t *netmcu_host_context(const netmcu_host *host)
{
  return host->ctx;
}

uint64_t netmcu_host_elapsed(const netmcu_host *host)
{
  return host->ctx ? netmcu_get_time(host->ctx) / 1000 : host->end;
}

uint64_t netmcu_host_look_at_time(netmcu_host *host)
{
  uint64_t now = netmcu_host_elapsed(host);

  if (host->place == NULL || host->ctx == NULL)
    return now;
  if (now != host->looked_at)
    host->looks = 0;
  if (++host->looks > LOOKS) {
    netmcu_sim_delay(netmcu_sim_of(host->place), LOOK_TIME);
    now = netmcu_host_elapsed(host);
  }
  host->looked_at = now;
  return now;
}

uint64_t netmcu_host_clock(const netmcu_host *host)
{
  uv_timeval64_t now = {.tv_sec = 0};

  if (host->place)
    return netmcu_sim_clock(host->place);
  uv_gettimeofday(&now);
  return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_usec;
}

uint64_t netmcu_host_random(const netmcu_host *host)
{
  uint64_t bits = 0;

  if (host->place)
    return netmcu_sim_host_random(host->place);
  uv_random(NULL, NULL, &bits, sizeof(bits), 0, NULL);
  return bits;
}

bool netmcu_host_is_chip(const netmcu_host *host)
{
  return host->place && host->ctx && netmcu_is_strict(host->ctx);
}

bool netmcu_host_delay(netmcu_host *host, uint64_t us)
{
  host->delayed += us;
  if (host->place)
    netmcu_sim_delay(netmcu_sim_of(host->place), us);
  return host->place != NULL;
}

/* ---- for a program around the state ---------------------------------------------------------- */

void netmcu_host_supervise(netmcu_host *host)
{
  host->supervised = true;
}

void netmcu_host_set_quiet(netmcu_host *host, bool quiet)
{
  host->quiet = quiet;
}

void netmcu_host_set_program(netmcu_host *host, const netmcu_program *program, void *data)
{
  host->program = program;
  host->program_data = data;
}

void netmcu_host_end_run(netmcu_host *host)
{
  if (host->program->over)
    host->program->over(host->program_data);
  else
    netmcu_stop(host->ctx);
}

void netmcu_host_read_lines(netmcu_host *host)
{
  host->read_lines = true;
}

void netmcu_host_on_error(netmcu_host *host, netmcu_lua_error_cb cb, void *data)
{
  host->on_error = cb;
  host->on_error_data = data;
}

void netmcu_host_clear_loop_at_end(netmcu_host *host)
{
  host->clear_loop = true;
}

/* ---- creation and end ------------------------------------------------------------------------ */

static void on_closed(void *data)
{
  *(bool *)data = true;
}

static void close_and_clear_loop(netmcu_t *ctx)
{
  uv_loop_t *loop = netmcu_get_loop(ctx);
  bool closed = false;

  netmcu_close(ctx, on_closed, &closed);
  while (!closed)
    uv_run(loop, UV_RUN_ONCE);
}

/* A shared loop, or a simulated world, goes on after the state: nothing there may call back into
 * the state. */
static void forget_script(netmcu_t *ctx)
{
  netmcu_set_trace(ctx, NULL, NULL);
  netmcu_set_warning(ctx, NULL, NULL);
}

static int host_gc(lua_State *L)
{
  netmcu_host *host = lua_touserdata(L, 1);
  netmcu_t *ctx = host->ctx;

  if (ctx == NULL)
    return 0;
  netmcu_host_close_stdin(host);
  while (host->pending)
    netmcu_pending_free(L, host->pending);
  host->end = netmcu_host_elapsed(host);
  host->ctx = NULL;
  if (host->shared || host->place)
    forget_script(ctx);
  if (host->clear_loop)
    close_and_clear_loop(ctx);
  else
    netmcu_close(ctx, NULL, NULL);
  return 0;
}

static netmcu_host *push_new(lua_State *L)
{
  static const netmcu_program none;
  netmcu_host *host = lua_newuserdatauv(L, sizeof(*host), HOST_VALUES);

  memset(host, 0, sizeof(*host));
  host->program = &none;
  lua_createtable(L, 0, 2);
  lua_pushcfunction(L, host_gc);
  lua_setfield(L, -2, "__gc");
  lua_pushliteral(L, "netmcu.host");
  lua_setfield(L, -2, "__name");
  lua_setmetatable(L, -2);
  lua_newtable(L);
  lua_setiuservalue(L, -2, HOST_WARNED);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  host->L = lua_tothread(L, -1);
  lua_pop(L, 1);
  return host;
}

/* Completes the host on top of the stack. */
static netmcu_host *begin(lua_State *L, netmcu_host *host)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;

  if (host->ctx == NULL)
    luaL_error(L, "netmcu: no event loop: out of memory or of open files");
  netmcu_set_warning(host->ctx, netmcu_host_on_divergence, host);
  netmcu_get_options(host->ctx, &options);
  if (options.frame_size == 0)
    options.frame_size = NETMCU_FRAME_SIZE;
  if (options.families == NETMCU_ANY_FAMILY)
    options.families = NETMCU_IPV4_ONLY;
  netmcu_set_options(host->ctx, &options);
  netmcu_modules_open(L, lua_gettop(L));
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &host_key);
  return host;
}

netmcu_host *netmcu_host_create(lua_State *L, uv_loop_t *loop, const netmcu_options *given)
{
  netmcu_host *host = push_new(L);

  host->shared = loop != NULL;
  host->ctx = netmcu_new(loop, given);
  return begin(L, host);
}

netmcu_host *netmcu_host_create_in(lua_State *L, netmcu_sim_host *place)
{
  netmcu_host *host = push_new(L);

  host->place = place;
  host->ctx = netmcu_sim_context(place, NULL);
  return begin(L, host);
}

netmcu_host *netmcu_host_find(lua_State *L)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, &host_key);
  netmcu_host *host = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return host;
}

netmcu_host *netmcu_host_push(lua_State *L)
{
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &host_key) == LUA_TUSERDATA)
    return lua_touserdata(L, -1);
  lua_pop(L, 1);
  return netmcu_host_create(L, NULL, NULL);
}
