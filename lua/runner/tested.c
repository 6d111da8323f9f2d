/* The device that a test file tests in a simulation: a host with a Lua state of its own. The test
 * reaches it at 127.0.0.1 all the same, as it does without --sim. */
#include "runner/runner.h"

static runner device;

static int push_text(lua_State *L)
{
  lua_pushvalue(L, lua_upvalueindex(1));
  return 1;
}

/* An error of the script becomes one of the test, which has its traceback already. */
static int raise_error(lua_State *L)
{
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushstring(L, lua_touserdata(L, 1));
  lua_pushcclosure(L, push_text, 1);
  lua_setfield(L, -2, "__tostring");
  lua_setmetatable(L, -2);
  return lua_error(L);
}

static int push_message(lua_State *L)
{
  luaL_tolstring(L, 1, NULL);
  return 1;
}

/* Nothing protects this function, so an error of a __tostring must not leave it. */
static bool on_failure(void *data, lua_State *L)
{
  runner *test = data;

  lua_pushcfunction(L, push_message);
  lua_pushvalue(L, -2);
  lua_pcall(L, 1, 1, 0);
  const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "(error object without a text)";
  netmcu_enter(test->host, raise_error, (void *)(uintptr_t)text, NULL, NULL);
  lua_pop(L, 1);
  return true;
}

static void take_output(void *data, const char *text, size_t size)
{
  (void)data;
  runner_write(text, size);
}

static void take_note(void *data, const char *line)
{
  (void)data;
  runner_note(line);
}

static int prepare_device(lua_State *L)
{
  runner_prepare(lua_touserdata(L, 1));
  return 0;
}

/* Called in a signal handler. */
static void visit_device(void (*visit)(lua_State *L))
{
  if (device.L)
    visit(device.L);
}

/* new_device(): the globals of a new device. */
int runner_tested_new(lua_State *L)
{
  static const netmcu_program program = {take_output, take_note, on_failure, NULL};
  runner *test = runner_of(L);

  netmcu_sim_host *place = netmcu_sim_host_new(netmcu_sim_of(test->place), "device", NULL, NETMCU_SIM_DEVICE);
  if (place == NULL)
    return luaL_error(L, "there is a host 'device' already, or memory has run out");
  netmcu_sim_share_loopback(test->place, place);
  device =
      (runner){.options = test->options, .file = test->file, .place = place, .program = &program, .program_data = test};
  if (!runner_new_state(&device))
    return luaL_error(L, "out of memory");
  runner_interrupts_also(RUNNER_TESTED, visit_device);
  lua_pushcfunction(device.L, prepare_device);
  lua_pushlightuserdata(device.L, &device);
  if (lua_pcall(device.L, 1, 0, 0) != LUA_OK)
    return luaL_error(L, "%s", lua_tostring(device.L, -1));
  if (test->bridge == NULL)
    runner_bridge_open(test, netmcu_sim_host_name(test->place));
  runner_bridge_push_globals(L, &device);
  return 1;
}

void runner_tested_close(runner *r)
{
  runner_bridge_close(r);
  if (device.L == NULL)
    return;
  runner_interrupts_also(RUNNER_TESTED, NULL);
  runner_bridge_close(&device);
  lua_close(device.L);
  runner_forget_texts(&device);
  device.L = NULL;
}
