/* A program that embeds Lua, with net on its own loop: embed_lua [script [argument...]].
 *
 * This libuv program has its own timer, which counts tenths of a second. The script serves the
 * count, ticks(), to TCP clients. Without a script in a file, the program uses the script below, on
 * a free port. Ctrl-C ends the Lua state and then the program. Try: nc 127.0.0.1 PORT */
#include <lauxlib.h>
#include <lualib.h>
#include <netmcu_lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

static const char built_in[] = "local net = require 'net'\n"
                               "local server = net.createServer()\n"
                               "server:listen(0, function(socket)\n"
                               "  socket:on('receive', function(s, text)\n"
                               "    if text:find 'fail' then error 'as you wish' end\n"
                               "  end)\n"
                               "  socket:send('tick ' .. ticks() .. '\\n')\n"
                               "end)\n"
                               "print('ticks on port ' .. server:getaddr())\n";

static unsigned tick_count;

static void on_tick(uv_timer_t *timer)
{
  (void)timer;
  tick_count++;
}

static int lua_ticks(lua_State *L)
{
  lua_pushinteger(L, tick_count);
  return 1;
}

static void on_script_error(lua_State *L, const char *message, void *data)
{
  (void)L;
  (void)data;
  fprintf(stderr, "the script has an error, and goes on: %s\n", message);
}

static void on_interrupt(uv_signal_t *interrupt, int number)
{
  uv_timer_t *timer = interrupt->data;

  (void)number;
  uv_close((uv_handle_t *)timer, NULL);
  uv_close((uv_handle_t *)interrupt, NULL);
  uv_stop(interrupt->loop);
}

static lua_State *start_script(uv_loop_t *loop, int argc, char **argv)
{
  lua_State *L = luaL_newstate();

  luaL_openlibs(L);
  lua_register(L, "ticks", lua_ticks);
  if (netmcu_lua_open(L, loop, NULL) == NULL)
    luaL_error(L, "out of memory");
  netmcu_lua_on_error(L, on_script_error, NULL);
  int status = argc > 1 ? luaL_loadfile(L, argv[1]) : luaL_loadstring(L, built_in);
  for (int i = 2; i < argc; i++)
    lua_pushstring(L, argv[i]);
  if (status != LUA_OK || lua_pcall(L, argc > 2 ? argc - 2 : 0, 0, 0) != LUA_OK)
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
  fflush(stdout);
  return L;
}

int main(int argc, char **argv)
{
  uv_loop_t loop;
  uv_timer_t timer;
  uv_signal_t interrupt;

  uv_loop_init(&loop);
  uv_timer_init(&loop, &timer);
  uv_timer_start(&timer, on_tick, 100, 100);
  uv_signal_init(&loop, &interrupt);
  interrupt.data = &timer;
  uv_signal_start(&interrupt, on_interrupt, SIGINT);
  lua_State *L = start_script(&loop, argc, argv);
  uv_run(&loop, UV_RUN_DEFAULT);
  lua_close(L);
  uv_run(&loop, UV_RUN_DEFAULT); /* closes the sockets of net and the program's handles */
  printf("the loop %s\n", uv_loop_close(&loop) == 0 ? "is empty" : "still holds something");
  return EXIT_SUCCESS;
}
