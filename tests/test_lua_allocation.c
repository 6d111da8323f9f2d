/* A Lua state in which each allocation fails in turn: first alone, then with all that follow.
 * Whatever the script sees of it, nothing crashes, nothing unwinds through the core, and nothing is
 * left when the state is closed. */
#include <lauxlib.h>
#include <lualib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <uv.h>
/* after the allocations that it needs */
#include <cmocka.h>

#include "net/net.h"

typedef struct memory {
  unsigned long count, fail_at; /* 0: never */
  bool from_there_on;
  size_t blocks;
} memory;

static void *allocate(void *data, void *block, size_t old_size, size_t size)
{
  memory *m = data;

  if (size == 0) {
    m->blocks -= block != NULL;
    free(block);
    return NULL;
  }
  if (block == NULL || size > old_size) { /* shrinking must not fail */
    m->count++;
    if (m->fail_at && (m->count == m->fail_at || (m->from_there_on && m->count > m->fail_at)))
      return NULL;
  }
  m->blocks += block == NULL;
  return realloc(block, size);
}

/* Every kind of object and event, and the end of each; also the warnings. */
static const char scenario[] =
    "local limit, net, tmr, host = ...\n"
    "host.options {linger_timeout = 5, connect_timeout = limit, warnings = false}\n"
    "local done = 0\n"
    "local function count() done = done + 1 end\n"
    "local server = net.createServer(30)\n"
    "server:listen(0, '127.0.0.1', function(client)\n"
    "  client:on('receive', function(self, data) self:send(data .. '!') end)\n"
    "  client:on('disconnection', function() server:close() count() end)\n"
    "end)\n"
    "local sk = net.createConnection()\n"
    "sk:on('receive', function(self, data) self:hold() self:unhold() self:close() count() end)\n"
    "sk:on('dns', function(self, ip) assert(tostring(self)) end)\n"
    "sk:connect(server:getaddr(), '127.0.0.1', function(self) self:send('hello', count) end)\n"
    "local refused = net.createConnection()\n"
    "refused:on('reconnection', count)\n"
    "refused:connect(1, '127.0.0.1')\n"
    "local udp = net.createUDPSocket()\n"
    "udp:on('receive', function(self, data, port, ip) self:close() count() end)\n"
    "udp:listen(0, '127.0.0.1')\n"
    "udp:send(udp:getaddr(), '127.0.0.1', 'x', count)\n"
    "udp:dns('127.0.0.1', count)\n"
    "net.dns.resolve('localhost', count)\n"
    "net.dns.setdnsserver('192.0.2.1', 1)\n"
    "tmr.create():alarm(1, tmr.ALARM_SINGLE, count)\n"
    "tmr.alarm(3, 1, 1, function() tmr.unregister(3) count() end)\n"
    "host.post(count)\n"
    "net.ifinfo(0)\n"
    "host.walk()\n"
    "host.wait(function() return done >= 11 end, limit)\n"
    "net.createConnection():close()\n"
    "return done";

static int run_scenario(lua_State *L)
{
  const memory *m = lua_touserdata(L, 1);

  luaL_checkstack(L, 20, NULL);
  luaL_openlibs(L);
  if (luaL_loadstring(L, scenario) != LUA_OK)
    return lua_error(L);
  lua_pushinteger(L, m->fail_at ? 60 : 10000); /* ms; after a failure, some event never comes */
  luaL_requiref(L, "net", luaopen_net, 0);
  luaL_requiref(L, "tmr", luaopen_tmr, 0);
  luaL_requiref(L, "netmcu.host", luaopen_netmcu_host, 0);
  lua_call(L, 4, 1);
  return 1;
}

static int on_panic(lua_State *L)
{
  fail_msg("an unprotected error: %s", lua_tostring(L, -1));
  return 0;
}

/* Returns the result of the scenario, or 0 if an error ended it. */
static lua_Integer try(memory *m)
{
  lua_Integer result = 0;
  lua_State *L = lua_newstate(allocate, m);

  if (L == NULL)
    return 0;
  lua_atpanic(L, on_panic);
  lua_pushcfunction(L, run_scenario);
  lua_pushlightuserdata(L, m);
  if (lua_pcall(L, 1, 1, 0) == LUA_OK)
    result = lua_tointeger(L, -1);
  m->from_there_on = false;
  m->fail_at = 0;
  lua_close(L);
  assert_int_equal(m->blocks, 0);
  return result;
}

static unsigned long allocations(void)
{
  memory m = {0};

  assert_int_equal(try(&m), 11);
  return m.count;
}

static int count_files(void)
{
#ifdef _WIN32 /* wine would show the /proc of the host here */
  return 0;
#endif
  uv_fs_t request;
  int count = uv_fs_scandir(NULL, &request, "/proc/self/fd", 0, NULL);

  uv_fs_req_cleanup(&request);
  return count;
}

static void fail_each(bool from_there_on)
{
  unsigned long total = allocations(), step = total / 1500 + 1;
  int files = count_files();

  for (unsigned long n = 1; n < total + 50; n += step) {
    memory m = {.fail_at = n, .from_there_on = from_there_on};
    try(&m);
    assert_int_equal(count_files(), files);
  }
  allocations();
}

static void test_one_fails(void **state)
{
  (void)state;
  fail_each(false);
}

static void test_all_that_follow_fail(void **state)
{
  (void)state;
  fail_each(true);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_fails), cmocka_unit_test(test_all_that_follow_fail)};

  setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
