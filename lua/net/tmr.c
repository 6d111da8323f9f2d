/* tmr: the device's timers, as objects or with the numbers of older firmware, and its clock. */
#include <string.h>

#include "net/net.h"

enum { SINGLE, AUTO, SEMI, OFF };

#define LONGEST  6870947 /* ms: the range of the device's 32-bit tick counter */
#define NUMBERED 7

static const char timer_name[] = "tmr.timer";

typedef struct timer {
  netmcu_host *host;
  netmcu_timer *core;
  int anchor; /* in the registry while it runs; else LUA_NOREF */
  uint32_t interval;
  uint8_t mode;
  bool running;
} timer;

/* ---- objects --------------------------------------------------------------------------------- */

static void release(lua_State *L, timer *t)
{
  luaL_unref(L, LUA_REGISTRYINDEX, t->anchor);
  t->anchor = LUA_NOREF;
}

static int call_timer(lua_State *L)
{
  timer *t = lua_touserdata(L, 1);

  lua_rawgeti(L, LUA_REGISTRYINDEX, t->anchor);
  lua_getiuservalue(L, -1, 1);
  lua_insert(L, -2);
  if (t->mode == SINGLE) {
    lua_pushnil(L);
    lua_setiuservalue(L, -2, 1);
    t->mode = OFF;
  }
  if (!t->running)
    release(L, t);
  lua_call(L, 1, 0);
  return 0;
}

static void on_timer(netmcu_timer *core, void *data)
{
  timer *t = data;

  (void)core;
  t->running = t->mode == AUTO;
  netmcu_enter(t->host, call_timer, t, "a timer", NULL);
}

static int push_new(lua_State *L)
{
  netmcu_host *host = netmcu_host_of(L);
  timer *t = lua_newuserdatauv(L, sizeof(*t), 1);

  memset(t, 0, sizeof(*t));
  t->host = host;
  t->mode = OFF;
  t->anchor = LUA_NOREF;
  luaL_setmetatable(L, timer_name);
  if (netmcu_host_context(host))
    t->core = netmcu_timer_new(netmcu_host_context(host), on_timer, t);
  if (t->core == NULL)
    luaL_error(L, "out of memory");
  return 1;
}

/* Replaces the number of a timer of older firmware by the timer, which the first use of the number
 * creates. */
static void replace_number(lua_State *L)
{
  lua_Integer id = luaL_checkinteger(L, 1);
  int top = lua_gettop(L);

  luaL_argcheck(L, id >= 0 && id < NUMBERED, 1, "timer 0 to 6 expected");
  luaL_getsubtable(L, LUA_REGISTRYINDEX, "tmr.numbered");
  if (lua_rawgeti(L, -1, id) == LUA_TNIL) {
    push_new(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, -4, id);
  }
  lua_replace(L, 1);
  lua_settop(L, top);
}

static timer *check_timer(lua_State *L)
{
  if (lua_type(L, 1) == LUA_TNUMBER)
    replace_number(L);
  return luaL_checkudata(L, 1, timer_name);
}

static void stop_core(lua_State *L, timer *t)
{
  if (netmcu_host_context(t->host) && t->core)
    netmcu_timer_stop(t->core);
  t->running = false;
  release(L, t);
}

static void start_core(lua_State *L, timer *t)
{
  if (t->core == NULL || netmcu_host_context(t->host) == NULL)
    luaL_error(L, "the timer is gone");
  if (t->anchor == LUA_NOREF) {
    lua_pushvalue(L, 1);
    t->anchor = luaL_ref(L, LUA_REGISTRYINDEX);
  }
  netmcu_timer_start(t->core, t->interval, t->mode == AUTO ? t->interval : 0);
  t->running = true;
}

static uint32_t check_interval(lua_State *L, int index)
{
  lua_Number interval = luaL_checknumber(L, index);

  luaL_argcheck(L, interval >= 1 && interval <= LONGEST, index, "Range: 1-6870947");
  return (uint32_t)interval;
}

/* register(ms, mode, fn) */
static int timer_register(lua_State *L)
{
  timer *t = check_timer(L);
  uint32_t interval = check_interval(L, 2);
  lua_Integer mode = luaL_checkinteger(L, 3);

  luaL_argcheck(L, mode == SINGLE || mode == SEMI || mode == AUTO, 3, "Invalid mode");
  luaL_checktype(L, 4, LUA_TFUNCTION);
  stop_core(L, t);
  lua_pushvalue(L, 4);
  lua_setiuservalue(L, 1, 1);
  t->interval = interval;
  t->mode = (uint8_t)mode;
  return 0;
}

/* start([restart]): returns false if the timer runs already or has no function. */
static int timer_start(lua_State *L)
{
  timer *t = check_timer(L);
  bool may = t->mode != OFF && (!t->running || lua_toboolean(L, 2));

  luaL_argcheck(L, lua_isnoneornil(L, 2) || lua_isboolean(L, 2), 2, "boolean expected");
  if (may)
    start_core(L, t);
  lua_pushboolean(L, may);
  return 1;
}

/* The first firmware had one timer without a number: alarm(ms, repeat, fn). The next one took the
 * mode as optional: alarm(id, ms, fn). So alarm(3, 1, fn) is timer 3, because no script repeats
 * something every 3 ms forever. */
static void complete_alarm(lua_State *L)
{
  lua_Integer second = lua_tointeger(L, 2);
  bool has_mode = second == SINGLE || (second == AUTO && lua_tonumber(L, 1) >= NUMBERED);

  if (lua_type(L, 1) != LUA_TNUMBER || lua_gettop(L) != 3 || !lua_isfunction(L, 3))
    return;
  lua_pushinteger(L, 0); /* the timer, or the mode */
  lua_insert(L, has_mode ? 1 : 3);
}

/* alarm(ms, mode, fn) */
static int timer_alarm(lua_State *L)
{
  complete_alarm(L);
  timer_register(L);
  start_core(L, lua_touserdata(L, 1));
  lua_pushboolean(L, 1);
  return 1;
}

/* stop(): without a number, the timer of the first firmware */
static int timer_stop(lua_State *L)
{
  if (lua_gettop(L) == 0)
    lua_pushinteger(L, 0);
  timer *t = check_timer(L);
  bool was_running = t->running;

  stop_core(L, t);
  lua_pushboolean(L, was_running);
  return 1;
}

static int timer_unregister(lua_State *L)
{
  timer *t = check_timer(L);

  stop_core(L, t);
  t->mode = OFF;
  lua_pushnil(L);
  lua_setiuservalue(L, 1, 1);
  return 0;
}

/* interval(ms): a running timer starts again with the new interval. */
static int timer_interval(lua_State *L)
{
  timer *t = check_timer(L);
  uint32_t interval = check_interval(L, 2);

  if (t->mode == OFF)
    return luaL_error(L, "timer not registered");
  t->interval = interval;
  if (t->running)
    start_core(L, t);
  return 0;
}

/* state(): returns whether it runs and its mode, or nil if it is not registered. */
static int timer_state(lua_State *L)
{
  const timer *t = check_timer(L);

  if (t->mode == OFF) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushboolean(L, t->running);
  lua_pushinteger(L, t->mode);
  return 2;
}

static int timer_gc(lua_State *L)
{
  timer *t = luaL_checkudata(L, 1, timer_name);

  if (t->core && netmcu_host_context(t->host))
    netmcu_timer_free(t->core);
  t->core = NULL;
  stop_core(L, t);
  t->mode = OFF;
  return 0;
}

static int timer_tostring(lua_State *L)
{
  static const char *const modes[] = {"single", "auto", "semi", "not registered"};
  const timer *t = luaL_checkudata(L, 1, timer_name);

  if (t->mode == OFF)
    lua_pushfstring(L, "%s (%s)", timer_name, modes[OFF]);
  else
    lua_pushfstring(L, "%s (%s, %s, %d ms)", timer_name, t->running ? "running" : "stopped", modes[t->mode],
                    (int)t->interval);
  return 1;
}

/* ---- the clock ------------------------------------------------------------------------------- */

static uint64_t elapsed(lua_State *L)
{
  return netmcu_host_elapsed(netmcu_host_of(L));
}

static uint64_t look_at_time(lua_State *L)
{
  return netmcu_host_look_at_time(netmcu_host_of(L));
}

/* now(): the µs since the start, in 31 bits */
static int tmr_now(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)(look_at_time(L) & 0x7fffffff));
  return 1;
}

static int tmr_time(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)(look_at_time(L) / 1000000));
  return 1;
}

/* ccount(): the cycles of the device's 80 MHz processor, in 32 bits */
static int tmr_ccount(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)(look_at_time(L) * 80 & 0xffffffff));
  return 1;
}

static lua_Hook hook_of_main(lua_State *L)
{
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  lua_Hook hook = lua_gethook(lua_tothread(L, -1));
  lua_pop(L, 1);
  return hook;
}

/* delay(µs): waits, and nothing else happens meanwhile, as on the device. It ends early if a signal sets a hook, because
 * the hook, which interrupts the script, is called only when this function returns. */
static int tmr_delay(lua_State *L)
{
  lua_Hook hook = hook_of_main(L);
  lua_Number us = luaL_checknumber(L, 1);

  luaL_argcheck(L, us > 0, 1, "wrong arg range");
  uint64_t wait = us < 4294967296.0 ? (uint64_t)us : UINT32_MAX, end = elapsed(L) + wait;
  if (netmcu_host_delay(netmcu_host_of(L), wait))
    return 0;
  while (elapsed(L) < end && netmcu_host_context(netmcu_host_of(L)) && hook_of_main(L) == hook)
    ;
  return 0;
}

/* wdclr(), softwd(s): a desktop has no watchdog. The device replaces softwd. */
static int tmr_nothing(lua_State *L)
{
  (void)L;
  return 0;
}

/* ---- the module ------------------------------------------------------------------------------ */

static const luaL_Reg methods[] = {
    {"alarm", timer_alarm},       {"register", timer_register},     {"start", timer_start}, {"stop", timer_stop},
    {"interval", timer_interval}, {"unregister", timer_unregister}, {"state", timer_state}, {NULL, NULL}};

static const luaL_Reg functions[] = {{"create", push_new},    {"now", tmr_now},     {"time", tmr_time},
                                     {"ccount", tmr_ccount},  {"delay", tmr_delay}, {"wdclr", tmr_nothing},
                                     {"softwd", tmr_nothing}, {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", timer_gc}, {"__tostring", timer_tostring}, {NULL, NULL}};

int luaopen_tmr(lua_State *L)
{
  netmcu_host_new_class(L, timer_name, methods, metamethods);
  netmcu_host_new_library(L, functions);
  netmcu_host_add_functions(L, methods); /* for the numbered timers */
  netmcu_set_integer(L, "ALARM_SINGLE", SINGLE);
  netmcu_set_integer(L, "ALARM_AUTO", AUTO);
  netmcu_set_integer(L, "ALARM_SEMI", SEMI);
  return 1;
}
