/* The one door from the core into Lua: every event enters here, protected, its arguments pushed inside the protection.
 * An error of a script never unwinds through the core: it is kept, the loop is stopped, and the run call raises it. */
#include <stdio.h>

#include "shim/shim.h"

/* A script that cannot even be compiled has no stack to show. */
static bool in_script(lua_State *L)
{
  lua_Debug ar;

  for (int level = 0; lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "S", &ar);
    if (*ar.what != 'C')
      return true;
  }
  return false;
}

int netmcu_traceback(lua_State *L)
{
  const char *message = lua_tostring(L, 1);

  if (message == NULL) {
    if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING)
      return 1;
    message = lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
  }
  if (in_script(L))
    netmcu_push_traceback(L, message, 1);
  else
    lua_pushstring(L, message);
  return 1;
}

/* As netmcu_traceback, with the event that the error happened in. An object that tells itself is left alone, any when the
 * script runs the loop, and may know what to do with it. */
static int explain(lua_State *L)
{
  netmcu_host_pushself(L);
  const netmcu_host *host = lua_touserdata(L, -1);
  lua_pop(L, 1);
  bool is_text = lua_isstring(L, 1);
  if (!is_text && host->running && !host->supervised)
    return 1;
  if (host->event && (is_text || luaL_getmetafield(L, 1, "__tostring") == LUA_TNIL)) {
    if (is_text)
      lua_pushfstring(L, "%s\nin %s", lua_tostring(L, 1), host->event);
    else
      lua_pushfstring(L, "(error object is a %s value)\nin %s", luaL_typename(L, 1), host->event);
    if (host->event_object) {
      lua_pushliteral(L, " of ");
      net_push_description(L, host->event_object);
      lua_concat(L, 3);
    }
    lua_replace(L, 1);
  }
  lua_settop(L, 1);
  return netmcu_traceback(L);
}

/* error ─▶ : what node.setonerror's function raises itself takes the error's place */
static int tell_onerror(lua_State *L)
{
  netmcu_host_pushself(L);
  if (lua_getiuservalue(L, -1, HOST_ONERROR) != LUA_TFUNCTION)
    return 0;
  lua_pushvalue(L, 1);
  lua_call(L, 1, 0);
  return 0;
}

static const char *text_of_error(lua_State *L)
{
  const char *message = lua_tostring(L, -1);

  return message ? message : "(the error is no text)";
}

/* A loop that is not ours goes on: who runs it cannot be given the error. */
static void tell_program(const netmcu_host *host)
{
  lua_State *L = host->L;
  const char *message = text_of_error(L);

  if (host->on_error)
    host->on_error(L, message, host->on_error_data);
  else
    fprintf(stderr, "netmcu: uncaught error: %s\n", message);
  lua_pop(L, 1);
}

/* The error is on top of the stack and goes. Nothing here allocates once the script's function has returned. */
static void fail(netmcu_host *host)
{
  lua_State *L = host->L;

  lua_pushcfunction(L, tell_onerror);
  lua_pushvalue(L, -2);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
    lua_replace(L, -2);
  } else if (host->leave) { /* it restarts the device, or ends the run, itself */
    lua_pop(L, 1);
    return;
  }
  if (host->shared && !host->running) {
    tell_program(host);
    return;
  }
  if (host->failed) { /* one before it waits already: it is the one that explains the other */
    lua_pop(L, 1);
    return;
  }
  if (!host->running && !host->supervised)
    fprintf(stderr, "netmcu: uncaught error: %s\n", text_of_error(L));
  netmcu_host_pushself(L);
  lua_insert(L, -2);
  lua_setiuservalue(L, -2, HOST_ERROR);
  lua_pop(L, 1);
  host->failed = true;
  netmcu_stop(host->ctx);
}

bool netmcu_is_over(const netmcu_host *host)
{
  return host->supervised && (host->failed || host->leave);
}

bool netmcu_enter(netmcu_host *host, lua_CFunction body, void *argument, const char *event, const net_object *object)
{
  lua_State *L = host->L, *calling = host->calling;
  int top = lua_gettop(L);

  if (netmcu_is_over(host))
    return false;
  if (!lua_checkstack(L, 8)) {
    fprintf(stderr, "netmcu: out of memory: an event is lost\n");
    return false;
  }
  host->calling = NULL;
  host->event = event;
  host->event_object = object;
  lua_pushcfunction(L, explain); /* no closure: nothing here may allocate outside of the protection */
  lua_pushcfunction(L, body);
  lua_pushlightuserdata(L, argument);
  int status = lua_pcall(L, 1, 0, top + 1);
  if (status != LUA_OK && host->ctx)
    fail(host);
  lua_settop(L, top);
  host->calling = calling;
  host->event = NULL;
  host->event_object = NULL;
  return status == LUA_OK;
}

void netmcu_raise_pending(lua_State *L, netmcu_host *host)
{
  if (!host->failed)
    return;
  host->failed = false;
  netmcu_host_pushself(L);
  lua_getiuservalue(L, -1, HOST_ERROR);
  lua_pushnil(L);
  lua_setiuservalue(L, -3, HOST_ERROR);
  lua_error(L);
}
