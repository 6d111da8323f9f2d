/* The Lua modules on a program's loop (netmcu_lua.h): who owns the context, who gets errors and
 * warnings, and that the state leaves nothing on the loop. */
#include <lauxlib.h>
#include <lualib.h>
#include <netmcu_device.h>
#include <netmcu_lua.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <uv.h>

static uv_loop_t loop;
static char told[4096];
static int warnings;

static lua_State *new_state(const netmcu_options *options)
{
  lua_State *L = luaL_newstate();

  luaL_openlibs(L);
  assert_non_null(netmcu_lua_open(L, &loop, options));
  return L;
}

static void script(lua_State *L, const char *text)
{
  if (luaL_dostring(L, text))
    fail_msg("%s", lua_tostring(L, -1));
}

static int number(lua_State *L, const char *global)
{
  lua_getglobal(L, global);
  int value = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return value;
}

static void remember(lua_State *L, const char *message, void *data)
{
  (void)L;
  assert_ptr_equal(data, &loop);
  strncpy(told, message, sizeof(told) - 1);
}

static void count_warning(netmcu_t *ctx, int divergence, const char *text, void *data)
{
  (void)ctx;
  (void)divergence;
  (void)text;
  assert_ptr_equal(data, &loop);
  warnings++;
}

static int begin(void **state)
{
  (void)state;
  told[0] = '\0';
  warnings = 0;
  return uv_loop_init(&loop);
}

/* Whatever a test has done, the loop is empty when it has run to its end. */
static int end(void **state)
{
  (void)state;
  uv_run(&loop, UV_RUN_DEFAULT);
  return uv_loop_close(&loop);
}

static void test_context_of_the_state(void **state)
{
  (void)state;
  lua_State *L = luaL_newstate();

  luaL_openlibs(L);
  assert_null(netmcu_lua_context(L));
  netmcu_lua_on_error(L, remember, &loop);
  netmcu_t *ctx = netmcu_lua_open(L, &loop, NULL);
  assert_non_null(ctx);
  assert_ptr_equal(netmcu_get_loop(ctx), &loop);
  assert_ptr_equal(netmcu_lua_context(L), ctx);
  assert_null(netmcu_lua_open(L, &loop, NULL));
  script(L, "net = require 'net' assert(require 'tmr' and net.createServer)");
  assert_ptr_equal(netmcu_lua_context(L), ctx);
  assert_int_equal(lua_gettop(L), 0);
  lua_close(L);
}

static void test_own_loop(void **state)
{
  (void)state;
  lua_State *L = luaL_newstate();

  luaL_openlibs(L);
  netmcu_t *ctx = netmcu_lua_open(L, NULL, NULL);
  assert_non_null(ctx);
  script(L, "require 'tmr'.create():alarm(1, 0, function() done = 1 end)");
  assert_int_equal(netmcu_run(ctx), 0);
  assert_int_equal(number(L, "done"), 1);
  lua_close(L);
}

static void test_options(void **state)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;

  (void)state;
  options.frame_size = 7;
  lua_State *L = new_state(&options);
  netmcu_set_warning(netmcu_lua_context(L), count_warning, &loop);
  script(L, "require 'net'.createConnection():close()");
  assert_int_equal(warnings, 1);
  assert_int_equal(netmcu_get_options(netmcu_lua_context(L), &options), 0);
  assert_int_equal(options.frame_size, 7);
  lua_close(L);
}

static void test_options_of_another_library(void **state)
{
  netmcu_options options = NETMCU_OPTIONS_INIT;
  lua_State *L = luaL_newstate();

  (void)state;
  options.size = 1;
  assert_null(netmcu_lua_open(L, &loop, &options));
  assert_null(netmcu_lua_context(L));
  assert_non_null(netmcu_lua_open(L, &loop, NULL));
  lua_close(L);
}

static void test_errors(void **state)
{
  (void)state;
  lua_State *L = new_state(NULL);

  netmcu_lua_on_error(L, remember, &loop);
  script(L, "local tmr = require 'tmr'\n"
            "tmr.create():alarm(1, 0, function() error 'the first' end)\n"
            "tmr.create():alarm(2, 0, function() after = 1 end)\n");
  uv_run(&loop, UV_RUN_DEFAULT);
  assert_non_null(strstr(told, "the first"));
  assert_non_null(strstr(told, "stack traceback"));
  assert_int_equal(number(L, "after"), 1);
  script(L, "require 'tmr'.create():alarm(1, 0, function() error {} end)");
  uv_run(&loop, UV_RUN_DEFAULT);
  assert_non_null(strstr(told, "error object is a table"));
  lua_close(L);
}

static void test_script_runs_the_loop(void **state)
{
  (void)state;
  lua_State *L = new_state(NULL);

  netmcu_lua_on_error(L, remember, &loop);
  script(L, "local net, tmr, host = require 'net', require 'tmr', require 'netmcu.host'\n"
            "tmr.create():alarm(1, 0, function() error 'raised' end)\n"
            "local ok, text = pcall(host.run)\n"
            "assert(not ok and text:find 'raised')\n"
            "tmr.create():alarm(1, 0, function() refused = pcall(host.wait, print) and 0 or 1 end)\n");
  assert_string_equal(told, "");
  uv_run(&loop, UV_RUN_DEFAULT);
  assert_int_equal(number(L, "refused"), 1);
  lua_close(L);
}

static void test_two_states(void **state)
{
  (void)state;
  lua_State *server = new_state(NULL), *client = new_state(NULL);

  script(server, "local s = require 'net'.createServer()\n"
                 "s:listen(0, '127.0.0.1', function(c) c:send('hello', c.close) s:close() end)\n"
                 "port = s:getaddr()");
  lua_pushinteger(client, number(server, "port"));
  lua_setglobal(client, "port");
  script(client, "local c = require 'net'.createConnection()\n"
                 "c:on('receive', function(_, data) size = #data end)\n"
                 "c:connect(port, '127.0.0.1')");
  uv_run(&loop, UV_RUN_DEFAULT);
  assert_int_equal(number(client, "size"), 5);
  lua_close(server);
  lua_close(client);
}

static void close_state(uv_timer_t *timer)
{
  lua_close(timer->data);
  uv_close((uv_handle_t *)timer, NULL);
}

/* Everything that a state can have is pending. */
static void test_close_inside_the_loop(void **state)
{
  (void)state;
  lua_State *L = new_state(NULL);
  uv_timer_t timer;

  script(L, "local net, tmr, host = require 'net', require 'tmr', require 'netmcu.host'\n"
            "host.trace 'text'\n"
            "local s = net.createServer()\n"
            "s:listen(0, '127.0.0.1', function(c) c:send(('x'):rep(20000)) end)\n"
            "net.createConnection():connect(s:getaddr(), '127.0.0.1')\n"
            "local silent = net.createUDPSocket()\n"
            "silent:listen(0, '127.0.0.1')\n"
            "host.options {dns = '127.0.0.1:' .. silent:getaddr()}\n"
            "tmr.create():alarm(1, 1, function() host.post(function() end) end)\n"
            "tmr.create():alarm(15, 1, function() net.dns.resolve('name.example', print) end)\n");
  uv_timer_init(&loop, &timer);
  timer.data = L;
  uv_timer_start(&timer, close_state, 50, 0);
  uv_run(&loop, UV_RUN_DEFAULT);
}

typedef struct memory {
  bool limited;
  int left; /* allocations until they fail */
} memory;

static void *allocate(void *data, void *block, size_t old_size, size_t size)
{
  memory *m = data;

  if (size == 0) {
    free(block);
    return NULL;
  }
  if (m->limited && (block == NULL || size > old_size) && m->left-- <= 0)
    return NULL;
  return realloc(block, size);
}

/* Each allocation of netmcu_lua_open fails in turn. It returns NULL, and the state remains
 * usable. */
static void test_no_memory(void **state)
{
  netmcu_t *ctx = NULL;

  (void)state;
  for (int allowed = 0; ctx == NULL; allowed++) {
    memory m = {false, allowed};
    lua_State *L = lua_newstate(allocate, &m);
    luaL_openlibs(L);
    m.limited = true;
    ctx = netmcu_lua_open(L, &loop, NULL);
    m.limited = false;
    assert_int_equal(lua_gettop(L), 0);
    assert_true(ctx || allowed < 100);
    assert_non_null(ctx ? ctx : netmcu_lua_open(L, &loop, NULL));
    script(L, "require 'net'.createServer():listen(0, print)");
    lua_close(L);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_context_of_the_state, begin, end),
      cmocka_unit_test_setup_teardown(test_own_loop, begin, end),
      cmocka_unit_test_setup_teardown(test_options, begin, end),
      cmocka_unit_test_setup_teardown(test_options_of_another_library, begin, end),
      cmocka_unit_test_setup_teardown(test_errors, begin, end),
      cmocka_unit_test_setup_teardown(test_script_runs_the_loop, begin, end),
      cmocka_unit_test_setup_teardown(test_two_states, begin, end),
      cmocka_unit_test_setup_teardown(test_close_inside_the_loop, begin, end),
      cmocka_unit_test_setup_teardown(test_no_memory, begin, end),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
