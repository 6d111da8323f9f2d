/* Running the loop: the functions run, stop, wait and leave of netmcu.host, and those of the
 * program. */
#include "shim/host_private.h"

static netmcu_host *check_idle(lua_State *L)
{
  netmcu_host *host = netmcu_host_check(L);

  if (host->running || (host->shared && host->event))
    luaL_error(L, "the loop is running already: this cannot be called inside a callback");
  return host;
}

static void on_limit(netmcu_timer *timer, void *data)
{
  netmcu_host *host = data;

  (void)timer;
  netmcu_stop(host->ctx);
}

static netmcu_timer *start_limit(lua_State *L, netmcu_host *host, netmcu_timer_cb cb, void *data, lua_Number limit)
{
  netmcu_timer *timer = netmcu_timer_new(host->ctx, cb, data);

  if (timer == NULL)
    luaL_error(L, "out of memory");
  netmcu_timer_start(timer, limit > 0 ? (uint64_t)(limit < 1e15 ? limit : 1e15) : 0, 0);
  return timer;
}

static void run_loop(netmcu_host *host, int (*run)(netmcu_t *ctx))
{
  if (host->failed || host->leaving)
    return;
  host->running = true;
  run(host->ctx);
  host->running = false;
}

void netmcu_host_run(netmcu_host *host)
{
  run_loop(host, netmcu_run);
}

/* A script that runs the loop sees the errors of its handlers itself and goes on. So no event of
 * the turn may be lost. */
static void run_for_script(netmcu_host *host, int (*run)(netmcu_t *ctx))
{
  bool supervised = host->supervised;

  host->supervised = false;
  run_loop(host, run);
  host->supervised = supervised;
}

/* ---- leaving --------------------------------------------------------------------------------- */

static const char *const reasons[] = {
    [NETMCU_LEAVE_END] = "end", [NETMCU_LEAVE_RESTART] = "restart", [NETMCU_LEAVE_SLEEP] = "sleep", NULL};

void netmcu_host_leave(netmcu_host *host, netmcu_leave reason, uint64_t sleep)
{
  host->leaving = reason;
  host->sleep = sleep;
  netmcu_host_end_run(host);
}

netmcu_leave netmcu_host_leaving(const netmcu_host *host)
{
  return host->leaving;
}

uint64_t netmcu_host_sleep_time(const netmcu_host *host)
{
  return host->sleep;
}

/* leave("end" | "restart" | "sleep", µs) */
static int host_leave(lua_State *L)
{
  netmcu_host *host = netmcu_host_check(L);
  int reason = luaL_checkoption(L, 1, NULL, reasons + 1) + 1; /* the first reason is to stay */
  lua_Number us = luaL_optnumber(L, 2, 0);

  netmcu_host_leave(host, (netmcu_leave)reason, us > 0 ? (uint64_t)us : 0);
  return 0;
}

/* ---- run and wait ---------------------------------------------------------------------------- */

static void do_nothing(void *data)
{
  (void)data;
}

/* run([ms]): runs the loop until nothing is left to happen, stop() is called or `ms` have passed.
 * Raises the error of a callback. Returns why the script ended the run ("end", "restart", "sleep"),
 * if it did. */
static int host_run(lua_State *L)
{
  netmcu_host *host = check_idle(L);
  netmcu_timer *limit = NULL;

  if (!lua_isnoneornil(L, 1)) {
    limit = start_limit(L, host, on_limit, host, luaL_checknumber(L, 1));
    netmcu_timer_set_keep_alive(limit, 0);
  }
  run_for_script(host, netmcu_run);
  netmcu_timer_free(limit);
  /* If the predicate of a wait() has run the loop, wait() calls it again before waiting for an
   * event. */
  netmcu_post(host->ctx, do_nothing, NULL);
  netmcu_raise_pending(L, host);
  lua_pushstring(L, reasons[host->leaving]);
  host->leaving = NETMCU_STAY;
  return 1;
}

static int host_stop(lua_State *L)
{
  netmcu_host *host = netmcu_host_of(L);

  if (host->ctx)
    netmcu_stop(host->ctx);
  return 0;
}

static void on_time_out(netmcu_timer *timer, void *data)
{
  (void)timer;
  *(bool *)data = true;
}

static int wait_turns(lua_State *L)
{
  netmcu_host *host = netmcu_host_of(L);
  const bool *over = lua_touserdata(L, 2);

  for (;;) {
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    if (lua_toboolean(L, -1) || *over || host->leaving)
      return 1;
    lua_pop(L, 1);
    run_for_script(host, netmcu_run_once);
    netmcu_raise_pending(L, host);
  }
}

/* wait(predicate [, ms]): runs the loop until predicate() is true, and returns its value; false
 * after `ms` (10000). */
static int host_wait(lua_State *L)
{
  netmcu_host *host = check_idle(L);
  bool over = false;

  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_Number ms = luaL_optnumber(L, 2, 10000);
  lua_settop(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushcclosure(L, wait_turns, 1);
  lua_insert(L, 1);
  lua_pushlightuserdata(L, &over);
  netmcu_timer *limit = start_limit(L, host, on_time_out, &over, ms);
  int status = lua_pcall(L, 2, 1, 0);
  netmcu_timer_free(limit);
  if (status != LUA_OK)
    return lua_error(L);
  if (!lua_toboolean(L, -1))
    lua_pushboolean(L, 0);
  return 1;
}

const luaL_Reg netmcu_run_functions[] = {
    {"run", host_run}, {"stop", host_stop}, {"wait", host_wait}, {"leave", host_leave}, {NULL, NULL}};
