/* The line editor of the prompt, which is libedit: history, completion, and lines that are typed while
 * the script prints. What it prints meanwhile goes above the line. Without libedit, and without a
 * terminal, there is no editor. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/runner.h"

bool runner_editor_has_terminal(void)
{
  return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
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

static void print_above(void *data, const char *text, size_t size)
{
  (void)data;
  if (editor.editing) {
    clear_line();
    fputs(editor.tail, stdout);
  }
  fwrite(text, 1, size, stdout);
  if (runner_copy_output)
    runner_copy_output(text, size, false);
  keep_tail(text, size);
  if (editor.editing) {
    compose_prompt();
    show_line_again();
  }
  fflush(stdout);
}

/* Prints a line of standard error above the one that is being typed. */
static void note(void *data, const char *line)
{
  bool shared = editor.editing && isatty(STDERR_FILENO);

  (void)data;
  if (shared) {
    clear_line();
    fflush(stdout);
  }
  runner_note(line);
  if (shared)
    show_line_again();
}

/* ---- input ----------------------------------------------------------------------------------- */

/* Pushes a function of prompt.lua. */
static void push_prompt(lua_State *L, const char *name)
{
  netmcu_require(L, "netmcu.device.prompt");
  lua_getfield(L, -1, name);
}

static int type_line(lua_State *L)
{
  push_prompt(L, "typed");
  lua_pushfstring(L, "%s\n", (const char *)lua_touserdata(L, 1));
  lua_call(L, 1, 0);
  return 0;
}

/* Called with a complete line, or NULL at the end of the input. Until runner_editor_show is called, the
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

int runner_editor_show(lua_State *L)
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

/* ---- Tab ------------------------------------------------------------------------------------- */

static void insert(const char *text)
{
  clear_line();
  rl_insert_text(text);
  show_line_again();
}

static int complete(lua_State *L)
{
  netmcu_require(L, "netmcu.runner.complete");
  lua_getfield(L, -1, "line");
  lua_pushlstring(L, rl_line_buffer, (size_t)rl_point);
  lua_call(L, 1, 2);
  if (lua_isnil(L, -1)) {
    insert(lua_tostring(L, -2));
  } else { /* names to choose from: they go below the line */
    lua_pushfstring(L, "%s%s\n%s\n", editor.prompt, rl_line_buffer, lua_tostring(L, -1));
    print_above(NULL, lua_tostring(L, -1), (size_t)lua_rawlen(L, -1));
  }
  return 0;
}

/* Pasted programs contain tabs: these have more input behind them, or stand at the beginning of a
 * line. */
static bool is_indent(void)
{
  int waiting = 0;

  return (int)strspn(rl_line_buffer, " \t") >= rl_point ||
         (ioctl(STDIN_FILENO, FIONREAD, &waiting) == 0 && waiting > 0);
}

static int on_tab(int count, int key)
{
  (void)count;
  (void)key;
  if (is_indent())
    insert("\t");
  else
    netmcu_enter(editor.owner->host, complete, NULL, "the prompt", NULL);
  return 0;
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* A key that was typed behind Ctrl-C belongs to the next line: it waits until on_wake has dropped this
 * one. */
static void on_key(uv_poll_t *poll, int status, int events)
{
  (void)poll;
  (void)events;
  if (status == 0 && editor.editing && !runner_signal)
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
  push_prompt(L, "forget");
  lua_call(L, 0, 0);
  return 0;
}

bool runner_editor_interrupt(runner *r)
{
  bool typed = editor.owner && editor.editing && (rl_end > 0 || strcmp(editor.prompt, "> ") != 0);

  if (!typed)
    return false;
  rl_callback_handler_remove();
  fputs("^C\n", stdout);
  editor.editing = false;
  editor.tail[0] = '\0';
  netmcu_enter(r->host, forget, NULL, NULL, NULL);
  lua_pushcfunction(r->L, runner_editor_show);
  lua_pushliteral(r->L, "> ");
  lua_call(r->L, 1, 0);
  rl_end = rl_point = 0;
  return true;
}

/* ---- beginning and end ----------------------------------------------------------------------- */

#define MOST_LINES 1000 /* that the history keeps */

/* Returns the path of the file that keeps the history between runs, or NULL. An empty
 * NETMCU_HISTORY means that none is wanted. */
static const char *history_path(void)
{
  static char path[RUNNER_PATH];
  const char *chosen = getenv("NETMCU_HISTORY"), *home = getenv("HOME");

  if (chosen)
    return *chosen ? chosen : NULL;
  if (home == NULL || snprintf(path, sizeof(path), "%s/.netmcu_history", home) >= (int)sizeof(path))
    return NULL;
  return path;
}

/* A history that cannot be read or written is no reason to disturb anybody. */
static void restore_terminal(void)
{
  const char *path = history_path();

  rl_callback_handler_remove();
  if (path && history_length > 0)
    write_history(path);
}

static void read_earlier_lines(void)
{
  const char *path = history_path();

  using_history();
  stifle_history(MOST_LINES);
  if (path)
    read_history(path);
}

static const netmcu_program program = {.output = print_above, .note = note};

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
    rl_add_defun("netmcu-complete", on_tab, '\t');
    read_earlier_lines();
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
  netmcu_host_set_program(r->host, &program, r);
}

bool runner_editor_open(runner *r)
{
  if (!runner_editor_has_terminal())
    return false;
  start_editor(r);
  return true;
}

void runner_editor_close(void)
{
  if (editor.owner == NULL)
    return;
  if (editor.editing) {
    rl_callback_handler_remove();
    fputc('\n', stdout);
  }
  editor.editing = false;
  netmcu_host_set_program(editor.owner->host, &runner_program, editor.owner);
  editor.owner = NULL;
  uv_close((uv_handle_t *)&editor.poll, NULL);
  uv_close((uv_handle_t *)&editor.resized, NULL);
}

#else

int runner_editor_show(lua_State *L)
{
  (void)L;
  return 0;
}

bool runner_editor_open(runner *r)
{
  (void)r;
  return false;
}

bool runner_editor_interrupt(runner *r)
{
  (void)r;
  return false;
}

void runner_editor_close(void)
{
}

#endif
