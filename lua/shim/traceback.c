/* Tracebacks for who writes scripts: of netmcu's own Lua files only the function that the script has called is named, as one
 * of the firmware would be, and what is below an event (a test's wait, the program) is left out. Works on Lua's own text. */
#include <string.h>

#include "shim/shim.h"

typedef struct line {
  const char *text; /* begins with the tabulator */
  size_t size;      /* with its end, which the last one lacks */
} line;

static line next_line(const char *text)
{
  const char *end = strchr(text, '\n');

  return (line){text, end ? (size_t)(end - text) + 1 : strlen(text)};
}

static line line_after(line l)
{
  return next_line(l.text + l.size);
}

static bool begins(line l, const char *text)
{
  return strncmp(l.text, text, strlen(text)) == 0;
}

/* Files of netmcu have these names in the program, and no others do. */
static bool is_own(line l)
{
  return begins(l, "\tnetmcu.device.") || begins(l, "\tnetmcu.desktop.") || begins(l, "\tnetmcu.runner.") ||
         begins(l, "\tnetmcu:");
}

static bool is_c(line l)
{
  return begins(l, "\t[C]:");
}

/* The prompt and a test call what is the script's own so: nothing below is. */
static bool is_bottom(line l)
{
  return begins(l, "\t[C]: in function 'xpcall'") && is_own(line_after(l));
}

static bool is_tail(line l)
{
  return begins(l, "\t(...tail calls...)");
}

/* "…: in function 'netmcu.device.flash.dofile'" is "[C]: in function 'dofile'"; what has no name is left out. */
static void add_called(luaL_Buffer *out, line l)
{
  const char *end = l.text + l.size, *quote = memchr(l.text, '\'', l.size);
  const char *name = quote ? memchr(quote + 1, '\'', (size_t)(end - quote - 1)) : NULL;

  if (name == NULL)
    return;
  while (name[-1] != '\'' && name[-1] != '.')
    name--;
  luaL_addstring(out, "\t[C]: in function '");
  luaL_addlstring(out, name, (size_t)(end - name));
}

/* Skips the run of own lines, and of those that they have called, that begins here. */
static line skip_own(luaL_Buffer *out, line l)
{
  line own = l;

  while (is_own(l) || (is_c(l) && is_own(line_after(l)) && !is_bottom(l))) {
    own = l;
    l = line_after(l);
  }
  if (l.size > 0 && !is_c(l))
    add_called(out, own);
  return is_tail(l) ? line_after(l) : l;
}

/* A function of netmcu that stumbled over its arguments: the script's line is the one to name. Pushes the message. */
static const char *place(lua_State *L, const char *message, int level)
{
  const char *text = strncmp(message, "netmcu.device.", 13) == 0 ? strstr(message, ": ") : NULL;
  lua_Debug ar;

  for (; text && lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    if (ar.currentline > 0 && strncmp(ar.short_src, "netmcu.device.", 13) != 0)
      return lua_pushfstring(L, "%s:%d%s", ar.short_src, ar.currentline, text);
  }
  return lua_pushstring(L, message);
}

/* Pushes the message with the traceback; levels are those of luaL_traceback. */
void netmcu_push_traceback(lua_State *L, const char *message, int level)
{
  luaL_Buffer out;

  message = place(L, message, level);
  luaL_traceback(L, L, NULL, level);
  const char *text = lua_tostring(L, -1);
  luaL_buffinit(L, &out);
  luaL_addstring(&out, message);
  luaL_addchar(&out, '\n');
  line l = next_line(text);
  luaL_addlstring(&out, l.text, l.size);
  for (l = line_after(l); l.size > 0 && !is_bottom(l);) {
    if (is_own(l) || (is_c(l) && is_own(line_after(l)))) {
      l = skip_own(&out, l);
      continue;
    }
    luaL_addlstring(&out, l.text, l.size);
    if (begins(l, "\t[C]: in ?"))
      break;
    l = line_after(l);
  }
  if (luaL_buffaddr(&out)[luaL_bufflen(&out) - 1] == '\n')
    luaL_buffsub(&out, 1);
  luaL_pushresult(&out);
  lua_replace(L, -3);
  lua_pop(L, 1);
}

/* traceback(message, level): level 1 begins with the caller. */
int netmcu_host_traceback(lua_State *L)
{
  const char *message = luaL_checkstring(L, 1);

  netmcu_push_traceback(L, message, (int)luaL_optinteger(L, 2, 1));
  return 1;
}
