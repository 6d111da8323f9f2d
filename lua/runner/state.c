/* A Lua state of the `netmcu` program: it gets the device's globals and what the command line asks
 * for, and runs the script. */
#include <errno.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/runner.h"

/* ---- output ---------------------------------------------------------------------------------- */

/* If nobody reads what the script prints, the run ends as after Ctrl-C, as soon as the script
 * returns to the loop. (SIGPIPE is ignored for the sake of the network's peers.) */
static void print(void *data, const char *text, size_t size)
{
  runner *r = data;

  if (runner_write(text, size) || r->end == NULL || r->file)
    return;
  r->unread = true;
  netmcu_host_leave(r->host, NETMCU_LEAVE_END, 0);
}

static void note(void *data, const char *line)
{
  (void)data;
  runner_note(line);
}

const netmcu_program runner_program = {.output = print, .note = note};

/* ---- options --------------------------------------------------------------------------------- */

static void set_options(runner *r)
{
  netmcu_t *ctx = netmcu_host_context(r->host);
  netmcu_options options = NETMCU_OPTIONS_INIT;

  netmcu_set_strict(ctx, r->options->strict);
  netmcu_get_options(ctx, &options);
  if (r->options->ipv6)
    options.families = NETMCU_IPV4_FIRST;
  if (r->options->frame_size >= 0)
    options.frame_size = (size_t)r->options->frame_size;
  netmcu_set_options(ctx, &options);
  netmcu_host_set_quiet(r->host, r->options->quiet);
  netmcu_host_supervise(r->host);
  if (r->program)
    netmcu_host_set_program(r->host, r->program, r->program_data);
  else
    netmcu_host_set_program(r->host, &runner_program, r);
}

/* Pushes the function netmcu.NAME, which controls the network. A build may not have it. */
static void push_control(lua_State *L, const char *name)
{
  netmcu_require(L, "netmcu");
  if (lua_getfield(L, -1, name) != LUA_TFUNCTION)
    luaL_error(L, "this build has no netmcu.%s", name);
  lua_remove(L, -2);
}

/* Not every script that runs with --fault must meet the fault. */
static void push_rule(lua_State *L, const runner_step *step)
{
  bool is_fault = strcmp(step->kind, "fault") == 0 && *step->text != '?';

  lua_pushfstring(L, "%s%s", is_fault ? "?" : "", step->text);
}

/* The rules of the network are in force before any line of the script runs. */
static void set_controls(lua_State *L, const runner_options *options)
{
  for (int i = 0; i < options->step_count; i++) {
    if (options->steps[i].kind[1] == '\0')
      continue;
    push_control(L, options->steps[i].kind);
    push_rule(L, &options->steps[i]);
    lua_call(L, 1, 0);
  }
  if (options->trace) {
    push_control(L, "trace");
    lua_pushstring(L, options->trace);
    lua_pushboolean(L, options->trace_data);
    lua_pushboolean(L, options->trace_tls);
    lua_call(L, 3, 0);
  }
}

/* ---- globals --------------------------------------------------------------------------------- */

static void push_arguments(lua_State *L, const runner_options *options)
{
  int script = options->first_argument - 1;

  lua_createtable(L, options->argc - options->first_argument, options->first_argument);
  for (int i = 0; i < options->argc; i++) {
    lua_pushstring(L, options->argv[i]);
    lua_rawseti(L, -2, i - script);
  }
}

/* os.exit([code [, close]]). Unless the script asks not to, it closes the state, so that what the
 * script has sent still goes out, as before a restart. Inside a handler the loop cannot run, and
 * only what the system has taken goes out. */
static int leave_program(lua_State *L)
{
  bool close = lua_isnoneornil(L, 2) || lua_toboolean(L, 2);
  runner *r = runner_of(L);

  if (!lua_isboolean(L, 1))
    luaL_optinteger(L, 1, 0); /* a wrong argument must raise its error before anything ends */
  lua_settop(L, 1);
  lua_pushboolean(L, close);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  if (r->program) { /* one host of many: only its script ends */
    netmcu_host_leave(r->host, NETMCU_LEAVE_END, 0);
    return luaL_error(L, "os.exit");
  }
  if (close && r->end)
    r->end(r);
  lua_call(L, 2, 0);
  return 0;
}

static void replace_exit(lua_State *L)
{
  lua_getglobal(L, "os");
  lua_getfield(L, -1, "exit");
  lua_pushcclosure(L, leave_program, 1);
  lua_setfield(L, -2, "exit");
}

/* Sets the fields of netmcu.host that the device's modules read. */
static void describe_boot(runner *r)
{
  lua_State *L = r->L;
  char root[4096];

  netmcu_require(L, "netmcu.host");
  runner_root(r, root, sizeof(root));
  lua_pushstring(L, root);
  lua_setfield(L, -2, "root");
  runner_push_lfs(L, r);
  lua_setfield(L, -2, "lfs");
  lua_pushstring(L, r->boot);
  lua_setfield(L, -2, "boot");
  runner_push_memory(L, r);
  lua_pushinteger(L, (lua_Integer)r->age);
  lua_setfield(L, -2, "age");
  if (r->flash) {
    runner_flash_push_opener(L, r->flash);
    lua_setfield(L, -2, "open_folder");
  }
  lua_pushboolean(L, runner_root_is_new() || r->flash);
  lua_setfield(L, -2, "formattable");
  lua_pushboolean(L, r->boot || r->options->script_in_root || r->flash);
  lua_setfield(L, -2, "is_boot");
  lua_pushboolean(L, r->place && r->file == NULL);
  lua_setfield(L, -2, "is_simulated");
  if (r->place) {
    lua_pushinteger(L, (lua_Integer)runner_world_seed());
    lua_setfield(L, -2, "seed");
  }
  if (r->options->wifi_delay >= 0) {
    lua_pushinteger(L, r->options->wifi_delay);
    lua_setfield(L, -2, "wifi_delay");
  }
  lua_pop(L, 1);
}

bool runner_new_state(runner *r)
{
  r->L = r->place ? runner_order_new_state(&r->order) : runner_blocks_new_state(NULL, NULL);
  if (r->L)
    *(runner **)lua_getextraspace(r->L) = r;
  return r->L != NULL;
}

/* What the network delivers is soon garbage, so a state on a real network has the generational
 * collector, like that of lua5.4. There may be thousands of simulated states. The next one takes the
 * memory of what this one has needed only for its start. */
static void start_collector(const runner *r)
{
  lua_gc(r->L, LUA_GCRESTART);
  lua_gc(r->L, r->place ? LUA_GCCOLLECT : LUA_GCGEN, 0, 0);
}

void runner_prepare(runner *r)
{
  lua_State *L = r->L;

  lua_gc(L, LUA_GCSTOP); /* one collection at the end costs less */
  luaL_openlibs(L);
  replace_exit(L);
  runner_replace_coroutines(L);
  if (r->place) {
    runner_find_kept_module(L, "netmcu.runner.order");
    runner_order_push_functions(L);
    lua_call(L, 2, 0);
    runner_world_enter(L);
  }
  r->host = r->place ? netmcu_host_create_in(L, r->place) : netmcu_host_push(L);
  netmcu_modules_find_with(r->host, r->place ? runner_find_kept_module : runner_find_module);
  set_options(r);
  luaL_requiref(L, "net", luaopen_net, 0);
  luaL_requiref(L, "tmr", luaopen_tmr, 0);
  if (r->open_more && r->place)
    r->open_more(L);
  describe_boot(r);
  push_arguments(L, r->options);
  lua_setglobal(L, "arg");
  netmcu_require(L, "netmcu.device.init");
  lua_getfield(L, -1, "install");
  lua_call(L, 0, 0);
  r->reading_rules = true;
  set_controls(L, r->options);
  r->reading_rules = false;
  lua_settop(L, 0);
  runner_order_begin(&r->order);
  start_collector(r);
}

/* ---- the script ------------------------------------------------------------------------------ */

static void print_globals(lua_State *L)
{
  netmcu_require(L, "netmcu.device.init");
  lua_getfield(L, -1, "globals");
  lua_call(L, 0, 1);
  for (lua_Integer i = 1; lua_geti(L, -1, i) == LUA_TSTRING; i++) {
    puts(lua_tostring(L, -1));
    lua_pop(L, 1);
  }
}

/* Pushes the compiled text. */
static void load_text(lua_State *L, const char *text, size_t size, const char *chunk_name)
{
  netmcu_require(L, "netmcu.device.init");
  lua_getfield(L, -1, "load");
  lua_pushlstring(L, text, size);
  lua_pushstring(L, chunk_name);
  lua_call(L, 2, 2);
  if (lua_isnil(L, -2))
    lua_error(L);
  lua_pop(L, 1);
}

/* Pushes the compiled text of standard input. */
static void load_input(lua_State *L)
{
  size_t size;
  const char *text = runner_read_input(&size);

  if (text == NULL)
    luaL_error(L, "cannot read the script from standard input: %s", strerror(errno));
  load_text(L, text, size, "=stdin");
}

/* Pushes the compiled file. A script that the device boots has the name that it has in the
 * flash. */
static void load_file(lua_State *L, const runner_options *options)
{
  netmcu_require(L, "netmcu.device.init");
  lua_getfield(L, -1, "loadscript");
  lua_pushstring(L, options->script);
  lua_pushfstring(L, "@%s", options->script_in_root ? "init.lua" : options->script);
  lua_call(L, 2, 3);
  /* There is an error code if the file cannot be read, and none if it cannot be compiled. */
  if (lua_isnil(L, -3))
    luaL_error(L, lua_isnil(L, -1) ? "%s" : "cannot open %s", lua_tostring(L, -2));
  lua_pop(L, 2);
}

/* Runs what node.startupcommand has set, "@file" or "=chunk", in place of the script. */
static void run_startup(lua_State *L, const char *command)
{
  if (*command == '@') {
    netmcu_require(L, "netmcu.device.flash");
    lua_getfield(L, -1, "dofile");
    lua_pushstring(L, command + 1);
    lua_call(L, 1, 0);
    return;
  }
  command += *command == '=';
  load_text(L, command, strlen(command), "=startupcommand");
  lua_call(L, 0, 0);
}

static void run_step(lua_State *L, const runner_step *step)
{
  if (strcmp(step->kind, "l") == 0) {
    lua_getglobal(L, "require");
    lua_pushstring(L, step->text);
    lua_call(L, 1, 1);
    lua_setglobal(L, step->text);
  } else if (strcmp(step->kind, "e") == 0) {
    load_text(L, step->text, strlen(step->text), "=(command line)");
    lua_call(L, 0, 0);
  }
}

static void check_server(lua_State *L, const char *server)
{
  netmcu_require(L, "netmcu.runner.tls_check");
  lua_getfield(L, -1, "run");
  lua_pushstring(L, server);
  lua_call(L, 1, 0);
}

static int push_script_arguments(lua_State *L, const runner_options *options)
{
  int count = options->argc - options->first_argument;

  luaL_checkstack(L, count + 2, "too many arguments");
  for (int i = 0; i < count; i++)
    lua_pushstring(L, options->argv[options->first_argument + i]);
  return count;
}

void runner_boot(runner *r)
{
  const runner_options *options = r->options;
  lua_State *L = r->L;

  if (r->startup) {
    run_startup(L, r->startup);
  } else if (options->script) {
    if (strcmp(options->script, "-") == 0)
      load_input(L);
    else
      load_file(L, options);
    lua_call(L, push_script_arguments(L, options), 0);
  }
}

void runner_start_script(runner *r)
{
  const runner_options *options = r->options;
  lua_State *L = r->L;

  if (options->globals) {
    print_globals(L);
    return;
  }
  if (options->tls_check) {
    check_server(L, options->tls_check);
    return;
  }
  for (int i = 0; i < options->step_count; i++)
    run_step(L, &options->steps[i]);
  runner_boot(r);
}
