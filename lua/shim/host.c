/* The host of a Lua state: its context, its errors and warnings, and the module netmcu.host, which
 * has what a desktop has and a device does not: running the loop, options, standard input. The
 * first module that needs the host creates it. It ends after all other objects, because Lua
 * collects objects in the reverse order of their creation. */
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "shim/host_private.h"

#define LOOKS     1000 /* at the same simulated time that take no time */
#define LOOK_TIME 10   /* µs that each further one takes */

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

void netmcu_host_note(const netmcu_host *host, const char *line)
{
  if (host->program->note)
    host->program->note(host->program_data, line);
  else
    fprintf(stderr, "%s\n", line);
}

/* ---- errors and warnings --------------------------------------------------------------------- */

/* Finds the Lua function that runs at the level, or else the next one above: a function that is
 * called through pcall has no line at its own level. */
bool netmcu_find_place(lua_State *L, int level, lua_Debug *ar)
{
  for (; lua_getstack(L, level, ar); level++) {
    lua_getinfo(L, "Sl", ar);
    if (ar->currentline > 0)
      return true;
  }
  return false;
}

#define NO_PLACE (-1)

/* Pushes "script.lua:12: ", or "" if no script is involved or the level is NO_PLACE. */
static const char *push_place(lua_State *L, int level)
{
  lua_Debug ar;

  if (level == NO_PLACE || !netmcu_find_place(L, level, &ar))
    return lua_pushliteral(L, "");
  return lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
}

static int raise_divergence(lua_State *L, int level, const char *text)
{
  lua_pushfstring(L, "%s%s", push_place(L, level), text);
  return lua_error(L);
}

int netmcu_raise(lua_State *L, netmcu_host *host, int error)
{
  if (error == NETMCU_ESTRICT)
    return raise_divergence(L, 1, netmcu_get_divergence_text(host->ctx));
  return luaL_error(L, "%s", netmcu_strerror(error));
}

void netmcu_host_diverge(lua_State *L, netmcu_host *host, int divergence, long number)
{
  if (host->ctx == NULL)
    return;
  int error = netmcu_call(L, host, netmcu_diverge(host->ctx, divergence, number));
  if (error)
    netmcu_raise(L, host, error);
}

void netmcu_host_begin_call(netmcu_host *host, lua_State *L)
{
  host->calling = L;
  host->calls++;
}

int netmcu_host_end_call(netmcu_host *host, int result)
{
  host->calling = NULL;
  return result;
}

typedef struct warning {
  const netmcu_host *host;
  lua_State *calling;
  int level; /* of the line that is named, seen from print_once */
  const char *id, *text;
} warning;

static int print_once(lua_State *L)
{
  const warning *w = lua_touserdata(L, 1);

  const char *where = w->calling ? push_place(L, w->level) : "";

  netmcu_host_push_self(L);
  lua_getiuservalue(L, -1, HOST_WARNED);
  lua_pushfstring(L, "%s %s", w->id, where);
  lua_pushvalue(L, -1);
  if (lua_rawget(L, -3) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
    netmcu_host_note(w->host, lua_pushfstring(L, "netmcu: %s%s", where, w->text));
  }
  return 0;
}

static void warn_at(netmcu_host *host, lua_State *calling, int level, const char *id, const char *text)
{
  warning w = {host, calling, level, id, text};
  lua_State *L = calling ? calling : host->L;
  int top = lua_gettop(L);

  if (host->quiet || !lua_checkstack(L, 4))
    return;
  lua_pushcfunction(L, print_once);
  lua_pushlightuserdata(L, &w);
  lua_pcall(L, 1, 0, 0); /* if memory runs out, the script goes on without the warning */
  lua_settop(L, top);
}

static void warn_once(netmcu_host *host, lua_State *calling, const char *id, const char *text)
{
  warn_at(host, calling, 2, id, text); /* the shim's function is in between */
}

/* A script may do the same for each of thousands of datagrams: the latest places cost no Lua table
 * access. */
static bool is_known_site(netmcu_host *host, int divergence)
{
  netmcu_site site = {NULL, 0, divergence};
  lua_Debug ar;

  if (host->calling && netmcu_find_place(host->calling, 1, &ar)) {
    site.source = ar.source;
    site.line = ar.currentline;
  }
  for (unsigned i = 0; i < NETMCU_SITES; i++)
    if (host->warned[i].line == site.line && host->warned[i].source == site.source &&
        host->warned[i].divergence == divergence && i < host->next_site)
      return true;
  host->warned[host->next_site++ % NETMCU_SITES] = site;
  return false;
}

static void on_divergence(netmcu_t *ctx, int divergence, const char *text, void *data)
{
  netmcu_host *host = data;
  char id[16];

  (void)ctx;
  netmcu_host_show_observer(host, host->calling, 1, text);
  if (host->quiet || (divergence != NETMCU_NOTICE && is_known_site(host, divergence)))
    return;
  snprintf(id, sizeof(id), "%d", divergence);
  warn_once(host, host->calling, divergence == NETMCU_NOTICE ? text : id, text);
}

/* ---- posts ----------------------------------------------------------------------------------- */

static int call_posted(lua_State *L)
{
  netmcu_pending_push(L, lua_touserdata(L, 1));
  lua_call(L, 0, 0);
  return 0;
}

static void run_posted(void *data)
{
  netmcu_enter(netmcu_pending_host(data), call_posted, data, "a task", NULL);
}

/* post(fn): calls fn() in the next turn of the loop, before the events of the network. */
static int host_post(lua_State *L)
{
  netmcu_host *host = netmcu_host_check(L);

  luaL_checktype(L, 1, LUA_TFUNCTION);
  netmcu_pending *p = netmcu_pending_new(L, host, 1);
  int error = netmcu_post(host->ctx, run_posted, p);
  if (error) {
    netmcu_pending_free(L, p);
    return netmcu_raise(L, host, error);
  }
  return 0;
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void visit(const char *description, void *data)
{
  lua_State *L = data;

  lua_pushstring(L, description);
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

/* walk(): a list of all that is open, with a line for each. */
static int host_walk(lua_State *L)
{
  netmcu_host *host = netmcu_host_check(L);

  lua_newtable(L);
  netmcu_walk(host->ctx, visit, L);
  return 1;
}

/* now(): the µs since the state's start. */
static int host_now(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)netmcu_host_look_at_time(netmcu_host_of(L)));
  return 1;
}

/* write(text): writes to standard output at once. */
static int host_write(lua_State *L)
{
  size_t size;
  const char *text = luaL_checklstring(L, 1, &size);
  netmcu_host *host = netmcu_host_of(L);

  if (host->program->output) {
    host->program->output(host->program_data, text, size);
    return 0;
  }
  fwrite(text, 1, size, stdout);
  fflush(stdout);
  return 0;
}

/* note(text): prints a line to standard error. */
static int host_note(lua_State *L)
{
  netmcu_host_note(netmcu_host_of(L), luaL_checkstring(L, 1));
  return 0;
}

/* warn(id, text [, level]): reports a divergence of a device module, as the core reports its own.
 * `level` is as in error(). */
static int host_warn(lua_State *L)
{
  netmcu_host *host = netmcu_host_check(L);
  const char *id = luaL_checkstring(L, 1), *text = luaL_checkstring(L, 2);
  int level = (int)luaL_optinteger(L, 3, 1);

  if (netmcu_is_strict(host->ctx))
    return raise_divergence(L, level > 0 ? level : NO_PLACE, text);
  netmcu_host_show_observer(host, level > 0 ? L : NULL, level, text);
  warn_at(host, L, level > 0 ? level + 1 : NO_PLACE, id, text);
  return 0;
}

void netmcu_host_remark(netmcu_host *host, const char *text)
{
  warn_once(host, NULL, text, text);
}

/* remark(text): prints a line that is not a divergence, once per run and unless warnings are off. */
static int host_remark(lua_State *L)
{
  netmcu_host_remark(netmcu_host_check(L), luaL_checkstring(L, 1));
  return 0;
}

/* onerror(fn | nil): calls fn(message) for an uncaught error, before the error ends the run. */
static int host_onerror(lua_State *L)
{
  if (!lua_isnoneornil(L, 1))
    luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lua_setiuservalue(L, lua_upvalueindex(1), HOST_ONERROR);
  return 0;
}

/* random(): 64 random bits. */
static int host_random(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)netmcu_host_random(netmcu_host_of(L)));
  return 1;
}

/* clock(): the µs since 1970. */
static int host_clock(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)netmcu_host_clock(netmcu_host_of(L)));
  return 1;
}

/* delayed(): the µs that all delays of the script were to take. */
static int host_delayed(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)netmcu_host_of(L)->delayed);
  return 1;
}

static const luaL_Reg functions[] = {{"post", host_post},
                                     {"random", host_random},
                                     {"clock", host_clock},
                                     {"options", netmcu_host_options},
                                     {"walk", host_walk},
                                     {"now", host_now},
                                     {"delayed", host_delayed},
                                     {"write", host_write},
                                     {"note", host_note},
                                     {"warn", host_warn},
                                     {"remark", host_remark},
                                     {"onerror", host_onerror},
                                     {"stdin", netmcu_host_stdin},
                                     {"traceback", netmcu_host_traceback},
                                     {NULL, NULL}};

int luaopen_netmcu_host(lua_State *L)
{
  netmcu_host_new_library(L, functions);
  netmcu_host_add_functions(L, netmcu_run_functions);
  netmcu_host_add_functions(L, netmcu_edge_functions);
  lua_pushstring(L, netmcu_version());
  lua_setfield(L, -2, "version");
  netmcu_host_push(L);
  lua_getiuservalue(L, -1, HOST_ENVIRONMENT);
  lua_setfield(L, -3, "environment");
  lua_pop(L, 1);
  return 1;
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
  netmcu_set_warning(host->ctx, on_divergence, host);
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
