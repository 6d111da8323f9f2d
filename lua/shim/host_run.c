/* What netmcu.host has to run the loop: run, stop, wait, and leave, which ends a run for a reason. */
#include "shim/shim.h"

static netmcu_host *check_idle(lua_State *L)
{
  netmcu_host *host = netmcu_host_check(L);

  if (host->running || (host->shared && host->event))
    luaL_error(L, "the loop is running already: this cannot be called inside a callback");
  return host;
}

static void stop_when_due(netmcu_timer *timer, void *data)
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

/* The script sees the errors of its handlers itself, and goes on: no event of the turn may be lost. */
static void run_for_script(netmcu_host *host, int (*run)(netmcu_t *ctx))
{
  bool supervised = host->supervised;

  host->supervised = false;
  host->running = true;
  run(host->ctx);
  host->running = false;
  host->supervised = supervised;
}

/* run([ms]): until nothing is left to happen, stop() is called, or ms have passed; raises what a callback raised.
 * Returns why the script ended the run itself ("restart", "end"), or nothing. */
static int host_run(lua_State *L)
{
  netmcu_host *host = check_idle(L);
  netmcu_timer *limit = NULL;

  if (!lua_isnoneornil(L, 1)) {
    limit = start_limit(L, host, stop_when_due, host, luaL_checknumber(L, 1));
    netmcu_timer_keep_alive(limit, 0);
  }
  if (!host->failed && !host->leave)
    run_for_script(host, netmcu_run);
  netmcu_timer_free(limit);
  netmcu_raise_pending(L, host);
  lua_pushstring(L, host->leave);
  host->leave = NULL;
  return 1;
}

static int host_stop(lua_State *L)
{
  netmcu_host *host = netmcu_host_of(L);

  if (host->ctx)
    netmcu_stop(host->ctx);
  return 0;
}

static void note_time(netmcu_timer *timer, void *data)
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
    if (lua_toboolean(L, -1) || *over || host->leave)
      return 1;
    lua_pop(L, 1);
    run_for_script(host, netmcu_run_once);
    netmcu_raise_pending(L, host);
  }
}

/* wait(predicate, ms): runs the loop until predicate() is true, and returns that; false when ms (default 10000) are over. */
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
  netmcu_timer *limit = start_limit(L, host, note_time, &over, ms);
  int status = lua_pcall(L, 2, 1, 0);
  netmcu_timer_free(limit);
  if (status != LUA_OK)
    return lua_error(L);
  if (!lua_toboolean(L, -1)) {
    lua_pushboolean(L, 0);
  }
  return 1;
}

/* leave("end" | "restart" | "sleep", µs): ends the run; what the last two mean is up to who runs it. */
static int host_leave(lua_State *L)
{
  static const char *const reasons[] = {"restart", "end", "sleep", NULL};
  netmcu_host *host = netmcu_host_check(L);
  const char *reason = reasons[luaL_checkoption(L, 1, NULL, reasons)];
  lua_Number us = luaL_optnumber(L, 2, 0);

  host->sleep = us > 0 ? (uint64_t)us : 0;
  host->leave = reason;
  netmcu_stop(host->ctx);
  return 0;
}

const luaL_Reg netmcu_run_functions[] = {
    {"run", host_run}, {"stop", host_stop}, {"wait", host_wait}, {"leave", host_leave}, {NULL, NULL}};
