/* The only entry from the core into Lua: every event runs here, protected, and pushes its arguments
 * inside the protection. An error of a script never unwinds through the core. It is kept, the loop
 * stops, and the call that runs the loop raises it. */
#include <stdio.h>

#include "shim/host_private.h"

/* If a script does not compile, there is no stack to show. */
static bool is_in_script(lua_State *L)
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
  if (is_in_script(L))
    netmcu_push_traceback(L, message, 1);
  else
    lua_pushstring(L, message);
  return 1;
}

/* "message\nin 'receive' of net.socket (…)" */
static void add_event(lua_State *L, const netmcu_host *host)
{
  if (lua_isstring(L, 1))
    lua_pushfstring(L, "%s\nin %s", lua_tostring(L, 1), host->event);
  else
    lua_pushfstring(L, "(error object is a %s value)\nin %s", luaL_typename(L, 1), host->event);
  if (host->event_object) {
    lua_pushliteral(L, " of ");
    host->describe(L, host->event_object);
    lua_concat(L, 3);
  }
  lua_replace(L, 1);
}

/* Does the same as netmcu_traceback, but names the event in which the error happened. An error
 * object that can print itself stays as it is. So does any object if the script runs the loop: it
 * may know what to do with its own object. */
static int explain(lua_State *L)
{
  netmcu_host_push_self(L);
  const netmcu_host *host = lua_touserdata(L, -1);
  lua_pop(L, 1);
  bool is_text = lua_isstring(L, 1);
  if (!is_text && host->running && !host->supervised)
    return 1;
  if (host->event && (is_text || luaL_getmetafield(L, 1, "__tostring") == LUA_TNIL))
    add_event(L, host);
  lua_settop(L, 1);
  return netmcu_traceback(L);
}

/* Calls the function of node.setonerror with the error. An error that this function raises replaces
 * the first one. */
static int call_onerror(lua_State *L)
{
  netmcu_host_push_self(L);
  if (lua_getiuservalue(L, -1, HOST_ONERROR) != LUA_TFUNCTION)
    return 0;
  lua_pushvalue(L, 1);
  lua_call(L, 1, 0);
  return 0;
}

static const char *text_of_error(lua_State *L)
{
  const char *message = lua_tostring(L, -1);

  return message ? message : "(the error object is not a string)";
}

/* A shared loop goes on, because the program that runs it cannot be given the error. */
static void report_to_program(const netmcu_host *host)
{
  lua_State *L = host->L;
  const char *message = text_of_error(L);

  if (host->on_error)
    host->on_error(L, message, host->on_error_data);
  else
    fprintf(stderr, "netmcu: uncaught error: %s\n", message);
  lua_pop(L, 1);
}

/* Keeps the error, which is on top of the stack, and pops it. Nothing here allocates memory, except
 * inside the function of node.setonerror. */
static void keep_error(netmcu_host *host)
{
  lua_State *L = host->L;

  lua_pushcfunction(L, call_onerror);
  lua_pushvalue(L, -2);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
    lua_replace(L, -2);
  } else if (host->leaving) { /* the function restarts the device, or ends the run */
    lua_pop(L, 1);
    return;
  }
  if (host->program->failed && host->program->failed(host->program_data, L)) {
    lua_pop(L, 1);
    return;
  }
  if (host->shared && !host->running) {
    report_to_program(host);
    return;
  }
  if (host->failed) { /* an earlier error is already waiting, and explains this one */
    lua_pop(L, 1);
    return;
  }
  if (!host->running && !host->supervised)
    fprintf(stderr, "netmcu: uncaught error: %s\n", text_of_error(L));
  netmcu_host_push_self(L);
  lua_insert(L, -2);
  lua_setiuservalue(L, -2, HOST_ERROR);
  lua_pop(L, 1);
  host->failed = true;
  netmcu_host_end_run(host);
}

bool netmcu_is_over(const netmcu_host *host)
{
  return host->supervised && (host->failed || host->leaving);
}

bool netmcu_enter(netmcu_host *host, lua_CFunction body, void *argument, const char *event, const void *object)
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
  /* No closure: nothing here may allocate outside of the protection. */
  lua_pushcfunction(L, explain);
  lua_pushcfunction(L, body);
  lua_pushlightuserdata(L, argument);
  int status = lua_pcall(L, 1, 0, top + 1);
  if (status != LUA_OK && host->ctx)
    keep_error(host);
  lua_settop(L, top);
  host->calling = calling;
  host->event = NULL;
  host->event_object = NULL;
  return status == LUA_OK;
}

void netmcu_host_describe_objects(netmcu_host *host, void (*push)(lua_State *L, const void *object))
{
  host->describe = push;
}

void netmcu_host_forget_object(netmcu_host *host, const void *object)
{
  if (host->event_object == object)
    host->event_object = NULL;
}

bool netmcu_host_failed(const netmcu_host *host)
{
  return host->failed;
}

void netmcu_host_push_error(lua_State *L)
{
  netmcu_host_push_self(L);
  lua_getiuservalue(L, -1, HOST_ERROR);
  lua_remove(L, -2);
}

void netmcu_raise_pending(lua_State *L, netmcu_host *host)
{
  if (!host->failed)
    return;
  host->failed = false;
  netmcu_host_push_error(L);
  netmcu_host_push_self(L);
  lua_pushnil(L);
  lua_setiuservalue(L, -2, HOST_ERROR);
  lua_pop(L, 1);
  lua_error(L);
}
