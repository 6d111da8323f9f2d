/* What goes wrong in a script: errors of the core, and divergences, which are warnings with the
 * script's line or, under strict, errors. */
#include <stdio.h>

#include "shim/host_private.h"

void netmcu_host_note(const netmcu_host *host, const char *line)
{
  if (host->program->note)
    host->program->note(host->program_data, line);
  else
    fprintf(stderr, "%s\n", line);
}

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

void netmcu_host_on_divergence(netmcu_t *ctx, int divergence, const char *text, void *data)
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

/* warn(id, text [, level]): reports a divergence of a device module, as the core reports its own.
 * `level` is as in error(). */
int netmcu_host_warn(lua_State *L)
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
