/* Tracebacks for the authors of scripts. Of netmcu's own Lua files, a traceback names only the
 * function that the script has called, as it names a function of the firmware. It ends at the
 * event: the program below is left out. This works on the text of Lua's own traceback. */
#include <string.h>

#include "shim/host_private.h"

typedef struct line {
  const char *text; /* begins with the tab */
  size_t size;      /* includes the newline, which the last line lacks */
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

/* Whether the text begins with the name of one of netmcu's own files. In the program, these are
 * called like their modules, as in "netmcu.device.file:12: ". A script is called like its file,
 * which may be "netmcu.test.lua". */
static bool is_own_file(const char *text)
{
  if (strncmp(text, "netmcu", 6) != 0 || (text[6] != '.' && text[6] != ':'))
    return false;
  const char *end = text + strcspn(text, ":\n");
  return strncmp(end - 4, ".lua", 4) != 0 && strncmp(end - 3, ".lc", 3) != 0;
}

/* The line after the last one is empty. */
static bool is_own(line l)
{
  return l.size > 0 && is_own_file(l.text + 1);
}

static bool is_c(line l)
{
  return begins(l, "\t[C]:");
}

/* The prompt and a test call the script this way. What is below belongs to netmcu. */
static bool is_bottom(line l)
{
  return begins(l, "\t[C]: in function 'xpcall'") && is_own(line_after(l));
}

static bool is_tail(line l)
{
  return begins(l, "\t(...tail calls...)");
}

/* Adds "[C]: in function 'dofile'" for "…: in function 'netmcu.device.flash.dofile'", and nothing
 * for a function without a name. */
static void add_called_function(luaL_Buffer *out, line l)
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

/* Skips the netmcu lines that begin here, together with the C functions that they have called. */
static line skip_own(luaL_Buffer *out, line l)
{
  line own = l;

  while (is_own(l) || (is_c(l) && is_own(line_after(l)) && !is_bottom(l))) {
    own = l;
    l = line_after(l);
  }
  if (l.size > 0 && !is_c(l))
    add_called_function(out, own);
  return is_tail(l) ? line_after(l) : l;
}

/* Pushes the message. If it begins with a place in netmcu, where a function has found fault with
 * its arguments, the message gets the place in the script. */
static const char *push_message(lua_State *L, const char *message, int level)
{
  const char *text = is_own_file(message) && message[6] == '.' ? strstr(message, ": ") : NULL;
  lua_Debug ar;

  for (; text && lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    if (ar.currentline > 0 && !is_own_file(ar.short_src))
      return lua_pushfstring(L, "%s:%d%s", ar.short_src, ar.currentline, text);
  }
  return lua_pushstring(L, message);
}

/* `level` is as in luaL_traceback. */
void netmcu_push_traceback(lua_State *L, const char *message, int level)
{
  luaL_Buffer out;

  message = push_message(L, message, level);
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

/* traceback(message [, level]): a traceback that begins at the caller for level 1. */
int netmcu_host_traceback(lua_State *L)
{
  const char *message = luaL_checkstring(L, 1);

  netmcu_push_traceback(L, message, (int)luaL_optinteger(L, 2, 1));
  return 1;
}
