/* netmcu -i: the device's prompt on the terminal, while the loop runs.
 *
 * The interpreter behind it is that of lua/device/prompt.lua, which node.input shares. On a
 * terminal, a line editor (libedit) sits between the two. It reads standard input, and what the
 * script prints meanwhile goes above the line that is being typed. Without an editor, or with piped
 * input, bytes come line by line as from the device's UART. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/runner.h"

bool runner_prompt_is_terminal(void)
{
  return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static void call_prompt(lua_State *L, const char *name, int count)
{
  netmcu_require(L, "netmcu.device.prompt");
  lua_getfield(L, -1, name);
  lua_remove(L, -2);
  lua_insert(L, -1 - count);
  lua_call(L, count, 0);
}

#ifdef HAVE_LIBEDIT
#include <editline/readline.h>
#include <fcntl.h>
#include <locale.h>
#include <sys/ioctl.h>

/* There is one terminal, and the functions of libedit that are used here have no handle for it. */
static struct {
  runner *owner; /* NULL: closed */
  bool editing;  /* a prompt is shown, keys go to the editor */
  uv_poll_t poll;
  uv_signal_t resized;
  char prompt[4];  /* "> " or ">> " */
  char tail[200];  /* the output since the last line's end, in front of the prompt */
  char shown[256]; /* tail and prompt */
} editor;

/* ---- output ---------------------------------------------------------------------------------- */

static void keep_tail(const char *text, size_t size)
{
  const char *end = text + size;
  size_t kept = strlen(editor.tail);

  for (const char *p = text; p < end; p++) {
    if (*p == '\n')
      kept = 0;
    else if (kept < sizeof(editor.tail) - 1)
      editor.tail[kept++] = *p;
  }
  editor.tail[kept] = '\0';
}

static void compose_prompt(void)
{
  snprintf(editor.shown, sizeof(editor.shown), "%s%s", editor.tail, editor.prompt);
}

/* Clears the rows from the prompt to the cursor. */
static void clear_line(void)
{
  struct winsize window = {.ws_col = 0};

  ioctl(STDOUT_FILENO, TIOCGWINSZ, &window);
  int column = (int)strlen(editor.shown) + rl_point;
  if (window.ws_col > 0 && column >= window.ws_col)
    printf("\033[%dA", column / window.ws_col);
  fputs("\r\033[J", stdout);
}

static void show_line_again(void)
{
  rl_set_prompt(editor.shown);
  fputc('\r', stdout);
  fflush(stdout);
  rl_forced_update_display();
}

static void print_above(const char *text, size_t size)
{
  if (editor.editing) {
    clear_line();
    fputs(editor.tail, stdout);
  }
  fwrite(text, 1, size, stdout);
  keep_tail(text, size);
  if (editor.editing) {
    compose_prompt();
    show_line_again();
  }
  fflush(stdout);
}

/* Prints a line of standard error above the one that is being typed. */
static void note(const char *line)
{
  bool shared = editor.editing && isatty(STDERR_FILENO);

  if (shared) {
    clear_line();
    fflush(stdout);
  }
  runner_note(line);
  if (shared)
    show_line_again();
}

/* ---- input ----------------------------------------------------------------------------------- */

static int type_line(lua_State *L)
{
  const char *line = lua_touserdata(L, 1);

  lua_pushfstring(L, "%s\n", line);
  call_prompt(L, "typed", 1);
  return 0;
}

/* Called with a complete line, or NULL at the end of the input. Until show() is called, the
 * terminal is in the state that the script expects. */
static void on_line(char *line)
{
  runner *r = editor.owner;

  editor.editing = false;
  editor.tail[0] = '\0';
  if (r == NULL) {
    free(line);
    return;
  }
  if (line == NULL) {
    fputc('\n', stdout);
    netmcu_host_leave(r->host, NETMCU_LEAVE_END, 0);
    return;
  }
  if (*line)
    add_history(line);
  netmcu_enter(r->host, type_line, line, "the prompt", NULL);
  free(line);
}

/* show(text): shows the prompt, because prompt.lua wants a line. */
static int show(lua_State *L)
{
  snprintf(editor.prompt, sizeof(editor.prompt), "%s", luaL_checkstring(L, 1));
  if (editor.editing) {
    clear_line();
    fflush(stdout);
    compose_prompt();
    rl_set_prompt(editor.shown);
    rl_forced_update_display();
    return 0;
  }
  compose_prompt();
  fputc('\r', stdout);
  fflush(stdout);
  editor.editing = true;
  rl_callback_handler_install(editor.shown, on_line);
  return 0;
}

static void on_key(uv_poll_t *poll, int status, int events)
{
  (void)poll;
  (void)events;
  if (status == 0 && editor.editing)
    rl_callback_read_char();
}

static void on_resize(uv_signal_t *resized, int number)
{
  (void)resized;
  (void)number;
  rl_resize_terminal();
  if (editor.editing) {
    clear_line();
    show_line_again();
  }
}

static int forget(lua_State *L)
{
  call_prompt(L, "forget", 0);
  return 0;
}

bool runner_prompt_interrupt(runner *r)
{
  bool typed = editor.owner && editor.editing && (rl_end > 0 || strcmp(editor.prompt, "> ") != 0);

  if (!typed)
    return false;
  rl_callback_handler_remove();
  fputs("^C\n", stdout);
  editor.editing = false;
  editor.tail[0] = '\0';
  netmcu_enter(r->host, forget, NULL, NULL, NULL);
  lua_pushcfunction(r->L, show);
  lua_pushliteral(r->L, "> ");
  lua_call(r->L, 1, 0);
  rl_end = rl_point = 0;
  return true;
}

/* ---- beginning and end ----------------------------------------------------------------------- */

static void restore_terminal(void)
{
  rl_callback_handler_remove();
}

static void start_editor(runner *r)
{
  static bool initialized;

  if (!initialized) {
    initialized = true;
    rl_readline_name = "netmcu";
    /* In the locale "C" libedit drops every character that is not ASCII. */
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
      setlocale(LC_CTYPE, "en_US.UTF-8");
    rl_catch_signals = 0; /* it would pass them on to the whole process group */
    rl_initialize();
    rl_bind_key('\t', rl_insert); /* no completion: pasted programs contain tabs */
    using_history();
    atexit(restore_terminal);
  }
  editor.owner = r;
  editor.tail[0] = '\0';
  int flags = fcntl(STDIN_FILENO, F_GETFL);
  uv_poll_init(netmcu_get_loop(netmcu_host_context(r->host)), &editor.poll, STDIN_FILENO);
  fcntl(STDIN_FILENO, F_SETFL, flags); /* often one file with standard output: it must block */
  uv_poll_start(&editor.poll, UV_READABLE, on_key);
  uv_signal_init(netmcu_get_loop(netmcu_host_context(r->host)), &editor.resized);
  uv_signal_start(&editor.resized, on_resize, SIGWINCH);
  uv_unref((uv_handle_t *)&editor.resized);
  netmcu_host_set_output(r->host, print_above, note);
}

static bool open_editor(runner *r)
{
  if (!runner_prompt_is_terminal())
    return false;
  start_editor(r);
  return true;
}

void runner_prompt_close(void)
{
  if (editor.owner == NULL)
    return;
  if (editor.editing) {
    rl_callback_handler_remove();
    fputc('\n', stdout);
  }
  editor.editing = false;
  netmcu_host_set_output(editor.owner->host, runner_print, runner_note);
  editor.owner = NULL;
  uv_close((uv_handle_t *)&editor.poll, NULL);
  uv_close((uv_handle_t *)&editor.resized, NULL);
}

#else

static int show(lua_State *L)
{
  (void)L;
  return 0;
}

static bool open_editor(runner *r)
{
  (void)r;
  return false;
}

bool runner_prompt_interrupt(runner *r)
{
  (void)r;
  return false;
}

void runner_prompt_close(void)
{
}

#endif

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
  bool edited = open_editor(r);

  netmcu_host_read_lines(r->host);
  if (runner_prompt_is_terminal())
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
  if (edited)
    lua_pushcfunction(L, show);
  else
    lua_pushnil(L);
  call_prompt(L, "interactive", 1);
}
