/* netmcu --page: serves a page that shows the device.
 *
 * The page has a loop, a Lua state and a context of its own, which live as long as the program. The
 * modules of lua/page/ run there as the web server. While a script runs, its loop polls the loop of
 * the page, as it does with --watch; between two states, the page's loop runs by itself. The page
 * keeps the script running: a button may be pressed at any time.
 *
 * The server sees a script through page_console.c and page_network.c, which collect what has
 * happened, and through page_call, which runs lua/page/device.lua in the script's state. */
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#include "runner/page.h"

#define LOOK    20            /* ms: how often a loop without a descriptor is polled (Windows) */
#define PROGRAM "netmcu.page" /* the field of the registry with the server's table */
#define TURNS   1000          /* the most turns of the page's loop in one event of the script's */

static struct {
  const runner_options *options; /* NULL: there is no page */
  uv_loop_t loop;
  uv_async_t wake;  /* ends runner_page_wait, from a signal handler */
  uv_timer_t limit; /* of runner_page_wait */
  lua_State *L;
  uv_loop_t *server; /* the loop that polls this one, or NULL */
  uv_poll_t poll;    /* in that loop */
  uv_timer_t timer;  /* in that loop: the timers of this one */
  bool is_turning;
  runner *attached;
  unsigned run;
  const char *state; /* of the script: "running", "failed", "sleeping", "waiting" */
  uint64_t ends;     /* of the sleep, in ms of the loop */
  bool wants_restart;
} page;

bool runner_page_is_open(void)
{
  return page.options != NULL;
}

/* ---- for the server -------------------------------------------------------------------------- */

/* Copies a string, a number or a boolean. */
static void copy_value(lua_State *from, int index, lua_State *to)
{
  size_t size;

  switch (lua_type(from, index)) {
  case LUA_TBOOLEAN: lua_pushboolean(to, lua_toboolean(from, index)); return;
  case LUA_TNUMBER:
    if (lua_isinteger(from, index))
      lua_pushinteger(to, lua_tointeger(from, index));
    else
      lua_pushnumber(to, lua_tonumber(from, index));
    return;
  case LUA_TSTRING: {
    const char *text = lua_tolstring(from, index, &size);
    lua_pushlstring(to, text, size);
    return;
  }
  default: lua_pushnil(to);
  }
}

/* Runs in the script's state, with the page's state as a light userdata. */
static int call_device(lua_State *S)
{
  lua_State *L = lua_touserdata(S, 1);
  int count = lua_gettop(L);

  luaL_checkstack(S, count + 4, NULL);
  netmcu_require(S, "netmcu.page.device");
  lua_getfield(S, -1, lua_tostring(L, 1));
  for (int i = 2; i <= count; i++)
    copy_value(L, i, S);
  lua_call(S, count - 1, 1);
  return 1;
}

/* call(name, ...): calls this function of netmcu.page.device in the script's state. Returns its
 * value; nil and a message if it fails, or if no script runs. */
static int page_call(lua_State *L)
{
  luaL_checkstring(L, 1);
  if (page.attached == NULL) {
    lua_pushnil(L);
    lua_pushliteral(L, "the script does not run");
    return 2;
  }
  lua_State *S = page.attached->L;
  int top = lua_gettop(S);
  if (!lua_checkstack(S, 4))
    return luaL_error(L, "out of memory");
  lua_pushcfunction(S, call_device);
  lua_pushlightuserdata(S, L);
  int status = lua_pcall(S, 1, 1, 0);
  if (status != LUA_OK)
    lua_pushnil(L);
  copy_value(S, -1, L);
  lua_settop(S, top);
  return status == LUA_OK ? 1 : 2;
}

/* echo(text): shows the text in the console of the page only. */
static int page_echo(lua_State *L)
{
  size_t size;
  const char *text = luaL_checklstring(L, 1, &size);

  runner_page_console_add(text, size, false);
  return 0;
}

/* text(name): returns an embedded file. */
static int page_text(lua_State *L)
{
  size_t size;
  const char *text = runner_find_text(luaL_checkstring(L, 1), &size);

  lua_pushlstring(L, text, size);
  return 1;
}

/* restart(): restarts the script, as node.restart does. */
static int page_restart(lua_State *L)
{
  (void)L;
  if (page.attached) {
    netmcu_host_leave(page.attached->host, NETMCU_LEAVE_RESTART, 0);
    return 0;
  }
  page.wants_restart = true;
  uv_stop(page.server ? page.server : &page.loop);
  return 0;
}

static void push_statistics(lua_State *L)
{
  netmcu_statistics s = NETMCU_STATISTICS_INIT;
  lua_State *S = page.attached->L;

  netmcu_get_statistics(netmcu_host_context(page.attached->host), &s);
  netmcu_set_integer(L, "memory", (lua_Integer)s.memory);
  netmcu_set_integer(L, "lua_memory", (lua_Integer)lua_gc(S, LUA_GCCOUNT) * 1024 + lua_gc(S, LUA_GCCOUNTB));
  netmcu_set_integer(L, "events", (lua_Integer)s.events);
  netmcu_set_integer(L, "received", (lua_Integer)s.bytes_received);
  netmcu_set_integer(L, "sent", (lua_Integer)s.bytes_sent);
  lua_pushnumber(L, (lua_Number)netmcu_host_elapsed(page.attached->host) / 1e6);
  lua_setfield(L, -2, "seconds");
}

/* status(): returns a table that describes the run. */
static int page_status(lua_State *L)
{
  lua_createtable(L, 0, 8);
  lua_pushstring(L, page.state);
  lua_setfield(L, -2, "state");
  netmcu_set_integer(L, "run", page.run);
  if (page.attached)
    push_statistics(L);
  if (page.ends) {
    uint64_t now = uv_now(&page.loop);
    netmcu_set_integer(L, "sleep", page.ends > now ? (lua_Integer)((page.ends - now) / 1000) : 0);
  }
  return 1;
}

static const luaL_Reg functions[] = {{"call", page_call},
                                     {"echo", page_echo},
                                     {"text", page_text},
                                     {"restart", page_restart},
                                     {"status", page_status},
                                     {"console", runner_page_console},
                                     {"network", runner_page_network},
                                     {"pieces", runner_page_pieces},
                                     {NULL, NULL}};

/* ---- in the loop of a script ------------------------------------------------------------------ */

/* A loop does not report through its descriptor that a timer or a task is due. */
static void set_timer(void)
{
  int wait = uv_backend_timeout(&page.loop);

  if (uv_backend_fd(&page.loop) < 0 && (wait < 0 || wait > LOOK))
    wait = LOOK;
  if (wait < 0)
    uv_timer_stop(&page.timer);
  else
    uv_timer_start(&page.timer, page.timer.timer_cb, (uint64_t)wait, 0);
}

static void take_turn(void)
{
  int turns = 0;

  if (page.is_turning) /* a function of the script runs its loop inside page_call */
    return;
  page.is_turning = true;
  do
    uv_run(&page.loop, UV_RUN_NOWAIT);
  while (uv_backend_timeout(&page.loop) == 0 && ++turns < TURNS);
  page.is_turning = false;
  if (page.server)
    set_timer();
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
  (void)poll;
  (void)status;
  (void)events;
  take_turn();
}

static void on_timer(uv_timer_t *timer)
{
  (void)timer;
  take_turn();
}

void runner_page_listen_in(uv_loop_t *loop)
{
  int descriptor = uv_backend_fd(&page.loop);

  if (page.options == NULL)
    return;
  if (descriptor >= 0) {
    uv_poll_init(loop, &page.poll, descriptor);
    uv_poll_start(&page.poll, UV_READABLE, on_readable);
  }
  uv_timer_init(loop, &page.timer);
  uv_timer_start(&page.timer, on_timer, 0, 0);
  page.server = loop;
}

void runner_page_leave(void)
{
  if (page.server == NULL)
    return;
  if (uv_backend_fd(&page.loop) >= 0)
    uv_close((uv_handle_t *)&page.poll, NULL);
  uv_close((uv_handle_t *)&page.timer, NULL);
  page.server = NULL;
}

/* Tells the server that a script is about to start. */
static void begin_script(void)
{
  lua_State *L = page.L;

  lua_getfield(L, LUA_REGISTRYINDEX, PROGRAM);
  lua_getfield(L, -1, "begin");
  if (lua_pcall(L, 0, 0, 0) != LUA_OK)
    runner_say("--page: %s", lua_tostring(L, -1));
  lua_settop(L, 0);
}

void runner_page_attach(runner *r)
{
  if (page.options == NULL)
    return;
  page.attached = r;
  page.state = "running";
  page.ends = 0;
  page.run++;
  runner_page_network_begin(r->host);
  netmcu_host_observe(r->host, &runner_page_observer);
  runner_page_listen_in(netmcu_get_loop(netmcu_host_context(r->host)));
  begin_script();
}

void runner_page_detach(void)
{
  if (page.attached == NULL)
    return;
  netmcu_host_observe(page.attached->host, NULL);
  runner_page_leave();
  page.attached = NULL;
}

/* ---- between two states ----------------------------------------------------------------------- */

static void on_limit(uv_timer_t *limit)
{
  uv_stop(limit->loop);
}

static void on_wake(uv_async_t *async)
{
  uv_stop(async->loop);
}

void runner_page_say(const char *state, uint64_t limit)
{
  if (page.options == NULL)
    return;
  page.state = state;
  uv_update_time(&page.loop);
  page.ends = limit ? uv_now(&page.loop) + limit : 0;
}

bool runner_page_restarts(void)
{
  bool wanted = page.wants_restart;

  page.wants_restart = false;
  return wanted;
}

bool runner_page_wait(const char *state, uint64_t limit)
{
  runner_page_say(state, limit);
  if (limit)
    uv_timer_start(&page.limit, on_limit, limit, 0);
  runner_interrupts(NULL, &page.wake);
  if (!runner_signal)
    uv_run(&page.loop, UV_RUN_DEFAULT);
  runner_interrupts(NULL, NULL);
  uv_timer_stop(&page.limit);
  return runner_page_restarts();
}

/* ---- beginning and end ------------------------------------------------------------------------ */

static void set_text(lua_State *L, const char *name, const char *text)
{
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}

/* Pushes the table that the server starts with. */
static void push_settings(lua_State *L, const runner_options *options)
{
  char folder[RUNNER_PATH];

  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  runner_root(&(runner){.options = options}, folder, sizeof(folder));
  set_text(L, "root", folder);
  set_text(L, "script", options->script ? options->script : "");
  set_text(L, "ip", options->page_ip ? options->page_ip : "127.0.0.1");
  netmcu_set_integer(L, "port", options->page_port);
}

static int start_server(lua_State *L)
{
  const runner_options *options = lua_touserdata(L, 1);

  luaL_openlibs(L);
  netmcu_host *host = netmcu_host_create(L, &page.loop, NULL);
  netmcu_modules_find_with(host, runner_find_module);
  netmcu_host_set_quiet(host, true);
  luaL_requiref(L, "net", luaopen_net, 0);
  luaL_requiref(L, "tmr", luaopen_tmr, 0);
  netmcu_require(L, "netmcu.page.server");
  lua_getfield(L, -1, "start");
  push_settings(L, options);
  lua_pushvalue(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, PROGRAM);
  lua_call(L, 1, 1);
  runner_say("the page is %s", lua_tostring(L, -1));
  return 0;
}

static void close_page(void)
{
  if (page.L)
    lua_close(page.L);
  uv_close((uv_handle_t *)&page.wake, NULL);
  uv_close((uv_handle_t *)&page.limit, NULL);
  uv_run(&page.loop, UV_RUN_DEFAULT);
  uv_loop_close(&page.loop);
  runner_page_console_free();
  runner_page_network_free();
}

bool runner_page_open(const runner_options *options)
{
  if (!options->page)
    return true;
  if (!runner_make_root(options) || uv_loop_init(&page.loop))
    return false;
  uv_async_init(&page.loop, &page.wake, on_wake);
  uv_timer_init(&page.loop, &page.limit);
  page.L = luaL_newstate();
  if (page.L)
    lua_pushcfunction(page.L, start_server);
  if (page.L)
    lua_pushlightuserdata(page.L, (void *)(uintptr_t)options);
  if (page.L == NULL || lua_pcall(page.L, 1, 0, 0) != LUA_OK) {
    runner_say("--page: %s", page.L ? lua_tostring(page.L, -1) : "out of memory");
    close_page();
    return false;
  }
  page.options = options;
  page.state = "waiting";
  runner_copy_output = runner_page_console_add;
  take_turn(); /* from here on, the descriptor becomes readable */
  return true;
}

void runner_page_close(void)
{
  if (page.options == NULL)
    return;
  runner_copy_output = NULL;
  page.options = NULL;
  close_page();
}
