/* netmcu -i: the device's prompt on the terminal, while the loop runs.
 *
 * The interpreter behind it is that of lua/device/prompt.lua, which node.input shares. The line
 * editor reads a terminal and passes complete lines to it. Without an editor, or with piped input,
 * bytes come line by line as from the device's UART. */
#include "runner/runner.h"

/* ---- boot ------------------------------------------------------------------------------------ */

static int boot(lua_State *L)
{
  runner_start_script(lua_touserdata(L, 1));
  return 0;
}

static void say(runner *r, const char *text)
{
  lua_State *L = r->L;

  netmcu_require(L, "netmcu.device.init");
  lua_getfield(L, -1, "write");
  lua_pushfstring(L, "%s\n", text);
  lua_call(L, 1, 0);
  lua_pop(L, 1);
}

/* As on the device, an error of init.lua is printed, and the prompt comes all the same. */
void runner_prompt_open(runner *r)
{
  lua_State *L = r->L;
  bool edited = runner_editor_open(r);

  netmcu_host_read_lines(r->host);
  if (runner_editor_has_terminal())
    say(r, lua_pushfstring(L, "\nnetmcu %s, a NodeMCU 3.0.0, powered by %s", netmcu_version(), LUA_RELEASE));
  lua_settop(L, 1);
  lua_pushcfunction(L, netmcu_traceback);
  lua_pushcfunction(L, boot);
  lua_pushlightuserdata(L, r);
  if (lua_pcall(L, 1, 0, 2) != LUA_OK)
    say(r, luaL_tolstring(L, -1, NULL));
  lua_settop(L, 1);
  if (netmcu_host_leaving(r->host))
    return;
  netmcu_require(L, "netmcu.device.prompt");
  lua_getfield(L, -1, "interactive");
  if (edited)
    lua_pushcfunction(L, runner_editor_show);
  else
    lua_pushnil(L);
  lua_call(L, 1, 0);
}
